//! The numbers of the ABI. They are appended, never changed or reused.

use std::ffi::c_int;

/// Send: the message was accepted. Check: the number is VERIFIED.
pub const VERIFYSMS_OK: c_int = 0;
/// An argument is invalid. Nothing was sent; the message names the argument and the rule.
pub const VERIFYSMS_INVALID_ARGUMENT: c_int = 1;
/// Check: the service answered with another status than 1.
pub const VERIFYSMS_NOT_VERIFIED: c_int = 2;
/// The service said FAIL; verifysms_result_reason() has its number.
pub const VERIFYSMS_REJECTED: c_int = 3;
/// No connection: DNS, TCP or proxy.
pub const VERIFYSMS_CONNECT: c_int = 4;
/// The TLS handshake or the certificate.
pub const VERIFYSMS_TLS: c_int = 5;
/// The deadline passed.
pub const VERIFYSMS_TIMEOUT: c_int = 6;
/// The connection was reset or closed after a part of the request was sent.
pub const VERIFYSMS_CONNECTION_LOST: c_int = 7;
/// An HTTP answer that is not the service's: a proxy's page, a 5xx, a redirect.
pub const VERIFYSMS_HTTP_STATUS: c_int = 8;
/// The answer was not understood, was too large, was about another number, or may belong to another
/// call.
pub const VERIFYSMS_BAD_REPLY: c_int = 9;
/// verifysms_client_cancel(), or an interrupted wait.
pub const VERIFYSMS_CANCELLED: c_int = 10;
/// A defect of the library, kept from the program; or no memory, which the message then says.
pub const VERIFYSMS_INTERNAL: c_int = 11;
/// A limit of the guard is reached; verifysms_result_limit() and verifysms_result_retry_after() say
/// more. Nothing was sent.
pub const VERIFYSMS_LIMITED: c_int = 12;
/// The store of the guard cannot be asked, and VERIFYSMS_GUARD_REFUSE is set. Nothing was sent.
pub const VERIFYSMS_GUARD_DOWN: c_int = 13;

/// Nobody has read a byte of the request: the call may be repeated.
pub const VERIFYSMS_REACHED_NO: c_int = 0;
/// The service answered; the answer decides.
pub const VERIFYSMS_REACHED_YES: c_int = 1;
/// Bytes were sent, and no usable answer came back: the SMS may be out, the code may be used up.
pub const VERIFYSMS_REACHED_UNKNOWN: c_int = 2;

/// The service's reason 1: no failure.
pub const VERIFYSMS_REASON_NONE: c_int = 1;
/// The service's reason 2: the sender is too long or too short.
pub const VERIFYSMS_REASON_SENDER_LENGTH: c_int = 2;
/// The service's reason 3: the sender is a number that 99 digital has not approved.
pub const VERIFYSMS_REASON_SENDER_NOT_APPROVED: c_int = 3;
/// The service's reason 5: an error that it does not explain; contact its support.
pub const VERIFYSMS_REASON_UNKNOWN_ERROR: c_int = 5;
/// The service's reason 6: wrong API key.
pub const VERIFYSMS_REASON_WRONG_API_KEY: c_int = 6;
/// The service's reason 7: the phone number is empty.
pub const VERIFYSMS_REASON_TO_EMPTY: c_int = 7;
/// The service's reason 9: the sender is empty.
pub const VERIFYSMS_REASON_SENDER_EMPTY: c_int = 9;
/// The service's reason 10: a message was given but has no \#\#code\#\#.
pub const VERIFYSMS_REASON_MESSAGE_WITHOUT_CODE: c_int = 10;

/// Trust the certificate authorities of the operating system.
pub const VERIFYSMS_TRUST_SYSTEM: c_int = 0;
/// Trust Mozilla's certificate authorities, as of the library's release.
pub const VERIFYSMS_TRUST_BUNDLED: c_int = 1;

/// While the store of the guard cannot be asked, the same limits hold in the memory of this process.
pub const VERIFYSMS_GUARD_LOCAL: c_int = 0;
/// While the store of the guard cannot be asked, calls end as VERIFYSMS_GUARD_DOWN.
pub const VERIFYSMS_GUARD_REFUSE: c_int = 1;
/// While the store of the guard cannot be asked, nothing is limited.
pub const VERIFYSMS_GUARD_ALLOW: c_int = 2;

/// The pause between two sends to a number: 30, 40, 60, 90 and then 120 s, by the sends of the last
/// 10 minutes.
pub const VERIFYSMS_LIMIT_COOLDOWN: c_int = 1;
/// Sends to a number: 5 in 10 minutes.
pub const VERIFYSMS_LIMIT_SENDS_NUMBER: c_int = 2;
/// Sends to a number that were not verified: 10 in 24 hours.
pub const VERIFYSMS_LIMIT_SENDS_NUMBER_DAY: c_int = 3;
/// Sends of an end user that were not verified: 10 an hour.
pub const VERIFYSMS_LIMIT_SENDS_USER: c_int = 4;
/// Sends that were not verified to a range, the numbers that differ in their last four digits alone.
/// Off unless set; 20 an hour is good for a public sign-up page.
pub const VERIFYSMS_LIMIT_SENDS_RANGE: c_int = 5;
/// All sends of the program. Off unless set.
pub const VERIFYSMS_LIMIT_SENDS_APP: c_int = 6;
/// Wrong codes for a number since its last send: 5 in 10 minutes for the end user who asked for the
/// code, and 5 for all others together.
pub const VERIFYSMS_LIMIT_TRIES: c_int = 7;
/// Wrong codes for a number: 20 in 24 hours for the end user who asked, and for all others together.
pub const VERIFYSMS_LIMIT_FAILURES_NUMBER: c_int = 8;
/// Wrong codes of an end user, for any number: 30 an hour.
pub const VERIFYSMS_LIMIT_FAILURES_USER: c_int = 9;

/// A log record for an operator: what the guard cannot do, and what it does instead. The number is
/// syslog's LOG_WARNING.
pub const VERIFYSMS_LOG_WARNING: c_int = 4;
/// A log record of a call: its outcome. The number is syslog's LOG_INFO.
pub const VERIFYSMS_LOG_INFO: c_int = 6;
/// A log record of one attempt to reach the service. The number is syslog's LOG_DEBUG.
pub const VERIFYSMS_LOG_DEBUG: c_int = 7;

/// A buffer of this size holds verifysms_result_to() with its NUL byte.
pub const VERIFYSMS_SIZE_TO: c_int = 11;
/// A buffer of this size holds any sender that the library accepts, in UTF-8 with its NUL byte, and so
/// verifysms_result_sender().
pub const VERIFYSMS_SIZE_SENDER: c_int = 45;
/// A buffer of this size holds verifysms_result_unique() with its NUL byte, with much room to spare: the
/// provider's ids have 8 digits. It promises no length; verifysms_copy() says if it cut one.
pub const VERIFYSMS_SIZE_UNIQUE: c_int = 64;
/// A buffer of this size holds verifysms_result_message() with its NUL byte, as it is today.
/// verifysms_copy() says if it cut one.
pub const VERIFYSMS_SIZE_MESSAGE: c_int = 512;
