//! The rules that an argument or a setting can break: a stable number, a name and a sentence each.
//!
//! Knows nothing of the values. Who finds that a rule is broken names it, and the argument.

#[cfg(feature = "capi")]
use std::ffi::CStr;
use std::fmt;

/// Declares the rules in the order of their numbers.
macro_rules! rules {
    ($($(#[doc = $meaning:literal])+ $rule:ident = $number:literal, $name:literal, $text:literal;)+) => {
        /// A rule that an argument or a setting broke, for [`Code::InvalidArgument`](crate::Code). The
        /// numbers are those of the C ABI. New rules get new numbers; no number is reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum Rule {
            $($(#[doc = $meaning])+ $rule = $number,)+
        }

        impl Rule {
            /// Every rule, in the order of its number, which begins at 1.
            pub const ALL: &'static [Rule] = &[$(Rule::$rule),+];

            /// The name, for example `PHONE_TOO_SHORT`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)+
                }
            }

            /// The name as C has it.
            #[cfg(feature = "capi")]
            pub(crate) fn c_name(self) -> &'static CStr {
                let name: &[u8] = match self {
                    $(Rule::$rule => concat!($name, "\0").as_bytes(),)+
                };
                CStr::from_bytes_with_nul(name).unwrap_or_default()
            }

            /// The rule in English, for a log. It follows the name of an argument: `to: is too short; …`.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Rule::$rule => $text,)+
                }
            }
        }
    };
}

