//! The call that this thread is in: how long it may take, who can end it, how far it came.
//!
//! ureq passes no context of ours to connectors and sockets, so they find it here, by thread.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use scoped_tls::scoped_thread_local;

use super::sys;
use crate::config::Interrupt;
use crate::memory;

/// The longest wait that does not look whether the call should end. A tenth of a second is the
/// promise; a quarter of that leaves room for a busy machine.
const SLICE: Duration = Duration::from_millis(25);

/// The most bytes that are received for one request. The longest answer, in chunks of one byte,
/// has less; what has more is no answer, or hides behind a flood of interim ones.
const RECEIVED_MOST: usize = 512 * 1024;

/// What can end the calls of a client before their time.
pub(super) struct Control {
    /// Counts the cancellations: a call ends when the count is not that of its beginning.
    cancelled: AtomicU64,
    interrupt: Option<Interrupt>,
}

impl Control {
    pub(super) fn new(interrupt: Option<Interrupt>) -> Control {
        Control { cancelled: AtomicU64::new(0), interrupt }
    }

    pub(super) fn cancel(&self) {
        self.cancelled.fetch_add(1, Ordering::Relaxed);
    }
}

/// How far an attempt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// DNS, TCP, proxy.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The connection stands: what is written from here on is the request.
    Request,
}

/// Why a wait ended before it was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Deadline,
    ConnectTimeout,
    Cancelled,
    TooMuch,
    NoMemory,
}

/// One call, with all its attempts.
pub(super) struct Call {
    watch: memory::Watch,
    control: Arc<Control>,
    cancelled_before: u64,
    deadline: Instant,
    connect_deadline: Cell<Instant>,
    phase: Cell<Phase>,
    left: Cell<bool>,
    received: Cell<usize>,
    stop: Cell<Option<Stop>>,
    /// When the interrupt function was asked last.
    asked: Cell<Instant>,
    /// The process that the call began in.
    generation: usize,
    /// Made within another call, by a function of the caller's.
    is_nested: bool,
}

scoped_thread_local!(static CURRENT: Call);

impl Call {
    pub(super) fn new(watch: memory::Watch, control: &Arc<Control>, timeout: Duration) -> Call {
        let now = Instant::now();
        let deadline = now + timeout;
        Call {
            watch,
            control: control.clone(),
            cancelled_before: control.cancelled.load(Ordering::Relaxed),
            deadline,
            connect_deadline: Cell::new(deadline),
            phase: Cell::new(Phase::Connect),
            left: Cell::new(false),
            received: Cell::new(0),
            stop: Cell::new(None),
            asked: Cell::new(now),
            generation: sys::generation(),
            is_nested: CURRENT.is_set(),
        }
    }

