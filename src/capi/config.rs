//! The settings of a client: one setter each.

use std::ffi::{CString, c_char, c_int, c_void};
use std::path::Path;
use std::time::Duration;

use super::callbacks::{self, verifysms_interrupt_fn, verifysms_log_fn};
use super::codes::{VERIFYSMS_TRUST_BUNDLED, VERIFYSMS_TRUST_SYSTEM};
use super::handle::{self, Handle};
use super::panic_boundary;
use super::text;
use crate::config::{Config, Trust};
use crate::error::{Code, Error};
use crate::memory;
use crate::rule::Rule;

/// The settings of a client, as C sees them.
#[repr(C)]
pub struct verifysms_config {
    _private: [u8; 0],
}

/// What a pointer to a config points to.
pub(super) struct ConfigState {
    pub(super) config: Config,
    pub(super) error: CString,
    pub(super) rule: Option<Rule>,
}

impl Handle for verifysms_config {
    type Inner = ConfigState;
}

impl ConfigState {
    /// Sets what verifysms_config_error() and verifysms_config_rule() return: why a setting is invalid or a
    /// client could not be made, or nothing.
    pub(super) fn set_error(&mut self, error: Option<&Error>) {
        self.error = error.map(|error| text::owned(&error.to_string())).unwrap_or_default();
        self.rule = error.and_then(Error::rule);
    }
}

/// Changes settings, and returns a code, also for NULL and after a panic.
///
/// # Safety
/// The module's promise.
pub(super) unsafe fn set(
    config: *mut verifysms_config,
    change: impl FnOnce(&mut Config) -> Result<(), Error>,
) -> c_int {
    panic_boundary::enter(
        || Code::Internal.number(),
        || {
            // SAFETY: the module's promise.
            let Some(state) = (unsafe { handle::borrow_mut(config) }) else {
                return Code::InvalidArgument.number();
            };
            match state.config.set(change) {
                Ok(()) => Code::Ok.number(),
                Err(error) => {
                    let first = state.config.first_error().cloned();
                    state.set_error(first.as_ref());
                    error.code().number()
                }
            }
        },
    )
}

pub(super) fn milliseconds(ms: c_int) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// Makes the settings of a client.
///
/// @param api_key The account's API key; copied, without the white space and invisible characters
///                around it. A key that is NULL, is empty, or has an invisible or control character
///                inside is an error: see verifysms_config_error().
/// @return The settings, to be freed with verifysms_config_free(). NULL only if there is no memory
///         for them, or for the reserve that the first settings of a process set aside.
/// @threads Any thread at any time. Settings are for one thread at a time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_new(
    api_key: *const c_char,
) -> *mut verifysms_config {
    // SAFETY: the module's promise.
    new_config(|config| config.set_api_key(unsafe { text::required("api_key", api_key) }?))
}

/// Makes settings, and fills them in.
pub(super) fn new_config(
    fill: impl FnOnce(&mut Config) -> Result<(), Error>,
) -> *mut verifysms_config {
    panic_boundary::enter(std::ptr::null_mut, || {
        if !memory::init_reserve() {
            return std::ptr::null_mut();
        }
        let config = verifysms_config::into_raw(ConfigState {
            config: Config::new(),
            error: CString::default(),
            rule: None,
        });
        // SAFETY: the handle is new.
        unsafe { set(config, fill) };
        config
    })
}

/// Sets the sender ID that the phone shows. By default there is none.
///
/// @param config Settings, or NULL, which is invalid.
/// @param sender A name, or a number that 99 digital has approved, at most 11 characters in UTF-8;
///               copied. NULL: none.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_sender(
    config: *mut verifysms_config,
    sender: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(config, |config| config.set_sender(text::optional("sender", sender)?)) }
}

/// Sets the message template. By default the service uses its own, which is
/// "Your verification code is: \#\#code\#\#".
///
/// @param config Settings, or NULL, which is invalid.
/// @param message A text in UTF-8 that contains \#\#code\#\#, which the service replaces with the
///                code; copied. NULL: the service's own.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_message(
    config: *mut verifysms_config,
    message: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(config, |config| config.set_message(text::optional("message", message)?)) }
}

/// Sets the URL of the service, for example that of a sandbox.
///
/// @param config Settings, or NULL, which is invalid.
/// @param url A URL that begins with https://, or with http:// if its host is a loopback one;
///            copied. NULL: VERIFYSMS_URL, the default.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_url(
    config: *mut verifysms_config,
    url: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(config, |config| config.set_url(text::optional("url", url)?)) }
}

/// Sets the total deadline of a call: DNS, connecting, TLS, both directions and retries. A call
/// that times out ends at most 5 ms after it on a machine that is not busy, 20 ms on Windows, and never
/// before it.
///
/// @param config Settings, or NULL, which is invalid.
/// @param ms Milliseconds, 1 to 86400000 (24 hours); the default is 30000.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_timeout_ms(
    config: *mut verifysms_config,
    ms: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(config, |config| config.set_timeout(milliseconds(ms))) }
}

/// Sets how long one attempt to connect may take: DNS, TCP, proxy and TLS.
///
/// @param config Settings, or NULL, which is invalid.
/// @param ms Milliseconds, 1 to 86400000 (24 hours); the default is 10000. The deadline of the call
///           ends an attempt earlier.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_connect_timeout_ms(
    config: *mut verifysms_config,
    ms: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(config, |config| config.set_connect_timeout(milliseconds(ms))) }
}