rules! {
    /// The phone number has no digit.
    PhoneEmpty = 1, "PHONE_EMPTY", "is empty; write it like 0501234567";
    /// The phone number has too few digits.
    PhoneTooShort = 2, "PHONE_TOO_SHORT",
        "is too short; an Israeli number has 9 digits, or 10 after 05 and 07";
    /// The phone number has too many digits.
    PhoneTooLong = 3, "PHONE_TOO_LONG",
        "is too long; an Israeli number has 9 digits, or 10 after 05 and 07";
    /// The phone number has the country code of another country.
    PhoneForeign = 4, "PHONE_FOREIGN", "is not an Israeli number: the country code must be +972";
    /// The phone number has no Israeli area code.
    PhoneAreaCode = 5, "PHONE_AREA_CODE",
        "is not an Israeli number: 02, 03, 04, 05, 07, 08 or 09 begins one";
    /// The phone number begins with neither 0 nor a country code.
    PhoneFirstDigit = 6, "PHONE_FIRST_DIGIT", "must begin with 0 or +972";
    /// The phone number has a plus sign that is not at its beginning.
    PhonePlus = 7, "PHONE_PLUS", "has a plus sign that is not at its beginning";
    /// The phone number has letters.
    PhoneLetters = 8, "PHONE_LETTERS", "has letters; write it like 0501234567";
    /// The phone number has a character that no number has.
    PhoneCharacter = 9, "PHONE_CHARACTER",
        "has a character that no phone number has; write it like 0501234567";
    /// The code is empty.
    CodeEmpty = 10, "CODE_EMPTY", "is empty";
    /// The code has a control character.
    CodeControl = 11, "CODE_CONTROL", "has a control character";
    /// The code is longer than 16 characters.
    CodeTooLong = 12, "CODE_TOO_LONG", "is longer than 16 characters";
    /// Neither the client nor the call has a sender.
    SenderMissing = 13, "SENDER_MISSING", "is not set; give one to the client or to the call";
    /// The sender is empty.
    SenderEmpty = 14, "SENDER_EMPTY",
        "is empty; give the name or the approved number to show on the phone";
    /// The sender has a control character.
    SenderControl = 15, "SENDER_CONTROL", "has a control character";
    /// The sender is a number of another country.
    SenderForeign = 16, "SENDER_FOREIGN",
        "is a number with a country code; write an Israeli number like 0501234567";
    /// The sender is longer than 11 characters.
    SenderTooLong = 17, "SENDER_TOO_LONG", "is longer than 11 characters";
    /// The message has no `##code##`.
    MessageWithoutCode = 18, "MESSAGE_WITHOUT_CODE",
        "must contain ##code##, where the code will stand";
    /// There is no API key.
    ApiKeyMissing = 19, "API_KEY_MISSING", "is not set";
    /// The API key is empty.
    ApiKeyEmpty = 20, "API_KEY_EMPTY", "is empty; 99 digital gives one with the account";
    /// The API key has a control character.
    ApiKeyControl = 21, "API_KEY_CONTROL", "has a line break or another control character";
    /// The API key has an invisible character or an unusual space inside.
    ApiKeyInvisible = 22, "API_KEY_INVISIBLE",
        "has an invisible character or an unusual space, perhaps from a copy; type it";
    /// The URL is not one.
    UrlMalformed = 23, "URL_MALFORMED",
        "is not an address like https://api.99digital.co.il/sms/verifySMS";
    /// The URL has no host.
    UrlWithoutHost = 24, "URL_WITHOUT_HOST", "has no host";
    /// The URL has a user name.
    UrlWithUser = 25, "URL_WITH_USER",
        "has a user name in it; the service knows the API key only";
    /// The port of the URL is none.
    UrlPort = 26, "URL_PORT", "has an invalid port; ports are 1 to 65535";
    /// The URL begins with another scheme than `https://`.
    UrlScheme = 27, "URL_SCHEME", "must begin with https://";
    /// The URL is `http://` to another machine, and that was not allowed.
    UrlUnencrypted = 28, "URL_UNENCRYPTED",
        "http:// would send the key in clear; use https://, or allow_http if you must";
    /// The time is less than a millisecond.
    TimeoutTooShort = 29, "TIMEOUT_TOO_SHORT", "must be at least 1 millisecond";
    /// The time is more than 24 hours.
    TimeoutTooLong = 30, "TIMEOUT_TOO_LONG", "must be at most 24 hours";
    /// The path of the CA file is empty.
    CaFileEmpty = 31, "CA_FILE_EMPTY", "is empty; name a file in PEM format";
    /// The path of the CA file is longer than any system opens.
    CaFileTooLong = 32, "CA_FILE_TOO_LONG", "is longer than 4096 bytes";
    /// The trust is neither of the two.
    TrustUnknown = 33, "TRUST_UNKNOWN", "is neither system nor bundled";
    /// The proxy is not an address.
    ProxyMalformed = 34, "PROXY_MALFORMED",
        "is not an address like http://user:password@host:3128";
    /// The login of the proxy has a character that would cut its address.
    ProxyLogin = 35, "PROXY_LOGIN",
        "has / ? # or a blank in its user name or password; percent-encode it (%2F %3F %23 %20)";
    /// The proxy has no host.
    ProxyWithoutHost = 36, "PROXY_WITHOUT_HOST", "has no host";
    /// The port of the proxy is none.
    ProxyPort = 37, "PROXY_PORT", "has an invalid port; ports are 1 to 65535";
    /// The proxy begins with another scheme than those of proxies.
    ProxyScheme = 38, "PROXY_SCHEME", "must be http://, https://, socks5:// or socks5h://";
    /// A required argument is NULL.
    Null = 39, "NULL", "is NULL";
    /// A text is not valid UTF-8.
    NotUtf8 = 40, "NOT_UTF8", "is not valid UTF-8";
    /// The queue is in use by the callback that it called, or by another thread.
    QueueInUse = 41, "QUEUE_IN_USE", "is in use";
    /// The queue belongs to the parent process.
    QueueOfParent = 42, "QUEUE_OF_PARENT", "is the parent's; a child makes one of its own";
    /// The client is closed.
    ClientClosed = 43, "CLIENT_CLOSED", "is closed; make another";
    /// The buffer is NULL or too small for the result.
    BufferTooSmall = 44, "BUFFER_TOO_SMALL", "is NULL or too small for the result";
    /// The id of a message is empty.
    UniqueEmpty = 45, "UNIQUE_EMPTY", "is empty; it comes with an accepted message";
    /// The id of a message has other characters than letters, digits, hyphens and underscores, or is too long.
    UniqueInvalid = 46, "UNIQUE_INVALID", "is no message's id";
    /// The end user is longer than 256 bytes.
    EndUserTooLong = 47, "END_USER_TOO_LONG", "is longer than 256 bytes";
    /// The end user has a control character.
    EndUserControl = 48, "END_USER_CONTROL", "has a control character";
    /// The client has no guard.
    GuardMissing = 49, "GUARD_MISSING", "the client has none";
    /// The store of the guard is none; the text says what is wrong with it.
    GuardStore = 50, "GUARD_STORE", "is none of memory:, file:/path and redis://host";
    /// The secret of the guard is shorter than 16 bytes.
    GuardSecretTooShort = 51, "GUARD_SECRET_TOO_SHORT", "is shorter than 16 bytes";
    /// The namespace of the guard has other characters, or too many.
    GuardNamespace = 52, "GUARD_NAMESPACE",
        "must be 1 to 64 ASCII letters, digits, dots, dashes or underscores";
    /// The timeout of the guard is none that it may have.
    GuardTimeout = 53, "GUARD_TIMEOUT", "must be 1 millisecond to 10 seconds";
    /// What happens while the guard's store cannot be asked is none of the three.
    GuardFailureUnknown = 54, "GUARD_FAILURE_UNKNOWN", "is neither local nor refuse nor allow";
    /// A limit is none, or allows what it cannot; the text says what is wrong with it.
    LimitInvalid = 55, "LIMIT_INVALID", "is no limit";
    /// The origin is neither the name of a host nor an https origin of one.
    OriginInvalid = 56, "ORIGIN_INVALID",
        "is no host of a page, like example.co.il; a Hebrew name is written in its xn-- form, and without a port";
    /// The app's hash is none.
    AppHashInvalid = 57, "APP_HASH_INVALID",
        "is no hash of an app: 11 letters, digits, + and /, like FA+9qCX9VSu";
    /// The message has a line for browsers, and the call is to add another line.
    MessageHasOrigin = 58, "MESSAGE_HAS_ORIGIN",
        "has a line for browsers; leave it out, and give its host as the origin";
}

impl Rule {
    /// The rule with this number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Rule> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        Rule::ALL.get(index).copied()
    }

    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_rule_is_found_by_its_number() {
        for (index, &rule) in Rule::ALL.iter().enumerate() {
            assert_eq!(rule.number(), index as i32 + 1);
            assert_eq!(Rule::from_number(rule.number()), Some(rule));
        }
        for unknown in [0, -1, Rule::ALL.len() as i32 + 1, i32::MIN, i32::MAX] {
            assert_eq!(Rule::from_number(unknown), None);
        }
    }

    #[test]
    fn no_two_rules_have_the_same_name() {
        let names: HashSet<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        assert_eq!(Rule::PhoneTooShort.to_string(), "PHONE_TOO_SHORT");
    }
}
