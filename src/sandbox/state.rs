//! What the server, the control API and the Rust handle share: the service, its script and its clock.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

use super::events::{News, Seen, Settings};
use super::failure::Failure;
use super::fields::Fields;
use super::message::Message;
use super::numbers;
use super::reply::Reply;
use super::script::{Entry, Script};
use super::service::{Service, local_number};

/// How far the clock can be from the present: a hundred years.
const FARTHEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The sandbox's state, safe to use from many threads.
pub(super) struct Desk {
    state: Mutex<State>,
    /// Told whenever the state has changed.
    changed: watch::Sender<()>,
    /// The authority that clients have to trust, with TLS.
    ca_file: Option<String>,
    /// The system's time at the start. From here on the clock is monotonic: a correction of the
    /// system's time does not let codes expire.
    epoch: Duration,
    started: Instant,
}

struct State {
    service: Service,
    script: Script,
    /// How far the clock was advanced.
    ahead: Duration,
    /// How often the sandbox was reset.
    resets: u64,
}

impl Desk {
    pub(super) fn new(service: Service, ca_file: Option<String>) -> Desk {
        let (script, ahead) = (Script::default(), Duration::ZERO);
        Desk {
            state: Mutex::new(State { service, script, ahead, resets: 0 }),
            changed: watch::Sender::new(()),
            ca_file,
            epoch: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
            started: Instant::now(),
        }
    }

    /// Answers a request: as the script says, else as its number always does, else as the service does.
    pub(super) fn answer(&self, fields: &Fields) -> Reply {
        let to = fields.to.as_deref().unwrap_or_default();
        let is_check = fields.code.is_some();
        self.change(|state, now| {
            let Some(failure) =
                state.script.next(to, is_check).or_else(|| numbers::always(to, is_check))
            else {
                return Reply::plain(&state.service.answer(fields, now));
            };
            Reply::failed(failure, is_check, to, || {
                if failure == Failure::Expired && is_check {
                    state.service.outbox.expire(to);
                }
                let answer = state.service.answer(fields, now);
                if failure == Failure::Expired && !is_check {
                    state.service.outbox.expire(to);
                }
                answer
            })
        })
    }

    /// Whether the next request is to be dropped unread.
    pub(super) fn drops_next(&self) -> bool {
        self.look(|state, _| state.script.drops_next())
    }

    /// Counts a request that is dropped unread, if one is to be.
    pub(super) fn drop_next(&self) -> bool {
        self.change(|state, _| state.script.drop_next())
    }

    /// The clock, in Unix seconds, and the messages to one number or to all, newest first.
    pub(super) fn messages(&self, to: Option<&str>) -> (u64, Vec<Message>) {
        self.look(|state, now| (now.as_secs(), state.service.outbox.messages(to, now)))
    }

    /// The code of the newest message to a number.
    pub(super) fn code(&self, to: &str) -> Option<String> {
        self.look(|state, _| state.service.outbox.code(to).map(str::to_owned))
    }

    /// Moves the clock forward and gives its new time in Unix seconds.
    pub(super) fn advance(&self, step: Duration) -> io::Result<u64> {
        self.change(|state, now| {
            let kind = match state.ahead.checked_add(step) {
                Some(ahead) if ahead <= FARTHEST => {
                    state.ahead = ahead;
                    return Ok((now + step).as_secs());
                }
                _ if step <= FARTHEST => io::ErrorKind::QuotaExceeded,
                _ => io::ErrorKind::InvalidInput,
            };
            Err(io::Error::new(kind, "the clock cannot be more than a hundred years ahead"))
        })
    }

    /// Forgets messages, codes and script, sets the clock to the present, and gives it in Unix seconds.
    pub(super) fn reset(&self) -> u64 {
        self.change(|state, now| {
            state.service.reset();
            state.script = Script::default();
            let present = now - state.ahead;
            state.ahead = Duration::ZERO;
            state.resets += 1;
            present.as_secs()
        })
    }

    /// Lets the `count` requests after those already scripted fail, those for one number or any, and gives how
    /// many are to fail in all.
    pub(super) fn script(&self, failure: Failure, count: u32, to: Option<&str>) -> io::Result<u64> {
        let to = to.map(local_number).transpose()?.map(str::to_owned);
        self.change(|state, _| {
            state.script.push(Entry { failure, count, to })?;
            Ok(state.script.len())
        })
    }

    /// How many requests are to fail, and how.
    pub(super) fn scripted(&self) -> (u64, Vec<Entry>) {
        self.look(|state, _| (state.script.len(), state.script.entries()))
    }

    /// What hears of every change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// What is new for somebody who has seen something earlier, and everything for others.
    pub(super) fn news(&self, seen: Option<Seen>) -> (News, Seen) {
        self.look(|state, now| {
            let seen = seen.filter(|seen| seen.reset == state.resets);
            let revision = seen.as_ref().map_or(0, |seen| seen.revision);
            let newest = state.service.outbox.newest(revision, now);
            let entries = state.script.entries();
            let is_known = seen.as_ref().is_some_and(|seen| seen.entries == entries);
            let news = News {
                now: now.as_secs_f64(),
                messages: newest.messages,
                oldest: newest.oldest,
                total: newest.total,
                waiting: state.script.len(),
                entries: (!is_known).then(|| entries.clone()),
                settings: seen.is_none().then(|| Settings {
                    api_key: state.service.api_key().to_owned(),
                    ca_file: self.ca_file.clone(),
                }),
            };
            (news, Seen { reset: state.resets, revision: newest.revision, entries })
        })
    }

    /// Looks at the state, at the clock's time since the Unix epoch.
    fn look<T>(&self, at: impl FnOnce(&State, Duration) -> T) -> T {
        let state = self.lock();
        at(&state, self.now(&state))
    }

    /// Changes the state, at the clock's time since the Unix epoch. All that changes goes through here.
    fn change<T>(&self, how: impl FnOnce(&mut State, Duration) -> T) -> T {
        let outcome = {
            let mut state = self.lock();
            let now = self.now(&state);
            how(&mut state, now)
        };
        self.changed.send_replace(());
        outcome
    }

    fn now(&self, state: &State) -> Duration {
        self.epoch + self.started.elapsed() + state.ahead
    }

    /// A request that panicked left nothing half done that the next could not live with.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
