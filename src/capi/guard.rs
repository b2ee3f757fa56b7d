//! The settings of the guard.

use std::ffi::{c_char, c_int};

use super::codes::{VERIFYSMS_GUARD_ALLOW, VERIFYSMS_GUARD_LOCAL, VERIFYSMS_GUARD_REFUSE};
use super::config::{milliseconds, set, verifysms_config};
use super::text;
use crate::error::Error;
use crate::guard::GuardFailure;
use crate::limit::Limit;
use crate::rule::Rule;

/// Sets where the guard keeps its counts. It limits how often a code may be guessed and a message
/// sent, before anything goes to the service.
///
/// @param config Settings, or NULL, which is invalid.
/// @param store  "memory:", the default: in this process. "file:/path", an absolute path: for all
///               processes of this machine and user. The file is made with the mode 0600 and takes up
///               to 34 MB. "redis://...", also rediss:, redis+unix:, redis+sentinel: and
///               redis+cluster:: for many machines; copied. NULL: no guard.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_guard(
    config: *mut verifysms_config,
    store: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.set_guard(|guard| guard.set_store(text::optional("guard", store)?))
        })
    }
}

/// Sets a limit of the guard: at most so many in any time of so many seconds. The others keep their
/// defaults, which are at VERIFYSMS_LIMIT_.
///
/// @param config  Settings, or NULL, which is invalid.
/// @param limit   VERIFYSMS_LIMIT_.
/// @param most    How many: up to 65535, for those of users, ranges and the app up to 2147483647, for
///                VERIFYSMS_LIMIT_COOLDOWN 1, which makes every pause the same. 0: this limit is off,
///                whatever the seconds.
/// @param seconds The time, 1 to 2678400 (31 days).
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_limit(
    config: *mut verifysms_config,
    limit: c_int,
    most: c_int,
    seconds: c_int,
) -> c_int {
    let refuse = |text: &str| Error::invalid_as("limits", Rule::LimitInvalid, text);
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            let limit =
                Limit::from_number(limit).ok_or_else(|| refuse("is none of VERIFYSMS_LIMIT_"))?;
            let most = most.try_into().map_err(|_| refuse("allows a negative number"))?;
            config.guard.set_limit(limit, most, seconds.try_into().unwrap_or(0))
        })
    }
}

/// Sets the secret with which the guard hides numbers and end users in its store. By default it is
/// derived from the API key, so that a new key begins all counts anew.
///
/// @param config Settings, or NULL, which is invalid.
/// @param secret At least 16 bytes, the same for all programs that share a store; copied. NULL: from
///               the API key.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_guard_secret(
    config: *mut verifysms_config,
    secret: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.set_guard(|guard| guard.set_secret(text::optional("guard_secret", secret)?))
        })
    }
}

/// Sets the namespace of the guard's counts. Programs that share a store and a namespace count
/// together.
///
/// @param config Settings, or NULL, which is invalid.
/// @param name   1 to 64 ASCII letters, digits, dots, dashes or underscores; copied. NULL:
///               "verifysms", the default.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_guard_namespace(
    config: *mut verifysms_config,
    name: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| config.guard.set_namespace(text::optional("guard_namespace", name)?))
    }
}

/// Sets how long a call waits for the store of the guard, within its own deadline.
///
/// @param config Settings, or NULL, which is invalid.
/// @param ms Milliseconds, 1 to 10000; the default is 250.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_guard_timeout_ms(
    config: *mut verifysms_config,
    ms: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(config, |config| config.set_guard(|guard| guard.set_timeout(milliseconds(ms)))) }
}

/// Sets what happens while the store of the guard cannot be asked. After a failure it is not asked
/// for a second.
///
/// @param config  Settings, or NULL, which is invalid.
/// @param failure VERIFYSMS_GUARD_LOCAL, the default, _REFUSE or _ALLOW.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_guard_failure(
    config: *mut verifysms_config,
    failure: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.guard.failure = match failure {
                VERIFYSMS_GUARD_LOCAL => GuardFailure::Local,
                VERIFYSMS_GUARD_REFUSE => GuardFailure::Refuse,
                VERIFYSMS_GUARD_ALLOW => GuardFailure::Allow,
                _ => return Err(Error::invalid("guard_failure", Rule::GuardFailureUnknown)),
            };
            Ok(())
        })
    }
}
