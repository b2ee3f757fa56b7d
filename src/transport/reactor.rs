//! Drives any number of calls in one thread, for a program with an event loop: one descriptor is readable
//! when there is something to do.
//!
//! Knows nothing of what the calls do. A limited number of calls run at once, and wait for their sockets. The
//! others wait for a call to end. All of them wait for their deadlines. Has no thread, and never blocks.

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::attempt;
use super::call::{Call, ReactorSlot};
use super::error_text;
use super::wake::{ReactorHandle, Wake};
use crate::error::{Code, Error, Reached};
use crate::rule::Rule;
use crate::sys::{self, Descriptor, Process, Selector};

/// The most calls that run at once. Each has a descriptor, and the host needs some as well.
const MAX_RUNNING: usize = 1024;
/// How long one turn may take, before the event loop of the host goes on.
const MAX_TURN: Duration = Duration::from_millis(5);

/// The work of a call.
pub(crate) type Work<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// The calls of one event loop. Each has a key `K` of the user.
pub(crate) struct Reactor<K, T> {
    shared: Option<Arc<ReactorHandle>>,
    process: Process,
    slots: Slots<K, T>,
    free: Vec<usize>,
    /// For each descriptor, the slot of the call that waits for it. The call may have ended.
    waiters: Vec<usize>,
    timers: BTreeSet<(Instant, usize)>,
    /// When the timer of the selector expires.
    alarm: Option<Instant>,
    /// The calls that wait for others to end. Some of them may have ended.
    waiting: VecDeque<usize>,
    running: usize,
    max_running: usize,
    ended: VecDeque<(K, Result<T, Error>)>,
    /// Whether the descriptor was made readable after the last turn.
    is_readable: bool,
    /// Whether all results of the last turn were taken, with nothing left to do.
    is_drained: bool,
}

/// All slots, and the queue of those whose calls are to be polled.
struct Slots<K, T> {
    all: Vec<Slot<K, T>>,
    ready: VecDeque<usize>,
}

struct Slot<K, T> {
    /// How many calls have used this slot.
    count: u32,
    wake: Arc<Wake>,
    task: Option<Task<K, T>>,
}

struct Task<K, T> {
    key: K,
    call: Arc<Call>,
    work: Work<T>,
    timer: Option<Instant>,
    /// Whether it may open a connection.
    runs: bool,
    is_ready: bool,
}

impl<K, T> Slots<K, T> {
    fn task(&mut self, index: usize) -> Option<&mut Task<K, T>> {
        self.all.get_mut(index)?.task.as_mut()
    }

    /// Has the call in a slot polled, in this turn or the next.
    fn make_ready(&mut self, index: usize) {
        if let Some(task) = self.task(index) {
            if !std::mem::replace(&mut task.is_ready, true) {
                self.ready.push_back(index);
            }
        }
    }
}

