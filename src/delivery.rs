//! What became of a message: the codes of the provider's Delivery Status, and what to do next.
//!
//! Source: the table of the provider's page "Delivery Status". It names no code for a message that is still
//! on its way.

use crate::phone::{Phone, PhoneKind};

/// What became of a message. The numbers are those of the C ABI; new states get new numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum DeliveryState {
    /// The service reports a code that this library does not know.
    Unknown = 0,
    /// There is no report: not yet, no more (the service keeps it for a week), or no message has this id.
    Pending = 1,
    /// The phone has the message.
    Delivered = 2,
    /// The phone did not get it: it is off, out of reach, or its operator did not deliver.
    Failed = 3,
    /// The phone must not get it: a kosher number, a person who opted out, a message that is not allowed.
    Blocked = 4,
    /// It was tried several times, until the time was over.
    Expired = 5,
}

/// What to do next. The numbers are those of the C ABI; new steps get new numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum NextStep {
    /// Nothing: the message is there.
    None = 0,
    /// Wait, and ask again.
    Wait = 1,
    /// Send again later: the phone may be off.
    RetryLater = 2,
    /// Ask for another number: this one receives no messages.
    AnotherNumber = 3,
    /// The person opted out of messages; only they can undo it, with their operator or the provider.
    OptedOut = 4,
    /// The number is outside of Israel.
    Abroad = 5,
    /// Ask the provider's support.
    ContactSupport = 6,
}

impl DeliveryState {
    /// What [`Delivery::state`](crate::Delivery::state) says, for a program that keeps only the provider's code
    /// and the number in the service's form.
    #[must_use]
    pub fn of(code: Option<i64>, to: Option<&str>) -> DeliveryState {
        judge_for(code, to).0
    }

    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name, for example `DELIVERED`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Unknown => "UNKNOWN",
            DeliveryState::Pending => "PENDING",
            DeliveryState::Delivered => "DELIVERED",
            DeliveryState::Failed => "FAILED",
            DeliveryState::Blocked => "BLOCKED",
            DeliveryState::Expired => "EXPIRED",
        }
    }
}

impl DeliveryState {
    /// A few words for a log.
    #[cfg(feature = "capi")]
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            DeliveryState::Unknown => "reported with an unknown code",
            DeliveryState::Pending => "no report yet",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Failed => "not delivered",
            DeliveryState::Blocked => "not delivered: blocked",
            DeliveryState::Expired => "not delivered: the time is over",
        }
    }
}

impl NextStep {
    /// What [`Delivery::next_step`](crate::Delivery::next_step) says, for a program that keeps only the provider's
    /// code and the number in the service's form.
    #[must_use]
    pub fn of(code: Option<i64>, to: Option<&str>) -> NextStep {
        judge_for(code, to).1
    }

    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name, for example `RETRY_LATER`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            NextStep::None => "NONE",
            NextStep::Wait => "WAIT",
            NextStep::RetryLater => "RETRY_LATER",
            NextStep::AnotherNumber => "ANOTHER_NUMBER",
            NextStep::OptedOut => "OPTED_OUT",
            NextStep::Abroad => "ABROAD",
            NextStep::ContactSupport => "CONTACT_SUPPORT",
        }
    }
}

fn judge_for(code: Option<i64>, to: Option<&str>) -> (DeliveryState, NextStep) {
    let phone = to.and_then(|to| Phone::read(to).ok());
    judge(code, phone.as_ref().map(Phone::kind))
}

/// What a code means for a number of this kind, and what to do next. Only a documented code is delivered.
pub(crate) fn judge(code: Option<i64>, kind: Option<PhoneKind>) -> (DeliveryState, NextStep) {
    use {DeliveryState as State, NextStep as Next};
    let Some(code) = code else { return (State::Pending, Next::Wait) };
    let retry = match kind {
        Some(PhoneKind::Landline | PhoneKind::Kosher) => Next::AnotherNumber,
        _ => Next::RetryLater,
    };
    match code {
        -1 | 0 | 102 => (State::Delivered, Next::None),
        1 | 3 | 5 | 6 | 101 | 105..=107 | 109..=132 | 999 | 4 | 14 | 104 => (State::Failed, retry),
        15 => (State::Blocked, Next::AnotherNumber),
        17 | 201 => (State::Blocked, Next::OptedOut),
        18 | 998 => (State::Blocked, Next::ContactSupport),
        2 | 103 => (State::Expired, retry),
        747 => (State::Failed, Next::Abroad),
        _ => (State::Unknown, Next::ContactSupport),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_codes_are_delivered() {
        let delivered: Vec<i64> = (-2000..2000)
            .filter(|&code| judge(Some(code), None).0 == DeliveryState::Delivered)
            .collect();
        assert_eq!(delivered, [-1, 0, 102]);
    }

    #[test]
    fn every_documented_code_has_its_state_and_what_to_do_next() {
        use {DeliveryState as State, NextStep as Next};
        let of =
            |codes: &[i64]| codes.iter().map(|&code| judge(Some(code), None)).collect::<Vec<_>>();
        let failed: Vec<i64> = [1, 3, 5, 6, 101, 105, 106, 107, 999, 4, 14, 104]
            .into_iter()
            .chain(109..=132)
            .collect();
        assert!(of(&failed).iter().all(|&judged| judged == (State::Failed, Next::RetryLater)));
        assert_eq!(of(&[15]), [(State::Blocked, Next::AnotherNumber)]);
        assert_eq!(of(&[17, 201]), [(State::Blocked, Next::OptedOut); 2]);
        assert_eq!(of(&[18, 998]), [(State::Blocked, Next::ContactSupport); 2]);
        assert_eq!(of(&[2, 103]), [(State::Expired, Next::RetryLater); 2]);
        assert_eq!(of(&[747]), [(State::Failed, Next::Abroad)]);
        for unknown in [7, 8, 16, 100, 108, 133, 200, 1000, i64::MIN, i64::MAX] {
            assert_eq!(
                judge(Some(unknown), None),
                (State::Unknown, Next::ContactSupport),
                "{unknown}"
            );
        }
        assert_eq!(judge(None, None), (State::Pending, Next::Wait));
    }

    #[test]
    fn a_code_and_a_number_are_enough() {
        let of = |code, to| (DeliveryState::of(code, to), NextStep::of(code, to));
        assert_eq!(of(Some(102), None), (DeliveryState::Delivered, NextStep::None));
        assert_eq!(
            of(Some(4), Some("031234567")),
            (DeliveryState::Failed, NextStep::AnotherNumber)
        );
        assert_eq!(of(Some(4), Some("abc")), (DeliveryState::Failed, NextStep::RetryLater));
        assert_eq!(of(None, Some("0501234567")), (DeliveryState::Pending, NextStep::Wait));
    }

    #[test]
    fn what_a_landline_did_not_get_is_not_sent_again() {
        for code in [1, 2, 4] {
            for kind in [PhoneKind::Landline, PhoneKind::Kosher] {
                assert_eq!(judge(Some(code), Some(kind)).1, NextStep::AnotherNumber);
            }
            assert_eq!(judge(Some(code), Some(PhoneKind::Mobile)).1, NextStep::RetryLater);
        }
    }
}
