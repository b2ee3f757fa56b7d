//! Any bytes as the response of an HTTP proxy to CONNECT. A request is sent only after a 2xx response.

use std::time::Duration;

use super::{CODE, Choices, KEY, Responder, Response, TO};
use crate::client::Client;
use crate::error::{Code, Reached};

/// A proxy may keep a call waiting until this timeout.
const TIMEOUT: Duration = Duration::from_millis(90);

const PASSWORD: &str = "hunter2";
const VERIFIED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"status\":1}";

/// Sends `data` as the response to CONNECT.
pub fn proxy(data: &[u8]) {
    let mut choices = Choices::new(data);
    let (stays_open, has_password) = (choices.byte() & 1 == 1, choices.byte() & 1 == 1);
    let response = choices.rest();
    let responder = Responder::get();
    let session = responder.begin();
    let login = if has_password { format!("user:{PASSWORD}@") } else { String::new() };
    let client = Client::builder(KEY)
        .url(&format!("http://{}.test/", session.tag))
        .allow_http(true)
        .proxy(&format!("http://{login}{}", responder.address()))
        .timeout(TIMEOUT)
        .build()
        .expect("valid settings");
    let is_whole = response.windows(4).any(|window| window == b"\r\n\r\n");
    let response = response.to_vec();
    session.respond(match stays_open && is_whole {
        true => Response::KeepOpen(response.clone()),
        false => Response::Close(response.clone()),
    });
    session.respond(Response::KeepOpen(VERIFIED.into()));
    let result = client.check(TO, CODE);
    drop(client);

    let (code, reached, shown) = match &result {
        Ok(check) if check.is_verified() => (Code::Ok, Reached::Yes, String::new()),
        Ok(_) => (Code::NotVerified, Reached::Yes, String::new()),
        Err(error) => (error.code(), error.reached(), format!("{error} {error:?}")),
    };
    let is_connected = is_success(&response);
    let was_sent = reached != Reached::No;
    assert!(!was_sent || is_connected, "a request was sent without a 2xx response");
    for secret in [KEY, CODE, TO, PASSWORD] {
        assert!(!shown.contains(secret), "{shown}");
    }
    match code {
        Code::Ok | Code::NotVerified | Code::Rejected => assert_eq!(reached, Reached::Yes),
        Code::ConnectionLost | Code::BadReply | Code::HttpStatus => assert!(was_sent),
        Code::Connect => assert!(!was_sent),
        Code::Timeout if !was_sent => return,
        Code::Timeout => {}
        other => panic!("{other}"),
    }
    let requests = session.requests(1 + usize::from(was_sent));
    assert_eq!(requests.len(), 1 + usize::from(was_sent));
    let asked = String::from_utf8_lossy(&requests[0]);
    assert!(asked.starts_with(&format!("CONNECT {}.test:80 HTTP/1.1\r\n", session.tag)), "{asked}");
    assert!(![KEY, CODE, TO, PASSWORD].iter().any(|secret| asked.contains(secret)), "{asked}");
    assert_eq!(asked.contains("Proxy-Authorization"), has_password);
    assert!(requests[1..].iter().all(|request| request.starts_with(b"POST / ")));
}

/// Whether this begins with the head of a 2xx response, after any interim ones (RFC 9110, section 15.2).
fn is_success(response: &[u8]) -> bool {
    let text = String::from_utf8_lossy(response);
    let mut rest = &*text;
    loop {
        let mut words = rest.split_whitespace();
        let is_http = words.next().is_some_and(|version| version.starts_with("HTTP/1."));
        let status = words.next().filter(|_| is_http).unwrap_or_default();
        if !status.starts_with('1') || status == "101" {
            return status.starts_with('2');
        }
        let ends =
            ["\n\r\n", "\n\n"].into_iter().filter_map(|end| Some(rest.find(end)? + end.len()));
        let Some(end) = ends.min() else { return false };
        rest = &rest[end..];
    }
}
