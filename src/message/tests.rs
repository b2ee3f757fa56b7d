//! Every warning, with a text that earns it and one that is nearly the same and does not.

use super::*;
use crate::rule::Rule;
use WarningKind::*;

/// The kinds and places of the warnings about a text.
fn warnings(message: &str) -> Vec<(WarningKind, Option<usize>)> {
    found(&Inspection::new(message))
}

fn found(inspection: &Inspection) -> Vec<(WarningKind, Option<usize>)> {
    inspection.warnings().iter().map(|warning| (warning.kind(), warning.position())).collect()
}

#[test]
fn a_text_with_nothing_wrong_has_no_warning() {
    for message in [
        "Your verification code is: ##code##",
        "Acme: ##code## is your code",
        "הקוד שלך באקמה:\n##code##",
        "Acme: ##code##\n\n@example.co.il ###code##",
        "קוד האימות שלך:\n##code##\n\n@example.co.il ###code##",
        "##code##\nFA+9qCX9VSu",
    ] {
        let inspection = Inspection::new(message).sender("Acme 24");
        assert_eq!(found(&inspection), [], "{message:?}");
    }
}

#[test]
fn a_text_needs_a_place_for_the_code() {
    assert_eq!(warnings("Your code"), [(WithoutCode, None)]);
    assert_eq!(warnings("##CODE##"), [(WithoutCode, None)]);
}

#[test]
fn a_text_is_judged_with_a_code_of_eight_digits() {
    let message = format!("{} ##code##", "a".repeat(152));
    let inspection = Inspection::new(&message);
    assert_eq!([4, 6, 7, 8].map(|digits| inspection.parts(digits)), [1, 1, 1, 2]);
    assert_eq!([4, 8].map(|digits| inspection.length(digits)), [157, 161]);
    assert_eq!(found(&inspection), [(SeveralParts, None)]);
    assert!(inspection.warnings()[0].to_string().contains("2 parts"));
    assert!(inspection.warnings()[0].to_string().contains("1 too long"));
}

#[test]
fn a_character_that_could_be_another_is_named_if_it_costs_a_part() {
    let long = format!("{}\u{201D}s code: ##code##", "a".repeat(90));
    assert_eq!(warnings(&long), [(CostlyCharacter, Some(90))]);
    let text = Inspection::new(&long).warnings()[0].to_string();
    assert!(text.contains("U+201D") && text.contains("2 parts in place of 1"), "{text}");
    assert_eq!(warnings("Acme\u{201D}s code: ##code##"), []);
    // Hebrew cannot do without its letters.
    let hebrew = format!("{}\n##code##", "א".repeat(70));
    assert_eq!(warnings(&hebrew), [(SeveralParts, None)]);
}

#[test]
fn the_code_stands_on_a_line_of_its_own_in_right_to_left_text() {
    assert_eq!(warnings("קוד: ##code##"), [(CodeInRightToLeftLine, Some(5))]);
    assert_eq!(warnings("##code## هو رمزك"), [(CodeInRightToLeftLine, Some(0))]);
    assert_eq!(warnings("קוד:\nAcme ##code##\nתודה"), []);
    assert_eq!(warnings("קוד:\r##code##\rתודה"), []);
}

#[test]
fn a_direction_mark_is_named() {
    for mark in ['\u{200E}', '\u{200F}', '\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}', '\u{61C}']
    {
        assert_eq!(warnings(&format!("a{mark} ##code##")), [(DirectionMark, Some(1))], "{mark:?}");
    }
    assert_eq!(warnings("a\u{200D} ##code##"), []);
}

#[test]
fn the_line_for_browsers_has_one_form_and_is_the_last() {
    for (line, kind) in [
        ("@example.com  ###code##", WebOtpForm),
        ("@example.com ##code##", WebOtpForm),
        ("@example.com ###code## ", WebOtpForm),
        (" @example.com ###code##", WebOtpForm),
        ("Code @example.com ###code##", WebOtpForm),
        ("@example.com code ###code##", WebOtpForm),
        ("@ ###code##", WebOtpForm),
        ("@דוגמה.co.il ###code##", WebOtpHost),
        ("@example.com:8443 ###code##", WebOtpHost),
        ("@example.com ###code##\n", WebOtpNotLast),
        ("@example.com ###code##\r\n", WebOtpNotLast),
        ("@example.com ###code##\nThanks", WebOtpNotLast),
    ] {
        let kinds: Vec<_> = warnings(&format!("Hi\n{line}"));
        assert!(kinds.contains(&(kind, Some(3))), "{line:?}: {kinds:?}");
    }
    assert_eq!(warnings("write to a@example.com: ##code##"), []);
}

