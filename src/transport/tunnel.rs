//! A tunnel through an HTTP proxy (RFC 9110, section 9.3.6).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::attempt::ConnectError;
use super::call::Call;
use super::error_text;
use super::http::USER_AGENT;
use super::response_reader::{ResponseError, ResponseReader};
use super::stream::Stream;

/// More than what a request has beside the authority and the login, in bytes.
const MAX_REST: usize = 256;

/// Asks the proxy to connect to `authority`.
pub(super) async fn connect(
    stream: &mut Stream,
    authority: &str,
    login: Option<(&str, &str)>,
    call: &Call,
) -> Result<(), ConnectError> {
    // The full capacity, so that the string does not grow, which would leave a copy of the password.
    let pair = login.map_or(0, |(user, password)| user.len() + password.len() + 1);
    let capacity = 2 * authority.len() + 2 * pair + MAX_REST;
    let mut request = Zeroizing::new(String::with_capacity(capacity));
    *request += &format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    *request += &format!("User-Agent: {USER_AGENT}\r\n");
    if let Some((user, password)) = login {
        let mut login = Zeroizing::new(String::with_capacity(pair));
        login.extend([user, ":", password]);
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(login.as_bytes()));
        request.extend(["Proxy-Authorization: Basic ", &encoded, "\r\n"]);
    }
    *request += "\r\n";
    debug_assert!(request.len() <= capacity);
    let sent = stream.send(request.as_bytes(), call).await;
    let mut reader = ResponseReader::default();
    let head = match sent.map_err(ResponseError::Io) {
        Ok(()) => reader.read_head(stream, call).await,
        // seldom covered: a proxy that resets the connection before it has the request.
        Err(error) => Err(error),
    };
    let refuse = |why: &str| Err(ConnectError::permanent(why));
    match head {
        // A 2xx response to CONNECT has no body, whatever its fields say.
        Ok(head) if (200..300).contains(&head.status) => match reader.is_empty() {
            true => Ok(()),
            // More data would look like the response to a request that was not sent yet.
            false => refuse("it sent more data behind its answer to CONNECT"),
        },
        // Proxy Authentication Required (RFC 9110, section 15.5.8).
        Ok(head) if head.status == 407 => {
            refuse("it wants a user name and password, or others (407)")
        }
        Ok(head) => refuse(&format!("it answered with HTTP status {}", head.status)),
        Err(ResponseError::Io(error)) => Err(ConnectError::transient(error_text::of(&error))),
        Err(ResponseError::End) => Err(ConnectError::transient("it closed the connection")),
        Err(ResponseError::Malformed(_) | ResponseError::TooLarge) => {
            refuse("it does not speak HTTP")
        }
    }
}
