//! One call: its deadline, who can end it, what it waits for, and how much of the request was sent.
//!
//! The exchange and its driver, a blocking call or a reactor, share it by reference.

mod phases;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::atomic_duration::AtomicDuration;
use super::interrupt::{self, Interrupter};
use super::waits::Waits;
use super::wake::{ReactorHandle, ReactorId, SocketHandle, Wake, Watched};
use crate::callbacks::{Interrupt, Listeners};
use crate::memory;
use crate::sys::{self, Descriptor, Interest, PollResult, Process, WakeFd};

/// The most bytes that are received for one request. Even the longest response, in chunks of one byte,
/// has fewer. A flood of interim responses (1xx) has more.
const MAX_RECEIVED: usize = 512 * 1024;

/// Why a call had to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Abort {
    Deadline = 1,
    ConnectTimeout,
    Cancelled,
    /// A callback forked, and this is the child: the call goes on in the parent.
    Forked,
    TooMuchData,
    OutOfMemory,
}

/// When, and in which process, a call started.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub(crate) time: Instant,
    pub(crate) process: Process,
    memory: memory::ShortageWatch,
}

impl Start {
    pub(crate) fn now() -> Start {
        Start {
            time: Instant::now(),
            process: Process::current(),
            memory: memory::watch_shortage(),
        }
    }
}

/// One call, with all its attempts.
pub(crate) struct Call {
    pub(super) started: Instant,
    /// The deadline, counted from the start.
    deadline: Duration,
    /// When the exchange has to end. Before the deadline, if there is something to do after it.
    timeout: AtomicDuration,
    /// Whether the exchange is over, and a cancellation comes too late.
    is_closing: AtomicBool,
    interrupter: Interrupter,
    listeners: Listeners,
    pub(crate) process: Process,
    memory: memory::ShortageWatch,
    /// The reactor that drives the call. None for a blocking call.
    reactor: Option<(Weak<ReactorHandle>, ReactorId)>,
    /// When the current phase has to end: connecting, or the request. Counted from the start.
    phase_end: AtomicDuration,
    abort: AtomicU8,
    /// The number of the last attempt.
    attempt: AtomicU32,
    /// Whether its connection was kept from an earlier call.
    is_reused: AtomicBool,
    /// Whether bytes that are sent belong to the request, not to a proxy or to the TLS handshake.
    in_request: AtomicBool,
    sent: AtomicUsize,
    received: AtomicUsize,
    cancelled: AtomicBool,
    /// What a cancellation ends.
    blocked_on: Mutex<BlockedOn>,
    waits: Waits,
    /// The index of this call in its pool.
    pub(super) pool_index: AtomicUsize,
}

/// The slot of a call in a reactor.
pub(crate) struct ReactorSlot {
    pub(super) reactor: Arc<ReactorHandle>,
    pub(super) wake: Arc<Wake>,
}

#[derive(Default)]
struct BlockedOn {
    wake: Option<Arc<Wake>>,
    /// The socket in whose recv(2) the call waits.
    socket: Option<SocketHandle>,
}

impl Call {
    pub(super) fn new(
        timeout: Duration,
        interrupt: Option<Interrupt>,
        listeners: Listeners,
        start: Start,
    ) -> Call {
        Call {
            started: start.time,
            deadline: timeout,
            timeout: AtomicDuration::new(timeout),
            is_closing: AtomicBool::new(false),
            interrupter: Interrupter::new(interrupt),
            listeners,
            process: start.process,
            memory: start.memory,
            reactor: None,
            phase_end: AtomicDuration::new(timeout),
            abort: AtomicU8::new(0),
            attempt: AtomicU32::new(0),
            is_reused: AtomicBool::new(false),
            in_request: AtomicBool::new(false),
            sent: AtomicUsize::new(0),
            received: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
            blocked_on: Mutex::default(),
            waits: Waits::default(),
            pool_index: AtomicUsize::new(usize::MAX),
        }
    }

    /// The same call in a reactor. There is no interrupt function, because nothing waits.
    pub(super) fn in_reactor(self, ReactorSlot { reactor, wake }: ReactorSlot) -> Call {
        let blocked_on = Mutex::new(BlockedOn { wake: Some(wake), socket: None });
        let reactor = Some((Arc::downgrade(&reactor), reactor.id));
        Call { interrupter: Interrupter::new(None), reactor, blocked_on, ..self }
    }

