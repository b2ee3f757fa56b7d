//! What a call returned in Rust, as the fields of a result.

use super::result::{DeliveryFields, ResultState, Strings};
use crate::client::{self, Check, Delivery, GuardStatus, Sent};
use crate::error::{Code, Error, Reached, Reason};
use crate::words::Saying;

impl From<Sent> for ResultState {
    fn from(sent: Sent) -> ResultState {
        let strings = [sent.unique(), sent.sender(), sent.to(), "accepted"];
        ResultState {
            saying: Saying::Sent,
            reason: Reason::NONE.0,
            http_status: sent.http_status(),
            timestamp: sent.timestamp().unwrap_or(0),
            standing: sent.standing(),
            ..ResultState::new(Code::Ok, Reached::Yes, strings)
        }
    }
}

impl From<Check> for ResultState {
    fn from(check: Check) -> ResultState {
        let (code, message) = match check.is_verified() {
            true => (Code::Ok, "verified"),
            false => (Code::NotVerified, "not verified"),
        };
        ResultState {
            saying: Saying::checked(check.is_verified(), check.tries_left()),
            status: check.status(),
            http_status: check.http_status(),
            standing: check.standing(),
            ..ResultState::new(code, Reached::Yes, ["", "", check.to(), message])
        }
    }
}

impl From<()> for ResultState {
    fn from((): ()) -> ResultState {
        ResultState::new(Code::Ok, Reached::No, ["", "", "", "connected"])
    }
}

impl From<Delivery> for ResultState {
    fn from(delivery: Delivery) -> ResultState {
        let message = delivery.state().sentence();
        let strings = ["", delivery.sender(), delivery.to().unwrap_or_default(), message];
        let words = [delivery.hebrew(), delivery.english(), delivery.date(), delivery.operator()];
        ResultState {
            saying: Saying::delivered(delivery.state(), delivery.next_step()),
            http_status: delivery.http_status(),
            delivery: Some(DeliveryFields {
                state: delivery.state(),
                next: delivery.next_step(),
                code: delivery.code(),
                strings: Strings::new(words),
            }),
            ..ResultState::new(Code::Ok, Reached::Yes, strings)
        }
    }
}

impl From<client::Outcome> for ResultState {
    fn from(state: client::Outcome) -> ResultState {
        match state {
            client::Outcome::Connected => ().into(),
            client::Outcome::Forgotten => Forgotten.into(),
            client::Outcome::Sent(sent) => sent.into(),
            client::Outcome::Checked(check) => check.into(),
            client::Outcome::Reported(delivery) => delivery.into(),
            client::Outcome::Shown(status) => status.into(),
        }
    }
}

impl From<Error> for ResultState {
    fn from(error: Error) -> ResultState {
        let message = error.to_string();
        let strings = ["", "", error.to().unwrap_or_default(), &message];
        ResultState {
            saying: Saying::of(&error),
            rule: error.rule(),
            reason: error.reason().map_or(0, |reason| reason.0),
            http_status: error.http_status(),
            standing: error.standing(),
            ..ResultState::new(error.code(), error.reached(), strings)
        }
    }
}

impl From<GuardStatus> for ResultState {
    fn from(status: GuardStatus) -> ResultState {
        let limits = status.limits().join("; ");
        ResultState {
            standing: status.standing(),
            ..ResultState::new(Code::Ok, Reached::No, ["", "", status.to(), &limits])
        }
    }
}

/// The guard knows nothing of a number any more.
pub(super) struct Forgotten;

impl From<Forgotten> for ResultState {
    fn from(_: Forgotten) -> ResultState {
        ResultState::new(Code::Ok, Reached::No, ["", "", "", "forgotten"])
    }
}
