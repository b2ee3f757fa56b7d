//! What one call may carry.

use std::time::Duration;

use crate::error::Error;
use crate::guard::EndUser;
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

    pub(super) fn own_message(&self) -> Option<&str> {
        self.message.as_deref()
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
