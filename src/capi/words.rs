//! Words for the person who signs up.

use std::ffi::{c_char, c_int};

use super::panic_boundary;
use super::result::{read, verifysms_result};
use super::text::{self, verifysms_copy};
use crate::words::{self, Language};

/// One sentence for the person who signs up. It says what they can do, not why a call failed; it has no
/// key and no code, of a number the last three digits, and does not tell a wrong code from an expired one.
///
/// @param result   A result, or NULL.
/// @param language "he" for Hebrew; "en", NULL and any other text: English.
/// @return A sentence in UTF-8, owned by the result and valid until it is freed; "" for NULL, and for
///         what went well and is not for a person, such as a connect.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_user_text(
    result: *const verifysms_result,
    language: *const c_char,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { read(result, c"".as_ptr(), |state| state.user_text(Language::named(code(language)))) }
}

/// The sentence that a new code can be asked for in so many seconds, for a page with a countdown.
///
/// @param seconds  The wait; less than 1 counts as 1.
/// @param language As for verifysms_result_user_text().
/// @param buffer   Where to copy the sentence, in UTF-8; with NULL nothing is copied.
/// @param size     The size of the buffer in bytes.
/// @return As verifysms_copy(): the full length in bytes, without the NUL byte.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_wait_text(
    seconds: c_int,
    language: *const c_char,
    buffer: *mut c_char,
    size: c_int,
) -> c_int {
    panic_boundary::enter(
        || 0,
        || {
            // SAFETY: the module's promise.
            let language = unsafe { code(language) };
            let sentence = words::wait_text(u64::try_from(seconds).unwrap_or(0), language);
            // SAFETY: the caller's buffer has `size` bytes.
            unsafe { verifysms_copy(text::owned(&sentence).as_ptr(), buffer, size) }
        },
    )
}

/// The code of a language; English for NULL and what is no text.
///
/// # Safety
/// The module's promise.
unsafe fn code<'a>(language: *const c_char) -> &'a str {
    // SAFETY: the module's promise.
    unsafe { text::optional("language", language) }.ok().flatten().unwrap_or("en")
}