/// Sets the proxy.
///
/// NO_PROXY is a list, separated by commas or blanks. An entry is one of these:
/// - "*": every host;
/// - a name, with or without a dot or "*." before it: that host and its subdomains;
/// - an address (IPv6 in any spelling), or a block of addresses like 10.0.0.0/8 and fd00::/8;
/// - a name or an address with a port, like host:8443 or 192.0.2.1:8443: only with that port. An
///   IPv6 address then has brackets.
///
/// @param config Settings, or NULL, which is invalid.
/// @param url A URL like http://user:password\@host:3128, also https://, socks5:// and socks5h://;
///            copied. Percent-encode / ? # : \@ in a user name or password. "": no proxy. NULL, the
///            default: from the environment when the client is made. That is HTTPS_PROXY
///            (http_proxy for an http:// URL) or ALL_PROXY, unless NO_PROXY matches the host or the
///            host is a loopback one. If such a variable is invalid, verifysms_client_new() returns
///            NULL and verifysms_config_error() names the variable.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_proxy(
    config: *mut verifysms_config,
    url: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { set(config, |config| config.set_proxy(text::optional("proxy", url)?)) }
}

/// Sets a file with the only certificate authorities to trust.
///
/// @param config Settings, or NULL, which is invalid.
/// @param pem_path The path of a file in PEM format, at most 4 MiB; copied. It is read at the first
///                 TLS connection, within the deadline of that call, even on a network file system
///                 that hangs. The call fails if the file contains anything that may be meant as a
///                 certificate but cannot be used. NULL, the default: see
///                 verifysms_config_set_trust().
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_ca_file(
    config: *mut verifysms_config,
    pem_path: *const c_char,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.set_ca_file(text::optional("ca_file", pem_path)?.map(Path::new))
        })
    }
}

/// Sets which certificate authorities to trust if there is no file of them.
///
/// @param config Settings, or NULL, which is invalid.
/// @param trust VERIFYSMS_TRUST_SYSTEM, the default: those of the operating system, or of
///              SSL_CERT_FILE and SSL_CERT_DIR; or VERIFYSMS_TRUST_BUNDLED: Mozilla's.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_trust(
    config: *mut verifysms_config,
    trust: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.trust = match trust {
                VERIFYSMS_TRUST_SYSTEM => Trust::System,
                VERIFYSMS_TRUST_BUNDLED => Trust::Bundled,
                _ => return Err(Error::invalid("trust", Rule::TrustUnknown)),
            };
            Ok(())
        })
    }
}

/// Allows the key to be sent over plain http:// to another machine. Anyone on the way can read it.
///
/// @param config Settings, or NULL, which is invalid.
/// @param yes 0, the default: not allowed. Any other number: allowed.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_allow_http(
    config: *mut verifysms_config,
    yes: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.allow_http = yes != 0;
            Ok(())
        })
    }
}

/// Sets a function that receives log records.
///
/// @param config Settings, or NULL, which is invalid.
/// @param log       The function. NULL, the default: no records.
/// @param user_data Passed to the function. It must stay valid as long as any client made from
///                  these settings.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_log(
    config: *mut verifysms_config,
    log: verifysms_log_fn,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.listeners.log = callbacks::log(log, user_data);
            Ok(())
        })
    }
}

/// Sets a function that is called while a call waits: every few hundredths of a second, and at once
/// after a signal. It is not called for calls that it makes itself.
///
/// @param config Settings, or NULL, which is invalid.
/// @param interrupt The function. NULL, the default: after a signal a call goes on until its
///                  deadline.
/// @param user_data Passed to the function. It must stay valid as long as any client made from
///                  these settings.
/// @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_set_interrupt(
    config: *mut verifysms_config,
    interrupt: verifysms_interrupt_fn,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        set(config, |config| {
            config.interrupt = callbacks::interrupt(interrupt, user_data);
            Ok(())
        })
    }
}

/// The error of the first invalid setting. A program need not check each setter: it may check once,
/// when verifysms_client_new() returns NULL.
///
/// @param config Settings, or NULL.
/// @return One English sentence that names the setting and its rule, owned by the settings and
///         valid until they are changed or freed. "" if there is no error, and for NULL.
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_error(
    config: *const verifysms_config,
) -> *const c_char {
    let none = c"".as_ptr();
    panic_boundary::enter(
        || none,
        || {
            // SAFETY: the module's promise.
            unsafe { handle::borrow(config) }.map_or(none, |state| state.error.as_ptr())
        },
    )
}

/// The rule that the first invalid setting breaks, for a program that acts on it.
///
/// @param config Settings, or NULL.
/// @return One of the VERIFYSMS_RULE_ numbers, or one of a later version; 0 if there is no error, or it
///         is about no setting (no memory), and for NULL.
/// @threads One thread at a time for one config.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_rule(config: *const verifysms_config) -> c_int {
    panic_boundary::enter(
        || 0,
        || {
            // SAFETY: the module's promise.
            let rule = unsafe { handle::borrow(config) }.and_then(|state| state.rule);
            rule.map_or(0, Rule::number)
        },
    )
}

/// Frees settings. Clients made from them are not affected.
///
/// @param config Settings that are not used again; NULL does nothing.
/// @threads Any thread, once no other uses the settings.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_config_free(config: *mut verifysms_config) {
    // SAFETY: the module's promise.
    panic_boundary::enter(|| (), || unsafe { handle::free(config) });
}
