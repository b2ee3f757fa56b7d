//! `verifysms lint`: what a message costs, and what is wrong with it. Makes no call and needs no settings.

use serde::Serialize;

use super::args;
use super::read;
use super::report::{Report, print_line};
use super::signals::SignalFlag;
use crate::{Code, Inspection, Warning};

/// The longest code for which a message is judged, in digits.
const DIGITS: usize = 8;

/// What `--json` prints.
#[derive(Serialize)]
struct JsonInspection {
    encoding: &'static str,
    length: usize,
    parts: usize,
    warnings: Vec<JsonWarning>,
}

#[derive(Serialize)]
struct JsonWarning {
    number: i32,
    name: &'static str,
    /// Which character of the text, counted from 0.
    position: Option<usize>,
    text: String,
}

/// Prints what was found. Returns the exit status: 1 if there is a warning.
pub(super) fn lint(arguments: &args::Lint) -> Result<u8, Report> {
    let signal = SignalFlag::watch()?;
    let message = match arguments.message.as_str() {
        "-" => read::message(&signal).map_err(|error| {
            let text = format!("message: cannot read standard input: {error}");
            signal.or_interrupted(Report::rejected(Code::InvalidArgument, text))
        })?,
        message => message.to_owned(),
    };
    let mut inspection = Inspection::new(&message);
    if let Some(sender) = &arguments.sender {
        inspection = inspection.sender(sender);
    }
    if let Some(origin) = &arguments.origin {
        inspection = inspection.origin(origin);
    }
    if arguments.json {
        print_line(&serde_json::to_string(&json(&inspection)).unwrap_or_default());
    } else {
        print_line(&summary(&inspection));
        inspection.warnings().iter().for_each(|warning| print_line(&line(warning)));
    }
    Ok(u8::from(!inspection.warnings().is_empty()))
}

fn summary(inspection: &Inspection) -> String {
    let (length, parts) = (inspection.length(DIGITS), inspection.parts(DIGITS));
    let plural = if parts == 1 { "" } else { "s" };
    let encoding = inspection.encoding().name();
    format!("{encoding}, {length} units with a code of {DIGITS} digits, {parts} part{plural}")
}

fn line(warning: &Warning) -> String {
    format!("{}: {warning}", warning.kind().name())
}

fn json(inspection: &Inspection) -> JsonInspection {
    let warning = |warning: &Warning| JsonWarning {
        number: warning.kind().number(),
        name: warning.kind().name(),
        position: warning.position(),
        text: warning.to_string(),
    };
    JsonInspection {
        encoding: inspection.encoding().name(),
        length: inspection.length(DIGITS),
        parts: inspection.parts(DIGITS),
        warnings: inspection.warnings().iter().map(warning).collect(),
    }
}
