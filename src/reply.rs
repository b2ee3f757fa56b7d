//! The replies of the service: the body of a response -> what it means.
//!
//! Knows nothing of sockets or HTTP. An ambiguous reply is a [`ReplyError`], never a success.

mod delivery;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;

use crate::error::Reason;
use crate::input_chars;
use crate::phone::Phone;

use ReplyError::{Malformed, Rejected};
pub(crate) use delivery::{Report, delivery};

/// The longest reply, in bytes. The service's own have less than 200.
pub(crate) const MAX_LEN: usize = 64 * 1024;

/// The status of a Check with the right code, the only one that verifies a number.
pub(crate) const VERIFIED: i64 = 1;

/// The reply to an accepted Send. A field that the service left out is None.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) unique: String,
    pub(crate) timestamp: Option<i64>,
    pub(crate) sender: Option<String>,
}

/// The reply to a Check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) status: i64,
    /// Whether the reply names the number of the request. If it names none, it may be about any number.
    pub(crate) names_phone: bool,
}

/// Why a reply is not the expected one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReplyError {
    /// The service said FAIL, with this reason. Without the number of one, FAIL is malformed.
    Rejected(Reason),
    /// Not a valid reply to this request. The text says why, without quoting the reply.
    Malformed(&'static str),
}

/// Parses the reply to a Send. Invalid bytes in a field that decides nothing do not undo an accepted message:
/// the service may echo the sender in another encoding than UTF-8.
pub(crate) fn send(body: &[u8]) -> Result<Accepted, ReplyError> {
    let body = lenient(body)?;
    let body = replace_invalid(&body);
    let fields = Fields::parse(&body)?;
    if fields.status()? != Status::Ok {
        return Err(Malformed("its status is a number, as in the answer to a Check"));
    }
    let Some(unique) = fields.unique else {
        return Err(Malformed("it says OK without unique, the message's id"));
    };
    let unique = text(Some(unique)).filter(|unique| !unique.is_empty());
    Ok(Accepted {
        unique: unique
            .ok_or(Malformed("it says OK, but its unique, the message's id, cannot be read"))?
            .into_owned(),
        timestamp: integer(fields.timestamp),
        sender: text(fields.from).map(Cow::into_owned),
    })
}

/// Parses the reply to a Check of `asked`.
pub(crate) fn check(body: &[u8], asked: &Phone) -> Result<Checked, ReplyError> {
    let body = lenient(body)?;
    let body = std::str::from_utf8(&body).map_err(|_| Malformed("it is not UTF-8"))?;
    let fields = Fields::parse(body)?;
    if fields.phone.is_some_and(|phone| !is_about(phone, asked)) {
        return Err(Malformed("its phone is not the number that was asked about"));
    }
    match fields.status()? {
        Status::Number(_) if fields.unique.is_some() => {
            Err(Malformed("it has a message's id, as the answer to a Send"))
        }
        Status::Number(status) => Ok(Checked { status, names_phone: fields.phone.is_some() }),
        Status::Ok => Err(Malformed("its status is OK, as in the answer to a Send")),
    }
}

/// The documented fields of all replies, as raw JSON. None for null.
#[derive(Default)]
struct Fields<'a> {
    status: Option<&'a RawValue>,
    reason: Option<&'a RawValue>,
    unique: Option<&'a RawValue>,
    timestamp: Option<&'a RawValue>,
    from: Option<&'a RawValue>,
    phone: Option<&'a RawValue>,
    /// Why the names of the fields are ambiguous.
    ambiguity: Option<&'static str>,
}

/// The names of the documented fields. The first four decide what a reply means.
const NAMES: [&str; 6] = ["status", "reason", "unique", "phone", "timestamp", "from"];
const DECIDING: &[&str] = NAMES.split_at(4).0;

/// The status field, if it is not FAIL.
#[derive(PartialEq, Eq)]
enum Status {
    Ok,
    Number(i64),
}

