//! What replies mean, case by case. properties.rs has the cases that nobody thought of.

use super::*;

#[test]
fn only_a_comma_after_the_last_field_is_passed_over() {
    for (printed, strict) in [
        (r#"{"a":1,}"#, r#"{"a":1 }"#),
        ("{\"a\":1,\r\n\t }", "{\"a\":1 \r\n\t }"),
        (r#"{"a":[1,],}"#, r#"{"a":[1 ] }"#),
        (r#"{"a":"x,}","b":1,}"#, r#"{"a":"x,}","b":1 }"#),
        (r#"{"a":"\",}","b":1,}"#, r#"{"a":"\",}","b":1 }"#),
        (r#"{"a":"\\",}"#, r#"{"a":"\\" }"#),
        (r#"{"a":1,,}"#, r#"{"a":1, }"#),
        (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2}"#),
        ("\u{FEFF}{}", "{}"),
    ] {
        assert_eq!(lenient(printed.as_bytes()).expect(printed), strict.as_bytes(), "{printed}");
    }
}

#[test]
fn an_accepted_send_has_an_id_and_what_else_the_service_said() {
    let accepted = |unique: &str, timestamp, sender: Option<&str>| Accepted {
        unique: unique.into(),
        timestamp,
        sender: sender.map(str::to_owned),
    };
    for (body, said) in [
        (
            r#"{"status":"OK","unique":"63433453","timestamp":1600115719,"from":"0501234567","reason":1}"#,
            accepted("63433453", Some(1_600_115_719), Some("0501234567")),
        ),
        (r#"{"status":"OK","unique":7,"timestamp":"8",}"#, accepted("7", Some(8), None)),
        (
            r#"{"status":"OK","unique":"a","timestamp":"?","from":5}"#,
            accepted("a", None, Some("5")),
        ),
    ] {
        assert_eq!(send(body.as_bytes()), Ok(said), "{body}");
    }
}

#[test]
fn a_send_is_not_accepted_on_less() {
    for (body, why) in [
        (r#"{"status":"OK"}"#, "without unique"),
        (r#"{"status":"OK","unique":null}"#, "without unique"),
        (r#"{"status":"OK","unique":""}"#, "cannot be read"),
        (r#"{"status":"OK","unique":["7"]}"#, "cannot be read"),
        (r#"{"status":1,"unique":"7"}"#, "its status is a number"),
        (r#"{"status":"ok","unique":"7"}"#, "no form that the service documents"),
        (r#"{"unique":"7"}"#, "no status"),
        (r#"{"status":"OK","unique":"7","reason":6}"#, "its reason is not 1"),
        (r#"{"status":"OK","unique":"7","Reason":6}"#, "nearly a documented one"),
        (r#"{"status":"OK","unique":"7","rea\u0001son":6}"#, "nearly a documented one"),
        (r#"{"status":"OK","unique":"7","unique":"7"}"#, "a field twice"),
        (r#"["OK"]"#, "not a JSON object"),
        (" \n", "is empty"),
        (r#"{"status":"OK","unique":"7""#, "not well-formed"),
    ] {
        assert!(
            matches!(send(body.as_bytes()), Err(Malformed(told)) if told.contains(why)),
            "{body}"
        );
    }
    for (reason, number) in [("6", 6), ("\"6\"", 6), ("0", 0), ("-1", -1)] {
        let body = format!(r#"{{"status":"FAIL","unique":"7","reason":{reason}}}"#);
        assert_eq!(send(body.as_bytes()), Err(Rejected(Reason(number))), "{body}");
    }
    for reason in ["null", "\"?\"", "\"timeout\"", "true", "[1]", "6.5"] {
        let body = format!(r#"{{"status":"FAIL","unique":"7","reason":{reason}}}"#);
        let why = "it says FAIL without the number of a reason";
        assert_eq!(send(body.as_bytes()), Err(Malformed(why)), "{body}");
    }
}

#[test]
fn a_failure_without_a_failure_is_none() {
    let asked = Phone::parse("0501234567").expect("a valid number");
    let contradiction = "it says FAIL with the reason for no failure";
    for one in [
        "1",
        "\"1\"",
        "1.0",
        "1e0",
        "10e-1",
        "\"01\"",
        "\"+1\"",
        "\" 1\"",
        "\"1 \"",
        "\"1.0\"",
        "\"\\u0031\"",
    ] {
        let body = format!(r#"{{"status":"FAIL","reason":{one}}}"#);
        assert_eq!(send(body.as_bytes()), Err(Malformed(contradiction)), "{body}");
        assert_eq!(check(body.as_bytes(), &asked), Err(Malformed(contradiction)), "{body}");
    }
}

#[test]
fn a_send_stays_accepted_whatever_bytes_decide_nothing() {
    let accepted = |sender: Option<&str>| {
        Ok(Accepted { unique: "7".into(), timestamp: None, sender: sender.map(str::to_owned) })
    };
    // A Hebrew sender in windows-1255, one in GBK whose last byte is a backslash before another
    // character, a stray byte before the quote, control characters, no escapes, half a surrogate pair.
    for from in [
        &b"\xe7\xf0\xe5\xfa \xf9\xec\xf0\xe5"[..],
        b"\x95\\x",
        b"\xe0",
        b"a\tb\x00",
        b"A\\Ltd",
        b"\\u12",
        b"\\ud83d",
        b"\\n",
    ] {
        let body = [br#"{"status":"OK","unique":"7","from":""#, from, b"\",}"].concat();
        assert_eq!(send(&body), accepted(None), "{}", body.escape_ascii());
        let body = [br#"{"x":""#, from, br#"","from":"Acme","unique":"7","status":"OK"}"#].concat();
        assert_eq!(send(&body), accepted(Some("Acme")), "{}", body.escape_ascii());
    }
}

#[test]
fn bytes_that_cannot_be_read_decide_nothing() {
    for body in [
        &b"{\"status\":\"OK\xff\",\"unique\":\"7\"}"[..],
        b"{\"status\":\"O\\K\",\"unique\":\"7\"}",
        b"{\"status\":\"OK\",\"unique\":\"7\xff\"}",
        b"{\"status\":\"OK\",\"unique\":\"7\n\"}",
        b"{\"status\":\"OK\",\"unique\":\"7\",\"reason\":\"1\xff\"}",
        b"{\"status\":\"OK\",\"unique\":\"7\",\"reason\xff\":6}",
        b"{\"status\":\"OK\",\"unique\":\"7\"\xff}",
        b"\xff{\"status\":\"OK\",\"unique\":\"7\"}",
        // The backslash that ends the character takes its quote along.
        b"{\"status\":\"OK\",\"unique\":\"7\",\"from\":\"\x95\\\",\"reason\":6}",
    ] {
        assert!(matches!(send(body), Err(Malformed(_))), "{}", body.escape_ascii());
    }
    let asked = Phone::parse("0501234567").expect("a valid number");
    for body in [
        &b"{\"status\":1,\"x\":\"\xff\"}"[..],
        b"{\"status\":1,\"x\":\"\t\"}",
        b"{\"status\":1,\"x\":\"\\x\"}",
    ] {
        assert!(matches!(check(body, &asked), Err(Malformed(_))), "{}", body.escape_ascii());
    }
}

#[test]
fn an_answer_may_have_64_kibibytes_and_no_more() {
    let padded = |length: usize| {
        let mut body = br#"{"status":"OK","unique":"7"}"#.to_vec();
        body.resize(length, b' ');
        send(&body)
    };
    assert!(padded(65_536).is_ok());
    for length in [65_537, 65_538, 1 << 20] {
        assert_eq!(padded(length), Err(Malformed("it is too large")), "{length}");
    }
}

#[test]
fn a_check_is_about_the_number_that_was_asked_or_says_that_it_names_none() {
    let asked = Phone::parse("0501234567").expect("a valid number");
    let verified = |names_phone| Ok(Checked { status: VERIFIED, names_phone });
    let answered = |phone: &str| check(format!(r#"{{"status":1{phone}}}"#).as_bytes(), &asked);
    for phone in [
        r#","phone":"0501234567""#,
        r#","phone":"+972 50-123-4567""#,
        r#","phone":"\u0030501234567""#,
        r#","phone":501234567"#,
        r#","phone":972501234567"#,
    ] {
        assert_eq!(answered(phone), verified(true), "{phone}");
    }
    for phone in ["", r#","phone":null"#] {
        assert_eq!(answered(phone), verified(false), "{phone}");
    }
    for phone in [
        r#","phone":"0521111111""#,
        r#","phone":521111111"#,
        r#","phone":972521111111"#,
        r#","phone":"501234567""#,
        r#","phone":"""#,
        r#","phone":true"#,
        r#","phone":["0501234567"]"#,
        r#","phone":-501234567"#,
    ] {
        assert_eq!(
            answered(phone),
            Err(Malformed("its phone is not the number that was asked about")),
            "{phone}"
        );
    }
}

const UNDOCUMENTED: &str = "its status is in no form that the service documents";
const NEARLY: &str = "it has a field whose name is nearly a documented one";

#[test]
fn a_check_answers_with_its_status_and_fails_as_a_send_does() {
    let asked = Phone::parse("0501234567").expect("a valid number");
    for (body, said) in [
        (r#"{"status":1,}"#, Ok(1)),
        (r#"{"status":"1","reason":1}"#, Ok(1)),
        (r#"{"status":0}"#, Ok(0)),
        (r#"{"status":-7}"#, Ok(-7)),
        (r#"{"status":"FAIL","reason":6}"#, Err(Rejected(Reason(6)))),
        (r#"{"status":"OK"}"#, Err(Malformed("its status is OK, as in the answer to a Send"))),
        (
            r#"{"status":1,"reason":2}"#,
            Err(Malformed("its status is no failure, and its reason is not 1")),
        ),
        (r#"{"status":true}"#, Err(Malformed(UNDOCUMENTED))),
        (r#"{"status":1.0}"#, Err(Malformed(UNDOCUMENTED))),
        (r#"{"status":18446744073709551617}"#, Err(Malformed(UNDOCUMENTED))),
        (r#"{"status":"1 "}"#, Err(Malformed(UNDOCUMENTED))),
        (r#"{"status":[1]}"#, Err(Malformed(UNDOCUMENTED))),
        (r#"{"status":null}"#, Err(Malformed("it has no status"))),
        (
            r#"{"status":1,"unique":"7"}"#,
            Err(Malformed("it has a message's id, as the answer to a Send")),
        ),
        (r#"{"status":1,"Phone":"0521111111"}"#, Err(Malformed(NEARLY))),
        (r#"{"status":1,"status ":0}"#, Err(Malformed(NEARLY))),
        (r#"{"status":1,"sta\u200btus":0}"#, Err(Malformed(NEARLY))),
        (
            r#"{"status":1,"phone":"0501234567","phone":null}"#,
            Err(Malformed("it has a field twice")),
        ),
        (r#"{"phone":"0501234567"}"#, Err(Malformed("it has no status"))),
        (r#"{"status":1,"status":1}"#, Err(Malformed("it has a field twice"))),
    ] {
        let answered = check(body.as_bytes(), &asked).map(|checked| checked.status);
        assert_eq!(answered, said, "{body}");
    }
}

#[test]
fn a_text_is_what_it_means_without_control_characters() {
    let read = |json: &str| {
        let value = RawValue::from_string(json.into()).expect(json);
        text(Some(&value)).map(Cow::into_owned)
    };
    for (json, meant) in [
        (r#""Acme""#, "Acme"),
        (r#""A\u0063me""#, "Acme"),
        (r#""a \"b\" \\""#, "a \"b\" \\"),
        (r#""""#, ""),
        ("63433453", "63433453"),
    ] {
        assert_eq!(read(json).as_deref(), Some(meant), "{json}");
    }
    for json in [r#""a\nb""#, r#""a\u0000""#, r#""\ud800""#, "1.5", "-1", "1e3", "null", "{}", "[]"]
    {
        assert_eq!(read(json), None, "{json}");
    }
}

#[test]
fn a_number_is_written_the_one_usual_way() {
    let read = |json: &str| integer(Some(&RawValue::from_string(json.into()).expect(json)));
    for (json, number) in [
        ("0", 0),
        ("\"0\"", 0),
        ("1", 1),
        ("\"1\"", 1),
        ("-1", -1),
        ("\"-12\"", -12),
        ("10", 10),
        ("9223372036854775807", i64::MAX),
    ] {
        assert_eq!(read(json), Some(number), "{json}");
    }
    for json in [
        "-0",
        "\"-0\"",
        "\"00\"",
        "\"01\"",
        "\"+1\"",
        "\" 1\"",
        "\"1 \"",
        "\"\"",
        "\"-\"",
        "1.0",
        "1e0",
        "true",
        "null",
        "[1]",
        "\"\\u0031\"",
        "9223372036854775808",
    ] {
        assert_eq!(read(json), None, "{json}");
    }
    assert_eq!(integer(None), None);
}

#[test]
fn an_escape_has_all_that_belongs_to_it() {
    for rest in ["n", "\"", "\\", "u12aB", "u00e9 and more"] {
        assert!(begins_escape(rest), "{rest}");
    }
    for rest in ["", "x", "N", "u", "u12a", "u12g4", "U12ab"] {
        assert!(!begins_escape(rest), "{rest}");
    }
}
