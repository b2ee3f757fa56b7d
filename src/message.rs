//! A message template before it is sent: what it costs, and what phones and browsers make of it.
//!
//! Only warns; what a message must have is for text.rs. Each kind of warning names its source.

mod autofill;
mod encoding;
mod warning;
mod webotp;

use std::ops::Range;

use crate::input_chars;
use crate::phone::Phone;
use crate::text::{self, APP_HASH, PLACEHOLDER};

pub(crate) use autofill::Autofill;
pub use encoding::Encoding;
pub use warning::{Warning, WarningKind};

/// The longest code for which a message is judged, in digits. The service does not document the length of its
/// codes.
const DIGITS: usize = 8;

/// How many digits in a row may be taken for the code.
const SHORTEST_CODE: usize = 4;

/// What a message template costs, and what is wrong with it. Nothing is sent, and no client is needed.
///
/// ```
/// use verifysms::{Encoding, Inspection, WarningKind};
///
/// let inspection = Inspection::new("Your “Acme” code is ##code##").sender("Acme");
/// assert_eq!((inspection.encoding(), inspection.parts(6)), (Encoding::Ucs2, 1));
/// let hebrew = Inspection::new("קוד: ##code##");
/// assert_eq!(hebrew.warnings()[0].kind(), WarningKind::CodeInRightToLeftLine);
/// ```
#[derive(Clone, Debug)]
pub struct Inspection {
    message: String,
    encoding: Encoding,
    warnings: Vec<Warning>,
}

impl Inspection {
    /// Inspects a template, with `##code##` where the code will stand.
    #[must_use]
    pub fn new(message: &str) -> Inspection {
        let filled = filled(message, DIGITS);
        let encoding = Encoding::of(&filled);
        let mut warnings = Vec::new();
        if !message.contains(PLACEHOLDER) {
            let text = "the text has no ##code##: the service refuses it";
            warnings.push(Warning::new(WarningKind::WithoutCode, text));
        }
        warnings.extend(costs(message, &filled, encoding));
        warnings.extend(code_in_right_to_left_line(message));
        warnings.extend(direction_marks(message));
        let line = webotp::find(message);
        if let Some(line) = &line {
            warnings.extend(line.warnings());
        }
        let line = line.map_or(0..0, |line| line.range());
        let hash = app_hash(message, &line);
        if !hash.is_empty() {
            warnings.extend(autofill::length_warning(filled.len()));
        }
        warnings.extend(link(message));
        warnings.extend(other_number(message, [line, hash]));
        Inspection { message: message.to_owned(), encoding, warnings }
    }

    /// Also inspects the sender.
    #[must_use]
    pub fn sender(mut self, sender: &str) -> Inspection {
        self.warnings.extend(sender_warning(sender));
        self
    }

    /// Also inspects the line from which a browser fills the code in, for a page of this host, such as
    /// `example.co.il` or `https://example.co.il`.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Inspection {
        let warning = match webotp::find(&self.message) {
            Some(line) => line.origin_warning(origin),
            None => {
                let host = webotp::host_of(origin);
                let text = format!(
                    "no browser fills the code in without a last line @{host} ###code##, \
                     which the origin of a request adds"
                );
                Some(Warning::new(WarningKind::WebOtpMissing, text))
            }
        };
        self.warnings.extend(warning);
        self
    }

    /// The encoding that the text needs.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The length with a code of so many digits, in units of the encoding: septets or UTF-16 code units.
    #[must_use]
    pub fn length(&self, digits: usize) -> usize {
        self.encoding.length(&filled(&self.message, digits))
    }

    /// How many parts are sent, and billed, with a code of so many digits. The service does not say how long
    /// its codes are; the warnings are for 8 digits.
    #[must_use]
    pub fn parts(&self, digits: usize) -> usize {
        self.encoding.parts(&filled(&self.message, digits))
    }

    /// What is wrong.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// The text with a code of so many digits, at most 16.
fn filled(message: &str, digits: usize) -> String {
    message.replace(PLACEHOLDER, &"0".repeat(digits.min(16)))
}

/// The character of the text at a byte, counted from 0.
fn position(text: &str, byte: usize) -> usize {
    text[..byte].chars().count()
}

/// What the text costs (3GPP TS 23.038 and 23.040; the provider bills each part).
fn costs(message: &str, filled: &str, encoding: Encoding) -> Option<Warning> {
    let parts = encoding.parts(filled);
    let costly = message.char_indices().find(|&(_, c)| encoding::septets(c).is_none());
    if let Some((byte, c)) = costly.filter(|_| is_avoidable(message)) {
        let without = Encoding::Gsm7.parts(filled);
        if without < parts {
            let (at, code) = (position(message, byte), u32::from(c));
            let text = format!(
                "character {at}, U+{code:04X}, is not in the GSM alphabet: because of it the text takes {parts} \
                 parts in place of {without}"
            );
            return Some(Warning::new(WarningKind::CostlyCharacter, text).at(at));
        }
    }
    (parts > 1).then(|| {
        let excess = encoding.excess(filled);
        let text = format!(
            "the text takes {parts} parts, each of which is billed: it is {excess} too long for one"
        );
        Warning::new(WarningKind::SeveralParts, text)
    })
}

