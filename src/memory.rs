//! Memory that runs out, and what becomes of a call then.
//!
//! Rust ends a process that gets no memory, unless the process has a [reserve]. What is as long as a
//! caller likes is asked for in a way that may fail, in every process.

mod heap;
#[cfg(feature = "reserve")]
mod reserve;

use crate::error::{Code, Error, Reached};

pub use heap::WipingAllocator;

/// Begins something that ends when memory is short from here on.
pub(crate) fn begin() {
    #[cfg(feature = "reserve")]
    reserve::forget();
}

/// Whether this thread has been short of memory since it began.
pub(crate) fn is_short() -> bool {
    #[cfg(feature = "reserve")]
    return reserve::is_in_use();
    #[cfg(not(feature = "reserve"))]
    false
}

/// An error if this thread has been short of memory since it began what has sent nothing.
pub(crate) fn check() -> Result<(), Error> {
    if is_short() { Err(none()) } else { Ok(()) }
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

/// There was no memory, and nothing was sent.
pub(crate) fn none() -> Error {
    Error::new(Code::Internal, Reached::No, NONE)
}

/// What an error says when there was no memory.
pub(crate) const NONE: &str = "out of memory";
