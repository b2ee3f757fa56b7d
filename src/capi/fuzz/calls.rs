//! Calls of a client, and the codes that they must end in.

use std::ffi::{CStr, c_int};
use std::ptr;

use super::super::*;
use super::answers::Told;
use super::given::Given;
use super::outcome::examine;
use super::settings::{Settings, Way};
use super::{Client, Outcome, Program, SLOTS};
use crate::fuzz::{Answer, Choices};

/// A deadline that a call may run into without holding up the fuzzer.
const SHORT: c_int = 50;
/// A deadline that a call may run into when the machine is busy.
const UNSURE: c_int = 5000;
/// No call takes longer.
const LONGEST: c_int = 60_000;

/// One number as people write it.
const NUMBERS: [&CStr; 4] =
    [c"0529876543", c"+972 52-987-6543", c"\xe2\x80\x8f052-9876543", c"00972529876543"];

/// The step of a call, with the strings that are its own.
pub(super) enum Step {
    Send,
    SendWith(Given, Given),
    Check(Given),
}

impl Step {
    fn choose(choices: &mut Choices<'_>) -> Step {
        match choices.index(3) {
            0 => {
                let codes = [c"493021", c" 493-021 ", c"AB-12"];
                Step::Check(Given::choose(choices, &codes, false))
            }
            1 => Step::Send,
            _ => {
                let sender = Given::choose(choices, &[c"Shop", c"0501234567"], true);
                let message = Given::choose(choices, &[c"##code##", c"a\r\n##code##"], true);
                Step::SendWith(sender, message)
            }
        }
    }

    /// Whether its own strings are right.
    fn is_right(&self) -> Option<bool> {
        match self {
            Step::Send => Some(true),
            Step::Check(code) => code.is_right,
            Step::SendWith(sender, message) => both(sender.is_right, message.is_right),
        }
    }

    fn has_sender(&self, settings: &Settings) -> bool {
        match self {
            Step::Check(_) => true,
            Step::Send => settings.has_sender,
            Step::SendWith(sender, _) => settings.has_sender || !sender.is_null(),
        }
    }

    /// Makes the call in a way that blocks.
    pub(super) fn block(&self, client: *mut verifysms_client, to: &Given) -> *mut verifysms_result {
        // SAFETY: NULL or a live client, and strings that live until the call is over.
        unsafe {
            match self {
                Step::Send => verifysms_send(client, to.as_ptr()),
                Step::SendWith(sender, message) => {
                    let (sender, message) = (sender.as_ptr(), message.as_ptr());
                    verifysms_send_with(client, to.as_ptr(), sender, message)
                }
                Step::Check(code) => verifysms_check(client, to.as_ptr(), code.as_ptr()),
            }
        }
    }

    /// Makes the call with a queue, or blocks where there is none.
    pub(super) fn queue(&self, client: *mut verifysms_client, to: &Given) -> *mut verifysms_result {
        // SAFETY: NULL or a live client, strings that live until the call is started, and a queue that is
        // freed once.
        unsafe {
            let queue = verifysms_queue_new(client);
            if queue.is_null() {
                return self.block(client, to);
            }
            let (to, none, key) = (to.as_ptr(), ptr::null(), queue.cast());
            let code = match self {
                Step::Send => verifysms_queue_send(queue, to, none, none, key),
                Step::SendWith(sender, message) => {
                    verifysms_queue_send(queue, to, sender.as_ptr(), message.as_ptr(), key)
                }
                Step::Check(code) => verifysms_queue_check(queue, to, code.as_ptr(), key),
            };
            assert_eq!((code, verifysms_queue_count(queue)), (VERIFYSMS_OK, 1));
            let mut user_data = ptr::null_mut();
            let mut result = verifysms_queue_next(queue, &mut user_data);
            while result.is_null() {
                assert!(user_data.is_null());
                let fd = verifysms_queue_descriptor(queue);
                let mut polled = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
                assert_eq!(libc::poll(&mut polled, 1, LONGEST), 1, "the queue is stuck");
                result = verifysms_queue_next(queue, &mut user_data);
            }
            assert_eq!((user_data, verifysms_queue_count(queue)), (key, 0));
            verifysms_queue_free(queue);
            result
        }
    }
}

