//! What the server, the control API and the Rust handle share: the service, its script and its clock.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::answer::Answer;
use super::fields::Fields;
use super::outbox::Message;
use super::script::{Failure, Script};
use super::service::Service;

/// How far the clock can be from the present: a hundred years.
const FARTHEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The sandbox's state, safe to use from many threads.
pub(super) struct Desk {
    state: Mutex<State>,
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
}

impl Desk {
    pub(super) fn new(service: Service) -> Desk {
        Desk {
            state: Mutex::new(State { service, script: Script::default(), ahead: Duration::ZERO }),
            epoch: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
            started: Instant::now(),
        }
    }

    /// Answers a request: as the script says, else as the service does.
    pub(super) fn answer(&self, fields: &Fields) -> Answer {
        let state = &mut *self.lock();
        let now = self.now(state);
        state.script.next().unwrap_or_else(|| state.service.answer(fields, now))
    }

    /// The clock, in Unix seconds, and the messages to one number or to all, newest first.
    pub(super) fn messages(&self, to: Option<&str>) -> (u64, Vec<Message>) {
        let state = self.lock();
        let now = self.now(&state);
        (now.as_secs(), state.service.outbox.messages(to, now))
    }

    /// The code of the newest message to a number.
    pub(super) fn code(&self, to: &str) -> Option<String> {
        self.lock().service.outbox.code(to).map(str::to_owned)
    }

    /// Moves the clock forward and gives its new time in Unix seconds.
    pub(super) fn advance(&self, step: Duration) -> io::Result<u64> {
        let mut state = self.lock();
        match state.ahead.checked_add(step) {
            Some(ahead) if ahead <= FARTHEST => state.ahead = ahead,
            _ => {
                let refusal = "the clock cannot be more than a hundred years ahead";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, refusal));
            }
        }
        Ok(self.now(&state).as_secs())
    }

    /// Forgets messages, codes and script, sets the clock to the present, and gives it in Unix seconds.
    pub(super) fn reset(&self) -> u64 {
        let mut state = self.lock();
        state.service.outbox.clear();
        state.script = Script::default();
        state.ahead = Duration::ZERO;
        self.now(&state).as_secs()
    }

    /// Lets the `count` requests after those already scripted fail, and gives how many that are.
    pub(super) fn script(&self, failure: Failure, count: u32) -> io::Result<u64> {
        let mut state = self.lock();
        state.script.push(failure, count)?;
        Ok(state.script.len())
    }

    fn now(&self, state: &State) -> Duration {
        self.epoch + self.started.elapsed() + state.ahead
    }

    /// A request that panicked left nothing half done that the next could not live with.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
