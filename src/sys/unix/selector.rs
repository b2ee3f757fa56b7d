//! Waits for the events of many descriptors: epoll(7) or kqueue(2).

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::null_mut;
use std::time::Duration;

use super::{Descriptor, above_stdio, owned};
#[cfg(any(target_os = "linux", target_os = "android"))]
use super::{WakeFd, wait::timespec};

/// Waits for descriptors, for a timer and for wake-ups. It is itself a descriptor, which is readable while
/// there are events that were not taken.
///
/// Events are edge-triggered: a descriptor is added once and stays until it is closed.
pub(crate) struct Selector {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    timer: OwnedFd,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    wake: WakeFd,
    queue: OwnedFd,
}

/// A descriptor that is watched: the kernel forgets it when it is closed.
pub(crate) type Registration = ();

/// How many events are taken at once.
const MAX_EVENTS: usize = 256;

#[cfg(any(target_os = "linux", target_os = "android"))]
impl Selector {
    /// Whether a forked child inherits the descriptors.
    pub(crate) const IS_INHERITED: bool = true;

    pub(crate) fn new() -> io::Result<Selector> {
        // SAFETY: the calls take no pointer; the descriptors are new and nobody else's.
        let (queue, timer) = unsafe {
            let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
            (
                owned(libc::epoll_create1(libc::EPOLL_CLOEXEC))?,
                owned(libc::timerfd_create(libc::CLOCK_MONOTONIC, flags))?,
            )
        };
        let (queue, timer) = (above_stdio(queue)?, above_stdio(timer)?);
        let selector = Selector { timer, wake: WakeFd::new()?, queue };
        selector.add(selector.timer.as_raw_fd(), libc::EPOLLIN)?;
        selector.add(selector.wake.descriptor(), libc::EPOLLIN)?;
        Ok(selector)
    }

    /// Adds a descriptor, until it is closed.
    pub(crate) fn watch(&self, descriptor: Descriptor) -> io::Result<Registration> {
        self.add(descriptor, libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP)
    }

    fn add(&self, descriptor: Descriptor, events: libc::c_int) -> io::Result<()> {
        let (events, u64) = ((events | libc::EPOLLET) as u32, descriptor as u64);
        let mut event = libc::epoll_event { events, u64 };
        // SAFETY: the structure is live during the call.
        let answer = unsafe {
            let queue = self.queue.as_raw_fd();
            libc::epoll_ctl(queue, libc::EPOLL_CTL_ADD, descriptor, &mut event)
        };
        match io::Error::last_os_error() {
            _ if answer == 0 => Ok(()),
            // Another selector has watched it meanwhile.
            // uncovered: the other errors are a lack of memory, or of watches, in the kernel.
            error if error.raw_os_error() == Some(libc::EEXIST) => Ok(()),
            error => Err(error),
        }
    }

    /// Sets the timer, in place of an earlier setting.
    pub(crate) fn set_timer(&self, after: Duration) {
        // Zero would disarm it.
        let value = timespec(after.max(Duration::from_nanos(1)));
        // SAFETY: all-zero bytes are a time.
        let interval = unsafe { std::mem::zeroed() };
        let time = libc::itimerspec { it_interval: interval, it_value: value };
        // SAFETY: the structure is live during the call; the old setting is not asked for.
        unsafe { libc::timerfd_settime(self.timer.as_raw_fd(), 0, &time, null_mut()) };
    }

    /// Makes an event. From any thread.
    pub(crate) fn wake(&self) {
        self.wake.wake();
    }

    /// Passes the descriptors that have events to `take`, without waiting. Returns whether there may be more.
    pub(crate) fn take(&self, mut take: impl FnMut(Descriptor)) -> bool {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; MAX_EVENTS];
        // SAFETY: the pointer and the count are those of a live, exclusively borrowed array.
        let count = unsafe {
            libc::epoll_wait(
                self.queue.as_raw_fd(),
                events.as_mut_ptr(),
                MAX_EVENTS as libc::c_int,
                0,
            )
        };
        let count = usize::try_from(count).unwrap_or(0);
        events[..count].iter().for_each(|event| take(event.u64 as Descriptor));
        count == MAX_EVENTS
    }
}

/// kqueue(2) has timers and wake-ups of its own.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
impl Selector {
    /// Whether a forked child inherits the descriptors.
    pub(crate) const IS_INHERITED: bool = false;

    pub(crate) fn new() -> io::Result<Selector> {
        // SAFETY: the call takes nothing; the descriptor is new and nobody else's.
        let queue = above_stdio(unsafe { owned(libc::kqueue())? })?;
        // SAFETY: the descriptor is open, and the flag is the call's own.
        unsafe { libc::fcntl(queue.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
        let selector = Selector { queue };
        selector.change(&[event(0, libc::EVFILT_USER as _, 0, 0)])?;
        Ok(selector)
    }

    /// Adds a descriptor, until it is closed.
    pub(crate) fn watch(&self, descriptor: Descriptor) -> io::Result<Registration> {
        let both = [libc::EVFILT_READ, libc::EVFILT_WRITE];
        self.change(&both.map(|filter| event(descriptor, filter as _, 0, 0)))
    }

    /// Sets the timer, in place of an earlier setting.
    pub(crate) fn set_timer(&self, after: Duration) {
        let after = after.as_micros().div_ceil(1000).max(1).try_into().unwrap_or(i32::MAX);
        let mut timer = event(0, libc::EVFILT_TIMER as _, 0, after);
        timer.flags |= libc::EV_ONESHOT;
        let _ = self.change(&[timer]);
    }

    /// Makes an event. From any thread.
    pub(crate) fn wake(&self) {
        let _ = self.change(&[event(0, libc::EVFILT_USER as _, libc::NOTE_TRIGGER, 0)]);
    }

    /// Passes the descriptors that have events to `take`, without waiting. Returns whether there may be more.
    pub(crate) fn take(&self, mut take: impl FnMut(Descriptor)) -> bool {
        let mut events = [event(0, 0, 0, 0); MAX_EVENTS];
        let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer and the count are those of a live, exclusively borrowed array.
        let count = unsafe {
            let (queue, size) = (self.queue.as_raw_fd(), MAX_EVENTS as _);
            libc::kevent(queue, std::ptr::null(), 0, events.as_mut_ptr(), size, &now)
        };
        let count = usize::try_from(count).unwrap_or(0);
        events[..count].iter().for_each(|event| take(event.ident as Descriptor));
        count == MAX_EVENTS
    }

    fn change(&self, changes: &[libc::kevent]) -> io::Result<()> {
        // SAFETY: the pointer and the count are those of a live array; there is no room for events.
        let answer = unsafe {
            let (queue, count) = (self.queue.as_raw_fd(), changes.len() as _);
            libc::kevent(queue, changes.as_ptr(), count, null_mut(), 0, std::ptr::null())
        };
        if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

/// Adds an edge-triggered event to a kqueue.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn event(ident: Descriptor, filter: i32, fflags: u32, data: i32) -> libc::kevent {
    // SAFETY: all-zero bytes are a valid value of the plain structure.
    let mut event: libc::kevent = unsafe { std::mem::zeroed() };
    event.ident = ident as _;
    event.filter = filter as _;
    event.flags = libc::EV_ADD | libc::EV_CLEAR;
    event.fflags = fflags;
    event.data = data as _;
    event
}

impl Selector {
    /// What the event loop of the host waits for.
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.queue.as_raw_fd()
    }
}
