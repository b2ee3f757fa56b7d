//! The URL of a Redis server, of its Sentinels, or of a cluster.
//!
//! No error repeats any of the URL: it may have a password, and the place where that ends may be the mistake.

use std::net::Ipv6Addr;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::transport::Peer;

const MAX_LEN: usize = 4096;
/// The most Sentinels, or nodes of a cluster, that a URL names.
const MAX_SERVERS: usize = 16;
/// The longest name of a host, in bytes (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;
/// The longest path of a socket, in bytes, see unix(7).
const MAX_PATH: usize = 107;
const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// What a URL leads to.
#[derive(Clone)]
pub(crate) struct RedisUrl {
    pub(super) topology: Topology,
    /// The servers to ask first, at least one.
    pub(super) servers: Vec<Peer>,
    pub(super) login: Option<Login>,
    pub(super) database: u32,
    /// The authorities of the servers' certificates, if not those of the client.
    pub(super) ca_file: Option<PathBuf>,
}

#[derive(Clone)]
pub(super) struct Login {
    /// None: the default user.
    pub(super) user: Option<Secret>,
    pub(super) password: Secret,
}

/// Who knows where the records are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Topology {
    /// The server itself, or a node of a cluster, which says where else they are.
    Server,
    /// Sentinels, which know the master of this service.
    Sentinel { service: String },
}

impl RedisUrl {
    /// Whether the URL is one of Redis.
    pub(crate) fn is_meant(url: &str) -> bool {
        url.starts_with("redis")
    }

    pub(crate) fn parse(url: &str) -> Result<RedisUrl, Error> {
        parse(url).map_err(|text| Error::invalid_as("guard", Rule::GuardStore, text))
    }
}

type Parsed<T> = Result<T, &'static str>;

/// The error is the rule that the URL breaks.
fn parse(url: &str) -> Parsed<RedisUrl> {
    if url.len() > MAX_LEN {
        return Err("is longer than 4096 bytes");
    }
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must be ASCII without blanks; other characters are written as %XX");
    }
    if url.contains('#') {
        return Err("has a #; in a password it is written as %23");
    }
    let (scheme, rest) = url.split_once("://").ok_or("is not a URL like redis://host")?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (login, hosts) = match authority.rsplit_once('@') {
        Some((login, hosts)) => (Some(parse_login(login)?), hosts),
        None => (None, authority),
    };
    let (is_tls, kind) = match scheme.strip_prefix("rediss") {
        Some(kind) => (true, kind),
        None => (false, scheme.strip_prefix("redis").unwrap_or("?")),
    };
    let Query { database, ca_file } = parse_query(query, is_tls, kind == "+unix")?;
    let finish =
        |topology, servers, database| Ok(RedisUrl { topology, servers, login, database, ca_file });
    let servers = |port| parse_servers(hosts, port, is_tls);
    match kind {
        "" => match &servers(PORT)?[..] {
            [server] => finish(Topology::Server, vec![server.clone()], parse_database(path)?),
            _ => Err("names several hosts; redis+cluster:// and redis+sentinel:// may do so"),
        },
        "+cluster" if matches!(path, "" | "/") => finish(Topology::Server, servers(PORT)?, 0),
        "+cluster" => Err("has a path; a cluster has one database"),
        "+sentinel" => {
            let path = path.strip_prefix('/').unwrap_or(path);
            let (service, database) = path.find('/').map_or((path, ""), |at| path.split_at(at));
            if service.is_empty() {
                return Err("lacks the name of the service, as in redis+sentinel://host/service");
            }
            let service = decode(service)?.to_string();
            finish(
                Topology::Sentinel { service },
                servers(SENTINEL_PORT)?,
                parse_database(database)?,
            )
        }
        "+unix" if is_tls => Err("has TLS over a socket of this machine"),
        "+unix" if !hosts.is_empty() => Err("must have three slashes: redis+unix:///path"),
        "+unix" => {
            let path = decode(path)?;
            if path.len() < 2 || path.ends_with('/') {
                return Err("must name a socket, as in redis+unix:///run/redis.sock");
            }
            if path.len() > MAX_PATH {
                return Err("names a socket with a path longer than 107 bytes");
            }
            finish(Topology::Server, vec![Peer::Unix(PathBuf::from(&**path))], database)
        }
        _ => Err("must begin with redis://, rediss://, redis+unix://, redis+sentinel://, \
                  rediss+sentinel://, redis+cluster:// or rediss+cluster://"),
    }
}

