//! What no C program can show: that a panic in any function becomes a return value.

mod numbers;

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};

use super::handle::Handle;
use super::result::ResultState;
use super::*;
use crate::error::{Code, Reached};

thread_local! {
    static INJECT_PANIC: Cell<bool> = const { Cell::new(false) };
}

/// Called inside the boundary.
pub(super) fn panic_if_injected() {
    assert!(!INJECT_PANIC.get(), "forced by a test");
}

/// Calls `work`, in which every C function panics.
fn with_panics<T>(work: impl FnOnce() -> T) -> T {
    INJECT_PANIC.set(true);
    let result = work();
    INJECT_PANIC.set(false);
    result
}

fn text(pointer: *const c_char) -> &'static str {
    // SAFETY: the tests pass what the functions returned.
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap()
}

/// A config, a client and a result to be read, each with nothing wrong.
fn handles() -> (*mut verifysms_config, *mut verifysms_client, *mut verifysms_result) {
    // SAFETY: the strings are literals, the handles are new.
    unsafe {
        let config = verifysms_config_new(c"key".as_ptr());
        let client = verifysms_client_new(config);
        assert!(!client.is_null());
        (config, client, verifysms_send(client, c"".as_ptr()))
    }
}

fn free(
    (config, client, result): (*mut verifysms_config, *mut verifysms_client, *mut verifysms_result),
) {
    // SAFETY: made by `handles` and not used again.
    unsafe {
        verifysms_result_free(result);
        verifysms_client_free(client);
        verifysms_config_free(config);
    }
}

/// A host must not do this. If it does, nobody is verified, and nothing is sent again.
#[test]
#[cfg_attr(miri, ignore = "it reads what was freed")]
fn a_result_that_was_freed_verifies_nobody() {
    let verified = ResultState::new(Code::Ok, Reached::Yes, ["", "", "0501234567", "verified"]);
    let result = verifysms_result::into_raw(verified);
    let told = || {
        // SAFETY: what was freed still belongs to the process, and the test has no other thread that takes it.
        unsafe { (verifysms_result_code(result), verifysms_result_reached(result)) }
    };
    assert_eq!(told(), (VERIFYSMS_OK, VERIFYSMS_REACHED_YES));
    // SAFETY: a live handle, and then one whose memory nobody has taken.
    unsafe {
        verifysms_result_free(result);
        assert_eq!(told(), (VERIFYSMS_INTERNAL, VERIFYSMS_REACHED_UNKNOWN));
        verifysms_result_free(result);
    }
}

#[test]
fn a_panic_behind_a_call_is_an_internal_error_that_may_have_left() {
    let handles = handles();
    let (_, client, _) = handles;
    let (to, code) = (c"0501234567".as_ptr(), c"123456".as_ptr());
    // SAFETY: a literal.
    let request = unsafe { verifysms_request_new(to) };
    // SAFETY: live handles, literals.
    let results = with_panics(|| unsafe {
        [
            verifysms_send(client, to),
            verifysms_send_with(client, to, null(), null()),
            verifysms_check(client, to, code),
            verifysms_client_connect(client),
            verifysms_send_request(client, request),
            verifysms_check_request(client, request, code),
            verifysms_forget(client, to),
            verifysms_guard_show(client, to),
            verifysms_delivery(client, c"1".as_ptr()),
        ]
    });
    for result in results {
        // SAFETY: a result that was just made, freed here once.
        unsafe {
            assert_eq!(verifysms_result_code(result), VERIFYSMS_INTERNAL);
            assert_eq!(verifysms_result_reached(result), VERIFYSMS_REACHED_UNKNOWN);
            verifysms_result_free(result);
        }
    }
    // SAFETY: a live handle, not used again.
    unsafe { verifysms_request_free(request) };
    free(handles);
}

