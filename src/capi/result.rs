//! The outcome of a call, read through accessors.

use std::ffi::{CString, c_char, c_int};
use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::handle::{self, Handle};
use super::panic_boundary;
use super::text;
use crate::delivery::{DeliveryState, NextStep};
use crate::error::{Code, Error, Reached};
use crate::limit::Standing;
use crate::memory;
use crate::rule::Rule;
use crate::words::{Language, Saying};

/// The outcome of a call, as C sees it.
#[repr(C)]
pub struct verifysms_result {
    _private: [u8; 0],
}

/// What a pointer to a result points to.
pub(super) struct ResultState {
    pub(super) code: Code,
    pub(super) reached: Reached,
    pub(super) rule: Option<Rule>,
    pub(super) reason: i64,
    pub(super) status: i64,
    pub(super) http_status: u16,
    pub(super) timestamp: i64,
    pub(super) standing: Standing,
    pub(super) strings: Strings<4>,
    pub(super) saying: Saying,
    /// The sentence for the person in each language, once it was asked for.
    pub(super) user_texts: [OnceLock<CString>; Language::COUNT],
    pub(super) delivery: Option<DeliveryFields>,
}

impl Handle for verifysms_result {
    type Inner = ResultState;
}

/// What only the outcome of a delivery has.
pub(super) struct DeliveryFields {
    pub(super) state: DeliveryState,
    pub(super) next: NextStep,
    pub(super) code: Option<i64>,
    pub(super) strings: Strings<4>,
}

/// The strings of a result, each with a NUL byte after it, in one vector that is wiped.
pub(super) struct Strings<const N: usize> {
    bytes: Zeroizing<Vec<u8>>,
    starts: [usize; N],
}

const UNIQUE: usize = 0;
const SENDER: usize = 1;
const TO: usize = 2;
const MESSAGE: usize = 3;

impl<const N: usize> Strings<N> {
    pub(super) fn new(texts: [&str; N]) -> Strings<N> {
        let size = texts.iter().map(|text| text.len() + 1).sum();
        let mut bytes = Zeroizing::new(Vec::with_capacity(size));
        let starts = texts.map(|text| {
            let start = bytes.len();
            bytes.extend_from_slice(text::visible(text).as_bytes());
            bytes.push(0);
            start
        });
        Strings { bytes, starts }
    }

    fn text(&self, which: usize) -> &str {
        let bytes = self.bytes[self.starts[which]..].split(|&byte| byte == 0).next();
        bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    pub(super) fn pointer(&self, which: usize) -> *const c_char {
        self.bytes[self.starts[which]..].as_ptr().cast()
    }
}

impl ResultState {
    pub(super) fn new(code: Code, reached: Reached, strings: [&str; 4]) -> ResultState {
        ResultState {
            code,
            reached,
            rule: None,
            reason: 0,
            status: 0,
            http_status: 0,
            timestamp: 0,
            standing: Standing::default(),
            strings: Strings::new(strings),
            saying: if code == Code::Ok { Saying::Nothing } else { Saying::TryAgain },
            user_texts: [const { OnceLock::new() }; Language::COUNT],
            delivery: None,
        }
    }

    /// The sentence for the person. It is made once for each language.
    pub(super) fn user_text(&self, language: Language) -> *const c_char {
        let make = || text::owned(&self.saying.text(language, self.strings.text(TO)));
        self.user_texts[language as usize].get_or_init(make).as_ptr()
    }

    /// The result after a panic: whether a byte was sent is not known here.
    pub(super) fn defect() -> ResultState {
        let message = "a defect of the library; the request may have left";
        ResultState::new(Code::Internal, Reached::Unknown, ["", "", "", message])
    }
}

/// The outcome of `call` as a handle. NULL, which reads as INTERNAL, if there is no memory for the
/// reserve.
pub(super) fn of<T: Into<ResultState>>(
    call: impl FnOnce() -> Result<T, Error>,
) -> *mut verifysms_result {
    panic_boundary::enter(
        || verifysms_result::into_raw(ResultState::defect()),
        || {
            // uncovered: verifysms_config_new() has made the reserve, and without it there is no client to
            // call.
            if !memory::init_reserve() {
                return std::ptr::null_mut();
            }
            verifysms_result::into_raw(memory::wiping_stack(|| {
                call().map_or_else(ResultState::from, T::into)
            }))
        },
    )
}

/// Reads a field of a result. Returns `neutral` for NULL and after a panic.
///
/// # Safety
/// The module's promise.
pub(super) unsafe fn read<T: Copy>(
    result: *const verifysms_result,
    neutral: T,
    read: impl FnOnce(&ResultState) -> T,
) -> T {
    // SAFETY: the module's promise.
    panic_boundary::enter(|| neutral, || unsafe { handle::borrow(result) }.map_or(neutral, read))
}

/// The nearest number that an int can hold. The documented numbers are small.
pub(super) fn clamped(number: i64) -> c_int {
    number.clamp(c_int::MIN.into(), c_int::MAX.into()) as c_int
}

/// How the call ended.
///
/// @param result A result, or NULL.
/// @return One of the codes. For a check VERIFYSMS_OK means verified, and no other code does.
///         VERIFYSMS_INTERNAL for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_code(result: *const verifysms_result) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(result, Code::Internal.number(), |state| state.code.number()) }
}

