//! The client and its calls.

use std::ffi::c_char;
use std::sync::Arc;

use super::config::verifysms_config;
use super::handle::{self, Handle};
use super::outcome;
use super::panic_boundary;
use super::result::{self, verifysms_result};
use super::text;
use crate::client::Client;
use crate::error::{Code, Error, Reached};
use crate::rule::Rule;

/// A client, as C sees it.
#[repr(C)]
pub struct verifysms_client {
    _private: [u8; 0],
}

impl Handle for verifysms_client {
    /// Shared with its queues and its running calls.
    type Inner = Arc<Client>;
}

/// Makes a client. It opens no connection: the first call does.
///
/// @param config Settings. The caller still owns them, and may free them or use them for another
///               client.
/// @return A client, to be freed with verifysms_client_free(). NULL if a setting or a proxy
///         variable of the environment is invalid or there is no memory (see
///         verifysms_config_error()), or if config is NULL.
/// @threads Any thread; one thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_client_new(
    config: *mut verifysms_config,
) -> *mut verifysms_client {
    panic_boundary::enter(std::ptr::null_mut, || {
        // SAFETY: the module's promise.
        let Some(state) = (unsafe { handle::borrow_mut(config) }) else {
            return std::ptr::null_mut();
        };
        // Caught separately, so that verifysms_config_error() reports a panic.
        match panic_boundary::catch(|| Err(defect()), || state.config.client()) {
            Ok(client) => {
                state.set_error(None);
                verifysms_client::into_raw(Arc::new(client))
            }
            Err(error) => {
                state.set_error(Some(&error));
                std::ptr::null_mut()
            }
        }
    })
}

/// The error if making a client panicked.
fn defect() -> Error {
    let message = "a defect of the library: no client was made";
    Error::new(Code::Internal, Reached::No, message)
}

/// Ends the running calls of a client in other threads as VERIFYSMS_CANCELLED, within a tenth of a
/// second. Does not affect calls that begin later.
///
/// @param client A client; NULL does nothing.
/// @threads Any thread at any time. Not from a signal handler.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_client_cancel(client: *mut verifysms_client) {
    panic_boundary::enter(
        || (),
        || {
            // SAFETY: the module's promise.
            if let Some(client) = unsafe { handle::borrow(client) } {
                client.cancel();
            }
        },
    );
}

/// Frees a client. Its connections are closed, once its queues are freed as well.
///
/// @param client A client that is not used again; NULL does nothing.
/// @threads Any thread, once no other thread uses the client. Freeing a client while another thread
///          is in one of its calls is undefined behaviour. A log or interrupt function may free the
///          client of the call that called it; the call goes on. After fork() the child may free
///          the client, whatever call a thread of the parent was in.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_client_free(client: *mut verifysms_client) {
    // SAFETY: the module's promise.
    panic_boundary::enter(|| (), || unsafe { handle::free(client) });
}

/// Opens a connection ahead of the next call, TLS included. Call it when you show the page on which
/// people enter their number: a send within the next minute then takes one round trip instead of
/// four. Does nothing if there is a connection already. Blocks until there is one or the deadline
/// passes.
///
/// @param client A client.
/// @return The outcome, to be freed with verifysms_result_free(). Its code is
///         VERIFYSMS_OK if there is a connection; no number is verified by that.
///         verifysms_result_reached() is VERIFYSMS_REACHED_NO whatever the code. After an error the
///         next call tries again by itself. If client is NULL, the code is
///         VERIFYSMS_INVALID_ARGUMENT.
/// @threads Any number of threads at once with the same client.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_client_connect(
    client: *mut verifysms_client,
) -> *mut verifysms_result {
    // SAFETY: the module's promise.
    result::of(|| unsafe { existing(client) }?.connect())
}

/// Asks the service to text a code to a phone number. Blocks until the service answers or the
/// deadline passes.
///
/// @param client A client.
/// @param to     An Israeli phone number as people write it, in UTF-8.
/// @return The outcome, to be freed with verifysms_result_free(). Repeat the call only
///         if verifysms_result_reached() is VERIFYSMS_REACHED_NO: otherwise the person may get two
///         messages; and after VERIFYSMS_LIMITED not before verifysms_result_retry_after(). If client
///         or to is NULL, the code is VERIFYSMS_INVALID_ARGUMENT.
/// @threads Any number of threads at once with the same client.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_send(
    client: *mut verifysms_client,
    to: *const c_char,
) -> *mut verifysms_result {
    // SAFETY: the module's promise.
    result::of(|| unsafe { existing(client) }?.send(unsafe { text::required("to", to) }?))
}

