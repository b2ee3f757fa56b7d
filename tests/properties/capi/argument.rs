//! String arguments: valid, invalid, or any bytes.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use super::super::Choices;

/// Longer than any buffer of the library.
const TOO_LONG: usize = 70_000;

/// A string, and whether the library must accept it; None if either is right. It is freed as soon as the
/// call is over.
pub(super) struct Argument {
    string: Option<CString>,
    pub(super) is_valid: Option<bool>,
}

impl Argument {
    /// One of `valid`, or a string that may be invalid. NULL is valid if the argument `is_optional`.
    pub(super) fn choose(
        choices: &mut Choices<'_>,
        valid: &[&CStr],
        is_optional: bool,
    ) -> Argument {
        match choices.index(8) {
            0..=3 => Argument::valid(choices.one_of(valid)),
            4 => Argument { string: None, is_valid: Some(is_optional) },
            5 => {
                let bytes = choices.bytes().split(|&byte| byte == 0).next().unwrap_or_default();
                Argument { string: CString::new(bytes).ok(), is_valid: None }
            }
            6 => Argument { string: Some(c"abc\xff\xfe".into()), is_valid: Some(false) },
            _ => Argument { string: CString::new(vec![b'7'; TOO_LONG]).ok(), is_valid: None },
        }
    }

    pub(super) fn valid(string: &CStr) -> Argument {
        Argument { string: Some(string.into()), is_valid: Some(true) }
    }

    pub(super) fn null(is_optional: bool) -> Argument {
        Argument { string: None, is_valid: Some(is_optional) }
    }

    /// The pointer. It is valid as long as `self` lives.
    pub(super) fn as_ptr(&self) -> *const c_char {
        self.string.as_ref().map_or_else(ptr::null, |string| string.as_ptr())
    }

    pub(super) fn is_null(&self) -> bool {
        self.string.is_none()
    }
}
