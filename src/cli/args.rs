//! The command's arguments and help texts.

mod message;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueHint};

pub(super) use message::{Delivery, Lint, Normalize};

// clap wraps the paragraphs of the texts below. Lines that begin with blanks have at most 80 columns: they
// stay as they are.

const EXAMPLES: &str = "\
Examples, against the sandbox; without VERIFYSMS_URL they go to the real service:
  verifysms sandbox &
  export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS
  export VERIFYSMS_API_KEY=sandbox-key
  verifysms send 050-123-4567 --sender Acme
  verifysms check 050-123-4567 123456

Settings come from the options, then from the environment, then from the configuration file, \
~/.config/verifysms/config. It has a line NAME = VALUE each for: api-key, api-key-file, sender, \
message, url, timeout, proxy, ca-file, trust, guard, guard-failure, guard-namespace, guard-secret. \
See verifysms help config.

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
  10  CANCELLED         interrupted by Ctrl-C or SIGTERM
  11  INTERNAL          a defect of this program, or no memory
  12  LIMITED           too many sends or wrong codes; nothing was sent
  13  GUARD_DOWN        the guard's store cannot be asked; nothing was sent";

/// Prove that a person owns a phone number: text them a code, check what they type
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The values of the option `--trust`; the first is the default.
pub(super) const TRUST: [&str; 2] = ["system", "bundled"];
/// The values of the option `--guard-failure`; the first is the default.
pub(super) const GUARD_FAILURE: [&str; 3] = ["refuse", "local", "allow"];

#[derive(Subcommand)]
pub(super) enum Command {
    Send(Send),
    Check(Check),
    Normalize(Normalize),
    Lint(Lint),
    Delivery(Delivery),
    Guard(Guard),
    Sandbox(Sandbox),
    Config(Config),
}

const SEND: &str = "\
Prints one line: the number in the service's form, the sender, the message's id.

Examples:
  verifysms send 050-123-4567 --sender Acme
  verifysms send +972501234567 --message 'Acme: your code is ##code##'
  verifysms send 0501234567 --api-key-file /etc/acme/sms-key --json
  verifysms send 0501234567 --message 'Acme: ##code##' --origin acme.example --app-hash FA+9qCX9VSu
  printf '%s\\n' \"$typed\" | verifysms send -

If the status is 6 to 11 the message may be out, unless the line says that nothing was sent: look at \
the phone before you send another. The exit statuses: verifysms --help";

/// Have the service text a code to a phone number
#[derive(Args)]
#[command(after_help = SEND)]
pub(super) struct Send {
    /// The phone number, an Israeli one as people write it: 050-123-4567, +972 50 123 4567; - reads it from
    /// standard input
    #[arg(value_hint = ValueHint::Other)]
    pub(super) to: String,

    /// The sender that the phone shows: a text, or a number that 99 digital approved; at most 11 characters
    /// [default: VERIFYSMS_SENDER]
    #[arg(long, value_hint = ValueHint::Other)]
    pub(super) sender: Option<OsString>,

    /// The text to send; ##code## is replaced by the code [default: the service's own text]
    #[arg(long, value_name = "TEXT", value_hint = ValueHint::Other)]
    pub(super) message: Option<OsString>,

    /// The host of the page on which a browser may fill the code in: adds a last line @HOST ###code##
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname)]
    pub(super) origin: Option<OsString>,

    /// The Android app that may read the message: adds a line with its hash, 11 characters
    #[arg(long, value_name = "HASH", value_hint = ValueHint::Other)]
    pub(super) app_hash: Option<OsString>,

    /// Who asks: the address at the other end of the connection, or any id that one person keeps
    #[arg(long, value_name = "ADDRESS", value_hint = ValueHint::Other, help_heading = "Guard")]
    pub(super) end_user: Option<OsString>,

    #[command(flatten)]
    pub(super) call: CallOptions,
}

const CHECK: &str = "\
Prints \"verified\" and exits with status 0, or prints \"not verified\" with the service's number and \
exits with status 2. Any other status decides nothing: treat it as not verified. The status is the \
answer even if the line cannot be written.

Examples:
  verifysms check 050-123-4567 123456
  if printf '%s\\n' \"$number\" \"$typed\" | verifysms check - -
  then echo welcome
  fi

Give what somebody typed on standard input: other users of this machine can read arguments, and a \
line is never an option. The exit statuses: verifysms --help";

