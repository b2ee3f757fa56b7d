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

/// The phone number has no digit.
pub const VERIFYSMS_RULE_PHONE_EMPTY: c_int = 1;
/// The phone number has too few digits.
pub const VERIFYSMS_RULE_PHONE_TOO_SHORT: c_int = 2;
/// The phone number has too many digits.
pub const VERIFYSMS_RULE_PHONE_TOO_LONG: c_int = 3;
/// The phone number has the country code of another country.
pub const VERIFYSMS_RULE_PHONE_FOREIGN: c_int = 4;
/// The phone number has no Israeli area code.
pub const VERIFYSMS_RULE_PHONE_AREA_CODE: c_int = 5;
/// The phone number begins with neither 0 nor a country code.
pub const VERIFYSMS_RULE_PHONE_FIRST_DIGIT: c_int = 6;
/// The phone number has a plus sign that is not at its beginning.
pub const VERIFYSMS_RULE_PHONE_PLUS: c_int = 7;
/// The phone number has letters.
pub const VERIFYSMS_RULE_PHONE_LETTERS: c_int = 8;
/// The phone number has a character that no number has.
pub const VERIFYSMS_RULE_PHONE_CHARACTER: c_int = 9;
/// The code is empty.
pub const VERIFYSMS_RULE_CODE_EMPTY: c_int = 10;
/// The code has a control character.
pub const VERIFYSMS_RULE_CODE_CONTROL: c_int = 11;
/// The code is longer than 16 characters.
pub const VERIFYSMS_RULE_CODE_TOO_LONG: c_int = 12;
/// Neither the client nor the call has a sender.
pub const VERIFYSMS_RULE_SENDER_MISSING: c_int = 13;
/// The sender is empty.
pub const VERIFYSMS_RULE_SENDER_EMPTY: c_int = 14;
/// The sender has a control character.
pub const VERIFYSMS_RULE_SENDER_CONTROL: c_int = 15;
/// The sender is a number of another country.
pub const VERIFYSMS_RULE_SENDER_FOREIGN: c_int = 16;
/// The sender is longer than 11 characters.
pub const VERIFYSMS_RULE_SENDER_TOO_LONG: c_int = 17;
/// The message has no \#\#code\#\#.
pub const VERIFYSMS_RULE_MESSAGE_WITHOUT_CODE: c_int = 18;
/// There is no API key.
pub const VERIFYSMS_RULE_API_KEY_MISSING: c_int = 19;
/// The API key is empty.
pub const VERIFYSMS_RULE_API_KEY_EMPTY: c_int = 20;
/// The API key has a control character.
pub const VERIFYSMS_RULE_API_KEY_CONTROL: c_int = 21;
/// The API key has an invisible character or an unusual space inside.
pub const VERIFYSMS_RULE_API_KEY_INVISIBLE: c_int = 22;
/// The URL is not one.
pub const VERIFYSMS_RULE_URL_MALFORMED: c_int = 23;
/// The URL has no host.
pub const VERIFYSMS_RULE_URL_WITHOUT_HOST: c_int = 24;
/// The URL has a user name.
pub const VERIFYSMS_RULE_URL_WITH_USER: c_int = 25;
/// The port of the URL is none.
pub const VERIFYSMS_RULE_URL_PORT: c_int = 26;
/// The URL begins with another scheme than https://.
pub const VERIFYSMS_RULE_URL_SCHEME: c_int = 27;
/// The URL is http:// to another machine, and that was not allowed.
pub const VERIFYSMS_RULE_URL_UNENCRYPTED: c_int = 28;
/// The time is less than a millisecond.
pub const VERIFYSMS_RULE_TIMEOUT_TOO_SHORT: c_int = 29;
/// The time is more than 24 hours.
pub const VERIFYSMS_RULE_TIMEOUT_TOO_LONG: c_int = 30;
/// The path of the CA file is empty.
pub const VERIFYSMS_RULE_CA_FILE_EMPTY: c_int = 31;
/// The path of the CA file is longer than any system opens.
pub const VERIFYSMS_RULE_CA_FILE_TOO_LONG: c_int = 32;
/// The trust is neither of the two.
pub const VERIFYSMS_RULE_TRUST_UNKNOWN: c_int = 33;
/// The proxy is not an address.
pub const VERIFYSMS_RULE_PROXY_MALFORMED: c_int = 34;
/// The login of the proxy has a character that would cut its address.
pub const VERIFYSMS_RULE_PROXY_LOGIN: c_int = 35;
/// The proxy has no host.
pub const VERIFYSMS_RULE_PROXY_WITHOUT_HOST: c_int = 36;
/// The port of the proxy is none.
pub const VERIFYSMS_RULE_PROXY_PORT: c_int = 37;
/// The proxy begins with another scheme than those of proxies.
pub const VERIFYSMS_RULE_PROXY_SCHEME: c_int = 38;
/// A required argument is NULL.
pub const VERIFYSMS_RULE_NULL: c_int = 39;
/// A text is not valid UTF-8.
pub const VERIFYSMS_RULE_NOT_UTF8: c_int = 40;
/// The queue is in use by the callback that it called, or by another thread.
pub const VERIFYSMS_RULE_QUEUE_IN_USE: c_int = 41;
/// The queue belongs to the parent process.
pub const VERIFYSMS_RULE_QUEUE_OF_PARENT: c_int = 42;
/// The client is closed.
pub const VERIFYSMS_RULE_CLIENT_CLOSED: c_int = 43;
/// The buffer is NULL or too small for the result.
pub const VERIFYSMS_RULE_BUFFER_TOO_SMALL: c_int = 44;
/// The id of a message is empty.
pub const VERIFYSMS_RULE_UNIQUE_EMPTY: c_int = 45;
/// The id of a message has other characters than letters, digits, hyphens and underscores, or is too long.
pub const VERIFYSMS_RULE_UNIQUE_INVALID: c_int = 46;
/// The end user is longer than 256 bytes.
pub const VERIFYSMS_RULE_END_USER_TOO_LONG: c_int = 47;
/// The end user has a control character.
pub const VERIFYSMS_RULE_END_USER_CONTROL: c_int = 48;
/// The client has no guard.
pub const VERIFYSMS_RULE_GUARD_MISSING: c_int = 49;
/// The store of the guard is none; the text says what is wrong with it.
pub const VERIFYSMS_RULE_GUARD_STORE: c_int = 50;
/// The secret of the guard is shorter than 16 bytes.
pub const VERIFYSMS_RULE_GUARD_SECRET_TOO_SHORT: c_int = 51;
/// The namespace of the guard has other characters, or too many.
pub const VERIFYSMS_RULE_GUARD_NAMESPACE: c_int = 52;
/// The timeout of the guard is none that it may have.
pub const VERIFYSMS_RULE_GUARD_TIMEOUT: c_int = 53;
/// What happens while the guard's store cannot be asked is none of the three.
pub const VERIFYSMS_RULE_GUARD_FAILURE_UNKNOWN: c_int = 54;
/// A limit is none, or allows what it cannot; the text says what is wrong with it.
pub const VERIFYSMS_RULE_LIMIT_INVALID: c_int = 55;
/// The origin is neither the name of a host nor an https origin of one.
pub const VERIFYSMS_RULE_ORIGIN_INVALID: c_int = 56;
/// The app's hash is none.
pub const VERIFYSMS_RULE_APP_HASH_INVALID: c_int = 57;
/// The message has a line for browsers, and the call is to add another line.
pub const VERIFYSMS_RULE_MESSAGE_HAS_ORIGIN: c_int = 58;

