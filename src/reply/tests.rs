//! What answers mean, written down by hand; properties.rs has those that nobody thought of.

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
        assert_eq!(lenient(printed.as_bytes()), strict.as_bytes(), "{printed}");
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
        (r#"{"status":"OK"}"#, "without the message's id"),
        (r#"{"status":"OK","unique":""}"#, "without the message's id"),
        (r#"{"status":"OK","unique":["7"]}"#, "without the message's id"),
        (r#"{"status":1,"unique":"7"}"#, "a Check's status"),
        (r#"{"status":"ok","unique":"7"}"#, "none that is documented"),
        (r#"{"unique":"7"}"#, "no status"),
        (r#"{"status":"OK","unique":"7","reason":6}"#, "without failing"),
        (r#"["OK"]"#, "not a JSON object"),
    ] {
        assert!(
            matches!(send(body.as_bytes()), Err(Unclear(told)) if told.contains(why)),
            "{body}"
        );
    }
    for (reason, number) in [("6", 6), ("\"6\"", 6), ("null", 0), ("\"?\"", 0)] {
        let body = format!(r#"{{"status":"FAIL","unique":"7","reason":{reason}}}"#);
        assert_eq!(send(body.as_bytes()), Err(Refused(Reason(number))), "{body}");
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
        assert_eq!(padded(length), Err(Unclear("it is too large")), "{length}");
    }
}

#[test]
fn a_check_is_about_the_number_that_was_asked_or_it_is_unclear() {
    let asked = Phone::parse("0501234567").expect("a valid number");
    let answered = |phone: &str| check(format!(r#"{{"status":1{phone}}}"#).as_bytes(), &asked);
    for phone in [
        "",
        r#","phone":"0501234567""#,
        r#","phone":"+972 50-123-4567""#,
        r#","phone":"\u0030501234567""#,
        r#","phone":501234567"#,
        r#","phone":972501234567"#,
    ] {
        assert_eq!(answered(phone), Ok(VERIFIED), "{phone}");
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
        assert_eq!(answered(phone), Err(Unclear("it is about another phone number")), "{phone}");
    }
}

#[test]
fn a_check_answers_with_its_status_and_fails_as_a_send_does() {
    let asked = Phone::parse("0501234567").expect("a valid number");
    for (body, said) in [
        (r#"{"status":1,}"#, Ok(1)),
        (r#"{"status":"1","reason":1}"#, Ok(1)),
        (r#"{"status":0}"#, Ok(0)),
        (r#"{"status":-7}"#, Ok(-7)),
        (r#"{"status":"FAIL","reason":6}"#, Err(Refused(Reason(6)))),
        (r#"{"status":"OK"}"#, Err(Unclear("it has a Send's status"))),
        (r#"{"status":1,"reason":2}"#, Err(Unclear("it gives a reason to fail without failing"))),
        (r#"{"status":true}"#, Err(Unclear("it has no status"))),
        (r#"{"phone":"0501234567"}"#, Err(Unclear("it has no status"))),
        (r#"{"status":1,"status":1}"#, Err(Unclear("it is not the service's JSON"))),
    ] {
        assert_eq!(check(body.as_bytes(), &asked), said, "{body}");
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
