//! The fields of a request and the form-data body that carries them.
//!
//! Knows the wire's names and nothing of sockets.

/// The service's address, the same for Send and Check.
pub const URL: &str = "https://api.99digital.co.il/sms/verifySMS";

/// The wire's field names.
pub(crate) mod field {
    /// The account's key.
    pub(crate) const API_KEY: &str = "apiKey";
    /// The sender ID.
    pub(crate) const FROM: &str = "from";
    /// The phone number.
    pub(crate) const TO: &str = "to";
    /// The message template.
    pub(crate) const MESSAGE: &str = "message";
    /// What the person typed; a request that has it is a Check.
    pub(crate) const CODE: &str = "code";
}
