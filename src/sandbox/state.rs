//! The sandbox's state: the service, its script and its clock.
//!
//! Every request, every control request and the [`Sandbox`](super::Sandbox) handle go through here. Knows
//! nothing of connections and routes.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use tokio::sync::watch;

use super::failures::failure::ScriptedFailure;
use super::failures::script::{Script, ScriptEntry};
use super::failures::test_numbers::test_number_failure;
use super::failures::wire::failed_response;
use super::http::response::{HttpResponse, ServerResponse};
use super::service::form_fields::FormFields;
use super::service::message::Message;
use super::service::rules::{Service, local_number};

/// How far the clock can be ahead of the present: a hundred years.
const MAX_AHEAD: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The state, shared by all threads and connections.
pub(crate) struct SharedState {
    state: Mutex<State>,
    /// Notifies of every change.
    changed: watch::Sender<()>,
    /// With TLS, the certificate of the authority that clients have to trust.
    ca_file: Option<String>,
    /// The system's time at the start. From then on the clock is monotonic: a correction of the system's time
    /// lets no code expire.
    start_time: Duration,
    started: Instant,
}

struct State {
    service: Service,
    script: Script,
    /// How far the clock is ahead of the present.
    ahead: Duration,
    /// How many times the sandbox was reset.
    resets: u64,
}

/// The data of one event: all recent messages in a snapshot, those that changed in others.
#[derive(Debug, Serialize)]
pub(crate) struct EventData {
    /// The sandbox's clock, in Unix seconds.
    now: f64,
    /// Newest first.
    messages: Vec<Message>,
    /// The lowest unique of all recent messages.
    oldest: u64,
    /// How many messages are stored.
    total: usize,
    /// How many requests are left to fail.
    waiting: u64,
    /// The script, if it has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<Vec<ScriptEntry>>,
    /// In a snapshot, the settings of a client.
    #[serde(flatten)]
    client: Option<ClientSettings>,
}

impl EventData {
    pub(crate) fn is_snapshot(&self) -> bool {
        self.client.is_some()
    }
}

/// What a client needs besides the URL.
#[derive(Debug, Serialize)]
struct ClientSettings {
    api_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<String>,
}

/// How much a stream of events has sent so far.
pub(crate) struct EventCursor {
    resets: u64,
    /// The revision of the message store.
    revision: u64,
    entries: Vec<ScriptEntry>,
}

impl SharedState {
    pub(crate) fn new(service: Service, ca_file: Option<String>) -> SharedState {
        let (script, ahead) = (Script::default(), Duration::ZERO);
        SharedState {
            state: Mutex::new(State { service, script, ahead, resets: 0 }),
            changed: watch::Sender::new(()),
            ca_file,
            start_time: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
            started: Instant::now(),
        }
    }

    /// Responds to a request: with the script's failure, else with its test number's, else with the service's
    /// answer.
    pub(crate) fn respond(&self, fields: &FormFields) -> ServerResponse {
        let (to, is_check) = (fields.to(), fields.is_check());
        self.write(|state, now| {
            let scripted = state.script.next(to, is_check);
            let Some(failure) = scripted.or_else(|| test_number_failure(to, is_check)) else {
                return ServerResponse::Http(HttpResponse::answer(
                    &state.service.answer(fields, now),
                ));
            };
            failed_response(failure, is_check, to, || {
                let expires = failure == ScriptedFailure::Expired;
                if expires && is_check {
                    state.service.messages.expire(to);
                }
                let answer = state.service.answer(fields, now);
                if expires && !is_check {
                    state.service.messages.expire(to);
                }
                answer
            })
        })
    }

    /// Whether the next request is to be dropped unread.
    pub(crate) fn drops_next(&self) -> bool {
        self.read(|state, _| state.script.drops_next())
    }

    /// Takes a drop from the script, if the next request is to be dropped unread.
    pub(crate) fn take_drop(&self) -> bool {
        self.write(|state, _| state.script.take_drop())
    }

