//! The two steps: send a code to a phone number, check what the person typed.
//!
//! Reads like the service's contract; how bytes travel is the transport's business.

mod queue;

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::{Config, Log, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::memory;
use crate::phone::Phone;
use crate::reply::{self, Failure};
use crate::request::{Boundary, Request};
use crate::secret::Secret;
use crate::text;
use crate::transport::{self, Answer, Call, Fate, Message, Process, Start, Transport};

pub use queue::{Outcome, Queue};

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
    transport: Transport<History>,
    /// Makes of a number or an id what a connection's history keeps of it.
    hasher: RandomState,
    /// Whether the service has answered a Check without the phone number.
    leaves_phone_out: AtomicBool,
}

/// What was answered over a connection.
///
/// A gateway may answer a request twice, and the second answer lie ready for the next one. No answer to
/// a Check can be taken for another's: each number is checked once over a connection, so that what
/// names it is the answer to that Check or its copy. Those that name no number count as the first on
/// their connection only. An accepted message is told by its id, which comes once; every other answer
/// ends its connection.
#[derive(Default)]
struct History {
    answers: usize,
    /// The numbers that were checked, and the ids of the messages.
    seen: HashSet<u64>,
}

impl History {
    /// How many numbers and ids come over one connection.
    const SEEN_MOST: usize = 512;

    /// What becomes of a connection after an answer without a doubt.
    fn fate(&self) -> Fate {
        if self.seen.len() < History::SEEN_MOST { Fate::Keep } else { Fate::Close }
    }
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
            hasher: RandomState::new(),
            leaves_phone_out: AtomicBool::new(false),
        };
        watch.check()?;
        Ok(client)
    }

    /// Opens a connection ahead, TLS included. Call it when the page opens on which a person types
    /// their number: the send that follows within a minute then takes one round trip instead of four.
    /// Does nothing if there is a connection already.
    ///
    /// # Errors
    /// [`Code::Connect`], [`Code::Tls`], [`Code::Timeout`], [`Code::Cancelled`] and
    /// [`Code::Internal`], always with [`Reached::No`]: a later call tries by itself.
    pub fn connect(&self) -> Result<(), Error> {
        self.logged("connect", None, |start| {
            let call = self.transport.begin(start);
            self.transport.run(&call, self.exchange_connect(&call))
        })
    }

    async fn exchange_connect(&self, call: &Call) -> Result<(), Error> {
        self.transport.connect(call, |_| true).await
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
        self.about("send", to, |start, to| {
            let (request, sender) = self.request_send(to, sender, message)?;
            let call = self.transport.begin(start);
            self.transport.run(&call, self.exchange_send(&call, &request, to, sender.as_deref()))
        })
    }

    /// The request of a Send, and its sender if it is not the client's own.
    fn request_send(
        &self,
        to: &Phone,
        sender: Option<&str>,
        message: Option<&str>,
    ) -> Result<(Request, Option<String>), Error> {
        let (own_sender, own_message) =
            (sender.map(text::sender).transpose()?, message.map(text::message).transpose()?);
        let sender = own_sender.as_deref().or(self.sender.as_deref()).ok_or_else(|| {
            Error::invalid("sender", "is not set; give one to the client or to the call")
        })?;
        let message = own_message.as_deref().or(self.message.as_deref());
        let request = Request::send(&self.boundary, &self.api_key, to, sender, message)?;
        Ok((request, own_sender))
    }

    async fn exchange_send(
        &self,
        call: &Call,
        request: &Request,
        to: &Phone,
        sender: Option<&str>,
    ) -> Result<Sent, Error> {
        let sender = sender.or(self.sender.as_deref()).unwrap_or_default();
        let may_use = |_: &History| true;
        let exchange =
            self.transport.exchange(call, message(request), may_use, |answer, history| {
                history.answers += 1;
                let accepted = match read(&answer, reply::send) {
                    Ok(accepted) => accepted,
                    Err(error) => return (Err(error), Fate::Close),
                };
                if !history.seen.insert(self.hasher.hash_one(("message", &accepted.unique))) {
                    let why = "it has the message's id of an answer before";
                    return (Err(not_understood(&answer, why)), Fate::Close);
                }
                let sent = Sent {
                    unique: accepted.unique,
                    timestamp: accepted.timestamp,
                    sender: accepted.sender.unwrap_or_else(|| sender.to_owned()),
                    to: to.clone(),
                    http_status: answer.http_status,
                };
                (Ok(sent), history.fate())
            });
        exchange.await
    }

    /// Asks the service whether `code`, as the person typed it, is the one it texted to `to`.
    ///
    /// A wrong code is an answer, not an error. A right one works once.
    ///
    /// # Errors
    /// Any [`Code`] but `Ok` and `NotVerified`; none of them means that the number is theirs.
    pub fn check(&self, to: &str, code: &str) -> Result<Check, Error> {
        self.about("check", to, |start, to| {
            let request = self.request_check(to, code)?;
            let call = self.transport.begin(start);
            self.transport.run(&call, self.exchange_check(&call, &request, to))
        })
    }

    fn request_check(&self, to: &Phone, code: &str) -> Result<Request, Error> {
        Request::check(&self.boundary, &self.api_key, to, &text::code(code)?)
    }

    async fn exchange_check(
        &self,
        call: &Call,
        request: &Request,
        to: &Phone,
    ) -> Result<Check, Error> {
        let number = self.hasher.hash_one(("number", to.as_str()));
        let may_use = |history: &History| {
            !history.seen.contains(&number)
                && (history.answers == 0 || !self.leaves_phone_out.load(Ordering::Relaxed))
        };
        let exchange =
            self.transport.exchange(call, message(request), may_use, |answer, history| {
                let is_first = history.answers == 0;
                history.answers += 1;
                let checked = match read(&answer, |body| reply::check(body, to)) {
                    Ok(checked) => checked,
                    Err(error) => return (Err(error), Fate::Close),
                };
                history.seen.insert(number);
                let fate = if checked.names_phone { history.fate() } else { Fate::Close };
                if !checked.names_phone {
                    self.leaves_phone_out.store(true, Ordering::Relaxed);
                    if !is_first {
                        let why =
                            "it names no phone number, so it may be the answer to another request";
                        return (Err(not_understood(&answer, why)), Fate::Close);
                    }
                }
                let check = Check {
                    status: checked.status,
                    to: to.clone(),
                    http_status: answer.http_status,
                };
                (Ok(check), fate)
            });
        exchange.await
    }

    /// Ends the calls that are under way in other threads as [`Code::Cancelled`], within a tenth
    /// of a second. Calls that begin later work as ever.
    pub fn cancel(&self) {
        self.transport.cancel();
    }

    /// Makes a call about the number that `to` is.
    fn about<T: Answered>(
        &self,
        step: &'static str,
        to: &str,
        call: impl FnOnce(Start, &Phone) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let to = phone(to);
        self.logged(step, to.as_ref().ok(), |start| {
            let to = to.as_ref().map_err(Error::clone)?;
            call(start, to).map_err(|error| error.about(to))
        })
    }

    /// Makes a call, and one log record of how it ended.
    fn logged<T: Answered>(
        &self,
        step: &'static str,
        to: Option<&Phone>,
        call: impl FnOnce(Start) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let record = Record::new(step);
        let result = call(record.start);
        record.end(self.log.as_ref(), to, result)
    }
}

