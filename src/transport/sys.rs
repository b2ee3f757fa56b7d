//! What the standard library has no safe call for: waiting on several descriptors, noticing a fork,
//! name lookups by family, a thread that takes no signals. The only unsafe code outside the C ABI.
#![allow(unsafe_code)]

use std::ffi::{CString, c_int, c_void};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::time::Duration;

use crate::panics;

/// A process, told from the one that forked it off and from its children.
///
/// Made of the process id and of a number that the kernel wipes in a child (`MADV_WIPEONFORK`,
/// Linux 4.14). The id alone may be used again by a grandchild; the number alone does not tell a child
/// of vfork(2), which shares its parent's memory. Neither needs a handler, so that `_Fork`, `clone`
/// and a raw system call are noticed like fork(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    id: u32,
    number: u32,
}

/// A page that is zero in a child, or NULL where there is none.
static PAGE: AtomicPtr<AtomicU32> = AtomicPtr::new(null_mut());
/// The last number of this process or of one that it descends from.
static LAST: AtomicU32 = AtomicU32::new(0);

impl Process {
    pub(crate) fn current() -> Process {
        let page = PAGE.load(Ordering::Acquire);
        // SAFETY: the page is never unmapped, and an all-zero page is a valid atomic.
        let number =
            unsafe { page.as_ref() }.map_or(0, |number| match number.load(Ordering::Relaxed) {
                0 => {
                    let own = LAST.fetch_add(1, Ordering::Relaxed) + 1;
                    let order = Ordering::Relaxed;
                    number
                        .compare_exchange(0, own, order, order)
                        .map_or_else(|other| other, |_| own)
                }
                number => number,
            });
        Process { id: std::process::id(), number }
    }
}

/// Begins to notice forks, before the first client is made.
pub(super) fn watch_forks() {
    #[cfg(target_os = "linux")]
    if !cfg!(miri) && PAGE.load(Ordering::Acquire).is_null() {
        // SAFETY: a new mapping that nobody else knows; it is unmapped only as long as that is so.
        unsafe {
            let size = libc::sysconf(libc::_SC_PAGESIZE).max(4096) as usize;
            let (access, kind) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            let page = libc::mmap(null_mut(), size, access, kind, -1, 0);
            if page == libc::MAP_FAILED {
                return;
            }
            let order = Ordering::AcqRel;
            if libc::madvise(page, size, libc::MADV_WIPEONFORK) != 0
                || PAGE.compare_exchange(null_mut(), page.cast(), order, Ordering::Acquire).is_err()
            {
                libc::munmap(page, size);
            }
        }
    }
}

/// What a wait on a descriptor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interest {
    Readable,
    Writable,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// A descriptor is ready or has failed; perhaps the last one.
    Ready { last: bool },
    /// The time was over, or a signal came.
    Nothing,
}

/// More than a call ever waits for: the addresses of a name, and a wake-up.
pub(super) const POLLED_MOST: usize = 24;

/// Waits until one of `descriptors` is ready or has failed, at most for `timeout`.
pub(super) fn poll(descriptors: &[(RawFd, Interest)], timeout: Duration) -> io::Result<Waited> {
    let mut polled = [libc::pollfd { fd: -1, events: 0, revents: 0 }; POLLED_MOST];
    for (polled, &(fd, interest)) in polled.iter_mut().zip(descriptors) {
        polled.fd = fd;
        polled.events = match interest {
            Interest::Readable => libc::POLLIN,
            Interest::Writable => libc::POLLOUT,
        };
    }
    let count = descriptors.len().min(POLLED_MOST) as libc::nfds_t;
    // SAFETY: the pointer and the count are those of a live, exclusively borrowed array.
    let ready = unsafe {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let limit = libc::timespec {
                tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
                tv_nsec: timeout.subsec_nanos() as _,
            };
            libc::ppoll(polled.as_mut_ptr(), count, &limit, null())
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        {
            let limit = timeout.as_micros().div_ceil(1000).try_into().unwrap_or(c_int::MAX);
            libc::poll(polled.as_mut_ptr(), count, limit)
        }
    };
    match ready {
        -1 => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(Waited::Nothing),
            error => Err(error),
        },
        0 => Ok(Waited::Nothing),
        _ => Ok(Waited::Ready { last: count > 0 && polled[count as usize - 1].revents != 0 }),
    }
}

/// Ends a wait from another thread.
pub(super) struct Wake {
    read: OwnedFd,
    write: Option<OwnedFd>,
}

