//! The command line: send and check from a shell, and the sandbox.
//!
//! A function of the library, so that a host language can offer the very same command.

mod args;
mod call;
mod outcome;
mod sandbox;
mod signals;

use std::ffi::OsString;
use std::panic;

use clap::Parser;

use crate::Code;

use args::{Arguments, Command};
use outcome::Outcome;

/// Runs the command with its arguments, the first of which is its name, and gives the exit status.
/// Prints to the standard output and the standard error of the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let json = arguments
        .iter()
        .take_while(|&argument| argument != "--")
        .any(|argument| argument == "--json");
    guarded(json, || obey(&arguments, json))
}

/// Runs `work`; a panic of it is no exit status of its own.
fn guarded(json: bool, work: impl FnOnce() -> u8 + panic::UnwindSafe) -> u8 {
    panic::catch_unwind(work).unwrap_or_else(|_| Outcome::defect().report(json))
}

fn obey(arguments: &[OsString], json: bool) -> u8 {
    match Arguments::try_parse_from(arguments) {
        Ok(Arguments { command }) => match command {
            Command::Send(arguments) => {
                let (Ok(end) | Err(end)) = call::send(&arguments);
                end.report(arguments.call.json)
            }
            Command::Check(arguments) => {
                let (Ok(end) | Err(end)) = call::check(&arguments);
                end.report(arguments.call.json)
            }
            Command::Sandbox(arguments) => sandbox::run(&arguments).report(false),
        },
        Err(error) if error.use_stderr() => Outcome::usage(&error).report(json),
        Err(help) => {
            // Help for a reader that has gone away needs no complaint.
            let _ = help.print();
            // Status 0 of a check says "verified", and the person whose code is checked may have
            // typed --help.
            let is_check = arguments.get(1).is_some_and(|argument| argument == "check");
            if is_check { Code::InvalidArgument.number() as u8 } else { 0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_defect_and_no_status_of_its_own() {
        assert_eq!(guarded(false, || panic!("of a test")), Code::Internal.number() as u8);
        assert_eq!(guarded(true, || 2), 2);
    }
}
