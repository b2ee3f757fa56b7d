//! The functions of the caller that the library calls.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use super::text;
use crate::callbacks::{Interrupt, Log, LogLevel};

/// Receives log records.
///
/// @param user_data What was given to verifysms_config_set_log().
/// @param level     VERIFYSMS_LOG_INFO (one record per call, unless an argument is NULL or not
///                  UTF-8), VERIFYSMS_LOG_DEBUG (one per attempt) or VERIFYSMS_LOG_WARNING (something
///                  for the operator, by the guard). Later versions may have more.
/// @param message   One English line in UTF-8, without key, code or full phone number. Valid only
///                  until the function returns.
/// @threads Called in the thread that makes the call; for a queue in the thread that calls
///          verifysms_queue_next() or verifysms_queue_free(). Several threads may call it at once. What
///          it may do: see "Callbacks" at the top.
/// @since 1.0
pub type verifysms_log_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, level: c_int, message: *const c_char)>;

/// Returns whether a call that waits should end.
///
/// @param user_data What was given to verifysms_config_set_interrupt().
/// @return 0 to go on. Any other number ends the call as VERIFYSMS_CANCELLED.
/// @threads Called in the thread that makes the call, so several threads may call it at once. What it
///          may do: see "Callbacks" at the top.
/// @since 1.0
pub type verifysms_interrupt_fn = Option<unsafe extern "C" fn(user_data: *mut c_void) -> c_int>;

/// The user data of the caller, passed back to the caller's function.
#[derive(Clone, Copy)]
struct UserData(*mut c_void);

// SAFETY: the library never dereferences the pointer. The caller promises that the function may be called
// with it from any thread.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    fn get(self) -> *mut c_void {
        self.0
    }
}

/// The log function, if there is one.
///
/// # Safety
/// The function may be called with `user_data` from any thread, as long as the result lives.
pub(super) unsafe fn log(function: verifysms_log_fn, user_data: *mut c_void) -> Option<Log> {
    let (function, user_data) = (function?, UserData(user_data));
    Some(Arc::new(move |level: LogLevel, message: &str| {
        let message = text::owned(message);
        // SAFETY: the caller's function, with the caller's pointer.
        unsafe { function(user_data.get(), level as c_int, message.as_ptr()) };
    }))
}

/// The interrupt function, if there is one.
///
/// # Safety
/// As [`log`].
pub(super) unsafe fn interrupt(
    function: verifysms_interrupt_fn,
    user_data: *mut c_void,
) -> Option<Interrupt> {
    let (function, user_data) = (function?, UserData(user_data));
    // SAFETY: the caller's function, with the caller's pointer.
    Some(Arc::new(move || unsafe { function(user_data.get()) } != 0))
}
