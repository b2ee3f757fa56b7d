//! Names to addresses, with the call's deadline (RFC 8305).

use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use super::call::Call;
use super::jobs::Jobs;
use super::process::PerProcess;
use super::sys::{self, Family};
use super::words;
use crate::url;

/// How long a family is waited for that is asked for beside the other (RFC 8305, section 3).
const RESOLUTION_DELAY: Duration = Duration::from_millis(50);
/// The most addresses of a name that are tried. A wait is for all of them at once.
const ADDRESSES_MOST: usize = 16;
/// How long an answer is used. The system's resolver does not say how long it is good for.
const KEPT: Duration = Duration::from_secs(60);

type Answer = Result<Vec<IpAddr>, String>;

/// What a client knows of the names of its service and proxy.
#[derive(Default)]
pub(super) struct Resolver(Mutex<Vec<Known>>);

struct Known {
    host: String,
    addresses: Vec<IpAddr>,
    since: Instant,
}

impl Resolver {
    /// The addresses of `host`, in the order to try them: the one that answered last, then the two
    /// families in turn. The error says why there is none.
    pub(super) async fn resolve(&self, host: &str, call: &Call) -> Result<Vec<IpAddr>, String> {
        if let Some(address) = literal(host) {
            return Ok(vec![address]);
        }
        let known = self
            .lock()
            .iter()
            .find(|known| known.host == host)
            .and_then(|known| (known.since.elapsed() < KEPT).then(|| known.addresses.clone()));
        if let Some(addresses) = known {
            return Ok(addresses);
        }
        let addresses = both_families(host, call).await?;
        if addresses.is_empty() {
            return Err("no such name".into());
        }
        self.forget(host);
        self.lock().push(Known {
            host: host.to_owned(),
            addresses: addresses.clone(),
            since: Instant::now(),
        });
        Ok(addresses)
    }

    /// Notes which address answered: it is the first to be tried next time.
    pub(super) fn prefer(&self, host: &str, address: SocketAddr) {
        let mut all = self.lock();
        let Some(known) = all.iter_mut().find(|known| known.host == host) else { return };
        if let Some(at) = known.addresses.iter().position(|&other| other == address.ip()) {
            known.addresses[..=at].rotate_right(1);
        }
    }

    /// Notes that no address answered: they are looked up anew next time.
    pub(super) fn forget(&self, host: &str) {
        self.lock().retain(|known| known.host != host);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The addresses of both families from one lookup: an entry of /etc/hosts speaks for both. Some
/// resolvers drop the questions for one family, which keeps that lookup waiting: each family is then
/// asked for alone.
async fn both_families(host: &str, call: &Call) -> Answer {
    let mut both = pin!(ask(host, Family::Any, call));
    let mut six = pin!(ask(host, Family::V6, call));
    let mut four = pin!(ask(host, Family::V4, call));
    let (mut six_answer, mut four_answer) = (None, None);
    let alone_from = Instant::now() + RESOLUTION_DELAY;
    let mut six_until = None;
    poll_fn(|context| {
        if let Poll::Ready(answer) = both.as_mut().poll(context) {
            return Poll::Ready(answer);
        }
        if Instant::now() < alone_from {
            call.want_at(alone_from);
            return Poll::Pending;
        }
        poll_once(six.as_mut(), &mut six_answer, context);
        poll_once(four.as_mut(), &mut four_answer, context);
        match (useful(six_answer.as_ref()), useful(four_answer.as_ref())) {
            (six, Some(four)) => Poll::Ready(Ok([six.unwrap_or_default(), four].concat())),
            (Some(six), None) => {
                let until = *six_until.get_or_insert_with(|| Instant::now() + RESOLUTION_DELAY);
                if until <= Instant::now() {
                    return Poll::Ready(Ok(six.to_vec()));
                }
                call.want_at(until);
                Poll::Pending
            }
            (None, None) => Poll::Pending,
        }
    })
    .await
    .map(alternate)
}

/// Polls a lookup until it has answered.
fn poll_once(
    lookup: Pin<&mut impl Future<Output = Answer>>,
    answer: &mut Option<Answer>,
    context: &mut Context<'_>,
) {
    if answer.is_none() {
        if let Poll::Ready(ended) = lookup.poll(context) {
            *answer = Some(ended);
        }
    }
}

/// The addresses in an answer that has some.
fn useful(answer: Option<&Answer>) -> Option<&[IpAddr]> {
    let addresses = answer?.as_deref().ok()?;
    (!addresses.is_empty()).then_some(addresses)
}

/// Looks a name up. The system's resolver cannot be interrupted, so it has a thread of its own,
/// which all calls of this process share that ask for the same.
async fn ask(host: &str, family: Family, call: &Call) -> Answer {
    static LOOKUPS: OnceBox<PerProcess<Jobs<Answer>>> = OnceBox::new();
    let lookups = LOOKUPS.get_or_init(|| Box::new(PerProcess::new(Jobs::default())));
    let name = host.to_owned();
    let look_up = move || {
        // glibc 2.36 looks up its first name without looking whether it got memory to do so.
        let found = match sys::has_memory() {
            true => sys::look_up(&name, family),
            false => Err(io::ErrorKind::OutOfMemory.into()),
        };
        found.map_err(|error| words::of_lookup(&error).to_owned())
    };
    let key = format!("{family:?} {host}");
    match lookups.get(call.process, Jobs::default).run(call, &key, look_up).await {
        Ok(answer) => answer,
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err("no time is left".into()),
        // No descriptor to be woken by.
        Err(error) if error.raw_os_error().is_some() => Err(words::of(&error)),
        Err(_) => Err("cannot start the thread that looks names up".into()),
    }
}

/// The address that `host` is, unless it is a name.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    url::bare(host).parse().ok()
}

/// The two families in turn, beginning with the one of the first address (RFC 8305, section 4); as
/// many as are tried.
fn alternate(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let begins_with_four = addresses.first().is_some_and(IpAddr::is_ipv4);
    let (first, second): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == begins_with_four);
    let longest = first.len().max(second.len());
    (0..longest)
        .flat_map(|at| [first.get(at), second.get(at)])
        .flatten()
        .copied()
        .take(ADDRESSES_MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|address| address.parse().unwrap()).collect()
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
        // One more place is what a cancellation wakes.
        const { assert!(ADDRESSES_MOST < sys::POLLED_MOST) };
        assert_eq!(alternate(many).len(), ADDRESSES_MOST);
    }

    #[test]
    fn the_address_that_answered_is_tried_first() {
        let resolver = Resolver::default();
        resolver.lock().push(Known {
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
