//! Limits how often a code is guessed and a message is sent, before the network is used.
//!
//! [`Guard`] asks a store for each step, and decides what happens if the store cannot be asked. The rules are
//! in [`rules`]; Redis has the same in Lua.

pub(crate) mod file;
pub(crate) mod limits;
pub(crate) mod memory;
mod record;
pub(crate) mod redis;
mod rules;
mod settings;
pub(crate) mod step;
pub(crate) mod subject;
mod table;
mod window;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::callbacks::LogLevel;
use crate::error::{Code, Error, Reached};
use crate::limit::{Limit, Standing};
use crate::phone::Phone;
use crate::secret::Secret;
use crate::transport::{Call, RootSource};

use file::FileStore;
use limits::Limits;
use memory::Memory;
use redis::RedisStore;
pub use settings::GuardFailure;
pub(crate) use settings::GuardSettings;
use settings::StoreSetting;
use step::{Decision, Step, StoreError, Taken};
pub(crate) use step::{Shown, Wait};
pub(crate) use subject::EndUser;
use subject::{Keys, Subjects};

/// The shared store, as error texts name it.
const STORE: &str = "the guard's store";
/// After a failure of the store it is not asked for this long.
const PAUSE: Duration = Duration::from_secs(1);

/// The clock of the guard: milliseconds to add to that of the store. The sandbox sets it.
pub(crate) type Offset = Arc<AtomicI64>;

/// Decides whether a call may go to the service.
pub(crate) struct Guard {
    /// The store that other processes use as well. None: the counts are in the memory of this one.
    shared: Option<SharedStore>,
    /// The store of this process alone, or that for [`GuardFailure::Local`].
    memory: Memory,
    keys: Keys,
    limits: Limits,
    /// The longest that a step waits for the shared store.
    timeout: Duration,
    failure: GuardFailure,
    offset: Offset,
    health: Health,
    has_said_hidden: AtomicBool,
}

enum SharedStore {
    File(FileStore),
    Redis(Box<RedisStore>),
}

/// Whether the store answers.
struct Health {
    created: Instant,
    /// Until when it is not asked, in milliseconds since `created`.
    paused_until: AtomicU64,
    is_down: AtomicBool,
}

/// A call that the guard let pass. Its end is told with [`Guard::settle`].
pub(crate) struct Pass {
    subjects: Subjects,
    taken: Taken,
    counted_by: CountedBy,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CountedBy {
    SharedStore,
    /// This process: there is no shared store, or it could not be asked.
    Memory,
    Nobody,
}

/// How a call ended that the guard let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A message may be on its way.
    Sent,
    /// The code was wrong, or may have been.
    Failed,
    /// The code was right.
    Verified,
    /// It never took place.
    Undone,
}

impl Guard {
    /// None if there is to be none.
    ///
    /// `roots` are the authorities for a store with TLS.
    pub(crate) fn new(
        settings: GuardSettings,
        api_key: &Secret,
        roots: &RootSource,
        offset: Offset,
    ) -> Option<Guard> {
        let GuardSettings { store, limits, secret, namespace, timeout, failure } = settings;
        let shared = match store {
            StoreSetting::None => return None,
            StoreSetting::Memory => None,
            StoreSetting::File(path) => Some(SharedStore::File(FileStore::new(path))),
            StoreSetting::Redis(url) => {
                Some(SharedStore::Redis(Box::new(RedisStore::new(url, &namespace, roots))))
            }
        };
        let keys = Keys::new(api_key, secret.as_ref(), &namespace);
        let keys = match limits.rate(Limit::SendsRange) {
            Some(_) => keys,
            None => keys.without_ranges(),
        };
        Some(Guard {
            shared,
            memory: Memory::new(),
            keys,
            limits,
            timeout,
            failure,
            offset,
            health: Health::new(),
            has_said_hidden: AtomicBool::new(false),
        })
    }

    /// Counts a Send, or refuses it.
    pub(crate) async fn send(
        &self,
        call: &Call,
        to: &Phone,
        user: &EndUser,
    ) -> Result<Pass, Error> {
        self.ask(call, &Step::Send, to, user).await
    }

    /// Counts a Check as a failure, or refuses it.
    pub(crate) async fn check(
        &self,
        call: &Call,
        to: &Phone,
        user: &EndUser,
    ) -> Result<Pass, Error> {
        self.ask(call, &Step::Check, to, user).await
    }

