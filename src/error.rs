//! How a call can end: a code, whether the request reached the service, and one sentence.
//!
//! Everything else depends on this module. It depends on nothing but the digits of a phone number, the names of
//! the limits and the rules of arguments.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::digits::Digits;
use crate::limit::{Limit, Standing};
use crate::rule::Rule;

/// The outcome of a call. The numbers are those of the C ABI and of the exit status of the command. New codes
/// get new numbers; no number is reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[repr(i32)]
pub enum Code {
    /// Send: the service accepted the message. Check: the number is verified.
    Ok = 0,
    /// An argument is invalid. Nothing was sent; the message names the argument and the rule.
    InvalidArgument = 1,
    /// Check: the service answered with another status than 1.
    NotVerified = 2,
    /// The service said FAIL; [`Error::reason`] has its number.
    Rejected = 3,
    /// No connection: DNS, TCP or proxy.
    Connect = 4,
    /// The TLS handshake or the certificate.
    Tls = 5,
    /// The deadline passed.
    Timeout = 6,
    /// The connection was reset or closed after a part of the request was sent.
    ConnectionLost = 7,
    /// An HTTP answer that is not the service's: a proxy's page, a 5xx, a redirect.
    HttpStatus = 8,
    /// The answer was not understood, was too large, was about another number, or may belong to another
    /// call.
    BadReply = 9,
    /// Cancelled, or an interrupted wait.
    Cancelled = 10,
    /// A defect of this library, kept from the host; or no memory, which the message then says.
    Internal = 11,
    /// A limit of the guard is reached; [`Error::limit`] and [`Error::retry_after`] say more. Nothing was
    /// sent.
    Limited = 12,
    /// The store of the guard cannot be asked, and [`GuardFailure::Refuse`](crate::GuardFailure::Refuse) is
    /// set. Nothing was sent.
    GuardDown = 13,
}

impl Code {
    /// Every code, in the order of its number.
    pub const ALL: &'static [Code] = &[
        Code::Ok,
        Code::InvalidArgument,
        Code::NotVerified,
        Code::Rejected,
        Code::Connect,
        Code::Tls,
        Code::Timeout,
        Code::ConnectionLost,
        Code::HttpStatus,
        Code::BadReply,
        Code::Cancelled,
        Code::Internal,
        Code::Limited,
        Code::GuardDown,
    ];

    /// The code with this number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Code> {
        usize::try_from(number).ok().and_then(|index| Code::ALL.get(index)).copied()
    }

    /// The number, as the C ABI and the exit status have it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name, for example `NOT_VERIFIED`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Code::Ok => "OK",
            Code::InvalidArgument => "INVALID_ARGUMENT",
            Code::NotVerified => "NOT_VERIFIED",
            Code::Rejected => "REJECTED",
            Code::Connect => "CONNECT",
            Code::Tls => "TLS",
            Code::Timeout => "TIMEOUT",
            Code::ConnectionLost => "CONNECTION_LOST",
            Code::HttpStatus => "HTTP_STATUS",
            Code::BadReply => "BAD_REPLY",
            Code::Cancelled => "CANCELLED",
            Code::Internal => "INTERNAL",
            Code::Limited => "LIMITED",
            Code::GuardDown => "GUARD_DOWN",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the request reached the service. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Reached {
    /// Nobody has read a byte of the request: the call may be repeated. No byte was sent; or the connection
    /// ended in order without an answer, and the peer's machine acknowledged no byte and answered with RST:
    /// then only a server that reads on after it ended the connection may have read it.
    No = 0,
    /// The service answered; the answer decides.
    Yes = 1,
    /// Bytes were sent, and no usable answer came back: the SMS may be out, the code may be used up.
    Unknown = 2,
}

impl Reached {
    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name, for example `UNKNOWN`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reached::No => "NO",
            Reached::Yes => "YES",
            Reached::Unknown => "UNKNOWN",
        }
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why the service rejected a request: the number in its `reason` field.
///
/// The constants are the numbers that the provider documents for Verify SMS. Other numbers may come as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reason(pub i64);

impl Reason {
    /// 1: no failure, the status is OK.
    pub const NONE: Reason = Reason(1);
    /// 2: the sender is too long or too short.
    pub const SENDER_LENGTH: Reason = Reason(2);
    /// 3: the sender is a number that 99 digital has not approved.
    pub const SENDER_NOT_APPROVED: Reason = Reason(3);
    /// 5: an error the service does not explain; contact its support.
    pub const UNKNOWN_ERROR: Reason = Reason(5);
    /// 6: wrong API key.
    pub const WRONG_API_KEY: Reason = Reason(6);
    /// 7: the phone number is empty.
    pub const TO_EMPTY: Reason = Reason(7);
    /// 9: the sender is empty.
    pub const SENDER_EMPTY: Reason = Reason(9);
    /// 10: a message was given but has no `##code##`.
    pub const MESSAGE_WITHOUT_CODE: Reason = Reason(10);

