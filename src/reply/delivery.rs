//! The answer of the provider's Delivery Status: an array with a report.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::ReplyError::{self, Malformed};
use super::{Fields, integer, lenient, replace_invalid, resembles, text};

/// What the service reports of a message. A text that it left out, or that cannot be read, is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) code: i64,
    pub(crate) to: String,
    pub(crate) sender: String,
    pub(crate) hebrew: String,
    pub(crate) english: String,
    pub(crate) date: String,
    pub(crate) operator: String,
}

/// Parses the answer. None if it has no report. Invalid bytes in the words do not spoil the code.
pub(crate) fn delivery(body: &[u8]) -> Result<Option<Report>, ReplyError> {
    let body = lenient(body)?;
    let body = replace_invalid(&body);
    if body.trim_ascii_start().starts_with('{') {
        // The service says FAIL as it does to a Send.
        Fields::parse(&body)?.status()?;
        return Err(Malformed("it is an object, and its status is not FAIL"));
    }
    let reports: Vec<Pairs<'_>> =
        serde_json::from_str(&body).map_err(|_| Malformed("it is not a JSON array of objects"))?;
    let mut found: Option<Report> = None;
    for report in &reports {
        let report = report.read()?;
        if found.as_ref().is_some_and(|found| found.code != report.code) {
            return Err(Malformed("it has two reports with different codes"));
        }
        found.get_or_insert(report);
    }
    Ok(found)
}

/// The fields of an object, in their order.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Pairs<'a> {
    fn read(&self) -> Result<Report, ReplyError> {
        let is_foreign = |(name, _): &&(String, &RawValue)| resembles(name, &["status", "reason"]);
        if self.0.iter().any(|pair| is_foreign(&pair)) {
            return Err(Malformed("its report has a status, as the answer to a Send"));
        }
        let mut codes = self.0.iter().filter(|(name, _)| resembles(name, &["code"]));
        let code = match (codes.next(), codes.next()) {
            (Some((name, value)), None) if name == "code" => integer(Some(value)),
            (Some(_), _) => return Err(Malformed("it has a code twice, or nearly")),
            (None, _) => return Err(Malformed("its report has no code")),
        };
        let code = code.ok_or(Malformed("its code is not a number"))?;
        let word = |name: &str| {
            let value = self.0.iter().find(|(other, _)| other == name).map(|(_, value)| *value);
            text(value).unwrap_or_default().into_owned()
        };
        Ok(Report {
            code,
            to: word("to"),
            sender: word("from"),
            hebrew: word("he_message"),
            english: word("en_message"),
            date: word("date"),
            operator: word("operator"),
        })
    }
}

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadPairs)
    }
}

struct ReadPairs;

impl<'de> Visitor<'de> for ReadPairs {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Reason;

    const SAMPLE: &str = r#"[{"from":"Acme","to":"0501234567","code":"102","he_message":"נמסר",
        "en_message":"Delivered","date":"15/03/21 20:18","operator":"Cellcom",},]"#;

    fn code(body: &str) -> Option<i64> {
        delivery(body.as_bytes()).expect(body).map(|report| report.code)
    }

    #[test]
    fn a_report_is_read_with_its_words() {
        let report = delivery(SAMPLE.as_bytes()).unwrap().unwrap();
        let expected = Report {
            code: 102,
            to: "0501234567".to_owned(),
            sender: "Acme".to_owned(),
            hebrew: "נמסר".to_owned(),
            english: "Delivered".to_owned(),
            date: "15/03/21 20:18".to_owned(),
            operator: "Cellcom".to_owned(),
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn a_code_comes_as_a_number_or_a_text() {
        assert_eq!(code(r#"[{"code":0}]"#), Some(0));
        assert_eq!(code(r#"[{"code":"-1","to":501234567,"x":[1,{}]}]"#), Some(-1));
        assert_eq!(code(r#"[{"code":15},{"code":"15"}]"#), Some(15));
        assert_eq!(code("\u{feff} [] "), None);
    }

    #[test]
    fn words_that_cannot_be_read_do_not_spoil_the_code() {
        let body =
            b"[{\"code\":102,\"he_message\":\"\xf0\xee\xf1\xf8\",\"date\":5,\"operator\":null}]";
        let report = delivery(body).unwrap().unwrap();
        assert_eq!((report.code, &*report.hebrew, &*report.date), (102, "", "5"));
        assert_eq!(report.operator, "");
    }

    #[test]
    fn a_refusal_is_the_services() {
        let refused = delivery(br#"{"status":"FAIL","reason":6}"#);
        assert_eq!(refused, Err(ReplyError::Rejected(Reason::WRONG_API_KEY)));
    }

    #[test]
    fn what_is_in_doubt_is_no_report() {
        for body in [
            "",
            "null",
            "[null]",
            "[1]",
            "[[]]",
            "[{}]",
            r#"{"code":102}"#,
            r#"{"status":"OK"}"#,
            r#"{"status":1}"#,
            r#"[{"code":null}]"#,
            r#"[{"code":""}]"#,
            r#"[{"code":"0x0"}]"#,
            r#"[{"code":0.0}]"#,
            r#"[{"code":"00"}]"#,
            r#"[{"code":true}]"#,
            r#"[{"code":[0]}]"#,
            r#"[{"Code":0}]"#,
            r#"[{"code ":0}]"#,
            r#"[{"code":102,"code":1}]"#,
            r#"[{"code":102,"CODE":1}]"#,
            r#"[{"code":102},{"code":1}]"#,
            r#"[{"code":102,"status":"FAIL"}]"#,
            r#"[{"code":102,"reason":6}]"#,
            r#"[{"code":102}"#,
            r#"[{"code":102}] x"#,
            r#"[{"code":102}][]"#,
        ] {
            assert!(matches!(delivery(body.as_bytes()), Err(Malformed(_))), "{body}");
        }
        let large = format!("[{}]", " ".repeat(super::super::MAX_LEN));
        assert_eq!(delivery(large.as_bytes()), Err(Malformed("it is too large")));
    }
}
