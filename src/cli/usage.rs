//! Invalid arguments, in words of this program's own. clap's quote what was typed, which may be a number, a
//! code or a password.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Arguments;
use super::report::Report;
use crate::Code;

/// clap's own status for invalid arguments, 2, would mean "not verified".
pub(super) fn rejected(error: &clap::Error, arguments: &[OsString]) -> Report {
    let command = Arguments::command();
    let named = arguments.get(1).and_then(|name| command.find_subcommand(name));
    let of_command = named.map(|command| format!("{} ", command.get_name())).unwrap_or_default();
    let meant = suggestion(error).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    let text = format!("{}{meant}; see verifysms {of_command}--help", fault(error));
    Report::rejected(Code::InvalidArgument, text)
}

fn fault(error: &clap::Error) -> String {
    let invalid = strings(error, ContextKind::InvalidArg).join(" ");
    match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "no command".to_owned(),
        ErrorKind::InvalidSubcommand => {
            let typed = strings(error, ContextKind::InvalidSubcommand).join(" ");
            match is_name(&typed) {
                true => format!("there is no command {typed}"),
                false => "there is no such command".to_owned(),
            }
        }
        ErrorKind::UnknownArgument if !invalid.starts_with('-') => {
            "an argument too many".to_owned()
        }
        ErrorKind::UnknownArgument if is_name(&invalid) => format!("there is no option {invalid}"),
        ErrorKind::UnknownArgument => {
            "there is no such option; write -- before what somebody typed".to_owned()
        }
        ErrorKind::MissingRequiredArgument => format!("missing: {invalid}"),
        ErrorKind::ArgumentConflict => format!("{invalid}: is there twice"),
        ErrorKind::TooManyValues => format!("{invalid}: takes no value"),
        ErrorKind::InvalidValue => match strings(error, ContextKind::ValidValue) {
            values if values.is_empty() => format!("{invalid}: has no value"),
            values => format!("{invalid}: is one of {}", values.join(", ")),
        },
        ErrorKind::ValueValidation => format!("{invalid}: has an invalid value"),
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".to_owned(),
        _ => "the arguments are invalid".to_owned(),
    }
}

/// The name of an option, a command or a value that is like what was typed.
fn suggestion(error: &clap::Error) -> Option<String> {
    let kinds =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    kinds.into_iter().find_map(|kind| strings(error, kind).pop())
}

fn strings(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// Whether a text may be a misspelt name: no number, code or password is repeated.
fn is_name(text: &str) -> bool {
    text.len() <= 20 && text.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}
