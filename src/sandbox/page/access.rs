//! Who may see the messages and steer the sandbox, through the control API or the page: this machine.
//!
//! Reading the messages is as good as owning every phone. The peer and the name in Host must be loopback
//! (a page whose own name resolves to 127.0.0.1 sends that name), an Origin must be the sandbox's, and a
//! browser must not say that another site asks, unless a person follows a link from there.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

/// What a browser says of who asks, and of what for.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Lets only requests from this machine pass, and none that a page of another site made. The sandbox's own scheme
/// is http or https.
pub(super) async fn guard(
    State(scheme): State<&'static str>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match admit(scheme, peer.ip(), request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn admit(scheme: &str, peer: IpAddr, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let host = text(headers, header::HOST).unwrap_or_default();
    if !peer.to_canonical().is_loopback() || !is_loopback(host) {
        return Err(forbidden("the control API answers only to localhost"));
    }
    let is_own = |origin: &str| origin.eq_ignore_ascii_case(&format!("{scheme}://{host}"));
    let from_here = text(headers, header::ORIGIN).is_none_or(is_own)
        && text(headers, SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
    if !from_here && !is_visit(method, headers) {
        return Err(forbidden("the control API answers no page of another site"));
    }
    Ok(())
}

fn forbidden(text: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, text)
}

/// Whether a person opens an address in a window of its own, which the site with the link cannot read.
fn is_visit(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::GET
        && text(headers, header::ORIGIN).is_none()
        && text(headers, MODE) == Some("navigate")
        && text(headers, DESTINATION) == Some("document")
}

/// A header's text; one that is not text is as good as empty, which no rule lets pass.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1";
    const HOST: (HeaderName, &str) = (header::HOST, "localhost:8025");

    fn admits_to(method: Method, peer: &str, headers: &[(HeaderName, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        admit("http", peer.parse().unwrap(), &method, &headers.collect()).is_ok()
    }

    fn admits(peer: &str, headers: &[(HeaderName, &str)]) -> bool {
        admits_to(Method::GET, peer, headers)
    }

    #[test]
    fn the_peer_is_this_machine() {
        for peer in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert!(admits(peer, &[HOST]), "{peer}");
        }
        for peer in ["192.168.1.7", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"] {
            assert!(!admits(peer, &[HOST]), "{peer}");
        }
    }

    #[test]
    fn the_host_is_loopback() {
        for host in ["localhost", "LocalHost:1", "127.0.0.1", "127.0.0.1:8025", "[::1]:8025"] {
            assert!(admits(HERE, &[(header::HOST, host)]), "{host}");
        }
        let others = [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8025",
            "0.0.0.0",
        ];
        for host in others {
            assert!(!admits(HERE, &[(header::HOST, host)]), "{host}");
        }
        assert!(!admits(HERE, &[]));
    }

    #[test]
    fn an_origin_is_the_sandboxs_own() {
        let admits_origin = |origin| admits(HERE, &[HOST, (header::ORIGIN, origin)]);
        assert!(admits_origin("http://localhost:8025"));
        let others = [
            "null",
            "",
            "http://evil.example",
            "http://localhost",
            "http://localhost:3000",
            "https://localhost:8025",
            "localhost:8025",
        ];
        for origin in others {
            assert!(!admits_origin(origin), "{origin}");
        }
    }

    #[test]
    fn through_tls_an_origin_is_https() {
        for (origin, admitted) in [("https://localhost:1", true), ("http://localhost:1", false)] {
            let headers = [(header::HOST, "localhost:1"), (header::ORIGIN, origin)];
            let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
            let answer =
                admit("https", HERE.parse().unwrap(), &Method::GET, &headers.into_iter().collect());
            assert_eq!(answer.is_ok(), admitted, "{origin}");
        }
    }

    #[test]
    fn a_browser_does_not_ask_for_another_site() {
        for (site, admitted) in
            [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)]
        {
            assert_eq!(admits(HERE, &[HOST, (SITE, site)]), admitted, "{site}");
        }
    }

    #[test]
    fn a_link_on_another_site_can_be_followed_and_nothing_else() {
        let visit = |mode, destination| {
            [HOST, (SITE, "cross-site"), (MODE, mode), (DESTINATION, destination)]
        };
        let link = visit("navigate", "document");
        assert!(admits(HERE, &link));
        assert!(!admits("10.0.0.1", &link));
        assert!(!admits_to(Method::POST, HERE, &link), "a form");
        assert!(!admits(HERE, &[&link[..], &[(header::ORIGIN, "null")]].concat()));
        for (mode, destination) in [
            ("navigate", "iframe"),
            ("navigate", "object"),
            ("no-cors", "script"),
            ("no-cors", "image"),
            ("cors", "empty"),
        ] {
            assert!(!admits(HERE, &visit(mode, destination)), "{mode} {destination}");
        }
    }
}
