//! The command `verifysms`; what it does is the library's [`verifysms::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(verifysms::cli::run(std::env::args_os()))
}
