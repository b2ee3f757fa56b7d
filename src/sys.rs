//! What differs between operating systems: each has one file, with the same functions.
//!
//! Knows nothing of what they are used for. Code elsewhere does not ask which system it runs on.

use std::path::PathBuf;

use rustls::pki_types::CertificateDer;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::Descriptor;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::Descriptor;
#[cfg(windows)]
pub(crate) use windows::*;

/// What a wait on a descriptor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    Readable,
    Writable,
    /// The end of both directions, which every wait is told of.
    HangUp,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollResult {
    /// A descriptor is ready or has failed; perhaps the last one.
    Ready { last: bool },
    /// The time is over, or a signal came.
    Timeout,
}

/// More descriptors than a call ever waits for: one per address of a name, and a wake-up.
pub(crate) const MAX_POLLED: usize = 24;

/// The family of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Any,
    V4,
    V6,
}

/// Where the system keeps its certificate authorities, and those that it keeps elsewhere than in files.
#[derive(Default)]
pub(crate) struct SystemRoots {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) certificates: Vec<CertificateDer<'static>>,
}

/// Who owns a file or a folder, and what others than its owner may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// Whether this user owns it.
    pub(crate) is_own: bool,
    /// Whether the system, or its administrator, owns it.
    pub(crate) is_systems: bool,
    pub(crate) others_read: bool,
    pub(crate) others_write: bool,
    /// Whether everybody may replace any file in the folder.
    pub(crate) everybody_replaces: bool,
}
