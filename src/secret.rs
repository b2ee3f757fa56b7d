//! A secret text: wiped when dropped, hidden in `Debug`.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::memory;

/// The API key or a code. Boxed, so that a move leaves no copy behind.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<Box<str>>);

impl Secret {
    /// An error if there is no memory for the text.
    pub(crate) fn new(text: &str) -> Result<Secret, Error> {
        Ok(Secret(Zeroizing::new(memory::copy(text)?.into_boxed_str())))
    }

    /// A copy.
    pub(crate) fn copy(&self) -> Result<Secret, Error> {
        Secret::new(&self.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_until_it_is_revealed() {
        let secret = Secret::new("s3cret").unwrap();
        assert_eq!(format!("{secret:?} {:?}", secret.clone()), "(hidden) (hidden)");
        assert_eq!(secret.reveal(), "s3cret");
    }
}
