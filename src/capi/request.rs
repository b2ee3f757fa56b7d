//! What one call may carry.

use std::ffi::{c_char, c_int};

use super::client::{existing, verifysms_client};
use super::config::milliseconds;
use super::handle::{self, Handle};
use super::panic_boundary;
use super::result::{self, verifysms_result};
use super::text;
use crate::client::Request;
use crate::error::{Code, Error};
use crate::memory;
use crate::rule::Rule;

/// What one call may carry, as C sees it.
#[repr(C)]
pub struct verifysms_request {
    _private: [u8; 0],
}

impl Handle for verifysms_request {
    type Inner = Request;
}

/// Changes a request, and returns a code, also for NULL and after a panic.
///
/// # Safety
/// The module's promise.
unsafe fn set<T>(
    request: *mut verifysms_request,
    value: impl FnOnce() -> Result<T, Error>,
    change: impl FnOnce(&mut Request, T) -> Result<(), Error>,
) -> c_int {
    panic_boundary::enter(
        || Code::Internal.number(),
        || {
            // SAFETY: the module's promise.
            let Some(request) = (unsafe { handle::borrow_mut(request) }) else {
                return Code::InvalidArgument.number();
            };
            let watch = memory::watch_shortage();
            let changed = match value() {
                Ok(value) => change(request, value),
                Err(error) => request.set(Err::<(), _>(error), |_, ()| ()),
            };
            match changed.and_then(|()| watch.check()) {
                Ok(()) => Code::Ok.number(),
                Err(error) => error.code().number(),
            }
        },
    )
}

/// Makes a request: what a call is about, and what else it may carry. It may serve any number of
/// calls.
///
/// @param to An Israeli phone number as people write it, in UTF-8; copied. NULL is as invalid as a
///           wrong number: the call says so.
/// @return The request, to be freed with verifysms_request_free(). NULL only if there is no memory.
/// @threads Any thread at any time. A request is for one thread at a time while it is changed.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_request_new(to: *const c_char) -> *mut verifysms_request {
    panic_boundary::enter(std::ptr::null_mut, || {
        if !memory::init_reserve() {
            return std::ptr::null_mut();
        }
        // SAFETY: the module's promise.
        let to = unsafe { text::required("to", to) };
        let request = || to.map_or_else(Request::invalid, Request::new);
        verifysms_request::into_raw(memory::wiping_stack(request))
    })
}

/// Sets who asks, as the program sees it: the guard counts their sends and wrong codes.
///
/// @param request  A request, or NULL, which is invalid.
/// @param end_user The address at the other end of the connection, or any id that one person keeps, at
///                 most 256 bytes in UTF-8; copied. An IPv4 address counts by itself, an IPv6 address
///                 with its network of 64 bits. A loopback or unspecified address, and "", count as
///                 none: behind a proxy they would make all people one. Do not take it from a header
///                 that anybody can send, unless your own proxy sets it. NULL: none, the default.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
/// @threads One thread at a time for one request.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_request_set_end_user(
    request: *mut verifysms_request,
    end_user: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(request, || text::optional("end_user", end_user), Request::set_end_user) }
}

/// Sets the sender of a send.
///
/// @param request A request, or NULL, which is invalid.
/// @param sender  As for verifysms_config_set_sender(); copied. NULL: the client's own, the default.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
/// @threads One thread at a time for one request.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_request_set_sender(
    request: *mut verifysms_request,
    sender: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(request, || text::optional("sender", sender), Request::set_sender) }
}

/// Sets the message template of a send.
///
/// @param request A request, or NULL, which is invalid.
/// @param message As for verifysms_config_set_message(); copied. NULL: the client's own, the default.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
/// @threads One thread at a time for one request.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_request_set_message(
    request: *mut verifysms_request,
    message: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(request, || text::optional("message", message), Request::set_message) }
}

/// Sets the page on which a browser may fill the code in: adds the last line of WICG's "Origin-bound
/// one-time codes delivered via SMS", an at sign with the host and the code once more, to the message
/// of a send, or to the service's own text if there is none.
///
/// @param request A request, or NULL, which is invalid.
/// @param origin  The host, such as "example.co.il", or an https:// origin without a port; copied. ASCII:
///                a Hebrew name in its xn-- form. NULL: no line, the default. The message must not have
///                such a line of its own: the call reports VERIFYSMS_RULE_MESSAGE_HAS_ORIGIN.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
/// @threads One thread at a time for one request.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_request_set_origin(
    request: *mut verifysms_request,
    origin: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(request, || text::optional("origin", origin), Request::set_origin) }
}

/// Sets the Android app that may read the message of a send: adds a line with its hash, for Google's SMS
/// Retriever. It comes before the line of verifysms_request_set_origin(). The Retriever accepts 140
/// bytes, 2 for a Hebrew letter: a longer message is sent, and the log has a warning.
///
/// @param request  A request, or NULL, which is invalid.
/// @param app_hash The hash, 11 characters such as "FA+9qCX9VSu"; copied. NULL: none, the default.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
/// @threads One thread at a time for one request.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_request_set_app_hash(
    request: *mut verifysms_request,
    app_hash: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(request, || text::optional("app_hash", app_hash), Request::set_app_hash) }
}

/// Sets the deadline of the call.
///
/// @param request A request, or NULL, which is invalid.
/// @param ms Milliseconds, 1 to 86400000 (24 hours). The default is the client's own.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
/// @threads One thread at a time for one request.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_request_set_timeout_ms(
    request: *mut verifysms_request,
    ms: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(request, || Ok(milliseconds(ms)), Request::set_timeout) }
}

/// Frees a request. Calls that were made with it are not affected.
///
/// @param request A request that is not used again; NULL does nothing.
/// @threads Any thread, once no other uses the request.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_request_free(request: *mut verifysms_request) {
    // SAFETY: the module's promise.
    panic_boundary::enter(|| (), || unsafe { handle::free(request) });
}

/// Like verifysms_send(), with what a request carries.
///
/// @param client  A client.
/// @param request A request.
/// @return As verifysms_send(), to be freed with verifysms_result_free(). If client or request is
///         NULL, the code is VERIFYSMS_INVALID_ARGUMENT.
/// @threads Any number of threads at once with the same client and the same request, while nobody
///          changes it.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_send_request(
    client: *mut verifysms_client,
    request: *const verifysms_request,
) -> *mut verifysms_result {
    // SAFETY: the module's promise.
    result::of(|| unsafe { existing(client)?.send_request(given(request)?) })
}

/// Like verifysms_check(), with the number, the end user and the deadline of a request.
///
/// @param client  A client.
/// @param request A request.
/// @param code    The code as the person typed it, as for verifysms_check().
/// @return As verifysms_check(), to be freed with verifysms_result_free(). If an argument is NULL,
///         the code is VERIFYSMS_INVALID_ARGUMENT.
/// @threads As verifysms_send_request().
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_check_request(
    client: *mut verifysms_client,
    request: *const verifysms_request,
    code: *const c_char,
) -> *mut verifysms_result {
    // SAFETY: the module's promise.
    result::of(|| unsafe {
        let (request, code) = (given(request)?, text::required("code", code)?);
        existing(client)?.check_request(request, code)
    })
}

/// The request of a handle.
///
/// # Safety
/// The module's promise.
pub(super) unsafe fn given<'a>(request: *const verifysms_request) -> Result<&'a Request, Error> {
    // SAFETY: the module's promise.
    unsafe { handle::borrow(request) }.ok_or_else(|| Error::invalid("request", Rule::Null))
}