impl Wake {
    pub(super) fn new() -> io::Result<Wake> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            // SAFETY: the call takes no pointer; the descriptor is new and nobody else's.
            let read = unsafe { owned(libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK))? };
            Ok(Wake { read: above_stdio(read)?, write: None })
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        {
            let mut ends = [-1; 2];
            // SAFETY: the array has room for the two descriptors, which are new and nobody else's.
            let (read, write) = unsafe {
                if libc::pipe(ends.as_mut_ptr()) != 0 {
                    return Err(io::Error::last_os_error());
                }
                (owned(ends[0])?, owned(ends[1])?)
            };
            let (read, write) = (above_stdio(read)?, above_stdio(write)?);
            for end in [&read, &write] {
                // SAFETY: the descriptor is open, and the flags are the calls' own.
                unsafe {
                    libc::fcntl(end.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC);
                    libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK);
                }
            }
            Ok(Wake { read, write: Some(write) })
        }
    }

    /// Ends the wait, or the next one.
    pub(super) fn wake(&self) {
        let one = 1u64.to_ne_bytes();
        let write = self.write.as_ref().unwrap_or(&self.read);
        // SAFETY: the bytes are live, and the descriptor is open. It is full only when it has woken.
        let _ = unsafe { libc::write(write.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Lets the next wait be one.
    pub(super) fn clear(&self) {
        let mut count = [0u8; 64];
        // SAFETY: the room is live, and the descriptor is open. Nothing to read is no fault.
        let _ = unsafe { libc::read(self.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    }
}

impl AsRawFd for Wake {
    fn as_raw_fd(&self) -> RawFd {
        self.read.as_raw_fd()
    }
}

/// Waits for many descriptors, for a time and for wake-ups at once. Is itself a descriptor, which is
/// readable while something has come that was not taken.
///
/// Edges alone count: a descriptor is watched once, until it is closed, and costs nothing from then on.
pub(super) struct Selector {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    timer: OwnedFd,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    wake: Wake,
    queue: OwnedFd,
}

/// How many events are taken at once.
const EVENTS: usize = 256;

#[cfg(any(target_os = "linux", target_os = "android"))]
impl Selector {
    /// Whether a child that is forked off has copies of the descriptors.
    pub(super) const IS_INHERITED: bool = true;

    pub(super) fn new() -> io::Result<Selector> {
        // SAFETY: the calls take no pointer; the descriptors are new and nobody else's.
        let (queue, timer) = unsafe {
            let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
            (
                owned(libc::epoll_create1(libc::EPOLL_CLOEXEC))?,
                owned(libc::timerfd_create(libc::CLOCK_MONOTONIC, flags))?,
            )
        };
        let (queue, timer) = (above_stdio(queue)?, above_stdio(timer)?);
        let selector = Selector { timer, wake: Wake::new()?, queue };
        selector.add(selector.timer.as_raw_fd(), libc::EPOLLIN)?;
        selector.add(selector.wake.as_raw_fd(), libc::EPOLLIN)?;
        Ok(selector)
    }

    /// Has the events of a descriptor come, until it is closed.
    pub(super) fn watch(&self, descriptor: RawFd) -> io::Result<()> {
        self.add(descriptor, libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP)
    }

    fn add(&self, descriptor: RawFd, events: c_int) -> io::Result<()> {
        let (events, u64) = ((events | libc::EPOLLET) as u32, descriptor as u64);
        let mut event = libc::epoll_event { events, u64 };
        // SAFETY: the structure is live during the call.
        let answer = unsafe {
            let queue = self.queue.as_raw_fd();
            libc::epoll_ctl(queue, libc::EPOLL_CTL_ADD, descriptor, &mut event)
        };
        match io::Error::last_os_error() {
            _ if answer == 0 => Ok(()),
            // While it is connected it is watched anew each time.
            error if error.raw_os_error() == Some(libc::EEXIST) => Ok(()),
            error => Err(error),
        }
    }

    /// Has an event come in so long, instead of at the time that was set before.
    pub(super) fn set_timer(&self, after: Duration) {
        // Zero would be never.
        let after = after.max(Duration::from_nanos(1));
        let value = libc::timespec {
            tv_sec: after.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            tv_nsec: after.subsec_nanos() as _,
        };
        // SAFETY: all-zero bytes are a time.
        let interval = unsafe { std::mem::zeroed() };
        let time = libc::itimerspec { it_interval: interval, it_value: value };
        // SAFETY: the structure is live during the call, and nobody asks for the time before.
        unsafe { libc::timerfd_settime(self.timer.as_raw_fd(), 0, &time, null_mut()) };
    }

    /// Has an event come at once. From any thread.
    pub(super) fn wake(&self) {
        self.wake.wake();
    }

    /// Gives the descriptors to `take` that something came of since, without waiting. Says how many
    /// events there were.
    pub(super) fn take(&self, mut take: impl FnMut(RawFd)) -> usize {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; EVENTS];
        // SAFETY: the pointer and the count are those of a live, exclusively borrowed array.
        let count = unsafe {
            libc::epoll_wait(self.queue.as_raw_fd(), events.as_mut_ptr(), EVENTS as c_int, 0)
        };
        let count = usize::try_from(count).unwrap_or(0);
        events[..count].iter().for_each(|event| take(event.u64 as RawFd));
        count
    }
}

/// kqueue(2), which knows times and wake-ups by itself.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
impl Selector {
    /// Whether a child that is forked off has copies of the descriptors.
    pub(super) const IS_INHERITED: bool = false;

    pub(super) fn new() -> io::Result<Selector> {
        // SAFETY: the call takes nothing; the descriptor is new and nobody else's.
        let queue = above_stdio(unsafe { owned(libc::kqueue())? })?;
        // SAFETY: the descriptor is open, and the flag is the call's own.
        unsafe { libc::fcntl(queue.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
        let selector = Selector { queue };
        selector.change(&[event(0, libc::EVFILT_USER as _, 0, 0)])?;
        Ok(selector)
    }

    /// Has the events of a descriptor come, until it is closed.
    pub(super) fn watch(&self, descriptor: RawFd) -> io::Result<()> {
        let both = [libc::EVFILT_READ, libc::EVFILT_WRITE];
        self.change(&both.map(|filter| event(descriptor, filter as _, 0, 0)))
    }

    /// Has an event come in so long, instead of at the time that was set before.
    pub(super) fn set_timer(&self, after: Duration) {
        let after = after.as_micros().div_ceil(1000).max(1).try_into().unwrap_or(i32::MAX);
        let mut timer = event(0, libc::EVFILT_TIMER as _, 0, after);
        timer.flags |= libc::EV_ONESHOT;
        let _ = self.change(&[timer]);
    }

    /// Has an event come at once. From any thread.
    pub(super) fn wake(&self) {
        let _ = self.change(&[event(0, libc::EVFILT_USER as _, libc::NOTE_TRIGGER, 0)]);
    }

    /// Gives the descriptors to `take` that something came of since, without waiting. Says how many
    /// events there were.
    pub(super) fn take(&self, mut take: impl FnMut(RawFd)) -> usize {
        let mut events = [event(0, 0, 0, 0); EVENTS];
        let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer and the count are those of a live, exclusively borrowed array.
        let count = unsafe {
            let (queue, room) = (self.queue.as_raw_fd(), EVENTS as _);
            libc::kevent(queue, null(), 0, events.as_mut_ptr(), room, &now)
        };
        let count = usize::try_from(count).unwrap_or(0);
        events[..count].iter().for_each(|event| take(event.ident as RawFd));
        count
    }

    fn change(&self, changes: &[libc::kevent]) -> io::Result<()> {
        // SAFETY: the pointer and the count are those of a live array; there is no room for events.
        let answer = unsafe {
            let (queue, count) = (self.queue.as_raw_fd(), changes.len() as _);
            libc::kevent(queue, changes.as_ptr(), count, null_mut(), 0, null())
        };
        if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

/// A change of kqueue's, by edges.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn event(ident: RawFd, filter: i32, fflags: u32, data: i32) -> libc::kevent {
    // SAFETY: all-zero bytes are a valid value of the plain structure.
    let mut event: libc::kevent = unsafe { std::mem::zeroed() };
    event.ident = ident as _;
    event.filter = filter as _;
    event.flags = libc::EV_ADD | libc::EV_CLEAR;
    event.fflags = fflags;
    event.data = data as _;
    event
}

impl AsRawFd for Selector {
    fn as_raw_fd(&self) -> RawFd {
        self.queue.as_raw_fd()
    }
}

/// How many descriptors the process may have open.
pub(super) fn descriptors_most() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is live and exclusively borrowed.
    let answer = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    if answer == 0 { usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX) } else { 0 }
}

/// A descriptor that a system call made, or its error.
///
/// # Safety
/// A number that is not negative is an open descriptor that nobody else has.
unsafe fn owned(fd: c_int) -> io::Result<OwnedFd> {
    match fd {
        ..0 => Err(io::Error::last_os_error()),
        // SAFETY: the caller's promise.
        fd => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
    }
}

/// The same file under a descriptor above 2. A host that closed its standard streams still writes to
/// them: what it prints must not go to the service.
pub(super) fn above_stdio(file: OwnedFd) -> io::Result<OwnedFd> {
    if file.as_raw_fd() > 2 {
        return Ok(file);
    }
    // SAFETY: the descriptor is open; the new one is nobody else's.
    unsafe { owned(libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3)) }
}

/// Receives with `flags`, see recv(2).
pub(super) fn receive(socket: &impl AsRawFd, buffer: &mut [u8], flags: c_int) -> io::Result<usize> {
    // SAFETY: the pointer and the length are those of a live, exclusively borrowed slice.
    let count =
        unsafe { libc::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// How many bytes the peer of a TCP socket has not acknowledged, where the system says so.
pub(super) fn unacknowledged(socket: &impl AsRawFd) -> Option<usize> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let mut count: c_int = 0;
        // SAFETY: the call writes one int, see tcp(7): SIOCOUTQ.
        let answer = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &mut count) };
        (answer == 0).then(|| usize::try_from(count).ok()).flatten()
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = socket;
        None
    }
}

/// Whether the peer of an idle TCP socket left a keepalive probe without an answer.
pub(super) fn is_unresponsive(socket: &impl AsRawFd) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: all-zero bytes are a valid value of the plain structure.
        let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
        let mut size = size_of::<libc::tcp_info>() as libc::socklen_t;
        // SAFETY: the call writes at most `size` bytes to the structure.
        let answer = unsafe {
            let (socket, info) = (socket.as_raw_fd(), (&raw mut info).cast::<c_void>());
            libc::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, info, &mut size)
        };
        answer == 0 && info.tcpi_probes > 0
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = socket;
        false
    }
}