impl<K, T> Reactor<K, T> {
    /// An error if the process has no descriptor left.
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
            slots: Slots { all: Vec::new(), ready: VecDeque::new() },
            free: Vec::new(),
            waiters: Vec::new(),
            timers: BTreeSet::new(),
            alarm: None,
            waiting: VecDeque::new(),
            running: 0,
            max_running: (sys::max_descriptors() / 2).clamp(1, MAX_RUNNING),
            ended: VecDeque::new(),
            is_readable: false,
            is_drained: false,
        })
    }

    /// The descriptor that is readable when [`next`](Reactor::next) has something to do.
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.shared().selector.descriptor()
    }

    /// Whether this is the process of the calls, and not its forked child, in which another thread of the
    /// parent may have left the locks of the calls locked.
    fn is_own(&self) -> bool {
        self.process == Process::current()
    }

    /// The number of calls whose results have not been taken. 0 in a forked child.
    pub(crate) fn count(&self) -> usize {
        match self.is_own() {
            true => self.slots.all.len() - self.free.len() + self.ended.len(),
            false => 0,
        }
    }

    /// Adds a call, which `begin` makes. `process` is the current process. The next turn polls the call.
    /// Returns its ticket.
    pub(crate) fn start(
        &mut self,
        key: K,
        process: Process,
        begin: impl FnOnce(ReactorSlot) -> (Arc<Call>, Work<T>),
    ) -> Result<u64, Error> {
        if self.process != process {
            return Err(Error::invalid("queue", Rule::QueueOfParent));
        }
        let index = self.free.last().copied().unwrap_or_else(|| {
            let index = self.slots.all.len();
            let wake = Arc::new(Wake::Slot(Arc::downgrade(self.shared()), index));
            self.slots.all.push(Slot { count: 0, wake, task: None });
            self.free.push(index);
            index
        });
        let reactor = self.shared().clone();
        let slot = &mut self.slots.all[index];
        let (call, work) = begin(ReactorSlot { reactor, wake: slot.wake.clone() });
        // Only now, because `begin` may panic.
        self.free.pop();
        slot.count = slot.count.wrapping_add(1);
        let ticket = u64::from(slot.count) << 32 | index as u64;
        let due = call.due();
        slot.task = Some(Task { key, call, work, timer: None, runs: false, is_ready: false });
        self.set_timer(index, due);
        self.waiting.push_back(index);
        self.admit();
        self.make_readable();
        Ok(ticket)
    }

    /// Cancels a call, unless it has ended. Its result comes as usual. Does nothing in a forked child.
    pub(crate) fn cancel(&mut self, ticket: u64) {
        if !self.is_own() {
            return;
        }
        let (count, index) = ((ticket >> 32) as u32, ticket as u32 as usize);
        if let Some(slot) = self.slots.all.get(index).filter(|slot| slot.count == count) {
            slot.task.iter().for_each(|task| task.call.cancel());
        }
    }

    /// The tickets of the running calls whose key `matches`. None in a forked child.
    pub(crate) fn tickets(&self, matches: impl Fn(&K) -> bool) -> Vec<u64> {
        let slots: &[_] = if self.is_own() { &self.slots.all } else { &[] };
        slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.task.as_ref().is_some_and(|task| matches(&task.key)))
            .map(|(index, slot)| u64::from(slot.count) << 32 | index as u64)
            .collect()
    }

    /// The next result. None: there is none until the descriptor is readable again.
    pub(crate) fn next(&mut self) -> Option<(K, Result<T, Error>)> {
        if !self.is_own() {
            return None;
        }
        if self.ended.is_empty() && !std::mem::take(&mut self.is_drained) && !self.turn() {
            return None;
        }
        let next = self.ended.pop_front();
        match self.ended.is_empty() && self.slots.ready.is_empty() {
            true => self.is_drained = next.is_some(),
            false => self.make_readable(),
        }
        next
    }

    /// Polls the calls that may be able to go on. False if a callback forked and this is the child: the calls
    /// and their results belong to the parent.
    fn turn(&mut self) -> bool {
        self.is_readable = false;
        let (waiters, slots) = (&self.waiters, &mut self.slots);
        let shared = self.shared.as_deref().expect("it is dropped last");
        let has_more = shared.selector.take(|descriptor| {
            let waiter = usize::try_from(descriptor).ok().and_then(|at| waiters.get(at));
            waiter.iter().for_each(|&&index| slots.make_ready(index));
        });
        shared.woken().drain(..).for_each(|index| slots.make_ready(index));
        let now = Instant::now();
        self.alarm = self.alarm.filter(|&alarm| alarm > now);
        while let Some(&(_, index)) = self.timers.first().filter(|(time, _)| *time <= now) {
            self.timers.pop_first();
            self.slots.task(index).into_iter().for_each(|task| task.timer = None);
            self.slots.make_ready(index);
        }
        while let Some(index) = self.slots.ready.pop_front() {
            let may_fork = self.slots.task(index).is_some_and(|task| task.call.may_fork());
            self.poll(index);
            if may_fork && !self.is_own() {
                return false;
            }
            if now.elapsed() >= MAX_TURN {
                break;
            }
        }
        self.set_alarm();
        if has_more {
            // An event loop that is told of changes only would not learn of them.
            self.make_readable();
        }
        true
    }

    /// Polls the call in a slot.
    fn poll(&mut self, index: usize) {
        // seldom covered: a call that ended in this turn, after it had become ready.
        let Some(task) = self.slots.task(index) else { return };
        task.is_ready = false;
        // A call that waits for others can only end.
        // seldom covered: a wake-up for a call that waits for others, as a cancellation gives it whose call
        // is not over.
        if !task.runs && task.call.check().is_ok() {
            return;
        }
        let mut context = Context::from_waker(Waker::noop());
        let step = AssertUnwindSafe(|| task.work.as_mut().poll(&mut context));
        match catch_unwind(step) {
            Ok(Poll::Ready(result)) => self.end(index, result),
            Ok(Poll::Pending) => {
                let waiters = &mut self.waiters;
                let until = task.call.drain_waits(|descriptor| {
                    let at = usize::try_from(descriptor).unwrap_or_default();
                    if at >= waiters.len() {
                        waiters.resize(at + 1, usize::MAX);
                    }
                    waiters[at] = index;
                });
                let due = task.call.due();
                let is_over = task.call.check().is_err();
                self.set_timer(index, until.map_or(due, |until| until.min(due)));
                if is_over {
                    self.slots.make_ready(index);
                }
            }
            Err(panic) => {
                // The payload of a panic may panic when it is dropped.
                std::mem::forget(panic);
                let error = attempt::panicked(&task.call);
                self.end(index, Err(error));
            }
        }
    }

    fn end(&mut self, index: usize, result: Result<T, Error>) {
        // uncovered: only a call that is there ends.
        let Some(task) = self.slots.all.get_mut(index).and_then(|slot| slot.task.take()) else {
            return;
        };
        if let Some(time) = task.timer {
            self.timers.remove(&(time, index));
        }
        self.free.push(index);
        self.running -= usize::from(task.runs);
        let (key, work) = (task.key, task.work);
        // uncovered: a defect while the exchange is dropped.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(work))) {
            std::mem::forget(panic);
        }
        self.ended.push_back((key, result));
        self.admit();
    }

    /// Lets waiting calls run, up to the limit.
    fn admit(&mut self) {
        while self.running < self.max_running {
            let Some(index) = self.waiting.pop_front() else { return };
            // seldom covered: a call that ended while it waited for others.
            if let Some(task) = self.slots.task(index).filter(|task| !task.runs) {
                task.runs = true;
                self.running += 1;
                self.slots.make_ready(index);
            }
        }
    }

    /// Has the call in a slot polled at that time.
    fn set_timer(&mut self, index: usize, time: Instant) {
        // uncovered: only a call that is there has been polled.
        let Some(task) = self.slots.task(index) else { return };
        let before = task.timer.replace(time);
        if before != Some(time) {
            if let Some(before) = before {
                self.timers.remove(&(before, index));
            }
            self.timers.insert((time, index));
        }
    }

    /// Sets the timer of the selector, unless it expires early enough.
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

    /// Ends all running calls, each with a log record. In a forked child it leaves them alone.
    pub(crate) fn close(&mut self) {
        if !self.is_own() {
            // The connections belong to the parent, and a thread of the parent may hold the locks.
            std::mem::forget(std::mem::take(&mut self.slots.all));
            // uncovered: a child inherits an epoll, but no kqueue.
            if !Selector::IS_INHERITED {
                std::mem::forget(self.shared.take());
            }
            return;
        }
        for index in 0..self.slots.all.len() {
            if let Some(task) = self.slots.task(index) {
                task.call.cancel();
                self.poll(index);
            }
            // What still waits, for a store that is told of its end, has had its time.
            if let Some(task) = self.slots.task(index) {
                task.call.expire();
                self.poll(index);
            }
        }
    }
}

impl<K, T> Drop for Reactor<K, T> {
    fn drop(&mut self) {
        self.close();
    }
}
