//! Message templates, without a client and without I/O.

use std::ffi::{CString, c_char, c_int};

use super::handle::{self, Handle};
use super::panic_boundary;
use super::text;
use crate::memory;
use crate::message::Inspection;

/// An inspected message, as C sees it.
#[repr(C)]
pub struct verifysms_message {
    _private: [u8; 0],
}

/// What a pointer to an inspected message points to.
pub(super) struct MessageState {
    inspection: Inspection,
    /// The sentences of the warnings.
    texts: Vec<CString>,
}

impl Handle for verifysms_message {
    type Inner = MessageState;
}

/// Inspects a message before it is sent: what it costs, and what phones and browsers make of it.
///
/// @param message The template in UTF-8, with \#\#code\#\# where the code will stand.
/// @param sender  The sender in UTF-8; NULL: it is not inspected.
/// @param origin  The host of the page on which a browser is to fill the code in, for example
///                "example.co.il"; NULL: there is none.
/// @return What was found, to be freed with verifysms_message_free(). NULL if message is NULL, a string
///         is not UTF-8, or there is no memory.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_inspect(
    message: *const c_char,
    sender: *const c_char,
    origin: *const c_char,
) -> *mut verifysms_message {
    panic_boundary::enter(std::ptr::null_mut, || {
        if !memory::init_reserve() {
            return std::ptr::null_mut();
        }
        // SAFETY: the module's promise.
        let texts = unsafe {
            (
                text::required("message", message),
                text::optional("sender", sender),
                text::optional("origin", origin),
            )
        };
        let (Ok(message), Ok(sender), Ok(origin)) = texts else { return std::ptr::null_mut() };
        let mut inspection = Inspection::new(message);
        if let Some(sender) = sender {
            inspection = inspection.sender(sender);
        }
        if let Some(origin) = origin {
            inspection = inspection.origin(origin);
        }
        let texts = inspection.warnings().iter().map(|one| text::owned(&one.to_string())).collect();
        verifysms_message::into_raw(MessageState { inspection, texts })
    })
}

/// Reads an inspected message. Returns `neutral` for NULL and after a panic.
///
/// # Safety
/// The module's promise.
unsafe fn read<T: Copy>(
    message: *const verifysms_message,
    neutral: T,
    read: impl FnOnce(&MessageState) -> Option<T>,
) -> T {
    panic_boundary::enter(
        || neutral,
        || {
            // SAFETY: the module's promise.
            unsafe { handle::borrow(message) }.and_then(read).unwrap_or(neutral)
        },
    )
}

fn count(number: usize) -> c_int {
    c_int::try_from(number).unwrap_or(c_int::MAX)
}

fn unsigned(number: c_int) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// The encoding that a message needs.
///
/// @param message An inspected message, or NULL.
/// @return VERIFYSMS_ENCODING_GSM7 or VERIFYSMS_ENCODING_UCS2; 0 for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_encoding(
    message: *const verifysms_message,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(message, 0, |state| Some(state.inspection.encoding().number())) }
}

/// The length of a message in units of its encoding: septets, or UTF-16 code units.
///
/// @param message An inspected message, or NULL.
/// @param digits  How many digits the code has, 0 to 16. The service does not say; the warnings are for 8.
/// @return The length; 0 for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_length(
    message: *const verifysms_message,
    digits: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(message, 0, |state| Some(count(state.inspection.length(unsigned(digits))))) }
}

/// The parts in which a message is sent, each of which is billed.
///
/// @param message An inspected message, or NULL.
/// @param digits  How many digits the code has, 0 to 16. The service does not say; the warnings are for 8.
/// @return The number of parts, at least 1; 0 for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_parts(
    message: *const verifysms_message,
    digits: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(message, 0, |state| Some(count(state.inspection.parts(unsigned(digits))))) }
}

/// The number of warnings about a message.
///
/// @param message An inspected message, or NULL.
/// @return Their number; 0 if nothing is wrong, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_warning_count(
    message: *const verifysms_message,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { read(message, 0, |state| Some(count(state.texts.len()))) }
}

/// What a warning is about.
///
/// @param message An inspected message, or NULL.
/// @param index   Which warning, from 0.
/// @return One of the VERIFYSMS_WARNING_ numbers, or one of a later version; 0 if there is no such
///         warning, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_warning(
    message: *const verifysms_message,
    index: c_int,
) -> c_int {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    // SAFETY: the module's promise.
    unsafe {
        read(message, 0, |state| Some(state.inspection.warnings().get(index)?.kind().number()))
    }
}

/// The place that a warning is about.
///
/// @param message An inspected message, or NULL.
/// @param index   Which warning, from 0.
/// @return Which character of the text, counted from 0; -1 if the warning is about the whole text or
///         there is none, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_warning_position(
    message: *const verifysms_message,
    index: c_int,
) -> c_int {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    // SAFETY: the module's promise.
    unsafe {
        read(message, -1, |state| Some(count(state.inspection.warnings().get(index)?.position()?)))
    }
}

/// A warning in words.
///
/// @param message An inspected message, or NULL.
/// @param index   Which warning, from 0.
/// @return One English sentence in UTF-8, owned by the inspected message and valid until it is freed; ""
///         if there is no such warning, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_warning_text(
    message: *const verifysms_message,
    index: c_int,
) -> *const c_char {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    // SAFETY: the module's promise.
    unsafe { read(message, c"".as_ptr(), |state| Some(state.texts.get(index)?.as_ptr())) }
}

/// Frees an inspected message and the strings that were read from it.
///
/// @param message An inspected message that is not used again; NULL does nothing.
/// @threads Any thread, once no other uses it.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_message_free(message: *mut verifysms_message) {
    // SAFETY: the module's promise.
    panic_boundary::enter(|| (), || unsafe { handle::free(message) });
}
