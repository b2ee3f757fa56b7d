//! How a run of the command ends: a line for a person, JSON for a program, the exit status.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use crate::{Check, Code, Delivery, Error, GuardStatus, Limit, Phone, Reached, Reason, Rule, Sent};

/// The result of a run.
pub(super) struct Report {
    code: Code,
    /// For a person: the answer, or the error and what to do next.
    line: String,
    json: Box<JsonReport>,
}

/// What was called.
#[derive(Clone, Copy)]
pub(super) enum Operation {
    Send,
    Check,
    Normalize,
    Delivery,
    Guard,
}

/// What `--json` prints: every field always, null for an absent value.
#[derive(Serialize)]
struct JsonReport {
    code: i32,
    name: &'static str,
    reached: &'static str,
    /// The number of the rule that an argument breaks.
    rule: Option<i32>,
    reason: Option<i64>,
    status: Option<i64>,
    http_status: Option<u16>,
    unique: Option<String>,
    timestamp: Option<i64>,
    sender: Option<String>,
    to: Option<String>,
    limit: Option<&'static str>,
    /// Seconds until the next such call may go.
    retry_after: Option<u64>,
    tries_left: Option<u32>,
    /// One sentence for a log, without the phone number.
    message: String,
    /// The other forms of a number.
    #[serde(flatten)]
    phone: Option<JsonPhone>,
    #[serde(flatten)]
    delivery: Option<JsonDelivery>,
}

/// What `delivery --json` prints beside.
#[derive(Serialize)]
struct JsonDelivery {
    state: &'static str,
    next_step: &'static str,
    delivery_code: Option<i64>,
    hebrew: String,
    english: String,
    date: String,
    operator: String,
}

/// What `normalize --json` prints beside `to`.
#[derive(Serialize)]
struct JsonPhone {
    e164: String,
    kind: String,
}

impl Report {
    pub(super) fn sent(sent: &Sent) -> Report {
        let (to, sender, unique) = (sent.to(), sent.sender(), sent.unique().escape_debug());
        let mut report =
            Report::new(Code::Ok, Reached::Yes, format!("sent to {to} as {sender:?}, id {unique}"));
        *report.json = JsonReport {
            reason: Some(Reason::NONE.0),
            http_status: Some(sent.http_status()),
            unique: Some(sent.unique().to_owned()),
            timestamp: sent.timestamp(),
            sender: Some(sender.to_owned()),
            to: Some(to.to_owned()),
            limit: sent.limit().map(Limit::name),
            retry_after: wait(sent.retry_after()),
            tries_left: sent.tries_left(),
            message: "the service accepted the message".to_owned(),
            ..*report.json
        };
        report
    }

    pub(super) fn checked(check: &Check) -> Report {
        let mut report = if check.is_verified() {
            Report::new(Code::Ok, Reached::Yes, "verified".to_owned())
        } else {
            let mut line = format!("not verified (status {})", check.status());
            if let Some(left) = check.tries_left() {
                line += &format!("; tries left: {left}");
            }
            if let Some(seconds) = wait(check.retry_after()) {
                line += &format!(", the next in {seconds} s");
            }
            Report::new(Code::NotVerified, Reached::Yes, line)
        };
        *report.json = JsonReport {
            status: Some(check.status()),
            http_status: Some(check.http_status()),
            to: Some(check.to().to_owned()),
            limit: check.limit().map(Limit::name),
            retry_after: wait(check.retry_after()),
            tries_left: check.tries_left(),
            ..*report.json
        };
        report
    }

    pub(super) fn normalized(phone: &Phone) -> Report {
        let (to, e164) = (phone.as_str(), phone.e164());
        let kind = phone.kind().name().to_lowercase();
        let mut report = Report::new(Code::Ok, Reached::No, format!("{to} {e164} {kind}"));
        *report.json = JsonReport {
            to: Some(to.to_owned()),
            message: "a phone number".to_owned(),
            phone: Some(JsonPhone { e164, kind }),
            ..*report.json
        };
        report
    }

    /// How far the limits of a number are used.
    pub(super) fn shown(status: &GuardStatus) -> Report {
        let mut report = Report::new(Code::Ok, Reached::No, status.limits().join("\n"));
        *report.json = JsonReport {
            to: Some(status.to().to_owned()),
            limit: status.limit().map(Limit::name),
            retry_after: wait(status.retry_after()),
            tries_left: status.tries_left(),
            ..*report.json
        };
        report
    }

    pub(super) fn delivered(delivery: &Delivery) -> Report {
        let (state, next_step) = (delivery.state().name(), delivery.next_step().name());
        let code = delivery.code().map(|code| format!(", code {code}")).unwrap_or_default();
        let words = [delivery.english(), delivery.operator(), delivery.date()];
        let words =
            words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        let words = if words.is_empty() { words } else { format!(" ({})", words.escape_debug()) };
        let line = format!("{state}{code}{words}; next: {next_step}");
        let mut report = Report::new(Code::Ok, Reached::Yes, line);
        *report.json = JsonReport {
            http_status: Some(delivery.http_status()),
            sender: Some(delivery.sender().to_owned()).filter(|sender| !sender.is_empty()),
            to: delivery.to().map(str::to_owned),
            message: format!("the service reports: {state}"),
            delivery: Some(JsonDelivery {
                state,
                next_step,
                delivery_code: delivery.code(),
                hebrew: delivery.hebrew().to_owned(),
                english: delivery.english().to_owned(),
                date: delivery.date().to_owned(),
                operator: delivery.operator().to_owned(),
            }),
            ..*report.json
        };
        report
    }