#[test]
fn a_panic_behind_a_setter_is_its_code() {
    let handles = handles();
    let (config, ..) = handles;
    // SAFETY: a literal.
    let request = unsafe { verifysms_request_new(c"0501234567".as_ptr()) };
    // SAFETY: live handles, NULLs and literals.
    let codes = with_panics(|| unsafe {
        [
            verifysms_config_set_sender(config, c"Acme".as_ptr()),
            verifysms_config_set_message(config, null()),
            verifysms_config_set_url(config, null()),
            verifysms_config_set_delivery_url(config, null()),
            verifysms_config_set_timeout_ms(config, 1),
            verifysms_config_set_connect_timeout_ms(config, 1),
            verifysms_config_set_proxy(config, null()),
            verifysms_config_set_ca_file(config, null()),
            verifysms_config_set_trust(config, 0),
            verifysms_config_set_allow_http(config, 0),
            verifysms_config_set_log(config, None, null_mut()),
            verifysms_config_set_event(config, None, null_mut()),
            verifysms_config_set_interrupt(config, None, null_mut()),
            verifysms_config_set_guard(config, null()),
            verifysms_config_set_limit(config, 1, 0, 0),
            verifysms_config_set_guard_secret(config, null()),
            verifysms_config_set_guard_namespace(config, null()),
            verifysms_config_set_guard_timeout_ms(config, 1),
            verifysms_config_set_guard_failure(config, 0),
            verifysms_request_set_end_user(request, null()),
            verifysms_request_set_sender(request, null()),
            verifysms_request_set_message(request, null()),
            verifysms_request_set_origin(request, null()),
            verifysms_request_set_app_hash(request, null()),
            verifysms_request_set_timeout_ms(request, 1),
        ]
    });
    assert_eq!(codes, [VERIFYSMS_INTERNAL; 25]);
    // SAFETY: a live handle, not used again.
    unsafe { verifysms_request_free(request) };
    free(handles);
}

#[test]
fn a_panic_behind_anything_else_is_a_neutral_answer() {
    let handles = handles();
    let (config, client, result) = handles;
    // SAFETY: live handles and buffers. The handles that a panic keeps from being freed are
    // freed at the end.
    with_panics(|| unsafe {
        assert!(verifysms_client_new(config).is_null());
        verifysms_client_cancel(client);
        assert_eq!(text(verifysms_config_error(config)), "");
        assert_eq!(verifysms_config_rule(config), 0);
        assert_eq!(verifysms_result_code(result), VERIFYSMS_INTERNAL);
        assert_eq!(verifysms_result_reached(result), VERIFYSMS_REACHED_UNKNOWN);
        assert_eq!(verifysms_result_rule(result), 0);
        assert_eq!(verifysms_result_reason(result), 0);
        assert_eq!(verifysms_result_status(result), 0);
        assert_eq!(verifysms_result_http_status(result), 0);
        assert_eq!(verifysms_result_timestamp(result), 0);
        assert_eq!(verifysms_result_limit(result), 0);
        assert_eq!(verifysms_result_retry_after(result), 0);
        assert_eq!(verifysms_result_tries_left(result), -1);
        assert!(verifysms_request_new(c"0501234567".as_ptr()).is_null());
        assert_eq!(text(verifysms_result_unique(result)), "");
        assert_eq!(text(verifysms_result_sender(result)), "");
        assert_eq!(text(verifysms_result_to(result)), "");
        assert_eq!(text(verifysms_result_message(result)), "");
        assert_eq!(text(verifysms_result_user_text(result, null())), "");
        assert_eq!(verifysms_wait_text(1, null(), null_mut(), 0), 0);
        assert_eq!(verifysms_result_delivery_state(result), VERIFYSMS_DELIVERY_UNKNOWN);
        assert_eq!(verifysms_result_delivery_next(result), VERIFYSMS_NEXT_NONE);
        assert_eq!(verifysms_result_delivery_code(result), VERIFYSMS_DELIVERY_CODE_NONE);
        assert_eq!(text(verifysms_result_delivery_hebrew(result)), "");
        assert_eq!(text(verifysms_result_delivery_english(result)), "");
        assert_eq!(text(verifysms_result_delivery_date(result)), "");
        assert_eq!(text(verifysms_result_delivery_operator(result)), "");
        assert_eq!(verifysms_copy(c"abc".as_ptr(), null_mut(), 0), 0);
        let (to, mut buffer) = (c"0501234567".as_ptr(), [c_char::MAX; 16]);
        assert_eq!(verifysms_phone_normalize(to, buffer.as_mut_ptr(), 16), -1);
        assert_eq!(buffer[0], 0);
        assert_eq!(verifysms_phone_e164(to, buffer.as_mut_ptr(), 16), -1);
        assert_eq!(verifysms_phone_kind(to), VERIFYSMS_PHONE_UNKNOWN);
        verifysms_result_free(result);
        verifysms_client_free(client);
        verifysms_config_free(config);
    });
    free(handles);
}

