//! Which proxy stands between this machine and the service.
//!
//! Decides once, when a client is made; how to speak to it is for tcp.rs and ureq.

use std::net::IpAddr;

use ureq::ProxyProtocol;
use ureq::http::Uri;

use crate::config::{self, Proxy};
use crate::error::Error;

/// Reads a proxy's address. The error never quotes it: it may hold a password.
pub(crate) fn parse(url: &str) -> Result<ureq::Proxy, Error> {
    let url = Some(url.trim()).filter(|url| url.len() <= config::URL_LONGEST);
    let proxy = url.and_then(|url| ureq::Proxy::new(url).ok()).ok_or_else(|| {
        Error::invalid("proxy", "is not an address like http://user:password@host:3128")
    })?;
    if proxy.host().is_empty() {
        return Err(Error::invalid("proxy", "has no host"));
    }
    if !proxy.uri().authority().is_some_and(config::has_sound_port) {
        return Err(Error::invalid("proxy", "has a port that is none; the highest is 65535"));
    }
    match proxy.protocol() {
        ProxyProtocol::Http
        | ProxyProtocol::Https
        | ProxyProtocol::Socks5
        | ProxyProtocol::Socks5h => Ok(proxy),
        _ => Err(Error::invalid("proxy", "must be http://, https://, socks5:// or socks5h://")),
    }
}

