//! The configuration file: a line `name = value` each, as in curl's.
//!
//! Errors name the file and the line, never what stands there: it may be the key.

use std::io;
use std::path::{Path, PathBuf};

use super::read;
use super::report::Report;
use super::setting::{NAMES, SECRETS, Setting};
use super::signals::SignalFlag;
use crate::Code;
use crate::sys::Access;
use crate::sys::file::{FORBID_ALL, FORBID_WRITING, config_folder};
use crate::transport::shown;

/// The settings in the file that was `given`, or else in the user's own, if there is one.
pub(super) fn load(given: Option<&Path>, signal: &SignalFlag) -> Result<Vec<Setting>, Report> {
    let Some(path) = given.map(Path::to_owned).or_else(own) else { return Ok(Vec::new()) };
    let (text, access) = read::config(&path, signal).map_err(|error| {
        let text = format!("config: cannot read {}: {error}", shown(&path));
        signal.or_interrupted(Report::rejected(Code::InvalidArgument, text))
    })?;
    parse(&path, &text)
        .and_then(|settings| permit(&path, access, &settings).map(|()| settings))
        .map_err(|why| Report::rejected(Code::InvalidArgument, format!("config: {why}")))
}

/// The user's file, unless there is none. A folder that cannot be searched has none: a service may run with
/// another user's HOME.
fn own() -> Option<PathBuf> {
    let path = config_folder()?.join("verifysms").join("config");
    let absent =
        [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory, io::ErrorKind::PermissionDenied];
    match path.metadata() {
        Err(error) if absent.contains(&error.kind()) => None,
        _ => Some(path),
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<Setting>, String> {
    let mut settings: Vec<Setting> = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let source = format!("{}, line {number}", shown(path));
        let (name, value) =
            line.split_once('=').ok_or_else(|| format!("{source}: is not NAME = VALUE"))?;
        let Some(&name) = NAMES.iter().find(|&&known| known == name.trim()) else {
            return Err(format!("{source}: no such setting; there are {}", NAMES.join(", ")));
        };
        let value =
            unquoted(value.trim()).ok_or_else(|| format!("{source}: a quote is missing"))?;
        let setting = match name {
            // As good as absolute, wherever the command runs.
            "api-key-file" | "ca-file" if !value.is_empty() => {
                Setting::new(name, path.with_file_name(value), source)
            }
            _ => Setting::new(name, value, source),
        };
        if let Some(other) = settings.iter().find(|other| other.overrides(&setting)) {
            return Err(format!(
                "{}: {} is set already, at {}",
                setting.source, name, other.source
            ));
        }
        settings.push(setting);
    }
    Ok(settings)
}

/// A value without the double quotes around it; None if there is one quote only.
fn unquoted(value: &str) -> Option<&str> {
    match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"'),
        None => Some(value),
    }
}

/// Refuses a file that others can write: they could have the key sent elsewhere. Nor may they read a secret.
fn permit(path: &Path, access: Access, settings: &[Setting]) -> Result<(), String> {
    let path = shown(path);
    if access.others_write {
        return Err(format!("{path} can be written by others; {FORBID_WRITING}"));
    }
    let is_secret = settings.iter().any(|setting| SECRETS.contains(&setting.name));
    if is_secret && access.others_read {
        return Err(format!("{path} has a secret and can be read by others; {FORBID_ALL}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names and values of a file, or its fault.
    fn parsed(text: &str) -> Result<Vec<(&'static str, String)>, String> {
        let settings = parse(Path::new("/etc/acme/config"), text)?;
        let value = |setting: &Setting| setting.value.to_string_lossy().replace('\\', "/");
        let pair = |setting: Setting| (setting.name, value(&setting));
        Ok(settings.into_iter().map(pair).collect())
    }

    #[test]
    fn a_line_is_a_setting() {
        for (line, name, value) in [
            ("sender = Acme", "sender", "Acme"),
            ("sender=Acme", "sender", "Acme"),
            ("\tsender\t=\tAcme\t\r", "sender", "Acme"),
            ("sender = \"Acme\"", "sender", "Acme"),
            ("sender = ", "sender", ""),
            ("proxy = \"\"", "proxy", ""),
            ("message = \" a=b \"", "message", " a=b "),
            ("message = code ##code## # no comment", "message", "code ##code## # no comment"),
            ("message = say \"##code##\"", "message", "say \"##code##\""),
            ("api-key = a key", "api-key", "a key"),
            ("ca-file = ca.pem", "ca-file", "/etc/acme/ca.pem"),
            ("api-key-file = keys/sms", "api-key-file", "/etc/acme/keys/sms"),
            ("api-key-file = /run/key", "api-key-file", "/run/key"),
        ] {
            assert_eq!(parsed(line), Ok(vec![(name, value.to_owned())]), "{line:?}");
        }
        assert_eq!(parsed("\n # sender = Acme\r\n\n#\n"), Ok(vec![]));
    }

    #[test]
    fn a_fault_is_named_by_its_line_and_not_quoted() {
        for (text, number, fault) in [
            ("hunter2", 1, "NAME = VALUE"),
            ("# one\n\n[hunter2]\n", 3, "NAME = VALUE"),
            ("sender = Acme\nSENDER = hunter2", 2, "no such setting"),
            ("hunter2 = hunter2", 1, "no such setting"),
            ("json = true", 1, "no such setting"),
            ("allow-http = true", 1, "no such setting"),
            ("= hunter2", 1, "no such setting"),
            ("message = \"hunter2", 1, "quote"),
            ("message = \"", 1, "quote"),
            ("sender = hunter2\nsender = hunter2", 2, "set already"),
            ("api-key = hunter2\napi-key-file = hunter2", 2, "set already"),
        ] {
            let error = parsed(text).unwrap_err();
            let place = format!("/etc/acme/config, line {number}: ");
            assert!(error.starts_with(&place) && error.contains(fault), "{text:?}: {error}");
            assert!(!error.contains("hunter2"), "{text:?}: {error}");
        }
    }
}
