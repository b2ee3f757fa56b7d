//! Setters called in any order, and a model of what they must do.

use std::ffi::{CString, c_int, c_void};
use std::ptr;

use super::super::{Choices, Responder};
use super::argument::Argument;
use super::callbacks::{CallbackState, InterruptAction, event, interrupt, log};
use super::result::text;
use super::{ClientHandle, ConfigHandle, Program, SLOTS};
use crate::capi::*;

/// What is known of the settings of a config or a client.
#[derive(Clone)]
pub(super) struct Model {
    destination: Destination,
    is_direct: bool,
    pub(super) has_sender: bool,
    pub(super) timeout: c_int,
    pub(super) connect_timeout: c_int,
    pub(super) is_interrupted: bool,
}

/// Where requests go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Destination {
    /// To the responder.
    Responder,
    /// To the responder, which does not speak TLS, with TLS.
    Tls,
    /// To a port without a listener.
    ClosedPort,
    /// To any other place: no request may be made.
    Elsewhere,
}

/// What a setter changes if the value is accepted.
enum Change {
    Nothing,
    Destination(Destination),
    Direct(bool),
    Sender(bool),
    Timeout(c_int),
    ConnectTimeout(c_int),
    Interrupt(bool),
}

impl Model {
    fn new() -> Model {
        Model {
            destination: Destination::Elsewhere,
            is_direct: true,
            has_sender: false,
            timeout: 30_000,
            connect_timeout: 10_000,
            is_interrupted: false,
        }
    }

    pub(super) fn destination(&self) -> Destination {
        if self.is_direct { self.destination } else { Destination::Elsewhere }
    }

    fn apply(&mut self, change: &Change) {
        match *change {
            Change::Nothing => {}
            Change::Destination(destination) => self.destination = destination,
            Change::Direct(is_direct) => self.is_direct = is_direct,
            Change::Sender(has_sender) => self.has_sender = has_sender,
            Change::Timeout(ms) => self.timeout = ms,
            Change::ConnectTimeout(ms) => self.connect_timeout = ms,
            Change::Interrupt(is_interrupted) => self.is_interrupted = is_interrupted,
        }
    }
}

impl Program {
    pub(super) fn new_config(&mut self, choices: &mut Choices<'_>) {
        let key = Argument::choose(choices, &[c"fuzz-key-4f2a"], false);
        self.put_config(choices.index(SLOTS), &key);
    }

    fn put_config(&mut self, at: usize, key: &Argument) {
        // SAFETY: a string or NULL.
        let handle = unsafe { verifysms_config_new(key.as_ptr()) };
        assert!(!handle.is_null());
        for limit in VERIFYSMS_LIMIT_COOLDOWN..=VERIFYSMS_LIMIT_FAILURES_USER {
            // SAFETY: a live handle.
            assert_eq!(unsafe { verifysms_config_set_limit(handle, limit, 0, 0) }, VERIFYSMS_OK);
        }
        // SAFETY: a live handle.
        let error = text(unsafe { verifysms_config_error(handle) });
        assert!(key.is_valid.is_none_or(|is_valid| is_valid == error.is_empty()), "{error}");
        let first_error = (!error.is_empty()).then(|| error.clone());
        self.configs[at] = Some(ConfigHandle { handle, model: Model::new(), first_error, error });
    }

    /// Makes a client with valid settings, in one step.
    pub(super) fn new_usual_client(&mut self, choices: &mut Choices<'_>) {
        let at = choices.index(SLOTS);
        self.put_config(at, &Argument::valid(c"fuzz-key-4f2a"));
        let config = self.configs[at].as_mut().expect("it was just put there");
        let url = address("http", Destination::Responder, &self.session.tag);
        // SAFETY: a live handle, a literal and a live string.
        unsafe {
            assert_eq!(verifysms_config_set_url(config.handle, url.as_ptr()), VERIFYSMS_OK);
            let set = verifysms_config_set_sender(config.handle, c"Acme".as_ptr());
            assert_eq!(set, VERIFYSMS_OK);
        }
        config.model.apply(&Change::Destination(Destination::Responder));
        config.model.apply(&Change::Sender(true));
        self.put_client(at, at);
    }

