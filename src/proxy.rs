//! Which proxy to use: from the settings, or from the environment.
//!
//! Chosen once, when a client is made. The protocols are in transport/tunnel.rs and transport/socks.rs.

use std::ffi::OsString;
use std::net::IpAddr;

use ureq::ProxyProtocol;
use ureq::http::Uri;

use crate::error::Error;
use crate::rule::Rule;
use crate::url;

/// Where the proxy comes from.
#[derive(Clone)]
pub(crate) enum ProxySetting {
    /// From the environment variables, which are read when the client is made.
    Environment,
    /// No proxy.
    None,
    /// This one.
    Url(ureq::Proxy),
}

/// The proxy on the way to the service.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct ChosenProxy {
    pub(crate) proxy: ureq::Proxy,
    /// The environment variable that names it, for error texts.
    pub(crate) variable: Option<&'static str>,
}

/// Parses the URL of a proxy.
pub(crate) fn parse(url: &str) -> Result<ureq::Proxy, Error> {
    read(url).map_err(|rule| Error::invalid("proxy", rule))
}

/// The error is a rule, whose text never quotes the URL: it may contain a password.
fn read(url: &str) -> Result<ureq::Proxy, Rule> {
    let url = url.trim();
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let is_ambiguous = |(user, _): (&str, &str)| user.contains(['/', '?', '#', ' ']);
    if after_scheme.rsplit_once('@').is_some_and(is_ambiguous) {
        return Err(Rule::ProxyLogin);
    }
    let proxy = Some(url)
        .filter(|url| url.len() <= url::MAX_LEN)
        .and_then(|url| ureq::Proxy::new(url).ok())
        .ok_or(Rule::ProxyMalformed)?;
    if proxy.host().is_empty() {
        return Err(Rule::ProxyWithoutHost);
    }
    if !proxy.uri().authority().is_some_and(url::has_valid_port) {
        return Err(Rule::ProxyPort);
    }
    match proxy.protocol() {
        ProxyProtocol::Http
        | ProxyProtocol::Https
        | ProxyProtocol::Socks5
        | ProxyProtocol::Socks5h => Ok(proxy),
        _ => Err(Rule::ProxyScheme),
    }
}

/// The proxy for `url`, if there is one. An invalid variable is an error: the key must not bypass the proxy.
pub(crate) fn choose(
    setting: &ProxySetting,
    url: &Uri,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<ChosenProxy>, Error> {
    match setting {
        ProxySetting::None => Ok(None),
        ProxySetting::Url(proxy) => Ok(Some(ChosenProxy { proxy: proxy.clone(), variable: None })),
        ProxySetting::Environment if url::is_loopback(url) => Ok(None),
        ProxySetting::Environment => {
            let set = |name: &&'static str| {
                let value = environment(name)?;
                let is_blank = value.to_str().is_some_and(|value| value.trim().is_empty());
                (!is_blank).then_some((*name, value))
            };
            // Not HTTP_PROXY: a CGI server sets it from a header of the request (CVE-2016-5385).
            let names: &[&str] = match url.scheme_str() {
                Some("https") => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
                _ => &["http_proxy", "all_proxy", "ALL_PROXY"],
            };
            let Some((name, value)) = names.iter().find_map(set) else { return Ok(None) };
            let exclusions = ["no_proxy", "NO_PROXY"].iter().find_map(set);
            if exclusions.is_some_and(|(_, list)| is_excluded(url, &list.to_string_lossy())) {
                return Ok(None);
            }
            let proxy = value.to_str().ok_or(Rule::NotUtf8).and_then(read);
            let proxy = proxy.map(|proxy| Some(ChosenProxy { proxy, variable: Some(name) }));
            proxy.map_err(|rule| {
                let text = format!("the variable {name} {}", rule.text());
                Error::invalid_as("proxy", rule, text)
            })
        }
    }
}

/// Whether a NO_PROXY list matches the host of `url`. Commas or blanks separate the entries. An entry is:
/// - `*`, every host;
/// - a name, with or without a dot or `*.` before it: that host and all below it;
/// - an address, or a block of them like `10.0.0.0/8` or `fd00::/8`;
/// - a name or address with a port, `host:8443` or `[::1]:8443`: with that port only.
fn is_excluded(url: &Uri, list: &str) -> bool {
    let port = url.port_u16().unwrap_or(if url.scheme_str() == Some("https") { 443 } else { 80 });
    let host = name(url.host().unwrap_or_default());
    let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    list.split([',', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Some((network, length)) = entry.split_once('/') {
            return address.is_some_and(|address| is_in_block(address, network, length));
        }
        let (entry, entry_port) = split_port(entry);
        if entry_port.is_some_and(|entry_port| entry_port != port) {
            return false;
        }
        let domain = name(entry);
        match (address, domain.parse::<IpAddr>()) {
            (Some(address), Ok(named)) => address == named.to_canonical(),
            // Addresses and domain names never match each other.
            (Some(_), Err(_)) | (None, Ok(_)) => false,
            (None, Err(_)) => {
                let domain = domain.trim_start_matches('*').trim_start_matches('.');
                let sub = host.strip_suffix(domain).filter(|_| !domain.is_empty());
                sub.is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
            }
        }
    })
}

