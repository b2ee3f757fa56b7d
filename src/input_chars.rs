//! The characters people type and paste: digits of any script, dashes, marks that cannot be seen.
//!
//! Knows characters only; what a number or a code looks like is for phone.rs and text.rs.

/// The zero of every run of ten decimal digits (Unicode general category Nd).
const ZEROS: [u32; 66] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0,
    0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0,
    0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
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

/// A mark without a shape of its own: direction marks that come with text pasted from Hebrew,
/// zero-width joiners and spaces, the soft hyphen, the byte order mark.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206F}'
            | '\u{FEFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_have_their_value() {
        for &zero in &ZEROS {
            for value in 0..10 {
                let c = char::from_u32(zero + value).unwrap();
                assert!(c.is_numeric(), "{c:?} is not a number");
                assert_eq!(digit(c), Some(b'0' + value as u8), "{c:?}");
            }
        }
    }

    #[test]
    fn what_is_not_a_decimal_digit_has_no_value() {
        for c in ['/', ':', 'O', 'l', '\u{00B2}', '\u{2460}', '\u{0BF0}', '\u{066A}', '\u{10FFFF}']
        {
            assert_eq!(digit(c), None, "{c:?}");
        }
    }
}
