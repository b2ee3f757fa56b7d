//! Names to addresses, with the call's deadline.
//!
//! The system's resolver cannot be interrupted, so it runs in a thread of its own. If the call
//! ends first the thread finishes alone; it holds nothing but the name.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::call::Call;
use super::sys;
use crate::config;

/// The addresses of `host`, families in turn (RFC 8305, section 4), beginning with the family
/// that the system's resolver prefers.
pub(super) fn resolve(host: &str, port: u16, call: &Call) -> io::Result<Vec<SocketAddr>> {
    if let Some(address) = literal(host) {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let lookup = Arc::new(Lookup::default());
    let (name, answer) = (host.to_owned(), lookup.clone());
    sys::spawn_without_signals(move || {
        // glibc 2.36 looks up its first name without looking whether it got memory to do so.
        let addresses = match sys::has_memory() {
            true => (name.as_str(), port).to_socket_addrs().map(Vec::from_iter),
            false => Err(io::ErrorKind::OutOfMemory.into()),
        };
        // Nobody waits any more when the call ended first.
        *answer.lock() = Some(addresses);
        answer.answered.notify_one();
    })?;
    let mut slice = call.slice()?;
    loop {
        match lookup.wait(slice) {
            Some(addresses) => return addresses.map(alternate),
            None => slice = call.waited()?,
        }
    }
}

/// What a lookup's thread tells the call. A channel of the standard library would leave memory
/// behind in the host's thread.
#[derive(Default)]
struct Lookup {
    addresses: Mutex<Option<Addresses>>,
    answered: Condvar,
}

type Addresses = io::Result<Vec<SocketAddr>>;

impl Lookup {
    fn lock(&self) -> MutexGuard<'_, Option<Addresses>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, if it comes within `slice`.
    fn wait(&self, slice: Duration) -> Option<Addresses> {
        let waited = self.answered.wait_timeout_while(self.lock(), slice, |a| a.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.take()
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
