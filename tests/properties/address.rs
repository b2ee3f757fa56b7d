//! URLs of the service and of proxies, NO_PROXY, and the replies of a SOCKS5 proxy.

use std::io::{self, Cursor, Read};
use std::net::IpAddr;

use ureq::ProxyProtocol;
use ureq::http::Uri;

use super::{Choices, KEY, check_invalid};
use crate::config::Config;
use crate::proxy::{self, ProxySetting};
use crate::transport::now_or_never;
use crate::transport::socks::{self, Target};

/// Uses `data` as a URL, as environment variables, or as the replies of a proxy.
pub fn address(data: &[u8]) {
    let mut choices = Choices::new(data);
    match choices.index(4) {
        0 => service(&String::from_utf8_lossy(choices.rest())),
        1 => given_proxy(&String::from_utf8_lossy(choices.rest())),
        2 => environment(&mut choices),
        _ => socks5(&mut choices),
    }
}

/// A URL, as a plain reference parser reads it.
struct Reference<'a> {
    scheme: Option<&'a str>,
    login: Option<&'a str>,
    host: &'a str,
    port: Option<&'a str>,
}

impl<'a> Reference<'a> {
    fn read(address: &'a str) -> Reference<'a> {
        let address = address.trim();
        let (scheme, rest) = match address.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, address),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, authority),
        };
        match place.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                Reference { scheme, login, host, port: Some(port) }
            }
            _ => Reference { scheme, login, host: place, port: None },
        }
    }

    fn is_local(&self) -> bool {
        let host = self.host;
        let stripped =
            host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        host.eq_ignore_ascii_case("localhost")
            || stripped.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Checks that the port is absent or a plain number.
fn check_port(written: Option<&str>, used: u16, default: u16) {
    match written {
        None => assert_eq!(used, default),
        Some(port) => {
            assert!(port.bytes().all(|byte| byte.is_ascii_digit()), "{port:?}");
            assert_eq!(port.parse(), Ok(used));
            assert_ne!(used, 0);
        }
    }
}

fn service(given: &str) {
    let mut config = Config::new();
    config.set_api_key(KEY).expect("a key");
    if let Err(error) = config.set_url(Some(given)) {
        check_invalid(&error, "url");
        assert_eq!(config.check().err(), Some(error));
        return;
    }
    let reference = Reference::read(given);
    let url = config.url.clone();
    let scheme = reference.scheme.expect("an address without a scheme").to_ascii_lowercase();
    assert!(scheme == "http" || scheme == "https", "{scheme}");
    assert!(!reference.host.is_empty() && reference.login.is_none());
    assert_eq!(url.host(), Some(reference.host));
    let default = if scheme == "https" { 443 } else { 80 };
    check_port(reference.port, url.port_u16().unwrap_or(default), default);

    assert_eq!(config.check().is_ok(), scheme == "https" || reference.is_local(), "{given:?}");
    config.allow_http = true;
    config.client().expect("an accepted URL");
}

fn given_proxy(given: &str) {
    match proxy::parse(given) {
        Err(error) => check_invalid(&error, "proxy"),
        Ok(proxy) => check_proxy(given, &proxy),
    }
    let mut config = Config::new();
    config.set_api_key(KEY).expect("a key");
    if config.set_proxy(Some(given)).is_ok() {
        config.client().expect("an accepted proxy");
        // The key goes unencrypted to another machine only if the user allows it.
        config.set_url(Some("http://127.0.0.1:9/")).expect("an address");
        let is_local = given.is_empty() || Reference::read(given).is_local();
        assert_eq!(config.check().is_ok(), is_local, "{given:?}");
    }
}

fn check_proxy(given: &str, proxy: &ureq::Proxy) {
    let Reference { host, port, .. } = Reference::read(given);
    assert!(!host.is_empty());
    assert_eq!(proxy.host(), host);
    let default = match proxy.protocol() {
        ProxyProtocol::Http => 80,
        ProxyProtocol::Https => 443,
        ProxyProtocol::Socks5 | ProxyProtocol::Socks5h => 1080,
        other => panic!("{other:?}"),
    };
    check_port(port, proxy.port(), default);
}

/// Checks which proxy is chosen, with each variable set or not.
fn environment(choices: &mut Choices<'_>) {
    const NAMES: [&str; 8] = [
        "https_proxy",
        "HTTPS_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "no_proxy",
        "NO_PROXY",
    ];
    let set = choices.byte();
    let is_https = choices.byte() & 1 == 0;
    let host = choices.one_of(&["api.example.test", "[2001:db8::1]", "192.0.2.1", "Localhost"]);
    let own = choices.byte() & 1 == 1;
    let value = choices.text();
    let except = choices.text();
    let url: Uri = format!("{}://{host}/", if is_https { "https" } else { "http" })
        .parse()
        .expect("an address");
    let lookup = |name: &str| {
        let at = NAMES.iter().position(|known| *known == name).expect("a known variable");
        let value = match name {
            "no_proxy" | "NO_PROXY" => except.clone(),
            _ if own => value.clone(),
            _ => format!("http://p{at}:1"),
        };
        (set >> at & 1 == 1).then_some(value)
    };
    let chosen =
        proxy::choose(&ProxySetting::Environment, &url, |name| lookup(name).map(Into::into));
    let is_set = |name: &str| lookup(name).is_some_and(|value| !value.trim().is_empty());
    let specific: &[&str] =
        if is_https { &["https_proxy", "HTTPS_PROXY"] } else { &["http_proxy"] };
    let first = specific.iter().chain(&["all_proxy", "ALL_PROXY"]).find(|name| is_set(name));
    let is_excepted = ["no_proxy", "NO_PROXY"].iter().any(|name| is_set(name))
        && except
            .split([',', ' ', '\t'])
            .any(|entry| names(entry.trim(), host, if is_https { "443" } else { "80" }));
    match chosen {
        Err(error) => {
            check_invalid(&error, "proxy");
            assert!(own && first.is_some() && !is_excepted);
        }
        Ok(None) => assert!(first.is_none() || is_excepted || host == "Localhost"),
        Ok(Some(chosen)) => {
            assert!(!is_excepted && host != "Localhost");
            let name = first.expect("a proxy out of nowhere");
            let written = lookup(name).expect("it is set");
            assert_eq!(chosen.variable, Some(*name));
            check_proxy(&written, &chosen.proxy);
        }
    }
}

/// Whether an entry of NO_PROXY matches this host on its default port.
fn names(entry: &str, host: &str, default: &str) -> bool {
    let stripped = |text: &str| {
        let text = text.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        text.strip_suffix('.').map(str::to_owned).unwrap_or(text)
    };
    let host = stripped(host);
    let address: Option<IpAddr> = host.parse().ok();
    if let Some((network, length)) = entry.split_once('/') {
        let (Some(address), Ok(network), Ok(length)) = (
            address,
            stripped(network).parse::<IpAddr>(),
            length.replace('+', "x").parse::<usize>(),
        ) else {
            return false;
        };
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => format!("{:032b}", address.to_bits()),
            IpAddr::V6(address) => format!("{:0128b}", address.to_bits()),
        };
        let (address, network) = (bits(address), bits(network));
        return address.len() == network.len()
            && address.get(..length).is_some_and(|prefix| network.starts_with(prefix));
    }
    let (named, port) = match entry.rsplit_once(':') {
        Some((named, port))
            if port.parse::<u16>().is_ok()
                && !port.starts_with('+')
                && (!named.contains(':') || named.ends_with(']')) =>
        {
            (named, Some(port))
        }
        _ => (entry, None),
    };
    if entry != "*" && port.is_some_and(|port| port.parse::<u16>().ok() != default.parse().ok()) {
        return false;
    }
    let named = stripped(named);
    match (address, named.parse::<IpAddr>()) {
        (Some(address), Ok(named)) => address == named || entry == "*",
        (None, Err(_)) => {
            let domain = named.trim_start_matches('*').trim_start_matches('.');
            entry == "*"
                || (!domain.is_empty() && (host == domain || host.ends_with(&format!(".{domain}"))))
        }
        _ => entry == "*",
    }
}

