//! What a successful call returns.

use std::fmt;
use std::time::Duration;

use crate::error::{Code, Reached};
use crate::limit::{Limit, Standing};
use crate::phone::Phone;
use crate::reply;
use crate::words;

/// A message that the service accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    pub(super) unique: String,
    pub(super) timestamp: Option<i64>,
    pub(super) sender: String,
    pub(super) to: Phone,
    pub(super) http_status: u16,
    pub(super) standing: Standing,
}

/// The service's answer about a code. The number is verified only if [`is_verified`](Check::is_verified)
/// returns true.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "the number is verified only if is_verified() returns true"]
pub struct Check {
    pub(super) status: i64,
    pub(super) to: Phone,
    pub(super) http_status: u16,
    pub(super) standing: Standing,
}

/// The outcome of a call without an error, for the log.
pub(super) trait Success {
    fn code(&self) -> Code;

    fn reached(&self) -> Reached {
        Reached::Yes
    }

    /// Notes where the caller stands now.
    fn set_standing(&mut self, _: Standing) {}
}

impl Success for () {
    fn code(&self) -> Code {
        Code::Ok
    }

    fn reached(&self) -> Reached {
        Reached::No
    }
}

impl Success for Sent {
    fn code(&self) -> Code {
        Code::Ok
    }

    fn set_standing(&mut self, standing: Standing) {
        self.standing = standing;
    }
}

impl Success for Check {
    fn code(&self) -> Code {
        if self.is_verified() { Code::Ok } else { Code::NotVerified }
    }

    fn set_standing(&mut self, standing: Standing) {
        self.standing = standing;
    }
}

impl Sent {
    /// One sentence for the person who signs up, in the language with this code: `he` or `en`, which is also
    /// used for any other.
    #[must_use]
    pub fn user_text(&self, language: &str) -> String {
        words::sent_text(self.to(), language)
    }

    /// The message's id. The provider's Delivery Status API takes it.
    #[must_use]
    pub fn unique(&self) -> &str {
        &self.unique
    }

    /// When the service accepted the message, in Unix seconds, if it said so.
    #[must_use]
    pub fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    /// The sender that was used.
    #[must_use]
    pub fn sender(&self) -> &str {
        &self.sender
    }

    /// The phone number in the service's form.
    #[must_use]
    pub fn to(&self) -> &str {
        self.to.as_str()
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// Where the number stands now.
    #[cfg(feature = "capi")]
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// How long the next send to this number has to wait, in whole seconds, rounded up. For the countdown on
    /// a page. Zero without a guard.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.standing.retry_after
    }

    /// The limit that makes it wait.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        self.standing.limit
    }

    /// How many wrong codes the end user may try. None without a guard.
    #[must_use]
    pub fn tries_left(&self) -> Option<u32> {
        self.standing.tries_left
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
    /// Whether the code was the right one for this number. True for the service's status 1 only.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.status == reply::VERIFIED
    }

    /// One sentence for the person who signs up, in the language with this code: `he` or `en`, which is also
    /// used for any other. It does not tell a wrong code from an expired one.
    #[must_use]
    pub fn user_text(&self, language: &str) -> String {
        words::checked_text(self.is_verified(), self.tries_left(), language)
    }

    /// The raw status. The provider documents only 1: do not rely on any other value.
    #[must_use]
    pub fn status(&self) -> i64 {
        self.status
    }

    /// The phone number in the service's form.
    #[must_use]
    pub fn to(&self) -> &str {
        self.to.as_str()
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// Where the number stands now.
    #[cfg(feature = "capi")]
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// How long the next check of this number has to wait, in whole seconds, rounded up. Zero while tries are
    /// left, if the number is verified, and without a guard.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.standing.retry_after
    }

    /// The limit that makes it wait.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        self.standing.limit
    }

    /// How many wrong codes the end user may still try. None if the number is verified, and without a guard.
    #[must_use]
    pub fn tries_left(&self) -> Option<u32> {
        self.standing.tries_left
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