/// Whether the request reached the service.
///
/// It did not if no byte of it was sent. It did not either if the connection ended in order (with TLS:
/// with close_notify) before any byte of an answer, and the peer's machine acknowledged no byte of the
/// request and answered with RST: then only a server that reads on after it ended the connection may
/// have read it. A reset alone proves nothing. Neither does any end on a system that does not tell what
/// was acknowledged (Linux does). These are _UNKNOWN.
///
/// @param result A result, or NULL.
/// @return VERIFYSMS_REACHED_NO (the call may be repeated; after VERIFYSMS_LIMITED not before
///         verifysms_result_retry_after()), _YES (the answer decides) or _UNKNOWN (only a person or a
///         policy of yours can decide). _UNKNOWN for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_reached(result: *const verifysms_result) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(result, Reached::Unknown.number(), |state| state.reached.number()) }
}

/// The rule that an argument breaks, for a program that acts on it.
///
/// @param result A result, or NULL.
/// @return One of the VERIFYSMS_RULE_ numbers, or one of a later version, if the code is
///         VERIFYSMS_INVALID_ARGUMENT; 0 otherwise, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_rule(result: *const verifysms_result) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(result, 0, |state| state.rule.map_or(0, Rule::number)) }
}

/// The reason that the service gave.
///
/// @param result A result, or NULL.
/// @return The number that came with FAIL, documented (VERIFYSMS_REASON_) or not; 1 for an accepted
///         send; 0 if there is none, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_reason(result: *const verifysms_result) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(result, 0, |state| clamped(state.reason)) }
}

/// The raw status of a check. The provider documents only 1: do not rely on any other value.
///
/// @param result A result, or NULL.
/// @return 1 if the number is verified; 0 if there is no status, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_status(result: *const verifysms_result) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(result, 0, |state| clamped(state.status)) }
}

/// The HTTP status of the answer.
///
/// @param result A result, or NULL.
/// @return For example 200; 0 if there was no answer, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_http_status(
    result: *const verifysms_result,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(result, 0, |state| state.http_status.into()) }
}

/// When the service accepted a send.
///
/// @param result A result, or NULL.
/// @return Unix time in seconds; 0 if there is none, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_timestamp(result: *const verifysms_result) -> i64 {
    // SAFETY: the module's promise.
    unsafe { read(result, 0, |state| state.timestamp) }
}

/// The id of an accepted message. The provider's Delivery Status API takes it.
///
/// @param result A result, or NULL.
/// @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
///         and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_unique(
    result: *const verifysms_result,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { read(result, c"".as_ptr(), |state| state.strings.pointer(UNIQUE)) }
}

/// The sender that was used for an accepted message.
///
/// @param result A result, or NULL.
/// @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
///         and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_sender(
    result: *const verifysms_result,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { read(result, c"".as_ptr(), |state| state.strings.pointer(SENDER)) }
}

/// The phone number in the service's form, for example 0501234567.
///
/// @param result A result, or NULL.
/// @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
///         and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_to(
    result: *const verifysms_result,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { read(result, c"".as_ptr(), |state| state.strings.pointer(TO)) }
}

/// One English sentence for a log, without key, code or full phone number.
///
/// @param result A result, or NULL.
/// @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
///         and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_message(
    result: *const verifysms_result,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { read(result, c"".as_ptr(), |state| state.strings.pointer(MESSAGE)) }
}

/// Frees a result and the strings that were read from it.
///
/// @param result A result that is not used again; NULL does nothing.
/// @threads Any thread, once no other uses the result.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_free(result: *mut verifysms_result) {
    // SAFETY: the module's promise.
    panic_boundary::enter(|| (), || unsafe { handle::free(result) });
}
