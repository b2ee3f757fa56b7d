//! The errors of the system that the standard library has no kind for.

use std::io;

/// What such an error means.
pub(crate) fn text(number: i32) -> Option<&'static str> {
    match number {
        libc::EMFILE | libc::ENFILE => Some("too many open files"),
        libc::ELOOP => Some("it is a link"),
        libc::ENAMETOOLONG => Some("its name is too long"),
        _ => None,
    }
}

/// Whether a file may be readable a moment later: the system had no memory or no descriptor.
pub(crate) fn is_transient(error: &io::Error) -> bool {
    use libc::{EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENODEV, ENOENT, ENOTDIR, ENXIO, EPERM};
    let permanent = [EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENODEV, ENOENT, ENOTDIR, ENXIO, EPERM];
    error.raw_os_error().is_some_and(|number| !permanent.contains(&number))
}
