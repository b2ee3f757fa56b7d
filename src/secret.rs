//! A text that nobody may see: wiped when dropped, hidden in `Debug`.

use std::fmt;

use zeroize::Zeroizing;

/// The API key, a code, or anything that holds one of them.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<Box<str>>);

impl Secret {
    pub(crate) fn new(text: &str) -> Secret {
        Secret(Zeroizing::new(Box::from(text)))
    }

    /// The text itself, for the request's body alone.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}
