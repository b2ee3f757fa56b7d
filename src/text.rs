//! The texts of a request: the API key, the sender ID, the message template, the code.
//!
//! Each function returns the text in the service's form, or an error with the rule that it breaks.

use zeroize::Zeroizing;

use crate::error::Error;
use crate::input_chars;
use crate::memory;
use crate::phone::Phone;
use crate::rule::Rule;
use crate::secret::Secret;

/// What a message must contain. The service replaces it with the code.
pub(crate) const PLACEHOLDER: &str = "##code##";

/// The text that the service sends if it is given none.
pub(crate) const DEFAULT_MESSAGE: &str = "Your verification code is: ##code##";

/// The length of the hash by which Android's SMS Retriever knows an app, in characters.
pub(crate) const APP_HASH: usize = 11;

/// The longest name of a host and of each label in it, in bytes (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;
const MAX_LABEL: usize = 63;

/// The longest sender ID of the service, in characters.
const MAX_SENDER: usize = 11;

/// The longest code, in characters. The service does not document the length of its codes; this is much
/// longer than any code that people type.
const MAX_CODE: usize = 16;

/// The API key, without the white space and invisible characters around it. Inside the key they are an error:
/// the key would look right, but the service would not know it. The service documents no other rule.
pub(crate) fn api_key(given: &str) -> Result<Secret, Error> {
    let given = input_chars::trim(given);
    let refuse = |rule| Err(Error::invalid("api_key", rule));
    if given.is_empty() {
        return refuse(Rule::ApiKeyEmpty);
    }
    if given.chars().any(char::is_control) {
        return refuse(Rule::ApiKeyControl);
    }
    if given.chars().any(|c| input_chars::is_invisible(c) || (c.is_whitespace() && c != ' ')) {
        return refuse(Rule::ApiKeyInvisible);
    }
    Secret::new(given)
}

/// A sender ID: a text, or a number in its local form. White space and invisible characters around it are
/// removed; inside a text they may belong to its script.
pub(crate) fn sender(given: &str) -> Result<String, Error> {
    let given = input_chars::trim(given);
    let refuse = |rule| Err(Error::invalid("sender", rule));
    if given.is_empty() {
        return refuse(Rule::SenderEmpty);
    }
    if given.chars().any(char::is_control) {
        return refuse(Rule::SenderControl);
    }
    if let Ok(phone) = Phone::read(given) {
        return Ok(phone.as_str().to_owned());
    }
    if given.starts_with('+') {
        return refuse(Rule::SenderForeign);
    }
    if given.chars().count() > MAX_SENDER {
        return refuse(Rule::SenderTooLong);
    }
    Ok(given.to_owned())
}

/// A message template, unchanged.
pub(crate) fn message(given: &str) -> Result<String, Error> {
    if !given.contains(PLACEHOLDER) {
        return Err(Error::invalid("message", Rule::MessageWithoutCode));
    }
    memory::copy(given)
}

/// The host of a page, in lower case: `example.co.il`, also from `https://example.co.il`. The line for browsers
/// has no place for a port, and an address is no site.
pub(crate) fn origin(given: &str) -> Result<String, Error> {
    const SCHEME: &str = "https://";
    let given = input_chars::trim(given);
    let host = match given.get(..SCHEME.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => {
            let rest = &given[SCHEME.len()..];
            rest.strip_suffix('/').unwrap_or(rest)
        }
        _ => given,
    };
    if !is_host_name(host) {
        return Err(Error::invalid("origin", Rule::OriginInvalid));
    }
    Ok(host.to_ascii_lowercase())
}

/// Whether this is the name of a host (RFC 1123, section 2.1) and no address, whose last label is a number.
fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    host.len() <= MAX_HOST
        && host.split('.').all(is_label)
        && !host.rsplit('.').next().is_some_and(is_number)
}

/// The hash of an app: characters of base64.
pub(crate) fn app_hash(given: &str) -> Result<String, Error> {
    let given = input_chars::trim(given);
    if given.len() == APP_HASH && given.chars().all(is_base64) {
        return Ok(given.to_owned());
    }
    Err(Error::invalid("app_hash", Rule::AppHashInvalid))
}

/// Whether base64 has this character (RFC 4648, section 4).
pub(crate) fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '+' || c == '/'
}

/// The longest id of a message, in characters. The service's have about eight.
const MAX_UNIQUE: usize = 64;

