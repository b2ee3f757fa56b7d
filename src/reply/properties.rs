//! No reply to a Check verifies anybody unless another reader, which shares nothing with the
//! first, finds the status 1 and no other number in it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{VERIFIED, check};
use crate::phone::Phone;

const ASKED: &str = "0501234567";
/// The provider's printed sample.
const SAMPLE: &str = "{\n\"status\": 1,\n\"phone\": \"0501234567\",\n}\n";

fn verified(body: &[u8]) -> bool {
    let asked = Phone::parse(ASKED).expect("a valid number");
    check(body, &asked).is_ok_and(|status| status == VERIFIED)
}

/// The other reader: walks over the text by hand, and lets more pass than the first.
mod oracle {
    /// Whether `body` may be read as an object with the status 1, at most one phone, and that one
    /// the number asked about.
    pub(super) fn may_verify(body: &[u8]) -> bool {
        // What is no UTF-8 cannot be a 1 or a digit, and does no harm in a field nobody reads.
        let text = String::from_utf8_lossy(body);
        let Some(fields) = object(text.trim_start_matches('\u{FEFF}').trim()) else { return false };
        let named = |wanted: &str| -> Vec<&str> {
            let fields = fields.iter().filter(|(name, _)| name == wanted);
            fields.map(|(_, value)| value.as_str()).collect()
        };
        let is_one = |value: &str| plain(value) == "1";
        let is_asked = |value: &str| {
            let digits: String = plain(value).chars().filter(char::is_ascii_digit).collect();
            value == "null" || digits.ends_with("501234567")
        };
        named("status").len() == 1
            && named("status").into_iter().all(is_one)
            && named("phone").len() <= 1
            && named("phone").into_iter().all(is_asked)
            && named("reason").into_iter().all(|reason| reason == "null" || is_one(reason))
    }

    /// The fields of an object whose braces are the first and the last character: decoded names
    /// with the text of their values.
    fn object(text: &str) -> Option<Vec<(String, String)>> {
        let inner = text.strip_prefix('{')?.strip_suffix('}')?;
        split(inner, ',')
            .into_iter()
            .filter(|field| !field.trim().is_empty())
            .map(|field| {
                let pair = split(&field, ':');
                let [name, value] = &pair[..] else { return None };
                let name = name.trim().strip_prefix('"')?.strip_suffix('"')?;
                Some((unescaped(name), value.trim().to_owned()))
            })
            .collect()
    }

    /// `text` at every `separator` that is in no string and in no bracket.
    fn split(text: &str, separator: char) -> Vec<String> {
        let (mut pieces, mut depth, mut quoted, mut escaped) =
            (vec![String::new()], 0, false, false);
        for c in text.chars() {
            if !quoted && depth == 0 && c == separator {
                pieces.push(String::new());
                continue;
            }
            match c {
                '"' if !escaped => quoted = !quoted,
                '{' | '[' if !quoted => depth += 1,
                '}' | ']' if !quoted => depth -= 1,
                _ => {}
            }
            escaped = quoted && c == '\\' && !escaped;
            pieces.last_mut().expect("there is always one").push(c);
        }
        pieces
    }

    /// A value without its quotes.
    fn plain(value: &str) -> String {
        let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        inner.map_or(value.to_owned(), unescaped)
    }

    fn unescaped(text: &str) -> String {
        let (mut plain, mut rest) = (String::new(), text.chars());
        while let Some(c) = rest.next() {
            let unescaped = match (c, c == '\\') {
                (c, false) => Some(c),
                _ => match rest.next() {
                    Some('u') => {
                        let digits: String = rest.by_ref().take(4).collect();
                        u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
                    }
                    Some('n') => Some('\n'),
                    Some('r') => Some('\r'),
                    Some('t') => Some('\t'),
                    other => other,
                },
            };
            plain.extend(unescaped);
        }
        plain
    }
}

/// A change of a reply's bytes.
#[derive(Clone, Debug)]
enum Change {
    Replace(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Cut(Index),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let span = |at: &Index, length: usize| {
            let start = at.index(bytes.len() + 1);
            start..(start + length).min(bytes.len())
        };
        match self {
            Change::Replace(at, byte) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..(at + 1).min(bytes.len()).max(at), [*byte]);
            }
            Change::Insert(at, piece) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, piece.iter().copied());
            }
            Change::Remove(at, length) => drop(bytes.drain(span(at, *length))),
            Change::Repeat(at, length) => {
                let span = span(at, *length);
                let piece = bytes[span.clone()].to_vec();
                bytes.splice(span.end..span.end, piece);
            }
            Change::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
        }
    }
}

