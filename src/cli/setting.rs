//! One setting of a call, from an option, the environment or the configuration file.

use std::ffi::OsString;

use zeroize::Zeroize;

use super::report::Report;
use crate::Code;

/// The names of the settings, which are those of the options.
pub(super) const NAMES: [&str; 13] = [
    "api-key",
    "api-key-file",
    "sender",
    "message",
    "url",
    "timeout",
    "proxy",
    "ca-file",
    "trust",
    "guard",
    "guard-failure",
    "guard-namespace",
    "guard-secret",
];
/// The settings that are never shown.
pub(super) const SECRETS: [&str; 2] = ["api-key", "guard-secret"];

/// A setting and where it comes from.
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) value: OsString,
    pub(super) source: String,
}

impl Setting {
    pub(super) fn new(name: &'static str, value: impl Into<OsString>, source: String) -> Setting {
        Setting { name, value: value.into(), source }
    }

    /// Whether `other` is not in effect if this one is.
    pub(super) fn overrides(&self, other: &Setting) -> bool {
        let key = ["api-key", "api-key-file"];
        self.name == other.name || key.contains(&self.name) && key.contains(&other.name)
    }

    pub(super) fn text(&self) -> Result<&str, Report> {
        self.value.to_str().ok_or_else(|| self.reject("is not UTF-8"))
    }

    /// Rejects the value for what it is.
    pub(super) fn reject(&self, rule: &str) -> Report {
        let text =
            format!("{}: {rule}; it comes from {}", self.name.replace('-', "_"), self.source);
        Report::rejected(Code::InvalidArgument, text)
    }

    /// The setting as a line for a person. The key and the login of a proxy or a store are secret.
    pub(super) fn line(&self) -> String {
        let value = self.value.to_string_lossy();
        let shown = match (self.name, value.rsplit_once('@')) {
            (name, _) if SECRETS.contains(&name) => "(secret)".to_owned(),
            ("proxy" | "url" | "guard", Some((_, host))) if !value.starts_with("file:") => {
                format!("(secret)@{host}")
            }
            _ => value.replace(char::is_control, " "),
        };
        format!("{} = {shown}  # {}", self.name, self.source)
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        std::mem::take(&mut self.value).into_encoded_bytes().zeroize();
    }
}
