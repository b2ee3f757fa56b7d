//! HTTP responses, as axum sends them and as bytes with a wrong Content-Length.
//!
//! Knows nothing of why a response is given.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::raw_response::RawResponse;
use crate::sandbox::service::answer::ServiceAnswer;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// What the server does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerResponse {
    Http(HttpResponse),
    /// After this time.
    Delayed(HttpResponse, Duration),
    /// Breaks HTTP.
    Raw(RawResponse),
}

/// A valid HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) location: Option<&'static str>,
    pub(crate) body: String,
}

impl HttpResponse {
    /// The service's answer.
    pub(crate) fn answer(answer: &ServiceAnswer) -> HttpResponse {
        HttpResponse::json(answer.to_json())
    }

    pub(crate) fn json(body: impl Into<String>) -> HttpResponse {
        HttpResponse { status: 200, content_type: Some(JSON), location: None, body: body.into() }
    }

    /// A page for people, as a gateway sends it.
    pub(crate) fn html(status: u16) -> HttpResponse {
        let body = format!("<html><body><h1>{status}</h1></body></html>\n");
        HttpResponse { status, content_type: Some(HTML), location: None, body }
    }

    /// A response without a body.
    pub(crate) fn empty(status: u16) -> HttpResponse {
        HttpResponse { status, content_type: None, location: None, body: String::new() }
    }

    pub(crate) fn redirect(status: u16, location: &'static str) -> HttpResponse {
        HttpResponse { location: Some(location), ..HttpResponse::html(status) }
    }

    pub(crate) fn with_status(self, status: u16) -> HttpResponse {
        HttpResponse { status, ..self }
    }

    /// The response as bytes. Its Content-Length is `wrong` too large or, if negative, too small.
    pub(crate) fn to_bytes(&self, wrong: i64) -> Vec<u8> {
        let length = (self.body.len() as i64 + wrong).max(0);
        let mut text = format!("HTTP/1.1 {}\r\n", self.status_code());
        for (name, value) in self.headers() {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {length}\r\nConnection: close\r\n\r\n"));
        text.push_str(&self.body);
        text.into_bytes()
    }

    fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [("Content-Type", self.content_type), ("Location", self.location)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }

    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for HttpResponse {
    fn into_response(self) -> Response {
        let response = Response::builder().status(self.status_code());
        let response = self.headers().fold(response, |all, (name, value)| all.header(name, value));
        response.body(self.body.into()).expect("names and values of headers are valid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_length_is_as_wrong_as_asked_for() {
        let response = HttpResponse::json("{}").with_status(503);
        let printed = |wrong| String::from_utf8(response.to_bytes(wrong)).unwrap();
        let expected = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
                        Content-Length: 2\r\nConnection: close\r\n\r\n{}";
        assert_eq!(printed(0), expected);
        assert_eq!(printed(5), expected.replace("Length: 2", "Length: 7"));
        assert_eq!(printed(-9), expected.replace("Length: 2", "Length: 0"));
    }
}