#[test]
fn a_panic_behind_a_queue_starts_nothing_and_takes_nothing() {
    let handles = handles();
    let (to, code) = (c"0501234567".as_ptr(), c"123456".as_ptr());
    // SAFETY: live handles and literals. The queue that a panic keeps from being freed is freed after.
    unsafe {
        assert!(with_panics(|| verifysms_queue_new(handles.1)).is_null());
        let queue = verifysms_queue_new(handles.1);
        assert_eq!(verifysms_queue_send(queue, c"".as_ptr(), null(), null(), queue.cast()), 0);
        let codes = with_panics(|| {
            assert!(verifysms_queue_next(queue, null_mut()).is_null());
            assert_eq!(verifysms_queue_descriptor(queue), -1);
            assert_eq!(verifysms_queue_count(queue), 0);
            assert_eq!(verifysms_queue_cancel(queue, null_mut()), 0);
            verifysms_queue_free(queue);
            [
                verifysms_queue_send(queue, to, null(), null(), null_mut()),
                verifysms_queue_check(queue, to, code, null_mut()),
                verifysms_queue_connect(queue, null_mut()),
                verifysms_queue_send_request(queue, null(), null_mut()),
                verifysms_queue_check_request(queue, null(), code, null_mut()),
                verifysms_queue_delivery(queue, c"1".as_ptr(), null_mut()),
            ]
        });
        assert_eq!(codes, [VERIFYSMS_INTERNAL; 6]);
        assert_eq!(verifysms_queue_count(queue), 1);
        let mut user_data = null_mut();
        let result = verifysms_queue_next(queue, &mut user_data);
        assert_eq!(user_data, queue.cast());
        assert_eq!(verifysms_result_code(result), VERIFYSMS_INVALID_ARGUMENT);
        verifysms_result_free(result);
        verifysms_queue_free(queue);
    }
    free(handles);
}

#[test]
fn a_queue_that_is_null_is_refused() {
    let mut user_data = c"".as_ptr().cast_mut().cast();
    // SAFETY: NULLs, and a live variable.
    unsafe {
        assert!(verifysms_queue_new(null_mut()).is_null());
        let codes = [
            verifysms_queue_send(null_mut(), null(), null(), null(), null_mut()),
            verifysms_queue_check(null_mut(), null(), null(), null_mut()),
            verifysms_queue_connect(null_mut(), null_mut()),
            verifysms_queue_delivery(null_mut(), null(), null_mut()),
        ];
        assert_eq!(codes, [VERIFYSMS_INVALID_ARGUMENT; 4]);
        assert!(verifysms_queue_next(null_mut(), &mut user_data).is_null());
        assert!(user_data.is_null());
        assert_eq!(verifysms_queue_descriptor(null()), -1);
        assert_eq!(verifysms_queue_count(null_mut()), 0);
        assert_eq!(verifysms_queue_cancel(null_mut(), null_mut()), 0);
        verifysms_queue_free(null_mut());
    }
}

#[test]
fn a_panic_while_settings_are_made_leaves_none() {
    // SAFETY: a literal, and NULL.
    unsafe {
        let config = with_panics(|| verifysms_config_new(c"key".as_ptr()));
        assert!(config.is_null());
        assert!(with_panics(|| verifysms_config_from_env()).is_null());
        assert!(verifysms_client_new(config).is_null());
    }
}

#[test]
fn a_panic_behind_an_inspected_message_is_a_neutral_answer() {
    // SAFETY: literals, NULLs and a live handle.
    unsafe {
        let message = verifysms_message_inspect(c"".as_ptr(), null(), null());
        with_panics(|| {
            assert!(verifysms_message_inspect(c"".as_ptr(), null(), null()).is_null());
            assert_eq!(verifysms_message_encoding(message), 0);
            assert_eq!(verifysms_message_length(message, 8), 0);
            assert_eq!(verifysms_message_parts(message, 8), 0);
            assert_eq!(verifysms_message_warning_count(message), 0);
            assert_eq!(verifysms_message_warning(message, 0), 0);
            assert_eq!(verifysms_message_warning_position(message, 0), -1);
            assert_eq!(text(verifysms_message_warning_text(message, 0)), "");
            verifysms_message_free(message);
        });
        verifysms_message_free(message);
    }
}
