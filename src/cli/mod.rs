//! The command line: `verifysms send`, `check`, `normalize`, `lint`, `delivery`, `guard`, `sandbox` and `config`.
//!
//! A function of the library, so that the Python package has the same command.

mod args;
mod call;
#[cfg(test)]
mod completions;
mod config_file;
mod delivery;
mod lint;
mod normalize;
mod read;
mod report;
mod sandbox;
mod setting;
mod settings;
mod signals;
mod usage;

use std::ffi::OsString;
use std::panic;

use clap::Parser;

use crate::Code;

use args::{Arguments, Command, Guard, GuardCommand};
use report::Report;

/// Runs the command and returns its exit status. The first argument is the command's name. Prints to the
/// process's standard output and standard error.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let json = arguments
        .iter()
        .take_while(|&argument| argument != "--")
        .any(|argument| argument == "--json");
    catch_panic(json, || dispatch(&arguments, json))
}

/// Turns a panic into the exit status of a defect.
fn catch_panic(json: bool, run: impl FnOnce() -> u8 + panic::UnwindSafe) -> u8 {
    panic::catch_unwind(run).unwrap_or_else(|_| Report::defect().print(json))
}

fn dispatch(arguments: &[OsString], json: bool) -> u8 {
    match Arguments::try_parse_from(arguments) {
        Ok(Arguments { command }) => match command {
            Command::Send(arguments) => {
                let (Ok(report) | Err(report)) = call::send(&arguments);
                report.print(arguments.call.json)
            }
            Command::Check(arguments) => {
                let (Ok(report) | Err(report)) = call::check(&arguments);
                report.print(arguments.call.json)
            }
            Command::Normalize(arguments) => {
                let (Ok(report) | Err(report)) = normalize::normalize(&arguments);
                report.print(arguments.json)
            }
            Command::Lint(arguments) => {
                lint::lint(&arguments).unwrap_or_else(|report| report.print(arguments.json))
            }
            Command::Delivery(arguments) => {
                let (Ok(report) | Err(report)) = delivery::delivery(&arguments);
                report.print(arguments.call.json)
            }
            Command::Guard(Guard { command }) => {
                let (Ok(report) | Err(report)) = match &command {
                    GuardCommand::Show(arguments) => call::guard_show(arguments),
                    GuardCommand::Forget(arguments) => call::guard_forget(arguments),
                };
                report.print(json)
            }
            Command::Sandbox(arguments) => sandbox::run(&arguments).print(false),
            Command::Config(arguments) => match settings::show(&arguments) {
                Ok(lines) => {
                    report::print_line(&lines);
                    0
                }
                Err(report) => report.print(false),
            },
        },
        Err(error) if error.use_stderr() => usage::rejected(&error, arguments).print(json),
        Err(help) => {
            // A closed standard output is no error.
            let _ = help.print();
            // Status 0 of a check means "verified", and --help may be what the person typed as their code.
            let is_check = arguments.get(1).is_some_and(|argument| argument == "check");
            if is_check { Code::InvalidArgument.number() as u8 } else { 0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_defect() {
        assert_eq!(catch_panic(false, || panic!("of a test")), Code::Internal.number() as u8);
        assert_eq!(catch_panic(true, || 2), 2);
    }
}
