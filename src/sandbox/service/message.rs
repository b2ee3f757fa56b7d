//! A sent message as others see it: the control API, the page, programs in Rust.

use serde::Serialize;

/// A message that the sandbox would have texted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// The id that the Send was answered.
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
    /// What has become of its code.
    pub state: State,
    /// How many wrong codes were tried while it was the number's newest message.
    pub wrong_tries: u32,
}

/// What has become of a message's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// The code has not been used and still can be.
    Waiting,
    /// The code was right and is used up.
    Verified,
    /// Nobody used the code within 10 minutes, or it was told to expire.
    Expired,
    /// A newer Send to the number took the code's place.
    Replaced,
}