/// The proxy for `url`, if there is one.
pub(super) fn choose(
    setting: &Proxy,
    url: &Uri,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Option<ureq::Proxy>, Error> {
    match setting {
        Proxy::None => Ok(None),
        Proxy::Given(proxy) => Ok(Some(proxy.clone())),
        Proxy::Environment if config::is_loopback(url) => Ok(None),
        Proxy::Environment => {
            let set = |name: &&str| environment(name).filter(|value| !value.trim().is_empty());
            // A web server may put a request's header into HTTP_PROXY (CVE-2016-5385), so only
            // its lower-case form counts.
            let names: &[&str] = match url.scheme_str() {
                Some("https") => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
                _ => &["http_proxy", "all_proxy", "ALL_PROXY"],
            };
            let except = ["no_proxy", "NO_PROXY"].iter().find_map(set).unwrap_or_default();
            match names.iter().find_map(set) {
                Some(proxy) if !is_excepted(url, &except) => parse(&proxy).map(Some),
                _ => Ok(None),
            }
        }
    }
}

/// Whether a NO_PROXY list names the host of `url`: itself, a domain above it, or `*`.
fn is_excepted(url: &Uri, list: &str) -> bool {
    let host = config::bare(url.host().unwrap_or_default()).to_ascii_lowercase();
    list.split([',', ' ']).map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| {
        let domain = config::bare(&entry).trim_start_matches('*').trim_start_matches('.');
        match domain {
            "" => entry == "*",
            _ if host == domain => true,
            // An address has no domain above it.
            _ if host.parse::<IpAddr>().is_ok() => false,
            _ => host.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.')),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The host and port of the proxy chosen for `url`, with these variables set.
    fn chosen(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let environment = |name: &str| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        };
        choose(&Proxy::Environment, &url.parse().unwrap(), environment)
            .unwrap()
            .map(|proxy| format!("{}:{}", proxy.host(), proxy.port()))
    }

    const HTTPS: &str = "https://api.example.test/path";
    const HTTP: &str = "http://api.example.test/path";

    #[test]
    fn the_environment_names_the_proxy() {
        let a = Some("a:1".to_owned());
        assert_eq!(chosen(HTTPS, &[]), None);
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            assert_eq!(chosen(HTTPS, &[(name, "http://a:1")]), a, "{name}");
        }
        assert_eq!(chosen(HTTPS, &[("ALL_PROXY", "http://b:2"), ("HTTPS_PROXY", "http://a:1")]), a);
        assert_eq!(chosen(HTTPS, &[("http_proxy", "http://a:1")]), None);
        assert_eq!(chosen(HTTP, &[("http_proxy", "http://a:1")]), a);
        assert_eq!(chosen(HTTPS, &[("HTTPS_PROXY", "")]), None);
        assert_eq!(chosen(HTTPS, &[("HTTPS_PROXY", "a:1")]), a);
    }

    #[test]
    fn a_header_of_a_web_request_cannot_name_the_proxy() {
        assert_eq!(chosen(HTTP, &[("HTTP_PROXY", "http://evil:1")]), None);
        assert_eq!(chosen(HTTPS, &[("HTTP_PROXY", "http://evil:1")]), None);
    }

    #[test]
    fn no_proxy_names_hosts_and_the_domains_above_them() {
        for (list, excepted) in [
            ("api.example.test", true),
            ("API.Example.Test", true),
            ("example.test", true),
            (".example.test", true),
            ("*.example.test", true),
            ("other.test, example.test", true),
            ("*", true),
            ("ample.test", false),
            ("other.test", false),
            ("", false),
            (",", false),
        ] {
            let variables = [("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", list)];
            assert_eq!(chosen(HTTPS, &variables).is_none(), excepted, "{list:?}");
        }
    }

    #[test]
    fn no_proxy_names_addresses() {
        for (url, list, excepted) in [
            ("https://192.0.2.1/", "192.0.2.1", true),
            ("https://192.0.2.1/", "192.0.2.10,2.1", false),
            ("https://[2001:db8::1]:8443/", "2001:db8::1", true),
            ("https://[2001:db8::1]/", "[2001:DB8::1]", true),
            ("https://[2001:db8::1]/", "2001:db8::2", false),
        ] {
            let variables = [("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", list)];
            assert_eq!(chosen(url, &variables).is_none(), excepted, "{url} {list:?}");
        }
    }

    #[test]
    fn this_machine_itself_is_reached_without_a_proxy() {
        for url in ["http://127.0.0.1:8025/", "http://localhost/", "http://[::1]:1/"] {
            assert_eq!(chosen(url, &[("http_proxy", "http://a:1"), ("ALL_PROXY", "a:1")]), None);
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_password() {
        for url in
            ["ftp://user:hunter2@host", "socks4://user:hunter2@host", "http://us er:hunter2@"]
        {
            let error = parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"));
            assert_eq!(error.argument(), Some("proxy"));
        }
    }

    #[test]
    fn a_port_that_is_none_is_not_taken_for_the_usual_one() {
        for url in [
            "http://127.0.0.1:80250",
            "http://host:99999/",
            "https://host:99999",
            "http://host:",
            "http://[::1]:99999",
            "http://user:hunter2@host:99999",
            "socks5://host:65536",
            "socks5h://[::1]:65536",
            "host:99999",
            "http://host:+80",
            "http://host:0",
            // Without the @ behind its password, whose beginning is then the host.
            "http://user:hunter2[2001:db8::1]",
        ] {
            let error = parse(url).expect_err(url);
            assert_eq!(error.argument(), Some("proxy"), "{url}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_proxy_has_a_host() {
        for url in ["http://:3128", "http://user:hunter2@:3128", "user:hunter2@", "http://@"] {
            let error = parse(url).expect_err(url);
            assert_eq!(error.argument(), Some("proxy"), "{url}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_port_may_be_left_out() {
        for (url, port) in [
            ("http://host", 80),
            ("https://host/", 443),
            ("http://user:hunter2@host", 80),
            ("http://user:65536@host", 80),
            ("http://user@host:65535", 65535),
            ("http://[::1]", 80),
            ("https://[::1]:443", 443),
            ("socks5://host", 1080),
            ("socks5h://user:hunter2@[::1]", 1080),
            ("host:3128", 3128),
        ] {
            assert_eq!(parse(url).expect(url).port(), port, "{url}");
        }
    }
}
