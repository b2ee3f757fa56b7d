//! Memory that runs out, and what becomes of a call then.
//!
//! Rust ends a process that gets no memory, unless the process has a [reserve]. What is as long as a
//! caller likes is asked for in a way that may fail, in every process.

mod heap;
#[cfg(feature = "reserve")]
mod reserve;

use crate::error::{Code, Error, Reached};

pub use heap::WipingAllocator;
pub(crate) use heap::wipe_bytes as wipe;
pub(crate) use reserve::set_aside;

/// Nothing in reserve.
#[cfg(not(feature = "reserve"))]
mod reserve {
    use std::alloc::Layout;

    pub(crate) fn set_aside() -> bool {
        true
    }
    pub(super) fn shortages() -> usize {
        0
    }
    pub(super) fn take(_: Layout) -> *mut u8 {
        std::ptr::null_mut()
    }
    pub(super) fn give_back(_: *mut u8, _: Layout) -> bool {
        false
    }
}

/// Knows whether the process has been short of memory since something began.
///
/// Of any thread: what another one lacked may be missing here next, and a call may move between them.
#[derive(Clone, Copy)]
pub(crate) struct Watch(usize);

/// Begins something that ends when memory is short from here on.
pub(crate) fn begin() -> Watch {
    Watch(reserve::shortages())
}

impl Watch {
    /// Whether memory has been short.
    pub(crate) fn is_short(self) -> bool {
        reserve::shortages() != self.0
    }

    /// An error if memory has been short for what has sent nothing.
    pub(crate) fn check(self) -> Result<(), Error> {
        if self.is_short() { Err(none()) } else { Ok(()) }
    }
}

/// A copy of a text of any length.
pub(crate) fn copy(text: &str) -> Result<String, Error> {
    let mut copy = String::new();
    copy.try_reserve_exact(text.len()).map_err(|_| none())?;
    copy.push_str(text);
    Ok(copy)
}

/// Room for exactly so many bytes.
pub(crate) fn room(size: usize) -> Result<Vec<u8>, Error> {
    let mut room = Vec::new();
    room.try_reserve_exact(size).map_err(|_| none())?;
    Ok(room)
}

/// Bytes that are wiped when they are dropped, however many they are.
#[derive(Default)]
pub(crate) struct Wiped(pub(crate) Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// There was no memory, and nothing was sent.
pub(crate) fn none() -> Error {
    Error::new(Code::Internal, Reached::No, NONE)
}

/// What an error says when there was no memory.
pub(crate) const NONE: &str = "out of memory";
