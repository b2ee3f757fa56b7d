//! The fields of a request and the form-data body that carries them.
//!
//! Knows the wire's names and nothing of sockets.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use crate::error::Error;
use crate::memory;
use crate::phone::Phone;
use crate::secret::Secret;

/// The service's address, the same for Send and Check.
pub const URL: &str = "https://api.99digital.co.il/sms/verifySMS";

/// The wire's field names.
pub(crate) mod field {
    /// The account's key.
    pub(crate) const API_KEY: &str = "apiKey";
    /// The sender ID.
    pub(crate) const FROM: &str = "from";
    /// The phone number.
    pub(crate) const TO: &str = "to";
    /// The message template.
    pub(crate) const MESSAGE: &str = "message";
    /// What the person typed; a request that has it is a Check.
    pub(crate) const CODE: &str = "code";
}

/// One request: its fields as `multipart/form-data`. Holds the key, so it is wiped when dropped.
pub(crate) struct Request {
    body: Vec<u8>,
    boundary: Boundary,
}

impl Drop for Request {
    fn drop(&mut self) {
        memory::wipe(&mut self.body);
    }
}

impl Request {
    /// A Send. There is no message field when there is no message.
    pub(crate) fn send(
        boundary: &Boundary,
        key: &Secret,
        to: &Phone,
        sender: &str,
        message: Option<&str>,
    ) -> Result<Request, Error> {
        let fields = [
            (field::API_KEY, key.reveal()),
            (field::FROM, sender),
            (field::TO, to.as_str()),
            (field::MESSAGE, message.unwrap_or_default()),
        ];
        Request::new(boundary, if message.is_some() { &fields } else { &fields[..3] })
    }

    /// A Check.
    pub(crate) fn check(
        boundary: &Boundary,
        key: &Secret,
        to: &Phone,
        code: &Secret,
    ) -> Result<Request, Error> {
        let fields = [
            (field::API_KEY, key.reveal()),
            (field::TO, to.as_str()),
            (field::CODE, code.reveal()),
        ];
        Request::new(boundary, &fields)
    }

    /// The error is that there is no memory for a request so long.
    fn new(boundary: &Boundary, fields: &[(&str, &str)]) -> Result<Request, Error> {
        let boundary = boundary.outside(fields);
        let between = &*boundary.text;
        let part = |name: &str, value: &str| between.len() + name.len() + value.len() + PART;
        let size = fields.iter().map(|(name, value)| part(name, value)).sum::<usize>();
        // The exact size, so that growing leaves no copy of the key behind.
        let mut body = memory::room(size + between.len() + CLOSE)?;
        for (name, value) in fields {
            for piece in ["--", between, "\r\n", DISPOSITION, name, "\"\r\n\r\n", value, "\r\n"] {
                body.extend_from_slice(piece.as_bytes());
            }
        }
        for piece in ["--", between, "--\r\n"] {
            body.extend_from_slice(piece.as_bytes());
        }
        Ok(Request { body, boundary })
    }

    /// The bytes of the body.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The value of the Content-Type header, which names the boundary.
    pub(crate) fn content_type(&self) -> &str {
        &self.boundary.content_type
    }
}

const DISPOSITION: &str = "Content-Disposition: form-data; name=\"";
/// What a part has around its boundary, name and value.
const PART: usize = "--\r\n".len() + DISPOSITION.len() + "\"\r\n\r\n\r\n".len();
/// What the end has around its boundary.
const CLOSE: usize = "----\r\n".len();

/// What stands between the fields of a form, and in none of them (RFC 2046, section 5.1.1).
///
/// A random one serves all requests of a client; a value that has it in itself gets another.
#[derive(Clone)]
pub(crate) struct Boundary {
    text: Arc<str>,
    content_type: Arc<str>,
}

impl Boundary {
    pub(crate) fn random() -> Boundary {
        let random = RandomState::new();
        let [a, b] = [random.hash_one(0u8), random.hash_one(1u8)];
        let text = format!("{a:016x}{b:016x}");
        let content_type = format!("multipart/form-data; boundary={text}").into();
        Boundary { text: text.into(), content_type }
    }

    /// This boundary, or another if a value contains it.
    fn outside(&self, fields: &[(&str, &str)]) -> Boundary {
        let mut boundary = self.clone();
        while fields.iter().any(|(_, value)| value.contains(&*boundary.text)) {
            boundary = Boundary::random();
        }
        boundary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    fn check(boundary: &Boundary) -> Request {
        let to = Phone::parse("0501234567").unwrap();
        Request::check(boundary, &secret("the-key"), &to, &secret("123456")).unwrap()
    }

    fn send(boundary: &Boundary, message: Option<&str>) -> Request {
        let to = Phone::parse("0501234567").unwrap();
        Request::send(boundary, &secret("the-key"), &to, "Acme", message).unwrap()
    }

    /// The body with its boundary written as `B`.
    fn readable(request: &Request) -> String {
        String::from_utf8(request.body().to_vec()).unwrap().replace(&*request.boundary.text, "B")
    }

    #[test]
    fn a_check_is_three_fields() {
        let boundary = Boundary::random();
        let request = check(&boundary);
        assert_eq!(
            request.content_type(),
            format!("multipart/form-data; boundary={}", boundary.text)
        );
        assert_eq!(
            readable(&request),
            "--B\r\nContent-Disposition: form-data; name=\"apiKey\"\r\n\r\nthe-key\r\n\
             --B\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n0501234567\r\n\
             --B\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n123456\r\n\
             --B--\r\n"
        );
    }

    #[test]
    fn a_send_has_a_message_field_only_when_there_is_a_message() {
        let names = |message| -> Vec<String> {
            let body = readable(&send(&Boundary::random(), message));
            body.split("name=\"")
                .skip(1)
                .map(|part| part[..part.find('"').unwrap()].into())
                .collect()
        };
        assert_eq!(names(None), ["apiKey", "from", "to"]);
        assert_eq!(names(Some("##code##")), ["apiKey", "from", "to", "message"]);
    }

    #[test]
    fn the_body_is_allocated_once() {
        let request = send(&Boundary::random(), Some("קוד: ##code##"));
        assert_eq!(request.body.len(), request.body.capacity());
    }

    #[test]
    fn a_value_that_has_the_boundary_in_it_gets_another() {
        let boundary = Boundary::random();
        assert_eq!(check(&boundary).boundary.text, boundary.text);
        let message = format!("##code##\r\n--{}--\r\n", boundary.text);
        let request = send(&boundary, Some(&message));
        assert_ne!(request.boundary.text, boundary.text);
        assert!(readable(&request).contains(&message));
    }

    #[test]
    fn every_client_has_a_boundary_of_its_own() {
        assert_ne!(Boundary::random().text, Boundary::random().text);
    }
}
