//! System calls without a safe function in the standard library: poll(2) and selectors, fork detection, name
//! lookups by family, threads that block all signals.
#![allow(unsafe_code)]

pub(crate) mod file;
mod selector;
mod thread;

use std::ffi::{CString, c_int, c_void};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::time::Duration;

pub(super) use selector::Selector;
pub(super) use thread::spawn_without_signals;

/// Identifies a process, so that a forked child differs from its parent.
///
/// Consists of the process id and of a number on a page that the kernel wipes in a child
/// (`MADV_WIPEONFORK`, Linux 4.14). The id alone may be reused by a grandchild. The number alone does not
/// change in a child of vfork(2), which shares its parent's memory. Neither needs a fork handler, so
/// `_Fork`, `clone` and raw system calls are noticed like fork(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    id: u32,
    number: u32,
}

/// The page that is zero in a child. NULL if the system has no such page.
static PAGE: AtomicPtr<AtomicU32> = AtomicPtr::new(null_mut());
/// The last number that this process or an ancestor took.
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

/// Sets up fork detection. Called before the first client is made.
pub(super) fn watch_forks() {
    #[cfg(target_os = "linux")]
    // uncovered: only Miri, which does not support fork, sees the other side.
    if !cfg!(miri) && PAGE.load(Ordering::Acquire).is_null() {
        // SAFETY: a new mapping. It is unmapped only if it was not published.
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
                // seldom covered: two threads make the first clients of the process at the same instant.
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
    /// The end of both directions, which every wait is told of.
    HangUp,
}

/// How poll(2) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PollResult {
    /// A descriptor is ready or has failed; perhaps the last one.
    Ready { last: bool },
    /// The time is over, or a signal came.
    Timeout,
}

/// More descriptors than a call ever waits for: one per address of a name, and a wake-up.
pub(super) const MAX_POLLED: usize = 24;

/// Waits until one of `descriptors` is ready or has failed, at most for `timeout`.
pub(super) fn poll(descriptors: &[(RawFd, Interest)], timeout: Duration) -> io::Result<PollResult> {
    let mut polled = [libc::pollfd { fd: -1, events: 0, revents: 0 }; MAX_POLLED];
    for (polled, &(fd, interest)) in polled.iter_mut().zip(descriptors) {
        polled.fd = fd;
        polled.events = match interest {
            Interest::Readable => libc::POLLIN,
            Interest::Writable => libc::POLLOUT,
            Interest::HangUp => 0,
        };
    }
    let count = descriptors.len().min(MAX_POLLED) as libc::nfds_t;
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
            error if error.kind() == io::ErrorKind::Interrupted => Ok(PollResult::Timeout),
            error => Err(error),
        },
        0 => Ok(PollResult::Timeout),
        // uncovered: every wait has a descriptor.
        _ => Ok(PollResult::Ready { last: count > 0 && polled[count as usize - 1].revents != 0 }),
    }
}

/// A descriptor that another thread makes readable, to end a wait: an eventfd(2) or a pipe(2).
pub(super) struct WakeFd {
    read: OwnedFd,
    write: Option<OwnedFd>,
}

impl WakeFd {
    pub(super) fn new() -> io::Result<WakeFd> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            // SAFETY: the call takes no pointer; the descriptor is new and nobody else's.
            let read = unsafe { owned(libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK))? };
            Ok(WakeFd { read: above_stdio(read)?, write: None })
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
            Ok(WakeFd { read, write: Some(write) })
        }
    }

    /// Makes the descriptor readable.
    pub(super) fn wake(&self) {
        let one = 1u64.to_ne_bytes();
        let write = self.write.as_ref().unwrap_or(&self.read);
        // SAFETY: the bytes are live, and the descriptor is open. If it is full, it is readable already.
        let _ = unsafe { libc::write(write.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Makes the descriptor unreadable again.
    pub(super) fn clear(&self) {
        let mut count = [0u8; 64];
        // SAFETY: the buffer is live, and the descriptor is open. There may be nothing to read.
        let _ = unsafe { libc::read(self.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    }
}

impl AsRawFd for WakeFd {
    fn as_raw_fd(&self) -> RawFd {
        self.read.as_raw_fd()
    }
}

/// How many descriptors the process may have open.
pub(crate) fn max_descriptors() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is live and exclusively borrowed.
    let answer = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    // uncovered: getrlimit(2) fails only for an unknown resource.
    if answer == 0 { usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX) } else { 0 }
}

/// The descriptor that a system call returned, or its error.
///
/// # Safety
/// A number that is not negative is an open descriptor that nobody else owns.
unsafe fn owned(fd: c_int) -> io::Result<OwnedFd> {
    match fd {
        ..0 => Err(io::Error::last_os_error()),
        // SAFETY: the caller's promise.
        fd => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
    }
}

/// The same file under a descriptor above 2. A host that closed its standard output may still print, and
/// that must not go to the service.
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

/// How many sent bytes the peer of a TCP socket has not acknowledged, if the system says so.
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

/// Whether a keepalive probe of an idle TCP socket is unanswered.
pub(super) fn is_unresponsive(socket: &impl AsRawFd) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return tcp_info(socket).is_some_and(|info| info.tcpi_probes > 0);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = socket;
        false
    }
}

/// Whether a TCP socket is in the state CLOSED, if the system says so.
pub(super) fn is_closed(socket: &impl AsRawFd) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        /// TCP_CLOSE of <netinet/tcp.h>, which `libc` lacks.
        const CLOSED: u8 = 7;
        tcp_info(socket).is_some_and(|info| info.tcpi_state == CLOSED)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = socket;
        false
    }
}

/// See tcp(7): TCP_INFO.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn tcp_info(socket: &impl AsRawFd) -> Option<libc::tcp_info> {
    // SAFETY: all-zero bytes are a valid value of the plain structure.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut size = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: the call writes at most `size` bytes to the structure.
    let answer = unsafe {
        let (socket, info) = (socket.as_raw_fd(), (&raw mut info).cast::<c_void>());
        libc::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, info, &mut size)
    };
    (answer == 0).then_some(info)
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
            // seldom covered: glibc says EAI_NONAME unless the resolver is told to distinguish the two.
            libc::EAI_NODATA => return Ok(Vec::new()),
            // seldom covered: the resolver itself has no memory.
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
                // uncovered: the hints ask for no other family.
                _ => {}
            }
            entry = found.ai_next;
        }
        libc::freeaddrinfo(list);
        Ok(addresses)
    }
}

/// Whether malloc(3) succeeds in this thread. Checked before calls in which the C library does not survive
/// a failure of malloc.
pub(super) fn has_memory() -> bool {
    /// What the C library allocates for a thread.
    const SIZE: usize = 64 * 1024;
    // SAFETY: the write is inside the block; without it the compiler would remove both calls. The block is
    // freed once; free(3) accepts NULL.
    unsafe {
        let block = libc::malloc(SIZE).cast::<u8>();
        // seldom covered: memory that is short in the thread of a lookup; tests/deep/memory.py makes it so.
        if !block.is_null() {
            block.write_volatile(0);
        }
        libc::free(block.cast());
        !block.is_null()
    }
}

#[cfg(test)]
mod tests;
