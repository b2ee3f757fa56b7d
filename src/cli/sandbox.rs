//! `verifysms sandbox`: serve until somebody ends it.

use std::io;

use super::args;
use super::outcome::{Outcome, print_line};
use crate::Code;
use crate::sandbox::{Options, Sandbox};

pub(super) fn run(arguments: &args::Sandbox) -> Outcome {
    let mut options = Options::new()
        .host(&arguments.host)
        .port(arguments.port)
        .api_key(&arguments.api_key)
        .allow_remote(arguments.allow_remote);
    for number in &arguments.approved_senders {
        options = options.approved_sender(number);
    }
    match Sandbox::start(options) {
        Ok(sandbox) => {
            let (url, key) = (sandbox.url(), &arguments.api_key);
            print_line(&format!("sandbox listening at {url} (API key: {key})"));
            sandbox.wait();
            Outcome::refused(Code::Internal, "the sandbox has ended by itself; start it again")
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &io::Error) -> Outcome {
    match error.kind() {
        io::ErrorKind::InvalidInput => Outcome::refused(Code::InvalidArgument, error),
        io::ErrorKind::AddrInUse => Outcome::refused(
            Code::Connect,
            format!("{error}; choose another with --port, or --port 0 for a free one"),
        ),
        _ => Outcome::refused(Code::Connect, format!("{error}; choose --host and --port anew")),
    }
}