/// A phone number in a range that no public table allocates, or no number.
pub const VERIFYSMS_PHONE_UNKNOWN: c_int = 0;
/// A mobile phone: 050 to 056, 058 and 059.
pub const VERIFYSMS_PHONE_MOBILE: c_int = 1;
/// A landline: 02, 03, 04, 08 and 09. Few can receive messages.
pub const VERIFYSMS_PHONE_LANDLINE: c_int = 2;
/// Telephony over the internet: 072 to 074 and 076 to 079. Few can receive messages.
pub const VERIFYSMS_PHONE_VOIP: c_int = 3;
/// A mobile phone of a "kosher" plan, which cannot receive messages: 050-41, 052-71 and 052-76.
pub const VERIFYSMS_PHONE_KOSHER: c_int = 4;

/// The size of a buffer for any form of a phone number, its NUL byte included.
pub const VERIFYSMS_PHONE_SIZE: c_int = 16;

/// The GSM alphabet: 7 bits a character, 160 septets a message.
pub const VERIFYSMS_ENCODING_GSM7: c_int = 1;
/// Any character: 16 bits each, 70 units a message.
pub const VERIFYSMS_ENCODING_UCS2: c_int = 2;

/// The text has no \#\#code\#\#: the service refuses it (reason 10).
pub const VERIFYSMS_WARNING_WITHOUT_CODE: c_int = 1;
/// The text is longer than one message: each of its parts is billed.
pub const VERIFYSMS_WARNING_SEVERAL_PARTS: c_int = 2;
/// A character that an ordinary one could replace makes the text take more parts.
pub const VERIFYSMS_WARNING_COSTLY_CHARACTER: c_int = 3;
/// \#\#code\#\# shares its line with right-to-left letters, where phones may show it in another place (Unicode Standard Annex \#9).
pub const VERIFYSMS_WARNING_CODE_IN_RIGHT_TO_LEFT_LINE: c_int = 4;
/// An invisible mark that changes the direction of text. Old phones show it as a box.
pub const VERIFYSMS_WARNING_DIRECTION_MARK: c_int = 5;
/// A browser is to fill the code in, but the text has no line for it.
pub const VERIFYSMS_WARNING_WEBOTP_MISSING: c_int = 6;
/// The line for browsers is not the last one, or a line break follows it.
pub const VERIFYSMS_WARNING_WEBOTP_NOT_LAST: c_int = 7;
/// The line for browsers is not \@host \#\#\#code\#\#, with one space and nothing else.
pub const VERIFYSMS_WARNING_WEBOTP_FORM: c_int = 8;
/// The host in the line for browsers has other characters than ASCII letters, digits, dots and hyphens.
pub const VERIFYSMS_WARNING_WEBOTP_HOST: c_int = 9;
/// The line for browsers names another site.
pub const VERIFYSMS_WARNING_WEBOTP_ORIGIN: c_int = 10;
/// The text has an app's hash, but is longer than the 140 bytes that Android's SMS Retriever accepts.
pub const VERIFYSMS_WARNING_RETRIEVER_LENGTH: c_int = 11;
/// The text has a link. Filters against fraud hold such messages back.
pub const VERIFYSMS_WARNING_LINK: c_int = 12;
/// The text has another number, which phones may offer as the code.
pub const VERIFYSMS_WARNING_OTHER_NUMBER: c_int = 13;
/// The sender breaks a rule: it is refused.
pub const VERIFYSMS_WARNING_SENDER_INVALID: c_int = 14;
/// The sender has other characters than ASCII letters, digits and spaces. Networks may replace it.
pub const VERIFYSMS_WARNING_SENDER_CHARACTERS: c_int = 15;
/// The sender is a number: the service refuses one that 99 digital has not approved (reason 3).
pub const VERIFYSMS_WARNING_SENDER_NUMBER: c_int = 16;