/// Check the code that the person typed
#[derive(Args)]
#[command(after_help = CHECK)]
pub(super) struct Check {
    /// The phone number that the code was sent to; - reads it from standard input, and the code from the next
    /// line
    #[arg(value_hint = ValueHint::Other)]
    pub(super) to: String,

    /// The code as the person typed it; - reads it from standard input
    #[arg(value_hint = ValueHint::Other)]
    pub(super) code: String,

    /// Who asks, as for send: the end user who asked for the code has tries of their own
    #[arg(long, value_name = "ADDRESS", value_hint = ValueHint::Other, help_heading = "Guard")]
    pub(super) end_user: Option<OsString>,

    #[command(flatten)]
    pub(super) call: CallOptions,
}

const GUARD: &str = "\
Examples:
  export VERIFYSMS_GUARD=file:/var/lib/acme/verifysms.guard
  verifysms guard show 050-123-4567
  verifysms guard forget 050-123-4567

The guard counts sends and wrong codes, and refuses too many before anything is sent. Its store is \
file:/path for all programs of this machine and user, or redis://host for many machines. Without one \
this command limits nothing: a run knows nothing of the one before.

The numbers in a store are hidden with the account's key, or with a secret of at least 16 bytes if \
VERIFYSMS_GUARD_SECRET or a guard-secret in the configuration file has one: give what the other \
programs have.

Show prints a line for every limit of the number, such as SENDS_NUMBER 2 of 5 in 600 s.";

/// Show or forget how often a number was sent to and guessed
#[derive(Args)]
#[command(after_help = GUARD)]
pub(super) struct Guard {
    #[command(subcommand)]
    pub(super) command: GuardCommand,
}

#[derive(Subcommand)]
pub(super) enum GuardCommand {
    /// Show how far the limits of a number are used
    Show(GuardNumber),
    /// Forget what was counted for a number: unlock a person
    Forget(GuardNumber),
}

#[derive(Args)]
pub(super) struct GuardNumber {
    /// The phone number; - reads it from standard input
    #[arg(value_hint = ValueHint::Other)]
    pub(super) to: String,

    #[command(flatten)]
    pub(super) call: CallOptions,
}

/// The options of all calls. The key is no argument: other users can read those.
#[derive(Args)]
pub(super) struct CallOptions {
    /// A file that holds the account's key and nothing else; - reads it from the first line of standard input
    /// [default: the environment variable VERIFYSMS_API_KEY]
    #[arg(long, value_name = "FILE")]
    pub(super) api_key_file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) config: ConfigOption,

    /// Print one JSON object, however the call ends
    #[arg(long)]
    pub(super) json: bool,

    /// Print a line to standard error for every attempt to reach the service
    #[arg(long)]
    pub(super) verbose: bool,

    /// The URL of the service [default: VERIFYSMS_URL, or the real service]
    #[arg(long, value_hint = ValueHint::Url, help_heading = "Connection")]
    pub(super) url: Option<OsString>,

    /// How long the whole call may take [default: 30]
    #[arg(long, value_name = "SECONDS", value_hint = ValueHint::Other, help_heading = "Connection")]
    pub(super) timeout: Option<OsString>,

    /// The proxy; "" for none [default: from HTTPS_PROXY, ALL_PROXY, NO_PROXY]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, help_heading = "Connection")]
    pub(super) proxy: Option<OsString>,

    /// A PEM file with the only certificate authorities to trust
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub(super) ca_file: Option<PathBuf>,

    /// The certificate authorities to trust without --ca-file: the system's, or Mozilla's as built into this
    /// program [default: system]
    #[arg(long, value_parser = PossibleValuesParser::new(TRUST), help_heading = "Connection")]
    pub(super) trust: Option<String>,

    /// Let the key travel over plain http:// to another machine; never wise
    #[arg(long, help_heading = "Connection")]
    pub(super) allow_http: bool,

    /// Where sends and wrong codes are counted: file:/path, redis://host, or none [default: VERIFYSMS_GUARD,
    /// or none]
    #[arg(long, value_name = "STORE", value_hint = ValueHint::Other, help_heading = "Guard")]
    pub(super) guard: Option<OsString>,

    /// What to do while the store cannot be asked: refuse, count in this run alone, which limits nothing for
    /// long, or limit nothing [default: refuse]
    #[arg(
        long,
        value_name = "WHAT",
        value_parser = PossibleValuesParser::new(GUARD_FAILURE),
        help_heading = "Guard"
    )]
    pub(super) guard_failure: Option<String>,

    /// Programs that share a store and this name count together [default: verifysms]
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other, help_heading = "Guard")]
    pub(super) guard_namespace: Option<OsString>,
}

