//! How a run ends: the line for a person, the object for a program, the exit status.

use std::fmt::Display;
use std::io::{self, Write};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde::Serialize;

use crate::{Check, Code, Error, Reached, Reason, Sent};

/// The end of a run.
pub(super) struct Outcome {
    code: Code,
    /// For a person: the answer, or what went wrong and what to do next.
    line: String,
    object: Box<Object>,
}

/// The two calls.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Send,
    Check,
}

/// What `--json` prints: every field always, null where there is nothing to say.
#[derive(Serialize)]
struct Object {
    code: i32,
    name: &'static str,
    reached: &'static str,
    reason: Option<i64>,
    status: Option<i64>,
    http_status: Option<u16>,
    unique: Option<String>,
    timestamp: Option<i64>,
    sender: Option<String>,
    to: Option<String>,
    /// One sentence for a log, without the number.
    message: String,
}

impl Outcome {
    pub(super) fn sent(sent: &Sent) -> Outcome {
        let (to, sender, unique) = (sent.to(), sent.sender(), sent.unique().escape_debug());
        let mut outcome = Outcome::new(
            Code::Ok,
            Reached::Yes,
            format!("sent to {to} as {sender:?}, id {unique}"),
        );
        *outcome.object = Object {
            reason: Some(Reason::NONE.0),
            http_status: Some(sent.http_status()),
            unique: Some(sent.unique().to_owned()),
            timestamp: sent.timestamp(),
            sender: Some(sender.to_owned()),
            to: Some(to.to_owned()),
            message: "the service accepted the message".to_owned(),
            ..*outcome.object
        };
        outcome
    }

    pub(super) fn checked(check: &Check) -> Outcome {
        let mut outcome = if check.is_verified() {
            Outcome::new(Code::Ok, Reached::Yes, "verified".to_owned())
        } else {
            let line = format!("not verified (status {})", check.status());
            Outcome::new(Code::NotVerified, Reached::Yes, line)
        };
        *outcome.object = Object {
            status: Some(check.status()),
            http_status: Some(check.http_status()),
            to: Some(check.to().to_owned()),
            ..*outcome.object
        };
        outcome
    }

    /// The call ended in an error.
    pub(super) fn failed(step: Step, error: &Error) -> Outcome {
        let line = format!("{error}; {}", advice(step, error));
        let mut outcome = Outcome::new(error.code(), error.reached(), line);
        *outcome.object = Object {
            reason: error.reason().map(|reason| reason.0),
            http_status: Some(error.http_status()).filter(|&status| status != 0),
            to: error.to().map(str::to_owned),
            message: error.to_string(),
            ..*outcome.object
        };
        outcome
    }

    /// The run ended without a call.
    pub(super) fn refused(code: Code, text: impl Display) -> Outcome {
        Outcome::new(code, Reached::No, text.to_string())
    }

    /// A signal came before the call began.
    pub(super) fn interrupted() -> Outcome {
        Outcome::refused(Code::Cancelled, "interrupted; nothing was sent")
    }

    /// The run met a defect of its own.
    pub(super) fn defect() -> Outcome {
        let line = "a defect of this program; please report it".to_owned();
        Outcome::new(Code::Internal, Reached::Unknown, line)
    }

    /// The arguments make no sense. clap's own status for that, 2, would read as "not verified".
    pub(super) fn usage(error: &clap::Error) -> Outcome {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Outcome::refused(Code::InvalidArgument, "no command; see verifysms --help");
        }
        if error.kind() == ErrorKind::UnknownArgument && quotes_what_was_typed(error) {
            let text = "an argument too many; see verifysms --help";
            return Outcome::refused(Code::InvalidArgument, text);
        }
        let text = error.to_string();
        // The first paragraph says what is wrong; the usage and tips that follow are for --help.
        let wrong: Vec<&str> =
            text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        let wrong = wrong.join(" ");
        let wrong = wrong.strip_prefix("error: ").unwrap_or(&wrong);
        Outcome::refused(Code::InvalidArgument, format!("{wrong}; see verifysms --help"))
    }

    fn new(code: Code, reached: Reached, line: String) -> Outcome {
        let object = Object {
            code: code.number(),
            name: code.name(),
            reached: reached.name(),
            reason: None,
            status: None,
            http_status: None,
            unique: None,
            timestamp: None,
            sender: None,
            to: None,
            message: line.clone(),
        };
        Outcome { code, line, object: Box::new(object) }
    }

    /// Tells it, and gives the exit status: answers on stdout, errors on stderr, the object always.
    pub(super) fn report(self, json: bool) -> u8 {
        if json {
            print_line(&serde_json::to_string(&self.object).unwrap_or_default());
        }
        match self.code {
            Code::Ok | Code::NotVerified if json => {}
            Code::Ok | Code::NotVerified => print_line(&self.line),
            _ => {
                // Whatever a text quotes, it stays one line. Without a stderr nobody can be told.
                let line = self.line.replace(char::is_control, " ");
                let _ = writeln!(io::stderr(), "verifysms: {line}");
            }
        }
        u8::try_from(self.code.number()).unwrap_or(u8::MAX)
    }
}

/// Whether clap's text repeats an argument that may be somebody's number or code.
fn quotes_what_was_typed(error: &clap::Error) -> bool {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => !argument.starts_with('-'),
        _ => false,
    }
}

/// What to do about an error, for the person at the shell.
fn advice(step: Step, error: &Error) -> &'static str {
    match (error.code(), error.reached()) {
        (Code::InvalidArgument, _) => match step {
            Step::Send if error.argument() == Some("sender") => {
                "name another with --sender or VERIFYSMS_SENDER"
            }
            Step::Send => "see verifysms send --help",
            Step::Check => "see verifysms check --help",
        },
        (Code::Rejected, _) => match error.reason() {
            Some(Reason::WRONG_API_KEY) => {
                "set VERIFYSMS_API_KEY or --api-key-file to the right one"
            }
            Some(Reason::SENDER_LENGTH | Reason::SENDER_EMPTY) => "choose another --sender",
            Some(Reason::SENDER_NOT_APPROVED) => {
                "choose a text as --sender, or have the number approved"
            }
            Some(Reason::MESSAGE_WITHOUT_CODE) => "put ##code## into --message",
            _ => "ask 99 digital's support if you cannot see why",
        },
        (Code::Tls, Reached::No) => {
            "nothing was sent: if the server is the right one, name its authority with --ca-file"
        }
        (Code::Timeout, Reached::No) => {
            "nothing was sent: repeat it, with a longer --timeout if need be"
        }
        (Code::Cancelled, Reached::No) => "nothing was sent",
        (Code::Internal, _) => "please report this defect",
        (_, Reached::Unknown) => match step {
            Step::Send => "the message may be out: look at the phone before you send another",
            Step::Check => "the code may be used up: if it is refused now, send a new one",
        },
        _ => "nothing was sent: check the network, --url and --proxy, then repeat it",
    }
}

/// Prints to stdout at once. A reader that has gone away is no error: the status still tells.
pub(super) fn print_line(line: &str) {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "verifysms: cannot write to standard output: {error}");
        }
        _ => {}
    }
}