fn parse_login(login: &str) -> Parsed<Login> {
    if login.contains('@') {
        return Err("has two @; in a password it is written as %40");
    }
    let (user, password) =
        login.split_once(':').ok_or("has a user without a password, as in user:password@host")?;
    if password.is_empty() {
        return Err("has an empty password");
    }
    let secret = |text| {
        let decoded = decode(text)?;
        Secret::new(&decoded).map_err(|_| crate::memory::OUT_OF_MEMORY)
    };
    let user = (!user.is_empty()).then(|| secret(user)).transpose()?;
    Ok(Login { user, password: secret(password)? })
}

fn parse_servers(hosts: &str, port: u16, is_tls: bool) -> Parsed<Vec<Peer>> {
    let servers: Vec<_> = hosts
        .split(',')
        .map(|host| {
            let (host, port) = parse_server(host, port)?;
            Ok(Peer::Tcp { host, port, is_tls })
        })
        .collect::<Parsed<_>>()?;
    if servers.len() > MAX_SERVERS {
        return Err("names more than 16 hosts");
    }
    Ok(servers)
}

/// A host without brackets, and its port.
fn parse_server(server: &str, default_port: u16) -> Parsed<(String, u16)> {
    let (host, port) = match server.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or("has a [ without a ]")?;
            host.parse::<Ipv6Addr>().map_err(|_| "has brackets around what is no IPv6 address")?;
            (host, port)
        }
        None => server.find(':').map_or((server, ""), |at| server.split_at(at)),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => parse_port(port).ok_or("has an invalid port; ports are 1 to 65535")?,
        None if port.is_empty() => default_port,
        None => return Err("has an invalid port; ports are 1 to 65535"),
    };
    match is_host(host) {
        true => Ok((host.to_owned(), port)),
        false => Err("has an invalid host"),
    }
}

/// Whether this is a name or an address without brackets.
pub(super) fn is_host(host: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_name = !host.is_empty() && host.len() <= MAX_HOST && host.bytes().all(is_plain);
    is_name || host.parse::<Ipv6Addr>().is_ok()
}

pub(super) fn parse_port(port: &str) -> Option<u16> {
    // The parser of numbers would accept a plus sign.
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|&port| is_number && port > 0)
}

/// The number in a path like `/2`. 0 if there is none.
fn parse_database(path: &str) -> Parsed<u32> {
    match path.strip_prefix('/').unwrap_or(path) {
        "" => Ok(0),
        number => parse_number(number).ok_or("has a path that is no number of a database"),
    }
}

fn parse_number(number: &str) -> Option<u32> {
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| is_number)
}

#[derive(Default)]
struct Query {
    database: u32,
    ca_file: Option<PathBuf>,
}

fn parse_query(query: &str, is_tls: bool, is_local: bool) -> Parsed<Query> {
    let mut parsed = Query::default();
    for setting in query.split('&').filter(|setting| !setting.is_empty()) {
        match setting.split_once('=') {
            Some(("db", number)) if is_local => {
                parsed.database = parse_number(number).ok_or("has a db that is no number")?;
            }
            Some(("ca_file", path)) if is_tls => {
                let path = PathBuf::from(&**decode(path)?);
                if !path.is_absolute() {
                    return Err("has a ca_file that is no whole path");
                }
                parsed.ca_file = Some(path);
            }
            _ => return Err("has an unknown setting; ca_file is one with TLS, db with a socket"),
        }
    }
    Ok(parsed)
}

/// Replaces each %XX by its byte.
fn decode(text: &str) -> Parsed<Zeroizing<String>> {
    // A vector that grows would leave a copy of the password behind.
    let mut decoded = Zeroizing::new(String::with_capacity(text.len()));
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => break,
            [b'%', high, low, rest @ ..] => {
                let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(PERCENT);
                bytes.push((digit(*high)? * 16 + digit(*low)?) as u8);
                rest
            }
            [b'%', ..] => return Err(PERCENT),
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
        };
    }
    decoded.push_str(std::str::from_utf8(&bytes).map_err(|_| "has a %XX that is no UTF-8")?);
    match decoded.contains('\0') {
        true => Err("has a %00"),
        false => Ok(decoded),
    }
}

