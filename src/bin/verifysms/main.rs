//! The command `verifysms`: the sandbox from a shell.

mod args;
mod outcome;
mod sandbox;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use outcome::Outcome;

fn main() -> ExitCode {
    match Arguments::try_parse() {
        Ok(Arguments { command: Command::Sandbox(arguments) }) => sandbox::run(&arguments).report(),
        Err(error) if error.use_stderr() => Outcome::usage(&error).report(),
        Err(help) => {
            // Help for a reader that has gone away needs no complaint.
            let _ = help.print();
            ExitCode::SUCCESS
        }
    }
}
