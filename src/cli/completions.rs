//! The completions that are checked in are those of the arguments.
//!
//! `make lint` runs this. No build does: another clap's words would stop a packager's.

use std::{env, fs};

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::args::Arguments;

/// The names that the shells want.
const FILES: [(Shell, &str); 3] = [
    (Shell::Bash, "src/cli/completions/verifysms.bash"),
    (Shell::Zsh, "src/cli/completions/_verifysms"),
    (Shell::Fish, "src/cli/completions/verifysms.fish"),
];
/// When set, they are written instead: `make completions`.
const WRITE: &str = "VERIFYSMS_WRITE_COMPLETIONS";

#[test]
#[ignore = "of the locked clap only; make lint runs it"]
fn the_completions_are_those_of_the_arguments() {
    for (shell, path) in FILES {
        let mut generated = Vec::new();
        generate(shell, &mut Arguments::command(), "verifysms", &mut generated);
        if env::var_os(WRITE).is_some() {
            fs::write(path, generated).unwrap();
        } else {
            let same = fs::read(path).unwrap() == generated;
            assert!(same, "{path} is not of these arguments; `make completions` makes it anew");
        }
    }
}
