//! The last lines of a message, with which a browser and an Android app fill the code in.
//!
//! Sources: "Origin-bound one-time codes delivered via SMS" (<https://wicg.github.io/sms-one-time-codes/>),
//! section 3: the line for browsers is the last one; Android's SMS Retriever
//! (<https://developers.google.com/identity/sms-retriever/verify>): the hash may stand anywhere, and a message has
//! at most 140 bytes.

use super::warning::{Warning, WarningKind};
use super::{DIGITS, webotp};
use crate::error::Error;
use crate::memory;
use crate::rule::Rule;
use crate::text::PLACEHOLDER;

/// The longest message of Android's SMS Retriever, in bytes.
const MAX_RETRIEVER: usize = 140;

/// Who may fill the code in.
#[derive(Clone, Default)]
pub(crate) struct Autofill {
    /// The host of a page.
    pub(crate) origin: Option<String>,
    /// The hash of an Android app.
    pub(crate) app_hash: Option<String>,
}

impl Autofill {
    /// Whether it adds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.origin.is_none() && self.app_hash.is_none()
    }

    /// The message with its lines: first that of the app, then that of browsers. A message that has a line for
    /// browsers is refused: a browser would take one of the two.
    pub(crate) fn added_to(&self, message: &str) -> Result<String, Error> {
        if webotp::find(message).is_some() {
            return Err(Error::invalid("message", Rule::MessageHasOrigin));
        }
        let app = self.app_hash.as_ref().map(|hash| format!("\n{hash}")).unwrap_or_default();
        let browser = self.origin.as_ref().map(|host| format!("\n@{host} #{PLACEHOLDER}"));
        memory::concat(&[message.trim_end(), &app, &browser.unwrap_or_default()])
    }

    /// What is wrong with the message that has the lines.
    pub(crate) fn warning(&self, message: &str) -> Option<Warning> {
        let codes = message.matches(PLACEHOLDER).count();
        let length = message.len() - codes * PLACEHOLDER.len() + codes * DIGITS;
        self.app_hash.as_ref().and_then(|_| length_warning(length))
    }
}

/// A message with an app's hash that has too many bytes for Android's SMS Retriever.
pub(super) fn length_warning(length: usize) -> Option<Warning> {
    (length > MAX_RETRIEVER).then(|| {
        let text = format!(
            "the text has an app's hash, but {length} bytes: Android's SMS Retriever accepts {MAX_RETRIEVER}"
        );
        Warning::new(WarningKind::RetrieverLength, text)
    })
}
