//! The settings that are in effect, and where each comes from: the options, else the environment, else the
//! configuration file, else the defaults.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use super::args::{CallOptions, Config, GUARD_FAILURE, TRUST};
use super::config_file;
use super::report::Report;
use super::setting::{NAMES, Setting};
use super::signals::SignalFlag;
use crate::{Builder, GuardFailure, Trust};

/// The variables of the environment, in the order of the names.
const VARIABLES: [(&str, &str); 5] = [
    ("api-key", "VERIFYSMS_API_KEY"),
    ("sender", "VERIFYSMS_SENDER"),
    ("url", "VERIFYSMS_URL"),
    ("guard", GUARD_VARIABLE),
    ("guard-secret", "VERIFYSMS_GUARD_SECRET"),
];
const DEFAULTS: [(&str, &str); 5] = [
    ("url", crate::URL),
    ("timeout", "30"),
    ("trust", TRUST[0]),
    ("guard", NO_GUARD),
    ("guard-failure", GUARD_FAILURE[0]),
];
/// Where the guard counts.
pub(super) const GUARD_VARIABLE: &str = "VERIFYSMS_GUARD";
/// The setting that there is no guard.
const NO_GUARD: &str = "none";
/// A guard that ends with the run: it limits nothing.
const OWN_MEMORY: &str = "memory:";

/// The settings in effect, one of each name at most.
pub(super) struct Settings(Vec<Setting>);

impl Settings {
    /// Those of a call; `options` are the ones that not every call has. What only other calls have is left
    /// out.
    pub(super) fn of_call(
        call: &CallOptions,
        options: &[(&'static str, Option<&OsStr>)],
        signal: &SignalFlag,
    ) -> Result<Settings, Report> {
        let common = [
            ("api-key-file", call.api_key_file.as_deref().map(Path::as_os_str)),
            ("url", call.url.as_deref()),
            ("timeout", call.timeout.as_deref()),
            ("proxy", call.proxy.as_deref()),
            ("ca-file", call.ca_file.as_deref().map(Path::as_os_str)),
            ("trust", call.trust.as_deref().map(OsStr::new)),
            ("guard", call.guard.as_deref()),
            ("guard-failure", call.guard_failure.as_deref().map(OsStr::new)),
            ("guard-namespace", call.guard_namespace.as_deref()),
            ("guard-secret", None),
        ];
        let given = common
            .iter()
            .chain(options)
            .filter_map(|&(name, value)| Some(Setting::new(name, value?, format!("--{name}"))));
        let mut all = Settings::layered(given.collect(), call.config.file.as_deref(), signal)?;
        let is_used =
            |name| name == "api-key" || common.iter().chain(options).any(|option| option.0 == name);
        all.0.retain(|setting| is_used(setting.name));
        Ok(all)
    }

    fn layered(
        mut settings: Vec<Setting>,
        config_file: Option<&Path>,
        signal: &SignalFlag,
    ) -> Result<Settings, Report> {
        let variable = |(name, variable): &(&'static str, &str)| {
            Some(Setting::new(name, env::var_os(variable)?, (*variable).to_owned()))
        };
        let default =
            |(name, value): &(&'static str, &str)| Setting::new(name, value, "default".to_owned());
        let below =
            VARIABLES.iter().filter_map(variable).chain(config_file::load(config_file, signal)?);
        for setting in below.chain(DEFAULTS.iter().map(default)) {
            if !settings.iter().any(|other| other.overrides(&setting)) {
                settings.push(setting);
            }
        }
        Ok(Settings(settings))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        self.0.iter().find(|setting| setting.name == name)
    }

    /// Gives all but the key to the library.
    pub(super) fn apply(&self, mut builder: Builder) -> Result<Builder, Report> {
        for setting in &self.0 {
            builder = match setting.name {
                "sender" => builder.sender(setting.text()?),
                "message" => builder.message(setting.text()?),
                "url" => builder.url(setting.text()?),
                "timeout" => builder.timeout(seconds(setting)?),
                "proxy" => builder.proxy(setting.text()?),
                "ca-file" => builder.ca_file(&setting.value),
                "trust" => builder.trust(trust(setting)?),
                "guard" => builder.guard(store(setting)?),
                "guard-failure" => builder.guard_failure(guard_failure(setting)?),
                "guard-namespace" => builder.guard_namespace(setting.text()?),
                "guard-secret" => builder.guard_secret(setting.text()?),
                _ => builder,
            };
        }
        Ok(builder)
    }
}

fn seconds(setting: &Setting) -> Result<Duration, Report> {
    let seconds = setting.text()?.parse().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| setting.reject("is not a number of seconds, as in 30 or 2.5"))
}

fn trust(setting: &Setting) -> Result<Trust, Report> {
    match setting.text()? {
        "system" => Ok(Trust::System),
        "bundled" => Ok(Trust::Bundled),
        _ => Err(setting.reject("is neither system nor bundled")),
    }
}

/// The store of the guard; none if it would limit nothing.
pub(super) fn store(setting: &Setting) -> Result<Option<&str>, Report> {
    Ok(Some(setting.text()?).filter(|store| ![NO_GUARD, OWN_MEMORY].contains(store)))
}

fn guard_failure(setting: &Setting) -> Result<GuardFailure, Report> {
    match setting.text()? {
        "local" => Ok(GuardFailure::Local),
        "refuse" => Ok(GuardFailure::Refuse),
        "allow" => Ok(GuardFailure::Allow),
        _ => Err(setting.reject("is neither local nor refuse nor allow")),
    }
}

/// `verifysms config`: a line for every setting.
pub(super) fn show(arguments: &Config) -> Result<String, Report> {
    let signal = SignalFlag::watch()?;
    let settings = Settings::layered(Vec::new(), arguments.config.file.as_deref(), &signal)?;
    let lines = NAMES.iter().filter_map(|name| settings.get(name)).map(Setting::line);
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
