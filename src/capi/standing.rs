//! Where a number stands after a call, as the guard sees it: what a result says of that.

use std::ffi::c_int;

use super::result::{self, ResultState, verifysms_result};
use crate::limit::Limit;

/// The limit that makes the next such call wait. For VERIFYSMS_LIMITED it is the one that refused
/// this call.
///
/// @param result A result, or NULL.
/// @return VERIFYSMS_LIMIT_; 0 if there is none, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_limit(result: *const verifysms_result) -> c_int {
    // SAFETY: the module's promise.
    unsafe { result::read(result, 0, |state| state.standing.limit.map_or(0, Limit::number)) }
}

/// How long the next such call has to wait: after VERIFYSMS_LIMITED this one, after an accepted send the
/// next send to the number, for the countdown on a page. To wait so long always helps, unless somebody
/// else makes such a call meanwhile.
///
/// @param result A result, or NULL.
/// @return Seconds, rounded up; 0: not at all, no guard, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_retry_after(
    result: *const verifysms_result,
) -> c_int {
    let seconds = |state: &ResultState| state.standing.retry_after.as_secs();
    // SAFETY: the module's promise.
    unsafe { result::read(result, 0, |state| seconds(state).try_into().unwrap_or(c_int::MAX)) }
}

/// How many wrong codes may still be tried for the number by the end user of the call, after a send or a
/// wrong code.
///
/// @param result A result, or NULL.
/// @return Their number; -1 if nobody counts them or the call did not ask, and for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_result_tries_left(
    result: *const verifysms_result,
) -> c_int {
    let tries = |left: u32| left.try_into().unwrap_or(c_int::MAX);
    // SAFETY: the module's promise.
    unsafe { result::read(result, -1, |state| state.standing.tries_left.map_or(-1, tries)) }
}
