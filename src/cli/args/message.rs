//! The arguments of `normalize`, `lint` and `delivery`: what happens around a message.

use clap::{Args, ValueHint};

use super::CallOptions;

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
pub(in crate::cli) struct Normalize {
    /// The phone number, an Israeli one as people write it; - reads it from standard input
    #[arg(value_hint = ValueHint::Other)]
    pub(in crate::cli) to: String,

    /// Print one JSON object, also if it is no number
    #[arg(long)]
    pub(in crate::cli) json: bool,
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
pub(in crate::cli) struct Lint {
    /// The text, with ##code## where the code will stand; - reads it from standard input, without its last line
    /// break
    #[arg(value_name = "TEMPLATE", value_hint = ValueHint::Other)]
    pub(in crate::cli) message: String,

    /// The sender, to be inspected too
    #[arg(long, value_hint = ValueHint::Other)]
    pub(in crate::cli) sender: Option<String>,

    /// The host of the page on which a browser is to fill the code in, as in example.co.il
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname)]
    pub(in crate::cli) origin: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    pub(in crate::cli) json: bool,
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
pub(in crate::cli) struct Delivery {
    /// The message's id, which send prints
    #[arg(value_hint = ValueHint::Other)]
    pub(in crate::cli) unique: String,

    /// Ask every 2 seconds until there is a report
    #[arg(long)]
    pub(in crate::cli) watch: bool,

    /// How long to watch
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400), requires = "watch")]
    pub(in crate::cli) watch_for: u64,

    #[command(flatten)]
    pub(in crate::cli) call: CallOptions,
}
