//! The table of codes, and what an error tells about a call.

use super::*;

#[test]
fn the_numbers_and_names_of_the_codes_are_the_published_ones() {
    let published = [
        "OK",
        "INVALID_ARGUMENT",
        "NOT_VERIFIED",
        "REJECTED",
        "CONNECT",
        "TLS",
        "TIMEOUT",
        "CONNECTION_LOST",
        "HTTP_STATUS",
        "BAD_REPLY",
        "CANCELLED",
        "INTERNAL",
        "LIMITED",
        "GUARD_DOWN",
    ];
    let all = Code::ALL.iter();
    assert!(all.clone().map(|code| code.name()).eq(published));
    assert!(all.clone().map(Code::to_string).eq(published));
    assert!(all.map(|code| code.number()).eq(0..14));
}

#[test]
fn a_number_is_a_code_or_none() {
    for &code in Code::ALL {
        assert_eq!(Code::from_number(code.number()), Some(code));
    }
    for number in [-1, 14, i32::MIN, i32::MAX] {
        assert_eq!(Code::from_number(number), None, "{number}");
    }
}

#[test]
fn the_numbers_and_names_of_reached_are_the_published_ones() {
    let all = [Reached::No, Reached::Yes, Reached::Unknown];
    assert_eq!(all.map(Reached::number), [0, 1, 2]);
    assert_eq!(all.map(Reached::name), ["NO", "YES", "UNKNOWN"]);
    assert_eq!(all.map(|reached| reached.to_string()), ["NO", "YES", "UNKNOWN"]);
}

#[test]
fn every_documented_reason_has_the_providers_meaning_and_no_other_has_one() {
    for (number, meaning) in [
        (1, "no failure"),
        (2, "the sender is too long or too short"),
        (3, "the sender number is not approved by 99 digital"),
        (5, "unknown error, contact 99 digital's support"),
        (6, "wrong API key"),
        (7, "the phone number is empty"),
        (9, "the sender is empty"),
        (10, "the message has no ##code##"),
    ] {
        assert_eq!(Reason(number).meaning(), meaning, "{number}");
    }
    for number in [i64::MIN, -1, 0, 4, 8, 11, i64::MAX] {
        assert_eq!(Reason(number).meaning(), "a reason this library does not know", "{number}");
    }
}

#[test]
fn only_what_did_not_leave_is_safe_to_repeat() {
    for (reached, safe) in [(Reached::No, true), (Reached::Yes, false), (Reached::Unknown, false)] {
        let error = Error::new(Code::Timeout, reached, "late");
        assert_eq!(error.reached(), reached);
        assert_eq!(error.safe_to_retry(), safe, "{reached}");
    }
}

#[test]
fn a_refused_argument_is_named_with_its_rule() {
    let error = Error::invalid("sender", Rule::SenderTooLong);
    assert_eq!((error.code(), error.reached()), (Code::InvalidArgument, Reached::No));
    assert_eq!((error.argument(), error.rule()), (Some("sender"), Some(Rule::SenderTooLong)));
    assert_eq!(error.to_string(), "sender: is longer than 11 characters");
    assert_eq!((error.reason(), error.to(), error.http_status()), (None, None, 0));
}

#[test]
fn a_refusal_by_a_limit_says_which_and_how_long() {
    let limit = Some(Limit::Tries);
    let standing = Standing { limit, retry_after: Duration::from_secs(25), tries_left: Some(3) };
    let error = Error::limited(standing);
    assert_eq!((error.code(), error.reached()), (Code::Limited, Reached::No));
    assert!(!error.safe_to_retry(), "it must wait");
    assert_eq!(error.to_string(), "the limit TRIES is reached; wait 25 s");
    let told = |error: &Error| (error.limit(), error.retry_after().as_secs(), error.tries_left());
    assert_eq!(told(&error), (limit, 25, Some(3)));
    let error = Error::new(Code::Timeout, Reached::Unknown, "late");
    assert_eq!(told(&error), (None, 0, None));
    assert_eq!(told(&error.with_standing(standing)), (limit, 25, Some(3)));
}

#[test]
fn a_refusal_of_the_service_keeps_its_reason() {
    let error = Error::rejected(Reason(77)).with_http_status(403);
    assert_eq!((error.code(), error.reached()), (Code::Rejected, Reached::Yes));
    assert_eq!(error.reason(), Some(Reason(77)));
    assert_eq!(error.http_status(), 403);
    assert_eq!((error.argument(), error.rule()), (None, None));
    assert!(error.to_string().contains("(reason 77)"), "{error}");
}

#[test]
fn an_error_knows_the_number_it_is_about_and_shows_its_end_only() {
    let mut to = Digits::default();
    b"0501234567".iter().for_each(|&digit| to.push(digit).expect("there is room"));
    let error = Error::new(Code::Connect, Reached::No, "no connection").about(Arc::new(to));
    assert_eq!(error.to(), Some("0501234567"));
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("*567") && !shown.contains("1234567"), "{shown}");
}