    /// Runs `work` as this thread's call. An interrupt function may make a call of its own: the
    /// one before is this thread's again afterwards.
    pub(super) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        CURRENT.set(self, work)
    }

    /// Does `work` with this thread's call.
    pub(super) fn with<T>(
        work: impl FnOnce(&Call) -> Result<T, ureq::Error>,
    ) -> Result<T, ureq::Error> {
        if !CURRENT.is_set() {
            return Err(io::Error::other("a socket is used outside a call").into());
        }
        CURRENT.with(work)
    }

    /// Begins an attempt, which may take `timeout` to connect.
    pub(super) fn begin_attempt(&self, now: Instant, timeout: Duration) {
        self.connect_deadline.set(self.deadline.min(now + timeout));
        self.phase.set(Phase::Connect);
        self.stop.set(None);
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.set(phase);
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Notes that the socket took bytes. The one place that decides whether a request has left.
    pub(super) fn accepted(&self, bytes: usize) {
        if bytes > 0 && self.phase.get() == Phase::Request {
            self.left.set(true);
        }
    }

    /// Notes that the socket gave bytes, or ends the call when they are too many.
    pub(super) fn received(&self, bytes: usize) -> io::Result<()> {
        if self.phase.get() == Phase::Request {
            self.received.set(self.received.get() + bytes);
        }
        if self.received.get() > RECEIVED_MOST {
            return Err(self.end(Stop::TooMuch));
        }
        Ok(())
    }

    /// Whether a byte of the request has left this machine.
    pub(super) fn left(&self) -> bool {
        self.left.get()
    }

    /// Why the last wait was given up, if one was.
    pub(super) fn stop(&self) -> Option<Stop> {
        self.stop.get()
    }

    /// Whether memory has been short since the call began.
    pub(super) fn is_short_of_memory(&self) -> bool {
        self.watch.is_short()
    }

    /// What is left of the deadline.
    pub(super) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// How long to wait before looking again, or an error when the call has to end now.
    pub(super) fn slice(&self) -> io::Result<Duration> {
        if self.is_short_of_memory() {
            return Err(self.end(Stop::NoMemory));
        }
        // First: what the function does, a cancellation or a fork, is for the rest to see.
        let mut now = Instant::now();
        if now.duration_since(self.asked.get()) >= SLICE {
            self.ask()?;
            now = Instant::now();
        }
        if self.control.cancelled.load(Ordering::Relaxed) != self.cancelled_before {
            return Err(self.end(Stop::Cancelled));
        }
        if sys::generation() != self.generation {
            // A function of the caller's forked: the call is the parent's, which goes on with it.
            self.left.set(true);
            return Err(self.end(Stop::Cancelled));
        }
        if now >= self.deadline {
            return Err(self.end(Stop::Deadline));
        }
        let limit = match self.phase.get() {
            Phase::Connect | Phase::Tls => self.connect_deadline.get(),
            Phase::Request => self.deadline,
        };
        if now >= limit {
            return Err(self.end(Stop::ConnectTimeout));
        }
        Ok(SLICE.min(limit - now))
    }

    /// After a wait that a signal or the end of its slice cut short: asks the interrupt function,
    /// then says how long to go on.
    pub(super) fn waited(&self) -> io::Result<Duration> {
        self.ask()?;
        self.slice()
    }

    /// Asks the interrupt function, but not about a call that it may have made itself.
    fn ask(&self) -> io::Result<()> {
        if self.is_nested {
            return Ok(());
        }
        if self.control.interrupt.as_ref().is_some_and(|interrupt| interrupt()) {
            return Err(self.end(Stop::Cancelled));
        }
        self.asked.set(Instant::now());
        Ok(())
    }

    /// Waits for `pause`, or less when the call has to end.
    pub(super) fn sleep(&self, pause: Duration) -> io::Result<()> {
        let until = Instant::now() + pause;
        let mut slice = self.slice()?;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(slice.min(left));
            slice = self.waited()?;
        }
    }

    /// Notes why the call has to end now.
    pub(super) fn end(&self, stop: Stop) -> io::Error {
        self.stop.set(Some(stop));
        io::Error::from(io::ErrorKind::TimedOut)
    }
}

/// The longest wait of a socket in one system call.
pub(super) const SOCKET_WAIT: Duration = SLICE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_took_nothing_is_no_part_of_a_request() {
        let call =
            Call::new(memory::begin(), &Arc::new(Control::new(None)), Duration::from_secs(10));
        call.enter(Phase::Request);
        call.accepted(0);
        assert!(!call.left());
        call.accepted(1);
        assert!(call.left());
    }

    #[test]
    fn a_socket_outside_a_call_is_an_error() {
        let call =
            Call::new(memory::begin(), &Arc::new(Control::new(None)), Duration::from_secs(10));
        assert_eq!(call.run(|| Call::with(|call| Ok(call.phase())).ok()), Some(Phase::Connect));
        assert!(Call::with(|call| Ok(call.phase())).is_err());
    }

    #[test]
    fn what_the_interrupt_function_does_is_seen_at_once() {
        let control = Arc::new_cyclic(|control: &std::sync::Weak<Control>| {
            let control = control.clone();
            Control::new(Some(Arc::new(move || {
                control.upgrade().expect("the call holds it").cancel();
                false
            })))
        });
        let call = Call::new(memory::begin(), &control, Duration::from_secs(10));
        call.asked.set(Instant::now() - SLICE);
        assert!(call.slice().is_err());
        assert_eq!(call.stop(), Some(Stop::Cancelled));
    }
}