impl<'a> Fields<'a> {
    fn parse(body: &'a str) -> Result<Fields<'a>, ReplyError> {
        match body.trim_ascii_start().bytes().next() {
            None => return Err(Malformed("it is empty")),
            Some(b'{') => {}
            Some(_) => return Err(Malformed("it is not a JSON object")),
        }
        let fields: Fields<'a> =
            serde_json::from_str(body).map_err(|_| Malformed("it is not well-formed JSON"))?;
        fields.ambiguity.map_or(Ok(fields), |why| Err(Malformed(why)))
    }

    fn status(&self) -> Result<Status, ReplyError> {
        let Some(status) = self.status else { return Err(Malformed("it has no status")) };
        let status = match (integer(Some(status)), text(Some(status)).as_deref()) {
            (Some(number), _) => Status::Number(number),
            (None, Some("OK")) => Status::Ok,
            // A FAIL with reason 1, "no failure", contradicts itself.
            (None, Some("FAIL")) if self.reason.is_some_and(may_be_none) => {
                return Err(Malformed("it says FAIL with the reason for no failure"));
            }
            // Without a reason of the service it may be from a gateway, which cannot know whether the service
            // acted.
            (None, Some("FAIL")) => {
                return Err(match integer(self.reason) {
                    Some(reason) => Rejected(Reason(reason)),
                    None => Malformed("it says FAIL without the number of a reason"),
                });
            }
            _ => return Err(Malformed("its status is in no form that the service documents")),
        };
        // With any other status the reason can only be 1, "no failure".
        match self.reason {
            Some(_) if integer(self.reason) != Some(Reason::NONE.0) => {
                Err(Malformed("its status is no failure, and its reason is not 1"))
            }
            _ => Ok(status),
        }
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadFields)
    }
}

struct ReadFields;

impl<'de> Visitor<'de> for ReadFields {
    type Value = Fields<'de>;

    // uncovered: the text of an error for what is no object, and nothing else is parsed.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields::default();
        let mut seen = [false; NAMES.len()];
        while let Some(name) = map.next_key()? {
            let at = match name {
                Name::Field(at) => at,
                other => {
                    map.next_value::<IgnoredAny>()?;
                    if let Name::Ambiguous = other {
                        fields.ambiguity =
                            Some("it has a field whose name is nearly a documented one");
                    }
                    continue;
                }
            };
            if std::mem::replace(&mut seen[at], true) {
                fields.ambiguity = Some("it has a field twice");
            }
            let field = match at {
                0 => &mut fields.status,
                1 => &mut fields.reason,
                2 => &mut fields.unique,
                3 => &mut fields.phone,
                4 => &mut fields.timestamp,
                _ => &mut fields.from,
            };
            *field = map.next_value()?;
        }
        Ok(fields)
    }
}

/// The name of a field: one of [`NAMES`], one that may be meant as a deciding one, or any other.
enum Name {
    Field(usize),
    Ambiguous,
    Other,
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ReadName)
    }
}

struct ReadName;

impl Visitor<'_> for ReadName {
    type Value = Name;

    // uncovered: the text of an error for a name that is no string, which JSON does not have.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
        if let Some(at) = NAMES.iter().position(|known| *known == name) {
            return Ok(Name::Field(at));
        }
        let is_ambiguous = resembles(name, DECIDING) || name.contains(INVALID);
        Ok(if is_ambiguous { Name::Ambiguous } else { Name::Other })
    }
}

/// Whether a field's name is one of these, or nearly.
fn resembles(name: &str, known: &[&str]) -> bool {
    let is_ignored =
        |c: &char| c.is_whitespace() || c.is_control() || input_chars::is_invisible(*c);
    let normalized = || name.chars().filter(|c| !is_ignored(c)).map(|c| c.to_ascii_lowercase());
    known.iter().any(|known| normalized().eq(known.chars()))
}

