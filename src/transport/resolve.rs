//! Looks up the addresses of names, within the deadline of the call (RFC 8305).

use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use super::call::Call;
use super::error_text;
use super::jobs::Jobs;
use super::process::PerProcess;
use crate::sys::{self, Family};
use crate::url;

/// How long the lookup of both families has, before each family is looked up alone; and how long IPv4 may
/// come after IPv6 (RFC 8305, section 3).
const RESOLUTION_DELAY: Duration = Duration::from_millis(50);
/// The most addresses of a name that are tried. One wait is for all of them.
const MAX_ADDRESSES: usize = 16;
/// How long addresses are cached. The resolver of the system does not report a TTL.
const CACHE_TIME: Duration = Duration::from_secs(60);

type Lookup = Result<Vec<IpAddr>, String>;

/// Resolves names, and caches the addresses.
#[derive(Default)]
pub(super) struct Resolver(Mutex<Vec<CacheEntry>>);

struct CacheEntry {
    host: String,
    addresses: Vec<IpAddr>,
    since: Instant,
}

impl Resolver {
    /// The addresses of `host`, in the order to try them: the one that answered last, then the two families
    /// in turn. The error says why there is none.
    pub(super) async fn resolve(&self, host: &str, call: &Call) -> Result<Vec<IpAddr>, String> {
        if let Some(address) = literal(host) {
            return Ok(vec![address]);
        }
        let entry = self.lock().iter().find(|entry| entry.host == host).and_then(|entry| {
            (entry.since.elapsed() < CACHE_TIME).then(|| entry.addresses.clone())
        });
        if let Some(addresses) = entry {
            return Ok(addresses);
        }
        let addresses = allowed(host, both_families(host, call).await?);
        if addresses.is_empty() {
            return Err("no such name".into());
        }
        self.forget(host);
        self.lock().push(CacheEntry {
            host: host.to_owned(),
            addresses: addresses.clone(),
            since: Instant::now(),
        });
        Ok(addresses)
    }

    /// Makes the address that answered the first to try next time.
    pub(super) fn prefer(&self, host: &str, address: SocketAddr) {
        let mut all = self.lock();
        let Some(entry) = all.iter_mut().find(|entry| entry.host == host) else { return };
        // seldom covered: another call has looked the name up again meanwhile, with other addresses.
        if let Some(at) = entry.addresses.iter().position(|&other| other == address.ip()) {
            entry.addresses[..=at].rotate_right(1);
        }
    }

