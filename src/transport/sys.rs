//! What the standard library has no safe call for: waiting on several sockets, noticing a fork,
//! a thread that takes no signals. The only unsafe code outside the C ABI.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How often this process is the child in a fork since the first client was made.
static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// The current generation. It differs from an earlier one exactly if this process was forked off
/// since: what was opened in that one belongs to a parent.
pub(super) fn generation() -> usize {
    GENERATION.load(Ordering::Relaxed)
}

/// Begins to notice forks. There is no client without it: the error is that there is no memory.
pub(super) fn watch_forks() -> io::Result<()> {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    extern "C" fn forked() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    // No lock: a child forked off while another thread is here would wait for that thread forever.
    // Two threads may both register, which does no harm.
    // Miri knows no forks.
    if !cfg!(miri) && !WATCHED.load(Ordering::Acquire) {
        // SAFETY: the handler only changes an atomic, which a child may do whatever other threads
        // held at the fork, and its code stays loaded (the library is linked never to unload).
        let failure = unsafe { libc::pthread_atfork(None, None, Some(forked)) };
        if failure != 0 {
            return Err(io::Error::from_raw_os_error(failure));
        }
        WATCHED.store(true, Ordering::Release);
    }
    Ok(())
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

/// Starts a thread that leaves the host's signals to the host's own threads.
///
/// Not the standard library's: that one leaves memory behind in the thread that starts another,
/// which is the host's, and the C library ends the process when there is none for it.
pub(super) fn spawn_without_signals<W: FnOnce() + Send + 'static>(work: W) -> io::Result<()> {
    extern "C" fn run<W: FnOnce()>(work: *mut c_void) -> *mut c_void {
        #[cfg(target_os = "linux")]
        // SAFETY: the name is a literal of less than 16 bytes that ends with a NUL byte.
        unsafe {
            libc::pthread_setname_np(libc::pthread_self(), c"verifysms-dns".as_ptr());
        }
        // SAFETY: the pointer is of a box that was given up for this thread alone.
        let work = unsafe { Box::from_raw(work.cast::<W>()) };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            // What a panic carries may panic again when it is dropped.
            std::mem::forget(panic);
        }
        std::ptr::null_mut()
    }
    let work = Box::into_raw(Box::new(work));
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
            libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        }
        libc::pthread_attr_destroy(&mut attributes);
        if failure == 0 {
            return Ok(());
        }
        drop(Box::from_raw(work));
        Err(io::Error::from_raw_os_error(failure))
    }
}

/// The descriptor, or in its place one that no C library takes for standard input, output or error: a
/// host may have closed those.
pub(super) fn above_stdio(fd: OwnedFd) -> io::Result<OwnedFd> {
    if fd.as_raw_fd() > libc::STDERR_FILENO {
        return Ok(fd);
    }
    // SAFETY: the call takes numbers alone, and the descriptor is open.
    let above =
        unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, libc::STDERR_FILENO + 1) };
    if above < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(above) })
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
}