/// A host in the form that is compared: lower-case, without brackets and without a dot at its end.
fn name(host: &str) -> String {
    let host = url::strip_brackets(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Splits the port off an entry. An IPv6 address without brackets has none.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    match entry.rsplit_once(':') {
        Some((host, port))
            if (!host.contains(':') || host.ends_with(']'))
                && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            port.parse().map_or((entry, None), |port| (host, Some(port)))
        }
        _ => (entry, None),
    }
}

fn is_in_block(address: IpAddr, network: &str, length: &str) -> bool {
    let Ok(network) = url::strip_brackets(network).parse::<IpAddr>() else { return false };
    // The parser of numbers would accept a plus sign.
    let is_number = length.bytes().all(|byte| byte.is_ascii_digit());
    let Some(length) = length.parse::<u32>().ok().filter(|_| is_number) else { return false };
    let bits = |address| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let ((address_bits, size), (network_bits, network_size)) = (bits(address), bits(network));
    let differ = address_bits ^ network_bits;
    size == network_size && length <= size && differ.leading_zeros() >= length
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The host and port of the proxy chosen for `url`, with these variables set.
    fn chosen(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let environment = |name: &str| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).into())
        };
        choose(&ProxySetting::Environment, &url.parse().unwrap(), environment)
            .unwrap()
            .map(|ChosenProxy { proxy, .. }| format!("{}:{}", proxy.host(), proxy.port()))
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
        for (list, is_excluded) in [
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
            ("api.example.test.", true),
            ("example.test.", true),
            ("other.test\texample.test", true),
            ("api.example.test:443", true),
            (".example.test:443", true),
            ("api.example.test:8443", false),
            ("*:443", false),
            ("10.0.0.0/8", false),
        ] {
            let variables = [("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", list)];
            assert_eq!(chosen(HTTPS, &variables).is_none(), is_excluded, "{list:?}");
            let absolute = "https://api.example.test./path";
            assert_eq!(chosen(absolute, &variables).is_none(), is_excluded, "{list:?}");
        }
    }

    #[test]
    fn no_proxy_names_addresses() {
        for (url, list, is_excluded) in [
            ("https://192.0.2.1/", "192.0.2.1", true),
            ("https://192.0.2.1/", "192.0.2.10,2.1", false),
            ("https://[2001:db8::1]:8443/", "2001:db8::1", true),
            ("https://[2001:db8::1]/", "[2001:DB8::1]", true),
            ("https://[2001:db8::1]/", "2001:db8::2", false),
            ("https://[2001:db8::1]/", "2001:db8:0:0:0:0:0:1", true),
            ("https://[2001:db8::1]/", "2001:0DB8::0001", true),
            ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443", true),
            ("https://[2001:db8::1]:8443/", "[2001:db8::1]:443", false),
            ("https://[2001:db8::1]/", "2001:db8::/32", true),
            ("https://[2001:db8::1]/", "fd00::/8", false),
            ("https://[2001:db8::1]/", "::/0", true),
            ("https://[2001:db8::1]/", "0.0.0.0/0", false),
            ("https://[::ffff:192.0.2.1]/", "192.0.2.1", true),
            ("https://[::ffff:192.0.2.1]/", "192.0.2.0/24", true),
            ("https://192.0.2.1/", "192.0.2.0/24", true),
            ("https://192.0.2.1/", "192.0.2.0/0", true),
            ("https://192.0.2.1/", "192.0.3.0/24", false),
            ("https://192.0.2.1/", "192.0.2.1/32", true),
            ("https://192.0.2.1/", "192.0.2.0/33", false),
            ("https://192.0.2.1/", "192.0.2.0/", false),
            ("https://192.0.2.1/", "/8", false),
            ("https://192.0.2.1:8443/", "192.0.2.1:8443", true),
            ("https://192.0.2.1/", "192.0.2.1:8443", false),
        ] {
            let variables = [("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", list)];
            assert_eq!(chosen(url, &variables).is_none(), is_excluded, "{url} {list:?}");
        }
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_an_error_that_names_it() {
        let values: [OsString; 3] =
            ["ftp://a:1".into(), "http://a:99999".into(), crate::sys::not_unicode()];
        for value in values {
            let environment = |name: &str| (name == "HTTPS_PROXY").then(|| value.clone());
            let error = choose(&ProxySetting::Environment, &HTTPS.parse().unwrap(), environment);
            let error = error.expect_err("no proxy").to_string();
            assert!(error.contains("HTTPS_PROXY"), "{error}");
        }
    }

    #[test]
    fn a_password_that_would_cut_the_address_is_refused() {
        for url in ["http://u:p#w@host", "http://u:p/w@host:1", "u:p?w@host", "socks5://u#:p@host"]
        {
            let error = parse(url).expect_err(url).to_string();
            assert!(error.contains("%23"), "{error}");
        }
        assert!(parse("http://u:p%23w@host").is_ok());
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
            // The @ is missing, so the beginning of the password is the host.
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
