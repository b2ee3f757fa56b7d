//! The command line: send and check from a shell, and the sandbox.
//!
//! A function of the library, so that a host language can offer the very same command.

mod args;
mod call;
mod outcome;
mod sandbox;

use std::ffi::OsString;

use clap::Parser;

use crate::Code;

use args::{Arguments, Command};
use outcome::Outcome;

/// Runs the command with its arguments, the first of which is its name, and gives the exit status.
/// Prints to the standard output and the standard error of the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match Arguments::try_parse_from(&arguments) {
        Ok(Arguments { command }) => match command {
            Command::Send(arguments) => call::send(&arguments).report(arguments.call.json),
            Command::Check(arguments) => call::check(&arguments).report(arguments.call.json),
            Command::Sandbox(arguments) => sandbox::run(&arguments).report(false),
        },
        Err(error) if error.use_stderr() => {
            let json = arguments.iter().any(|argument| argument == "--json");
            Outcome::usage(&error).report(json)
        }
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
