//! What the service said: bytes of an answer -> one of the few things it can mean.
//!
//! Knows nothing of sockets or HTTP. Whatever leaves a doubt is a [`Failure`], never a success.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Reason;
use crate::phone::Phone;

use Failure::{Refused, Unclear};

/// The longest answer that is read, in bytes; the service's own have less than 200.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The status of a Check whose code is right, the only one that verifies.
pub(crate) const VERIFIED: i64 = 1;

/// An accepted Send. What the service may leave out is None.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) unique: String,
    pub(crate) timestamp: Option<i64>,
    pub(crate) sender: Option<String>,
}

/// Why an answer does not answer the question.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The service said FAIL, with this reason (0: none was given).
    Refused(Reason),
    /// Not the service's answer to this question; the text says why, without quoting it.
    Unclear(&'static str),
}

/// Reads the answer to a Send.
pub(crate) fn send(body: &[u8]) -> Result<Accepted, Failure> {
    let body = lenient(body);
    let fields = Fields::parse(&body)?;
    if fields.outcome()? != Outcome::Ok {
        return Err(Unclear("it has a Check's status"));
    }
    let unique = text(fields.unique).filter(|unique| !unique.is_empty());
    Ok(Accepted {
        unique: unique.ok_or(Unclear("it says OK without the message's id"))?.into_owned(),
        timestamp: integer(fields.timestamp),
        sender: text(fields.from).map(Cow::into_owned),
    })
}

/// Reads the answer to a Check about `asked`: the raw status.
pub(crate) fn check(body: &[u8], asked: &Phone) -> Result<i64, Failure> {
    let body = lenient(body);
    let fields = Fields::parse(&body)?;
    if fields.phone.is_some_and(|phone| !is_about(phone, asked)) {
        return Err(Unclear("it is about another phone number"));
    }
    match fields.outcome()? {
        Outcome::Number(status) => Ok(status),
        Outcome::Ok => Err(Unclear("it has a Send's status")),
    }
}

/// The documented fields of all answers, each as the JSON it came as. A field that stands twice
/// is an error; one that is not documented is passed over.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    reason: Option<&'a RawValue>,
    #[serde(borrow)]
    unique: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    from: Option<&'a RawValue>,
    #[serde(borrow)]
    phone: Option<&'a RawValue>,
}

/// What the status field says, if it is not FAIL.
#[derive(PartialEq, Eq)]
enum Outcome {
    Ok,
    Number(i64),
}

impl<'a> Fields<'a> {
    fn parse(body: &'a [u8]) -> Result<Fields<'a>, Failure> {
        if body.len() > LONGEST {
            return Err(Unclear("it is too large"));
        }
        // serde would also take an array for a struct.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Unclear("it is not a JSON object"));
        }
        let text = std::str::from_utf8(body).map_err(|_| Unclear("it is not UTF-8"))?;
        serde_json::from_str(text).map_err(|_| Unclear("it is not the service's JSON"))
    }

    fn outcome(&self) -> Result<Outcome, Failure> {
        let outcome = match (integer(self.status), text(self.status).as_deref()) {
            (Some(number), _) => Outcome::Number(number),
            (None, Some("OK")) => Outcome::Ok,
            (None, Some("FAIL")) => return Err(Refused(Reason(integer(self.reason).unwrap_or(0)))),
            (None, Some(_)) => return Err(Unclear("its status is none that is documented")),
            (None, None) => return Err(Unclear("it has no status")),
        };
        // Beside a status that is no failure a reason can only be 1, "no failure".
        match self.reason {
            Some(_) if integer(self.reason) != Some(Reason::NONE.0) => {
                Err(Unclear("it gives a reason to fail without failing"))
            }
            _ => Ok(outcome),
        }
    }
}

/// A whole number, or a string that holds one, written the one usual way.
fn integer(value: Option<&RawValue>) -> Option<i64> {
    let value = value?.get();
    let number = match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => value,
    };
    let is_usual = match number.strip_prefix('-').unwrap_or(number).as_bytes() {
        [b'0'] => number == "0",
        digits => matches!(digits, [b'1'..=b'9', ..]),
    };
    number.parse().ok().filter(|_| is_usual)
}

/// A string, or the digits of a whole number, without control characters.
fn text(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let value = value?.get();
    let text = match value.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
        Some(_) => Cow::Owned(serde_json::from_str(value).ok()?),
        None => value.bytes().all(|byte| byte.is_ascii_digit()).then_some(value)?.into(),
    };
    (!text.chars().any(char::is_control)).then_some(text)
}

/// Whether the phone field names the number asked about. As a JSON number it has lost its 0.
fn is_about(phone: &RawValue, asked: &Phone) -> bool {
    let Some(named) = text(Some(phone)) else { return false };
    let is_asked = |written: &str| Phone::parse(written).is_ok_and(|named| named == *asked);
    is_asked(&named) || (!phone.get().starts_with('"') && is_asked(&format!("0{named}")))
}

/// The answer as strict JSON: without a byte order mark, and without the comma that the service
/// prints after the last field.
fn lenient(body: &[u8]) -> Cow<'_, [u8]> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let is_last_comma = |at: usize| {
        body[at] == b',' && matches!(body[at + 1..].trim_ascii_start().first(), Some(b'}' | b']'))
    };
    if !(0..body.len()).any(is_last_comma) {
        return Cow::Borrowed(body);
    }
    let mut strict = body.to_vec();
    let (mut in_string, mut escaped) = (false, false);
    for at in 0..body.len() {
        match body[at] {
            b'"' if !escaped => in_string = !in_string,
            b',' if !in_string && is_last_comma(at) => strict[at] = b' ',
            _ => {}
        }
        escaped = in_string && !escaped && body[at] == b'\\';
    }
    Cow::Owned(strict)
}

#[cfg(any(test, fuzzing))]
pub(crate) mod oracle;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
