//! The functions of the caller that the library calls.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use super::text;
use crate::callbacks::{Interrupt, Log, LogLevel, OnEvent};
use crate::event::CallEnd;
use crate::limit::Limit;

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

/// Receives the end of a call in numbers: once for each call, after its log record. It has no text, and
/// nothing of a person: no key, no code, no number.
///
/// @param user_data    What was given to verifysms_config_set_event().
/// @param event        VERIFYSMS_EVENT_, what happened. Later versions may have more.
/// @param code         VERIFYSMS_OK and so on, how the call ended.
/// @param reached      VERIFYSMS_REACHED_, whether the request reached the service.
/// @param milliseconds How long the call took.
/// @param attempt      The attempt that ended it: 1 for the first, 0 if none was made.
/// @param reused       1 if this attempt went over a connection that was kept from an earlier call,
///                     otherwise 0.
/// @param limit        VERIFYSMS_LIMIT_, the limit that refused the call; 0 for every other event than
///                     VERIFYSMS_EVENT_LIMITED.
/// @threads Called in the thread that makes the call; for a queue in the thread that calls
///          verifysms_queue_next() or verifysms_queue_free(). Several threads may call it at once. What
///          it may do: see "Callbacks" at the top.
/// @since 1.0
pub type verifysms_event_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        event: c_int,
        code: c_int,
        reached: c_int,
        milliseconds: c_int,
        attempt: c_int,
        reused: c_int,
        limit: c_int,
    ),
>;

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

/// The event function, if there is one.
///
/// # Safety
/// As [`log`].
pub(super) unsafe fn event(
    function: verifysms_event_fn,
    user_data: *mut c_void,
) -> Option<OnEvent> {
    let (function, user_data) = (function?, UserData(user_data));
    Some(Arc::new(move |end: &CallEnd| {
        let [event, code, reached] = [end.event.number(), end.code.number(), end.reached.number()];
        let milliseconds = c_int::try_from(end.elapsed.as_millis()).unwrap_or(c_int::MAX);
        // No call makes so many.
        let attempt = c_int::try_from(end.attempt).unwrap_or(c_int::MAX);
        let limit = end.limit.map_or(0, Limit::number);
        let reused = c_int::from(end.reused);
        let user_data = user_data.get();
        // SAFETY: the caller's function, with the caller's pointer.
        unsafe { function(user_data, event, code, reached, milliseconds, attempt, reused, limit) };
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
