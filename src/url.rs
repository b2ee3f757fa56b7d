//! URLs: which are valid, and which lead to this machine.

use ureq::http::Uri;
use ureq::http::uri::Authority;

use crate::error::Error;
use crate::rule::Rule;

/// The longest URL, in bytes. The HTTP library has the same limit, but copies the text first.
pub(crate) const MAX_LEN: usize = 65_534;

/// A host without the brackets that a URL puts around an IPv6 address.
pub(crate) fn strip_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether `url` has a loopback host.
pub(crate) fn is_loopback(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    is_localhost(host)
        || strip_brackets(host)
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether `host` is the name of this machine, which leads nowhere else (RFC 6761, section 6.3).
pub(crate) fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

/// Parses a URL of the service.
pub(crate) fn parse(argument: &'static str, given: &str) -> Result<Uri, Error> {
    let refuse = |rule| Error::invalid(argument, rule);
    let given = Some(given.trim()).filter(|given| given.len() <= MAX_LEN);
    let url: Uri =
        given.and_then(|given| given.parse().ok()).ok_or_else(|| refuse(Rule::UrlMalformed))?;
    let authority = url.authority().ok_or_else(|| refuse(Rule::UrlWithoutHost))?;
    if authority.as_str().contains('@') {
        return Err(refuse(Rule::UrlWithUser));
    }
    if authority.host().is_empty() {
        return Err(refuse(Rule::UrlWithoutHost));
    }
    if !has_valid_port(authority) {
        return Err(refuse(Rule::UrlPort));
    }
    match url.scheme_str() {
        Some("http" | "https") => Ok(url),
        _ => Err(refuse(Rule::UrlScheme)),
    }
}

/// Whether the port is absent or valid. The parser accepts an invalid port and then reports none, which would
/// mean the default port.
pub(crate) fn has_valid_port(authority: &Authority) -> bool {
    // The part before the @ may have a colon, between the user name and the password.
    let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = match host_and_port.strip_prefix(authority.host()) {
        Some("") => return true,
        after_host => after_host.and_then(|after| after.strip_prefix(':')),
    };
    // The parser of numbers would accept a plus sign.
    port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
        && authority.port_u16().is_some_and(|port| port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_none_is_not_taken_for_the_usual_one() {
        for url in [
            "http://127.0.0.1:80250/",
            "https://host:99999/",
            "https://host:65536",
            "https://host:/",
            "https://[::1]:99999/",
            "https://[::1]:/",
            "https://host:+443/",
            "https://host:0/",
        ] {
            let error = parse("url", url).expect_err(url);
            assert_eq!(error.argument(), Some("url"), "{url}");
            assert!(error.to_string().contains("65535"), "{url}: {error}");
        }
    }

    #[test]
    fn a_port_may_be_left_out() {
        for (url, port) in [
            ("https://host/", None),
            ("https://host", None),
            ("https://host:1/", Some(1)),
            ("https://host:65535/", Some(65535)),
            ("https://[::1]/", None),
            ("https://[::1]", None),
            ("https://[::1]:443/", Some(443)),
        ] {
            assert_eq!(parse("url", url).expect(url).port_u16(), port, "{url}");
        }
    }

    #[test]
    fn an_address_of_another_kind_is_refused_with_its_reason() {
        for (url, rule) in [
            ("", "is not an address"),
            ("https://", "is not an address"),
            ("/sms/verifySMS", "has no host"),
            ("https://user@host/", "has a user name"),
            ("https://user:password@host/", "has a user name"),
            ("ftp://host/", "must begin with https://"),
        ] {
            let error = parse("url", url).expect_err(url).to_string();
            assert!(error.contains(rule), "{url}: {error}");
        }
    }
}