    /// The guard knows nothing of a number any more.
    pub(super) fn forgotten() -> Report {
        Report::new(Code::Ok, Reached::No, "forgotten".to_owned())
    }

    /// A call ended in an error.
    pub(super) fn failed(operation: Operation, error: &Error) -> Report {
        let line = format!("{error}; {}", advice(operation, error));
        let mut report = Report::new(error.code(), error.reached(), line);
        *report.json = JsonReport {
            rule: error.rule().map(Rule::number),
            reason: error.reason().map(|reason| reason.0),
            http_status: Some(error.http_status()).filter(|&status| status != 0),
            to: error.to().map(str::to_owned),
            limit: error.limit().map(Limit::name),
            retry_after: wait(error.retry_after()),
            tries_left: error.tries_left(),
            message: error.to_string(),
            ..*report.json
        };
        report
    }

    /// The run ended before a call.
    pub(super) fn rejected(code: Code, text: impl Display) -> Report {
        Report::new(code, Reached::No, text.to_string())
    }

    /// A signal arrived before the call.
    pub(super) fn interrupted() -> Report {
        Report::rejected(Code::Cancelled, "interrupted; nothing was sent")
    }

    /// The command panicked.
    pub(super) fn defect() -> Report {
        let line = "a defect of this program; please report it".to_owned();
        Report::new(Code::Internal, Reached::Unknown, line)
    }

    fn new(code: Code, reached: Reached, line: String) -> Report {
        let json = JsonReport {
            code: code.number(),
            name: code.name(),
            reached: reached.name(),
            rule: None,
            reason: None,
            status: None,
            http_status: None,
            unique: None,
            timestamp: None,
            sender: None,
            to: None,
            limit: None,
            retry_after: None,
            tries_left: None,
            message: line.clone(),
            phone: None,
            delivery: None,
        };
        Report { code, line, json: Box::new(json) }
    }

    /// Prints the report and returns the exit status. Answers go to stdout, errors to stderr, JSON always to
    /// stdout.
    pub(super) fn print(self, json: bool) -> u8 {
        if json {
            print_line(&serde_json::to_string(&self.json).unwrap_or_default());
        }
        match self.code {
            Code::Ok | Code::NotVerified if json => {}
            Code::Ok | Code::NotVerified => print_line(&self.line),
            _ => print_error(&self.line),
        }
        u8::try_from(self.code.number()).unwrap_or(u8::MAX)
    }
}

/// The seconds of a wait, if there is one.
fn wait(retry_after: Duration) -> Option<u64> {
    Some(retry_after.as_secs()).filter(|&seconds| seconds != 0)
}

/// What the person can do about an error.
fn advice(operation: Operation, error: &Error) -> &'static str {
    match (error.code(), error.reached()) {
        (Code::InvalidArgument, _) => match operation {
            Operation::Send if error.argument() == Some("sender") => {
                "name another with --sender or VERIFYSMS_SENDER"
            }
            Operation::Send => "see verifysms send --help",
            Operation::Check => "see verifysms check --help",
            Operation::Normalize => "see verifysms normalize --help",
            Operation::Delivery => "see verifysms delivery --help",
            Operation::Guard => "see verifysms guard --help",
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
            "nothing was sent: correct what it names; an authority of your own goes to --ca-file"
        }
        (Code::Timeout, Reached::No) => {
            "nothing was sent: repeat it, with a longer --timeout if need be"
        }
        (Code::Cancelled, Reached::No) => "nothing was sent",
        (Code::Limited, _) => "nothing was sent",
        (Code::GuardDown, _) => "nothing was sent: see that --guard or VERIFYSMS_GUARD is right",
        (Code::Internal, _) => "please report this defect",
        (_, Reached::Unknown) => match operation {
            Operation::Send => "the message may be out: look at the phone before you send another",
            Operation::Check | Operation::Guard => {
                "the code may be used up: if it is refused now, send a new one"
            }
            Operation::Normalize | Operation::Delivery => "repeat it: the question changes nothing",
        },
        _ => "nothing was sent: check the network, --url and --proxy, then repeat it",
    }
}

/// Prints how a long run is going, to stderr.
pub(super) fn print_progress(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints a line to stderr.
pub(super) fn print_error(line: &str) {
    // Quoted text may have line breaks. A closed stderr is ignored.
    let line = line.replace(char::is_control, " ");
    let _ = writeln!(io::stderr(), "verifysms: {line}");
}

/// Prints a line to stdout and flushes. A closed pipe is no error: the exit status is the answer.
pub(super) fn print_line(line: &str) {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "verifysms: cannot write to standard output: {error}");
        }
        _ => {}
    }
}