/// The id of a message, without the white space around it.
pub(crate) fn unique(given: &str) -> Result<&str, Error> {
    let given = input_chars::trim(given);
    let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match given {
        "" => Err(Error::invalid("unique", Rule::UniqueEmpty)),
        _ if given.len() <= MAX_UNIQUE && given.chars().all(is_valid) => Ok(given),
        _ => Err(Error::invalid("unique", Rule::UniqueInvalid)),
    }
}

/// A code as the person typed it: without the white space around it, and with ASCII digits. If it has only
/// digits, spaces and dashes between them are removed, too.
pub(crate) fn code(given: &str) -> Result<Secret, Error> {
    let refuse = |rule| Err(Error::invalid("code", rule));
    // Has the capacity for the whole code, so that it does not grow, which would leave a copy.
    let mut code = Zeroizing::new(memory::copy(given)?);
    code.clear();
    code.extend(
        given
            .chars()
            .filter(|&c| !input_chars::is_invisible(c))
            .map(|c| input_chars::digit(c).map_or(c, char::from)),
    );
    let mut code = code.trim();
    let ungrouped;
    // Spaces of every kind: web pages use no-break spaces in codes.
    let is_blank = |c: char| c.is_whitespace() && !c.is_control();
    if code.chars().all(|c| c.is_ascii_digit() || is_blank(c) || input_chars::is_dash(c)) {
        let digits = code.chars().filter(char::is_ascii_digit);
        let mut collected = Zeroizing::new(memory::copy(code)?);
        collected.clear();
        collected.extend(digits);
        ungrouped = collected;
        code = &ungrouped;
    }
    if code.is_empty() {
        return refuse(Rule::CodeEmpty);
    }
    if code.chars().any(char::is_control) {
        return refuse(Rule::CodeControl);
    }
    if code.chars().count() > MAX_CODE {
        return refuse(Rule::CodeTooLong);
    }
    Secret::new(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule<T>(result: Result<T, Error>) -> String {
        result.err().expect("refused").to_string()
    }

    #[test]
    fn a_key_has_visible_characters_on_one_line() {
        assert_eq!(api_key("k-123").unwrap().reveal(), "k-123");
        assert!(rule(api_key("")).contains("api_key: is empty"));
        assert!(rule(api_key("  ")).contains("api_key: is empty"));
        for broken in ["k\n123", "k-1\r23", "k\t123", "k-\u{0}123", "k\u{7f}", "\u{1b}k"] {
            assert!(rule(api_key(broken)).contains("line break"), "{broken:?}");
        }
        // A byte order mark, a zero-width space, a direction mark, a no-break space.
        for mark in
            ["\u{FEFF}", "\u{200B}", "\u{200F}", "\u{202A}", "\u{2060}", "\u{A0}", "\u{3000}"]
        {
            assert_eq!(api_key(&format!("{mark}k-123 {mark}\r\n")).unwrap().reveal(), "k-123");
            assert!(rule(api_key(&format!("k-{mark}123"))).contains("invisible"), "{mark:?}");
            assert!(rule(api_key(mark)).contains("is empty"), "{mark:?}");
        }
        assert_eq!(api_key("k 123-\u{5D0}").unwrap().reveal(), "k 123-\u{5D0}");
    }

    #[test]
    fn a_sender_is_a_text_or_a_local_number() {
        for (given, used) in [
            ("Acme", "Acme"),
            (" Acme ", "Acme"),
            ("\u{FEFF}Acme\u{200B}\n", "Acme"),
            ("\u{200F}\u{5D7}\u{5E0}\u{5D5}\u{5EA}\u{200F}", "\u{5D7}\u{5E0}\u{5D5}\u{5EA}"),
            ("Shop 24/7", "Shop 24/7"),
            ("החנות שלנו", "החנות שלנו"),
            ("12345678901", "12345678901"),
            ("0501234567", "0501234567"),
            ("050-123-4567", "0501234567"),
            ("+972501234567", "0501234567"),
            ("972501234567", "0501234567"),
            ("00972 50 123 4567", "0501234567"),
            ("12345", "12345"),
        ] {
            assert_eq!(sender(given).unwrap(), used);
        }
        for (given, broken) in [
            ("", "empty"),
            ("  ", "empty"),
            ("123456789012", "longer than 11"),
            ("Acme Trading", "longer than 11"),
            ("Ac\tme", "control"),
            ("Ac\u{7f}me", "control"),
            ("+15551234", "country code"),
        ] {
            assert!(rule(sender(given)).contains(broken), "{given:?}");
        }
    }

    #[test]
    fn a_message_has_a_place_for_the_code() {
        assert_eq!(message("Code: ##code##").unwrap(), "Code: ##code##");
        for given in ["", "Your code", "##CODE##", "# #code##", "##code#"] {
            assert!(rule(message(given)).contains("##code##"), "{given:?}");
        }
    }

    #[test]
    fn an_origin_is_the_name_of_a_host() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        for (given, used) in [
            ("example.co.il", "example.co.il"),
            (" Example.CO.IL\n", "example.co.il"),
            ("https://example.co.il", "example.co.il"),
            ("HTTPS://www.example.co.il/", "www.example.co.il"),
            ("xn--5dbqzzl.co.il", "xn--5dbqzzl.co.il"),
            ("24-7.example", "24-7.example"),
            ("localhost", "localhost"),
            (&longest, &longest),
        ] {
            assert_eq!(origin(given).unwrap(), used);
        }
        for given in [
            "",
            "https://",
            "http://example.co.il",
            "https://example.co.il:8443",
            "https://example.co.il/login",
            "https://https://example.co.il",
            "https://user@example.co.il",
            "example.co.il/",
            "דוגמה.co.il",
            "example..il",
            ".example.il",
            "example.il.",
            "-a.example",
            "a-.example",
            "a_b.example",
            "a b.example",
            "example.il\n@evil.example",
            "192.0.2.1",
            "[2001:db8::1]",
            &format!("{label}a.example"),
            &format!("a{longest}"),
        ] {
            let error = origin(given).expect_err(given);
            assert_eq!(
                (error.argument(), error.rule()),
                (Some("origin"), Some(Rule::OriginInvalid))
            );
        }
    }

    #[test]
    fn the_hash_of_an_app_has_11_characters_of_base64() {
        assert_eq!(app_hash(" FA+9qCX9VSu\n").unwrap(), "FA+9qCX9VSu");
        assert_eq!(app_hash("aaaaaaaaa/a").unwrap(), "aaaaaaaaa/a");
        for given in ["", "FA+9qCX9VS", "FA+9qCX9VSuu", "FA-9qCX9VSu", "FA 9qCX9VSu", "FA+9qCX9Vא"]
        {
            let error = app_hash(given).expect_err(given);
            assert_eq!(error.rule(), Some(Rule::AppHashInvalid));
            assert_eq!(error.argument(), Some("app_hash"));
        }
    }

    #[test]
    fn the_id_of_a_message_is_a_word() {
        assert_eq!(unique(" 63433453\r\n").unwrap(), "63433453");
        assert_eq!(unique("a-B_9").unwrap(), "a-B_9");
        assert!(rule(unique(" ")).contains("unique: is empty"));
        for given in ["6343 3453", "63433453\0", "\u{661}", "\"", &"1".repeat(65)] {
            assert!(rule(unique(given)).contains("no message's id"), "{given:?}");
        }
    }

    #[test]
    fn a_code_is_taken_as_people_type_it() {
        for (given, used) in [
            ("123456", "123456"),
            (" 123456\r\n", "123456"),
            ("123 456", "123456"),
            ("123-456", "123456"),
            ("12\u{2013}34", "1234"),
            ("123\u{a0}456", "123456"),
            ("123\u{202f}456", "123456"),
            ("\u{200F}123456\u{200E}", "123456"),
            ("\u{0661}\u{0662}\u{0663}\u{0664}", "1234"),
            ("\u{FF11}\u{FF12}\u{FF13}", "123"),
            ("0012", "0012"),
            ("AB-12", "AB-12"),
            ("ab 12", "ab 12"),
            ("1234567890123456", "1234567890123456"),
        ] {
            assert_eq!(code(given).unwrap().reveal(), used, "{given:?}");
        }
        for (given, broken) in [
            ("", "empty"),
            (" \n", "empty"),
            ("\u{200F}", "empty"),
            ("--", "empty"),
            ("12345678901234567", "longer than 16"),
            ("12\u{0}34", "control"),
            ("12\r\n34", "control"),
        ] {
            assert!(rule(code(given)).contains(broken), "{given:?}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_what_was_given() {
        for error in [
            api_key("secret\n-key").unwrap_err(),
            api_key("secret\u{200B}-key").unwrap_err(),
            code("98765\u{0}").unwrap_err(),
            code("98765432109876543").unwrap_err(),
        ] {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("secret") && !shown.contains("98765"), "{shown}");
        }
    }
}