    /// Whether the call may block, for example in recv(2).
    pub(super) fn blocks(&self) -> bool {
        self.reactor.is_none()
    }

    /// The functions that hear what happens to this call.
    pub(crate) fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    /// Whether it calls a function of the host, which may fork.
    pub(super) fn may_fork(&self) -> bool {
        !self.listeners.is_empty() || self.interrupter.is_set()
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst) && !self.is_closing.load(Ordering::Relaxed)
    }

    /// Notes that the socket accepted bytes. This alone counts the bytes of the request;
    /// [`forget_sent`](Call::forget_sent) alone takes them back.
    pub(super) fn note_sent(&self, bytes: usize) {
        if self.in_request.load(Ordering::Relaxed) {
            self.sent.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// How many bytes of the request the socket accepted, counted after encryption.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Resets the count to 0: it is proven that nobody read the request.
    pub(super) fn forget_sent(&self) {
        self.sent.store(0, Ordering::Relaxed);
    }

    /// Notes that bytes were received. Ends the call if there are too many.
    pub(super) fn note_received(&self, bytes: usize) -> io::Result<()> {
        let before = self.received.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > MAX_RECEIVED {
            return Err(self.abort(Abort::TooMuchData));
        }
        Ok(())
    }

    /// Why the call has to end, if it has to.
    pub(super) fn aborted(&self) -> Option<Abort> {
        use Abort::{Cancelled, ConnectTimeout, Deadline, Forked, OutOfMemory, TooMuchData};
        let all = [Deadline, ConnectTimeout, Cancelled, Forked, TooMuchData, OutOfMemory];
        let number = self.abort.load(Ordering::Relaxed);
        all.into_iter().find(|&abort| abort as u8 == number)
    }

    /// The time until the deadline.
    pub(crate) fn time_left(&self) -> Duration {
        self.timeout.load().saturating_sub(self.elapsed())
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// When the current phase has to end.
    pub(super) fn due(&self) -> Instant {
        self.started + self.phase_end.load()
    }

    /// How long the next wait may take. An error if the call has to end now.
    pub(super) fn check(&self) -> io::Result<Duration> {
        if self.abort.load(Ordering::Relaxed) != 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if self.memory.is_short() {
            return Err(self.abort(Abort::OutOfMemory));
        }
        let mut now = self.elapsed();
        // Called before the other checks, because it may cancel the call or fork.
        if self.interrupter.is_due(now) {
            self.call_interrupt()?;
            now = self.elapsed();
        }
        if self.is_cancelled() {
            return Err(self.abort(Abort::Cancelled));
        }
        if now >= self.timeout.load() {
            return Err(self.abort(Abort::Deadline));
        }
        let phase_end = self.phase_end.load();
        if now >= phase_end {
            return Err(self.abort(Abort::ConnectTimeout));
        }
        let time_left = phase_end - now;
        Ok(match self.interrupter.is_set() {
            true => time_left.min(interrupt::INTERVAL),
            false => time_left,
        })
    }

    /// After a wait: calls the interrupt function. Returns how long the next wait may take.
    pub(super) fn check_after_wait(&self) -> io::Result<Duration> {
        self.call_interrupt()?;
        self.check()
    }

    fn call_interrupt(&self) -> io::Result<()> {
        if self.is_closing.load(Ordering::Relaxed) {
            return Ok(());
        }
        let Some(ends) = self.interrupter.call() else { return Ok(()) };
        self.interrupter.set_called(self.elapsed());
        self.check_process()?;
        if ends { Err(self.abort(Abort::Cancelled)) } else { Ok(()) }
    }

    /// After a callback: an error if it forked and this is the child.
    pub(super) fn check_process(&self) -> io::Result<()> {
        match self.process == Process::current() {
            true => Ok(()),
            false => Err(self.abort(Abort::Forked)),
        }
    }

    /// Notes why the call has to end now, and returns the error to end it with.
    pub(super) fn abort(&self, abort: Abort) -> io::Error {
        self.abort.store(abort as u8, Ordering::Relaxed);
        io::ErrorKind::TimedOut.into()
    }

    /// Ends the call from another thread.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        let blocked_on = self.blocked_on();
        if let Some(wake) = &blocked_on.wake {
            wake.wake();
        }
        if let Some(socket) = &blocked_on.socket {
            socket.shut_down();
        }
    }

    /// Calls `read`, which blocks on `socket`. A cancellation ends it.
    pub(super) fn blocking(
        &self,
        socket: &SocketHandle,
        read: impl FnOnce() -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.blocked_on().socket = Some(socket.clone());
        // Checked after the socket is set: any later cancellation shuts it down.
        // seldom covered: a cancellation in the moment between the check before it and this one.
        if self.is_cancelled() {
            return Err(self.abort(Abort::Cancelled));
        }
        let result = read();
        self.blocked_on().socket = None;
        match result {
            Ok(1..) => result,
            _ if self.is_cancelled() => Err(self.abort(Abort::Cancelled)),
            _ => result,
        }
    }

    /// What wakes up this call. Made at the first use.
    pub(super) fn wake(&self) -> io::Result<Arc<Wake>> {
        if let Some(wake) = &self.blocked_on().wake {
            return Ok(wake.clone());
        }
        let wake = Arc::new(Wake::Blocking(WakeFd::new()?));
        self.blocked_on().wake = Some(wake.clone());
        Ok(wake)
    }

    fn blocked_on(&self) -> MutexGuard<'_, BlockedOn> {
        self.blocked_on.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes up the exchange when this descriptor is ready.
    pub(super) fn wake_when_ready(
        &self,
        descriptor: Descriptor,
        interest: Interest,
        watched: &Watched,
    ) {
        if let Some((reactor, id)) = &self.reactor {
            if !watched.is_by(*id) {
                match reactor.upgrade().map(|reactor| watched.watch(&reactor, descriptor)) {
                    Some(Ok(())) => {}
                    // The reactor polls the exchange at once, which then ends.
                    // uncovered: epoll_ctl(2) has no memory, or the queue has ended while it polls.
                    _ => drop(self.abort(Abort::OutOfMemory)),
                }
            }
        }
        self.waits.add_descriptor(descriptor, interest);
    }

    /// Wakes up the exchange at that time.
    pub(super) fn wake_at(&self, time: Instant) {
        self.waits.add_time(time);
    }

    /// Removes what the exchange waits for: passes the descriptors to `take`, and returns the time.
    pub(super) fn drain_waits(&self, take: impl FnMut(Descriptor)) -> Option<Instant> {
        self.waits.drain(take)
    }

    /// Waits until `time`.
    pub(crate) async fn sleep_until(&self, time: Instant) -> io::Result<()> {
        std::future::poll_fn(|_| match self.check() {
            Err(error) => Poll::Ready(Err(error)),
            Ok(_) if Instant::now() >= time => Poll::Ready(Ok(())),
            Ok(_) => {
                self.wake_at(time);
                Poll::Pending
            }
        })
        .await
    }

    /// Waits for what the exchange waits for, or until the call has to end.
    pub(super) fn wait(&self) -> io::Result<()> {
        // Made before the check for a cancellation: any later cancellation uses it.
        let wake = self.wake().ok();
        let mut longest = self.check()?;
        let (mut descriptors, until) = self.waits.take();
        if let Some(until) = until {
            longest = longest.min(until.saturating_duration_since(Instant::now()));
        }
        let wake = match wake.as_deref() {
            Some(Wake::Blocking(wake)) => Some(wake),
            // The process has no descriptor left.
            _ => None,
        };
        match wake {
            Some(wake) => descriptors.push((wake.descriptor(), Interest::Readable)),
            None => longest = longest.min(interrupt::INTERVAL),
        }
        let polled = sys::poll(&descriptors, longest);
        self.waits.recycle(descriptors);
        match (polled, wake) {
            (Ok(PollResult::Ready { last }), Some(wake)) => {
                if last {
                    wake.clear();
                }
                Ok(())
            }
            (Ok(_), _) => self.check_after_wait().map(drop),
            // The other errors of poll(2) are errors in its arguments.
            (Err(_), _) => Err(self.abort(Abort::OutOfMemory)),
        }
    }

    /// The longest wait in a system call.
    pub(super) fn longest_wait(&self) -> Duration {
        match self.interrupter.is_set() {
            true => interrupt::INTERVAL,
            false => self.timeout.load(),
        }
    }
}
