//! A phone number in the service's form, from whatever people write.
//!
//! Checks the form of the number, not whether it is allocated: the provider's own example is not.

mod kind;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use crate::digits::Digits;
use crate::error::Error;
use crate::input_chars;
use crate::rule::Rule;

pub use kind::PhoneKind;

/// An Israeli phone number in the service's form, `0501234567`: 9 or 10 ASCII digits that begin with 0.
///
/// Two spellings of one number are equal. Count your limits by this form: [`Client::send`](crate::Client::send)
/// accepts every spelling. Clones share the digits. The last one wipes them when it is dropped. `Debug` and
/// `Display` show only the last three.
///
/// ```
/// use verifysms::{Phone, PhoneKind};
///
/// let phone = Phone::parse("+972 (0)50-123-4567")?;
/// assert_eq!(phone.as_str(), "0501234567");
/// assert_eq!(phone.e164(), "+972501234567");
/// assert_eq!(phone.kind(), PhoneKind::Mobile);
/// # Ok::<(), verifysms::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(Arc<Digits>);

impl Phone {
    /// Parses a number as people write it. Needs no client and no network: it checks the form, not whether
    /// the number is assigned.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) with the [`Rule`] that the number breaks.
    pub fn parse(written: &str) -> Result<Phone, Error> {
        Phone::read(written).map_err(|rule| Error::invalid("to", rule))
    }

    /// Parses a number as people write it. The error is the rule that it breaks.
    pub(crate) fn read(written: &str) -> Result<Phone, Rule> {
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

    /// The local form, as the service wants it: `0501234567`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The international form, as databases and other services want it: `+972501234567` (ITU-T E.164).
    #[must_use]
    pub fn e164(&self) -> String {
        format!("+972{}", &self.as_str()[1..])
    }

    /// What kind of number it is, by its first digits.
    #[must_use]
    pub fn kind(&self) -> PhoneKind {
        PhoneKind::of(self.as_str())
    }

    /// The same digits, for an error.
    pub(crate) fn digits(&self) -> Arc<Digits> {
        self.0.clone()
    }
}

/// Mobile 05X and VoIP 07X have 10 digits, landlines 02, 03, 04, 08 and 09 have 9.
fn check_shape(local: &[u8]) -> Result<(), Rule> {
    let expected = match local {
        [] => return Err(Rule::PhoneEmpty),
        [b'0', b'5' | b'7', ..] => 10,
        [b'0', b'2' | b'3' | b'4' | b'8' | b'9', ..] => 9,
        [b'0'] => return Err(Rule::PhoneTooShort),
        [b'0', ..] => return Err(Rule::PhoneAreaCode),
        _ => return Err(Rule::PhoneFirstDigit),
    };
    match local.len() {
        length if length < expected => Err(Rule::PhoneTooShort),
        length if length > expected => Err(Rule::PhoneTooLong),
        _ => Ok(()),
    }
}

/// Reads the next character of a number.
fn read(c: char, digits: &mut Digits, has_plus: &mut bool) -> Result<(), Rule> {
    if let Some(digit) = input_chars::digit(c) {
        digits.push(digit).ok_or(Rule::PhoneTooLong)?;
    } else if matches!(c, '+' | '\u{FF0B}') {
        if *has_plus || !digits.is_empty() {
            return Err(Rule::PhonePlus);
        }
        *has_plus = true;
    } else if c.is_alphabetic() {
        return Err(Rule::PhoneLetters);
    } else if !is_separator(c) {
        return Err(Rule::PhoneCharacter);
    }
    Ok(())
}

/// Removes the country code, if there is one.
fn localize(digits: &mut Digits, has_plus: bool) -> Result<(), Rule> {
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
        _ => return Err(Rule::PhoneForeign),
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

impl FromStr for Phone {
    type Err = Error;

    fn from_str(written: &str) -> Result<Phone, Error> {
        Phone::parse(written)
    }
}

impl Hash for Phone {
    // mutants: any function will do, since equality decides.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
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
            assert_eq!(Phone::read(written).as_ref().map(Phone::as_str), Ok(local), "{written:?}");
        }
    }

    #[test]
    fn the_international_form_is_that_of_the_country_code() {
        for (local, e164) in [("0501234567", "+972501234567"), ("031234567", "+97231234567")] {
            let phone: Phone = local.parse().unwrap();
            assert_eq!(phone.e164(), e164);
            assert_eq!(Phone::parse(e164).unwrap(), phone);
        }
    }

    #[test]
    fn what_has_another_shape_is_refused() {
        for (written, rule) in [
            ("", Rule::PhoneEmpty),
            (" - ", Rule::PhoneEmpty),
            ("0", Rule::PhoneTooShort),
            ("05", Rule::PhoneTooShort),
            ("050123456", Rule::PhoneTooShort),
            ("05012345678", Rule::PhoneTooLong),
            ("03123456", Rule::PhoneTooShort),
            ("0312345678", Rule::PhoneTooLong),
            ("+97250123456", Rule::PhoneTooShort),
            ("+9725012345678", Rule::PhoneTooLong),
            ("0097205012345678", Rule::PhoneTooLong),
            ("05012345670501234567", Rule::PhoneTooLong),
            ("501234567", Rule::PhoneFirstDigit),
            ("12345678901", Rule::PhoneFirstDigit),
            ("100", Rule::PhoneFirstDigit),
            ("0101234567", Rule::PhoneAreaCode),
            ("061234567", Rule::PhoneAreaCode),
            ("0012125551234", Rule::PhoneForeign),
            ("+12125551234", Rule::PhoneForeign),
            ("+0501234567", Rule::PhoneForeign),
            ("+", Rule::PhoneForeign),
            ("00", Rule::PhoneForeign),
            ("++972501234567", Rule::PhonePlus),
            ("050+1234567", Rule::PhonePlus),
            ("050-ABC-4567", Rule::PhoneLetters),
            ("O501234567", Rule::PhoneLetters),
            ("\u{05D0}0501234567", Rule::PhoneLetters),
            ("0501234567;", Rule::PhoneCharacter),
            ("0501234567\0", Rule::PhoneCharacter),
            ("050\u{1b}1234567", Rule::PhoneCharacter),
            ("0501234567,0521234567", Rule::PhoneCharacter),
            ("tel:0501234567", Rule::PhoneLetters),
        ] {
            let error = Phone::parse(written).expect_err(written);
            assert_eq!((error.argument(), error.rule()), (Some("to"), Some(rule)), "{written:?}");
        }
    }

    #[test]
    fn a_number_shows_its_last_three_digits_only() {
        let phone = Phone::parse("0501234567").unwrap();
        assert_eq!(phone.to_string(), "*******567");
        assert_eq!(format!("{phone:?}"), "Phone(*******567)");
    }
}
