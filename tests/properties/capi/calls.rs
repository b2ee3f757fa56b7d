//! The calls of a client, and the codes that they must end in.

use std::ffi::{CStr, c_int};
use std::ptr;
use std::time::Duration;

use super::super::{Choices, Response};
use super::argument::Argument;
use super::config::{Destination, Model};
use super::responses::CannedResponse;
use super::result::check_result;
use super::{ClientHandle, Program, ResultHandle, SLOTS};
use crate::capi::*;
use crate::sys::{self, Descriptor, Interest, PollResult};

/// A deadline that a call may run into without holding up the fuzzer.
const SHORT: c_int = 50;
/// A deadline that a call may run into when the machine is busy.
const MEDIUM: c_int = 5000;
/// No call takes longer.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// One number as people write it.
const NUMBERS: [&CStr; 4] =
    [c"0529876543", c"+972 52-987-6543", c"\xe2\x80\x8f052-9876543", c"00972529876543"];

/// A function to call, with its own arguments.
pub(super) enum Step {
    Send,
    SendWith(Argument, Argument),
    Check(Argument),
    SendRequest(Carried),
    /// With a code and an end user.
    CheckRequest(Argument, Argument),
}

/// What the request of a send carries.
pub(super) struct Carried {
    sender: Argument,
    message: Argument,
    end_user: Argument,
    origin: Argument,
    app_hash: Argument,
}

impl Carried {
    fn is_valid(&self) -> Option<bool> {
        let Carried { sender, message, end_user, origin, app_hash } = self;
        [message, end_user, origin, app_hash]
            .iter()
            .fold(sender.is_valid, |all, argument| both(all, argument.is_valid))
    }
}

/// A request, which is freed as soon as the call is made or started.
struct RequestHandle(*mut verifysms_request);

impl Drop for RequestHandle {
    fn drop(&mut self) {
        // SAFETY: a live request, which is not used again.
        unsafe { verifysms_request_free(self.0) };
    }
}