/// Whether a text can do without the characters that the GSM alphabet lacks: none of them is a letter of a
/// script that it lacks.
fn is_avoidable(text: &str) -> bool {
    let is_latin = |c: char| matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}');
    text.chars()
        .filter(|&c| encoding::septets(c).is_none())
        .all(|c| !c.is_alphabetic() || is_latin(c))
}

/// A letter of Hebrew, Arabic and the other scripts that are written from right to left.
fn is_right_to_left(c: char) -> bool {
    let block = matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}');
    block && c.is_alphabetic()
}

/// The code beside right-to-left letters: the direction of the whole line, which the phone decides, moves it
/// (Unicode Standard Annex #9, rules P2 and W2 to W7).
fn code_in_right_to_left_line(message: &str) -> Option<Warning> {
    let byte = message.find(PLACEHOLDER)?;
    let before = message[..byte].rsplit(['\n', '\r']).next().unwrap_or_default();
    let after = message[byte..].split(['\n', '\r']).next().unwrap_or_default();
    before.chars().chain(after.chars()).any(is_right_to_left).then(|| {
        let text = "##code## shares its line with right-to-left text, where a phone may show it in another \
                    place: put it on a line of its own";
        Warning::new(WarningKind::CodeInRightToLeftLine, text).at(position(message, byte))
    })
}

/// The first mark that changes the direction of text (Unicode Standard Annex #9, section 2).
fn direction_marks(message: &str) -> Option<Warning> {
    let is_mark = |c: char| matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let (at, c) = message.chars().enumerate().find(|&(_, c)| is_mark(c))?;
    let code = u32::from(c);
    let text = format!(
        "character {at}, U+{code:04X}, is an invisible direction mark: old phones show a box"
    );
    Some(Warning::new(WarningKind::DirectionMark, text).at(at))
}

/// The characters of an app's hash, counted from 0: the last word outside of the line for browsers.
fn app_hash(message: &str, line: &Range<usize>) -> Range<usize> {
    let outside: Vec<(usize, char)> =
        message.chars().enumerate().filter(|(at, _)| !line.contains(at)).collect();
    let mut words = outside.rsplit(|(_, c)| c.is_whitespace());
    match words.find(|word| !word.is_empty()) {
        Some(word) if is_hash(word) => word[0].0..word[0].0 + APP_HASH,
        _ => 0..0,
    }
}

/// Whether a word looks like an app's hash: 11 characters of base64, which no ordinary word is made of.
fn is_hash(word: &[(usize, char)]) -> bool {
    let is_odd = |c: char| !c.is_ascii_lowercase();
    word.len() == APP_HASH
        && word.iter().all(|&(_, c)| text::is_base64(c))
        && word.iter().skip(1).any(|&(_, c)| is_odd(c))
}

/// A link.
fn link(message: &str) -> Option<Warning> {
    let lower = message.to_ascii_lowercase();
    let www = || {
        let is_start = |byte: usize| !lower[..byte].ends_with(|c: char| c.is_alphanumeric());
        lower.find("www.").filter(|&byte| is_start(byte))
    };
    let byte = lower.find("://").or_else(www)?;
    let text = "the text has a link: filters against fraud may hold the message back";
    Some(Warning::new(WarningKind::Link, text).at(position(message, byte)))
}

/// Digits beside the code, outside of the line for browsers and an app's hash: phones look for the code by its
/// digits.
fn other_number(message: &str, without: [Range<usize>; 2]) -> Option<Warning> {
    let mut run = 0;
    let is_outside = |at: usize| !without.iter().any(|range| range.contains(&at));
    for (at, c) in message.chars().enumerate().filter(|&(at, _)| is_outside(at)) {
        run = if input_chars::digit(c).is_some() { run + 1 } else { 0 };
        if run == SHORTEST_CODE {
            let text = "the text has another number, which a phone may offer as the code";
            return Some(Warning::new(WarningKind::OtherNumber, text).at(at + 1 - SHORTEST_CODE));
        }
    }
    None
}

/// What is wrong with a sender. Networks show names in the GSM alphabet only (3GPP TS 23.040, section
/// 9.1.2.5), and many only letters, digits and spaces.
fn sender_warning(sender: &str) -> Option<Warning> {
    let sender = match text::sender(sender) {
        Ok(sender) => sender,
        Err(error) => return Some(Warning::new(WarningKind::SenderInvalid, error.to_string())),
    };
    if Phone::read(&sender).is_ok() || sender.chars().all(|c| c.is_ascii_digit()) {
        let text =
            "the sender is a number: the service refuses it unless 99 digital has approved it";
        return Some(Warning::new(WarningKind::SenderNumber, text));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    (!sender.chars().all(is_plain)).then(|| {
        let text = "the sender has other characters than ASCII letters, digits and spaces: networks may replace it";
        Warning::new(WarningKind::SenderCharacters, text)
    })
}

#[cfg(test)]
mod tests;
