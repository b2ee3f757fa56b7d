//! What became of a message.

use std::ffi::{c_char, c_int};

use super::client::{existing, verifysms_client};
use super::codes::VERIFYSMS_DELIVERY_CODE_NONE;
use super::config::{set, verifysms_config};
use super::result::{self, DeliveryFields, clamped, read, verifysms_result};
use super::text;
use crate::delivery::{DeliveryState, NextStep};

const HEBREW: usize = 0;
const ENGLISH: usize = 1;
const DATE: usize = 2;
const OPERATOR: usize = 3;

/// Sets the address of Delivery Status. By default it is on the host of the service:
/// "/sms/deliveryStatus".
///
/// @param config Settings, or NULL, which is invalid.
/// @param url    An address as for verifysms_config_set_url(); copied. NULL: the default.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_delivery_url(
    config: *mut verifysms_config,
    url: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(config, |config| config.set_delivery_url(text::optional("delivery_url", url)?)) }
}

/// Asks the service what became of a message. Blocks until the service answers or the deadline passes. A
/// message takes a few seconds; the service keeps its report for a week.
///
/// @param client A client.
/// @param unique The message's id, from verifysms_result_unique().
/// @return The outcome, to be freed with verifysms_result_free(). If its code is VERIFYSMS_OK
///         the service answered; verifysms_result_delivery_state() says what. It verifies nobody. The
///         question changes nothing and may be repeated, whatever verifysms_result_reached() says. If
///         client or unique is NULL, the code is VERIFYSMS_INVALID_ARGUMENT.
/// @threads Any number of threads at once with the same client.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_delivery(
    client: *mut verifysms_client,
    unique: *const c_char,
) -> *mut verifysms_result {
    // SAFETY: the module's promise.
    result::of(|| {
        unsafe { existing(client) }?.delivery(unsafe { text::required("unique", unique) }?)
    })
}

/// What became of the message.
///
/// @param result The outcome of a delivery, or NULL.
/// @return One of the VERIFYSMS_DELIVERY_ states, or one of a later version. VERIFYSMS_DELIVERY_UNKNOWN
///         for a code that the library does not know, for another outcome, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_delivery_state(
    result: *const verifysms_result,
) -> c_int {
    let unknown = DeliveryState::Unknown.number();
    // SAFETY: the module's promise.
    unsafe { field(result, unknown, |delivery| delivery.state.number()) }
}

/// What to do next about the message.
///
/// @param result The outcome of a delivery, or NULL.
/// @return One of the VERIFYSMS_NEXT_ steps, or one of a later version; VERIFYSMS_NEXT_NONE for another
///         outcome, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_delivery_next(
    result: *const verifysms_result,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { field(result, NextStep::None.number(), |delivery| delivery.next.number()) }
}

/// The provider's own code for what became of the message. 0 is one of those for a delivered message.
///
/// @param result The outcome of a delivery, or NULL.
/// @return The code, documented or not; VERIFYSMS_DELIVERY_CODE_NONE if there is none, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_delivery_code(
    result: *const verifysms_result,
) -> c_int {
    let none = VERIFYSMS_DELIVERY_CODE_NONE;
    // SAFETY: the module's promise.
    unsafe { field(result, none, |delivery| delivery.code.map_or(none, clamped)) }
}

/// The provider's words in Hebrew for what became of the message.
///
/// @param result The outcome of a delivery, or NULL.
/// @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
///         and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_delivery_hebrew(
    result: *const verifysms_result,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { field(result, c"".as_ptr(), |delivery| delivery.strings.pointer(HEBREW)) }
}

/// The provider's words in English for what became of the message.
///
/// @param result The outcome of a delivery, or NULL.
/// @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
///         and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_delivery_english(
    result: *const verifysms_result,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { field(result, c"".as_ptr(), |delivery| delivery.strings.pointer(ENGLISH)) }
}

/// The date of the report as it came, for example "15/03/21 20:18". The provider does not document its
/// time zone.
///
/// @param result The outcome of a delivery, or NULL.
/// @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
///         and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_delivery_date(
    result: *const verifysms_result,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { field(result, c"".as_ptr(), |delivery| delivery.strings.pointer(DATE)) }
}

/// The operator of the phone.
///
/// @param result The outcome of a delivery, or NULL.
/// @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
///         and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_delivery_operator(
    result: *const verifysms_result,
) -> *const c_char {
    // SAFETY: the module's promise.
    unsafe { field(result, c"".as_ptr(), |delivery| delivery.strings.pointer(OPERATOR)) }
}

/// Reads a field of a delivery. Returns `neutral` for another outcome, for NULL and after a panic.
///
/// # Safety
/// The module's promise.
unsafe fn field<T: Copy>(
    result: *const verifysms_result,
    neutral: T,
    field: impl FnOnce(&DeliveryFields) -> T,
) -> T {
    // SAFETY: the module's promise.
    unsafe { read(result, neutral, |state| state.delivery.as_ref().map_or(neutral, field)) }
}