/// What stands in replies, and what could be taken for it.
fn token() -> impl Strategy<Value = Vec<u8>> {
    let tokens = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        " ",
        "\n",
        "0",
        "1",
        "2",
        "-",
        "+",
        ".",
        "e",
        "\"status\"",
        "\"phone\"",
        "\"reason\"",
        "\"1\"",
        "1.0",
        "01",
        "true",
        "null",
        "\"OK\"",
        "\"FAIL\"",
        "\"status\":0",
        "\"status\":1",
        "\"st\\u0061tus\":1",
        ",\"phone\":\"0521111111\"",
        "\"phone\":\"0501234567\"",
        "501234567",
        "\u{FEFF}",
        "\\u0031",
        "\\\"",
        "//",
        "/*",
        "\u{661}",
    ];
    prop_oneof![
        6 => select(tokens.to_vec()).prop_map(|token| token.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..4),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let bytes = b"{}[],:\"\\ 01259-+.eE\n\x00\xff/u";
    prop_oneof![
        (any::<Index>(), select(&bytes[..])).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (any::<Index>(), token()).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<Index>(), 1..6usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), 1..30usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        any::<Index>().prop_map(Change::Cut),
    ]
}

/// The sample with a few changes.
fn changed_sample() -> impl Strategy<Value = Vec<u8>> {
    vec(change(), 1..5).prop_map(|changes| {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        changes.iter().for_each(|change| change.apply(&mut bytes));
        bytes
    })
}

/// Objects whose names and values are right, nearly right or wrong.
fn object() -> impl Strategy<Value = Vec<u8>> {
    let name = select(vec!["status", "phone", "reason", "unique", "Status", "st\\u0061tus", "x"]);
    let value = select(vec![
        "1",
        "\"1\"",
        "0",
        "2",
        "\"0\"",
        "1.0",
        "01",
        "10",
        "11",
        "-1",
        "1e0",
        "true",
        "null",
        "\"OK\"",
        "\"FAIL\"",
        "\" 1\"",
        "\"\\u0031\"",
        "\"0501234567\"",
        "501234567",
        "\"\"",
        "\"+972 50-123-4567\"",
        "\"0521111111\"",
        "521111111",
        "[1]",
        "{\"status\":1}",
        "6",
        "18446744073709551617",
        "\"0501234567,0521111111\"",
        "\"1,\\\"status\\\":1\"",
    ]);
    let separator = select(vec![",", ",", ",", " , ", ",\n", ",,", ""]);
    let end = select(vec!["}", ",}", "\n}\n", "", "}}", "}{\"status\":1}"]);
    (vec((name, value, separator), 0..5), end).prop_map(|(fields, end)| {
        let fields = fields.iter().enumerate().map(|(index, (name, value, separator))| {
            let separator = if index == 0 { "" } else { separator };
            format!("{separator}\"{name}\": {value}")
        });
        format!("{{{}{end}", fields.collect::<String>()).into_bytes()
    })
}

/// Good replies in every form that the service may give them.
fn good() -> impl Strategy<Value = Vec<u8>> {
    let status = select(vec!["1", "\"1\""]);
    let phone = select(vec![
        "",
        "\"phone\":null,",
        "\"phone\":\"0501234567\",",
        "\"phone\": 501234567 ,",
        "\"phone\":\"972501234567\",",
        "\"phone\":\"+972-50-1234567\",",
    ]);
    let other =
        select(vec!["", "\"x\":[1,{\"status\":0,},],", "\"reason\":1,", "\"y\":\"}\\\",\","]);
    let comma = select(vec!["", ",", " ,\n"]);
    let front = any::<bool>();
    (status, phone, other, comma, front).prop_map(|(status, phone, other, comma, front)| {
        let rest = format!("{phone}{other}");
        let text = match front {
            true => format!("{{\"status\":{status},{rest}").trim_end_matches(',').to_owned(),
            false => format!("{{{rest}\"status\" : {status}"),
        };
        format!("{text}{comma}}}").into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_verify_nobody(body in vec(any::<u8>(), 0..200)) {
        prop_assert!(!verified(&body) || oracle::may_verify(&body));
    }

    #[test]
    fn tokens_in_any_order_verify_nobody_without_a_status_of_1(tokens in vec(token(), 0..20)) {
        let body = tokens.concat();
        prop_assert!(!verified(&body) || oracle::may_verify(&body));
    }

    #[test]
    fn a_changed_sample_verifies_nobody_without_a_status_of_1(body in changed_sample()) {
        prop_assert!(!verified(&body) || oracle::may_verify(&body));
    }

    #[test]
    fn an_object_verifies_nobody_without_a_status_of_1(body in object()) {
        prop_assert!(!verified(&body) || oracle::may_verify(&body));
    }

    #[test]
    fn a_good_reply_in_any_form_verifies(body in good()) {
        prop_assert!(oracle::may_verify(&body));
        prop_assert!(verified(&body));
    }
}

#[test]
fn the_two_readers_agree_on_the_sample() {
    assert!(verified(SAMPLE.as_bytes()) && oracle::may_verify(SAMPLE.as_bytes()));
    for body in ["", "{}", "[1]", "{\"status\":0}", "{\"status\":1,\"phone\":\"0521111111\"}"] {
        assert!(!verified(body.as_bytes()) && !oracle::may_verify(body.as_bytes()), "{body}");
    }
}
