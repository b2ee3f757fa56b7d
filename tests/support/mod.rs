//! What the tests over real sockets share: servers that misbehave on purpose, certificates, and a
//! process that holds nothing but a client. Knows nothing of the library's insides.
#![allow(dead_code, reason = "every test program takes the part it needs")]

pub(crate) mod client_process;
pub(crate) mod framing;
pub(crate) mod http;
pub(crate) mod matrix;
pub(crate) mod peer;
pub(crate) mod proxied;
pub(crate) mod ready;
pub(crate) mod resolver;
pub(crate) mod scene;
pub(crate) mod server;
pub(crate) mod signal;
pub(crate) mod tls;

/// The account's key in all tests.
pub(crate) const KEY: &str = "key-4f2a";
/// The number that is asked about in all tests.
pub(crate) const TO: &str = "0501234567";
/// The code that is checked in all tests.
pub(crate) const CODE: &str = "493021";
/// The service's printed answer to an accepted Send.
pub(crate) const SENT: &str =
    r#"{"status":"OK","unique":"63433453","timestamp":1600115719,"from":"0501234567","reason":1}"#;
/// The answer to a Send before, about another message.
pub(crate) const SENT_BEFORE: &str = r#"{"status":"OK","unique":"63433452","reason":1}"#;
/// The service's printed answer to a Check with the right code.
pub(crate) const VERIFIED: &str = "{\n\"status\": 1,\n\"phone\": \"0501234567\",\n}\n";
/// The service's answer in Send's failure shape.
pub(crate) const REFUSED: &str = r#"{"status":"FAIL","reason":6}"#;
