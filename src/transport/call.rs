//! One call: how long it may take, who can end it, what it waits for, how far it came.
//!
//! Whoever makes the exchange go on, a blocking call or an event loop, and the exchange itself share
//! it by reference.

use std::cell::Cell;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::reactor::{Place, Shared};
use super::socket::Handle;
use super::sys::{self, Interest, Process, Waited};
use crate::config::{Interrupt, Log};
use crate::memory;

/// How often the interrupt function is asked during a wait. A tenth of a second is the promise; a
/// quarter of that leaves room for a busy machine.
pub(super) const INTERRUPT_INTERVAL: Duration = Duration::from_millis(25);

/// The most bytes that are received for one request. The longest answer, in chunks of one byte,
/// has less; what has more is no answer, or hides behind a flood of interim ones.
const RECEIVED_MOST: usize = 512 * 1024;

/// Why a call ended before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Abort {
    Deadline = 1,
    ConnectTimeout,
    Cancelled,
    /// A function of the caller's forked: the call is the parent's, which goes on with it.
    Forked,
    TooMuch,
    NoMemory,
}

/// When and where a call began.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub(crate) begun: Instant,
    pub(crate) process: Process,
    memory: memory::Watch,
}

impl Start {
    pub(crate) fn now() -> Start {
        Start { begun: Instant::now(), process: Process::current(), memory: memory::begin() }
    }
}

/// One call, with all its attempts.
pub(crate) struct Call {
    pub(super) begun: Instant,
    deadline: Duration,
    interrupt: Option<Interrupt>,
    log: Option<Log>,
    pub(super) process: Process,
    memory: memory::Watch,
    /// What drives it, and its number; None when a thread does that blocks.
    reactor: Option<(Weak<Shared>, u64)>,
    /// The end of the part that the call is in, in nanoseconds since it began.
    limit: AtomicU64,
    /// When the interrupt function was asked last, likewise.
    asked: AtomicU64,
    abort: AtomicU8,
    /// Whether what is written is the request and no talk with a proxy or of TLS.
    in_request: AtomicBool,
    sent: AtomicUsize,
    received: AtomicUsize,
    cancelled: AtomicBool,
    /// What a cancellation has to wake.
    waking: Mutex<Waking>,
    waits: Mutex<Waits>,
    /// Where the pool has this call.
    pub(super) place: AtomicUsize,
}

/// Has a call go on, from another thread.
pub(super) enum Wake {
    /// One that blocks.
    Thread(sys::Wake),
    /// The one in this place of a reactor's.
    Place(Weak<Shared>, usize),
}

impl Wake {
    pub(super) fn wake(&self) {
        match self {
            Wake::Thread(wake) => wake.wake(),
            Wake::Place(reactor, place) => {
                if let Some(reactor) = reactor.upgrade() {
                    reactor.wake(*place);
                }
            }
        }
    }
}

#[derive(Default)]
struct Waking {
    wake: Option<Arc<Wake>>,
    /// The socket that the call blocks on.
    socket: Option<Handle>,
}

/// Which reactor watches a descriptor, by its number, for as long as the descriptor is open.
#[derive(Default)]
pub(super) struct Watched(AtomicU64);

/// What the exchange waits for.
#[derive(Default)]
struct Waits {
    descriptors: Vec<(RawFd, Interest)>,
    until: Option<Instant>,
}

thread_local! {
    /// Whether this thread is in an interrupt function, which is not asked about its own calls.
    static INTERRUPTING: Cell<bool> = const { Cell::new(false) };
}

impl Call {
    pub(super) fn new(
        timeout: Duration,
        interrupt: Option<Interrupt>,
        log: Option<Log>,
        start: Start,
    ) -> Call {
        Call {
            begun: start.begun,
            deadline: timeout,
            interrupt: interrupt.filter(|_| !INTERRUPTING.get()),
            log,
            process: start.process,
            memory: start.memory,
            reactor: None,
            limit: AtomicU64::new(nanoseconds(timeout)),
            asked: AtomicU64::new(0),
            abort: AtomicU8::new(0),
            in_request: AtomicBool::new(false),
            sent: AtomicUsize::new(0),
            received: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
            waking: Mutex::default(),
            waits: Mutex::default(),
            place: AtomicUsize::new(usize::MAX),
        }
    }

    /// The same for a reactor, which has a wake-up for it. Nothing is asked in a wait, for there is none.
    pub(super) fn driven(self, Place { reactor, wake }: Place) -> Call {
        let waking = Mutex::new(Waking { wake: Some(wake), socket: None });
        let reactor = Some((Arc::downgrade(&reactor), reactor.id));
        Call { interrupt: None, reactor, waking, ..self }
    }

    /// Whether a wait for one socket may happen in the system call that reads from it.
    pub(super) fn blocks(&self) -> bool {
        self.reactor.is_none()
    }

