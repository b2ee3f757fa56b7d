//! Strings between C and Rust, and the functions that only return or copy strings.

use std::ffi::{CStr, CString, c_char, c_int};

use super::panic_boundary;
use crate::error::{Code, Error, Reason};
use crate::limit::Limit;
use crate::rule::Rule;

/// A string argument. None for NULL. The error names the argument.
///
/// # Safety
/// `string` is NULL or ends with a NUL byte and stays unchanged during the call.
pub(super) unsafe fn optional<'a>(
    argument: &'static str,
    string: *const c_char,
) -> Result<Option<&'a str>, Error> {
    if string.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and as the caller promises it ends with a NUL byte.
    let string = unsafe { CStr::from_ptr(string) };
    string.to_str().map(Some).map_err(|_| Error::invalid(argument, Rule::NotUtf8))
}

/// A string argument that must not be NULL.
///
/// # Safety
/// As [`optional`].
pub(super) unsafe fn required<'a>(
    argument: &'static str,
    string: *const c_char,
) -> Result<&'a str, Error> {
    // SAFETY: as the caller promises.
    unsafe { optional(argument, string) }?.ok_or_else(|| Error::invalid(argument, Rule::Null))
}

/// The part of a text before the first NUL byte, where it ends for C.
pub(super) fn visible(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default()
}

/// A string for C.
pub(super) fn owned(text: &str) -> CString {
    CString::new(visible(text)).unwrap_or_default()
}

/// The name of a code, for example "NOT_VERIFIED".
///
/// @param code One of the VERIFYSMS_ codes.
/// @return The name, static and never freed; "" for any other number.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub extern "C-unwind" fn verifysms_code_name(code: c_int) -> *const c_char {
    let name = match Code::from_number(code) {
        None => c"",
        Some(code) => match code {
            Code::Ok => c"OK",
            Code::InvalidArgument => c"INVALID_ARGUMENT",
            Code::NotVerified => c"NOT_VERIFIED",
            Code::Rejected => c"REJECTED",
            Code::Connect => c"CONNECT",
            Code::Tls => c"TLS",
            Code::Timeout => c"TIMEOUT",
            Code::ConnectionLost => c"CONNECTION_LOST",
            Code::HttpStatus => c"HTTP_STATUS",
            Code::BadReply => c"BAD_REPLY",
            Code::Cancelled => c"CANCELLED",
            Code::Internal => c"INTERNAL",
            Code::Limited => c"LIMITED",
            Code::GuardDown => c"GUARD_DOWN",
        },
    };
    name.as_ptr()
}

/// The name of a limit, for example "SENDS_NUMBER".
///
/// @param limit One of VERIFYSMS_LIMIT_.
/// @return The name, static and never freed; "" for any other number.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub extern "C-unwind" fn verifysms_limit_name(limit: c_int) -> *const c_char {
    let name = match Limit::from_number(limit) {
        None => c"",
        Some(Limit::Cooldown) => c"COOLDOWN",
        Some(Limit::SendsNumber) => c"SENDS_NUMBER",
        Some(Limit::SendsNumberDay) => c"SENDS_NUMBER_DAY",
        Some(Limit::SendsUser) => c"SENDS_USER",
        Some(Limit::SendsRange) => c"SENDS_RANGE",
        Some(Limit::SendsApp) => c"SENDS_APP",
        Some(Limit::Tries) => c"TRIES",
        Some(Limit::FailuresNumber) => c"FAILURES_NUMBER",
        Some(Limit::FailuresUser) => c"FAILURES_USER",
    };
    name.as_ptr()
}

/// The name of a rule, for example "PHONE_TOO_SHORT".
///
/// @param rule One of the VERIFYSMS_RULE_ numbers.
/// @return The name, static and never freed; "" for any other number.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub extern "C-unwind" fn verifysms_rule_name(rule: c_int) -> *const c_char {
    let name = Rule::from_number(rule).map_or(c"", Rule::c_name);
    name.as_ptr()
}

/// What a reason of the service means, in a few English words without a full stop.
///
/// @param reason A number of verifysms_result_reason().
/// @return The text, static and never freed; "" for 0, and words that say so for a number that is not
///         documented.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub extern "C-unwind" fn verifysms_reason_text(reason: c_int) -> *const c_char {
    let text = match Reason(reason.into()) {
        Reason(0) => c"",
        Reason::NONE => c"no failure",
        Reason::SENDER_LENGTH => c"the sender is too long or too short",
        Reason::SENDER_NOT_APPROVED => c"the sender number is not approved by 99 digital",
        Reason::UNKNOWN_ERROR => c"unknown error, contact 99 digital's support",
        Reason::WRONG_API_KEY => c"wrong API key",
        Reason::TO_EMPTY => c"the phone number is empty",
        Reason::SENDER_EMPTY => c"the sender is empty",
        Reason::MESSAGE_WITHOUT_CODE => c"the message has no ##code##",
        _ => c"a reason this library does not know",
    };
    text.as_ptr()
}

/// The version of the loaded library, for example "1.0.0". VERIFYSMS_VERSION is the version that
/// the program was compiled against.
///
/// @return Three numbers with dots, static and never freed.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub extern "C-unwind" fn verifysms_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// Copies a string into a buffer of fixed size, for languages without strings of variable length.
///
/// Copies as many whole characters as fit, and a NUL byte. The string was cut if the return value
/// is not less than size.
///
/// @param string The string; NULL counts as "".
/// @param buffer Where to copy it; with NULL nothing is copied.
/// @param size   The size of the buffer in bytes; with 0 or less nothing is copied.
/// @return The full length of the string in bytes, without its NUL byte.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_copy(
    string: *const c_char,
    buffer: *mut c_char,
    size: c_int,
) -> c_int {
    panic_boundary::enter(
        || 0,
        || {
            if string.is_null() {
                // SAFETY: the literal ends with a NUL byte.
                return unsafe { verifysms_copy(c"".as_ptr(), buffer, size) };
            }
            // SAFETY: not NULL, and as the caller promises it ends with a NUL byte.
            let string = unsafe { CStr::from_ptr(string) }.to_bytes();
            if let (false, Some(room)) =
                (buffer.is_null(), usize::try_from(size).ok().and_then(|size| size.checked_sub(1)))
            {
                let mut count = string.len().min(room);
                let is_inside = |at: usize| string.get(at).is_some_and(|byte| byte >> 6 == 0b10);
                while count > 0 && is_inside(count) {
                    count -= 1;
                }
                // SAFETY: the caller's buffer has at least `count + 1 <= size` bytes; `copy`
                // allows the two to overlap.
                unsafe {
                    std::ptr::copy(string.as_ptr().cast(), buffer, count);
                    *buffer.add(count) = 0;
                }
            }
            c_int::try_from(string.len()).unwrap_or(c_int::MAX)
        },
    )
}
