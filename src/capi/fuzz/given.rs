//! The strings that a program gives: right ones, wrong ones, and any.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use crate::fuzz::Choices;

/// Longer than any buffer of the library.
const OVERLONG: usize = 70_000;

/// A string, and whether the library must take it. It is freed as soon as the call is over.
pub(super) struct Given {
    string: Option<CString>,
    pub(super) is_right: Option<bool>,
}

impl Given {
    /// One of `right`, or a string that may be wrong. NULL is taken where it `is_optional`.
    pub(super) fn choose(choices: &mut Choices<'_>, right: &[&CStr], is_optional: bool) -> Given {
        match choices.index(8) {
            0..=3 => Given::right(choices.one_of(right)),
            4 => Given { string: None, is_right: Some(is_optional) },
            5 => {
                let bytes = choices.bytes().split(|&byte| byte == 0).next().unwrap_or_default();
                Given { string: CString::new(bytes).ok(), is_right: None }
            }
            6 => Given { string: Some(c"abc\xff\xfe".into()), is_right: Some(false) },
            _ => Given { string: CString::new(vec![b'7'; OVERLONG]).ok(), is_right: None },
        }
    }

    pub(super) fn right(string: &CStr) -> Given {
        Given { string: Some(string.into()), is_right: Some(true) }
    }

    pub(super) fn null(is_optional: bool) -> Given {
        Given { string: None, is_right: Some(is_optional) }
    }

    /// The pointer, valid as long as this is.
    pub(super) fn as_ptr(&self) -> *const c_char {
        self.string.as_ref().map_or_else(ptr::null, |string| string.as_ptr())
    }

    pub(super) fn is_null(&self) -> bool {
        self.string.is_none()
    }
}
