//! What holds for every result, whichever call it came from.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use super::super::{CODE, KEY};
use super::NUMBER;
use crate::capi::*;

/// A string of the library.
pub(super) fn text(pointer: *const c_char) -> String {
    assert!(!pointer.is_null());
    // SAFETY: the library's string. AddressSanitizer finds one without a NUL byte.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().expect("UTF-8").to_owned()
}

/// Whether a call that ended in `code` may have this value of reached.
fn may_have_reached(code: c_int, reached: c_int) -> bool {
    match code {
        VERIFYSMS_OK | VERIFYSMS_NOT_VERIFIED | VERIFYSMS_REJECTED => {
            reached == VERIFYSMS_REACHED_YES
        }
        VERIFYSMS_INVALID_ARGUMENT | VERIFYSMS_CONNECT | VERIFYSMS_TLS => {
            reached == VERIFYSMS_REACHED_NO
        }
        VERIFYSMS_TIMEOUT | VERIFYSMS_CANCELLED => {
            [VERIFYSMS_REACHED_NO, VERIFYSMS_REACHED_UNKNOWN].contains(&reached)
        }
        VERIFYSMS_CONNECTION_LOST | VERIFYSMS_HTTP_STATUS | VERIFYSMS_BAD_REPLY => {
            reached == VERIFYSMS_REACHED_UNKNOWN
        }
        // A defect, or no code at all.
        _ => false,
    }
}

/// Reads all of a result twice, and returns its code and whether the request reached the service.
pub(super) fn check_result(result: *const verifysms_result) -> (c_int, c_int) {
    let first = read(result);
    assert_eq!(first, read(result), "the result changed");
    let (
        [code, reached, rule, reason, status, http_status, limit, retry_after, tries],
        timestamp,
        texts,
    ) = first;
    let [unique, sender, to, message] = texts.each_ref().map(|&pointer| text(pointer));
    if result.is_null() {
        let neutral = [VERIFYSMS_INTERNAL, VERIFYSMS_REACHED_UNKNOWN, 0, 0, 0, 0, 0, 0, -1];
        assert_eq!(first.0, neutral);
        assert_eq!((timestamp, unique + &sender + &to + &message), (0, String::new()));
        return (code, reached);
    }
    assert!(may_have_reached(code, reached), "code {code}, reached {reached}: {message}");
    assert_ne!(text(verifysms_code_name(code)), "");
    // All limits are off.
    assert_eq!((limit, retry_after, tries), (0, 0, -1));
    for language in [c"he".as_ptr(), c"en".as_ptr(), ptr::null(), c"\xff".as_ptr()] {
        // SAFETY: a live result, and strings or NULL.
        let sentence = text(unsafe { verifysms_result_user_text(result, language) });
        assert!(!sentence.is_empty() && !sentence.contains(&NUMBER[1..7]), "{sentence}");
    }
    assert_eq!(text(verifysms_reason_text(reason)).is_empty(), reason == 0);
    assert!(http_status == 0 || (100..1000).contains(&http_status), "{http_status}");
    assert!(to.is_empty() || ((9..=10).contains(&to.len()) && to.starts_with('0')), "{to}");
    assert!(!message.is_empty() && message.len() < 300, "{message}");
    for secret in [KEY, CODE, &NUMBER[1..]] {
        assert!(!message.contains(secret), "{message}");
    }
    let is_send = !unique.is_empty();
    if is_send {
        assert_eq!((code, reason, status), (VERIFYSMS_OK, VERIFYSMS_REASON_NONE, 0));
        assert!(!sender.is_empty() || code == VERIFYSMS_OK);
    } else {
        assert_eq!((timestamp, &*sender), (0, ""));
        assert!(code != VERIFYSMS_OK || status == 1);
        assert!(status != 1 || code == VERIFYSMS_OK);
        assert!(reason == 0 || code == VERIFYSMS_REJECTED);
    }
    if reached == VERIFYSMS_REACHED_YES {
        assert!(http_status != 0 && !to.is_empty());
    }
    assert_eq!(rule != 0, code == VERIFYSMS_INVALID_ARGUMENT);
    assert_eq!(rule != 0, !text(verifysms_rule_name(rule)).is_empty());
    if code == VERIFYSMS_INVALID_ARGUMENT {
        assert!(message.contains(": "), "{message}");
        assert_eq!(http_status, 0);
    }
    (code, reached)
}

type Fields = ([c_int; 9], i64, [*const c_char; 4]);

