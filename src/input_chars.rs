//! The characters that people type and paste: digits of any script, dashes, invisible characters.
//!
//! Knows single characters only. Phone numbers are for phone.rs, codes for text.rs.

/// The zero of every run of ten decimal digits: general category Nd of Unicode 18.0.
const ZEROS: [u32; 77] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450,
    0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50,
    0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950,
    0x1FBF0,
];

/// The ASCII digit that `c` stands for, in whatever script it is written.
pub(crate) fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c as u8);
    }
    let point = u32::from(c);
    let run = ZEROS.partition_point(|&zero| zero <= point).checked_sub(1)?;
    let value = point - ZEROS[run];
    (value < 10).then(|| b'0' + value as u8)
}

/// A hyphen, a dash, a minus sign or the Hebrew maqaf.
pub(crate) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{05BE}' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
    )
}

/// An invisible character: the direction marks of pasted Hebrew text, zero-width joiners and spaces, the soft
/// hyphen, the byte order mark, variation selectors, tags. These are Unicode's Default_Ignorable_Code_Point
/// without the fillers of Hangul, which are letters.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// `text` without the white space and invisible characters around it, which come along when text is pasted.
/// Other control characters stay.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

    use super::*;

    #[test]
    fn the_decimal_digits_of_unicode_and_no_others_are_digits() {
        // A newer version of Unicode only adds runs. Add them to ZEROS, then change this version.
        assert_eq!(unicode_properties::UNICODE_VERSION, (18, 0, 0));
        let is_decimal = |c: &char| c.general_category() == GeneralCategory::DecimalNumber;
        let decimals: Vec<char> = (char::MIN..=char::MAX).filter(is_decimal).collect();
        assert!(
            (char::MIN..=char::MAX).filter(|&c| digit(c).is_some()).eq(decimals.iter().copied())
        );
        // Each run of ten begins with its zero.
        for (value, &c) in (b'0'..=b'9').cycle().zip(&decimals) {
            assert_eq!(digit(c), Some(value), "{c:?}");
        }
    }

    #[test]
    fn what_is_not_a_decimal_digit_has_no_value() {
        for c in ['/', ':', 'O', 'l', '\u{00B2}', '\u{2460}', '\u{0BF0}', '\u{066A}', '\u{10FFFF}']
        {
            assert_eq!(digit(c), None, "{c:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_trimmed() {
        for c in ['\u{00AD}', '\u{200B}', '\u{FEFF}', '\u{E0001}', '\u{E0FFF}', ' ', '\u{3000}'] {
            assert_eq!(trim(&format!("{c}a{c}b{c}{c}")), format!("a{c}b"), "{c:?}");
        }
        for c in ['\0', '\u{7F}', '-', '\u{DFFFF}', '\u{E1000}'] {
            let text = format!("{c}a{c}");
            assert_eq!(trim(&text), text);
        }
    }
}