#[test]
fn a_page_may_use_the_code_of_its_own_site() {
    let inspect =
        |origin| found(&Inspection::new("##code##\n@example.co.il ###code##").origin(origin));
    for origin in ["example.co.il", "https://EXAMPLE.co.il/", "https://www.example.co.il:8443"] {
        assert_eq!(inspect(origin), [], "{origin}");
    }
    for origin in ["example.com", "notexample.co.il", "https://example.co.il.evil.example"] {
        assert_eq!(inspect(origin), [(WebOtpOrigin, Some(9))], "{origin}");
    }
    let missing = Inspection::new("##code##").origin("https://example.com/login");
    assert_eq!(found(&missing), [(WebOtpMissing, None)]);
    assert!(missing.warnings()[0].to_string().contains("@example.com ###code##"));
}

#[test]
fn a_text_for_the_sms_retriever_has_140_bytes() {
    let of = |length: usize| format!("{} ##code##\nFA+9qCX9VSu", "a".repeat(length));
    assert_eq!(warnings(&of(119)), []);
    assert_eq!(warnings(&of(120)), [(RetrieverLength, None)]);
    assert_eq!(
        warnings(&format!("{}\n@example.com ###code##", of(100))),
        [(RetrieverLength, None)]
    );
    assert_eq!(warnings(&format!("{} ##code## information", "a".repeat(130))), []);
}

#[test]
fn a_text_with_the_lines_that_fill_the_code_in_has_nothing_wrong() {
    let autofill = |origin: Option<&str>, app_hash: Option<&str>| Autofill {
        origin: origin.map(str::to_owned),
        app_hash: app_hash.map(str::to_owned),
    };
    let (origin, hash) = (Some("example.co.il"), Some("FA+91234VSu"));
    for (autofill, lines) in [
        (autofill(origin, None), "\n@example.co.il ###code##"),
        (autofill(None, hash), "\nFA+91234VSu"),
        (autofill(origin, hash), "\nFA+91234VSu\n@example.co.il ###code##"),
    ] {
        for message in ["Acme: ##code## is your code", "קוד האימות שלך:\n##code##"] {
            for end in ["", "\n", " \r\n\r\n"] {
                let text = autofill.added_to(&format!("{message}{end}")).unwrap();
                assert_eq!(text, format!("{message}{lines}"));
                assert_eq!(found(&Inspection::new(&text)), [], "{text:?}");
                assert_eq!(autofill.warning(&text), None);
            }
        }
    }
    assert!(!autofill(None, hash).is_empty() && autofill(None, None).is_empty());
}

#[test]
fn a_text_gets_one_line_for_browsers() {
    let autofill = Autofill { origin: Some("a.example".to_owned()), app_hash: None };
    for message in ["##code##\n@a.example ###code##", "Hi\n@b.example  ##code##\nbye"] {
        let error = autofill.added_to(message).expect_err(message);
        assert_eq!(error.rule(), Some(Rule::MessageHasOrigin));
        assert_eq!(error.argument(), Some("message"));
    }
}

#[test]
fn only_an_app_cares_how_long_its_message_is() {
    let app = Autofill { app_hash: Some("FA+9qCX9VSu".to_owned()), origin: None };
    let of = |autofill: &Autofill, length| {
        let text = autofill.added_to(&format!("{} ##code##", "a".repeat(length))).unwrap();
        autofill.warning(&text).map(|warning| warning.kind())
    };
    // With a code of 8 digits, the line break and the hash: 21 bytes more.
    assert_eq!(of(&app, 119), None);
    assert_eq!(of(&app, 120), Some(RetrieverLength));
    assert_eq!(of(&Autofill { origin: Some("a.example".to_owned()), app_hash: None }, 300), None);
}

#[test]
fn links_and_other_numbers_are_named() {
    assert_eq!(warnings("##code## https://a.example"), [(Link, Some(14))]);
    assert_eq!(warnings("##code## WWW.a.example"), [(Link, Some(9))]);
    assert_eq!(warnings("##code## awww.nice"), []);
    assert_eq!(warnings("##code##, call 03-1234567"), [(OtherNumber, Some(18))]);
    assert_eq!(warnings("##code##, call 106"), []);
    assert_eq!(warnings("##code## \u{661}\u{662}\u{663}\u{664}"), [(OtherNumber, Some(9))]);
    assert_eq!(warnings("##code##\n@host1234.example ###code##"), []);
}

#[test]
fn a_sender_is_a_plain_name() {
    for (sender, kind) in [
        ("", SenderInvalid),
        ("twelve chars", SenderInvalid),
        ("אקמה", SenderCharacters),
        ("Acme-24", SenderCharacters),
        ("0501234567", SenderNumber),
        ("050-1234567", SenderNumber),
        ("12345", SenderNumber),
    ] {
        let inspection = Inspection::new("##code##").sender(sender);
        assert_eq!(found(&inspection), [(kind, None)], "{sender:?}");
    }
}
