//! Drives any number of calls in one thread, for a program with an event loop: one descriptor is readable
//! when there is something to do.
//!
//! Knows nothing of what the calls do. A limited number of calls run at once, and wait for their sockets. The
//! others wait for a call to end. All of them wait for their deadlines. Has no thread, and never blocks.

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::os::fd::{AsRawFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::attempt;
use super::call::{Call, Place};
use super::error_text;
use super::sys::{self, Process, Selector};
use super::wake::{ReactorHandle, Wake};
use crate::error::{Code, Error, Reached};

/// The most calls that run at once. Each has a descriptor, and the host needs some as well.
const MAX_RUNNING: usize = 1024;
/// How long one turn may take, before the event loop of the host goes on.
const MAX_TURN: Duration = Duration::from_millis(5);

/// The work of a call.
pub(crate) type Work<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// The calls of one event loop. `K` is what its user knows a call by.
pub(crate) struct Reactor<K, T> {
    shared: Option<Arc<ReactorHandle>>,
    process: Process,
    places: Places<K, T>,
    free: Vec<usize>,
    /// Whose call waits for a descriptor, by its number; perhaps one that has ended.
    waiters: Vec<usize>,
    timers: BTreeSet<(Instant, usize)>,
    /// When the selector's timer goes off.
    alarm: Option<Instant>,
    /// Calls that wait for others to end, and perhaps some that have ended.
    waiting: VecDeque<usize>,
    running: usize,
    running_most: usize,
    ended: VecDeque<(K, Result<T, Error>)>,
    /// Whether the descriptor was made readable since the last turn.
    is_readable: bool,
    /// Whether the results of the last turn have all been taken, and nothing was left to do then.
    is_drained: bool,
}

/// The calls, and those of them that may be able to go on.
struct Places<K, T> {
    all: Vec<Slot<K, T>>,
    ready: VecDeque<usize>,
}

struct Slot<K, T> {
    /// How many calls have been here.
    count: u32,
    wake: Arc<Wake>,
    task: Option<Task<K, T>>,
}

struct Task<K, T> {
    key: K,
    call: Arc<Call>,
    work: Work<T>,
    timer: Option<Instant>,
    /// Whether it may have a connection.
    runs: bool,
    is_ready: bool,
}

impl<K, T> Places<K, T> {
    fn task(&mut self, place: usize) -> Option<&mut Task<K, T>> {
        self.all.get_mut(place)?.task.as_mut()
    }

    /// Has the call there go on in this turn or the next.
    fn make_ready(&mut self, place: usize) {
        if let Some(task) = self.task(place) {
            if !std::mem::replace(&mut task.is_ready, true) {
                self.ready.push_back(place);
            }
        }
    }
}

impl<K, T> Reactor<K, T> {
    /// The error is that the process has no descriptor left.
    pub(crate) fn new() -> Result<Reactor<K, T>, Error> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let selector = Selector::new().map_err(|error| {
            let message = format!("no descriptor for a queue: {}", error_text::of(&error));
            Error::new(Code::Internal, Reached::No, message)
        })?;
        let id = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        let shared = Arc::new(ReactorHandle::new(id, selector));
        Ok(Reactor {
            shared: Some(shared),
            process: Process::current(),
            places: Places { all: Vec::new(), ready: VecDeque::new() },
            free: Vec::new(),
            waiters: Vec::new(),
            timers: BTreeSet::new(),
            alarm: None,
            waiting: VecDeque::new(),
            running: 0,
            running_most: (sys::max_descriptors() / 2).clamp(1, MAX_RUNNING),
            ended: VecDeque::new(),
            is_readable: false,
            is_drained: false,
        })
    }

    /// Is readable when [`next`](Reactor::next) has something to do.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.shared().selector.as_raw_fd()
    }

    /// How many calls were started whose results have not been taken.
    pub(crate) fn count(&self) -> usize {
        self.places.all.len() - self.free.len() + self.ended.len()
    }

    /// Takes a call in, which `begin` begins in `process`, this one. It goes on in the next turn. Answers
    /// its ticket.
    pub(crate) fn start(
        &mut self,
        key: K,
        process: Process,
        begin: impl FnOnce(Place) -> (Arc<Call>, Work<T>),
    ) -> Result<u64, Error> {
        if self.process != process {
            return Err(Error::invalid("queue", "is the parent's; a child makes one of its own"));
        }
        let place = self.free.last().copied().unwrap_or_else(|| {
            let place = self.places.all.len();
            let wake = Arc::new(Wake::Slot(Arc::downgrade(self.shared()), place));
            self.places.all.push(Slot { count: 0, wake, task: None });
            self.free.push(place);
            place
        });
        let reactor = self.shared().clone();
        let slot = &mut self.places.all[place];
        let (call, work) = begin(Place { reactor, wake: slot.wake.clone() });
        // Taken only now: the beginning may panic.
        self.free.pop();
        slot.count = slot.count.wrapping_add(1);
        let ticket = u64::from(slot.count) << 32 | place as u64;
        let due = call.due();
        slot.task = Some(Task { key, call, work, timer: None, runs: false, is_ready: false });
        self.set_timer(place, due);
        self.waiting.push_back(place);
        self.admit();
        self.make_readable();
        Ok(ticket)
    }

    /// Has a call end as soon as it can, if it is under way still. Its result comes like any.
    pub(crate) fn cancel(&mut self, ticket: u64) {
        let (count, place) = ((ticket >> 32) as u32, ticket as u32 as usize);
        if let Some(slot) = self.places.all.get(place).filter(|slot| slot.count == count) {
            slot.task.iter().for_each(|task| task.call.cancel());
        }
    }

    /// The tickets of the calls that are under way and whose key is like that.
    pub(crate) fn tickets(&self, is_it: impl Fn(&K) -> bool) -> Vec<u64> {
        let all = self.places.all.iter().enumerate();
        all.filter(|(_, slot)| slot.task.as_ref().is_some_and(|task| is_it(&task.key)))
            .map(|(place, slot)| u64::from(slot.count) << 32 | place as u64)
            .collect()
    }

    /// The next result; None when there is none until the descriptor is readable again.
    pub(crate) fn next(&mut self) -> Option<(K, Result<T, Error>)> {
        if self.process != Process::current() {
            return None;
        }
        if self.ended.is_empty() && !std::mem::take(&mut self.is_drained) && !self.turn() {
            return None;
        }
        let next = self.ended.pop_front();
        match self.ended.is_empty() && self.places.ready.is_empty() {
            true => self.is_drained = next.is_some(),
            false => self.make_readable(),
        }
        next
    }

    /// Makes those calls go on that can. False in a child that a function of the host's forked off
    /// meanwhile: the calls and their results are the parent's.
    fn turn(&mut self) -> bool {
        self.is_readable = false;
        let (waiters, places) = (&self.waiters, &mut self.places);
        let shared = self.shared.as_deref().expect("it is dropped last");
        shared.selector.take(|descriptor| {
            let waiter = usize::try_from(descriptor).ok().and_then(|at| waiters.get(at));
            waiter.iter().for_each(|&&place| places.make_ready(place));
        });
        shared.woken().drain(..).for_each(|place| places.make_ready(place));
        let now = Instant::now();
        self.alarm = self.alarm.filter(|&alarm| alarm > now);
        while let Some(&(_, place)) = self.timers.first().filter(|(time, _)| *time <= now) {
            self.timers.pop_first();
            self.places.task(place).into_iter().for_each(|task| task.timer = None);
            self.places.make_ready(place);
        }
        while let Some(place) = self.places.ready.pop_front() {
            let may_fork = self.places.task(place).is_some_and(|task| task.call.may_fork());
            self.go_on(place);
            if may_fork && self.process != Process::current() {
                return false;
            }
            if now.elapsed() >= MAX_TURN {
                break;
            }
        }
        self.set_alarm();
        true
    }

    /// Makes the call in a place go on.
    fn go_on(&mut self, place: usize) {
        let Some(task) = self.places.task(place) else { return };
        task.is_ready = false;
        // One that has no turn yet can only end.
        if !task.runs && task.call.check().is_ok() {
            return;
        }
        let mut context = Context::from_waker(Waker::noop());
        let step = AssertUnwindSafe(|| task.work.as_mut().poll(&mut context));
        match catch_unwind(step) {
            Ok(Poll::Ready(result)) => self.end(place, result),
            Ok(Poll::Pending) => {
                let waiters = &mut self.waiters;
                let until = task.call.drain_waits(|descriptor| {
                    let at = usize::try_from(descriptor).unwrap_or_default();
                    if at >= waiters.len() {
                        waiters.resize(at + 1, usize::MAX);
                    }
                    waiters[at] = place;
                });
                let due = task.call.due();
                let is_over = task.call.check().is_err();
                self.set_timer(place, until.map_or(due, |until| until.min(due)));
                if is_over {
                    self.places.make_ready(place);
                }
            }
            Err(panic) => {
                // The payload of a panic may panic when it is dropped.
                std::mem::forget(panic);
                let error = attempt::panicked(&task.call);
                self.end(place, Err(error));
            }
        }
    }

    fn end(&mut self, place: usize, result: Result<T, Error>) {
        let Some(task) = self.places.all.get_mut(place).and_then(|slot| slot.task.take()) else {
            return;
        };
        if let Some(time) = task.timer {
            self.timers.remove(&(time, place));
        }
        self.free.push(place);
        self.running -= usize::from(task.runs);
        let (key, work) = (task.key, task.work);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(work))) {
            std::mem::forget(panic);
        }
        self.ended.push_back((key, result));
        self.admit();
    }

    /// Lets calls run that wait for their turn.
    fn admit(&mut self) {
        while self.running < self.running_most {
            let Some(place) = self.waiting.pop_front() else { return };
            if let Some(task) = self.places.task(place).filter(|task| !task.runs) {
                task.runs = true;
                self.running += 1;
                self.places.make_ready(place);
            }
        }
    }

    /// Has the call in a place go on at that time.
    fn set_timer(&mut self, place: usize, time: Instant) {
        let Some(task) = self.places.task(place) else { return };
        let before = task.timer.replace(time);
        if before != Some(time) {
            if let Some(before) = before {
                self.timers.remove(&(before, place));
            }
            self.timers.insert((time, place));
        }
    }

    /// Sets the selector's timer, unless it goes off early enough.
    fn set_alarm(&mut self) {
        if let Some(&(time, _)) = self.timers.first() {
            if self.alarm.is_none_or(|alarm| time < alarm) {
                self.alarm = Some(time);
                self.shared().selector.set_timer(time.saturating_duration_since(Instant::now()));
            }
        }
    }

    fn make_readable(&mut self) {
        self.is_drained = false;
        if !std::mem::replace(&mut self.is_readable, true) {
            self.shared().selector.wake();
        }
    }

    fn shared(&self) -> &Arc<ReactorHandle> {
        self.shared.as_ref().expect("it is dropped last")
    }

    /// Ends all calls that are under way, in this process alone. Each says so in the log.
    pub(crate) fn close(&mut self) {
        if self.process != Process::current() {
            // The connections are the parent's, and so may be the locks.
            std::mem::forget(std::mem::take(&mut self.places.all));
            if !Selector::IS_INHERITED {
                std::mem::forget(self.shared.take());
            }
            return;
        }
        for place in 0..self.places.all.len() {
            if let Some(task) = self.places.task(place) {
                task.call.cancel();
                self.go_on(place);
            }
        }
    }
}

impl<K, T> Drop for Reactor<K, T> {
    fn drop(&mut self) {
        self.close();
    }
}
