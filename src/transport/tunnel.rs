//! A tunnel through an HTTP proxy (RFC 9110, section 9.3.6).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::NAME;
use super::call::Call;
use super::connection::{Flaw, Input};
use super::stream::Stream;
use super::words;

/// What a request has beside the authority and the login, with room to spare.
const ROOM_FOR_THE_REST: usize = 256;

/// Has the proxy at the other end of `stream` connect it to `authority`. The error says why not, and
/// whether the next attempt may do better.
pub(super) async fn connect(
    stream: &mut Stream,
    authority: &str,
    login: Option<(&str, &str)>,
    call: &Call,
) -> Result<(), (String, bool)> {
    // Room for all of it: what grows leaves a copy of the password behind.
    let pair = login.map_or(0, |(user, password)| user.len() + password.len() + 1);
    let room = 2 * authority.len() + 2 * pair + ROOM_FOR_THE_REST;
    let mut request = Zeroizing::new(String::with_capacity(room));
    *request += &format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    *request += &format!("User-Agent: {NAME}\r\n");
    if let Some((user, password)) = login {
        let mut login = Zeroizing::new(String::with_capacity(pair));
        login.extend([user, ":", password]);
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(login.as_bytes()));
        request.extend(["Proxy-Authorization: Basic ", &encoded, "\r\n"]);
    }
    *request += "\r\n";
    debug_assert!(request.len() <= room);
    let sent = stream.send(request.as_bytes(), call).await;
    let mut input = Input::default();
    let head = match sent.map_err(Flaw::Io) {
        Ok(()) => input.read_head(stream, call).await,
        Err(flaw) => Err(flaw),
    };
    let refuse = |why: &str| Err((why.to_owned(), false));
    match head {
        // What it says of a body means nothing here.
        Ok(head) if (200..300).contains(&head.status) => match input.is_empty() {
            true => Ok(()),
            // It would be taken for the answer to a request that has not left.
            false => refuse("it sent more data behind its answer to CONNECT"),
        },
        // Proxy Authentication Required (RFC 9110, section 15.5.8).
        Ok(head) if head.status == 407 => {
            refuse("it wants a user name and password, or others (407)")
        }
        Ok(head) => refuse(&format!("it answered with HTTP status {}", head.status)),
        Err(Flaw::Io(error)) => Err((words::of(&error), true)),
        Err(Flaw::End) => Err(("it closed the connection".into(), true)),
        Err(Flaw::Malformed(_) | Flaw::TooLarge) => refuse("it does not speak HTTP"),
    }
}
