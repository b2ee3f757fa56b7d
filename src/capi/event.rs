//! The events of calls: a function for them, and their names.

use std::ffi::{c_char, c_int, c_void};

use super::callbacks::{self, verifysms_event_fn};
use super::config::{set, verifysms_config};
use crate::event::Event;

/// Sets a function that receives the end of each call in numbers, for counters and metrics.
///
/// @param config    Settings, or NULL, which is invalid.
/// @param event     The function. NULL, the default: no events.
/// @param user_data Passed to the function. It must stay valid as long as any client made from
///                  these settings.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_event(
    config: *mut verifysms_config,
    event: verifysms_event_fn,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.listeners.event = callbacks::event(event, user_data);
            Ok(())
        })
    }
}

/// The name of an event, for example "VERIFIED": a label of a metric.
///
/// @param event One of VERIFYSMS_EVENT_.
/// @return The name, static and never freed; "" for any other number.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub extern "C-unwind" fn verifysms_event_name(event: c_int) -> *const c_char {
    let name = match Event::from_number(event) {
        None => c"",
        Some(Event::Other) => c"OTHER",
        Some(Event::Sent) => c"SENT",
        Some(Event::Checked) => c"CHECKED",
        Some(Event::Verified) => c"VERIFIED",
        Some(Event::Refused) => c"REFUSED",
        Some(Event::Unknown) => c"UNKNOWN",
        Some(Event::Limited) => c"LIMITED",
        Some(Event::Failed) => c"FAILED",
    };
    name.as_ptr()
}
