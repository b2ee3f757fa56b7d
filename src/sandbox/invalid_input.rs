//! The error of an invalid option or request to the sandbox.

use std::io;

pub(super) fn invalid_input(text: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text.into())
}