/// A proxy that replies with the input and records what it receives.
struct RecordingProxy<'a> {
    replies: Cursor<&'a [u8]>,
    received: Vec<u8>,
}

impl socks::Wire for RecordingProxy<'_> {
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.received.extend_from_slice(bytes);
        Ok(())
    }

    async fn receive_exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        self.replies.read_exact(buffer)
    }
}

fn socks5(choices: &mut Choices<'_>) {
    let name = choices.text();
    let target = match choices.index(3) {
        0 => Target::Name(&name, 443),
        1 => Target::Address("192.0.2.1:443".parse().expect("an address")),
        _ => Target::Address("[2001:db8::1]:443".parse().expect("an address")),
    };
    let password = format!("hunter{}", choices.text());
    let login = (choices.byte() & 1 == 1).then_some(("user", &*password));
    let replies = choices.rest();
    let mut proxy = RecordingProxy { replies: Cursor::new(replies), received: Vec::new() };
    let result = now_or_never(socks::connect(&mut proxy, &target, login));
    let (used, received) = (proxy.replies.position() as usize, proxy.received);

    let asked_for_password = login.is_some() && replies.starts_with(&[5, 2]);
    let has_password = received.windows(6).any(|window| window == b"hunter");
    assert!(asked_for_password || !has_password, "the password was sent without a request for it");
    match result {
        Ok(()) => {
            let answer = match replies {
                [5, 0, rest @ ..] => rest,
                [5, 2, _, 0, rest @ ..] if login.is_some() => rest,
                _ => panic!("no method was chosen"),
            };
            let [5, 0, _, rest @ ..] = answer else { panic!("the connection was not made") };
            let length = match rest {
                [1, ..] => 1 + 4 + 2,
                [4, ..] => 1 + 16 + 2,
                [3, length, ..] => 2 + usize::from(*length) + 2,
                _ => panic!("no address"),
            };
            assert!(rest.len() >= length, "the answer is not whole");
            // The bytes after the reply belong to TLS.
            assert_eq!(used, replies.len() - rest.len() + length);
        }
        Err(error) => assert!(!error.why.contains("hunter"), "{}", error.why),
    }
}
