//! The command `verifysms`: send and check from a shell, and the sandbox.

mod args;
mod call;
mod outcome;
mod sandbox;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use outcome::Outcome;

fn main() -> ExitCode {
    match Arguments::try_parse() {
        Ok(Arguments { command }) => match command {
            Command::Send(arguments) => call::send(&arguments).report(arguments.call.json),
            Command::Check(arguments) => call::check(&arguments).report(arguments.call.json),
            Command::Sandbox(arguments) => sandbox::run(&arguments).report(false),
        },
        Err(error) if error.use_stderr() => {
            let json = std::env::args_os().any(|argument| argument == "--json");
            Outcome::usage(&error).report(json)
        }
        Err(help) => {
            // Help for a reader that has gone away needs no complaint.
            let _ = help.print();
            ExitCode::SUCCESS
        }
    }
}
