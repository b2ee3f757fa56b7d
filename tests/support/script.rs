//! What a server does on a connection, as a list of steps.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::connection::RawConnection;
use super::http::{is_check, ok};
use super::{CA, NOT_VERIFIED, REFUSED, SENT, VERIFIED};

/// Which of the two calls is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Operation {
    Send,
    Check,
}

/// One thing that a server does. A step that finds the client gone ends the connection.
///
/// In what is sent some words are replaced: see [`expand`].
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Reads a request to its end.
    ReadRequest,
    /// Reads the head of a request and half of its body.
    ReadHalf,
    /// Waits for the first bytes of a request and leaves them unread.
    AwaitRequest,
    /// Waits for any bytes, which are no request, and leaves them unread.
    AwaitBytes,
    /// Reads a CONNECT, which is for a proxy and no request.
    ReadConnect,
    /// Reads until the client is gone.
    Drain,
    /// Waits until the client is gone.
    Stall,
    /// Does the server's part of a TLS handshake.
    StartTls,
    Send(String),
    /// Sends one byte at a time with a pause after each.
    Trickle(String, Duration),
    /// Sends this again and again, 100 MB in all.
    Flood(&'static str),
    /// Sends bytes and the close_notify of TLS in one segment.
    SendWithCloseNotify(String),
    /// Sends bytes below TLS.
    SendRaw(&'static [u8]),
    /// Ends the server's direction of the connection.
    ShutdownWrite,
    /// Ends the connection with a RST.
    Reset,
}

impl Step {
    /// Sends this.
    pub(crate) fn send(text: impl Into<String>) -> Step {
        Step::Send(text.into())
    }
}

/// The response of success.
pub(crate) const OK: &str =
    "HTTP/1.1 200 Whatever\r\nContent-Length: LEN\r\nContent-Type: application/json\r\n\r\nJSON";

/// A script for a server: these steps, on every connection.
pub(crate) fn steps(steps: impl Into<Vec<Step>>) -> impl Fn(RawConnection) + Clone {
    let steps = steps.into();
    move |conn| play(&steps, conn, Operation::Check)
}

/// The script of a service that accepts and verifies everything.
pub(crate) fn succeed(mut conn: RawConnection) {
    while conn.read_request() {
        let operation = if is_check(&conn.request()) { Operation::Check } else { Operation::Send };
        if !conn.send(expand(OK, operation).as_bytes()) {
            return;
        }
    }
}

/// How much a [`Step::Flood`] sends.
const FLOOD: usize = 100 * 1024 * 1024;

/// Plays the steps, then closes the connection.
pub(crate) fn play(steps: &[Step], mut conn: RawConnection, operation: Operation) {
    for step in steps {
        let goes_on = match step {
            Step::ReadRequest => conn.read_request(),
            Step::ReadHalf => conn.read_half(),
            Step::ReadConnect => conn.read_connect(),
            Step::StartTls => conn.start_tls(CA.good()).is_ok(),
            Step::Send(text) => conn.send(expand(text, operation).as_bytes()),
            Step::Trickle(text, pause) => conn.trickle(expand(text, operation).as_bytes(), *pause),
            Step::Flood(piece) => conn.flood(piece.as_bytes(), FLOOD),
            Step::SendWithCloseNotify(text) => {
                conn.send_with_close_notify(expand(text, operation).as_bytes())
            }
            Step::SendRaw(bytes) => conn.send_raw(bytes),
            Step::AwaitRequest => conn.await_request(),
            Step::AwaitBytes => conn.await_bytes(),
            Step::Drain => conn.drain(),
            Step::Stall => conn.stall(),
            Step::ShutdownWrite => conn.shutdown_write(),
            Step::Reset => return conn.reset(),
        };
        if !goes_on {
            return;
        }
    }
}

/// The answer that lets somebody in, or has a message billed, if it is believed.
pub(crate) fn success(operation: Operation) -> &'static str {
    match operation {
        Operation::Send => SENT,
        Operation::Check => VERIFIED,
    }
}

/// Replaces words by what depends on the operation: `JSON` by the answer of success, `LEN` and `HEX`
/// by its length, `CHUNKED_BODY` by the same in one chunk, `TWO_CHUNKS` by two chunks without the
/// last one, `REFUSAL` by a whole response that says no, `PADDED_OK` by one that says yes at the end
/// of a long body.
pub(crate) fn expand(text: &str, operation: Operation) -> String {
    let json = success(operation);
    let chunk = |json: &str| format!("{:x}\r\n{json}\r\n", json.len());
    let body = chunk(json) + "0\r\n\r\n";
    let (first, second) = json.split_at(9);
    let no = if operation == Operation::Send { REFUSED } else { NOT_VERIFIED };
    let response = |json: &str| String::from_utf8(ok(json)).expect("JSON is UTF-8");
    let words = [
        ("REFUSAL", response(no)),
        ("PADDED_OK", response(&format!("{:30000}{json}", ""))),
        ("TWO_CHUNKS", chunk(first) + &chunk(second)),
        ("CHUNKED_SIZE", body.len().to_string()),
        ("CHUNKED_BODY", body),
        ("LEN+2", (json.len() + 2).to_string()),
        ("LEN", json.len().to_string()),
        ("UPPERCASE_HEX", format!("{:X}", json.len())),
        ("HEX+1", format!("{:x}", json.len() + 1)),
        ("HEX-1", format!("{:x}", json.len() - 1)),
        ("HEX", format!("{:x}", json.len())),
        ("JSON", json.to_owned()),
    ];
    words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value))
}
