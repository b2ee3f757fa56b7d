//! The client's side of SOCKS5 (RFC 1928), with a password where the proxy wants one (RFC 1929).

use std::io;
use std::net::{IpAddr, SocketAddr};

use zeroize::Zeroizing;

use super::attempt::ConnectError;
use super::error_text;

/// The connection to the proxy.
pub(crate) trait Wire {
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()>;
    async fn receive_exact(&mut self, buffer: &mut [u8]) -> io::Result<()>;
}

/// What the proxy connects to.
pub(crate) enum Target<'a> {
    Address(SocketAddr),
    Name(&'a str, u16),
}

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Asks the proxy to connect to `target`.
pub(crate) async fn connect(
    wire: &mut impl Wire,
    target: &Target<'_>,
    login: Option<(&str, &str)>,
) -> Result<(), ConnectError> {
    if let Some((user, password)) = choose_method(wire, login).await? {
        authenticate(wire, user, password).await?;
    }
    send(wire, &request(target)?).await?;
    read_reply(wire).await
}

/// Offers the authentication methods. Returns the login if the proxy wants it.
async fn choose_method<'a>(
    wire: &mut impl Wire,
    login: Option<(&'a str, &'a str)>,
) -> Result<Option<(&'a str, &'a str)>, ConnectError> {
    match login {
        None => send(wire, &[VERSION, 1, NO_AUTHENTICATION]).await?,
        Some(_) => send(wire, &[VERSION, 2, NO_AUTHENTICATION, PASSWORD]).await?,
    }
    let [version, method] = read::<2>(wire).await?;
    if version != VERSION {
        return Err(refused("it does not speak SOCKS5"));
    }
    match (method, login) {
        (NO_AUTHENTICATION, _) => Ok(None),
        (PASSWORD, Some(login)) => Ok(Some(login)),
        (_, None) => Err(refused("it wants a user name and a password")),
        (_, Some(_)) => Err(refused("it does not take a user name and a password")),
    }
}

async fn authenticate(
    wire: &mut impl Wire,
    user: &str,
    password: &str,
) -> Result<(), ConnectError> {
    // The largest size, so that the vector does not grow, which would leave a copy.
    let mut request = Zeroizing::new(Vec::with_capacity(513));
    request.push(1);
    append(&mut request, user)?;
    append(&mut request, password)?;
    send(wire, &request).await?;
    match read::<2>(wire).await? {
        [_, 0] => Ok(()),
        _ => Err(refused("wrong user name or password")),
    }
}

fn request(target: &Target<'_>) -> Result<Vec<u8>, ConnectError> {
    let mut request = vec![VERSION, CONNECT, 0];
    let port = match *target {
        Target::Address(address) => {
            match address.ip() {
                IpAddr::V4(ip) => {
                    request.push(IPV4);
                    request.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    request.push(IPV6);
                    request.extend_from_slice(&ip.octets());
                }
            }
            address.port()
        }
        Target::Name(name, port) => {
            request.push(NAME);
            append(&mut request, name)?;
            port
        }
    };
    request.extend_from_slice(&port.to_be_bytes());
    Ok(request)
}

async fn read_reply(wire: &mut impl Wire) -> Result<(), ConnectError> {
    let [version, reply, _, kind] = read::<4>(wire).await?;
    if version != VERSION {
        return Err(refused("it does not speak SOCKS5"));
    }
    // The address that the proxy uses does not matter, but it has to be read.
    match kind {
        IPV4 => drop(read::<6>(wire).await?),
        IPV6 => drop(read::<18>(wire).await?),
        NAME => {
            let [length] = read::<1>(wire).await?;
            let mut rest = [0; u8::MAX as usize + 2];
            wire.receive_exact(&mut rest[..usize::from(length) + 2]).await.map_err(lost)?;
        }
        _ => return Err(refused("it does not speak SOCKS5")),
    }
    match reply {
        0 => Ok(()),
        1 => Err(refused("general failure")),
        2 => Err(refused("its rules do not allow the connection")),
        3 => Err(refused("network unreachable")),
        4 => Err(refused("host unreachable")),
        5 => Err(refused("connection refused")),
        6 => Err(refused("the connection timed out")),
        _ => Err(refused("it cannot make the connection")),
    }
}

fn refused(why: &str) -> ConnectError {
    ConnectError::permanent(format!("it refused: {why}"))
}

fn lost(error: io::Error) -> ConnectError {
    ConnectError::transient(error_text::of(&error))
}

async fn send(wire: &mut impl Wire, bytes: &[u8]) -> Result<(), ConnectError> {
    wire.send(bytes).await.map_err(lost)
}

async fn read<const COUNT: usize>(wire: &mut impl Wire) -> Result<[u8; COUNT], ConnectError> {
    let mut bytes = [0; COUNT];
    wire.receive_exact(&mut bytes).await.map_err(lost)?;
    Ok(bytes)
}