/// The family of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Any,
    V4,
    V6,
}

/// The addresses that the system's resolver knows for a name, in its order (RFC 6724); none if it
/// knows none.
pub(super) fn look_up(name: &str, family: Family) -> io::Result<Vec<IpAddr>> {
    let name = CString::new(name).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the hints are plain data that is filled in before use; the list is the resolver's until
    // it is freed, and each address is read by the structure that its family says.
    unsafe {
        let mut hints: libc::addrinfo = std::mem::zeroed();
        hints.ai_socktype = libc::SOCK_STREAM;
        hints.ai_family = match family {
            Family::Any => libc::AF_UNSPEC,
            Family::V4 => libc::AF_INET,
            Family::V6 => libc::AF_INET6,
        };
        let mut list = null_mut();
        match libc::getaddrinfo(name.as_ptr(), null(), &hints, &mut list) {
            0 => {}
            libc::EAI_NONAME => return Ok(Vec::new()),
            #[cfg(any(target_os = "linux", target_os = "android"))]
            libc::EAI_NODATA => return Ok(Vec::new()),
            libc::EAI_MEMORY => return Err(io::ErrorKind::OutOfMemory.into()),
            libc::EAI_SYSTEM => return Err(io::Error::last_os_error()),
            _ => return Err(io::ErrorKind::HostUnreachable.into()),
        }
        let mut addresses = Vec::new();
        let mut entry: *const libc::addrinfo = list;
        while let Some(found) = entry.as_ref() {
            match found.ai_family {
                libc::AF_INET => {
                    let address = &*found.ai_addr.cast::<libc::sockaddr_in>();
                    let octets = address.sin_addr.s_addr.to_ne_bytes();
                    addresses.push(IpAddr::V4(Ipv4Addr::from(octets)));
                }
                libc::AF_INET6 => {
                    let address = &*found.ai_addr.cast::<libc::sockaddr_in6>();
                    addresses.push(IpAddr::V6(Ipv6Addr::from(address.sin6_addr.s6_addr)));
                }
                _ => {}
            }
            entry = found.ai_next;
        }
        libc::freeaddrinfo(list);
        Ok(addresses)
    }
}

