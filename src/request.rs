//! The fields of a request, and the form-data body with them.
//!
//! Knows the field names of the service, and nothing of sockets.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use crate::error::Error;
use crate::memory;
use crate::phone::Phone;
use crate::secret::Secret;

/// The URL of the service, the same for Send and Check.
pub const URL: &str = "https://api.99digital.co.il/sms/verifySMS";
/// The last part of that URL, and what takes its place in the URL of Delivery Status.
pub(crate) const VERIFY_PATH: &str = "verifySMS";
pub(crate) const DELIVERY_PATH: &str = "deliveryStatus";

/// The field names of the service.
pub(crate) mod field {
    /// The account's key.
    pub(crate) const API_KEY: &str = "apiKey";
    /// The sender ID.
    pub(crate) const FROM: &str = "from";
    /// The phone number.
    pub(crate) const TO: &str = "to";
    /// The message template.
    pub(crate) const MESSAGE: &str = "message";
    /// The code that the person typed. A request with it is a Check.
    pub(crate) const CODE: &str = "code";
    /// The id of a message, for Delivery Status.
    pub(crate) const UNIQUE: &str = "unique";
}

/// The fields of one request as `multipart/form-data`. Wiped when dropped, because it contains the key.
pub(crate) struct Form {
    body: Vec<u8>,
    boundary: Boundary,
}

impl Drop for Form {
    fn drop(&mut self) {
        memory::wipe(&mut self.body);
    }
}

impl Form {
    /// A Send. Without a message there is no message field.
    pub(crate) fn send(
        boundary: &Boundary,
        key: &Secret,
        to: &Phone,
        sender: &str,
        message: Option<&str>,
    ) -> Result<Form, Error> {
        let fields = [
            (field::API_KEY, key.reveal()),
            (field::FROM, sender),
            (field::TO, to.as_str()),
            (field::MESSAGE, message.unwrap_or_default()),
        ];
        Form::new(boundary, if message.is_some() { &fields } else { &fields[..3] })
    }

    /// A Check.
    pub(crate) fn check(
        boundary: &Boundary,
        key: &Secret,
        to: &Phone,
        code: &Secret,
    ) -> Result<Form, Error> {
        let fields = [
            (field::API_KEY, key.reveal()),
            (field::TO, to.as_str()),
            (field::CODE, code.reveal()),
        ];
        Form::new(boundary, &fields)
    }

    /// A question to Delivery Status.
    pub(crate) fn delivery(boundary: &Boundary, key: &Secret, unique: &str) -> Result<Form, Error> {
        Form::new(boundary, &[(field::API_KEY, key.reveal()), (field::UNIQUE, unique)])
    }

    /// An error if there is no memory for the body.
    fn new(boundary: &Boundary, fields: &[(&str, &str)]) -> Result<Form, Error> {
        let boundary = boundary.not_in(fields);
        let delimiter = &*boundary.text;
        let part = |name: &str, value: &str| delimiter.len() + name.len() + value.len() + PART;
        let size = fields.iter().map(|(name, value)| part(name, value)).sum::<usize>();
        // The exact size, so that the vector does not grow, which would leave a copy of the key.
        let mut body = memory::vec_with_capacity(size + delimiter.len() + CLOSE)?;
        for (name, value) in fields {
            for piece in ["--", delimiter, "\r\n", DISPOSITION, name, "\"\r\n\r\n", value, "\r\n"] {
                body.extend_from_slice(piece.as_bytes());
            }
        }
        for piece in ["--", delimiter, "--\r\n"] {
            body.extend_from_slice(piece.as_bytes());
        }
        Ok(Form { body, boundary })
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
/// The length of a part without its boundary, name and value.
const PART: usize = "--\r\n".len() + DISPOSITION.len() + "\"\r\n\r\n\r\n".len();
/// The length of the last line without its boundary.
const CLOSE: usize = "----\r\n".len();

/// The boundary between the fields of a form. No value contains it (RFC 2046, section 5.1.1).
///
/// All requests of a client use the same random one, unless a value contains it.
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
    fn not_in(&self, fields: &[(&str, &str)]) -> Boundary {
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

    fn check(boundary: &Boundary) -> Form {
        let to = Phone::parse("0501234567").unwrap();
        Form::check(boundary, &secret("the-key"), &to, &secret("123456")).unwrap()
    }

    fn send(boundary: &Boundary, message: Option<&str>) -> Form {
        let to = Phone::parse("0501234567").unwrap();
        Form::send(boundary, &secret("the-key"), &to, "Acme", message).unwrap()
    }

    /// The body with its boundary written as `B`.
    fn readable(request: &Form) -> String {
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