    /// Removes the addresses of `host` from the cache, because none answered.
    pub(super) fn forget(&self, host: &str) {
        self.lock().retain(|entry| entry.host != host);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<CacheEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The addresses that a name may lead to: for localhost those of this machine alone.
fn allowed(host: &str, mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    addresses.retain(|address| !url::is_localhost(host) || address.is_loopback());
    addresses
}

/// Looks up both families at once: an entry in /etc/hosts is for both. Some name servers do not answer the
/// queries for one family, and that lookup then hangs. So after a while each family is looked up alone, too.
async fn both_families(host: &str, call: &Call) -> Lookup {
    let mut both = pin!(look_up(host, Family::Any, call));
    let mut six = pin!(look_up(host, Family::V6, call));
    let mut four = pin!(look_up(host, Family::V4, call));
    let (mut six_answer, mut four_answer) = (None, None);
    let fallback_at = Instant::now() + RESOLUTION_DELAY;
    let mut six_until = None;
    poll_fn(|context| {
        if let Poll::Ready(answer) = both.as_mut().poll(context) {
            return Poll::Ready(answer);
        }
        if Instant::now() < fallback_at {
            call.wake_at(fallback_at);
            return Poll::Pending;
        }
        poll_once(six.as_mut(), &mut six_answer, context);
        poll_once(four.as_mut(), &mut four_answer, context);
        match (non_empty(six_answer.as_ref()), non_empty(four_answer.as_ref())) {
            (six, Some(four)) => Poll::Ready(Ok([six.unwrap_or_default(), four].concat())),
            (Some(six), None) => {
                let until = *six_until.get_or_insert_with(|| Instant::now() + RESOLUTION_DELAY);
                if until <= Instant::now() {
                    return Poll::Ready(Ok(six.to_vec()));
                }
                call.wake_at(until);
                Poll::Pending
            }
            (None, None) => Poll::Pending,
        }
    })
    .await
    .map(alternate)
}

/// Polls a lookup, unless it has ended.
fn poll_once(
    lookup: Pin<&mut impl Future<Output = Lookup>>,
    answer: &mut Option<Lookup>,
    context: &mut Context<'_>,
) {
    if answer.is_none() {
        if let Poll::Ready(ended) = lookup.poll(context) {
            *answer = Some(ended);
        }
    }
}

/// The addresses of a lookup. None if it has not ended, or has found none.
fn non_empty(answer: Option<&Lookup>) -> Option<&[IpAddr]> {
    let addresses = answer?.as_deref().ok()?;
    (!addresses.is_empty()).then_some(addresses)
}

/// Looks up a name. The resolver of the system cannot be interrupted, so it runs in a thread of its own.
/// Calls of this process share the thread if they look up the same.
async fn look_up(host: &str, family: Family, call: &Call) -> Lookup {
    static JOBS: OnceBox<PerProcess<Jobs<Lookup>>> = OnceBox::new();
    let jobs = JOBS.get_or_init(|| Box::new(PerProcess::new(Jobs::default())));
    let name = host.to_owned();
    let work = move || {
        // At the first lookup glibc 2.36 does not check whether malloc succeeds.
        let found = match sys::has_memory() {
            true => sys::look_up(&name, family),
            // seldom covered: memory that is short in the thread of a lookup; tests/deep/memory.py makes it
            // so.
            false => Err(io::ErrorKind::OutOfMemory.into()),
        };
        found.map_err(|error| error_text::of_lookup(&error).to_owned())
    };
    let key = format!("{family:?} {host}");
    match jobs.get(call.process, Jobs::default).run(call, &key, work).await {
        Ok(answer) => answer,
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err("no time is left".into()),
        // There is no descriptor for the wake-up.
        Err(error) if error.raw_os_error().is_some() => Err(error_text::of(&error)),
        Err(_) => Err("cannot start the thread that looks names up".into()),
    }
}

/// The address, if `host` is one and not a name.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    url::strip_brackets(host).parse().ok()
}

/// The first [`MAX_ADDRESSES`] addresses, with the families in turn, beginning with the family of the first
/// address (RFC 8305, section 4).
fn alternate(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let begins_with_four = addresses.first().is_some_and(IpAddr::is_ipv4);
    let (first, second): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == begins_with_four);
    let longest = first.len().max(second.len());
    (0..longest)
        .flat_map(|at| [first.get(at), second.get(at)])
        .flatten()
        .copied()
        .take(MAX_ADDRESSES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn localhost_leads_nowhere_else() {
        let found = || addresses(&["192.0.2.1", "127.0.0.1", "2001:db8::1", "::1"]);
        assert_eq!(allowed("LocalHost", found()), addresses(&["127.0.0.1", "::1"]));
        assert_eq!(allowed("localhost.example.test", found()), found());
    }

    #[test]
    fn the_families_take_turns() {
        assert_eq!(
            alternate(addresses(&["::1", "::2", "::3", "127.0.0.1"])),
            addresses(&["::1", "127.0.0.1", "::2", "::3"])
        );
        assert_eq!(
            alternate(addresses(&["127.0.0.1", "127.0.0.2", "::1"])),
            addresses(&["127.0.0.1", "::1", "127.0.0.2"])
        );
        assert_eq!(alternate(vec![]), addresses(&[]));
    }

    #[test]
    fn no_more_addresses_are_tried_than_are_waited_for() {
        let many = (0..64).map(|last| IpAddr::from([10, 0, 0, last])).collect();
        // A wait is for one more descriptor, the wake-up.
        const { assert!(MAX_ADDRESSES < sys::MAX_POLLED) };
        assert_eq!(alternate(many).len(), MAX_ADDRESSES);
    }

    #[test]
    fn the_address_that_answered_is_tried_first() {
        let resolver = Resolver::default();
        resolver.lock().push(CacheEntry {
            host: "host".into(),
            addresses: addresses(&["::1", "127.0.0.1", "::2"]),
            since: Instant::now(),
        });
        resolver.prefer("host", "127.0.0.1:443".parse().unwrap());
        assert_eq!(resolver.lock()[0].addresses, addresses(&["127.0.0.1", "::1", "::2"]));
        resolver.prefer("other", "[::2]:443".parse().unwrap());
        resolver.forget("host");
        assert!(resolver.lock().is_empty());
    }
}
