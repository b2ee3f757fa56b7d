//! What happens when the system has no memory.
//!
//! Rust aborts a process whose allocation fails. The C library and the Python package therefore have a
//! [reserve]. Allocations whose size the caller decides are fallible, with or without a reserve.

mod heap;
#[cfg(feature = "reserve")]
mod reserve;

use crate::error::{Code, Error, Reached};

pub use heap::WipingAllocator;
pub(crate) use heap::wipe_bytes as wipe;
pub(crate) use reserve::init_reserve;

/// No reserve.
#[cfg(not(feature = "reserve"))]
mod reserve {
    use std::alloc::Layout;

    pub(crate) fn init_reserve() -> bool {
        true
    }
    pub(super) fn shortages() -> usize {
        0
    }
    pub(super) fn alloc(_: Layout) -> *mut u8 {
        std::ptr::null_mut()
    }
    pub(super) fn free(_: *mut u8, _: Layout) -> bool {
        false
    }
}

/// Knows whether an allocation has failed since it was made.
///
/// In any thread: the next allocation may fail here as well, and a call may move between threads.
#[derive(Clone, Copy)]
pub(crate) struct ShortageWatch(usize);

/// Begins to watch for failed allocations.
pub(crate) fn watch_shortage() -> ShortageWatch {
    ShortageWatch(reserve::shortages())
}

impl ShortageWatch {
    /// Whether an allocation has failed.
    pub(crate) fn is_short(self) -> bool {
        reserve::shortages() != self.0
    }

    /// An error if an allocation has failed. For work that sends nothing.
    pub(crate) fn check(self) -> Result<(), Error> {
        if self.is_short() { Err(out_of_memory()) } else { Ok(()) }
    }
}

/// A fallible copy of a text.
pub(crate) fn copy(text: &str) -> Result<String, Error> {
    concat(&[text])
}

/// A fallible copy of texts, one behind the other.
pub(crate) fn concat(texts: &[&str]) -> Result<String, Error> {
    let mut copy = String::new();
    let length = texts.iter().map(|text| text.len()).sum();
    copy.try_reserve_exact(length).map_err(|_| out_of_memory())?;
    copy.extend(texts.iter().copied());
    Ok(copy)
}

/// A fallible `Vec::with_capacity`, with exactly this capacity.
pub(crate) fn vec_with_capacity(size: usize) -> Result<Vec<u8>, Error> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(size).map_err(|_| out_of_memory())?;
    Ok(vec)
}

/// Bytes that are wiped when they are dropped.
#[derive(Default)]
pub(crate) struct Wiped(pub(crate) Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Calls `work`, and overwrites the stack that it used. Functions that read eight bytes of a text at once may
/// leave them there.
#[cfg(feature = "capi")]
pub(crate) fn wiping_stack<T>(work: impl FnOnce() -> T) -> T {
    /// Has a frame of its own, all of which is wiped.
    #[inline(never)]
    fn apart<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    let done = apart(work);
    wipe_stack();
    done
}

/// Overwrites the stack below the caller, as deep as a call on an open connection goes, with the guard in the
/// memory of the process; its other stores see hashes alone. A handshake goes deeper, but has no secret.
/// `tests/hosts/stack.c` fails if a call goes deeper.
#[cfg(feature = "capi")]
#[inline(never)]
fn wipe_stack() {
    const DEPTH: usize = 16 * 1024;
    std::hint::black_box(&mut [0u8; DEPTH]);
}

/// The error if there is no memory and nothing was sent.
pub(crate) fn out_of_memory() -> Error {
    Error::new(Code::Internal, Reached::No, OUT_OF_MEMORY)
}

/// The text of that error.
pub(crate) const OUT_OF_MEMORY: &str = "out of memory";
