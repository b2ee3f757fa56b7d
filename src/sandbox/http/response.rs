//! An HTTP answer, and how it is printed where HTTP itself is to be broken.
//!
//! Knows nothing of why it is given.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// What is answered when all goes well with the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) content_type: Option<&'static str>,
    pub(super) location: Option<&'static str>,
    pub(super) body: String,
}

impl Page {
    /// What the service prints, or ought to.
    pub(super) fn json(body: impl Into<String>) -> Page {
        Page { status: 200, content_type: Some(JSON), location: None, body: body.into() }
    }

    /// A page for people, as a gateway gives it.
    pub(super) fn html(status: u16) -> Page {
        let body = format!("<html><body><h1>{status}</h1></body></html>\n");
        Page { status, content_type: Some(HTML), location: None, body }
    }

    /// No body at all.
    pub(super) fn empty(status: u16) -> Page {
        Page { status, content_type: None, location: None, body: String::new() }
    }

    /// A request to ask again elsewhere.
    pub(super) fn redirect(status: u16, location: &'static str) -> Page {
        Page { location: Some(location), ..Page::html(status) }
    }

    pub(super) fn with_status(self, status: u16) -> Page {
        Page { status, ..self }
    }

    /// The answer as bytes, its Content-Length wrong by so much.
    pub(super) fn print(&self, wrong: i64) -> Vec<u8> {
        let length = self.body.len() as i64 + wrong;
        let mut text = format!("HTTP/1.1 {}\r\n", self.code());
        for (name, value) in [("Content-Type", self.content_type), ("Location", self.location)] {
            if let Some(value) = value {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        let length = length.max(0);
        text.push_str(&format!("Content-Length: {length}\r\nConnection: close\r\n\r\n"));
        text.push_str(&self.body);
        text.into_bytes()
    }

    fn code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.code(), self.body).into_response();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        for (name, value) in
            [(header::CONTENT_TYPE, self.content_type), (header::LOCATION, self.location)]
        {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_printed_with_a_length_as_wrong_as_is_wanted() {
        let page = Page::json("{}").with_status(503);
        let printed = |wrong| String::from_utf8(page.print(wrong)).unwrap();
        let expected = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
                        Content-Length: 2\r\nConnection: close\r\n\r\n{}";
        assert_eq!(printed(0), expected);
        assert_eq!(printed(5), expected.replace("Length: 2", "Length: 7"));
        assert_eq!(printed(-9), expected.replace("Length: 2", "Length: 0"));
    }
}
