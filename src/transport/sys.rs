//! What the standard library has no safe call for: waiting on several sockets, noticing a fork,
//! a thread that takes no signals. The only unsafe code outside the C ABI.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How often this process is the child in a fork since the first client was made.
static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// The current generation. It differs from an earlier one exactly if this process was forked off
/// since: what was opened in that one belongs to a parent.
pub(super) fn generation() -> usize {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    extern "C" fn forked() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    // No lock: a child forked off while another thread is here would wait for that thread forever.
    // Two threads may both register, which does no harm.
    if !WATCHED.load(Ordering::Acquire) {
        // SAFETY: the handler only changes an atomic, which a child may do whatever other threads
        // held at the fork, and its code stays loaded (the library is linked never to unload).
        // Without memory for the handler the generation stays, as if there never were a fork.
        unsafe { libc::pthread_atfork(None, None, Some(forked)) };
        WATCHED.store(true, Ordering::Release);
    }
    GENERATION.load(Ordering::Relaxed)
}

/// Waits until one of `sockets` can be written to or has failed, at most for `timeout`, and says
/// which ones. A signal ends the wait as [`io::ErrorKind::Interrupted`].
pub(super) fn poll_writable(sockets: &[RawFd], timeout: Duration) -> io::Result<Vec<bool>> {
    let mut polled: Vec<libc::pollfd> =
        sockets.iter().map(|&fd| libc::pollfd { fd, events: libc::POLLOUT, revents: 0 }).collect();
    let milliseconds = timeout.as_millis().max(1).try_into().unwrap_or(libc::c_int::MAX);
    // SAFETY: the pointer and the length are those of one live, exclusively borrowed vector.
    let ready =
        unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, milliseconds) };
    if ready < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(polled.iter().map(|polled| polled.revents != 0).collect())
}

/// The stack of a thread, in bytes: the standard library's default, which it would otherwise look
/// up in an environment variable. The system's resolver may load modules that need much.
const STACK: usize = 2 << 20;

/// Starts a thread that leaves the host's signals to the host's own threads.
pub(super) fn spawn_without_signals(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = std::thread::Builder::new().name("verifysms-dns".into()).stack_size(STACK);
    // SAFETY: both sets are plain data that the calls fill or read; a new thread inherits the
    // mask, which is put back before anything else can see the change in this one.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        let masked = libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let spawned = thread.spawn(work);
        if masked == 0 {
            libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        }
        spawned.map(drop)
    }
}