    /// The log records of this call go there.
    pub(crate) fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    /// Whether it calls functions of the host's, which may fork.
    pub(super) fn may_fork(&self) -> bool {
        self.log.is_some() || self.interrupt.is_some()
    }

    /// Begins an attempt, which may take `timeout` until its connection stands, and says when that is.
    pub(super) fn begin_attempt(&self, timeout: Duration) -> Instant {
        let elapsed = self.elapsed();
        self.abort.store(0, Ordering::Relaxed);
        self.in_request.store(false, Ordering::Relaxed);
        let limit = self.deadline.min(elapsed + timeout);
        self.limit.store(nanoseconds(limit), Ordering::Relaxed);
        self.begun + elapsed
    }

    /// After an attempt: there is time until the deadline.
    pub(super) fn begin_pause(&self) {
        self.abort.store(0, Ordering::Relaxed);
        self.limit.store(nanoseconds(self.deadline), Ordering::Relaxed);
    }

    /// From here on what is written is the request, and there is time until the deadline.
    pub(super) fn begin_request(&self) {
        self.in_request.store(true, Ordering::Relaxed);
        self.limit.store(nanoseconds(self.deadline), Ordering::Relaxed);
    }

    /// Notes that the socket took bytes. The one place that decides whether a request has left.
    pub(super) fn note_sent(&self, bytes: usize) {
        if self.in_request.load(Ordering::Relaxed) {
            self.sent.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// How many bytes of the request the socket took, as TLS made them.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Takes back what was sent: it is proven that nobody got it.
    pub(super) fn forget_sent(&self) {
        self.sent.store(0, Ordering::Relaxed);
    }

    /// Notes that the socket gave bytes, or ends the call when they are too many.
    pub(super) fn note_received(&self, bytes: usize) -> io::Result<()> {
        let before = self.received.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > RECEIVED_MOST {
            return Err(self.end(Abort::TooMuch));
        }
        Ok(())
    }

    /// Why the call was given up, if it was.
    pub(super) fn aborted(&self) -> Option<Abort> {
        use Abort::{Cancelled, ConnectTimeout, Deadline, Forked, NoMemory, TooMuch};
        let all = [Deadline, ConnectTimeout, Cancelled, Forked, TooMuch, NoMemory];
        let number = self.abort.load(Ordering::Relaxed);
        all.into_iter().find(|&abort| abort as u8 == number)
    }

    /// What is left of the deadline.
    pub(super) fn time_left(&self) -> Duration {
        self.deadline.saturating_sub(self.elapsed())
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// When the part ends that the call is in.
    pub(super) fn due(&self) -> Instant {
        self.begun + Duration::from_nanos(self.limit.load(Ordering::Relaxed))
    }

    /// How long the next wait may take, or an error when the call has to end now.
    pub(super) fn check(&self) -> io::Result<Duration> {
        if self.abort.load(Ordering::Relaxed) != 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if self.memory.is_short() {
            return Err(self.end(Abort::NoMemory));
        }
        let mut now = self.elapsed();
        // First: what the function does, a cancellation or a fork, is for the rest to see.
        let is_due = now >= self.asked_last() + INTERRUPT_INTERVAL;
        if let Some(interrupt) = self.interrupt.as_ref().filter(|_| is_due) {
            self.ask(interrupt)?;
            now = self.elapsed();
        }
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(self.end(Abort::Cancelled));
        }
        if now >= self.deadline {
            return Err(self.end(Abort::Deadline));
        }
        let limit = Duration::from_nanos(self.limit.load(Ordering::Relaxed));
        if now >= limit {
            return Err(self.end(Abort::ConnectTimeout));
        }
        let left = limit - now;
        Ok(match self.interrupt {
            Some(_) => left.min(INTERRUPT_INTERVAL),
            None => left,
        })
    }

    /// After a wait: asks the interrupt function, then says how long the next one may take.
    pub(super) fn waited(&self) -> io::Result<Duration> {
        if let Some(interrupt) = &self.interrupt {
            self.ask(interrupt)?;
        }
        self.check()
    }

    fn asked_last(&self) -> Duration {
        Duration::from_nanos(self.asked.load(Ordering::Relaxed))
    }

    fn ask(&self, interrupt: &Interrupt) -> io::Result<()> {
        /// Ends with the function, also by a panic.
        struct Interrupting;
        impl Drop for Interrupting {
            fn drop(&mut self) {
                INTERRUPTING.set(false);
            }
        }
        INTERRUPTING.set(true);
        let interrupting = Interrupting;
        let ends = interrupt();
        drop(interrupting);
        self.asked.store(nanoseconds(self.elapsed()), Ordering::Relaxed);
        self.check_process()?;
        if ends { Err(self.end(Abort::Cancelled)) } else { Ok(()) }
    }

    /// After a function of the caller's: an error if this is a child that it forked off.
    pub(super) fn check_process(&self) -> io::Result<()> {
        match self.process == Process::current() {
            true => Ok(()),
            false => Err(self.end(Abort::Forked)),
        }
    }

    /// Notes why the call has to end now.
    pub(super) fn end(&self, abort: Abort) -> io::Error {
        self.abort.store(abort as u8, Ordering::Relaxed);
        io::ErrorKind::TimedOut.into()
    }

    /// Ends the call from another thread.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        let waking = self.waking();
        if let Some(wake) = &waking.wake {
            wake.wake();
        }
        if let Some(socket) = &waking.socket {
            socket.shut_down();
        }
    }

    /// Blocks on `socket` in `read`, which a cancellation ends.
    pub(super) fn blocking(
        &self,
        socket: &Handle,
        read: impl FnOnce() -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.waking().socket = Some(socket.clone());
        // Asked only now: a cancellation from here on finds the socket.
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(self.end(Abort::Cancelled));
        }
        let result = read();
        self.waking().socket = None;
        match result {
            Ok(1..) => result,
            _ if self.cancelled.load(Ordering::SeqCst) => Err(self.end(Abort::Cancelled)),
            _ => result,
        }
    }