/// The service reports a code that this library does not know.
pub const VERIFYSMS_DELIVERY_UNKNOWN: c_int = 0;
/// There is no report: not yet, no more (the service keeps it for a week), or no message has this id.
pub const VERIFYSMS_DELIVERY_PENDING: c_int = 1;
/// The phone has the message.
pub const VERIFYSMS_DELIVERY_DELIVERED: c_int = 2;
/// The phone did not get it: it is off, out of reach, or its operator did not deliver.
pub const VERIFYSMS_DELIVERY_FAILED: c_int = 3;
/// The phone must not get it: a kosher number, a person who opted out, a message that is not allowed.
pub const VERIFYSMS_DELIVERY_BLOCKED: c_int = 4;
/// It was tried several times, until the time was over.
pub const VERIFYSMS_DELIVERY_EXPIRED: c_int = 5;
/// No code of the provider's: there is no report.
pub const VERIFYSMS_DELIVERY_CODE_NONE: c_int = -2147483647;

/// Nothing: the message is there.
pub const VERIFYSMS_NEXT_NONE: c_int = 0;
/// Wait, and ask again.
pub const VERIFYSMS_NEXT_WAIT: c_int = 1;
/// Send again later: the phone may be off.
pub const VERIFYSMS_NEXT_RETRY_LATER: c_int = 2;
/// Ask for another number: this one receives no messages.
pub const VERIFYSMS_NEXT_ANOTHER_NUMBER: c_int = 3;
/// The person opted out of messages; only they can undo it, with their operator or the provider.
pub const VERIFYSMS_NEXT_OPTED_OUT: c_int = 4;
/// The number is outside of Israel.
pub const VERIFYSMS_NEXT_ABROAD: c_int = 5;
/// Ask the provider's support.
pub const VERIFYSMS_NEXT_CONTACT_SUPPORT: c_int = 6;

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

/// The event of a call that is neither a send nor a check: a connect, a delivery, or the guard's.
pub const VERIFYSMS_EVENT_OTHER: c_int = 0;
/// The event of a send: the service accepted the message.
pub const VERIFYSMS_EVENT_SENT: c_int = 1;
/// The event of a check: the service looked at the code, and the number is not verified.
pub const VERIFYSMS_EVENT_CHECKED: c_int = 2;
/// The event of a check: the service looked at the code, and the number is verified.
pub const VERIFYSMS_EVENT_VERIFIED: c_int = 3;
/// The event of a send or a check that the service refused.
pub const VERIFYSMS_EVENT_REFUSED: c_int = 4;
/// The event of a send or a check of which nobody can tell: the SMS may be out, the code may be used
/// up.
pub const VERIFYSMS_EVENT_UNKNOWN: c_int = 5;
/// The event of a send or a check that a limit of the guard refused. Nothing was sent.
pub const VERIFYSMS_EVENT_LIMITED: c_int = 6;
/// The event of a send or a check that sent nothing for another reason: an invalid argument, no
/// connection, the deadline, a guard whose store is down.
pub const VERIFYSMS_EVENT_FAILED: c_int = 7;

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
