//! The C functions as a program may call them that makes every mistake the header allows for: in any
//! order, with NULLs and broken strings, on after a refusal, freed in any order.

mod answers;
mod callbacks;
mod calls;
mod given;
mod outcome;
mod settings;

use std::ffi::c_int;
use std::ptr;

use super::*;
use crate::fuzz::{Choices, Responder, Turn};

use callbacks::Ears;
use calls::Step;
use outcome::{copy, examine, text};
use settings::Settings;

/// The most functions that one input calls, and how many handles of a kind it keeps.
const MOST_STEPS: usize = 64;
const SLOTS: usize = 3;

/// The number of most calls; no rule quotes it as an example.
const NUMBER: &str = "0529876543";

/// Calls the functions that `data` names.
pub fn capi(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut program = Program::new();
    for _ in 0..MOST_STEPS {
        if choices.is_empty() {
            break;
        }
        program.step(&mut choices);
        program.ears.check();
    }
    program.end(&mut choices);
}

/// A program with its handles. The service waits until all clients are gone, and so comes last.
struct Program {
    configs: [Option<Config>; SLOTS],
    clients: [Option<Client>; SLOTS],
    results: [Outcome; SLOTS],
    ears: Box<Ears>,
    /// The requests that the service has to have seen.
    requests: usize,
    /// How many more calls may run into their deadline.
    patience: usize,
    turn: Turn,
}

struct Config {
    handle: *mut verifysms_config,
    settings: Settings,
    /// What the first setter that refused has said.
    refusal: Option<String>,
    /// What verifysms_config_error() says now.
    error: String,
}

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: a live handle, which is not used again.
        unsafe { verifysms_config_free(self.handle) };
    }
}

struct Client {
    handle: *mut verifysms_client,
    settings: Settings,
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: a live handle, which is not used again.
        unsafe { verifysms_client_free(self.handle) };
    }
}

/// A result, or NULL.
struct Outcome(*mut verifysms_result);

impl Drop for Outcome {
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
            results: [const { Outcome(ptr::null_mut()) }; SLOTS],
            ears: Box::default(),
            requests: 0,
            patience: 2,
            turn: Responder::get().turn(),
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
                // What the accessors say of a result does not depend on what else still lives.
                examine(self.result(choices));
            }
            12 => self.copy(choices),
            13 | 14 => self.free(choices),
            _ => constant(choices),
        }
    }

    fn result(&self, choices: &mut Choices<'_>) -> *mut verifysms_result {
        match choices.index(SLOTS + 1) {
            SLOTS => ptr::null_mut(),
            at => self.results[at].0,
        }
    }

    /// Copies one of a result's strings.
    fn copy(&mut self, choices: &mut Choices<'_>) {
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
        copy(choices.one_of(&strings), choices.one_of(&[0, 1, 2, 3, 5, 8, 64, -1, c_int::MIN]));
    }

    fn cancel(&mut self, choices: &mut Choices<'_>) {
        let client = self.clients.get(choices.index(SLOTS + 1)).and_then(Option::as_ref);
        // SAFETY: NULL or a live client.
        unsafe { verifysms_client_cancel(client.map_or(ptr::null_mut(), |client| client.handle)) }
    }

    /// Frees settings, a client or a result, or NULL.
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
            _ => self.results[at] = Outcome(ptr::null_mut()),
        }
    }

    /// Frees everything, kind by kind in one order or another, and counts the requests once more.
    fn end(mut self, choices: &mut Choices<'_>) {
        for kind in choices.one_of(&[[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]]) {
            for at in 0..SLOTS {
                examine(self.results[at].0);
                self.free_one(kind, at);
            }
        }
        self.ears.check();
        assert_eq!(
            self.turn.requests(self.requests).len(),
            self.requests,
            "a request was repeated"
        );
    }
}

/// What is the same whatever happens.
fn constant(choices: &mut Choices<'_>) {
    let code = c_int::from(choices.byte() as i8);
    let is_code = (VERIFYSMS_OK..=VERIFYSMS_INTERNAL).contains(&code);
    assert_eq!(!text(verifysms_code_name(code)).is_empty(), is_code);
    assert_eq!(text(verifysms_version()), env!("CARGO_PKG_VERSION"));
}
