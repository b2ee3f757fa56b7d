//! The sandbox's state: the service, its script, its log and its clock.
//!
//! Every request, every control request and the [`Sandbox`](super::Sandbox) handle go through here. Knows
//! nothing of connections and routes.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use tokio::sync::watch;

use super::failures::failure::ScriptedFailure;
use super::failures::script::{Script, ScriptEntry};
use super::failures::test_numbers::test_number_failure;
use super::failures::wire::failed_response;
use super::http::response::{HttpResponse, ServerResponse};
use super::request_log::{
    LoggedRequest, RequestHook, RequestKind, RequestLog, RequestOutcome, explain,
};
use super::service::form_fields::FormFields;
use super::service::message::Message;
use super::service::rules::{Service, local_number};

/// How far the clock can be ahead of the present: a hundred years.
const MAX_AHEAD: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The state, shared by all threads and connections.
pub(crate) struct SharedState {
    state: Mutex<State>,
    /// Notifies tasks of every change.
    changed: watch::Sender<()>,
    /// Notifies threads of every change.
    written: Condvar,
    /// Gets every request.
    hook: Option<RequestHook>,
    /// With TLS, the certificate of the authority that clients have to trust.
    ca_file: Option<String>,
    /// The system's time at the start. From then on the clock is monotonic: a correction of the system's time
    /// lets no code expire.
    start_time: Duration,
    started: Instant,
    /// How far the clock is ahead of the present in milliseconds, for the guards of clients.
    pub(super) clock_offset: Arc<AtomicI64>,
}

struct State {
    service: Service,
    script: Script,
    log: RequestLog,
    /// How far the clock is ahead of the present.
    ahead: Duration,
    /// How many times messages were deleted. Only a snapshot tells a stream so.
    deletions: u64,
}

impl State {
    fn message_after(&self, to: &str, after: u64, now: Duration) -> Option<(u64, Message)> {
        let messages = &self.service.messages;
        let newest = messages.has_newer(to, after).then(|| messages.newest(to, now)).flatten();
        newest.map(|message| (now.as_secs(), message))
    }
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
    /// The recent requests in a snapshot, else those that came since, newest first.
    requests: Vec<LoggedRequest>,
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
    deletions: u64,
    /// The revision of the message store.
    revision: u64,
    /// The last request in the log.
    request: u64,
    entries: Vec<ScriptEntry>,
}

impl SharedState {
    pub(crate) fn new(
        service: Service,
        hook: Option<RequestHook>,
        ca_file: Option<String>,
    ) -> SharedState {
        let (script, log, ahead) = (Script::default(), RequestLog::default(), Duration::ZERO);
        SharedState {
            state: Mutex::new(State { service, script, log, ahead, deletions: 0 }),
            changed: watch::Sender::new(()),
            written: Condvar::new(),
            hook,
            ca_file,
            start_time: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
            started: Instant::now(),
            clock_offset: Arc::default(),
        }
    }

    /// Responds to a request: with the script's failure, else with its test number's, else with the service's
    /// answer.
    pub(crate) fn respond(&self, fields: &FormFields) -> ServerResponse {
        let (to, is_check) = (fields.to(), fields.is_check());
        let (response, request) = self.write(|State { service, script, log, .. }, now| {
            let scripted = script.next(to, is_check);
            let failure = scripted.or_else(|| test_number_failure(to, is_check));
            let expires = failure == Some(ScriptedFailure::Expired);
            let mut explanation = None;
            let mut serve = || {
                if expires && is_check {
                    service.messages.expire(to);
                }
                let answer = service.answer(fields, now);
                if expires && !is_check {
                    service.messages.expire(to);
                }
                let newest = service.messages.newest_state(to, now);
                explanation = Some(explain(&answer, fields, newest));
                answer
            };
            let response = match failure {
                None => ServerResponse::Http(HttpResponse::answer(&serve())),
                Some(failure) => failed_response(failure, is_check, to, serve),
            };
            let is_scripted = scripted.is_some();
            let kind = if is_check { RequestKind::Check } else { RequestKind::Send };
            let request =
                LoggedRequest::read(now.as_secs(), kind, to, failure, is_scripted, explanation);
            (response, log.push(request))
        });
        self.report(&request);
        response
    }

    /// Responds to a question to Delivery Status: with the script's failure, else with the service's answer.
    /// A failure of one number applies if the message was sent to it.
    pub(crate) fn respond_delivery(&self, fields: &FormFields) -> ServerResponse {
        let (response, request) = self.write(|State { service, script, log, .. }, now| {
            let to = fields.message_id().and_then(|id| service.messages.number(id));
            let to = to.unwrap_or_default().to_owned();
            let scripted = script.next(&to, false);
            let mut explanation = None;
            let mut serve = || {
                let answer = service.report(fields, now);
                explanation = Some(explain(&answer, fields, None));
                answer
            };
            let response = match scripted {
                None => ServerResponse::Http(HttpResponse::answer(&serve())),
                Some(failure) => failed_response(failure, false, &to, serve),
            };
            let (time, kind) = (now.as_secs(), RequestKind::Delivery);
            let request = LoggedRequest::read(time, kind, &to, scripted, true, explanation);
            (response, log.push(request))
        });
        self.report(&request);
        response
    }

    /// Whether the next request is to be dropped unread.
    pub(crate) fn drops_next(&self) -> bool {
        self.read(|state, _| state.script.drops_next())
    }

