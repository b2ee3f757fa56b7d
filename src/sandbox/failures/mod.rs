//! Failures on demand: which there are, which request fails, and what the client gets instead of an answer.
//!
//! Knows no socket and none of the service's rules.

pub(crate) mod failure;
pub(crate) mod presets;
pub(crate) mod script;
pub(crate) mod test_numbers;
pub(crate) mod wire;
