//! `verifysms sandbox`: serve until a signal ends it.

use std::io;

use super::args;
use super::outcome::{Outcome, print_line};
#[cfg(unix)]
use super::signals;
use crate::Code;
use crate::sandbox::{Options, Sandbox};

pub(super) fn run(arguments: &args::Sandbox) -> Outcome {
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
    // Without temporary files there is nothing to do at the end, and the signals stay as they are.
    let ends = (arguments.tls && arguments.ca_file.is_none()).then(Ends::prepare);
    let ends = match ends.transpose() {
        Ok(ends) => ends,
        Err(error) => return Outcome::refused(Code::Internal, error),
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
            match ends {
                Some(ends) => ends.wait(sandbox),
                None => sandbox.wait(),
            }
            Outcome::refused(Code::Internal, "the sandbox has ended by itself; start it again")
        }
        Err(error) => refused(&error),
    }
}

/// The signals that people end it with; the sandbox takes its temporary files along.
struct Ends {
    #[cfg(unix)]
    signals: signal_hook::iterator::Signals,
}

impl Ends {
    fn prepare() -> io::Result<Ends> {
        Ok(Ends {
            #[cfg(unix)]
            signals: signal_hook::iterator::Signals::new(signals::heeded())?,
        })
    }

    /// Lets the signal do what it would have done at once, only later.
    #[cfg(unix)]
    fn wait(mut self, sandbox: Sandbox) {
        let signal = self.signals.forever().next();
        drop(sandbox);
        // It ends the process; should it fail to, the caller has the word.
        let _ = signal.map(signal_hook::low_level::emulate_default_handler);
    }

    #[cfg(not(unix))]
    fn wait(self, sandbox: Sandbox) {
        sandbox.wait();
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