    /// Calls one setter, with a config or with NULL.
    pub(super) fn set(&mut self, choices: &mut Choices<'_>) {
        let mut config = self.configs.get_mut(choices.index(SLOTS + 1)).and_then(Option::as_mut);
        let handle = config.as_ref().map_or(ptr::null_mut(), |config| config.handle);
        let (code, is_valid, change) = set(choices, handle, &self.callbacks, &self.session.tag);
        let Some(config) = &mut config else {
            assert_eq!(code, VERIFYSMS_INVALID_ARGUMENT, "NULL was taken for a config");
            return;
        };
        assert!([VERIFYSMS_OK, VERIFYSMS_INVALID_ARGUMENT].contains(&code), "{code}");
        let is_accepted = code == VERIFYSMS_OK;
        assert!(is_valid.is_none_or(|is_valid| is_valid == is_accepted), "{code}");
        // SAFETY: a live handle.
        let error = text(unsafe { verifysms_config_error(config.handle) });
        if is_accepted {
            config.model.apply(&change);
        } else {
            assert_ne!(error, "");
            // Only the first error is kept.
            config.error = config.first_error.get_or_insert_with(|| error.clone()).clone();
        }
        assert_eq!(error, config.error);
    }

    pub(super) fn new_client(&mut self, choices: &mut Choices<'_>) {
        match choices.index(SLOTS + 1) {
            // SAFETY: NULL.
            SLOTS => assert!(unsafe { verifysms_client_new(ptr::null_mut()) }.is_null()),
            from => self.put_client(from, choices.index(SLOTS)),
        }
    }

    fn put_client(&mut self, from: usize, at: usize) {
        let Some(config) = &mut self.configs[from] else { return };
        // SAFETY: a live handle.
        let (handle, error) = unsafe {
            let handle = verifysms_client_new(config.handle);
            (handle, text(verifysms_config_error(config.handle)))
        };
        match &config.first_error {
            Some(first) => assert!(handle.is_null() && error == *first, "{error}"),
            None if !handle.is_null() => assert_eq!(error, ""),
            None => {
                let is_cleartext = error.starts_with("url: http://");
                assert!(
                    config.model.destination() == Destination::Elsewhere && is_cleartext,
                    "{error}"
                );
            }
        }
        config.error = error;
        if handle.is_null() {
            return;
        }
        self.clients[at] = Some(ClientHandle { handle, model: config.model.clone() });
    }
}

fn address(scheme: &str, destination: Destination, tag: &str) -> CString {
    let port = match destination {
        Destination::ClosedPort => 1,
        _ => Responder::get().address().port(),
    };
    CString::new(format!("{scheme}://127.0.0.1:{port}/{tag}")).expect("no NUL")
}

