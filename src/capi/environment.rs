//! Settings from the environment.

use std::env::{self, VarError};

use super::config::{new_config, verifysms_config};
use crate::config::Config;
use crate::error::Error;
use crate::rule::Rule;

/// Makes the settings of a client from the variables that the command `verifysms` reads as well:
/// VERIFYSMS_API_KEY, VERIFYSMS_SENDER, VERIFYSMS_URL and VERIFYSMS_GUARD, which may be "none". The setters
/// change what they set.
///
/// @return The settings, to be freed with verifysms_config_free(). If VERIFYSMS_API_KEY is not set, or
///         a variable has an invalid value, verifysms_config_error() names the variable. NULL only if
///         there is no memory, as for verifysms_config_new().
/// @threads Any thread, while no other changes the environment. Settings are for one thread at a time.
/// @since 1.0
#[unsafe(no_mangle)]
pub extern "C-unwind" fn verifysms_config_from_env() -> *mut verifysms_config {
    new_config(from_env)
}

/// Sets what the environment has.
fn from_env(config: &mut Config) -> Result<(), Error> {
    const KEY: &str = "VERIFYSMS_API_KEY";
    if env::var_os(KEY).is_none() {
        return Err(Error::invalid_as(
            "api_key",
            Rule::ApiKeyMissing,
            format_args!("{KEY} is not set"),
        ));
    }
    set_from(config, "api_key", KEY, |config, value| config.set_api_key(value))?;
    set_from(config, "sender", "VERIFYSMS_SENDER", |config, value| config.set_sender(Some(value)))?;
    set_from(config, "url", "VERIFYSMS_URL", |config, value| config.set_url(Some(value)))?;
    set_from(config, "guard", "VERIFYSMS_GUARD", |config, value| {
        config.set_guard(|guard| guard.set_store(Some(value).filter(|&store| store != "none")))
    })
}

/// Sets one setting, if its variable is there. The error names the variable as well.
fn set_from(
    config: &mut Config,
    argument: &'static str,
    variable: &str,
    set: fn(&mut Config, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    let value = match env::var(variable) {
        Ok(value) => value,
        Err(VarError::NotPresent) => return Ok(()),
        Err(VarError::NotUnicode(_)) => {
            return Err(Error::invalid_as(
                argument,
                Rule::NotUtf8,
                format_args!("{variable} is not valid UTF-8"),
            ));
        }
    };
    // Tried on others first: settings keep their first error, which would not name the variable.
    set(&mut Config::new(), &value).map_err(|error| {
        let text = error.to_string();
        let why = text.strip_prefix(argument).unwrap_or(&text).trim_start_matches(": ");
        let why = format_args!("{why}; it comes from {variable}");
        match error.rule() {
            Some(rule) => Error::invalid_as(argument, rule, why),
            None => error,
        }
    })?;
    set(config, &value)
}
