//! The digits of a phone number: wiped from memory when dropped, masked when shown.
//!
//! Errors keep them to name the number of a call. What makes digits a phone number is for phone.rs.

use std::fmt;

use zeroize::Zeroize;

/// ASCII digits. `Display` and `Debug` show the last three.
#[derive(Default)]
pub(crate) struct Digits {
    bytes: [u8; Digits::CAPACITY],
    start: usize,
    end: usize,
}

impl Digits {
    /// `00972`, a local number of ten digits with its 0, and one more digit, to notice a number that is
    /// too long.
    const CAPACITY: usize = 16;

    /// Appends an ASCII digit. None if there is no room for it.
    pub(crate) fn push(&mut self, digit: u8) -> Option<()> {
        *self.bytes.get_mut(self.end)? = digit;
        self.end += 1;
        Some(())
    }

    /// Removes the first `count` digits.
    pub(crate) fn remove_prefix(&mut self, count: usize) {
        self.start += count;
    }

    /// Overwrites the first digit.
    pub(crate) fn set_first(&mut self, digit: u8) {
        self.bytes[self.start] = digit;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("the digits are ASCII")
    }
}

impl PartialEq for Digits {
    fn eq(&self, other: &Digits) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Digits {}

impl Drop for Digits {
    // mutants: Rust cannot look at freed memory; the search in a core dump does (tests/deep/secret_leaks.py).
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.as_str();
        let (hidden, shown) = digits.split_at(digits.len().saturating_sub(3));
        write!(f, "{}{shown}", "*".repeat(hidden.len()))
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
