//! A text that nobody may see: wiped when dropped, hidden in `Debug`.

use std::fmt;

use zeroize::Zeroizing;

/// The API key, a code, a phone number. Moving it moves a pointer and leaves no copy behind.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<Box<str>>);

impl Secret {
    pub(crate) fn new(text: &str) -> Secret {
        Secret(Zeroizing::new(Box::from(text)))
    }

    /// The text itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}
