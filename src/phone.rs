//! A phone number in the service's form, from whatever people write.
//!
//! Checks the form of the number, not whether it is allocated: the provider's own example is not.

use std::fmt;
use std::sync::Arc;

use crate::digits::Digits;
use crate::error::Error;
use crate::input_chars;

/// An Israeli number in its local form, `0501234567`: 9 or 10 ASCII digits that begin with 0.
///
/// Clones share the digits. The last one wipes them when it is dropped. `Debug` and `Display` show only
/// the last three.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Phone(Arc<Digits>);

impl Phone {
    /// Parses a number as people write it. The error is the rule that it breaks.
    pub(crate) fn parse(written: &str) -> Result<Phone, &'static str> {
        // The digits never move: a move would leave a copy behind.
        let mut shared = Arc::new(Digits::default());
        let digits = Arc::get_mut(&mut shared).expect("there is no clone yet");
        let mut has_plus = false;
        for c in written.chars() {
            read(c, digits, &mut has_plus)?;
        }
        localize(digits, has_plus)?;
        check_shape(digits.as_bytes())?;
        Ok(Phone(shared))
    }

    /// The local form, as the service wants it.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The same digits, for an error.
    pub(crate) fn digits(&self) -> Arc<Digits> {
        self.0.clone()
    }
}

/// The service's form of a number as people write it: `0501234567` for `+972 50-123-4567`. Use this form as
/// the key when you count calls per number.
///
/// ```
/// assert_eq!(verifysms::normalize("+972 (0)50-123-4567")?, "0501234567");
/// # Ok::<(), verifysms::Error>(())
/// ```
///
/// # Errors
/// `INVALID_ARGUMENT` with the rule that the number breaks.
pub fn normalize(to: &str) -> Result<String, Error> {
    let phone = Phone::parse(to).map_err(|rule| Error::invalid("to", rule))?;
    Ok(phone.as_str().to_owned())
}

/// Mobile 05X and VoIP 07X have 10 digits, landlines 02, 03, 04, 08 and 09 have 9.
fn check_shape(local: &[u8]) -> Result<(), &'static str> {
    let expected = match local {
        [] => return Err("is empty; write it like 0501234567"),
        [b'0', b'5' | b'7', ..] => 10,
        [b'0', b'2' | b'3' | b'4' | b'8' | b'9', ..] => 9,
        [b'0'] => return Err(TOO_SHORT),
        [b'0', ..] => {
            return Err("is not an Israeli number: 02, 03, 04, 05, 07, 08 or 09 begins one");
        }
        _ => return Err("must begin with 0 or +972"),
    };
    match local.len() {
        length if length < expected => Err(TOO_SHORT),
        length if length > expected => Err(TOO_LONG),
        _ => Ok(()),
    }
}

const TOO_SHORT: &str = "is too short; an Israeli number has 9 digits, or 10 after 05 and 07";
const TOO_LONG: &str = "is too long; an Israeli number has 9 digits, or 10 after 05 and 07";
const FOREIGN: &str = "is not an Israeli number: the country code must be +972";

/// Reads the next character of a number.
fn read(c: char, digits: &mut Digits, has_plus: &mut bool) -> Result<(), &'static str> {
    if let Some(digit) = input_chars::digit(c) {
        digits.push(digit).ok_or(TOO_LONG)?;
    } else if matches!(c, '+' | '\u{FF0B}') {
        if *has_plus || !digits.is_empty() {
            return Err("has a plus sign that is not at its beginning");
        }
        *has_plus = true;
    } else if c.is_alphabetic() {
        return Err("has letters; write it like 0501234567");
    } else if !is_separator(c) {
        return Err("has a character that no phone number has; write it like 0501234567");
    }
    Ok(())
}

/// Removes the country code, if there is one.
fn localize(digits: &mut Digits, has_plus: bool) -> Result<(), &'static str> {
    let prefix = match (has_plus, digits.as_bytes()) {
        (false, [b'0', b'0', ..]) => 2,
        (true, _) | (false, [b'9', b'7', b'2', ..]) => 0,
        (false, _) => return Ok(()),
    };
    match &digits.as_bytes()[prefix..] {
        // People also write the 0 of the local form: +972 (0)50.
        [b'9', b'7', b'2', b'0', ..] => digits.remove_prefix(prefix + 3),
        [b'9', b'7', b'2', ..] => {
            digits.remove_prefix(prefix + 2);
            digits.set_first(b'0');
        }
        _ => return Err(FOREIGN),
    }
    Ok(())
}

