//! The errors of the system that the standard library has no kind for.

use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_BAD_PATHNAME, ERROR_CANT_ACCESS_FILE, ERROR_DIRECTORY,
    ERROR_FILE_NOT_FOUND, ERROR_FILENAME_EXCED_RANGE, ERROR_INVALID_NAME, ERROR_PATH_NOT_FOUND,
    ERROR_SHARING_VIOLATION, ERROR_TOO_MANY_OPEN_FILES,
};
use windows_sys::Win32::Networking::WinSock::{WSAEMFILE, WSAENOBUFS};

/// What such an error means.
pub(crate) fn text(number: i32) -> Option<&'static str> {
    match number {
        WSAEMFILE => return Some("too many open files"),
        WSAENOBUFS => return Some("out of memory"),
        _ => {}
    }
    match number as u32 {
        ERROR_TOO_MANY_OPEN_FILES => Some("too many open files"),
        ERROR_SHARING_VIOLATION => Some("another program has it open"),
        ERROR_FILENAME_EXCED_RANGE => Some("its name is too long"),
        ERROR_INVALID_NAME | ERROR_BAD_PATHNAME => Some("its name is not allowed"),
        _ => None,
    }
}

/// Whether a file may be readable a moment later: the system had no memory, or somebody else has it open.
pub(crate) fn is_transient(error: &io::Error) -> bool {
    let permanent = [
        ERROR_ACCESS_DENIED,
        ERROR_BAD_PATHNAME,
        ERROR_CANT_ACCESS_FILE,
        ERROR_DIRECTORY,
        ERROR_FILE_NOT_FOUND,
        ERROR_FILENAME_EXCED_RANGE,
        ERROR_INVALID_NAME,
        ERROR_PATH_NOT_FOUND,
    ];
    error.raw_os_error().is_some_and(|number| !permanent.contains(&(number as u32)))
}
