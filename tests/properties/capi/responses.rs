//! Responses of the server, each with the code that a call must end in.

use std::ffi::c_int;

use super::super::{Choices, Response};
use crate::capi::*;

/// A response, and the code that a Send and a Check end in after it, if that is known.
pub(super) struct CannedResponse {
    pub(super) response: Response,
    pub(super) send: Option<c_int>,
    pub(super) check: Option<c_int>,
}

const BODIES: [(u16, &str, c_int, c_int); 8] = [
    (200, "{\"status\": 1,\n}", VERIFYSMS_BAD_REPLY, VERIFYSMS_OK),
    (
        200,
        "{\"status\":\"OK\",\"unique\":\"63433453\",\"timestamp\":1600115719,\"from\":\"Acme\",\"reason\":1}",
        VERIFYSMS_OK,
        VERIFYSMS_BAD_REPLY,
    ),
    (200, "{\"status\":2}", VERIFYSMS_BAD_REPLY, VERIFYSMS_NOT_VERIFIED),
    (200, "{\"status\":-9223372036854775808}", VERIFYSMS_BAD_REPLY, VERIFYSMS_NOT_VERIFIED),
    (200, "{\"status\":\"FAIL\",\"reason\":6}", VERIFYSMS_REJECTED, VERIFYSMS_REJECTED),
    (401, "{\"status\":\"FAIL\",\"reason\":123456789012}", VERIFYSMS_REJECTED, VERIFYSMS_REJECTED),
    (500, "<html>", VERIFYSMS_HTTP_STATUS, VERIFYSMS_HTTP_STATUS),
    (200, "{\"status\":1,\"phone\":\"0521111112\"}", VERIFYSMS_BAD_REPLY, VERIFYSMS_BAD_REPLY),
];

impl CannedResponse {
    pub(super) fn choose(choices: &mut Choices<'_>) -> CannedResponse {
        let index = choices.index(BODIES.len() + 5);
        if let Some(&(status, body, send, check)) = BODIES.get(index) {
            let response = Response::KeepOpen(http(status, body.as_bytes(), body.len()));
            return CannedResponse { response, send: Some(send), check: Some(check) };
        }
        let both =
            |response, code| CannedResponse { response, send: Some(code), check: Some(code) };
        match index - BODIES.len() {
            0 => both(Response::Close(http(200, b"{\"status\":1", 100)), VERIFYSMS_CONNECTION_LOST),
            1 => both(Response::Close(b"gibberish\r\n\r\n".into()), VERIFYSMS_BAD_REPLY),
            2 => both(Response::Close(Vec::new()), VERIFYSMS_CONNECTION_LOST),
            3 => {
                let body = choices.bytes();
                let response = Response::KeepOpen(http(200, body, body.len()));
                CannedResponse { response, send: None, check: None }
            }
            _ => both(Response::None, VERIFYSMS_TIMEOUT),
        }
    }
}

/// An HTTP response whose Content-Length is `length`.
fn http(status: u16, body: &[u8], length: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}
