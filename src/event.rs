//! How a call ended, in numbers: for a counter, without a text to parse.

use std::time::Duration;

use crate::error::{Code, Reached};
use crate::limit::Limit;

/// What happened to a call. The numbers are those of the C ABI.
///
/// Each send and each check is one of the others; [`Other`](Event::Other) keeps all further calls out of
/// their counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Event {
    /// A call that is neither a send nor a check ended: a connect, a delivery, or the guard's.
    Other = 0,
    /// The service accepted a message.
    Sent = 1,
    /// The service looked at a code, and the number is not verified.
    Checked = 2,
    /// The service looked at a code, and the number is verified.
    Verified = 3,
    /// The service refused.
    Refused = 4,
    /// Nobody can tell: the SMS may be out, the code may be used up.
    Unknown = 5,
    /// A limit of the guard refused. Nothing was sent.
    Limited = 6,
    /// Nothing was sent for another reason: an invalid argument, no connection, the deadline, a guard whose
    /// store is down.
    Failed = 7,
}

impl Event {
    /// All events, in the order of their numbers.
    pub const ALL: [Event; 8] = [
        Event::Other,
        Event::Sent,
        Event::Checked,
        Event::Verified,
        Event::Refused,
        Event::Unknown,
        Event::Limited,
        Event::Failed,
    ];

    /// What the end of a step is.
    pub(crate) fn of(step: &str, code: Code, reached: Reached) -> Event {
        match (step, code, reached) {
            ("send", Code::Ok, _) => Event::Sent,
            ("check", Code::Ok, _) => Event::Verified,
            ("check", Code::NotVerified, _) => Event::Checked,
            ("send" | "check", Code::Rejected, _) => Event::Refused,
            ("send" | "check", Code::Limited, _) => Event::Limited,
            ("send" | "check", _, Reached::Unknown) => Event::Unknown,
            ("send" | "check", ..) => Event::Failed,
            _ => Event::Other,
        }
    }

    /// The event with this number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Event> {
        usize::try_from(number).ok().and_then(|index| Event::ALL.get(index)).copied()
    }

    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name, for example `VERIFIED`: a label of a metric.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Event::Other => "OTHER",
            Event::Sent => "SENT",
            Event::Checked => "CHECKED",
            Event::Verified => "VERIFIED",
            Event::Refused => "REFUSED",
            Event::Unknown => "UNKNOWN",
            Event::Limited => "LIMITED",
            Event::Failed => "FAILED",
        }
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The end of a call. It has no text, and nothing of a person: no key, no code, no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallEnd {
    /// What happened.
    pub event: Event,
    /// How the call ended.
    pub code: Code,
    /// Whether the request reached the service.
    pub reached: Reached,
    /// How long the call took.
    pub elapsed: Duration,
    /// The attempt that ended it: 1 for the first, 0 if none was made.
    pub attempt: u32,
    /// Whether this attempt went over a connection that was kept from an earlier call.
    pub reused: bool,
    /// The limit that refused it.
    pub limit: Option<Limit>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_and_a_check_are_counted_by_how_they_ended() {
        use {Code as C, Event as E, Reached as R};
        for (code, reached, send, check) in [
            (C::Ok, R::Yes, E::Sent, E::Verified),
            (C::NotVerified, R::Yes, E::Failed, E::Checked),
            (C::InvalidArgument, R::No, E::Failed, E::Failed),
            (C::Rejected, R::Yes, E::Refused, E::Refused),
            (C::Connect, R::No, E::Failed, E::Failed),
            (C::Timeout, R::No, E::Failed, E::Failed),
            (C::Timeout, R::Unknown, E::Unknown, E::Unknown),
            (C::BadReply, R::Unknown, E::Unknown, E::Unknown),
            (C::Cancelled, R::Unknown, E::Unknown, E::Unknown),
            (C::Limited, R::No, E::Limited, E::Limited),
            (C::GuardDown, R::No, E::Failed, E::Failed),
        ] {
            assert_eq!(Event::of("send", code, reached), send, "{code} {reached}");
            assert_eq!(Event::of("check", code, reached), check, "{code} {reached}");
            assert_eq!(Event::of("connect", code, reached), E::Other, "{code} {reached}");
        }
    }

    #[test]
    fn the_numbers_are_the_order() {
        for (number, event) in Event::ALL.into_iter().enumerate() {
            assert_eq!(usize::try_from(event.number()), Ok(number));
            assert_eq!(Event::from_number(event.number()), Some(event));
            assert_eq!(event.to_string(), event.name());
        }
        assert_eq!([-1, 8].map(Event::from_number), [None, None]);
    }
}
