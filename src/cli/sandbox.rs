//! `verifysms sandbox`: serves until a signal ends it.

use std::io;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::args;
use super::report::{Report, print_line};
use crate::Code;
use crate::sandbox::{LoggedRequest, Options, Sandbox};
use crate::sys::signals::Caught;

pub(super) fn run(arguments: &args::Sandbox) -> Report {
    let mut options = Options::new()
        .host(&arguments.host)
        .port(arguments.port)
        .api_key(&arguments.api_key)
        .allow_remote(arguments.allow_remote)
        .tls(arguments.tls);
    for number in &arguments.approved_senders {
        options = options.approved_sender(number);
    }
    if let Some(file) = &arguments.ca_file {
        options = options.ca_file(file);
    }
    if let Some(seed) = arguments.seed {
        options = options.seed(seed);
    }
    let mut printed = None;
    if arguments.log {
        let (log, end) = line_printer();
        options = options.log(log);
        printed = Some(end);
    }
    // Only a temporary file has to be removed at the end, and the log to be printed. Without them the signals
    // keep their default.
    let has_temporary_file = arguments.tls && arguments.ca_file.is_none();
    let signals = (has_temporary_file || arguments.log).then(Caught::new);
    let signals = match signals.transpose() {
        Ok(signals) => signals,
        Err(error) => return Report::rejected(Code::Internal, error),
    };
    match Sandbox::start(options) {
        Ok(sandbox) => {
            let (url, key, page) = (sandbox.url(), &arguments.api_key, sandbox.page());
            let authority = sandbox.ca_file().map(|file| format!(", CA file: {}", file.display()));
            let authority = authority.unwrap_or_default();
            print_line(&format!(
                "sandbox listening at {url} (API key: {key}{authority}); open {page} to see the messages"
            ));
            if let Some(seed) = arguments.seed {
                print_line(&format!("codes are repeatable: --seed {seed}"));
            }
            match signals {
                // Removes the temporary files, and has the log printed.
                Some(signals) => signals.wait(|| {
                    drop(sandbox);
                    let _ = printed.map(|end| end.recv_timeout(MAX_WAIT));
                }),
                None => sandbox.wait(),
            }
            Report::rejected(Code::Internal, "the sandbox has ended by itself; start it again")
        }
        Err(error) => rejected(&error),
    }
}

/// How many lines of the log can wait for a slow reader of standard output.
const MAX_LINES: usize = 1000;

/// The longest wait for a slow reader at the end.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// A function that has a thread print the requests. It never waits: the numbers of the requests tell which ones
/// a slow reader has missed. The receiver is disconnected when the function was dropped and all is printed.
fn line_printer() -> (impl Fn(&LoggedRequest) + Send + Sync, Receiver<()>) {
    let (lines, printer) = mpsc::sync_channel(MAX_LINES);
    let (running, end) = mpsc::channel();
    thread::spawn(move || {
        printer.iter().for_each(|line: String| print_line(&line));
        drop(running);
    });
    let log = move |request: &LoggedRequest| {
        let _ = lines.try_send(format!("{} {request}", request.id));
    };
    (log, end)
}

fn rejected(error: &io::Error) -> Report {
    match error.kind() {
        io::ErrorKind::InvalidInput => Report::rejected(Code::InvalidArgument, error),
        io::ErrorKind::AddrInUse => Report::rejected(
            Code::Connect,
            format!("{error}; choose another with --port, or --port 0 for a free one"),
        ),
        _ => Report::rejected(Code::Connect, format!("{error}; choose --host and --port anew")),
    }
}
