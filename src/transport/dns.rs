//! Names to addresses, with the call's deadline.
//!
//! The system's resolver cannot be interrupted, so it runs in a thread of its own. If the call
//! ends first the thread finishes alone; it holds nothing but the name.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};

use super::call::Call;
use super::sys;
use crate::config;

/// The addresses of `host`, families in turn (RFC 8305, section 4), beginning with the family
/// that the system's resolver prefers.
pub(super) fn resolve(host: &str, port: u16, call: &Call) -> io::Result<Vec<SocketAddr>> {
    if let Some(address) = literal(host) {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (answer, answered) = mpsc::sync_channel(1);
    let name = host.to_owned();
    sys::spawn_without_signals(move || {
        let addresses = (name.as_str(), port).to_socket_addrs().map(Vec::from_iter);
        // Nobody listens any more when the call ended first.
        let _ = answer.send(addresses);
    })?;
    let mut slice = call.slice()?;
    loop {
        match answered.recv_timeout(slice) {
            Ok(addresses) => return addresses.map(alternate),
            Err(RecvTimeoutError::Timeout) => slice = call.waited()?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(io::Error::other("the name lookup ended without an answer"));
            }
        }
    }
}

/// The address that `host` is, unless it is a name.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    config::bare(host).parse().ok()
}

/// The same addresses with the two families in turn.
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first().map(SocketAddr::is_ipv4) else { return addresses };
    let (preferred, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == first);
    let longest = preferred.len().max(other.len());
    (0..longest).flat_map(|at| [preferred.get(at), other.get(at)]).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_take_turns() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|address| address.parse().unwrap()).collect()
        };
        assert_eq!(
            alternate(addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "127.0.0.1:1"])),
            addresses(&["[::1]:1", "127.0.0.1:1", "[::2]:1", "[::3]:1"])
        );
        assert_eq!(alternate(vec![]), vec![]);
    }
}