/// Calls a setter. Returns its code, whether the value is valid, and what it changes if accepted.
fn set(
    choices: &mut Choices<'_>,
    config: *mut verifysms_config,
    callbacks: &CallbackState,
    tag: &str,
) -> (c_int, Option<bool>, Change) {
    let data = ptr::from_ref(callbacks).cast_mut().cast::<c_void>();
    let data = if choices.byte() & 1 == 0 { data } else { ptr::null_mut() };
    // SAFETY: NULL or a live handle; strings that live until the call is over; callbacks whose data
    // lives as long as the program.
    unsafe {
        match choices.index(18) {
            0 => {
                let valid = [c"Acme", c" 050-123-4567 ", c"\xd7\x90\xd7\x91\xd7\x92"];
                let sender = Argument::choose(choices, &valid, true);
                let code = verifysms_config_set_sender(config, sender.as_ptr());
                (code, sender.is_valid, Change::Sender(!sender.is_null()))
            }
            1 => {
                let valid = [c"##code##", c"\xd7\xa7\xd7\x95\xd7\x93: ##code##\n"];
                let message = Argument::choose(choices, &valid, true);
                let code = verifysms_config_set_message(config, message.as_ptr());
                (code, message.is_valid, Change::Nothing)
            }
            2 => {
                let (scheme, destination) = choices.one_of(&[
                    ("http", Destination::Responder),
                    ("https", Destination::Tls),
                    ("http", Destination::ClosedPort),
                ]);
                let url = address(scheme, destination, tag);
                let code = verifysms_config_set_url(config, url.as_ptr());
                (code, Some(true), Change::Destination(destination))
            }
            3 => {
                let url = Argument::choose(choices, &[c"https://service.test/", c"http://x"], true);
                let code = verifysms_config_set_url(config, url.as_ptr());
                (code, url.is_valid, Change::Destination(Destination::Elsewhere))
            }
            4 | 5 => {
                let ms = choices.one_of(&[30, 1, 5000, 86_400_000, 0, -1, 86_400_001, c_int::MIN]);
                let is_valid = Some((1..=86_400_000).contains(&ms));
                match choices.byte() & 1 {
                    0 => {
                        let code = verifysms_config_set_timeout_ms(config, ms);
                        (code, is_valid, Change::Timeout(ms))
                    }
                    _ => {
                        let code = verifysms_config_set_connect_timeout_ms(config, ms);
                        (code, is_valid, Change::ConnectTimeout(ms))
                    }
                }
            }
            6 => {
                let proxy = Argument::choose(choices, &[c"", c"http://user:x@proxy.test:1"], true);
                let is_direct = proxy.is_null() || *proxy.as_ptr() == 0;
                let code = verifysms_config_set_proxy(config, proxy.as_ptr());
                (code, proxy.is_valid, Change::Direct(is_direct))
            }
            7 => {
                let path = Argument::choose(choices, &[c"/nowhere.pem", c"/"], true);
                (
                    verifysms_config_set_ca_file(config, path.as_ptr()),
                    path.is_valid,
                    Change::Nothing,
                )
            }
            8 => {
                let trust = choices.one_of(&[0, 1, 2, -1, c_int::MAX]);
                let is_valid = Some((0..=1).contains(&trust));
                (verifysms_config_set_trust(config, trust), is_valid, Change::Nothing)
            }
            9 => {
                let yes = choices.one_of(&[0, 1, -1, c_int::MIN]);
                (verifysms_config_set_allow_http(config, yes), Some(true), Change::Nothing)
            }
            10 => (verifysms_config_set_log(config, Some(log), data), Some(true), Change::Nothing),
            11 => (verifysms_config_set_log(config, None, data), Some(true), Change::Nothing),
            12 => {
                let function: verifysms_event_fn =
                    if choices.byte() & 1 == 0 { Some(event) } else { None };
                (verifysms_config_set_event(config, function, data), Some(true), Change::Nothing)
            }
            13 => {
                let stores = [c"memory:", c"file:/nowhere/at/all"];
                let store = Argument::choose(choices, &stores, true);
                (
                    verifysms_config_set_guard(config, store.as_ptr()),
                    store.is_valid,
                    Change::Nothing,
                )
            }
            14 => {
                let limit = choices.one_of(&[0, 1, 5, 9, 10, -1, c_int::MAX]);
                let most = choices.one_of(&[0, -1, c_int::MIN]);
                let is_valid = Some((1..=9).contains(&limit) && most == 0);
                let code = verifysms_config_set_limit(config, limit, most, choices.byte().into());
                (code, is_valid, Change::Nothing)
            }
            15 => {
                let names = [c"verifysms", c"a.b-C_9"];
                let namespace = Argument::choose(choices, &names, true);
                let code = verifysms_config_set_guard_namespace(config, namespace.as_ptr());
                (code, namespace.is_valid, Change::Nothing)
            }
            16 => {
                let secret = Argument::choose(choices, &[c"0123456789abcdef"], true);
                let code = verifysms_config_set_guard_secret(config, secret.as_ptr());
                (code, secret.is_valid, Change::Nothing)
            }
            _ => {
                callbacks.interrupt_action.set(choices.one_of(&InterruptAction::ALL));
                let is_set = choices.byte() & 1 == 0;
                let function: verifysms_interrupt_fn = if is_set { Some(interrupt) } else { None };
                let code = verifysms_config_set_interrupt(config, function, data);
                (code, Some(true), Change::Interrupt(is_set))
            }
        }
    }
}
