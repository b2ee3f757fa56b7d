//! The parser of phone numbers: what it accepts has the shape of a number, and characters that it ignores
//! do not change its result.

use crate::input_chars;
use crate::phone::Phone;

/// Uses `data` as a phone number.
pub fn phone(data: &[u8]) {
    let written = String::from_utf8_lossy(data);
    let parsed = Phone::parse(&written);
    if written.is_ascii() {
        let by_hand = by_hand(&written);
        assert_eq!(parsed.as_ref().ok().map(Phone::as_str), by_hand.as_deref(), "{written:?}");
    }
    for rewritten in [spaced(&written), in_arabic(&written), isolated(&written)] {
        assert_eq!(Phone::parse(&rewritten), parsed, "{written:?} and {rewritten:?}");
    }
    let Ok(phone) = parsed else { return };
    let digits = phone.as_str();
    assert!(has_shape(digits), "{digits}");
    for form in [digits.to_owned(), format!("+972{}", &digits[1..]), format!("00972 ({digits})")] {
        assert_eq!(Phone::parse(&form).as_ref(), Ok(&phone), "{form}");
    }
    for shown in [phone.to_string(), format!("{phone:?} {phone:#?}")] {
        let (hidden, end) = digits.split_at(digits.len() - 3);
        assert!(shown.contains(end) && !shown.contains(hidden), "{shown}");
        assert!(shown.split(|c: char| !c.is_ascii_digit()).all(|run| run.len() <= 3), "{shown}");
    }
}

fn has_shape(number: &str) -> bool {
    let expected = match number.get(..2) {
        Some("05" | "07") => 10,
        Some("02" | "03" | "04" | "08" | "09") => 9,
        _ => return false,
    };
    number.len() == expected && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A plain reference parser for ASCII.
fn by_hand(written: &str) -> Option<String> {
    let blank = |c: char| " \t\n\r\u{b}\u{c}-.()/".contains(c);
    let stripped: String = written.chars().filter(|&c| !blank(c)).collect();
    let abroad = ["+972", "00972", "972"].iter().find_map(|prefix| stripped.strip_prefix(prefix));
    let national = match abroad {
        Some(national) => format!("0{}", national.strip_prefix('0').unwrap_or(national)),
        None => stripped,
    };
    has_shape(&national).then_some(national)
}

/// With a dash after every character.
fn spaced(written: &str) -> String {
    written.chars().flat_map(|c| [c, '\u{05BE}']).collect()
}

/// With the digits of another script.
fn in_arabic(written: &str) -> String {
    let arabic = |digit: u8| char::from_u32(0x0660 + u32::from(digit - b'0')).expect("a digit");
    written.chars().map(|c| input_chars::digit(c).map_or(c, arabic)).collect()
}

/// In the isolates of right-to-left text.
fn isolated(written: &str) -> String {
    format!("\u{2066}{written}\u{2069}")
}
