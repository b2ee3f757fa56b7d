//! The client's side of SOCKS5 (RFC 1928), with a password where the proxy wants one (RFC 1929).
//!
//! ureq has one as well, but on sockets that cannot be cancelled.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};

/// Where the proxy shall connect to.
pub(super) enum Target<'a> {
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

/// Has the proxy at the other end of `stream` connect it to `target`.
pub(super) fn connect(
    stream: &mut (impl Read + Write),
    target: &Target<'_>,
    login: Option<(&str, &str)>,
) -> io::Result<()> {
    match login {
        None => stream.write_all(&[VERSION, 1, NO_AUTHENTICATION])?,
        // The proxy chooses; one that asks nobody for a password takes none.
        Some(_) => stream.write_all(&[VERSION, 2, NO_AUTHENTICATION, PASSWORD])?,
    }
    let [version, method] = read::<2>(stream)?;
    if version != VERSION {
        return Err(refused("it does not speak SOCKS5"));
    }
    let login = match (method, login) {
        (NO_AUTHENTICATION, _) => None,
        (PASSWORD, Some(login)) => Some(login),
        (_, None) => return Err(refused("it wants a user name and a password")),
        (_, Some(_)) => return Err(refused("it does not take a user name and a password")),
    };
    if let Some((user, password)) = login {
        let mut request = vec![1];
        append(&mut request, user)?;
        append(&mut request, password)?;
        let written = stream.write_all(&request);
        zeroize::Zeroize::zeroize(&mut request);
        written?;
        if read::<2>(stream)?[1] != 0 {
            return Err(refused("wrong user name or password"));
        }
    }
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
    stream.write_all(&request)?;
    let [version, answer, _, kind] = read::<4>(stream)?;
    if version != VERSION {
        return Err(refused("it does not speak SOCKS5"));
    }
    // The address that the proxy uses is of no interest, but it has to be read.
    match kind {
        IPV4 => drop(read::<6>(stream)?),
        IPV6 => drop(read::<18>(stream)?),
        NAME => {
            let [length] = read::<1>(stream)?;
            stream.read_exact(&mut [0; u8::MAX as usize + 2][..usize::from(length) + 2])?;
        }
        _ => return Err(refused("it does not speak SOCKS5")),
    }
    match answer {
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

fn refused(why: &str) -> io::Error {
    io::Error::other(format!("the SOCKS5 proxy refused: {why}"))
}

fn read<const COUNT: usize>(stream: &mut impl Read) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Appends a text with its length before it.
fn append(request: &mut Vec<u8>, text: &str) -> io::Result<()> {
    let length = u8::try_from(text.len())
        .map_err(|_| io::Error::other("a name for the SOCKS5 proxy is longer than 255 bytes"))?;
    request.push(length);
    request.extend_from_slice(text.as_bytes());
    Ok(())
}
