//! The callbacks that the library calls.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use super::super::{CODE, KEY};
use super::NUMBER;
use crate::capi::*;

/// What the callbacks share. They must not panic: a failed check is kept and reported later.
#[derive(Default)]
pub(super) struct CallbackState {
    pub(super) failed_check: RefCell<Option<String>>,
    /// The client whose call is under way.
    pub(super) client: Cell<Option<*mut verifysms_client>>,
    pub(super) interrupt_action: Cell<InterruptAction>,
}

/// What the interrupt callback does.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) enum InterruptAction {
    #[default]
    Continue,
    EndCall,
    CancelClient,
    MakeCall,
}

impl InterruptAction {
    pub(super) const ALL: [InterruptAction; 4] = [
        InterruptAction::Continue,
        InterruptAction::EndCall,
        InterruptAction::CancelClient,
        InterruptAction::MakeCall,
    ];

    /// Whether it ends the call.
    pub(super) fn ends_calls(self) -> bool {
        matches!(self, InterruptAction::EndCall | InterruptAction::CancelClient)
    }
}

impl CallbackState {
    fn expect(&self, holds: bool, what: &str) {
        if !holds {
            self.failed_check.replace(Some(what.to_owned()));
        }
    }

    pub(super) fn check(&self) {
        assert_eq!(*self.failed_check.borrow(), None);
    }
}

/// The log callback. `user_data` is a [`CallbackState`] or NULL.
///
/// # Safety
/// As the header says.
pub(super) unsafe extern "C" fn log(user_data: *mut c_void, level: c_int, message: *const c_char) {
    // SAFETY: what was given to verifysms_config_set_log, which lives longer than its clients.
    let Some(callbacks) = (unsafe { user_data.cast::<CallbackState>().as_ref() }) else { return };
    // SAFETY: the library's string.
    let message = unsafe { CStr::from_ptr(message) }.to_str().unwrap_or(KEY);
    let secrets = [KEY, CODE, &NUMBER[1..]];
    let levels = [VERIFYSMS_LOG_WARNING, VERIFYSMS_LOG_INFO, VERIFYSMS_LOG_DEBUG];
    callbacks.expect(levels.contains(&level), "a level of the log");
    callbacks.expect(!secrets.iter().any(|secret| message.contains(secret)), "a secret in the log");
    callbacks.expect(!message.is_empty() && !message.contains('\n'), "one line");
    callbacks.expect(callbacks.client.get().is_some(), "a record outside a call");
}

/// The event callback. `user_data` is a [`CallbackState`] or NULL.
///
/// # Safety
/// As the header says.
pub(super) unsafe extern "C" fn event(
    user_data: *mut c_void,
    event: c_int,
    code: c_int,
    reached: c_int,
    milliseconds: c_int,
    attempt: c_int,
    reused: c_int,
    limit: c_int,
) {
    // SAFETY: what was given to verifysms_config_set_event, which lives longer than its clients.
    let Some(callbacks) = (unsafe { user_data.cast::<CallbackState>().as_ref() }) else { return };
    callbacks.expect((VERIFYSMS_EVENT_OTHER..=VERIFYSMS_EVENT_FAILED).contains(&event), "an event");
    callbacks.expect((VERIFYSMS_OK..=VERIFYSMS_GUARD_DOWN).contains(&code), "a code");
    callbacks
        .expect((VERIFYSMS_REACHED_NO..=VERIFYSMS_REACHED_UNKNOWN).contains(&reached), "reached");
    callbacks.expect(milliseconds >= 0 && (0..=4).contains(&attempt), "a time and an attempt");
    callbacks.expect(reused == 0 || attempt > 0 && reused == 1, "a connection that was kept");
    let is_limited = event == VERIFYSMS_EVENT_LIMITED;
    callbacks.expect(is_limited == (limit != 0), "a limit that refused");
    callbacks.expect(!is_limited || code == VERIFYSMS_LIMITED, "the code of a limit");
    callbacks.expect(callbacks.client.get().is_some(), "an event outside a call");
}

/// The interrupt callback.
///
/// # Safety
/// As the header says.
pub(super) unsafe extern "C" fn interrupt(user_data: *mut c_void) -> c_int {
    // SAFETY: what was given to verifysms_config_set_interrupt, which lives longer than its clients.
    let Some(callbacks) = (unsafe { user_data.cast::<CallbackState>().as_ref() }) else { return 0 };
    let client = callbacks.client.get();
    callbacks.expect(client.is_some(), "an interrupt outside a call");
    match (callbacks.interrupt_action.get(), client) {
        (InterruptAction::EndCall, _) => return 1,
        // SAFETY: the client is in a call of this thread.
        (InterruptAction::CancelClient, Some(client)) => unsafe { verifysms_client_cancel(client) },
        // SAFETY: as above; the result is this function's own.
        (InterruptAction::MakeCall, Some(client)) => unsafe {
            let result = verifysms_check(client, ptr::null(), c"1".as_ptr());
            callbacks.expect(
                verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT,
                "an invalid argument",
            );
            verifysms_result_free(result);
        },
        _ => {}
    }
    0
}
