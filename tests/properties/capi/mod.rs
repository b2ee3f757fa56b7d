//! The C functions, called with every mistake that the header allows for: in any order, with NULL and
//! invalid strings, after an error, freed in any order.

mod argument;
mod callbacks;
mod calls;
mod config;
mod responses;
mod result;

use std::ffi::c_int;
use std::ptr;

use super::{Choices, Responder, Session};
use crate::capi::*;

use callbacks::CallbackState;
use calls::Step;
use config::Model;
use result::{check_copy, check_message, check_phone, check_result, text};

/// How many functions one input calls at most.
const MAX_STEPS: usize = 64;
/// How many handles of each kind a program keeps.
const SLOTS: usize = 3;

/// The phone number of most calls. No error text has it as an example.
const NUMBER: &str = "0529876543";

/// Calls the functions that `data` names.
pub fn capi(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut program = Program::new();
    for _ in 0..MAX_STEPS {
        if choices.is_empty() {
            break;
        }
        program.step(&mut choices);
        program.callbacks.check();
    }
    program.end(&mut choices);
}

/// A program with its handles. `session` is dropped last: it waits until all clients are gone.
struct Program {
    configs: [Option<ConfigHandle>; SLOTS],
    clients: [Option<ClientHandle>; SLOTS],
    results: [ResultHandle; SLOTS],
    callbacks: Box<CallbackState>,
    /// How many requests the server must have seen.
    requests: usize,
    /// How many more calls may run into their deadline.
    slow_calls_left: usize,
    session: Session,
}

struct ConfigHandle {
    handle: *mut verifysms_config,
    model: Model,
    /// The text of the first error.
    first_error: Option<String>,
    /// What verifysms_config_error() must answer.
    error: String,
}

impl Drop for ConfigHandle {
    fn drop(&mut self) {
        // SAFETY: a live handle, which is not used again.
        unsafe { verifysms_config_free(self.handle) };
    }
}

struct ClientHandle {
    handle: *mut verifysms_client,
    model: Model,
}

impl Drop for ClientHandle {
    fn drop(&mut self) {
        // SAFETY: a live handle, which is not used again.
        unsafe { verifysms_client_free(self.handle) };
    }
}

/// A result, or NULL.
struct ResultHandle(*mut verifysms_result);

impl Drop for ResultHandle {
    fn drop(&mut self) {
        // SAFETY: NULL or a live handle, which is not used again.
        unsafe { verifysms_result_free(self.0) };
    }
}

impl Program {
    fn new() -> Program {
        Program {
            configs: [const { None }; SLOTS],
            clients: [const { None }; SLOTS],
            results: [const { ResultHandle(ptr::null_mut()) }; SLOTS],
            callbacks: Box::default(),
            requests: 0,
            slow_calls_left: 2,
            session: Responder::get().begin(),
        }
    }

    fn step(&mut self, choices: &mut Choices<'_>) {
        match choices.index(16) {
            0 => self.new_config(choices),
            1 => self.new_usual_client(choices),
            2..=5 => self.set(choices),
            6 => self.new_client(choices),
            7 | 8 => self.call(choices, Step::block),
            9 => self.call(choices, Step::queue),
            10 => self.cancel(choices),
            11 => {
                // A result does not depend on its client or config.
                check_result(self.result(choices));
            }
            12 => self.copy_string(choices),
            13 | 14 => self.free(choices),
            _ => check_constants(choices),
        }
    }

    fn result(&self, choices: &mut Choices<'_>) -> *mut verifysms_result {
        match choices.index(SLOTS + 1) {
            SLOTS => ptr::null_mut(),
            at => self.results[at].0,
        }
    }

    /// Copies one of a result's strings.
    fn copy_string(&mut self, choices: &mut Choices<'_>) {
        let result = self.result(choices);
        // SAFETY: NULL or a live result.
        let strings = unsafe {
            [
                verifysms_result_to(result),
                verifysms_result_message(result),
                verifysms_result_unique(result),
                c"\xd7\xa7\xd7\x95\xd7\x93 \xf0\x9f\x98\x80 \xff".as_ptr(),
                ptr::null(),
            ]
        };
        let string = choices.one_of(&strings);
        let size = choices.one_of(&[0, 1, 2, 3, 5, 8, 64, -1, c_int::MIN]);
        check_copy(string, size);
        check_phone(string, size);
        check_message(string);
    }

    fn cancel(&mut self, choices: &mut Choices<'_>) {
        let client = self.clients.get(choices.index(SLOTS + 1)).and_then(Option::as_ref);
        // SAFETY: NULL or a live client.
        unsafe { verifysms_client_cancel(client.map_or(ptr::null_mut(), |client| client.handle)) }
    }

    /// Frees a config, a client or a result, or NULL.
    fn free(&mut self, choices: &mut Choices<'_>) {
        let kind = choices.index(3);
        match choices.index(SLOTS + 1) {
            // SAFETY: NULL.
            SLOTS => unsafe {
                verifysms_config_free(ptr::null_mut());
                verifysms_client_free(ptr::null_mut());
                verifysms_result_free(ptr::null_mut());
            },
            at => self.free_one(kind, at),
        }
    }

    fn free_one(&mut self, kind: usize, at: usize) {
        match kind {
            0 => self.configs[at] = None,
            1 => self.clients[at] = None,
            _ => self.results[at] = ResultHandle(ptr::null_mut()),
        }
    }

    /// Frees everything, kind by kind in some order, and counts the requests again.
    fn end(mut self, choices: &mut Choices<'_>) {
        for kind in choices.one_of(&[[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]]) {
            for at in 0..SLOTS {
                check_result(self.results[at].0);
                self.free_one(kind, at);
            }
        }
        self.callbacks.check();
        assert_eq!(
            self.session.requests(self.requests).len(),
            self.requests,
            "a request was repeated"
        );
    }
}

/// Functions that do not depend on any handle.
fn check_constants(choices: &mut Choices<'_>) {
    let code = c_int::from(choices.byte() as i8);
    let is_code = (VERIFYSMS_OK..=VERIFYSMS_GUARD_DOWN).contains(&code);
    assert_eq!(!text(verifysms_code_name(code)).is_empty(), is_code);
    let limits = VERIFYSMS_LIMIT_COOLDOWN..=VERIFYSMS_LIMIT_FAILURES_USER;
    assert_eq!(!text(verifysms_limit_name(code)).is_empty(), limits.contains(&code));
    let events = VERIFYSMS_EVENT_OTHER..=VERIFYSMS_EVENT_FAILED;
    assert_eq!(!text(verifysms_event_name(code)).is_empty(), events.contains(&code));
    assert_eq!(text(verifysms_version()), env!("CARGO_PKG_VERSION"));
}
