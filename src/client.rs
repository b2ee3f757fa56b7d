//! The two steps: send a code to a phone number, check what the person typed.
//!
//! Reads like the service's contract; how bytes travel is the transport's business.

use std::fmt;
use std::time::Instant;

use crate::config::{Builder, Config, Log, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::memory;
use crate::phone::Phone;
use crate::reply::{self, Failure};
use crate::request::{Boundary, Request};
use crate::secret::Secret;
use crate::text;
use crate::transport::{Answer, Transport};

/// Sends codes and checks them. Shared by reference between threads; every call blocks until it
/// is answered or its deadline passes.
///
/// # Example
/// ```no_run
/// # fn main() -> Result<(), verifysms::Error> {
/// let client = verifysms::Client::builder("the account's key").sender("Acme").build()?;
/// client.send("050-123-4567")?;
/// let typed = "123456";
/// if client.check("050-123-4567", typed)?.is_verified() {
///     println!("the number is theirs");
/// }
/// # Ok(())
/// # }
/// ```
pub struct Client {
    api_key: Secret,
    sender: Option<String>,
    message: Option<String>,
    boundary: Boundary,
    log: Option<Log>,
    transport: Transport,
}

/// A message that the service accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    unique: String,
    timestamp: Option<i64>,
    sender: String,
    to: Phone,
    http_status: u16,
}

/// The service's answer about a code. Only [`is_verified`](Check::is_verified) lets anybody in.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a check that nobody looks at verifies nothing"]
pub struct Check {
    status: i64,
    to: Phone,
    http_status: u16,
}

impl Client {
    /// Begins the settings of a client with the account's key.
    pub fn builder(api_key: &str) -> Builder {
        Builder::new(api_key)
    }

    pub(crate) fn new(config: &Config) -> Result<Client, Error> {
        if !memory::set_aside() {
            return Err(memory::none());
        }
        let watch = memory::begin();
        let client = Client {
            api_key: config.check()?.copy()?,
            sender: config.sender.clone(),
            message: config.message.as_deref().map(memory::copy).transpose()?,
            boundary: Boundary::random(),
            log: config.log.clone(),
            transport: Transport::new(config)?,
        };
        watch.check()?;
        Ok(client)
    }

    /// Has the service text a code to `to`, an Israeli number as people write it.
    ///
    /// # Errors
    /// Any [`Code`] but `Ok` and `NotVerified`. Repeat the call by yourself only when
    /// [`Error::safe_to_retry`] says so: otherwise the person may get two messages.
    pub fn send(&self, to: &str) -> Result<Sent, Error> {
        self.send_with(to, None, None)
    }

    /// The same with another sender or message than the client's own.
    ///
    /// # Errors
    /// As [`send`](Client::send).
    pub fn send_with(
        &self,
        to: &str,
        sender: Option<&str>,
        message: Option<&str>,
    ) -> Result<Sent, Error> {
        self.answered("send", to, |watch, to| {
            let (own_sender, own_message) =
                (sender.map(text::sender).transpose()?, message.map(text::message).transpose()?);
            let sender = own_sender.as_deref().or(self.sender.as_deref()).ok_or_else(|| {
                Error::invalid("sender", "is not set; give one to the client or to the call")
            })?;
            let message = own_message.as_deref().or(self.message.as_deref());
            let request = Request::send(&self.boundary, &self.api_key, to, sender, message)?;
            self.transport.exchange(watch, &request, |answer| {
                let accepted = read(&answer, reply::send)?;
                Ok(Sent {
                    unique: accepted.unique,
                    timestamp: accepted.timestamp,
                    sender: accepted.sender.unwrap_or_else(|| sender.to_owned()),
                    to: to.clone(),
                    http_status: answer.http_status,
                })
            })
        })
    }

