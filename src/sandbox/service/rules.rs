//! The service's rules: a request and a time in, an answer out.
//!
//! Where the documentation is silent, the sandbox decides, and only there:
//! - the order of the checks (see [`Service::answer`]);
//! - a `to` that is not a number in the local form fails with reason 5;
//! - a right code is answered 1, a wrong one 2, one that was right but is expired or used 3. A number without
//!   a message has no right code: 2;
//! - a new Send replaces the number's code, and a code may be tried any number of times;
//! - a sender is a number if it is all digits, with or without a leading `+`.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use super::answer::ServiceAnswer;
use super::code_generator::CodeGenerator;
use super::form_fields::FormFields;
use super::message_store::{CodeMatch, MessageStore};
use crate::error::Reason;
use crate::sandbox::invalid_input::invalid_input;

/// The service replaces this with the code.
const PLACEHOLDER: &str = "##code##";

/// The text of a Send without a `message`.
const DEFAULT_MESSAGE: &str = "Your verification code is: ##code##";

/// In characters.
const MAX_SENDER_LENGTH: usize = 11;

/// The status of a Check. The first is the provider's, the others are the sandbox's own.
pub(crate) const STATUS_RIGHT: i64 = 1;
pub(crate) const STATUS_WRONG: i64 = 2;
const STATUS_SPENT: i64 = 3;

/// The service, for one account.
pub(crate) struct Service {
    api_key: String,
    approved_senders: HashSet<String>,
    codes: CodeGenerator,
    pub(crate) messages: MessageStore,
}

impl Service {
    pub(crate) fn new(
        api_key: String,
        approved_senders: HashSet<String>,
        codes: CodeGenerator,
    ) -> Service {
        Service { api_key, approved_senders, codes, messages: MessageStore::new() }
    }

    /// The key that requests must have.
    pub(crate) fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Deletes every message and starts seeded codes again.
    pub(crate) fn reset(&mut self) {
        self.messages.clear();
        self.codes.rewind();
    }

    /// Answers a request that arrives at `now`, a time since the Unix epoch.
    ///
    /// The order of the checks: the key, `to`, then for a Send `from` and `message`. The first failed check
    /// gives the reason.
    pub(crate) fn answer(&mut self, fields: &FormFields, now: Duration) -> ServiceAnswer {
        self.try_answer(fields, now).unwrap_or_else(ServiceAnswer::Failed)
    }

    fn try_answer(&mut self, fields: &FormFields, now: Duration) -> Result<ServiceAnswer, Reason> {
        if fields.api_key.as_ref() != Some(&self.api_key) {
            return Err(Reason::WRONG_API_KEY);
        }
        let to = fields.to();
        if to.is_empty() {
            return Err(Reason::TO_EMPTY);
        }
        if !is_local_number(to) {
            return Err(Reason::UNKNOWN_ERROR);
        }
        match &fields.code {
            Some(code) => Ok(self.check(to, code, now)),
            None => self.send(to, fields, now),
        }
    }

    /// Answers a question to Delivery Status. An id that the service does not know, no number among them, has no
    /// report.
    pub(crate) fn report(&self, fields: &FormFields, now: Duration) -> ServiceAnswer {
        if fields.api_key.as_ref() != Some(&self.api_key) {
            return ServiceAnswer::Failed(Reason::WRONG_API_KEY);
        }
        ServiceAnswer::Reported(fields.message_id().and_then(|id| self.messages.report(id, now)))
    }

    fn send(
        &mut self,
        to: &str,
        fields: &FormFields,
        now: Duration,
    ) -> Result<ServiceAnswer, Reason> {
        let from = fields.from.as_deref().unwrap_or_default();
        if from.is_empty() {
            return Err(Reason::SENDER_EMPTY);
        }
        if from.chars().count() > MAX_SENDER_LENGTH {
            return Err(Reason::SENDER_LENGTH);
        }
        if is_number(from) && !self.approved_senders.contains(from) {
            return Err(Reason::SENDER_NOT_APPROVED);
        }
        let message = fields.message.as_deref().unwrap_or(DEFAULT_MESSAGE);
        if !message.contains(PLACEHOLDER) {
            return Err(Reason::MESSAGE_WITHOUT_CODE);
        }
        let code = self.codes.next().ok_or(Reason::UNKNOWN_ERROR)?;
        let code = format!("{code:06}");
        let text = message.replace(PLACEHOLDER, &code);
        let unique = self.messages.push(to, from, text, code, now);
        Ok(ServiceAnswer::Sent { unique, timestamp: now.as_secs(), from: from.to_owned() })
    }

    fn check(&mut self, to: &str, code: &str, now: Duration) -> ServiceAnswer {
        let status = match self.messages.check(to, code, now) {
            CodeMatch::Right => STATUS_RIGHT,
            CodeMatch::Wrong => STATUS_WRONG,
            CodeMatch::Spent => STATUS_SPENT,
        };
        ServiceAnswer::Checked { status, phone: to.to_owned() }
    }
}

