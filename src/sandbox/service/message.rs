//! A sent message: as others see it, and as the service stores it.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::delivery::DeliveryReport;
use crate::message::Encoding;

/// How long a code is valid.
const CODE_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// A message that the service would have texted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// The id in the answer to the Send.
    pub unique: String,
    /// The phone number, in the local form.
    pub to: String,
    /// The sender ID.
    pub sender: String,
    /// The text as a phone would show it, with the code.
    pub text: String,
    /// The code alone.
    pub code: String,
    /// When it was sent: Unix time in seconds, on the sandbox's clock.
    pub time: u64,
    /// When its code expires, 10 minutes later.
    pub expires: u64,
    /// The state of its code.
    pub state: MessageState,
    /// How many wrong codes were tried while it was the number's newest message.
    pub wrong_tries: u32,
    /// How the text travels.
    #[serde(serialize_with = "name")]
    pub encoding: Encoding,
    /// The length of the text in units of the encoding: septets or UTF-16 code units.
    pub length: usize,
    /// How many parts are billed.
    pub parts: usize,
    /// The code of its report, once there is one: 102 for a delivered message.
    pub delivery: Option<i64>,
    /// The code that its report has, which comes a second after it was sent and is kept for a week; none if a test
    /// lets no report come.
    pub report: Option<i64>,
}

fn name<S: Serializer>(encoding: &Encoding, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(encoding.name())
}

/// The state of a message's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MessageState {
    /// The code has not been used and is still valid.
    Waiting,
    /// A Check has used the code.
    Verified,
    /// Nobody used the code within 10 minutes, or a scripted failure let it expire.
    Expired,
    /// A newer Send to the number replaced the code.
    Replaced,
}

/// A message in the service's store. Times are since the Unix epoch.
pub(super) struct StoredMessage {
    pub(super) unique: u64,
    pub(super) to: String,
    pub(super) sender: String,
    pub(super) text: String,
    pub(super) code: String,
    pub(super) sent: Duration,
    pub(super) state: MessageState,
    pub(super) wrong_tries: u32,
    /// The code of its report, if it gets one.
    pub(super) report: Option<i64>,
    /// The store's revision at its last change.
    pub(super) revision: u64,
}

impl StoredMessage {
    pub(super) fn state_at(&self, now: Duration) -> MessageState {
        match self.state {
            MessageState::Waiting if now.saturating_sub(self.sent) >= CODE_LIFETIME => {
                MessageState::Expired
            }
            state => state,
        }
    }

    /// What Delivery Status reports of it, if there is a report.
    pub(super) fn report(&self, now: Duration) -> Option<DeliveryReport> {
        DeliveryReport::of(&self.sender, &self.to, self.report?, self.sent, now)
    }

    pub(super) fn to_message(&self, now: Duration) -> Message {
        let encoding = Encoding::of(&self.text);
        Message {
            unique: self.unique.to_string(),
            to: self.to.clone(),
            sender: self.sender.clone(),
            text: self.text.clone(),
            code: self.code.clone(),
            time: self.sent.as_secs(),
            expires: (self.sent + CODE_LIFETIME).as_secs(),
            state: self.state_at(now),
            wrong_tries: self.wrong_tries,
            encoding,
            length: encoding.length(&self.text),
            parts: encoding.parts(&self.text),
            delivery: self.report.filter(|_| self.report(now).is_some()),
            report: self.report,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.to.len() + self.sender.len() + self.text.len() + self.code.len()
    }
}
