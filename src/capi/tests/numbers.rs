//! The numbers and names of the ABI are those of the core.

use std::ffi::CString;

use super::{free, handles, text};
use crate::callbacks::LogLevel;
use crate::capi::*;
use crate::config::Trust;
use crate::delivery::{DeliveryState, NextStep};
use crate::error::{Code, Reached, Reason};
use crate::event::Event;
use crate::guard::GuardFailure;
use crate::limit::Limit;
use crate::message::{Encoding, WarningKind};
use crate::phone::PhoneKind;
use crate::rule::Rule;

#[test]
fn the_codes_are_those_of_the_core() {
    let codes = [
        VERIFYSMS_OK,
        VERIFYSMS_INVALID_ARGUMENT,
        VERIFYSMS_NOT_VERIFIED,
        VERIFYSMS_REJECTED,
        VERIFYSMS_CONNECT,
        VERIFYSMS_TLS,
        VERIFYSMS_TIMEOUT,
        VERIFYSMS_CONNECTION_LOST,
        VERIFYSMS_HTTP_STATUS,
        VERIFYSMS_BAD_REPLY,
        VERIFYSMS_CANCELLED,
        VERIFYSMS_INTERNAL,
        VERIFYSMS_LIMITED,
        VERIFYSMS_GUARD_DOWN,
    ];
    assert!(Code::ALL.iter().map(|code| code.number()).eq(codes));
    for code in Code::ALL {
        assert_eq!(text(verifysms_code_name(code.number())), code.name());
    }
    for unknown in [-1, codes.len() as i32, i32::MIN, i32::MAX] {
        assert_eq!(text(verifysms_code_name(unknown)), "");
    }
}

#[test]
fn the_other_numbers_are_those_of_the_core() {
    for (number, core) in [
        (VERIFYSMS_REACHED_NO, Reached::No.number()),
        (VERIFYSMS_REACHED_YES, Reached::Yes.number()),
        (VERIFYSMS_REACHED_UNKNOWN, Reached::Unknown.number()),
        (VERIFYSMS_TRUST_SYSTEM, Trust::System as i32),
        (VERIFYSMS_TRUST_BUNDLED, Trust::Bundled as i32),
        (VERIFYSMS_GUARD_LOCAL, GuardFailure::Local as i32),
        (VERIFYSMS_GUARD_REFUSE, GuardFailure::Refuse as i32),
        (VERIFYSMS_GUARD_ALLOW, GuardFailure::Allow as i32),
        (VERIFYSMS_LOG_WARNING, LogLevel::Warning as i32),
        (VERIFYSMS_LOG_INFO, LogLevel::Info as i32),
        (VERIFYSMS_LOG_DEBUG, LogLevel::Debug as i32),
        (VERIFYSMS_DELIVERY_UNKNOWN, DeliveryState::Unknown.number()),
        (VERIFYSMS_DELIVERY_PENDING, DeliveryState::Pending.number()),
        (VERIFYSMS_DELIVERY_DELIVERED, DeliveryState::Delivered.number()),
        (VERIFYSMS_DELIVERY_FAILED, DeliveryState::Failed.number()),
        (VERIFYSMS_DELIVERY_BLOCKED, DeliveryState::Blocked.number()),
        (VERIFYSMS_DELIVERY_EXPIRED, DeliveryState::Expired.number()),
        (VERIFYSMS_NEXT_NONE, NextStep::None.number()),
        (VERIFYSMS_NEXT_WAIT, NextStep::Wait.number()),
        (VERIFYSMS_NEXT_RETRY_LATER, NextStep::RetryLater.number()),
        (VERIFYSMS_NEXT_ANOTHER_NUMBER, NextStep::AnotherNumber.number()),
        (VERIFYSMS_NEXT_OPTED_OUT, NextStep::OptedOut.number()),
        (VERIFYSMS_NEXT_ABROAD, NextStep::Abroad.number()),
        (VERIFYSMS_NEXT_CONTACT_SUPPORT, NextStep::ContactSupport.number()),
        (VERIFYSMS_ENCODING_GSM7, Encoding::Gsm7.number()),
        (VERIFYSMS_ENCODING_UCS2, Encoding::Ucs2.number()),
        (VERIFYSMS_PHONE_UNKNOWN, PhoneKind::Unknown.number()),
        (VERIFYSMS_PHONE_MOBILE, PhoneKind::Mobile.number()),
        (VERIFYSMS_PHONE_LANDLINE, PhoneKind::Landline.number()),
        (VERIFYSMS_PHONE_VOIP, PhoneKind::Voip.number()),
        (VERIFYSMS_PHONE_KOSHER, PhoneKind::Kosher.number()),
    ] {
        assert_eq!(number, core);
    }
    for (number, core) in [
        (VERIFYSMS_REASON_NONE, Reason::NONE),
        (VERIFYSMS_REASON_SENDER_LENGTH, Reason::SENDER_LENGTH),
        (VERIFYSMS_REASON_SENDER_NOT_APPROVED, Reason::SENDER_NOT_APPROVED),
        (VERIFYSMS_REASON_UNKNOWN_ERROR, Reason::UNKNOWN_ERROR),
        (VERIFYSMS_REASON_WRONG_API_KEY, Reason::WRONG_API_KEY),
        (VERIFYSMS_REASON_TO_EMPTY, Reason::TO_EMPTY),
        (VERIFYSMS_REASON_SENDER_EMPTY, Reason::SENDER_EMPTY),
        (VERIFYSMS_REASON_MESSAGE_WITHOUT_CODE, Reason::MESSAGE_WITHOUT_CODE),
    ] {
        assert_eq!(i64::from(number), core.0);
    }
}