/// The option of every command that reads the configuration file.
#[derive(Args)]
pub(super) struct ConfigOption {
    /// The configuration file [default: ~/.config/verifysms/config, if there is one]
    #[arg(long = "config", value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
}

const CONFIG: &str = "\
Prints a line NAME = VALUE for every setting, and where it comes from; of keys, secrets and passwords \
only that they are there. An option, such as send's --url, comes before the environment, and \
that before the file.

An example of a file:
  # The key is in the file \"key\" beside this one.
  api-key-file = key
  sender = Acme
  message = Acme: your code is ##code##
  proxy = http://proxy.example:3128

Names are those of the options; api-key is the key itself. A value may stand between double quotes. A \
file that others can write is refused, as is one with a key or a secret that others can read. It is in \
$XDG_CONFIG_HOME if that is set; --config /dev/null reads none.";

/// Show the settings and where each comes from
#[derive(Args)]
#[command(after_help = CONFIG)]
pub(super) struct Config {
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

const SANDBOX: &str = "\
Prints one line with its URL and key, and serves until Ctrl-C. Open the page that the line names to \
see the messages as they arrive, move the clock and let requests fail.

A test does the same with JSON over HTTP, from this machine only:
  sandbox=http://127.0.0.1:8025/control
  curl \"$sandbox/messages?to=0501234567\"
  curl \"$sandbox/wait?to=0501234567\"
  curl $sandbox/requests
  curl $sandbox/advance --json '{\"seconds\": 660}'
  curl $sandbox/script --json '{\"failure\": {\"http\": 503}, \"count\": 2}'
  curl $sandbox/script --json '{\"failure\": \"lose_answer\"}'
  curl $sandbox/reset -X POST
  curl $sandbox/failures
  curl $sandbox/openapi.json

The last two list all failures and describe the API (OpenAPI). Most failures replace the service: no \
message is sent, no code is used. Those marked \"done\" spoil only the answer: the message is out, the \
code is used.

Every request for one of these test numbers, which are nobody's, fails in the same way:
";

const SANDBOX_END: &str = "
A Check answers 1 for the right code. 2 (wrong) and 3 (expired or used) are the sandbox's own.

Exit status: 1 if an option is invalid, 4 if it cannot listen on the address.";

/// The end of the help, with the sandbox's test numbers.
fn sandbox_help() -> String {
    let mut help = SANDBOX.to_owned();
    for number in crate::sandbox::test_numbers() {
        help.push_str(&format!("  {}  {}\n", number.to, number.label));
    }
    help + SANDBOX_END
}

/// Imitate the service on this machine: nothing is texted and nobody pays
#[derive(Args)]
#[command(after_help = sandbox_help())]
pub(super) struct Sandbox {
    /// The name or address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub(super) host: String,

    /// The port to listen on; 0 for a free one
    #[arg(long, default_value_t = 8025)]
    pub(super) port: u16,

    /// The key that requests must have; it is no secret
    #[arg(long, value_name = "KEY", default_value = crate::sandbox::DEFAULT_API_KEY)]
    pub(super) api_key: String,

    /// A number that is approved as a sender, as in 0501234567; can be repeated
    #[arg(long = "approved-sender", value_name = "NUMBER")]
    pub(super) approved_senders: Vec<String>,

    /// Let other machines send and check too; needed for a --host that is not loopback
    #[arg(long)]
    pub(super) allow_remote: bool,

    /// Speak TLS, with a certificate for localhost and the host and a certificate authority made for this run
    #[arg(long)]
    pub(super) tls: bool,

    /// Where to write the authority that clients have to trust [default: a temporary file, removed at the
    /// end]
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub(super) ca_file: Option<PathBuf>,

    /// Print a line for every request with its outcome and the reason: no key, no code and only the last three
    /// digits of the number
    #[arg(long)]
    pub(super) log: bool,

    /// Make the codes repeatable: the same seed gives the same codes
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
}
