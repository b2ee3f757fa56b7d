//! The command's arguments and help texts.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueHint};

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
message, url, timeout, proxy, ca-file, trust. See verifysms help config.

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
  11  INTERNAL          a defect of this program, or no memory";

/// Prove that a person owns a phone number: text them a code, check what they type
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The values of the option `--trust`; the first is the default.
pub(super) const TRUST: [&str; 2] = ["system", "bundled"];

#[derive(Subcommand)]
pub(super) enum Command {
    Send(Send),
    Check(Check),
    Normalize(Normalize),
    Lint(Lint),
    Delivery(Delivery),
    Sandbox(Sandbox),
    Config(Config),
}

const SEND: &str = "\
Prints one line: the number in the service's form, the sender, the message's id.

Examples:
  verifysms send 050-123-4567 --sender Acme
  verifysms send +972501234567 --message 'Acme: your code is ##code##'
  verifysms send 0501234567 --api-key-file /etc/acme/sms-key --json
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

    #[command(flatten)]
    pub(super) call: CallOptions,
}

/// The options of `send`, `check` and `delivery`. The key is no argument: other users can read those.
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
}

/// The option of every command that reads the configuration file.
#[derive(Args)]
pub(super) struct ConfigOption {
    /// The configuration file [default: ~/.config/verifysms/config, if there is one]
    #[arg(long = "config", value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
}

const NORMALIZE: &str = "\
Prints one line: the number in the service's form, in the international form, and its kind (mobile, \
landline, voip, kosher, unknown). The kind is a hint, by the first digits: numbers are ported. A kosher phone \
receives no messages, and few landlines do.

Examples:
  verifysms normalize '+972 (0)50-123-4567'
  printf '%s\\n' \"$typed\" | verifysms normalize -

Nothing is sent. Exit status: 1 if it is no Israeli number.";

/// Bring a phone number to the service's form
#[derive(Args)]
#[command(after_help = NORMALIZE)]
pub(super) struct Normalize {
    /// The phone number, an Israeli one as people write it; - reads it from standard input
    #[arg(value_hint = ValueHint::Other)]
    pub(super) to: String,

    /// Print one JSON object, also if it is no number
    #[arg(long)]
    pub(super) json: bool,
}

const LINT: &str = "\
Prints the encoding, the length and the parts that are billed, and a line for each thing that is wrong: \
characters that cost a part, a code amid right-to-left text, a wrong line for browsers (WebOTP), a link, a \
sender that networks may replace.

Examples:
  verifysms lint 'Acme: your code is ##code##' --sender Acme
  verifysms lint --origin example.co.il - < message.txt

Nothing is sent. Exit status: 1 if there is a warning.";

/// Inspect a message before it is sent
#[derive(Args)]
#[command(after_help = LINT)]
pub(super) struct Lint {
    /// The text, with ##code## where the code will stand; - reads it from standard input, without its last line
    /// break
    #[arg(value_name = "TEMPLATE", value_hint = ValueHint::Other)]
    pub(super) message: String,

    /// The sender, to be inspected too
    #[arg(long, value_hint = ValueHint::Other)]
    pub(super) sender: Option<String>,

    /// The host of the page on which a browser is to fill the code in, as in example.co.il
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname)]
    pub(super) origin: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

const DELIVERY: &str = "\
Prints one line: the state, the provider's code and words, the operator, and what to do next. The states:
  DELIVERED  the phone has it
  PENDING    no report: not yet, no more (it is kept for a week), or no such message
  FAILED     the phone is off, out of reach, or the operator did not deliver
  BLOCKED    a kosher number, a person who opted out, a text that is not allowed
  EXPIRED    tried several times, until the time was over
  UNKNOWN    a code that this program does not know

Examples:
  verifysms delivery 63433453
  verifysms delivery 63433453 --watch

The question may be repeated. The exit status is 0 if the service answered, whatever the state.";

/// Ask what became of a message
#[derive(Args)]
#[command(after_help = DELIVERY)]
pub(super) struct Delivery {
    /// The message's id, which send prints
    #[arg(value_hint = ValueHint::Other)]
    pub(super) unique: String,

    /// Ask every 2 seconds until there is a report
    #[arg(long)]
    pub(super) watch: bool,

    /// How long to watch
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400), requires = "watch")]
    pub(super) watch_for: u64,

    #[command(flatten)]
    pub(super) call: CallOptions,
}

const CONFIG: &str = "\
Prints a line NAME = VALUE for every setting, and where it comes from; of the key and of a proxy's \
password only that they are there. An option, such as send's --url, comes before the environment, and \
that before the file.

An example of a file:
  # The key is in the file \"key\" beside this one.
  api-key-file = key
  sender = Acme
  message = Acme: your code is ##code##
  proxy = http://proxy.example:3128

Names are those of the options; api-key is the key itself. A value may stand between double quotes. A \
file that others can write is refused, as is one that has the key and that others can read. It is in \
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
