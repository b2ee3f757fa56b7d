//! HTTP: connections, TLS, routing, and responses that break the protocol on purpose.
//!
//! Knows nothing of why a request is answered as it is.

pub(crate) mod connection;
pub(crate) mod raw_response;
pub(crate) mod response;
pub(crate) mod router;
pub(crate) mod stream;
pub(crate) mod tls;
