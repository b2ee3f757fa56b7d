//! Any bytes as the response to a Check. They verify a number only if they are one complete HTTP response
//! that says so, and only for the Check that they answer.

use std::time::Duration;

use super::{CODE, KEY, Responder, Response, TO};
use crate::client::{Check, Client};
use crate::error::{Code, Error, Reached};
use crate::reply::{MAX_LEN, oracle};

/// A response that is shorter than its Content-Length makes the call wait until this timeout.
const TIMEOUT: Duration = Duration::from_millis(200);

/// The response to the second Check.
const NOT_VERIFIED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"status\":0}";

/// Sends `data` as the response to a Check.
pub fn answer(data: &[u8]) {
    let responder = Responder::get();
    let session = responder.begin();
    let client = Client::builder(KEY)
        .url(&format!("http://{}/{}", responder.address(), session.tag))
        .timeout(TIMEOUT)
        .build()
        .expect("valid settings");
    let by_hand = by_hand(data);
    // A response without a length ends with its connection.
    let has_length = by_hand.as_ref().is_some_and(|answer| answer.has_length);
    session.respond(match has_length {
        true => Response::KeepOpen(data.into()),
        false => Response::Close(data.into()),
    });
    let result = client.check(TO, CODE);
    // On a busy machine the timeout may pass before there is a connection.
    let was_sent = |result: &Result<Check, Error>| {
        result.as_ref().err().map(Error::reached) != Some(Reached::No)
    };
    let mut sent = usize::from(was_sent(&result));
    assert_eq!(session.requests(sent).len(), sent, "a request is sent once");
    let is_verified = result.as_ref().is_ok_and(|check| check.is_verified());
    if let Ok(check) = &result {
        let whole = by_hand.as_ref().expect("an incomplete response was accepted");
        assert_eq!(whole.status, 200);
        assert_eq!(check.http_status(), whole.status);
        assert_eq!(check.to(), TO);
        assert!(whole.body.len() <= MAX_LEN);
    }
    assert!(!is_verified || by_hand.is_some_and(|whole| oracle::may_verify(&whole.body, &TO[1..])));
    if let Err(error) = &result {
        check_error(error);
        // The server keeps the connection open.
        assert!(!has_length || error.code() != Code::ConnectionLost, "{error}");
    }
    if has_length && sent > 0 {
        session.respond(Response::KeepOpen(NOT_VERIFIED.into()));
        let second = client.check(TO, CODE);
        sent += usize::from(was_sent(&second));
        assert_eq!(session.requests(sent).len(), sent, "a request is sent once");
        assert!(
            !second.is_ok_and(|check| check.is_verified()),
            "the first response was used twice"
        );
    }
    drop(client);
}

/// The request was sent, unless there was no time for it.
fn check_error(error: &Error) {
    match error.code() {
        Code::Rejected => assert_eq!(error.reached(), Reached::Yes),
        Code::Timeout => assert_ne!(error.reached(), Reached::Yes),
        Code::ConnectionLost | Code::HttpStatus | Code::BadReply => {
            assert_eq!(error.reached(), Reached::Unknown);
        }
        other => panic!("{other}"),
    }
    assert_eq!(error.code() == Code::Rejected, error.reason().is_some());
    let is_about_http = matches!(error.code(), Code::Rejected | Code::HttpStatus);
    assert!(!is_about_http || error.http_status() >= 100);
    assert_eq!(error.to(), Some(TO));
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(KEY) && !shown.contains(CODE) && !shown.contains(&TO[1..]), "{shown}");
}

/// A complete and unambiguous HTTP response with nothing after it, as a plain reference parser reads it.
struct ReferenceResponse {
    status: u16,
    body: Vec<u8>,
    has_length: bool,
}

fn by_hand(bytes: &[u8]) -> Option<ReferenceResponse> {
    let mut rest = bytes;
    loop {
        let (head, after) = head(rest)?;
        rest = after;
        let mut words = head.first()?.split_whitespace();
        let version = words.next().filter(|version| version.starts_with("HTTP/1."))?;
        let status: u16 = words.next()?.parse().ok()?;
        if (100..200).contains(&status) && status != 101 {
            continue;
        }
        let values = |wanted: &str| -> Vec<String> {
            let fields = head[1..].iter().filter_map(|line| line.split_once(':'));
            let named = fields.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            named.map(|(_, value)| value.trim().to_ascii_lowercase()).collect()
        };
        let is_other =
            ["content-encoding", "content-range"].iter().any(|name| !values(name).is_empty());
        let (codings, lengths) = (values("transfer-encoding"), values("content-length"));
        let (body, behind, has_length) = match (&*codings, &*lengths) {
            _ if status == 204 || status == 304 => (Vec::new(), rest, true),
            _ if is_other => return None,
            ([coding], []) if coding == "chunked" && version == "HTTP/1.1" => {
                let (body, behind) = dechunked(rest)?;
                (body, behind, true)
            }
            ([], [length]) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                let (body, behind) = rest.split_at_checked(length.parse().ok()?)?;
                (body.to_vec(), behind, true)
            }
            ([], []) => (rest.to_vec(), &[][..], false),
            _ => return None,
        };
        // The client sees bytes after the response only if they fit into its buffer of 4 KiB.
        return (behind.is_empty() || bytes.len() > 4096).then_some(ReferenceResponse {
            status,
            body,
            has_length,
        });
    }
}

/// The lines before the first empty line, and the bytes after it.
fn head(bytes: &[u8]) -> Option<(Vec<String>, &[u8])> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = bytes;
    loop {
        let (line, after) = line(rest)?;
        rest = after;
        match lines.last_mut() {
            _ if line.is_empty() => return Some((lines, rest)),
            // A folded line (RFC 9112, section 5.2).
            Some(last) if line.starts_with([' ', '\t']) => *last += &line,
            _ => lines.push(line),
        }
    }
}

fn line(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let line = String::from_utf8_lossy(&bytes[..end]);
    Some((line.trim_end_matches('\r').to_owned(), &bytes[end + 1..]))
}

/// The body of a complete chunked message, and the bytes after it.
fn dechunked(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (mut body, mut rest) = (Vec::new(), bytes);
    loop {
        let (size, after) = line(rest)?;
        let digits = size.split(';').next()?.trim();
        let size = usize::from_str_radix(digits, 16).ok()?;
        rest = after;
        if size == 0 {
            loop {
                let (trailer, after) = line(rest)?;
                rest = after;
                if trailer.is_empty() {
                    return Some((body, rest));
                }
            }
        }
        body.extend_from_slice(rest.get(..size)?);
        let (end, after) = line(&rest[size..])?;
        if !end.is_empty() {
            return None;
        }
        rest = after;
    }
}