/// The number, if it is in the local form. The sandbox knows no other form.
pub(crate) fn local_number(to: &str) -> io::Result<&str> {
    if is_local_number(to) {
        return Ok(to);
    }
    Err(invalid_input("to is a number in its local form, as in 0501234567"))
}

/// The local form, "without 00, +972 or 972": 10 digits as in 0501234567, 9 for a landline.
fn is_local_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes, [b'0', b'1'..=b'9', ..])
        && matches!(bytes.len(), 9 | 10)
        && bytes.iter().all(u8::is_ascii_digit)
}

fn is_number(sender: &str) -> bool {
    let digits = sender.strip_prefix('+').unwrap_or(sender);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "the key";
    const TO: &str = "0501234567";
    const APPROVED: &str = "0521112222";

    /// Codes 000001, 000002, …
    fn service() -> Service {
        let approved = HashSet::from([APPROVED.to_owned()]);
        Service::new(KEY.to_owned(), approved, CodeGenerator::Counting(0))
    }

    fn fields(pairs: &[(&str, &str)]) -> FormFields {
        FormFields::from_pairs(pairs.iter().map(|&(name, value)| (name.into(), value.into())))
            .unwrap()
    }

    fn answer(service: &mut Service, now: u64, pairs: &[(&str, &str)]) -> ServiceAnswer {
        service.answer(&fields(pairs), Duration::from_secs(now))
    }

    fn send(service: &mut Service, now: u64) -> ServiceAnswer {
        answer(service, now, &[("apiKey", KEY), ("from", "Acme"), ("to", TO)])
    }

    fn check(service: &mut Service, now: u64, code: &str) -> ServiceAnswer {
        answer(service, now, &[("apiKey", KEY), ("to", TO), ("code", code)])
    }

    fn checked(status: i64) -> ServiceAnswer {
        ServiceAnswer::Checked { status, phone: TO.to_owned() }
    }

    #[test]
    fn a_send_is_answered_with_its_id_its_time_and_its_sender() {
        let mut service = service();
        let ServiceAnswer::Sent { unique, timestamp, from } = send(&mut service, 1_600_115_719)
        else {
            panic!("rejected")
        };
        assert_eq!((timestamp, from.as_str()), (1_600_115_719, "Acme"));
        let messages = service.messages.messages(None, Duration::from_secs(1_600_115_719));
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].unique, unique.to_string());
        assert_eq!(messages[0].to, TO);
        assert_eq!(messages[0].text, "Your verification code is: 000001");
        assert_eq!(messages[0].code, "000001");
    }

    #[test]
    fn the_service_replaces_the_placeholder_of_a_custom_text() {
        let cases = [
            ("##code##", "000001"),
            ("קוד: ##code##", "קוד: 000001"),
            ("##code## or ##code##", "000001 or 000001"),
            ("Code\n\n@example.co.il ###code##", "Code\n\n@example.co.il #000001"),
        ];
        for (message, text) in cases {
            let mut service = service();
            let pairs = [("apiKey", KEY), ("from", "Acme"), ("to", TO), ("message", message)];
            assert!(
                matches!(answer(&mut service, 0, &pairs), ServiceAnswer::Sent { .. }),
                "{message}"
            );
            assert_eq!(service.messages.messages(None, Duration::ZERO)[0].text, text);
        }
    }

    /// A Send with one field other than a good one; `None` leaves it out.
    fn send_with(name: &str, value: Option<&str>) -> ServiceAnswer {
        let mut pairs = vec![("apiKey", KEY), ("from", "Acme"), ("to", TO)];
        pairs.retain(|(other, _)| *other != name);
        pairs.extend(value.map(|value| (name, value)));
        answer(&mut service(), 0, &pairs)
    }

    #[test]
    fn every_documented_reason_has_its_condition() {
        let cases = [
            ("from", Some("twelve chars"), 2),
            ("from", Some("05211122223333"), 2),
            ("from", Some("+972521112222"), 2),
            ("from", Some("0521112223"), 3),
            ("from", Some("12345"), 3),
            ("from", Some("+9725211122"), 3),
            ("apiKey", Some("another key"), 6),
            ("apiKey", Some("THE KEY"), 6),
            ("apiKey", Some(""), 6),
            ("apiKey", None, 6),
            ("to", Some(""), 7),
            ("to", None, 7),
            ("from", Some(""), 9),
            ("from", None, 9),
            ("message", Some("hello"), 10),
            ("message", Some("#code#"), 10),
            ("message", Some("##CODE##"), 10),
            ("message", Some(""), 10),
        ];
        for (name, value, reason) in cases {
            assert_eq!(
                send_with(name, value),
                ServiceAnswer::Failed(Reason(reason)),
                "{name}: {value:?}"
            );
        }
    }

    #[test]
    fn a_sender_is_text_or_an_approved_number_of_at_most_11_characters() {
        for from in ["A", "elevenchars", "אקמה שירות", "0521112222x", "+", APPROVED] {
            let answer = send_with("from", Some(from));
            assert!(matches!(answer, ServiceAnswer::Sent { .. }), "{from}: {answer:?}");
        }
    }

    #[test]
    fn a_number_is_in_its_local_form() {
        for to in ["0501234567", "031234567", "0771234567"] {
            let answer = send_with("to", Some(to));
            assert!(matches!(answer, ServiceAnswer::Sent { .. }), "{to}: {answer:?}");
        }
        let others = [
            "972501234567",
            "+972501234567",
            "00972501234567",
            "0097250123",
            "050-1234567",
            "050 1234567",
            " 0501234567",
            "501234567",
            "05012345678",
            "05012345",
            "٠٥٠١٢٣٤٥٦٧",
            "050123456a",
        ];
        for to in others {
            assert_eq!(send_with("to", Some(to)), ServiceAnswer::Failed(Reason(5)), "{to}");
        }
    }

    #[test]
    fn the_key_is_checked_first() {
        let pairs = [("apiKey", "wrong"), ("from", ""), ("to", ""), ("message", "")];
        assert_eq!(answer(&mut service(), 0, &pairs), ServiceAnswer::Failed(Reason::WRONG_API_KEY));
    }

    #[test]
    fn a_rejected_send_sends_nothing_and_leaves_the_code_in_force() {
        let mut service = service();
        send(&mut service, 0);
        let pairs = [("apiKey", KEY), ("from", "Acme"), ("to", TO), ("message", "none")];
        answer(&mut service, 1, &pairs);
        assert_eq!(service.messages.messages(None, Duration::ZERO).len(), 1);
        assert_eq!(check(&mut service, 2, "000001"), checked(1));
    }

    #[test]
    fn a_check_tells_right_wrong_and_spent_apart() {
        let mut service = service();
        assert_eq!(check(&mut service, 0, "000001"), checked(2), "nothing was sent yet");
        send(&mut service, 0);
        for code in ["000002", "1", "0000010", " 000001", "+00001", ""] {
            assert_eq!(check(&mut service, 1, code), checked(2), "{code:?}");
        }
        assert_eq!(check(&mut service, 1, "000001"), checked(1));
        assert_eq!(check(&mut service, 1, "000001"), checked(3), "a code works once");
        send(&mut service, 10);
        assert_eq!(check(&mut service, 11, "000001"), checked(2), "a new Send replaces it");
        assert_eq!(check(&mut service, 610, "000002"), checked(3), "10 minutes");
    }

    #[test]
    fn a_request_with_a_code_is_a_check_whatever_else_it_has() {
        let mut service = service();
        let pairs = [("apiKey", KEY), ("from", "Acme"), ("to", TO), ("code", "")];
        assert_eq!(answer(&mut service, 0, &pairs), checked(2));
        assert_eq!(service.messages.messages(None, Duration::ZERO), []);
    }

    #[test]
    fn a_check_can_fail_like_a_send() {
        let cases = [
            ([("apiKey", "wrong"), ("to", TO), ("code", "000001")], 6),
            ([("apiKey", KEY), ("to", ""), ("code", "000001")], 7),
            ([("apiKey", KEY), ("to", "972501234567"), ("code", "000001")], 5),
        ];
        for (pairs, reason) in cases {
            let mut service = service();
            send(&mut service, 0);
            assert_eq!(answer(&mut service, 1, &pairs), ServiceAnswer::Failed(Reason(reason)));
        }
    }

    #[test]
    fn a_message_is_reported_by_its_id() {
        let mut service = service();
        let ServiceAnswer::Sent { unique, .. } = send(&mut service, 0) else { panic!("rejected") };
        let unique = unique.to_string();
        let report = |service: &Service, key, unique, now| {
            let fields = fields(&[("apiKey", key), ("unique", unique)]);
            service.report(&fields, Duration::from_secs(now)).to_json()
        };
        assert_eq!(report(&service, KEY, &unique, 0), "[]");
        let reported = r#"[{"from":"Acme","to":"0501234567","code":"102","he_message":"נמסר","en_message":"Delivered","date":"01/01/70 00:00","operator":"Sandbox"}]"#;
        assert_eq!(report(&service, KEY, &unique, 1), reported);
        for unknown in ["", "1", "x", "99999999999999999999"] {
            assert_eq!(report(&service, KEY, unknown, 1), "[]", "{unknown:?}");
        }
        assert_eq!(report(&service, "wrong", &unique, 1), r#"{"status":"FAIL","reason":6}"#);
        assert!(service.messages.set_delivery(unique.parse().unwrap(), Some(15)));
        assert!(report(&service, KEY, &unique, 1).contains(r#""code":"15""#));
        assert!(service.messages.set_delivery(unique.parse().unwrap(), None));
        assert_eq!(report(&service, KEY, &unique, 1), "[]");
        assert!(!service.messages.set_delivery(1, Some(15)));
    }

    #[test]
    fn without_random_numbers_nothing_is_sent() {
        let mut service = Service::new(KEY.to_owned(), HashSet::new(), CodeGenerator::Failing);
        assert_eq!(send(&mut service, 0), ServiceAnswer::Failed(Reason::UNKNOWN_ERROR));
        assert_eq!(service.messages.messages(None, Duration::ZERO), []);
    }
}