    /// Takes a drop from the script, if the next request is to be dropped unread.
    pub(crate) fn take_drop(&self) -> bool {
        let request = self.write(|state, now| {
            let drop = Some(ScriptedFailure::Drop);
            state.script.take_drop().then(|| {
                let text = "as scripted".to_owned();
                let request = LoggedRequest::unread(now.as_secs(), RequestOutcome::Failed, text);
                state.log.push(LoggedRequest { failure: drop, ..request })
            })
        });
        request.inspect(|request| self.report(request)).is_some()
    }

    /// Logs a request that the service does not take.
    pub(crate) fn log_malformed(&self, text: &str) {
        let request = self.write(|state, now| {
            let (now, outcome) = (now.as_secs(), RequestOutcome::Malformed);
            state.log.push(LoggedRequest::unread(now, outcome, text.to_owned()))
        });
        self.report(&request);
    }

    /// The clock, in Unix seconds, and the log, newest first.
    pub(crate) fn requests(&self) -> (u64, Vec<LoggedRequest>) {
        self.read(|state, now| (now.as_secs(), state.log.requests()))
    }

    /// The clock, in Unix seconds, and the messages to one number or to all, newest first.
    pub(crate) fn messages(&self, to: Option<&str>) -> (u64, Vec<Message>) {
        self.read(|state, now| (now.as_secs(), state.service.messages.messages(to, now)))
    }

    /// The code of the newest message to a number.
    pub(crate) fn code(&self, to: &str) -> Option<String> {
        self.read(|state, now| state.service.messages.newest(to, now).map(|message| message.code))
    }

    /// The clock, in Unix seconds, and the newest message to a number, if its unique is higher than `after`.
    pub(crate) fn message_after(&self, to: &str, after: u64) -> Option<(u64, Message)> {
        self.read(|state, now| state.message_after(to, after, now))
    }

    /// Waits for such a message.
    pub(crate) fn wait_for_message(
        &self,
        to: &str,
        after: u64,
        timeout: Duration,
    ) -> Option<Message> {
        let is_missing = |state: &mut State| !state.service.messages.has_newer(to, after);
        let waited = self.written.wait_timeout_while(self.lock(), timeout, is_missing);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.message_after(to, after, self.now(&state)).map(|(_, message)| message)
    }

    /// Sets the code of a message's report; without one no report comes. Returns the clock, in Unix seconds, if
    /// there is such a message.
    pub(crate) fn set_delivery(&self, unique: u64, code: Option<i64>) -> Option<u64> {
        self.write(|state, now| {
            state.service.messages.set_delivery(unique, code).then_some(now.as_secs())
        })
    }

    /// Deletes a message. Returns the clock, in Unix seconds, if there was one.
    pub(crate) fn delete(&self, unique: u64) -> Option<u64> {
        self.write(|state, now| {
            state.service.messages.delete(unique).then(|| {
                state.deletions += 1;
                now.as_secs()
            })
        })
    }

    /// Moves the clock forward and returns its new time in Unix seconds.
    pub(crate) fn advance(&self, step: Duration) -> io::Result<u64> {
        self.write(|state, now| {
            let kind = match state.ahead.checked_add(step) {
                Some(ahead) if ahead <= MAX_AHEAD => {
                    self.set_ahead(state, ahead);
                    return Ok((now + step).as_secs());
                }
                _ if step <= MAX_AHEAD => io::ErrorKind::QuotaExceeded,
                _ => io::ErrorKind::InvalidInput,
            };
            Err(io::Error::new(kind, "the clock cannot be more than a hundred years ahead"))
        })
    }

    /// Deletes messages, codes, script and log, sets the clock to the present, and returns it in Unix seconds.
    pub(crate) fn reset(&self) -> u64 {
        self.write(|state, now| {
            state.service.reset();
            state.script = Script::default();
            state.log.clear();
            let present = now - state.ahead;
            self.set_ahead(state, Duration::ZERO);
            state.deletions += 1;
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

    /// What changed since the cursor; a snapshot without a cursor or after a deletion.
    pub(crate) fn changes_since(&self, cursor: Option<EventCursor>) -> (EventData, EventCursor) {
        self.read(|state, now| {
            let cursor = cursor.filter(|cursor| cursor.deletions == state.deletions);
            let revision = cursor.as_ref().map_or(0, |cursor| cursor.revision);
            let recent = state.service.messages.recent(revision, now);
            let request = cursor.as_ref().map_or(0, |cursor| cursor.request);
            let entries = state.script.entries();
            let is_known = cursor.as_ref().is_some_and(|cursor| cursor.entries == entries);
            let data = EventData {
                now: now.as_secs_f64(),
                messages: recent.messages,
                oldest: recent.oldest,
                total: recent.total,
                waiting: state.script.waiting(),
                requests: state.log.recent(request),
                entries: (!is_known).then(|| entries.clone()),
                client: cursor.is_none().then(|| ClientSettings {
                    api_key: state.service.api_key().to_owned(),
                    ca_file: self.ca_file.clone(),
                }),
            };
            let (deletions, revision) = (state.deletions, recent.revision);
            let request = state.log.last_id();
            (data, EventCursor { deletions, revision, request, entries })
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
        self.written.notify_all();
        result
    }

    /// Passes a request to the hook, without the lock: the hook may ask the sandbox.
    fn report(&self, request: &LoggedRequest) {
        if let Some(hook) = &self.hook {
            hook.call(request);
        }
    }

    fn set_ahead(&self, state: &mut State, ahead: Duration) {
        state.ahead = ahead;
        let ahead = i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX);
        self.clock_offset.store(ahead, Ordering::Relaxed);
    }

    fn now(&self, state: &State) -> Duration {
        self.start_time + self.started.elapsed() + state.ahead
    }

    /// A request that panicked has left nothing behind that would harm the next one.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
