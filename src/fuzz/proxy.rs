//! What a proxy says before there is a connection to the service: nothing but a clear yes lets a request
//! leave.

use std::time::Duration;

use super::responder::Answer;
use super::{CODE, Choices, KEY, Responder, TO};
use crate::client::Client;
use crate::error::{Code, Reached};

/// A proxy may keep a call waiting.
const DEADLINE: Duration = Duration::from_millis(90);

const PASSWORD: &str = "hunter2";
const VERIFIED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"status\":1}";

/// Has `data` answer the request for a connection.
pub fn proxy(data: &[u8]) {
    let mut choices = Choices::new(data);
    let (stays_open, has_password) = (choices.byte() & 1 == 1, choices.byte() & 1 == 1);
    let says = choices.rest();
    let responder = Responder::get();
    let turn = responder.turn();
    let login = if has_password { format!("user:{PASSWORD}@") } else { String::new() };
    let client = Client::builder(KEY)
        .url(&format!("http://{}.test/", turn.mark))
        .allow_http(true)
        .proxy(&format!("http://{login}{}", responder.address()))
        .timeout(DEADLINE)
        .build()
        .expect("valid settings");
    let is_whole = says.windows(4).any(|window| window == b"\r\n\r\n");
    let says = says.to_vec();
    turn.answer(if stays_open && is_whole {
        Answer::Open(says.clone())
    } else {
        Answer::Last(says.clone())
    });
    turn.answer(Answer::Open(VERIFIED.into()));
    let result = client.check(TO, CODE);
    drop(client);

    let (code, reached, shown) = match &result {
        Ok(check) if check.is_verified() => (Code::Ok, Reached::Yes, String::new()),
        Ok(_) => (Code::NotVerified, Reached::Yes, String::new()),
        Err(error) => (error.code(), error.reached(), format!("{error} {error:?}")),
    };
    let may_pass = is_yes(&says);
    let has_left = reached != Reached::No;
    assert!(!has_left || may_pass, "a request left for a proxy that did not say yes");
    for secret in [KEY, CODE, TO, PASSWORD] {
        assert!(!shown.contains(secret), "{shown}");
    }
    match code {
        Code::Ok | Code::NotVerified | Code::Rejected => assert_eq!(reached, Reached::Yes),
        Code::ConnectionLost | Code::BadReply | Code::HttpStatus => assert!(has_left),
        Code::Connect => assert!(!has_left),
        Code::Timeout if !has_left => return,
        Code::Timeout => {}
        other => panic!("{other}"),
    }
    let requests = turn.requests(1 + usize::from(has_left));
    assert_eq!(requests.len(), 1 + usize::from(has_left));
    let asked = String::from_utf8_lossy(&requests[0]);
    assert!(asked.starts_with(&format!("CONNECT {}.test:80 HTTP/1.1\r\n", turn.mark)), "{asked}");
    assert!(![KEY, CODE, TO, PASSWORD].iter().any(|secret| asked.contains(secret)), "{asked}");
    assert_eq!(asked.contains("Proxy-Authorization"), has_password);
    assert!(requests[1..].iter().all(|request| request.starts_with(b"POST / ")));
}

/// Whether a proxy that says this has made the connection.
fn is_yes(says: &[u8]) -> bool {
    let text = String::from_utf8_lossy(says);
    let mut words = text.split_whitespace();
    words.next().is_some_and(|version| version.starts_with("HTTP/1."))
        && words.next().is_some_and(|status| status.starts_with('2'))
}