fn phone(to: &str) -> Result<Phone, Error> {
    Phone::parse(to).map_err(|rule| Error::invalid("to", rule))
}

/// What begins with a call and ends with its log record.
struct Record {
    step: &'static str,
    start: Start,
}

impl Record {
    fn new(step: &'static str) -> Record {
        Record { step, start: Start::now() }
    }

    fn end<T: Answered>(
        self,
        log: Option<&Log>,
        to: Option<&Phone>,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(log) = log else { return result };
        let (code, reached) = match &result {
            Ok(_) if self.start.process != Process::current() => {
                (Code::Cancelled, Reached::Unknown)
            }
            Ok(answer) => (answer.code(), answer.reached()),
            Err(error) => (error.code(), error.reached()),
        };
        let number = to.map(|to| format!(" {to}")).unwrap_or_default();
        let (step, elapsed) = (self.step, self.start.begun.elapsed().as_millis());
        log(LogLevel::Info, &format!("{step}{number}: {code}, reached {reached}, {elapsed} ms"));
        // The function may have forked: one of the two has the answer, and it is not the child.
        if self.start.process == Process::current() { result } else { Err(transport::forked()) }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The sender may be somebody's full number.
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// What goes over the wire.
fn message(request: &Request) -> Message<'_> {
    Message { content_type: request.content_type(), body: request.body(), limit: reply::LONGEST }
}

/// What the service says in `answer`, by `read`. Only an answer with status 200 can be a success: the
/// other 2xx are about a part, a copy or a promise (RFC 9110, section 15.3). A FAIL is the service's own
/// word whatever status it came with.
fn read<T>(answer: &Answer, read: impl FnOnce(&[u8]) -> Result<T, Failure>) -> Result<T, Error> {
    let status = answer.http_status;
    match (status, read(answer.body)) {
        (200, Ok(said)) => Ok(said),
        (_, Err(Failure::Rejected(reason))) => {
            Err(Error::rejected(reason).with_http_status(status))
        }
        (200, Err(Failure::Malformed(why))) => Err(not_understood(answer, why)),
        (200..300, _) => Err(not_understood(answer, "its HTTP status is 2xx, but not 200")),
        _ => Err(Error::new(
            Code::HttpStatus,
            Reached::Unknown,
            format!("HTTP status {status} from {} instead of the service's answer", answer.service),
        )
        .with_http_status(status)),
    }
}

fn not_understood(answer: &Answer, why: &str) -> Error {
    let message = format!("the answer from {} was not understood: {why}", answer.service);
    Error::new(Code::BadReply, Reached::Unknown, message).with_http_status(answer.http_status)
}

/// An answer that is no error.
trait Answered {
    fn code(&self) -> Code;

    fn reached(&self) -> Reached {
        Reached::Yes
    }
}

impl Answered for () {
    fn code(&self) -> Code {
        Code::Ok
    }

    fn reached(&self) -> Reached {
        Reached::No
    }
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

#[cfg(test)]
mod tests;