impl Program {
    pub(super) fn call(
        &mut self,
        choices: &mut Choices<'_>,
        call: fn(&Step, *mut verifysms_client, &Given) -> *mut verifysms_result,
    ) {
        let at = choices.index(SLOTS + 1);
        let mut to = Given::choose(choices, &NUMBERS, false);
        let step = Step::choose(choices);
        let told = Told::choose(choices);
        let client = self.clients.get(at).and_then(Option::as_ref);
        if !client.is_some_and(|client| self.may_be_made(client, &told)) {
            to = Given::null(false);
        } else if client.is_some_and(|client| is_slow(client, &told)) {
            self.patience -= 1;
        }
        let settings = client.map(|client| &client.settings);
        let is_right = match settings {
            Some(settings) if step.has_sender(settings) => both(to.is_right, step.is_right()),
            _ => Some(false),
        };
        let usual = match step {
            Step::Check(_) => told.check,
            _ => told.send,
        };
        if settings.is_some_and(|settings| settings.way() == Way::Here) {
            self.turn.answer(told.answer);
        }
        let handle = client.map_or(ptr::null_mut(), |client| client.handle);
        self.ears.client.set(Some(handle));
        let result = Outcome(call(&step, handle, &to));
        self.ears.client.set(None);

        let (code, reached) = examine(result.0);
        let is_refused = code == VERIFYSMS_INVALID_ARGUMENT;
        assert!(is_right.is_none_or(|is_right| is_right != is_refused), "code {code}");
        if let Some(settings) = settings.filter(|_| !is_refused) {
            let may_end = self.may_end(settings, usual, code);
            assert!(may_end, "code {code} for {usual:?} by {:?}", settings.way());
            let is_here = settings.way() == Way::Here;
            assert!(is_here || reached == VERIFYSMS_REACHED_NO, "code {code}, reached {reached}");
        }
        // Each request that may have arrived has, and no other.
        self.requests += usize::from(reached != VERIFYSMS_REACHED_NO);
        assert_eq!(self.turn.requests(self.requests).len(), self.requests, "reached {reached}");
        self.turn.forget();
        self.results[choices.index(SLOTS)] = result;
    }

    /// Whether a call that was not refused may end in `code`, where the answer makes it `usual`.
    fn may_end(&self, settings: &Settings, usual: Option<c_int>, code: c_int) -> bool {
        let is_wanted = match settings.way() {
            Way::Here => usual.is_none_or(|usual| usual == code),
            Way::Nowhere => code == VERIFYSMS_CONNECT,
            Way::Tls => code == VERIFYSMS_TLS || code == VERIFYSMS_TIMEOUT,
            Way::Outside => panic!("a request left this process"),
        };
        is_wanted
            || match code {
                VERIFYSMS_TIMEOUT => settings.timeout <= UNSURE,
                VERIFYSMS_CONNECT => settings.connect_timeout <= UNSURE,
                VERIFYSMS_CANCELLED => {
                    settings.is_interrupted && self.ears.manner.get().ends_calls()
                }
                _ => false,
            }
    }

    /// Whether a request may be made: not out of this process, and with an end that is near.
    fn may_be_made(&self, client: &Client, told: &Told) -> bool {
        let is_near = client.settings.timeout <= SHORT && self.patience > 0;
        client.settings.way() != Way::Outside && (is_near || !is_slow(client, told))
    }
}

/// Whether two strings are right.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether only its deadline ends the call.
fn is_slow(client: &Client, told: &Told) -> bool {
    match client.settings.way() {
        Way::Here => matches!(told.answer, Answer::Silence),
        // An attempt that failed is repeated while there is time.
        Way::Nowhere | Way::Tls => true,
        Way::Outside => false,
    }
}
