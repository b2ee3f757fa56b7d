//! The rules of the service, as its documentation states them: form fields in, an answer out.
//!
//! Pure: no socket, no HTTP, no clock. Decides on its own what is valid and shares no rule with the client: a
//! mistake in a shared rule would hide itself.

pub(crate) mod answer;
pub(crate) mod code_generator;
pub(crate) mod delivery;
pub(crate) mod form_fields;
pub(crate) mod message;
pub(crate) mod message_store;
pub(crate) mod rules;

/// The path of the service's URL.
pub(crate) const SERVICE_PATH: &str = "/sms/verifySMS";
/// That of Delivery Status.
pub(crate) const DELIVERY_PATH: &str = "/sms/deliveryStatus";
