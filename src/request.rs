//! The fields of a request and the form-data body that carries them.
//!
//! Knows the wire's names and nothing of sockets.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use zeroize::Zeroizing;

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
    body: Zeroizing<Vec<u8>>,
    content_type: String,
}

impl Request {
    /// A Send. There is no message field when there is no message.
    pub(crate) fn send(key: &Secret, to: &Phone, sender: &str, message: Option<&str>) -> Request {
        let fields = [
            (field::API_KEY, key.reveal()),
            (field::FROM, sender),
            (field::TO, to.as_str()),
            (field::MESSAGE, message.unwrap_or_default()),
        ];
        Request::new(if message.is_some() { &fields } else { &fields[..3] })
    }

    /// A Check.
    pub(crate) fn check(key: &Secret, to: &Phone, code: &Secret) -> Request {
        Request::new(&[
            (field::API_KEY, key.reveal()),
            (field::TO, to.as_str()),
            (field::CODE, code.reveal()),
        ])
    }

    fn new(fields: &[(&str, &str)]) -> Request {
        let boundary = boundary(fields);
        let part = |name: &str, value: &str| boundary.len() + name.len() + value.len() + PART;
        let size = fields.iter().map(|(name, value)| part(name, value)).sum::<usize>();
        // The exact size, so that growing leaves no copy of the key behind.
        let mut body = Zeroizing::new(Vec::with_capacity(size + boundary.len() + CLOSE));
        for (name, value) in fields {
            for piece in ["--", &boundary, "\r\n", DISPOSITION, name, "\"\r\n\r\n", value, "\r\n"] {
                body.extend_from_slice(piece.as_bytes());
            }
        }
        for piece in ["--", &boundary, "--\r\n"] {
            body.extend_from_slice(piece.as_bytes());
        }
        Request { body, content_type: format!("multipart/form-data; boundary={boundary}") }
    }

    /// The bytes of the body.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The value of the Content-Type header, which names the boundary.
    pub(crate) fn content_type(&self) -> &str {
        &self.content_type
    }
}

const DISPOSITION: &str = "Content-Disposition: form-data; name=\"";
/// What a part has around its boundary, name and value.
const PART: usize = "--\r\n".len() + DISPOSITION.len() + "\"\r\n\r\n\r\n".len();
/// What the end has around its boundary.
const CLOSE: usize = "----\r\n".len();

/// A boundary that stands in no value (RFC 2046, section 5.1.1): random, and looked for.
fn boundary(fields: &[(&str, &str)]) -> String {
    loop {
        let random = RandomState::new();
        let boundary = format!("{:016x}{:016x}", random.hash_one(0u8), random.hash_one(1u8));
        if !fields.iter().any(|(_, value)| value.contains(&boundary)) {
            return boundary;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixtures() -> (Secret, Phone, Secret) {
        (Secret::new("the-key"), Phone::parse("0501234567").unwrap(), Secret::new("123456"))
    }

    /// The request with its boundary written as `B`.
    fn readable(request: &Request) -> (String, String) {
        let boundary = request.content_type().split_once("boundary=").unwrap().1;
        let body = std::str::from_utf8(request.body()).unwrap();
        (request.content_type().replace(boundary, "B"), body.replace(boundary, "B"))
    }

    #[test]
    fn a_check_is_three_fields() {
        let (key, to, code) = fixtures();
        let (content_type, body) = readable(&Request::check(&key, &to, &code));
        assert_eq!(content_type, "multipart/form-data; boundary=B");
        assert_eq!(
            body,
            "--B\r\nContent-Disposition: form-data; name=\"apiKey\"\r\n\r\nthe-key\r\n\
             --B\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n0501234567\r\n\
             --B\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n123456\r\n\
             --B--\r\n"
        );
    }

    #[test]
    fn a_send_has_a_message_field_only_when_there_is_a_message() {
        let (key, to, _) = fixtures();
        let names = |request: &Request| -> Vec<String> {
            let (_, body) = readable(request);
            body.split("name=\"")
                .skip(1)
                .map(|part| part[..part.find('"').unwrap()].into())
                .collect()
        };
        let plain = Request::send(&key, &to, "Acme", None);
        assert_eq!(names(&plain), ["apiKey", "from", "to"]);
        let own = Request::send(&key, &to, "Acme", Some("##code##"));
        assert_eq!(names(&own), ["apiKey", "from", "to", "message"]);
    }

    #[test]
    fn the_body_is_allocated_once() {
        let (key, to, _) = fixtures();
        let request = Request::send(&key, &to, "Acme", Some("קוד: ##code##"));
        assert_eq!(request.body.len(), request.body.capacity());
    }

    #[test]
    fn every_request_has_a_boundary_of_its_own() {
        let (key, to, code) = fixtures();
        let request = || Request::check(&key, &to, &code).content_type;
        assert_ne!(request(), request());
    }
}