    async fn ask(
        &self,
        call: &Call,
        step: &Step,
        to: &Phone,
        user: &EndUser,
    ) -> Result<Pass, Error> {
        if *user == EndUser::Hidden && !self.has_said_hidden.swap(true, Ordering::Relaxed) {
            let text = "the end user is a loopback address, none, or unspecified: not counted; behind \
                a proxy give the address that the proxy saw";
            call.say(LogLevel::Warning, text)?;
        }
        let subjects = self.keys.subjects(to, user);
        let (decision, counted_by) = self.decide(call, step, &subjects).await?;
        if let Some(wait) = decision.refused {
            let standing = standing(Some(wait), decision.tries_left);
            return Err(Error::limited(standing));
        }
        if decision.app_is_near {
            call.say(LogLevel::Warning, "guard: SENDS_APP has reached 80 %")?;
        }
        let standing = standing(decision.next, decision.tries_left);
        Ok(Pass { subjects, taken: decision.taken, counted_by, standing })
    }

    /// Tells the store how a call ended. Returns where its number and its end user stand.
    pub(crate) async fn settle(&self, call: &Call, pass: &Pass, fate: Fate) -> Standing {
        let taken = pass.taken;
        let step = match fate {
            Fate::Failed => return pass.standing,
            Fate::Sent => Step::Sent(taken),
            Fate::Verified => Step::Verified(taken),
            Fate::Undone => Step::Undo(taken),
        };
        match pass.counted_by {
            CountedBy::Nobody => {}
            CountedBy::Memory => drop(self.in_memory(call, &step, &pass.subjects)),
            CountedBy::SharedStore => {
                call.begin_closing(self.timeout);
                // If it fails, more is counted than took place.
                drop(self.in_shared_store(call, &step, &pass.subjects).await);
            }
        }
        match fate {
            Fate::Sent | Fate::Failed => pass.standing,
            Fate::Verified | Fate::Undone => Standing::default(),
        }
    }

    /// Forgets what is known of a number.
    pub(crate) async fn forget(&self, call: &Call, to: &Phone) -> Result<(), Error> {
        let subjects = self.keys.subjects(to, &EndUser::Unknown);
        self.in_memory(call, &Step::Forget, &subjects);
        self.operate(call, &Step::Forget, &subjects).await.map(drop)
    }

    /// How far the limits of a number are used, and the limits.
    pub(crate) async fn show(
        &self,
        call: &Call,
        to: &Phone,
    ) -> Result<(Vec<String>, Standing), Error> {
        let subjects = self.keys.subjects(to, &EndUser::Unknown);
        let decision = self.operate(call, &Step::Show, &subjects).await?;
        let lines = decision.shown.iter().map(|shown| self.describe(shown)).collect();
        Ok((lines, standing(decision.next, decision.tries_left)))
    }

    fn describe(&self, shown: &Shown) -> String {
        let Shown { limit, count, wait_ms } = *shown;
        let of = self
            .limits
            .rate(limit)
            .map_or(String::new(), |rate| format!(" of {} in {} s", rate.most, rate.seconds));
        let wait = match wait_ms {
            0 => String::new(),
            ms => format!(", wait {} s", ms.div_ceil(1000)),
        };
        format!("{limit} {count}{of}{wait}")
    }

    /// A step of an operator, which has no policy: the store answers, or it is an error.
    async fn operate(
        &self,
        call: &Call,
        step: &Step,
        subjects: &Subjects,
    ) -> Result<Decision, Error> {
        match self.shared {
            None => Ok(self.in_memory(call, step, subjects)),
            Some(_) => {
                let result = self.timed(call, step, subjects).await;
                result.map_err(|error| call.check_end(STORE).err().unwrap_or(down(&error)))
            }
        }
    }

