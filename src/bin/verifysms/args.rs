//! The command's arguments and its help.

use clap::{Args, Parser, Subcommand};

const EXAMPLES: &str = "\
Examples, against the sandbox; without VERIFYSMS_URL they go to the real service:
  verifysms sandbox &
  export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS VERIFYSMS_API_KEY=sandbox-key
  verifysms send 050-123-4567 --sender Acme
  verifysms check 050-123-4567 123456

Exit status:
   0  OK                sent, or verified
   1  INVALID_ARGUMENT  refused here; nothing was sent
   2  NOT_VERIFIED      the code is not right
   3  REJECTED          the service refused and said why
   4  CONNECT           no connection; nothing was sent
   5  TLS               the server could not be trusted; nothing was sent
   6  TIMEOUT           no answer in time
   7  CONNECTION_LOST   the connection broke after the request began to leave
   8  HTTP_STATUS       something other than the service answered
   9  BAD_REPLY         the answer was not understood
  10  CANCELLED         interrupted
  11  INTERNAL          a defect of this program";

/// Prove that a person owns a phone number: text them a code, check what they type.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Sandbox(Sandbox),
}

const SANDBOX: &str = "\
It prints one line with its URL and key when it listens, and ends with Ctrl-C.

A test sees the messages and moves the clock with JSON over HTTP, from this machine only:
  curl http://127.0.0.1:8025/control/messages?to=0501234567
  curl http://127.0.0.1:8025/control/advance --json '{\"seconds\": 660}'
  curl http://127.0.0.1:8025/control/script --json '{\"count\": 2, \"failure\": {\"reason\": 5}}'
  curl http://127.0.0.1:8025/control/script --json '{\"failure\": {\"http\": 503}}'
  curl http://127.0.0.1:8025/control/reset -X POST

A Check answers 1 for the right code; 2 (wrong) and 3 (expired or used) are the sandbox's own numbers.

Exit status: 1 when a setting is refused, 4 when the address cannot be had.";

/// Imitate the service on this machine: nothing is texted, nobody pays.
#[derive(Args)]
#[command(after_help = SANDBOX)]
pub(crate) struct Sandbox {
    /// The name or address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,

    /// The port to listen on; 0 for a free one
    #[arg(long, default_value_t = 8025)]
    pub(crate) port: u16,

    /// The key that requests must bring; it is no secret
    #[arg(long, value_name = "KEY", default_value = verifysms::sandbox::DEFAULT_API_KEY)]
    pub(crate) api_key: String,

    /// A number that may be used as a sender, as in 0501234567; may be given again
    #[arg(long = "approved-sender", value_name = "NUMBER")]
    pub(crate) approved_senders: Vec<String>,

    /// Let other machines send and check too, with a --host beyond 127.0.0.1
    #[arg(long)]
    pub(crate) allow_remote: bool,
}
