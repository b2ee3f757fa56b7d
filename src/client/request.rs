//! What one call may carry.

use std::borrow::Cow;
use std::time::Duration;

use crate::error::Error;
use crate::guard::EndUser;
use crate::message::{Autofill, Warning};
use crate::phone::Phone;
use crate::rule::Rule;
use crate::text;

/// The longest timeout that can be set.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// What a call is about: a number, and what else the call may carry. An invalid value is reported by the call.
///
/// # Example
/// ```no_run
/// # fn main() -> Result<(), verifysms::Error> {
/// # let client = verifysms::Client::builder("the account's key").sender("Acme").build()?;
/// let request = verifysms::Request::new("050-123-4567").end_user("203.0.113.7");
/// client.send_request(&request)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Request {
    to: Result<Phone, Error>,
    end_user: EndUser,
    sender: Option<String>,
    message: Option<String>,
    autofill: Autofill,
    timeout: Option<Duration>,
    first_error: Option<Error>,
}

impl Request {
    /// About this Israeli number, as people write it.
    pub fn new(to: &str) -> Request {
        Request {
            to: Phone::parse(to),
            end_user: EndUser::Unknown,
            sender: None,
            message: None,
            autofill: Autofill::default(),
            timeout: None,
            first_error: None,
        }
    }

    /// A request whose calls end with `error`.
    #[cfg(feature = "capi")]
    pub(crate) fn invalid(error: Error) -> Request {
        Request { to: Err(error), ..Request::new("") }
    }

    /// Who asks, as the program sees it: the address at the other end of the connection, or any id that one
    /// person keeps, at most 256 bytes. The guard counts an IPv4 address by itself and an IPv6 address with its
    /// network of 64 bits. A loopback or unspecified address counts as none: a proxy would make all people one.
    ///
    /// Do not take it from a header that anybody can send, such as `X-Forwarded-For`, unless your own proxy
    /// sets it.
    pub fn end_user(self, end_user: &str) -> Request {
        self.with(|request| request.set_end_user(Some(end_user)))
    }

    /// Another sender than the client's own. Only for a send.
    pub fn sender(self, sender: &str) -> Request {
        self.with(|request| request.set_sender(Some(sender)))
    }

    /// Another message than the client's own. Only for a send.
    pub fn message(self, message: &str) -> Request {
        self.with(|request| request.set_message(Some(message)))
    }

    /// The page on which a browser may fill the code in: adds the last line of
    /// [origin-bound codes](https://wicg.github.io/sms-one-time-codes/), `@example.co.il ###code##`, to the message,
    /// or to the service's own text if there is none. A host, such as `example.co.il`, or an `https://` origin
    /// without a port. Only for a send.
    pub fn origin(self, origin: &str) -> Request {
        self.with(|request| request.set_origin(Some(origin)))
    }

    /// The Android app that may read the message: adds its hash of 11 characters for the
    /// [SMS Retriever](https://developers.google.com/identity/sms-retriever/verify), on a line before that for
    /// browsers. The Retriever accepts 140 bytes, 2 for a Hebrew letter; a longer message is sent, and the log has
    /// a warning. Only for a send.
    pub fn app_hash(self, app_hash: &str) -> Request {
        self.with(|request| request.set_app_hash(Some(app_hash)))
    }

    /// Another deadline than the client's own, 1 ms to 24 h.
    pub fn timeout(self, timeout: Duration) -> Request {
        self.with(|request| request.set_timeout(timeout))
    }

    fn with(mut self, set: impl FnOnce(&mut Request) -> Result<(), Error>) -> Request {
        // The request keeps the error for the call.
        let _ = set(&mut self);
        self
    }

    pub(crate) fn set_end_user(&mut self, end_user: Option<&str>) -> Result<(), Error> {
        let end_user = end_user.map_or(Ok(EndUser::Unknown), EndUser::parse);
        self.set(end_user, |request, end_user| request.end_user = end_user)
    }

    pub(crate) fn set_sender(&mut self, sender: Option<&str>) -> Result<(), Error> {
        let sender = sender.map(text::sender).transpose();
        self.set(sender, |request, sender| request.sender = sender)
    }

    pub(crate) fn set_message(&mut self, message: Option<&str>) -> Result<(), Error> {
        let message = message.map(text::message).transpose();
        self.set(message, |request, message| request.message = message)
    }

    pub(crate) fn set_origin(&mut self, origin: Option<&str>) -> Result<(), Error> {
        let origin = origin.map(text::origin).transpose();
        self.set(origin, |request, origin| request.autofill.origin = origin)
    }

    pub(crate) fn set_app_hash(&mut self, app_hash: Option<&str>) -> Result<(), Error> {
        let app_hash = app_hash.map(text::app_hash).transpose();
        self.set(app_hash, |request, app_hash| request.autofill.app_hash = app_hash)
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) -> Result<(), Error> {
        let timeout = check_timeout("timeout", timeout);
        self.set(timeout, |request, timeout| request.timeout = Some(timeout))
    }

    /// Sets a value, or keeps its error if it is the first.
    pub(crate) fn set<T>(
        &mut self,
        value: Result<T, Error>,
        set: impl FnOnce(&mut Request, T),
    ) -> Result<(), Error> {
        match value {
            Ok(value) => set(self, value),
            Err(error) => {
                self.first_error.get_or_insert_with(|| error.clone());
                return Err(error);
            }
        }
        Ok(())
    }

    /// The number, or the first invalid value.
    pub(super) fn valid(&self) -> Result<&Phone, Error> {
        match (&self.to, &self.first_error) {
            (Ok(to), None) => Ok(to),
            (Err(error), _) => Err(error.clone()),
            (Ok(to), Some(error)) => Err(error.clone().about(to.digits())),
        }
    }

    /// The number, or why it is invalid.
    pub(super) fn phone(&self) -> Result<&Phone, &Error> {
        self.to.as_ref()
    }

    pub(super) fn who(&self) -> &EndUser {
        &self.end_user
    }

    pub(super) fn own_sender(&self) -> Option<&str> {
        self.sender.as_deref()
    }

    /// The text of a send, and what is wrong with it; None for the service's own. `common` is that of the client.
    pub(super) fn text<'a>(
        &'a self,
        common: Option<&'a str>,
    ) -> Result<(Option<Cow<'a, str>>, Option<Warning>), Error> {
        let message = self.message.as_deref().or(common);
        if self.autofill.is_empty() {
            return Ok((message.map(Cow::from), None));
        }
        let text = self.autofill.added_to(message.unwrap_or(text::DEFAULT_MESSAGE))?;
        let warning = self.autofill.warning(&text);
        Ok((Some(text.into()), warning))
    }

    pub(super) fn own_timeout(&self) -> Option<Duration> {
        self.timeout
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("to", &self.to.as_ref().ok()).finish_non_exhaustive()
    }
}

/// Checks a timeout.
pub(crate) fn check_timeout(argument: &'static str, timeout: Duration) -> Result<Duration, Error> {
    if timeout < Duration::from_millis(1) {
        return Err(Error::invalid(argument, Rule::TimeoutTooShort));
    }
    if timeout > MAX_TIMEOUT {
        return Err(Error::invalid(argument, Rule::TimeoutTooLong));
    }
    Ok(timeout)
}