/// A character that may stand between the digits of a number.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || input_chars::is_dash(c)
        || input_chars::is_invisible(c)
        || matches!(c, '.' | '(' | ')' | '/' | '\u{FF08}' | '\u{FF09}' | '\u{FF0E}' | '\u{FF0F}')
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn what_people_write_becomes_the_local_form() {
        for (written, local) in [
            ("0501234567", "0501234567"),
            ("050-123-4567", "0501234567"),
            ("050 123 45 67", "0501234567"),
            ("050.123.4567", "0501234567"),
            ("(050) 1234567", "0501234567"),
            ("050/1234567", "0501234567"),
            ("\t050-1234567\r\n", "0501234567"),
            ("+972501234567", "0501234567"),
            ("+972 50-123-4567", "0501234567"),
            ("+972 (0)50 123 4567", "0501234567"),
            ("(+972) 50 1234567", "0501234567"),
            ("00972501234567", "0501234567"),
            ("00972-0501234567", "0501234567"),
            ("972501234567", "0501234567"),
            ("9720501234567", "0501234567"),
            ("\u{FF0B}972 50 1234567", "0501234567"),
            // Arabic-Indic, extended Arabic-Indic, fullwidth digits.
            ("\u{0660}\u{0665}\u{0660}-1234567", "0501234567"),
            ("\u{06F0}\u{06F5}\u{06F0}1234567", "0501234567"),
            ("\u{FF10}\u{FF15}\u{FF10}1234567", "0501234567"),
            // En dash, minus sign, non-breaking hyphen, Hebrew maqaf, no-break space.
            ("050\u{2013}123\u{2212}4567", "0501234567"),
            ("050\u{2011}1234567", "0501234567"),
            ("050\u{05BE}1234567", "0501234567"),
            ("050\u{00A0}1234567", "0501234567"),
            // Direction marks and isolates around a number pasted from Hebrew text.
            ("\u{200E}050-1234567\u{200F}", "0501234567"),
            ("\u{202A}+972501234567\u{202C}", "0501234567"),
            ("\u{2066}0501234567\u{2069}", "0501234567"),
            ("03-1234567", "031234567"),
            ("+97231234567", "031234567"),
            ("02 123 4567", "021234567"),
            ("04-1234567", "041234567"),
            ("08-1234567", "081234567"),
            ("09-1234567", "091234567"),
            ("077-1234567", "0771234567"),
            ("0501234567\u{FEFF}", "0501234567"),
        ] {
            assert_eq!(normalize(written).as_deref().expect(written), local, "{written:?}");
        }
    }

    #[test]
    fn what_has_another_shape_is_refused() {
        for (written, rule) in [
            ("", "empty"),
            (" - ", "empty"),
            ("0", "too short"),
            ("05", "too short"),
            ("050123456", "too short"),
            ("05012345678", "too long"),
            ("03123456", "too short"),
            ("0312345678", "too long"),
            ("+97250123456", "too short"),
            ("+9725012345678", "too long"),
            ("0097205012345678", "too long"),
            ("05012345670501234567", "too long"),
            ("501234567", "begin with 0"),
            ("12345678901", "begin with 0"),
            ("100", "begin with 0"),
            ("0101234567", "not an Israeli number"),
            ("061234567", "not an Israeli number"),
            ("0012125551234", "+972"),
            ("+12125551234", "+972"),
            ("+0501234567", "+972"),
            ("+", "+972"),
            ("00", "+972"),
            ("++972501234567", "plus sign"),
            ("050+1234567", "plus sign"),
            ("050-ABC-4567", "letters"),
            ("O501234567", "letters"),
            ("\u{05D0}0501234567", "letters"),
            ("0501234567;", "character"),
            ("0501234567\0", "character"),
            ("050\u{1b}1234567", "character"),
            ("0501234567,0521234567", "character"),
            ("tel:0501234567", "letters"),
        ] {
            let refused = normalize(written).expect_err(written);
            assert_eq!(refused.code(), Code::InvalidArgument);
            assert!(refused.to_string().contains(rule), "{written:?}: {refused}");
        }
    }

    #[test]
    fn a_number_shows_its_last_three_digits_only() {
        let phone = Phone::parse("0501234567").unwrap();
        assert_eq!(phone.to_string(), "*******567");
        assert_eq!(format!("{phone:?}"), "Phone(*******567)");
    }
}
