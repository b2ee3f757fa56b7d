//! Settings made in any order, and what they must come to.

use std::ffi::{CString, c_int, c_void};
use std::ptr;

use super::super::*;
use super::callbacks::{Ears, Manner, interrupt, log};
use super::given::Given;
use super::outcome::text;
use super::{Client, Config, Program, SLOTS};
use crate::fuzz::{Choices, Responder};

/// What is known of the settings that a client has.
#[derive(Clone)]
pub(super) struct Settings {
    way: Way,
    is_direct: bool,
    pub(super) has_sender: bool,
    pub(super) timeout: c_int,
    pub(super) connect_timeout: c_int,
    pub(super) is_interrupted: bool,
}

/// Where requests go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// To the responder.
    Here,
    /// To the responder, as if it spoke TLS.
    Tls,
    /// To a port that nobody listens at.
    Nowhere,
    /// Who knows where: no request may be made.
    Outside,
}

/// What a setter changes if it takes its value.
enum Change {
    Nothing,
    Way(Way),
    Directness(bool),
    Sender(bool),
    Timeout(c_int),
    ConnectTimeout(c_int),
    Interrupt(bool),
}

impl Settings {
    fn new() -> Settings {
        Settings {
            way: Way::Outside,
            is_direct: true,
            has_sender: false,
            timeout: 30_000,
            connect_timeout: 10_000,
            is_interrupted: false,
        }
    }

    pub(super) fn way(&self) -> Way {
        if self.is_direct { self.way } else { Way::Outside }
    }

    fn apply(&mut self, change: &Change) {
        match *change {
            Change::Nothing => {}
            Change::Way(way) => self.way = way,
            Change::Directness(is_direct) => self.is_direct = is_direct,
            Change::Sender(has_sender) => self.has_sender = has_sender,
            Change::Timeout(ms) => self.timeout = ms,
            Change::ConnectTimeout(ms) => self.connect_timeout = ms,
            Change::Interrupt(is_interrupted) => self.is_interrupted = is_interrupted,
        }
    }
}

impl Program {
    pub(super) fn new_config(&mut self, choices: &mut Choices<'_>) {
        let key = Given::choose(choices, &[c"fuzz-key-4f2a"], false);
        self.put_config(choices.index(SLOTS), &key);
    }

    fn put_config(&mut self, at: usize, key: &Given) {
        // SAFETY: a string or NULL.
        let handle = unsafe { verifysms_config_new(key.as_ptr()) };
        assert!(!handle.is_null());
        // SAFETY: a live handle.
        let error = text(unsafe { verifysms_config_error(handle) });
        assert!(key.is_right.is_none_or(|is_right| is_right == error.is_empty()), "{error}");
        let refusal = (!error.is_empty()).then(|| error.clone());
        self.configs[at] = Some(Config { handle, settings: Settings::new(), refusal, error });
    }

    /// A client with settings that nothing is wrong with, in one step.
    pub(super) fn new_usual_client(&mut self, choices: &mut Choices<'_>) {
        let at = choices.index(SLOTS);
        self.put_config(at, &Given::right(c"fuzz-key-4f2a"));
        let config = self.configs[at].as_mut().expect("it was just put there");
        let url = address("http", Way::Here, &self.turn.mark);
        // SAFETY: a live handle, a literal and a live string.
        unsafe {
            assert_eq!(verifysms_config_set_url(config.handle, url.as_ptr()), VERIFYSMS_OK);
            let set = verifysms_config_set_sender(config.handle, c"Acme".as_ptr());
            assert_eq!(set, VERIFYSMS_OK);
        }
        config.settings.apply(&Change::Way(Way::Here));
        config.settings.apply(&Change::Sender(true));
        self.put_client(at, at);
    }

