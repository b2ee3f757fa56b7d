//! The two steps: send a code to a phone number, check what the person typed.
//!
//! Reads like the service's contract. How bytes travel is for the transport.

mod delivery;
mod guarded;
mod queue;
mod record;
mod request;
mod results;

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::callbacks::Listeners;
use crate::error::{Code, Error, Reached};
use crate::guard::Guard;
use crate::limit::Standing;
use crate::message::Warning;
use crate::phone::Phone;
use crate::reply::{self, ReplyError};
use crate::request::{Boundary, Form};
use crate::rule::Rule;
use crate::secret::Secret;
use crate::text;
use crate::transport::{Call, Disposition, Post, Response, Transport, TransportConfig};

pub use delivery::Delivery;
pub use guarded::GuardStatus;
pub use queue::{Outcome, Queue};
use record::CallRecord;
pub use request::Request;
pub(crate) use request::check_timeout;
use results::Success;
pub use results::{Check, Sent};

/// Sends codes and checks them. Threads may share a client by reference. Every call blocks until the
/// service answers or the deadline passes.
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
    account: Account,
    boundary: Boundary,
    listeners: Listeners,
    transport: Transport<History>,
    /// The way to Delivery Status. Its connections carry nothing else.
    deliveries: Transport<History>,
    guard: Option<Guard>,
    /// Whether the log knows that there is no guard, or need not.
    has_said_unguarded: AtomicBool,
    /// Hashes the numbers and ids that a [`History`] keeps.
    hasher: RandomState,
    /// Whether the service has answered a Check without the phone number.
    omits_phone: AtomicBool,
}

/// The account at the service, and what its messages look like unless a call says otherwise.
pub(crate) struct Account {
    pub(crate) api_key: Secret,
    pub(crate) sender: Option<String>,
    pub(crate) message: Option<String>,
}

/// The form of a send, and what is wrong with its message.
struct SendForm {
    form: Form,
    warning: Option<Warning>,
}

/// The answers that came over one connection.
///
/// A gateway may answer a request twice. The second answer then looks like the answer to the next request
/// on the connection. These rules make sure that no answer is taken for another:
/// - Each number is checked once over a connection. An answer that names the number is the answer to that
///   Check or a copy of it.
/// - An answer to a Check that names no number counts only if it is the first answer on its connection.
/// - The id of an accepted message comes once over a connection.
/// - Every other answer closes its connection.
#[derive(Default)]
struct History {
    answers: usize,
    /// Hashes of the numbers that were checked, and of the ids of messages.
    seen: HashSet<u64, BuildHasherDefault<Hashed>>,
}