    /// The provider's meaning of this number. Says so if the number is unknown.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Reason::NONE => "no failure",
            Reason::SENDER_LENGTH => "the sender is too long or too short",
            Reason::SENDER_NOT_APPROVED => "the sender number is not approved by 99 digital",
            Reason::UNKNOWN_ERROR => "unknown error, contact 99 digital's support",
            Reason::WRONG_API_KEY => "wrong API key",
            Reason::TO_EMPTY => "the phone number is empty",
            Reason::SENDER_EMPTY => "the sender is empty",
            Reason::MESSAGE_WITHOUT_CODE => "the message has no ##code##",
            _ => "a reason this library does not know",
        }
    }
}

/// Why a call failed.
///
/// A wrong code is not an error: it is a [`Check`](crate::Check) that is not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    code: Code,
    reached: Reached,
    detail: Detail,
    http_status: u16,
    standing: Standing,
    to: Option<Arc<Digits>>,
    /// What was called, as the log names it.
    step: &'static str,
    message: String,
}

/// What only some codes carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    None,
    Argument(&'static str, Rule),
    Reason(Reason),
}

impl Error {
    /// An error of the exchange. The message is a sentence for a log: no key, code or full number.
    pub(crate) fn new(code: Code, reached: Reached, message: impl Into<String>) -> Error {
        Error {
            code,
            reached,
            detail: Detail::None,
            http_status: 0,
            standing: Standing::default(),
            to: None,
            step: "",
            message: message.into(),
        }
    }

    /// `argument` breaks `rule`. Nothing was sent.
    pub(crate) fn invalid(argument: &'static str, rule: Rule) -> Error {
        Error::invalid_as(argument, rule, rule.text())
    }

    /// The same, with another text than the rule's own.
    pub(crate) fn invalid_as(argument: &'static str, rule: Rule, text: impl fmt::Display) -> Error {
        let message = format!("{argument}: {text}");
        Error {
            detail: Detail::Argument(argument, rule),
            ..Error::new(Code::InvalidArgument, Reached::No, message)
        }
    }

    /// The service said FAIL with this reason.
    pub(crate) fn rejected(reason: Reason) -> Error {
        let message = format!("the service refused: {} (reason {})", reason.meaning(), reason.0);
        Error {
            detail: Detail::Reason(reason),
            ..Error::new(Code::Rejected, Reached::Yes, message)
        }
    }

    /// A limit is reached. Nothing was sent.
    pub(crate) fn limited(standing: Standing) -> Error {
        let limit = standing.limit.map_or("", Limit::name);
        let seconds = standing.retry_after.as_secs();
        let message = format!("the limit {limit} is reached; wait {seconds} s");
        Error { standing, ..Error::new(Code::Limited, Reached::No, message) }
    }

    /// The same error, with where the caller stands now.
    pub(crate) fn with_standing(self, standing: Standing) -> Error {
        Error { standing, ..self }
    }

    /// The same error, with the HTTP status of the response.
    pub(crate) fn with_http_status(self, http_status: u16) -> Error {
        Error { http_status, ..self }
    }

    /// The same error, with the phone number of the call.
    pub(crate) fn about(self, to: Arc<Digits>) -> Error {
        Error { to: Some(to), ..self }
    }

    /// The same error, with what was called.
    pub(crate) fn during(self, step: &'static str) -> Error {
        Error { step, ..self }
    }

    /// What was called, as the log names it; empty before a call.
    pub(crate) fn step(&self) -> &'static str {
        self.step
    }

    /// The code. Never [`Code::Ok`] or [`Code::NotVerified`].
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Whether the request reached the service.
    #[must_use]
    pub fn reached(&self) -> Reached {
        self.reached
    }

    /// Whether the call may be repeated at once, without the risk of a second SMS or a used code. False for
    /// [`Code::Limited`] and [`Code::GuardDown`]: repeat those after [`retry_after`](Error::retry_after), or
    /// later.
    #[must_use]
    pub fn safe_to_retry(&self) -> bool {
        self.reached == Reached::No && !matches!(self.code, Code::Limited | Code::GuardDown)
    }

    /// Where the caller stands now.
    #[cfg(feature = "capi")]
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// The limit that makes the next such call wait: for [`Code::Limited`] the one that refused this call.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        self.standing.limit
    }

    /// How long the next such call has to wait, in whole seconds, rounded up. Zero: not at all.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.standing.retry_after
    }

    /// How many wrong codes may still be tried. None if nobody counts them, or before the number was asked
    /// about.
    #[must_use]
    pub fn tries_left(&self) -> Option<u32> {
        self.standing.tries_left
    }

    /// The invalid argument, for [`Code::InvalidArgument`].
    #[must_use]
    pub fn argument(&self) -> Option<&'static str> {
        match self.detail {
            Detail::Argument(argument, _) => Some(argument),
            _ => None,
        }
    }

    /// The rule that the argument breaks, for [`Code::InvalidArgument`].
    #[must_use]
    pub fn rule(&self) -> Option<Rule> {
        match self.detail {
            Detail::Argument(_, rule) => Some(rule),
            _ => None,
        }
    }

    /// The service's reason, for [`Code::Rejected`].
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.detail {
            Detail::Reason(reason) => Some(reason),
            _ => None,
        }
    }

    /// The phone number of the call in the service's form. None if it is invalid.
    #[must_use]
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref().map(Digits::as_str)
    }

    /// The HTTP status of the response. 0 if there was none.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