/// Appends the length of a text, then the text.
fn append(request: &mut Vec<u8>, text: &str) -> Result<(), ConnectError> {
    let length = u8::try_from(text.len())
        .map_err(|_| refused("a name or password is longer than 255 bytes"))?;
    request.push(length);
    request.extend_from_slice(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    /// A proxy that sends all its replies, whatever it receives.
    struct Proxy<'a> {
        replies: &'a [u8],
        asked: Vec<u8>,
    }

    impl Wire for Proxy<'_> {
        async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.asked.extend_from_slice(bytes);
            Ok(())
        }

        async fn receive_exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
            self.replies.read_exact(buffer)
        }
    }

    const LOGIN: Option<(&str, &str)> = Some(("user", "word"));
    const GRANTED: [u8; 10] = [5, 0, 0, 1, 127, 0, 0, 1, 0, 80];

    /// The result with a proxy that sends these replies, and what it received.
    fn talk(
        replies: &[&[u8]],
        target: &Target<'_>,
        login: Option<(&str, &str)>,
    ) -> (Result<(), String>, Vec<u8>) {
        let replies = replies.concat();
        let mut proxy = Proxy { replies: &replies, asked: Vec::new() };
        let result = super::super::now_or_never(connect(&mut proxy, target, login))
            .map_err(|error| error.why);
        // Bytes after the reply would belong to the service.
        assert!(result.is_err() || proxy.replies.is_empty());
        (result, proxy.asked)
    }

    #[test]
    fn the_target_is_asked_for_by_address_or_by_name() {
        let address = |ip: IpAddr| Target::Address(SocketAddr::new(ip, 0x1234));
        let six = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        let mut of_six = vec![5, 1, 0, 4];
        of_six.extend(six.octets());
        of_six.extend([0x12, 0x34]);
        for (target, asked) in [
            (
                address(Ipv4Addr::new(192, 0, 2, 1).into()),
                vec![5, 1, 0, 1, 192, 0, 2, 1, 0x12, 0x34],
            ),
            (address(six.into()), of_six),
            (Target::Name("host", 0x1234), b"\x05\x01\x00\x03\x04host\x12\x34".to_vec()),
        ] {
            let (result, all) = talk(&[&[5, 0], &GRANTED], &target, None);
            assert_eq!(result, Ok(()));
            assert_eq!(all, [vec![5, 1, 0], asked].concat());
        }
    }

    #[test]
    fn the_address_that_the_proxy_uses_is_read_whatever_its_kind() {
        let six = [[5, 0, 0, 4].as_slice(), &[1; 18]].concat();
        for granted in [GRANTED.as_slice(), &six, b"\x05\x00\x00\x03\x04host\x00\x50"] {
            let (result, _) = talk(&[&[5, 0], granted], &Target::Name("host", 80), None);
            assert_eq!(result, Ok(()), "{granted:?}");
        }
    }

    #[test]
    fn a_login_is_told_to_a_proxy_that_wants_one_and_to_no_other() {
        let target = Target::Name("host", 80);
        let (result, asked) = talk(&[&[5, 2], &[1, 0], &GRANTED], &target, LOGIN);
        assert_eq!(result, Ok(()));
        assert!(asked.starts_with(b"\x05\x02\x00\x02\x01\x04user\x04word\x05\x01\x00\x03"));
        let (result, asked) = talk(&[&[5, 0], &GRANTED], &target, LOGIN);
        assert_eq!(result, Ok(()));
        assert!(!asked.windows(4).any(|bytes| bytes == b"word"));
    }

    #[test]
    fn what_is_no_yes_is_a_refusal() {
        let target = Target::Name("host", 80);
        let long = "x".repeat(256);
        for (replies, login, refusal) in [
            (&[4_u8, 0] as &[u8], None, "does not speak SOCKS5"),
            (&[5, 2], None, "wants a user name"),
            (&[5, 255], LOGIN, "does not take a user name"),
            (&[5, 2, 1, 1], LOGIN, "wrong user name or password"),
            (&[5, 2, 1, 1], Some(("user", &*long)), "longer than 255"),
            (&[5, 0, 4, 0, 0, 1], None, "does not speak SOCKS5"),
            (&[5, 0, 5, 0, 0, 2], None, "does not speak SOCKS5"),
            (&[5, 0, 5, 0, 0, 1, 127, 0], None, "closed the connection"),
            (&[5], None, "closed the connection"),
            (&[], None, "closed the connection"),
        ] {
            let (result, _) = talk(&[replies], &target, login);
            let error = result.expect_err(refusal);
            assert!(error.contains(refusal), "{replies:?}: {error}");
        }
        for (answer, refusal) in [
            (1, "general failure"),
            (2, "rules"),
            (3, "network unreachable"),
            (4, "host unreachable"),
            (5, "connection refused"),
            (6, "timed out"),
            (7, "cannot make"),
            (255, "cannot make"),
        ] {
            let mut granted = GRANTED;
            granted[1] = answer;
            let (result, _) = talk(&[&[5, 0], &granted], &target, None);
            let error = result.expect_err(refusal);
            assert!(error.contains(refusal), "{answer}: {error}");
        }
        let (result, _) = talk(&[&[5, 0]], &Target::Name(&long, 80), None);
        assert!(result.expect_err("too long a name").contains("longer than 255"));
    }
}