    /// Asks the service whether `code`, as the person typed it, is the one it texted to `to`.
    ///
    /// A wrong code is an answer, not an error. A right one works once.
    ///
    /// # Errors
    /// Any [`Code`] but `Ok` and `NotVerified`; none of them means that the number is theirs.
    pub fn check(&self, to: &str, code: &str) -> Result<Check, Error> {
        self.answered("check", to, |watch, to| {
            let code = text::code(code)?;
            let request = Request::check(&self.boundary, &self.api_key, to, &code)?;
            self.transport.exchange(watch, &request, |answer| {
                let status = read(&answer, |body| reply::check(body, to))?;
                Ok(Check { status, to: to.clone(), http_status: answer.http_status })
            })
        })
    }

    /// Ends the calls that are under way in other threads as [`Code::Cancelled`], within a tenth
    /// of a second. Calls that begin later work as ever.
    pub fn cancel(&self) {
        self.transport.cancel();
    }

    /// Makes a call about the number that `to` is, and one log record of how it ended.
    fn answered<T: Answered>(
        &self,
        step: &str,
        to: &str,
        call: impl FnOnce(memory::Watch, &Phone) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let watch = memory::begin();
        let to = Phone::parse(to).map_err(|rule| Error::invalid("to", rule));
        let call = || {
            let to = to.as_ref().map_err(Error::clone)?;
            call(watch, to).map_err(|error| error.about(to))
        };
        let Some(log) = &self.log else { return call() };
        let begun = Instant::now();
        let result = call();
        let (code, reached) = match &result {
            Ok(answer) => (answer.code(), Reached::Yes),
            Err(error) => (error.code(), error.reached()),
        };
        let number = to.as_ref().map_or_else(|_| String::new(), |to| format!(" {to}"));
        let elapsed = begun.elapsed().as_millis();
        log(LogLevel::Info, &format!("{step}{number}: {code}, reached {reached}, {elapsed} ms"));
        result
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The sender may be somebody's full number.
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// What the service says in `answer`, by `read`. Only a 2xx answer can be a success; a FAIL is
/// the service's own word whatever status it came with.
fn read<T>(answer: &Answer, read: impl FnOnce(&[u8]) -> Result<T, Failure>) -> Result<T, Error> {
    let status = answer.http_status;
    let success = (200..300).contains(&status);
    match read(answer.body) {
        Ok(said) if success => Ok(said),
        Err(Failure::Refused(reason)) => Err(Error::rejected(reason)),
        Err(Failure::Unclear(why)) if success => Err(Error::new(
            Code::BadReply,
            Reached::Unknown,
            format!("the answer was not understood: {why}"),
        )),
        _ => Err(Error::new(
            Code::HttpStatus,
            Reached::Unknown,
            format!("HTTP status {status} instead of the service's answer"),
        )),
    }
    .map_err(|error| error.with_http_status(status))
}

/// An answer that is no error.
trait Answered {
    fn code(&self) -> Code;
}

impl Answered for Sent {
    fn code(&self) -> Code {
        Code::Ok
    }
}

impl Answered for Check {
    fn code(&self) -> Code {
        if self.is_verified() { Code::Ok } else { Code::NotVerified }
    }
}

impl Sent {
    /// The message's id, with which the provider's Delivery Status can be asked.
    #[must_use]
    pub fn unique(&self) -> &str {
        &self.unique
    }

    /// When the service accepted it, in Unix seconds, if it said so.
    #[must_use]
    pub fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    /// The sender that was used.
    #[must_use]
    pub fn sender(&self) -> &str {
        &self.sender
    }

    /// The number in the service's form.
    #[must_use]
    pub fn to(&self) -> &str {
        self.to.as_str()
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("unique", &self.unique)
            .field("timestamp", &self.timestamp)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

impl Check {
    /// Whether the code was the right one for this number: the service's status 1, nothing else.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.status == reply::VERIFIED
    }

    /// The raw status. The provider's material names 1 alone; give no meaning to the others.
    #[must_use]
    pub fn status(&self) -> i64 {
        self.status
    }

    /// The number in the service's form.
    #[must_use]
    pub fn to(&self) -> &str {
        self.to.as_str()
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("status", &self.status)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
