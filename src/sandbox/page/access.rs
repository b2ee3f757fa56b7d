//! Access control for the control API and the page: only this machine, and no page of another site.
//!
//! Whoever reads the messages owns every phone. So the peer and the name in Host must be loopback (against
//! DNS rebinding, where another site's name resolves to 127.0.0.1), an Origin must be the sandbox's own, and
//! Sec-Fetch-Site must not name another site, unless a person follows a link from there.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::json::ApiError;

/// The Fetch Metadata headers of browsers.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Middleware that rejects other machines and other sites. The sandbox's own scheme is http or https.
pub(crate) async fn require_local(
    State(scheme): State<&'static str>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match check_access(scheme, peer.ip(), request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check_access(
    scheme: &str,
    peer: IpAddr,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let host = text(headers, header::HOST).unwrap_or_default();
    if !peer.to_canonical().is_loopback() || !is_loopback(host) {
        return Err(forbidden("the control API answers only to localhost"));
    }
    let is_own = |origin: &str| origin.eq_ignore_ascii_case(&format!("{scheme}://{host}"));
    let is_same_site = text(headers, header::ORIGIN).is_none_or(is_own)
        && text(headers, SEC_FETCH_SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
    if !is_same_site && !is_navigation(method, headers) {
        return Err(forbidden("the control API answers no page of another site"));
    }
    Ok(())
}

fn forbidden(text: &str) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, text)
}

/// Whether a person opens the address in a window of its own, which the site with the link cannot read.
fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::GET
        && text(headers, header::ORIGIN).is_none()
        && text(headers, SEC_FETCH_MODE) == Some("navigate")
        && text(headers, SEC_FETCH_DEST) == Some("document")
}

/// A header's text; empty, and so never allowed, if it is not ASCII.
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
    const HOST: Header = (header::HOST, "localhost:8025");

    type Header = (HeaderName, &'static str);

    fn is_allowed_at(scheme: &str, method: Method, peer: &str, headers: &[Header]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        check_access(scheme, peer.parse().unwrap(), &method, &headers.collect()).is_ok()
    }

    fn is_allowed(peer: &str, headers: &[Header]) -> bool {
        is_allowed_at("http", Method::GET, peer, headers)
    }

    #[test]
    fn the_peer_is_this_machine() {
        for peer in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert!(is_allowed(peer, &[HOST]), "{peer}");
        }
        for peer in ["192.168.1.7", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"] {
            assert!(!is_allowed(peer, &[HOST]), "{peer}");
        }
    }

    #[test]
    fn the_host_is_loopback() {
        for host in ["localhost", "LocalHost:1", "127.0.0.1", "127.0.0.1:8025", "[::1]:8025"] {
            assert!(is_allowed(HERE, &[(header::HOST, host)]), "{host}");
        }
        let others = [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8025",
            "0.0.0.0",
        ];
        for host in others {
            assert!(!is_allowed(HERE, &[(header::HOST, host)]), "{host}");
        }
        assert!(!is_allowed(HERE, &[]));
    }

    #[test]
    fn an_origin_is_the_sandboxs_own() {
        let allows_origin = |origin| is_allowed(HERE, &[HOST, (header::ORIGIN, origin)]);
        assert!(allows_origin("http://localhost:8025"));
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
            assert!(!allows_origin(origin), "{origin}");
        }
    }

    #[test]
    fn through_tls_an_origin_is_https() {
        for (origin, allowed) in [("https://localhost:1", true), ("http://localhost:1", false)] {
            let headers = [(header::HOST, "localhost:1"), (header::ORIGIN, origin)];
            assert_eq!(is_allowed_at("https", Method::GET, HERE, &headers), allowed, "{origin}");
        }
    }

    #[test]
    fn a_browser_request_of_another_site_is_rejected() {
        for (site, allowed) in
            [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)]
        {
            assert_eq!(is_allowed(HERE, &[HOST, (SEC_FETCH_SITE, site)]), allowed, "{site}");
        }
    }

    #[test]
    fn another_site_can_link_here_and_nothing_else() {
        let navigation = |mode, destination| {
            [
                HOST,
                (SEC_FETCH_SITE, "cross-site"),
                (SEC_FETCH_MODE, mode),
                (SEC_FETCH_DEST, destination),
            ]
        };
        let link = navigation("navigate", "document");
        assert!(is_allowed(HERE, &link));
        assert!(!is_allowed("10.0.0.1", &link));
        assert!(!is_allowed_at("http", Method::POST, HERE, &link), "a form");
        assert!(!is_allowed(HERE, &[&link[..], &[(header::ORIGIN, "null")]].concat()));
        for (mode, destination) in [
            ("navigate", "iframe"),
            ("navigate", "object"),
            ("no-cors", "script"),
            ("no-cors", "image"),
            ("cors", "empty"),
        ] {
            assert!(!is_allowed(HERE, &navigation(mode, destination)), "{mode} {destination}");
        }
    }
}