    /// Asks the store, or does what the settings say if it cannot be asked.
    async fn decide(
        &self,
        call: &Call,
        step: &Step,
        subjects: &Subjects,
    ) -> Result<(Decision, CountedBy), Error> {
        if self.shared.is_none() {
            return Ok((self.in_memory(call, step, subjects), CountedBy::Memory));
        }
        let error = match self.health.is_paused() {
            true => StoreError("it failed a moment ago".into()),
            false => match self.timed(call, step, subjects).await {
                Ok(decision) => {
                    if self.health.is_back() {
                        call.say(LogLevel::Info, "guard: its store answers again")?;
                    }
                    return Ok((decision, CountedBy::SharedStore));
                }
                Err(error) => {
                    call.check_end(STORE)?;
                    if self.health.has_gone() {
                        let StoreError(why) = &error;
                        let instead = match self.failure {
                            GuardFailure::Local => "this process counts alone",
                            GuardFailure::Refuse => "calls are refused",
                            GuardFailure::Allow => "nothing is limited",
                        };
                        let text = format!("guard: its store cannot be asked, {instead}: {why}");
                        call.say(LogLevel::Warning, &text)?;
                    }
                    error
                }
            },
        };
        match self.failure {
            GuardFailure::Local => Ok((self.in_memory(call, step, subjects), CountedBy::Memory)),
            GuardFailure::Refuse => Err(down(&error)),
            GuardFailure::Allow => Ok((Decision::default(), CountedBy::Nobody)),
        }
    }

    /// Asks the shared store, within the guard's timeout and the deadline of the call.
    async fn timed(
        &self,
        call: &Call,
        step: &Step,
        subjects: &Subjects,
    ) -> Result<Decision, StoreError> {
        // Whatever the settings are, there is time for what happens without the store.
        call.begin_step(self.timeout.min(call.time_left() / 2));
        self.in_shared_store(call, step, subjects).await
    }

    async fn in_shared_store(
        &self,
        call: &Call,
        step: &Step,
        subjects: &Subjects,
    ) -> Result<Decision, StoreError> {
        let limits = &self.limits;
        // Boxed, so that a call that counts in memory need not have the room for them.
        match self.shared.as_ref().expect("there is a shared store") {
            SharedStore::File(file) => {
                let step = file.step(call, step, subjects, limits, || self.now());
                let (decision, is_damaged) = Box::pin(step).await?;
                if is_damaged {
                    // The call goes on in the parent alone, and finds out itself.
                    let _ = call.say(LogLevel::Warning, "guard: a damaged record was dropped");
                }
                Ok(decision)
            }
            SharedStore::Redis(redis) => {
                let offset = self.offset.load(Ordering::Relaxed);
                Box::pin(redis.step(call, step, subjects, limits, offset)).await
            }
        }
    }

    fn in_memory(&self, call: &Call, step: &Step, subjects: &Subjects) -> Decision {
        self.memory.step(call.process, step, subjects, &self.limits, self.now())
    }

    /// The time in milliseconds.
    fn now(&self) -> u64 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let offset = self.offset.load(Ordering::Relaxed);
        (now.as_millis() as u64).saturating_add_signed(offset)
    }

    /// How much of a call's time is kept for [`settle`](Guard::settle).
    pub(crate) fn reserve(&self) -> Duration {
        self.shared.as_ref().map_or(Duration::ZERO, |_| self.timeout)
    }
}

fn standing(wait: Option<Wait>, tries_left: Option<u32>) -> Standing {
    let seconds = wait.map_or(0, |wait| wait.ms.div_ceil(1000));
    Standing {
        limit: wait.map(|wait| wait.limit),
        retry_after: Duration::from_secs(seconds.min(u32::MAX.into())),
        tries_left,
    }
}

/// The error of a call whose store could not be asked.
fn down(StoreError(why): &StoreError) -> Error {
    Error::new(Code::GuardDown, Reached::No, format!("{STORE} cannot be asked: {why}"))
}

impl Health {
    fn new() -> Health {
        Health {
            created: Instant::now(),
            paused_until: AtomicU64::new(0),
            is_down: AtomicBool::new(false),
        }
    }

    fn now(&self) -> u64 {
        self.created.elapsed().as_millis() as u64
    }

    fn is_paused(&self) -> bool {
        self.now() < self.paused_until.load(Ordering::Relaxed)
    }

    /// Notes a failure. Returns whether it is the first.
    fn has_gone(&self) -> bool {
        let until = self.now() + PAUSE.as_millis() as u64;
        self.paused_until.store(until, Ordering::Relaxed);
        !self.is_down.swap(true, Ordering::Relaxed)
    }

    /// Notes an answer. Returns whether it is the first after a failure.
    fn is_back(&self) -> bool {
        self.is_down.load(Ordering::Relaxed) && self.is_down.swap(false, Ordering::Relaxed)
    }
}
