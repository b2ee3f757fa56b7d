//! Threads of this library in the process of a host.

use std::ffi::c_void;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use crate::panics;

/// The stack size of a thread, in bytes. The resolver of the system may load modules that need much.
const STACK: usize = 2 << 20;

/// Starts a thread that blocks all signals: they are for the threads of the host. It prints panics only if
/// the calling thread does.
///
/// Not `std::thread::spawn`, which allocates thread-local memory in the calling thread, a thread of the
/// host. If that fails, the C library ends the process.
pub(crate) fn spawn_without_signals<W: FnOnce() + Send + 'static>(work: W) -> io::Result<()> {
    extern "C" fn run<W: FnOnce()>(work: *mut c_void) -> *mut c_void {
        #[cfg(target_os = "linux")]
        // SAFETY: the name is a literal of less than 16 bytes that ends with a NUL byte.
        unsafe {
            libc::pthread_setname_np(libc::pthread_self(), c"verifysms".as_ptr());
        }
        // SAFETY: the pointer comes from `Box::into_raw`, and only this thread has it.
        let (work, silent) = *unsafe { Box::from_raw(work.cast::<(W, bool)>()) };
        panics::set_silent(silent);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            // The payload of a panic may panic when it is dropped.
            std::mem::forget(panic);
        }
        null_mut()
    }
    let work = Box::into_raw(Box::new((work, panics::are_silent())));
    // SAFETY: the attributes and both sets are plain data that the calls fill or read. The new thread
    // inherits the signal mask, which is restored in this one at once. The thread owns the box; if there
    // is no thread, this function does.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        let mut thread: libc::pthread_t = std::mem::zeroed();
        libc::pthread_attr_init(&mut attributes);
        libc::pthread_attr_setstacksize(&mut attributes, STACK);
        libc::pthread_attr_setdetachstate(&mut attributes, libc::PTHREAD_CREATE_DETACHED);
        libc::sigfillset(&mut all);
        let mask_result = libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let failure = libc::pthread_create(&mut thread, &attributes, run::<W>, work.cast());
        // uncovered: pthread_sigmask fails only for an unknown `how`, and ours is a constant.
        if mask_result == 0 {
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