/// Whether the C library can give this thread memory. It is asked before what the library itself
/// would not survive the lack of it in.
pub(super) fn has_memory() -> bool {
    /// A piece as the C library keeps ready for a thread.
    const SIZE: usize = 64 * 1024;
    // SAFETY: what was given is written to inside its size, which keeps the compiler from leaving
    // the two calls out, and given back once; NULL may be given back as well.
    unsafe {
        let piece = libc::malloc(SIZE).cast::<u8>();
        if !piece.is_null() {
            piece.write_volatile(0);
        }
        libc::free(piece.cast());
        !piece.is_null()
    }
}

/// The stack of a thread, in bytes. The system's resolver may load modules that need much.
const STACK: usize = 2 << 20;

/// Starts a thread that leaves the host's signals to the host's own threads, and prints panics only
/// if this thread does.
///
/// Not the standard library's: that one leaves memory behind in the thread that starts another,
/// which is the host's, and the C library ends the process when there is none for it.
pub(super) fn spawn_without_signals<W: FnOnce() + Send + 'static>(work: W) -> io::Result<()> {
    extern "C" fn run<W: FnOnce()>(work: *mut c_void) -> *mut c_void {
        #[cfg(target_os = "linux")]
        // SAFETY: the name is a literal of less than 16 bytes that ends with a NUL byte.
        unsafe {
            libc::pthread_setname_np(libc::pthread_self(), c"verifysms".as_ptr());
        }
        // SAFETY: the pointer is of a box that was given up for this thread alone.
        let (work, silent) = *unsafe { Box::from_raw(work.cast::<(W, bool)>()) };
        panics::set_silent(silent);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            // What a panic carries may panic again when it is dropped.
            std::mem::forget(panic);
        }
        null_mut()
    }
    let work = Box::into_raw(Box::new((work, panics::are_silent())));
    // SAFETY: the attributes and both sets are plain data that the calls fill or read. A new thread
    // inherits the mask, which is put back before anything else can see the change in this one.
    // The thread is given the box; when there is none nobody else has it.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        let mut thread: libc::pthread_t = std::mem::zeroed();
        libc::pthread_attr_init(&mut attributes);
        libc::pthread_attr_setstacksize(&mut attributes, STACK);
        libc::pthread_attr_setdetachstate(&mut attributes, libc::PTHREAD_CREATE_DETACHED);
        libc::sigfillset(&mut all);
        let masked = libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let failure = libc::pthread_create(&mut thread, &attributes, run::<W>, work.cast());
        if masked == 0 {
            libc::pthread_sigmask(libc::SIG_SETMASK, &before, null_mut());
        }
        libc::pthread_attr_destroy(&mut attributes);
        if failure == 0 {
            return Ok(());
        }
        drop(Box::from_raw(work));
        Err(io::Error::from_raw_os_error(failure))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::process::{Command, Stdio};
    use std::sync::mpsc;

    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "Miri starts no processes")]
    fn no_descriptor_of_ours_is_where_a_host_has_closed_its_standard_input() {
        const HOST: &str = "VERIFYSMS_TEST_HOST";
        let program = std::env::current_exe().unwrap();
        if std::env::var_os(HOST).is_none() {
            let name = "no_descriptor_of_ours_is_where_a_host_has_closed_its_standard_input";
            let name = format!("transport::sys::tests::{name}");
            let mut host = Command::new(program);
            host.args(["--exact", &name]).env(HOST, "").stdin(Stdio::null()).stdout(Stdio::null());
            assert!(host.status().unwrap().success());
            return;
        }
        // SAFETY: nothing in this process reads from it.
        assert_eq!(unsafe { libc::close(libc::STDIN_FILENO) }, 0);
        let low = OwnedFd::from(File::open(program).unwrap());
        assert_eq!(low.as_raw_fd(), libc::STDIN_FILENO);
        let above = above_stdio(low).unwrap();
        assert!(above.as_raw_fd() > libc::STDERR_FILENO);
        // SAFETY: the calls take numbers alone.
        let (moved, closed) = unsafe {
            let flags = |fd| libc::fcntl(fd, libc::F_GETFD);
            (flags(above.as_raw_fd()), flags(libc::STDIN_FILENO))
        };
        assert_eq!((moved, closed), (libc::FD_CLOEXEC, -1));
        let number = above.as_raw_fd();
        assert_eq!(above_stdio(above).unwrap().as_raw_fd(), number);
    }

    #[test]
    fn a_panic_ends_its_thread_alone() {
        /// Says that it is dropped, as a panic comes by.
        struct Dropped(mpsc::Sender<()>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.send(()).unwrap();
            }
        }
        let (dropped, drops) = mpsc::channel();
        let guard = Dropped(dropped);
        spawn_without_signals(move || {
            let _guard = guard;
            // Without the message that a panic prints.
            std::panic::resume_unwind(Box::new("a defect of ours"));
        })
        .unwrap();
        assert_eq!(drops.recv(), Ok(()));
    }

    #[test]
    fn a_wake_up_before_the_wait_counts() {
        let wake = Wake::new().unwrap();
        wake.wake();
        let waits = [(wake.as_raw_fd(), Interest::Readable)];
        let woken = Waited::Ready { last: true };
        assert_eq!(poll(&waits, Duration::from_secs(60)).unwrap(), woken);
        wake.clear();
        assert_eq!(poll(&waits, Duration::ZERO).unwrap(), Waited::Nothing);
    }
}