const PERCENT: &str = "has a % without two hexadecimal digits; a % itself is written as %25";

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(url: &str) -> Vec<String> {
        RedisUrl::parse(url).expect(url).servers.iter().map(Peer::to_string).collect()
    }

    #[test]
    fn each_form_leads_to_its_servers() {
        for (url, servers) in [
            ("redis://host", &["host:6379"][..]),
            ("redis://host/", &["host:6379"]),
            ("redis://10.0.0.1:7000/15", &["10.0.0.1:7000"]),
            ("redis://[2001:db8::1]:7000", &["[2001:db8::1]:7000"]),
            ("redis://[::1]", &["[::1]:6379"]),
            ("redis://:secret@my_redis", &["my_redis:6379"]),
            ("redis+unix:///run/redis%20one.sock?db=3", &["/run/redis one.sock"]),
            ("redis+unix://user:secret@/run/redis.sock", &["/run/redis.sock"]),
            ("redis+sentinel://a,b:1,[::1]/main", &["a:26379", "b:1", "[::1]:26379"]),
            ("rediss+sentinel://u:p@a/main/2", &["a:26379"]),
            ("redis+cluster://a:7000,b", &["a:7000", "b:6379"]),
            ("rediss+cluster://a/", &["a:6379"]),
        ] {
            assert_eq!(peers(url), servers, "{url}");
        }
    }

    #[test]
    fn the_parts_of_a_url_are_decoded() {
        let drive = if cfg!(windows) { "C:" } else { "" };
        let ca_file = format!("ca_file={drive}/etc/my%20ca.pem");
        let url = RedisUrl::parse(&format!("rediss://us%3Aer:p%40%25%C3%A9@host/7?{ca_file}"));
        let RedisUrl { topology, servers, login, database, ca_file } = url.unwrap();
        let Login { user, password } = login.unwrap();
        assert_eq!((user.unwrap().reveal(), password.reveal()), ("us:er", "p@%é"));
        assert_eq!((topology, database), (Topology::Server, 7));
        assert_eq!(ca_file, Some(format!("{drive}/etc/my ca.pem").into()));
        assert_eq!(servers, [Peer::Tcp { host: "host".into(), port: 6379, is_tls: true }]);
        let url = RedisUrl::parse("redis+sentinel://:p@a/my%2Fservice/1").unwrap();
        assert_eq!(url.topology, Topology::Sentinel { service: "my/service".into() });
        assert_eq!((url.database, url.login.unwrap().user), (1, None));
    }

    #[test]
    fn a_refusal_names_the_rule_and_repeats_nothing() {
        for (url, rule) in [
            ("redis:hunter2@host", "is not a URL"),
            ("http://user:hunter2@host", "must begin with"),
            ("redisx://hunter2", "must begin with"),
            ("redis+http://hunter2", "must begin with"),
            ("redis://hunter2@host", "a user without a password"),
            ("redis://hunter2:@host", "an empty password"),
            ("redis://user:hunter2@x@host", "%40"),
            ("redis://user:hunter2#x@host", "%23"),
            ("redis://user:hunter2%zz@host", "%25"),
            ("redis://user:hunter2%4@host", "%25"),
            ("redis://user:hunter2%ff@host", "UTF-8"),
            ("redis://user:hunter2%00@host", "%00"),
            ("redis://user:hunter2 @host", "without blanks"),
            ("redis://user:hunter\u{e9}@host", "ASCII"),
            // The password has a slash, so that the host ends in it.
            ("redis://user:hunter2/x@host", "invalid port"),
            ("redis://user:hunter2?x@host", "unknown setting"),
            ("redis://", "an invalid host"),
            ("redis://:6379", "an invalid host"),
            ("redis://a,b", "several hosts"),
            ("redis://a,", "an invalid host"),
            ("redis://[::1", "without a ]"),
            ("redis://[host]", "no IPv6 address"),
            ("redis://[::1]6379", "an invalid port"),
            ("redis://::1", "an invalid port"),
            ("redis://host:+80", "an invalid port"),
            ("redis://host:0", "an invalid port"),
            ("redis://host:65536", "an invalid port"),
            ("redis://host:", "an invalid port"),
            ("redis://host/x", "no number"),
            ("redis://host/+1", "no number"),
            ("redis://host/1/2", "no number"),
            ("redis://host/4294967296", "no number"),
            ("redis://host?db=1", "unknown setting"),
            ("redis://host?ca_file=/x", "unknown setting"),
            ("rediss://host?ca_file=x", "no whole path"),
            ("redis+unix:///x.sock?db=-1", "no number"),
            ("redis+unix://host/x.sock", "three slashes"),
            ("redis+unix:///", "must name a socket"),
            ("redis+unix:///run/", "must name a socket"),
            ("rediss+unix:///x.sock", "has TLS"),
            ("redis+sentinel://a", "lacks the name"),
            ("redis+sentinel://a//1", "lacks the name"),
            ("redis+cluster://a/1", "one database"),
        ] {
            let error = RedisUrl::parse(url).err().expect(url);
            assert_eq!(error.argument(), Some("guard"), "{url}");
            let text = format!("{error} {error:?}");
            assert!(text.contains(rule), "{url}: {text}");
            assert!(!text.contains("hunter"), "{url}: {text}");
        }
        let long = format!("redis+unix:///{}", "a".repeat(107));
        assert!(RedisUrl::parse(&long).is_err());
        let many = format!("redis+cluster://{}", ["a"; 17].join(","));
        assert!(RedisUrl::parse(&many).is_err());
        assert!(RedisUrl::parse(&format!("redis://{}", "a".repeat(5000))).is_err());
    }
}
