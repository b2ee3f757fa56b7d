//! No reply verifies a number unless the second parser, which shares no code with the first, finds the status
//! 1 and no other number in it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{VERIFIED, check, oracle};
use crate::phone::Phone;

const ASKED: &str = "0501234567";
/// The provider's printed sample.
const SAMPLE: &str = "{\n\"status\": 1,\n\"phone\": \"0501234567\",\n}\n";

fn verified(body: &[u8]) -> bool {
    let asked = Phone::parse(ASKED).expect("a valid number");
    check(body, &asked).is_ok_and(|checked| checked.status == VERIFIED)
}

fn may_verify(body: &[u8]) -> bool {
    oracle::may_verify(body, &ASKED[1..])
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

/// Parts of replies, and what looks like them.
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
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 10 } else { 4000 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_verify_nobody(body in vec(any::<u8>(), 0..200)) {
        prop_assert!(!verified(&body) || may_verify(&body));
    }

    #[test]
    fn tokens_in_any_order_verify_nobody_without_a_status_of_1(tokens in vec(token(), 0..20)) {
        let body = tokens.concat();
        prop_assert!(!verified(&body) || may_verify(&body));
    }

    #[test]
    fn a_changed_sample_verifies_nobody_without_a_status_of_1(body in changed_sample()) {
        prop_assert!(!verified(&body) || may_verify(&body));
    }

    #[test]
    fn an_object_verifies_nobody_without_a_status_of_1(body in object()) {
        prop_assert!(!verified(&body) || may_verify(&body));
    }

    #[test]
    fn a_good_reply_in_any_form_verifies(body in good()) {
        prop_assert!(may_verify(&body));
        prop_assert!(verified(&body));
    }
}

#[test]
fn the_two_readers_agree_on_the_sample() {
    assert!(verified(SAMPLE.as_bytes()) && may_verify(SAMPLE.as_bytes()));
    for body in ["", "{}", "[1]", "{\"status\":0}", "{\"status\":1,\"phone\":\"0521111111\"}"] {
        assert!(!verified(body.as_bytes()) && !may_verify(body.as_bytes()), "{body}");
    }
}