/// Like verifysms_send(), with another sender or message than the client's own.
///
/// @param client  A client.
/// @param to      An Israeli phone number as people write it, in UTF-8.
/// @param sender  As for verifysms_config_set_sender(); NULL: the client's own.
/// @param message As for verifysms_config_set_message(); NULL: the client's own.
/// @return As verifysms_send(), to be freed with verifysms_result_free().
/// @threads Any number of threads at once with the same client.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_send_with(
    client: *mut verifysms_client,
    to: *const c_char,
    sender: *const c_char,
    message: *const c_char,
) -> *mut verifysms_result {
    // SAFETY: the module's promise.
    result::of(|| unsafe {
        let to = text::required("to", to)?;
        let sender = text::optional("sender", sender)?;
        let message = text::optional("message", message)?;
        existing(client)?.send_with(to, sender, message)
    })
}

/// Asks the service whether a code is the one that it texted to a phone number. Blocks until the
/// service answers or the deadline passes. A right code works once.
///
/// @param client A client.
/// @param to     The number that received the message, as people write it, in UTF-8.
/// @param code   The code as the person typed it, in UTF-8: at most 16 characters, without the
///               white space around it.
/// @return The outcome, to be freed with verifysms_result_free(). The number is
///         verified if and only if verifysms_result_code() is VERIFYSMS_OK. If an argument is NULL,
///         the code is VERIFYSMS_INVALID_ARGUMENT.
/// @threads Any number of threads at once with the same client.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_check(
    client: *mut verifysms_client,
    to: *const c_char,
    code: *const c_char,
) -> *mut verifysms_result {
    // SAFETY: the module's promise.
    result::of(|| unsafe {
        let to = text::required("to", to)?;
        let code = text::required("code", code)?;
        existing(client)?.check(to, code)
    })
}

/// Forgets what the guard knows of a number: its sends, its tries and its failures. For a call centre
/// that unlocks a person. What was counted for end users, ranges and the program stays. Blocks until the store
/// answers.
///
/// @param client A client.
/// @param to     An Israeli phone number as people write it, in UTF-8.
/// @return The outcome, to be freed with verifysms_result_free(): VERIFYSMS_OK,
///         VERIFYSMS_GUARD_DOWN, or VERIFYSMS_INVALID_ARGUMENT, also if the client has no guard, and if
///         client or to is NULL.
/// @threads Any number of threads at once with the same client.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_forget(
    client: *mut verifysms_client,
    to: *const c_char,
) -> *mut verifysms_result {
    result::of(|| {
        // SAFETY: the module's promise.
        let (client, to) = unsafe { (existing(client)?, text::required("to", to)?) };
        client.forget(to).map(|()| outcome::Forgotten)
    })
}

/// Says how far the limits of a number are used, those of the end user who asked for the last code.
/// Changes nothing. Blocks until the store answers.
///
/// @param client A client.
/// @param to     An Israeli phone number as people write it, in UTF-8.
/// @return The outcome, to be freed with verifysms_result_free(). With VERIFYSMS_OK,
///         verifysms_result_message() has each limit that is on, for example "COOLDOWN 1, wait 12 s;
///         SENDS_NUMBER 1 of 5 in 600 s"; verifysms_result_retry_after() says when the next send may
///         go. Errors are those of verifysms_forget(), also for NULL.
/// @threads Any number of threads at once with the same client.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_guard_show(
    client: *mut verifysms_client,
    to: *const c_char,
) -> *mut verifysms_result {
    // SAFETY: the module's promise.
    result::of(|| unsafe { existing(client) }?.guard_show(unsafe { text::required("to", to) }?))
}

/// The client of a handle. Shared, because a callback may free the handle.
///
/// # Safety
/// The module's promise.
pub(super) unsafe fn existing(client: *mut verifysms_client) -> Result<Arc<Client>, Error> {
    // SAFETY: the module's promise.
    let client = unsafe { handle::borrow(client) };
    client.cloned().ok_or_else(|| Error::invalid("client", Rule::Null))
}
