//! How a run ends: the line for a person, the object for a program, the exit status.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use verifysms::Code;

/// The end of a run.
pub(crate) struct Outcome {
    code: Code,
    line: String,
}

impl Outcome {
    /// The run ended without a call.
    pub(crate) fn refused(code: Code, text: impl Display) -> Outcome {
        Outcome { code, line: text.to_string() }
    }

    /// The arguments make no sense. clap's own status for that, 2, would read as "not verified".
    pub(crate) fn usage(error: &clap::Error) -> Outcome {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Outcome::refused(Code::InvalidArgument, "no command; see verifysms --help");
        }
        let text = error.to_string();
        // The first paragraph says what is wrong; the usage and tips that follow are for --help.
        let wrong: Vec<&str> =
            text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        let wrong = wrong.join(" ");
        let wrong = wrong.strip_prefix("error: ").unwrap_or(&wrong);
        Outcome::refused(Code::InvalidArgument, format!("{wrong}; see verifysms --help"))
    }

    /// Tells it, and gives the exit status.
    pub(crate) fn report(self) -> ExitCode {
        // Whatever a text quotes, the line stays one. Nobody is left to be told that stderr is closed.
        let line = self.line.replace(['\r', '\n'], " ");
        let _ = writeln!(io::stderr(), "verifysms: {line}");
        exit_code(self.code)
    }
}

/// Prints to stdout at once. A reader that has gone away is no error: the status still tells.
pub(crate) fn print_line(line: &str) {
    let mut stdout = io::stdout().lock();
    let printed = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    if let Err(error) = printed
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(io::stderr(), "verifysms: cannot write to standard output: {error}");
    }
}

fn exit_code(code: Code) -> ExitCode {
    ExitCode::from(u8::try_from(code.number()).unwrap_or(u8::MAX))
}