impl Step {
    fn choose(choices: &mut Choices<'_>) -> Step {
        let code = |choices: &mut Choices<'_>| {
            Argument::choose(choices, &[c"493021", c" 493-021 ", c"AB-12"], false)
        };
        let sender =
            |choices: &mut Choices<'_>| Argument::choose(choices, &[c"Shop", c"0501234567"], true);
        let message = |choices: &mut Choices<'_>| {
            Argument::choose(choices, &[c"##code##", c"a\r\n##code##"], true)
        };
        let end_user = |choices: &mut Choices<'_>| {
            let all = [c"203.0.113.7", c"[2001:db8::1]", c"::1", c"", c"session 17"];
            Argument::choose(choices, &all, true)
        };
        match choices.index(5) {
            0 => Step::Check(code(choices)),
            1 => Step::Send,
            2 => Step::SendWith(sender(choices), message(choices)),
            3 => Step::SendRequest(Carried {
                sender: sender(choices),
                message: message(choices),
                end_user: end_user(choices),
                origin: Argument::choose(choices, &[c"example.co.il", c"https://a.example/"], true),
                app_hash: Argument::choose(choices, &[c"FA+9qCX9VSu"], true),
            }),
            _ => Step::CheckRequest(code(choices), end_user(choices)),
        }
    }

    /// Whether its own arguments are valid.
    fn is_valid(&self) -> Option<bool> {
        match self {
            Step::Send => Some(true),
            Step::Check(code) => code.is_valid,
            Step::SendWith(sender, message) => both(sender.is_valid, message.is_valid),
            Step::SendRequest(carried) => carried.is_valid(),
            Step::CheckRequest(code, end_user) => both(code.is_valid, end_user.is_valid),
        }
    }

    fn has_sender(&self, model: &Model) -> bool {
        match self {
            Step::Check(_) | Step::CheckRequest(..) => true,
            Step::Send => model.has_sender,
            Step::SendWith(sender, _) | Step::SendRequest(Carried { sender, .. }) => {
                model.has_sender || !sender.is_null()
            }
        }
    }

    /// The request that the step is made with.
    fn request(&self, to: &Argument) -> RequestHandle {
        let null = Argument::null(true);
        let [sender, message, end_user, origin, app_hash] = match self {
            Step::SendRequest(Carried { sender, message, end_user, origin, app_hash }) => {
                [sender, message, end_user, origin, app_hash]
            }
            Step::CheckRequest(_, end_user) => [&null, &null, end_user, &null, &null],
            _ => [&null; 5],
        };
        // SAFETY: strings that live until all are copied, and a live request.
        unsafe {
            let request = verifysms_request_new(to.as_ptr());
            for (code, argument) in [
                (verifysms_request_set_end_user(request, end_user.as_ptr()), end_user),
                (verifysms_request_set_sender(request, sender.as_ptr()), sender),
                (verifysms_request_set_message(request, message.as_ptr()), message),
                (verifysms_request_set_origin(request, origin.as_ptr()), origin),
                (verifysms_request_set_app_hash(request, app_hash.as_ptr()), app_hash),
            ] {
                let is_refused = code == VERIFYSMS_INVALID_ARGUMENT;
                assert!(is_refused || code == VERIFYSMS_OK, "code {code}");
                assert!(argument.is_valid.is_none_or(|is_valid| is_valid != is_refused));
            }
            RequestHandle(request)
        }
    }

    /// Makes the call in a destination that blocks.
    pub(super) fn block(
        &self,
        client: *mut verifysms_client,
        to: &Argument,
    ) -> *mut verifysms_result {
        // SAFETY: NULL or a live client, and strings that live until the call is over.
        unsafe {
            match self {
                Step::Send => verifysms_send(client, to.as_ptr()),
                Step::SendWith(sender, message) => {
                    let (sender, message) = (sender.as_ptr(), message.as_ptr());
                    verifysms_send_with(client, to.as_ptr(), sender, message)
                }
                Step::Check(code) => verifysms_check(client, to.as_ptr(), code.as_ptr()),
                Step::SendRequest(..) => verifysms_send_request(client, self.request(to).0),
                Step::CheckRequest(code, _) => {
                    verifysms_check_request(client, self.request(to).0, code.as_ptr())
                }
            }
        }
    }

    /// Makes the call through a queue; blocks if there is no queue.
    pub(super) fn queue(
        &self,
        client: *mut verifysms_client,
        to: &Argument,
    ) -> *mut verifysms_result {
        // SAFETY: NULL or a live client, strings that live until the call is started, and a queue that is
        // freed once.
        unsafe {
            let queue = verifysms_queue_new(client);
            if queue.is_null() {
                return self.block(client, to);
            }
            let (number, none, key) = (to.as_ptr(), ptr::null(), queue.cast());
            let code = match self {
                Step::Send => verifysms_queue_send(queue, number, none, none, key),
                Step::SendWith(sender, message) => {
                    verifysms_queue_send(queue, number, sender.as_ptr(), message.as_ptr(), key)
                }
                Step::Check(code) => verifysms_queue_check(queue, number, code.as_ptr(), key),
                Step::SendRequest(..) => {
                    verifysms_queue_send_request(queue, self.request(to).0, key)
                }
                Step::CheckRequest(code, _) => {
                    verifysms_queue_check_request(queue, self.request(to).0, code.as_ptr(), key)
                }
            };
            assert_eq!((code, verifysms_queue_count(queue)), (VERIFYSMS_OK, 1));
            let mut user_data = ptr::null_mut();
            let mut result = verifysms_queue_next(queue, &mut user_data);
            while result.is_null() {
                assert!(user_data.is_null());
                let descriptor = verifysms_queue_descriptor(queue) as Descriptor;
                let polled = sys::poll(&[(descriptor, Interest::Readable)], MAX_WAIT);
                assert_eq!(polled.ok(), Some(PollResult::Ready { last: true }), "it is stuck");
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
        call: fn(&Step, *mut verifysms_client, &Argument) -> *mut verifysms_result,
    ) {
        let at = choices.index(SLOTS + 1);
        let mut to = Argument::choose(choices, &NUMBERS, false);
        let step = Step::choose(choices);
        let response = CannedResponse::choose(choices);
        let client = self.clients.get(at).and_then(Option::as_ref);
        if !client.is_some_and(|client| self.may_be_made(client, &response)) {
            to = Argument::null(false);
        } else if client.is_some_and(|client| is_slow(client, &response)) {
            self.slow_calls_left -= 1;
        }
        let model = client.map(|client| &client.model);
        let is_valid = match model {
            Some(model) if step.has_sender(model) => both(to.is_valid, step.is_valid()),
            _ => Some(false),
        };
        let expected = match step {
            Step::Check(_) | Step::CheckRequest(..) => response.check,
            _ => response.send,
        };
        if model.is_some_and(|model| model.destination() == Destination::Responder) {
            self.session.respond(response.response);
        }
        let handle = client.map_or(ptr::null_mut(), |client| client.handle);
        self.callbacks.client.set(Some(handle));
        let result = ResultHandle(call(&step, handle, &to));
        self.callbacks.client.set(None);

        let (code, reached) = check_result(result.0);
        let is_invalid = code == VERIFYSMS_INVALID_ARGUMENT;
        assert!(is_valid.is_none_or(|is_valid| is_valid != is_invalid), "code {code}");
        if let Some(model) = model.filter(|_| !is_invalid) {
            // A message id counts once over a connection, and a check's answer without a phone only as
            // its first.
            let is_answer = matches!(expected, Some(VERIFYSMS_OK | VERIFYSMS_NOT_VERIFIED));
            let may_be_late = is_answer && self.requests > 0;
            let may_end =
                self.may_end(model, expected, code) || (may_be_late && code == VERIFYSMS_BAD_REPLY);
            assert!(may_end, "code {code} for {expected:?} by {:?}", model.destination());
            let is_here = model.destination() == Destination::Responder;
            assert!(is_here || reached == VERIFYSMS_REACHED_NO, "code {code}, reached {reached}");
        }
        // Each request that may have arrived did arrive, and no other did.
        self.requests += usize::from(reached != VERIFYSMS_REACHED_NO);
        assert_eq!(self.session.requests(self.requests).len(), self.requests, "reached {reached}");
        self.session.clear();
        self.results[choices.index(SLOTS)] = result;
    }

    /// Whether a call with valid arguments may end in `code`. The response makes it end in `expected`.
    fn may_end(&self, model: &Model, expected: Option<c_int>, code: c_int) -> bool {
        let is_expected = match model.destination() {
            Destination::Responder => expected.is_none_or(|expected| expected == code),
            Destination::ClosedPort => code == VERIFYSMS_CONNECT,
            Destination::Tls => code == VERIFYSMS_TLS || code == VERIFYSMS_TIMEOUT,
            Destination::Elsewhere => panic!("a request left this process"),
        };
        is_expected
            || match code {
                VERIFYSMS_TIMEOUT => model.timeout <= MEDIUM,
                VERIFYSMS_CONNECT => model.connect_timeout <= MEDIUM,
                VERIFYSMS_CANCELLED => {
                    model.is_interrupted && self.callbacks.interrupt_action.get().ends_calls()
                }
                _ => false,
            }
    }

    /// Whether a request may be made: only to this process, and only if the call ends soon.
    fn may_be_made(&self, client: &ClientHandle, response: &CannedResponse) -> bool {
        let ends_soon = client.model.timeout <= SHORT && self.slow_calls_left > 0;
        client.model.destination() != Destination::Elsewhere
            && (ends_soon || !is_slow(client, response))
    }
}

/// Whether both arguments are valid; None if that is not known.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether only the deadline ends the call.
fn is_slow(client: &ClientHandle, response: &CannedResponse) -> bool {
    match client.model.destination() {
        Destination::Responder => matches!(response.response, Response::None),
        // A failed attempt is repeated while there is time.
        Destination::ClosedPort | Destination::Tls => true,
        Destination::Elsewhere => false,
    }
}