/// Takes a hash for its own hash.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    // mutants: any function will do, since equality decides.
    fn write(&mut self, hash: &[u8]) {
        for &byte in hash {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl History {
    /// How many numbers and ids come over one connection.
    const MAX_SEEN: usize = 512;

    /// What happens to the connection after an unambiguous answer.
    fn disposition(&self) -> Disposition {
        if self.seen.len() < History::MAX_SEEN { Disposition::Keep } else { Disposition::Close }
    }
}

impl Client {
    pub(crate) fn new(
        account: Account,
        config: TransportConfig,
        deliveries: TransportConfig,
        guard: Option<Guard>,
        is_sandbox: bool,
    ) -> Result<Client, Error> {
        Ok(Client {
            account,
            boundary: Boundary::random(),
            listeners: config.listeners.clone(),
            transport: Transport::new(config)?,
            deliveries: Transport::new(deliveries)?,
            guard,
            has_said_unguarded: AtomicBool::new(is_sandbox),
            hasher: RandomState::new(),
            omits_phone: AtomicBool::new(false),
        })
    }

    /// Opens a connection ahead of the next call, TLS included. Call it when you show the page on which
    /// people enter their number: a send within the next minute then takes one round trip instead of
    /// four. Does nothing if there is a connection already.
    ///
    /// # Errors
    /// [`Code::Connect`], [`Code::Tls`], [`Code::Timeout`], [`Code::Cancelled`] and
    /// [`Code::Internal`], always with [`Reached::No`]. A later call tries again by itself.
    pub fn connect(&self) -> Result<(), Error> {
        self.recorded("connect", None, |record| {
            let call = record.begin(&self.transport, None);
            self.transport.run(&call, pin!(self.exchange_connect(&call)))
        })
    }

    async fn exchange_connect(&self, call: &Call) -> Result<(), Error> {
        self.transport.connect(call, |_| true).await
    }

    /// Asks the service to text a code to `to`, an Israeli number as people write it.
    ///
    /// # Errors
    /// Any [`Code`] but `Ok` and `NotVerified`. Repeat the call only if [`Error::safe_to_retry`] says
    /// so: otherwise the person may get two messages.
    pub fn send(&self, to: &str) -> Result<Sent, Error> {
        self.send_request(&Request::new(to))
    }

    /// Like [`send`](Client::send), with another sender or message than the client's own.
    ///
    /// # Errors
    /// As [`send`](Client::send).
    pub fn send_with(
        &self,
        to: &str,
        sender: Option<&str>,
        message: Option<&str>,
    ) -> Result<Sent, Error> {
        let request = Request::new(to);
        let request = sender.into_iter().fold(request, Request::sender);
        self.send_request(&message.into_iter().fold(request, Request::message))
    }

    /// Like [`send`](Client::send), with all that a call may carry: above all the end user, whose sends the
    /// guard then counts.
    ///
    /// # Errors
    /// As [`send`](Client::send).
    pub fn send_request(&self, request: &Request) -> Result<Sent, Error> {
        self.about("send", request, |record, to| {
            let form = self.send_form(to, request)?;
            let call = record.begin(&self.transport, request.own_timeout());
            self.transport.run(&call, pin!(self.guarded_send(&call, &form, to, request)))
        })
    }

    fn send_form(&self, to: &Phone, request: &Request) -> Result<SendForm, Error> {
        let account = &self.account;
        let sender = request.own_sender().or(account.sender.as_deref());
        let sender = sender.ok_or_else(|| Error::invalid("sender", Rule::SenderMissing))?;
        let (message, warning) = request.text(account.message.as_deref())?;
        let form = Form::send(&self.boundary, &account.api_key, to, sender, message.as_deref())?;
        Ok(SendForm { form, warning })
    }

    async fn exchange_send(
        &self,
        call: &Call,
        form: &Form,
        to: &Phone,
        sender: Option<&str>,
    ) -> Result<Sent, Error> {
        let sender = sender.or(self.account.sender.as_deref()).unwrap_or_default();
        let may_use = |_: &History| true;
        let exchange = self.transport.exchange(call, post(form), may_use, |response, history| {
            history.answers += 1;
            let accepted = match read(&response, reply::send) {
                Ok(accepted) => accepted,
                Err(error) => return (Err(error), Disposition::Close),
            };
            if !history.seen.insert(self.hasher.hash_one(("message", &accepted.unique))) {
                let why = "it has the same message id as an earlier answer";
                return (Err(bad_reply(&response, why)), Disposition::Close);
            }
            let sent = Sent {
                unique: accepted.unique,
                timestamp: accepted.timestamp,
                sender: accepted.sender.unwrap_or_else(|| sender.to_owned()),
                to: to.clone(),
                http_status: response.http_status,
                standing: Standing::default(),
            };
            (Ok(sent), history.disposition())
        });
        exchange.await
    }

    /// Asks the service whether `code`, as the person typed it, is the one it texted to `to`.
    ///
    /// A wrong code is an answer, not an error. A right one works once.
    ///
    /// # Errors
    /// Any [`Code`] but `Ok` and `NotVerified`. After an error the number is not verified.
    pub fn check(&self, to: &str, code: &str) -> Result<Check, Error> {
        self.check_request(&Request::new(to), code)
    }

    /// Like [`check`](Client::check), with the number and the end user of `request`. The sender and the message
    /// play no part.
    ///
    /// # Errors
    /// As [`check`](Client::check).
    pub fn check_request(&self, request: &Request, code: &str) -> Result<Check, Error> {
        self.about("check", request, |record, to| {
            let form = self.check_form(to, code)?;
            let call = record.begin(&self.transport, request.own_timeout());
            self.transport.run(&call, pin!(self.guarded_check(&call, &form, to, request)))
        })
    }

    fn check_form(&self, to: &Phone, code: &str) -> Result<Form, Error> {
        Form::check(&self.boundary, &self.account.api_key, to, &text::code(code)?)
    }

    async fn exchange_check(&self, call: &Call, form: &Form, to: &Phone) -> Result<Check, Error> {
        let number = self.hasher.hash_one(("number", to.as_str()));
        let may_use = |history: &History| {
            !history.seen.contains(&number)
                && (history.answers == 0 || !self.omits_phone.load(Ordering::Relaxed))
        };
        let exchange = self.transport.exchange(call, post(form), may_use, |response, history| {
            let is_first = history.answers == 0;
            history.answers += 1;
            let checked = match read(&response, |body| reply::check(body, to)) {
                Ok(checked) => checked,
                Err(error) => return (Err(error), Disposition::Close),
            };
            history.seen.insert(number);
            let http_status = response.http_status;
            let check = Check {
                status: checked.status,
                to: to.clone(),
                http_status,
                standing: Standing::default(),
            };
            if checked.names_phone {
                return (Ok(check), history.disposition());
            }
            self.omits_phone.store(true, Ordering::Relaxed);
            let why = "it names no phone number, so it may be the answer to another request";
            let result = if is_first { Ok(check) } else { Err(bad_reply(&response, why)) };
            (result, Disposition::Close)
        });
        exchange.await
    }

    /// Ends the calls that are under way in other threads as [`Code::Cancelled`], within a tenth of a
    /// second. Does not affect calls that begin later.
    pub fn cancel(&self) {
        self.transport.cancel();
        self.deliveries.cancel();
    }

    /// Makes a call about a phone number.
    fn about<T: Success>(
        &self,
        step: &'static str,
        request: &Request,
        call: impl FnOnce(&mut CallRecord, &Phone) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.recorded(step, request.phone().ok(), |record| {
            let to = request.valid()?;
            call(record, to).map_err(|error| error.about(to.digits()))
        })
    }

    /// Makes a call, and has its outcome told.
    fn recorded<T: Success>(
        &self,
        step: &'static str,
        to: Option<&Phone>,
        call: impl FnOnce(&mut CallRecord) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut record = CallRecord::new(step);
        let result = call(&mut record);
        record.end(&self.listeners, to, result)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The sender may be a full phone number.
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// The HTTP request that carries `form`.
fn post(form: &Form) -> Post<'_> {
    Post { content_type: form.content_type(), body: form.body(), max_response: reply::MAX_LEN }
}

/// Reads the service's answer out of `response`, with `parse`. Only status 200 can be a success. The other
/// 2xx say that the answer is incomplete, was changed by a proxy, or is still to come (RFC 9110, section
/// 15.3). A FAIL comes from the service itself, whatever the HTTP status.
fn read<T>(
    response: &Response<'_>,
    parse: impl FnOnce(&[u8]) -> Result<T, ReplyError>,
) -> Result<T, Error> {
    let status = response.http_status;
    match (status, parse(response.body)) {
        (200, Ok(reply)) => Ok(reply),
        (_, Err(ReplyError::Rejected(reason))) => {
            Err(Error::rejected(reason).with_http_status(status))
        }
        (200, Err(ReplyError::Malformed(why))) => Err(bad_reply(response, why)),
        (200..300, _) => Err(bad_reply(response, "its HTTP status is 2xx, but not 200")),
        _ => Err(Error::new(
            Code::HttpStatus,
            Reached::Unknown,
            format!(
                "HTTP status {status} from {} instead of the service's answer",
                response.service
            ),
        )
        .with_http_status(status)),
    }
}

fn bad_reply(response: &Response<'_>, why: &str) -> Error {
    let message = format!("the answer from {} was not understood: {why}", response.service);
    Error::new(Code::BadReply, Reached::Unknown, message).with_http_status(response.http_status)
}

#[cfg(test)]
mod tests;