/// An integer, or a string with one, in its canonical form.
fn integer(value: Option<&RawValue>) -> Option<i64> {
    let value = value?.get();
    let number = match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => value,
    };
    let is_canonical = match number.strip_prefix('-').unwrap_or(number).as_bytes() {
        [b'0'] => number == "0",
        digits => matches!(digits, [b'1'..=b'9', ..]),
    };
    number.parse().ok().filter(|_| is_canonical)
}

/// Whether this is 1, "no failure", in any form: `1.0`, `"01"`, `" 1"`.
fn may_be_none(reason: &RawValue) -> bool {
    let written = text(Some(reason)).unwrap_or(Cow::Borrowed(reason.get()));
    written.trim().parse() == Ok(1.0)
}

/// A string, or the digits of an integer, without control characters.
fn text(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let value = value?.get();
    let text = match value.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')) {
        // mutants: the arm below returns the same text; this one only saves the parser.
        Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
        Some(_) => Cow::Owned(serde_json::from_str(value).ok()?),
        None => value.bytes().all(|byte| byte.is_ascii_digit()).then_some(value)?.into(),
    };
    (!text.chars().any(|c| c.is_control() || c == INVALID)).then_some(text)
}

/// Whether the phone field names the number of the request. A JSON number has no leading 0.
fn is_about(phone: &RawValue, asked: &Phone) -> bool {
    let Some(named) = text(Some(phone)) else { return false };
    let is_asked = |written: &str| Phone::read(written).is_ok_and(|named| named == *asked);
    is_asked(&named) || (!phone.get().starts_with('"') && is_asked(&format!("0{named}")))
}

/// The reply as strict JSON: without a byte order mark, and without the comma that the service prints after
/// the last field.
fn lenient(body: &[u8]) -> Result<Cow<'_, [u8]>, ReplyError> {
    if body.len() > MAX_LEN {
        return Err(Malformed("it is too large"));
    }
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let is_last_comma = |at: usize| {
        body[at] == b',' && matches!(body[at + 1..].trim_ascii_start().first(), Some(b'}' | b']'))
    };
    if !(0..body.len()).any(is_last_comma) {
        return Ok(Cow::Borrowed(body));
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
    Ok(Cow::Owned(strict))
}

/// U+FFFD, in place of invalid text. A text with it decides nothing.
const INVALID: char = char::REPLACEMENT_CHARACTER;

/// `body` with [`INVALID`] in place of what JSON does not allow in a string: bytes that are not UTF-8,
/// control characters, backslashes that begin no escape. Does not change where a string ends.
fn replace_invalid(body: &[u8]) -> Cow<'_, str> {
    // Nearly all replies.
    let is_valid = body.iter().fold(true, |valid, &byte| valid & (byte >= b' ') & (byte != b'\\'));
    if let (true, Ok(body)) = (is_valid, std::str::from_utf8(body)) {
        return Cow::Borrowed(body);
    }
    let body = String::from_utf8_lossy(body);
    let mut replaced = String::with_capacity(body.len());
    let (mut rest, mut in_string) = (body.chars(), false);
    while let Some(c) = rest.next() {
        in_string ^= c == '"';
        let is_valid = !in_string || c >= ' ' && (c != '\\' || begins_escape(rest.as_str()));
        replaced.push(if is_valid { c } else { INVALID });
        if in_string && is_valid && c == '\\' {
            replaced.extend(rest.next());
        }
    }
    Cow::Owned(replaced)
}

/// Whether a backslash before `rest` begins an escape (RFC 8259, section 7).
fn begins_escape(rest: &str) -> bool {
    match rest.as_bytes() {
        [b'u', digits @ ..] => digits.len() >= 4 && digits[..4].iter().all(u8::is_ascii_hexdigit),
        [c, ..] => b"\"\\/bfnrt".contains(c),
        [] => false,
    }
}

#[cfg(any(test, verifysms_fuzz))]
pub(crate) mod oracle;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