#[test]
fn the_rules_and_warnings_of_the_header_are_those_of_the_core() {
    let header = include_str!("../../../include/verifysms.h");
    let declared: Vec<_> =
        header.lines().filter(|line| line.starts_with("#define VERIFYSMS_RULE_")).collect();
    let line = |rule: &Rule| format!("#define VERIFYSMS_RULE_{} {}", rule.name(), rule.number());
    assert_eq!(declared, Rule::ALL.iter().map(line).collect::<Vec<_>>());
    let declared = header.lines().filter(|line| line.starts_with("#define VERIFYSMS_WARNING_"));
    let line =
        |kind: &WarningKind| format!("#define VERIFYSMS_WARNING_{} {}", kind.name(), kind.number());
    assert!(declared.eq(WarningKind::ALL.iter().map(line)));
    for rule in Rule::ALL {
        assert_eq!(text(verifysms_rule_name(rule.number())), rule.name());
    }
    for unknown in [0, -1, Rule::ALL.len() as i32 + 1, i32::MIN, i32::MAX] {
        assert_eq!(text(verifysms_rule_name(unknown)), "");
    }
}

#[test]
fn the_limits_are_those_of_the_core() {
    let limits = [
        VERIFYSMS_LIMIT_COOLDOWN,
        VERIFYSMS_LIMIT_SENDS_NUMBER,
        VERIFYSMS_LIMIT_SENDS_NUMBER_DAY,
        VERIFYSMS_LIMIT_SENDS_USER,
        VERIFYSMS_LIMIT_SENDS_RANGE,
        VERIFYSMS_LIMIT_SENDS_APP,
        VERIFYSMS_LIMIT_TRIES,
        VERIFYSMS_LIMIT_FAILURES_NUMBER,
        VERIFYSMS_LIMIT_FAILURES_USER,
    ];
    assert!(Limit::ALL.iter().map(|limit| limit.number()).eq(limits));
    for limit in Limit::ALL {
        assert_eq!(text(verifysms_limit_name(limit.number())), limit.name());
    }
    for unknown in [-1, 0, 10, i32::MIN, i32::MAX] {
        assert_eq!(text(verifysms_limit_name(unknown)), "");
    }
}

#[test]
fn the_events_are_those_of_the_core() {
    let events = [
        VERIFYSMS_EVENT_OTHER,
        VERIFYSMS_EVENT_SENT,
        VERIFYSMS_EVENT_CHECKED,
        VERIFYSMS_EVENT_VERIFIED,
        VERIFYSMS_EVENT_REFUSED,
        VERIFYSMS_EVENT_UNKNOWN,
        VERIFYSMS_EVENT_LIMITED,
        VERIFYSMS_EVENT_FAILED,
    ];
    assert!(Event::ALL.iter().map(|event| event.number()).eq(events));
    for event in Event::ALL {
        assert_eq!(text(verifysms_event_name(event.number())), event.name());
    }
    for unknown in [-1, 8, i32::MIN, i32::MAX] {
        assert_eq!(text(verifysms_event_name(unknown)), "");
    }
}

#[test]
fn the_header_names_the_address_and_the_version_of_the_core() {
    let header = include_str!("../../../include/verifysms.h");
    assert!(header.contains(&format!("#define VERIFYSMS_URL \"{}\"\n", crate::URL)));
    let version = text(verifysms_version());
    assert!(header.contains(&format!("#define VERIFYSMS_VERSION \"{version}\"\n")));
    let [major, minor, patch] = [
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    ];
    let number = format!("{major}{minor:0>2}{patch:0>2}");
    for (name, value) in [("MAJOR", major), ("MINOR", minor), ("PATCH", patch), ("NUMBER", &number)]
    {
        let line = format!("#define VERIFYSMS_VERSION_{name} {value}\n");
        assert!(header.contains(&line), "{line}");
    }
}

#[test]
fn the_texts_of_reasons_are_those_of_the_core() {
    for number in -1..100 {
        let expected = if number == 0 { "" } else { Reason(number.into()).meaning() };
        assert_eq!(text(verifysms_reason_text(number)), expected);
    }
}

#[test]
fn a_sender_that_is_accepted_fits_into_its_size() {
    let longest = CString::new("\u{10FFFD}".repeat(11)).unwrap();
    assert_eq!(longest.as_bytes_with_nul().len(), VERIFYSMS_SIZE_SENDER as usize);
    let too_long = CString::new("a".repeat(12)).unwrap();
    let (config, client, result) = handles();
    // SAFETY: live handles and strings.
    unsafe {
        let set = verifysms_config_set_sender(config, too_long.as_ptr());
        assert_eq!(set, VERIFYSMS_INVALID_ARGUMENT);
    }
    free((config, client, result));
}
