//! Addresses of hosts: what an address may be, and what its parts are.

use ureq::http::Uri;
use ureq::http::uri::Authority;

use crate::error::Error;

/// The longest address, in bytes; the HTTP library takes no longer one either, but copies it first.
pub(crate) const LONGEST: usize = 65_534;

/// A host without the brackets that a URL puts around an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether `url` leads to this machine itself.
pub(crate) fn is_loopback(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || bare(host).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Reads the address of the service.
pub(crate) fn parse(given: &str) -> Result<Uri, Error> {
    let refuse = |rule| Error::invalid("url", rule);
    let given = Some(given.trim()).filter(|given| given.len() <= LONGEST);
    let url: Uri = given.and_then(|given| given.parse().ok()).ok_or_else(|| {
        refuse("is not an address like https://api.99digital.co.il/sms/verifySMS")
    })?;
    let authority = url.authority().ok_or_else(|| refuse("has no host"))?;
    if authority.as_str().contains('@') {
        return Err(refuse("has a user name in it; the service knows the API key only"));
    }
    if authority.host().is_empty() {
        return Err(refuse("has no host"));
    }
    if !has_sound_port(authority) {
        return Err(refuse("has an invalid port; ports are 1 to 65535"));
    }
    match url.scheme_str() {
        Some("http" | "https") => Ok(url),
        _ => Err(refuse("must begin with https://")),
    }
}

/// Whether there is nothing behind the host, or a number that a port can have. The parser keeps
/// other things, and then answers that there is no port, which would be the usual one.
pub(crate) fn has_sound_port(authority: &Authority) -> bool {
    // What stands before the @ has a colon of its own, between the user and the password.
    let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = match host_and_port.strip_prefix(authority.host()) {
        Some("") => return true,
        after_host => after_host.and_then(|after| after.strip_prefix(':')),
    };
    // A number may also be written with a plus sign.
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
            let error = parse(url).expect_err(url);
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
            assert_eq!(parse(url).expect(url).port_u16(), port, "{url}");
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
            let error = parse(url).expect_err(url).to_string();
            assert!(error.contains(rule), "{url}: {error}");
        }
    }
}
