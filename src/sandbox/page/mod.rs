//! How a person or a test watches and steers the sandbox: the control API, its events, the browser page.
//!
//! Knows nothing of the service's URL.

pub(crate) mod access;
pub(crate) mod control_api;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod json;
