//! How a text travels in SMS: its encoding, its length, the parts that are billed.
//!
//! Sources: 3GPP TS 23.038, sections 6.2.1 (the alphabet), 6.2.1.1 (its extension) and 6.2.3 (UCS-2); 3GPP
//! TS 23.040, section 9.2.3.24.1: each part of a longer text begins with a header of 6 octets.

/// How a message is encoded. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Encoding {
    /// The GSM alphabet: 7 bits a character, 14 for those of its extension. A message has 160 septets.
    Gsm7 = 1,
    /// Any character, of which one is not in the GSM alphabet: 16 bits each, 32 for an emoji. A message has 70
    /// units.
    Ucs2 = 2,
}

/// The characters of the default alphabet, in the order of their codes. 27, the escape, is none.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                        ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Those of its extension, which take two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

impl Encoding {
    /// The encoding that a text needs.
    pub(crate) fn of(text: &str) -> Encoding {
        if text.chars().all(|c| septets(c).is_some()) { Encoding::Gsm7 } else { Encoding::Ucs2 }
    }

    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name: `GSM-7` or `UCS-2`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Gsm7 => "GSM-7",
            Encoding::Ucs2 => "UCS-2",
        }
    }

    /// How many units a message has if it is alone, and if it is a part of a longer one.
    fn room(self) -> (usize, usize) {
        match self {
            Encoding::Gsm7 => (160, 153),
            Encoding::Ucs2 => (70, 67),
        }
    }

    /// How many units a character takes. What the GSM alphabet lacks counts as one septet.
    fn units(self, c: char) -> usize {
        match self {
            Encoding::Gsm7 => septets(c).unwrap_or(1),
            Encoding::Ucs2 => c.len_utf16(),
        }
    }

    /// The length of a text in units: septets or UTF-16 code units.
    pub(crate) fn length(self, text: &str) -> usize {
        text.chars().map(|c| self.units(c)).sum()
    }

    /// The parts of a text. No character is split.
    pub(crate) fn parts(self, text: &str) -> usize {
        let (alone, part) = self.room();
        if self.length(text) <= alone {
            return 1;
        }
        let (mut parts, mut used) = (1, 0);
        for units in text.chars().map(|c| self.units(c)) {
            if used + units > part {
                (parts, used) = (parts + 1, 0);
            }
            used += units;
        }
        parts
    }

    /// How many units a text has to lose to be one part.
    pub(super) fn excess(self, text: &str) -> usize {
        self.length(text).saturating_sub(self.room().0)
    }
}

/// How many septets a character takes; None if the GSM alphabet lacks it.
pub(super) fn septets(c: char) -> Option<usize> {
    if ALPHABET.contains(c) {
        return Some(1);
    }
    EXTENSION.contains(c).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Encoding, usize, usize) {
        let encoding = Encoding::of(text);
        (encoding, encoding.length(text), encoding.parts(text))
    }

    #[test]
    fn the_alphabet_has_all_codes_but_the_escape() {
        assert_eq!(ALPHABET.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
        assert!(EXTENSION.chars().all(|c| !ALPHABET.contains(c)));
    }

    #[test]
    fn a_text_of_the_alphabet_has_160_septets_or_parts_of_153() {
        use Encoding::Gsm7;
        assert_eq!(of(""), (Gsm7, 0, 1));
        assert_eq!(of("Code: 123456\n"), (Gsm7, 13, 1));
        assert_eq!(of(&"a".repeat(160)), (Gsm7, 160, 1));
        assert_eq!(of(&"a".repeat(161)), (Gsm7, 161, 2));
        assert_eq!(of(&"a".repeat(306)), (Gsm7, 306, 2));
        assert_eq!(of(&"a".repeat(307)), (Gsm7, 307, 3));
        assert_eq!(of(&"€".repeat(80)), (Gsm7, 160, 1));
        assert_eq!(of(&"€".repeat(81)), (Gsm7, 162, 2));
    }

    #[test]
    fn any_other_character_makes_it_70_units_or_parts_of_67() {
        use Encoding::Ucs2;
        assert_eq!(of("קוד: 1"), (Ucs2, 6, 1));
        assert_eq!(of(&"א".repeat(70)), (Ucs2, 70, 1));
        assert_eq!(of(&"א".repeat(71)), (Ucs2, 71, 2));
        assert_eq!(of(&"א".repeat(134)), (Ucs2, 134, 2));
        assert_eq!(of(&"א".repeat(135)), (Ucs2, 135, 3));
        assert_eq!(of(&"😀".repeat(35)), (Ucs2, 70, 1));
        assert_eq!(of("`"), (Ucs2, 1, 1), "the grave accent is not in the alphabet");
    }

    #[test]
    fn no_part_begins_with_half_of_a_character() {
        // 153 septets are one more than 152 and half of a pair.
        let text = format!("{}€{}", "a".repeat(152), "a".repeat(152));
        assert_eq!(of(&text), (Encoding::Gsm7, 306, 3));
        let text = format!("{}😀{}", "א".repeat(66), "א".repeat(66));
        assert_eq!(of(&text), (Encoding::Ucs2, 134, 3));
    }
}