    /// The clock, in Unix seconds, and the messages to one number or to all, newest first.
    pub(crate) fn messages(&self, to: Option<&str>) -> (u64, Vec<Message>) {
        self.read(|state, now| (now.as_secs(), state.service.messages.messages(to, now)))
    }

    /// The code of the newest message to a number.
    pub(crate) fn code(&self, to: &str) -> Option<String> {
        self.read(|state, _| state.service.messages.code(to).map(str::to_owned))
    }

    /// Moves the clock forward and returns its new time in Unix seconds.
    pub(crate) fn advance(&self, step: Duration) -> io::Result<u64> {
        self.write(|state, now| {
            let kind = match state.ahead.checked_add(step) {
                Some(ahead) if ahead <= MAX_AHEAD => {
                    state.ahead = ahead;
                    return Ok((now + step).as_secs());
                }
                _ if step <= MAX_AHEAD => io::ErrorKind::QuotaExceeded,
                _ => io::ErrorKind::InvalidInput,
            };
            Err(io::Error::new(kind, "the clock cannot be more than a hundred years ahead"))
        })
    }

    /// Deletes messages, codes and script, sets the clock to the present, and returns it in Unix seconds.
    pub(crate) fn reset(&self) -> u64 {
        self.write(|state, now| {
            state.service.reset();
            state.script = Script::default();
            let present = now - state.ahead;
            state.ahead = Duration::ZERO;
            state.resets += 1;
            present.as_secs()
        })
    }

    /// Adds a failure of `count` requests, for one number or any, behind those in the script. Returns how
    /// many requests are left to fail in all.
    pub(crate) fn script(
        &self,
        failure: ScriptedFailure,
        count: u32,
        to: Option<&str>,
    ) -> io::Result<u64> {
        let to = to.map(local_number).transpose()?.map(str::to_owned);
        self.write(|state, _| {
            state.script.push(ScriptEntry { failure, count, to })?;
            Ok(state.script.waiting())
        })
    }

    /// How many requests are left to fail, and how.
    pub(crate) fn scripted(&self) -> (u64, Vec<ScriptEntry>) {
        self.read(|state, _| (state.script.waiting(), state.script.entries()))
    }

    /// Notifies of every change from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// What changed since the cursor; a snapshot without a cursor or after a reset.
    pub(crate) fn changes_since(&self, cursor: Option<EventCursor>) -> (EventData, EventCursor) {
        self.read(|state, now| {
            let cursor = cursor.filter(|cursor| cursor.resets == state.resets);
            let revision = cursor.as_ref().map_or(0, |cursor| cursor.revision);
            let recent = state.service.messages.recent(revision, now);
            let entries = state.script.entries();
            let is_known = cursor.as_ref().is_some_and(|cursor| cursor.entries == entries);
            let data = EventData {
                now: now.as_secs_f64(),
                messages: recent.messages,
                oldest: recent.oldest,
                total: recent.total,
                waiting: state.script.waiting(),
                entries: (!is_known).then(|| entries.clone()),
                client: cursor.is_none().then(|| ClientSettings {
                    api_key: state.service.api_key().to_owned(),
                    ca_file: self.ca_file.clone(),
                }),
            };
            (data, EventCursor { resets: state.resets, revision: recent.revision, entries })
        })
    }

    /// Reads the state at the present time of the clock, counted from the Unix epoch.
    fn read<T>(&self, read: impl FnOnce(&State, Duration) -> T) -> T {
        let state = self.lock();
        read(&state, self.now(&state))
    }

    /// Changes the state at the present time of the clock, and notifies. The only way to change it.
    fn write<T>(&self, write: impl FnOnce(&mut State, Duration) -> T) -> T {
        let result = {
            let mut state = self.lock();
            let now = self.now(&state);
            write(&mut state, now)
        };
        self.changed.send_replace(());
        result
    }

    fn now(&self, state: &State) -> Duration {
        self.start_time + self.started.elapsed() + state.ahead
    }

    /// A request that panicked has left nothing behind that would harm the next one.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