    /// What wakes this call's waits.
    pub(super) fn wake(&self) -> io::Result<Arc<Wake>> {
        if let Some(wake) = &self.waking().wake {
            return Ok(wake.clone());
        }
        let wake = Arc::new(Wake::Thread(sys::Wake::new()?));
        self.waking().wake = Some(wake.clone());
        Ok(wake)
    }

    fn waking(&self) -> MutexGuard<'_, Waking> {
        self.waking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the exchange go on when this descriptor is ready, which remembers in `watched` who watches it.
    pub(super) fn want(&self, descriptor: RawFd, interest: Interest, watched: &Watched) {
        if let Some((reactor, id)) = &self.reactor {
            if watched.0.load(Ordering::Relaxed) != *id {
                match reactor.upgrade().map(|reactor| reactor.watch(descriptor)) {
                    Some(Ok(())) => watched.0.store(*id, Ordering::Relaxed),
                    // It is seen when the exchange goes on, at once.
                    _ => drop(self.end(Abort::NoMemory)),
                }
            }
        }
        self.waits().descriptors.push((descriptor, interest));
    }

    /// Takes what the exchange waits for: gives the descriptors to `take`, and answers the time.
    pub(super) fn take_waits(&self, mut take: impl FnMut(RawFd)) -> Option<Instant> {
        let mut waits = self.waits();
        waits.descriptors.drain(..).for_each(|(descriptor, _)| take(descriptor));
        waits.until.take()
    }

    /// Has the exchange go on at that time.
    pub(super) fn want_at(&self, time: Instant) {
        let mut waits = self.waits();
        waits.until = Some(waits.until.map_or(time, |until| until.min(time)));
    }

    /// Waits until `time`.
    pub(super) async fn sleep_until(&self, time: Instant) -> io::Result<()> {
        std::future::poll_fn(|_| match self.check() {
            Err(error) => Poll::Ready(Err(error)),
            Ok(_) if Instant::now() >= time => Poll::Ready(Ok(())),
            Ok(_) => {
                self.want_at(time);
                Poll::Pending
            }
        })
        .await
    }

    /// Waits for what the exchange waits for, or until the call has to end.
    pub(super) fn wait(&self) -> io::Result<()> {
        // Made before the look whether the call was cancelled: a cancellation from then on finds it.
        let wake = self.wake().ok();
        let mut longest = self.check()?;
        let Waits { mut descriptors, until } = std::mem::take(&mut *self.waits());
        if let Some(until) = until {
            longest = longest.min(until.saturating_duration_since(Instant::now()));
        }
        let wake = match wake.as_deref() {
            Some(Wake::Thread(wake)) => Some(wake),
            // No descriptor is left in this process.
            _ => None,
        };
        match wake {
            Some(wake) => descriptors.push((wake.as_raw_fd(), Interest::Readable)),
            None => longest = longest.min(INTERRUPT_INTERVAL),
        }
        let waited = sys::poll(&descriptors, longest);
        // The room is used again.
        descriptors.clear();
        self.waits().descriptors = descriptors;
        match (waited, wake) {
            (Ok(Waited::Ready { last }), Some(wake)) => {
                if last {
                    wake.clear();
                }
                Ok(())
            }
            (Ok(_), _) => self.waited().map(drop),
            // The other errors of poll(2) are about its arguments.
            (Err(_), _) => Err(self.end(Abort::NoMemory)),
        }
    }

    /// The longest wait inside a system call.
    pub(super) fn longest_wait(&self) -> Duration {
        match self.interrupt {
            Some(_) => INTERRUPT_INTERVAL,
            None => self.deadline,
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(u64::MAX)
}