    /// Calls one setter, with settings or with NULL.
    pub(super) fn set(&mut self, choices: &mut Choices<'_>) {
        let mut config = self.configs.get_mut(choices.index(SLOTS + 1)).and_then(Option::as_mut);
        let handle = config.as_ref().map_or(ptr::null_mut(), |config| config.handle);
        let (code, is_right, change) = set(choices, handle, &self.ears, &self.turn.mark);
        let Some(config) = &mut config else {
            assert_eq!(code, VERIFYSMS_INVALID_ARGUMENT, "NULL was taken for settings");
            return;
        };
        assert!([VERIFYSMS_OK, VERIFYSMS_INVALID_ARGUMENT].contains(&code), "{code}");
        let is_taken = code == VERIFYSMS_OK;
        assert!(is_right.is_none_or(|is_right| is_right == is_taken), "{code}");
        // SAFETY: a live handle.
        let error = text(unsafe { verifysms_config_error(config.handle) });
        if is_taken {
            config.settings.apply(&change);
        } else {
            assert_ne!(error, "");
            // The first one stays.
            config.error = config.refusal.get_or_insert_with(|| error.clone()).clone();
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
        match &config.refusal {
            Some(refusal) => assert!(handle.is_null() && error == *refusal, "{error}"),
            None if !handle.is_null() => assert_eq!(error, ""),
            None => {
                let would_be_clear = error.starts_with("url: http://");
                assert!(config.settings.way() == Way::Outside && would_be_clear, "{error}");
            }
        }
        config.error = error;
        if handle.is_null() {
            return;
        }
        self.clients[at] = Some(Client { handle, settings: config.settings.clone() });
    }
}

fn address(scheme: &str, way: Way, mark: &str) -> CString {
    let port = match way {
        Way::Nowhere => 1,
        _ => Responder::get().address().port(),
    };
    CString::new(format!("{scheme}://127.0.0.1:{port}/{mark}")).expect("no NUL")
}

/// Calls a setter: its answer, whether it must take the value, and what it changes then.
fn set(
    choices: &mut Choices<'_>,
    config: *mut verifysms_config,
    ears: &Ears,
    mark: &str,
) -> (c_int, Option<bool>, Change) {
    let data = ptr::from_ref(ears).cast_mut().cast::<c_void>();
    let data = if choices.byte() & 1 == 0 { data } else { ptr::null_mut() };
    // SAFETY: NULL or a live handle, strings that live until the call is over, and functions whose
    // data lives as long as the program.
    unsafe {
        match choices.index(13) {
            0 => {
                let right = [c"Acme", c" 050-123-4567 ", c"\xd7\x90\xd7\x91\xd7\x92"];
                let sender = Given::choose(choices, &right, true);
                let code = verifysms_config_set_sender(config, sender.as_ptr());
                (code, sender.is_right, Change::Sender(!sender.is_null()))
            }
            1 => {
                let right = [c"##code##", c"\xd7\xa7\xd7\x95\xd7\x93: ##code##\n"];
                let message = Given::choose(choices, &right, true);
                let code = verifysms_config_set_message(config, message.as_ptr());
                (code, message.is_right, Change::Nothing)
            }
            2 => {
                let (scheme, way) = choices.one_of(&[
                    ("http", Way::Here),
                    ("https", Way::Tls),
                    ("http", Way::Nowhere),
                ]);
                let url = address(scheme, way, mark);
                let code = verifysms_config_set_url(config, url.as_ptr());
                (code, Some(true), Change::Way(way))
            }
            3 => {
                let url = Given::choose(choices, &[c"https://service.test/", c"http://x"], true);
                let code = verifysms_config_set_url(config, url.as_ptr());
                (code, url.is_right, Change::Way(Way::Outside))
            }
            4 | 5 => {
                let ms = choices.one_of(&[30, 1, 5000, 86_400_000, 0, -1, 86_400_001, c_int::MIN]);
                let is_right = Some((1..=86_400_000).contains(&ms));
                match choices.byte() & 1 {
                    0 => {
                        let code = verifysms_config_set_timeout_ms(config, ms);
                        (code, is_right, Change::Timeout(ms))
                    }
                    _ => {
                        let code = verifysms_config_set_connect_timeout_ms(config, ms);
                        (code, is_right, Change::ConnectTimeout(ms))
                    }
                }
            }
            6 => {
                let proxy = Given::choose(choices, &[c"", c"http://user:x@proxy.test:1"], true);
                let is_direct = proxy.is_null() || *proxy.as_ptr() == 0;
                let code = verifysms_config_set_proxy(config, proxy.as_ptr());
                (code, proxy.is_right, Change::Directness(is_direct))
            }
            7 => {
                let path = Given::choose(choices, &[c"/nowhere.pem", c"/"], true);
                (
                    verifysms_config_set_ca_file(config, path.as_ptr()),
                    path.is_right,
                    Change::Nothing,
                )
            }
            8 => {
                let trust = choices.one_of(&[0, 1, 2, -1, c_int::MAX]);
                let is_right = Some((0..=1).contains(&trust));
                (verifysms_config_set_trust(config, trust), is_right, Change::Nothing)
            }
            9 => {
                let yes = choices.one_of(&[0, 1, -1, c_int::MIN]);
                (verifysms_config_set_allow_http(config, yes), Some(true), Change::Nothing)
            }
            10 => (verifysms_config_set_log(config, Some(log), data), Some(true), Change::Nothing),
            11 => (verifysms_config_set_log(config, None, data), Some(true), Change::Nothing),
            _ => {
                ears.manner.set(choices.one_of(&Manner::ALL));
                let is_set = choices.byte() & 1 == 0;
                let function: verifysms_interrupt_fn = if is_set { Some(interrupt) } else { None };
                let code = verifysms_config_set_interrupt(config, function, data);
                (code, Some(true), Change::Interrupt(is_set))
            }
        }
    }
}
