//! The functions of the host that the library calls.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use super::super::*;
use super::NUMBER;
use crate::fuzz::{CODE, KEY};

/// What the functions of a host know. They must not panic, so that a fault is kept for later.
#[derive(Default)]
pub(super) struct Ears {
    pub(super) fault: RefCell<Option<String>>,
    /// The client whose call is under way.
    pub(super) client: Cell<Option<*mut verifysms_client>>,
    pub(super) manner: Cell<Manner>,
}

/// What the interrupt function does.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) enum Manner {
    #[default]
    GoesOn,
    Ends,
    Cancels,
    Calls,
}

impl Manner {
    pub(super) const ALL: [Manner; 4] =
        [Manner::GoesOn, Manner::Ends, Manner::Cancels, Manner::Calls];

    /// Whether a call that is asked about ends.
    pub(super) fn ends_calls(self) -> bool {
        matches!(self, Manner::Ends | Manner::Cancels)
    }
}

impl Ears {
    fn expect(&self, holds: bool, what: &str) {
        if !holds {
            self.fault.replace(Some(what.to_owned()));
        }
    }

    pub(super) fn check(&self) {
        assert_eq!(*self.fault.borrow(), None);
    }
}

/// The log function. `user_data` is an [`Ears`] or NULL.
///
/// # Safety
/// As the header says.
pub(super) unsafe extern "C" fn log(user_data: *mut c_void, level: c_int, message: *const c_char) {
    // SAFETY: what was given to verifysms_config_set_log, which lives longer than its clients.
    let Some(ears) = (unsafe { user_data.cast::<Ears>().as_ref() }) else { return };
    // SAFETY: the library's string.
    let message = unsafe { CStr::from_ptr(message) }.to_str().unwrap_or(KEY);
    let secrets = [KEY, CODE, &NUMBER[1..]];
    ears.expect([VERIFYSMS_LOG_INFO, VERIFYSMS_LOG_DEBUG].contains(&level), "a level of the log");
    ears.expect(!secrets.iter().any(|secret| message.contains(secret)), "a secret in the log");
    ears.expect(!message.is_empty() && !message.contains('\n'), "one line");
    ears.expect(ears.client.get().is_some(), "a record outside a call");
}

/// The interrupt function.
///
/// # Safety
/// As the header says.
pub(super) unsafe extern "C" fn interrupt(user_data: *mut c_void) -> c_int {
    // SAFETY: what was given to verifysms_config_set_interrupt, which lives longer than its clients.
    let Some(ears) = (unsafe { user_data.cast::<Ears>().as_ref() }) else { return 0 };
    let client = ears.client.get();
    ears.expect(client.is_some(), "a question outside a call");
    match (ears.manner.get(), client) {
        (Manner::Ends, _) => return 1,
        // SAFETY: the client is in a call of this thread.
        (Manner::Cancels, Some(client)) => unsafe { verifysms_client_cancel(client) },
        // SAFETY: as above; the result is this function's own.
        (Manner::Calls, Some(client)) => unsafe {
            let result = verifysms_check(client, ptr::null(), c"1".as_ptr());
            ears.expect(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT, "a refusal");
            verifysms_result_free(result);
        },
        _ => {}
    }
    0
}