fn read(result: *const verifysms_result) -> Fields {
    // SAFETY: NULL or a live result.
    unsafe {
        let numbers = [
            verifysms_result_code(result),
            verifysms_result_reached(result),
            verifysms_result_rule(result),
            verifysms_result_reason(result),
            verifysms_result_status(result),
            verifysms_result_http_status(result),
            verifysms_result_limit(result),
            verifysms_result_retry_after(result),
            verifysms_result_tries_left(result),
        ];
        let texts = [
            verifysms_result_unique(result),
            verifysms_result_sender(result),
            verifysms_result_to(result),
            verifysms_result_message(result),
        ];
        (numbers, verifysms_result_timestamp(result), texts)
    }
}

/// Reads `string` as a phone number into a buffer of exactly `size` bytes and checks what is stored.
pub(super) fn check_phone(string: *const c_char, size: c_int) {
    let mut buffer = vec![0x55u8; usize::try_from(size).unwrap_or(0)];
    for is_e164 in [false, true] {
        buffer.fill(0x55);
        let normalize = if is_e164 { verifysms_phone_e164 } else { verifysms_phone_normalize };
        // SAFETY: NULL or a string, and a buffer of `size` bytes, or none that are touched.
        let rule = unsafe { normalize(string, buffer.as_mut_ptr().cast(), size) };
        assert_eq!(rule == 0, text(verifysms_rule_name(rule)).is_empty(), "{rule}");
        let end = buffer.iter().position(|&byte| byte == 0);
        assert_eq!(end.is_some(), !buffer.is_empty());
        let stored = String::from_utf8(buffer[..end.unwrap_or(0)].to_vec()).expect("UTF-8");
        assert!(end.is_none_or(|end| buffer[end + 1..].iter().all(|&byte| byte == 0x55)));
        assert_eq!(rule == 0, stored.starts_with(if is_e164 { "+972" } else { "0" }), "{stored}");
        assert!(rule == 0 || stored.is_empty(), "{stored}");
        assert!(rule != 0 || (9..=13).contains(&stored.len()), "{stored}");
    }
    // SAFETY: as above.
    let kind = unsafe { verifysms_phone_kind(string) };
    assert!((VERIFYSMS_PHONE_UNKNOWN..=VERIFYSMS_PHONE_KOSHER).contains(&kind));
}

/// Inspects `string` as a message and as the sender and the host of one.
pub(super) fn check_message(string: *const c_char) {
    // SAFETY: NULL or a string, and a handle that is freed once.
    unsafe {
        for message in [
            verifysms_message_inspect(string, ptr::null(), ptr::null()),
            verifysms_message_inspect(c"##code##\n@a.b ###code##".as_ptr(), string, string),
        ] {
            let count = verifysms_message_warning_count(message);
            assert!(count >= 0);
            let parts = verifysms_message_parts(message, 8);
            assert_eq!(parts > 0, !message.is_null());
            assert!(verifysms_message_parts(message, 4) <= parts);
            for index in 0..count {
                assert!(verifysms_message_warning(message, index) > 0);
                assert!(verifysms_message_warning_position(message, index) >= -1);
                assert_ne!(text(verifysms_message_warning_text(message, index)), "");
            }
            assert_eq!(text(verifysms_message_warning_text(message, count)), "");
            verifysms_message_free(message);
        }
    }
}

/// Copies `string` into a buffer of exactly `size` bytes and checks the copy.
pub(super) fn check_copy(string: *const c_char, size: c_int) {
    let whole = match string.is_null() {
        true => Vec::new(),
        // SAFETY: not NULL, and it ends with a NUL byte.
        false => unsafe { CStr::from_ptr(string) }.to_bytes().to_vec(),
    };
    let mut buffer = vec![0x55u8; usize::try_from(size).unwrap_or(0)];
    // SAFETY: the buffer has `size` bytes, or none that are touched.
    let length = unsafe { verifysms_copy(string, buffer.as_mut_ptr().cast(), size) };
    assert_eq!(usize::try_from(length), Ok(whole.len()));
    // SAFETY: no buffer.
    assert_eq!(unsafe { verifysms_copy(string, ptr::null_mut(), size) }, length);
    let Some(room) = buffer.len().checked_sub(1) else { return };
    let end = buffer.iter().position(|&byte| byte == 0).expect("a NUL byte");
    assert!(end <= room && buffer[end + 1..].iter().all(|&byte| byte == 0x55));
    assert!(whole.starts_with(&buffer[..end]));
    assert!(end == whole.len() || room - end < 4, "{end} of {room}");
    if let Ok(text) = std::str::from_utf8(&whole) {
        assert!(text.is_char_boundary(end));
    }
}
