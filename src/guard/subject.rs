//! Whose events are counted: subjects, and their keys in a store.
//!
//! A key is an HMAC: whoever reads a store without the secret cannot find a number by trying all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ring::hmac;

use crate::error::Error;
use crate::phone::Phone;
use crate::rule::Rule;
use crate::secret::Secret;

/// The longest id of an end user, in bytes.
const MAX_END_USER: usize = 256;
/// The last digits that the numbers of a range do not share.
const RANGE_DIGITS: usize = 4;

/// The key of a subject in a store.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key(pub(crate) [u8; Key::LEN]);

impl Key {
    pub(crate) const LEN: usize = 16;

    /// The first 8 bytes, and never 0.
    pub(super) fn short(self) -> u64 {
        let (short, _) = self.words();
        short.max(1)
    }

    pub(super) fn words(self) -> (u64, u64) {
        let number = u128::from_le_bytes(self.0);
        (number as u64, (number >> 64) as u64)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(a subject)")
    }
}

/// Whose events are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subjects {
    pub(crate) number: Key,
    /// The end user, if the program gave one.
    pub(crate) user: Option<Key>,
    /// The number without its last four digits.
    pub(crate) range: Key,
    pub(crate) app: Key,
}

impl Subjects {
    /// The end user as the record of a number has it. 0: none.
    pub(super) fn asker(&self) -> u64 {
        self.user.map_or(0, Key::short)
    }
}

/// The person at the other end of the program, as far as the program knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EndUser {
    /// An address or an id, in one form for all spellings.
    Known(Secret),
    /// None was given.
    Unknown,
    /// None that tells people apart: a loopback or unspecified address, as a proxy has that hides everybody
    /// behind itself; or an empty text.
    Hidden,
}

impl EndUser {
    /// Reads an address or an id. An address is an end user alone (IPv4) or with its network of 64 bits (IPv6).
    pub(crate) fn parse(text: &str) -> Result<EndUser, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(EndUser::Hidden);
        }
        if text.len() > MAX_END_USER {
            return Err(Error::invalid("end_user", Rule::EndUserTooLong));
        }
        if text.chars().any(char::is_control) {
            return Err(Error::invalid("end_user", Rule::EndUserControl));
        }
        let Some(address) = address(text) else {
            return Ok(EndUser::Known(Secret::new(text)?));
        };
        if address.is_loopback() || address.is_unspecified() {
            return Ok(EndUser::Hidden);
        }
        let network = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        };
        Ok(EndUser::Known(Secret::new(&network)?))
    }
}

/// The address in a text: bare or in brackets, with a zone, or with a port, which differs for each connection.
fn address(text: &str) -> Option<IpAddr> {
    /// What IPv6 hosts call an IPv4 host behind a translator (RFC 6052, section 2.1).
    const TRANSLATED: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];
    let with_port = text.parse::<SocketAddr>().map(|address| address.ip());
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    let address = with_port.ok().or_else(|| bare.parse().ok())?.to_canonical();
    match address {
        IpAddr::V6(v6) if v6.segments()[..6] == TRANSLATED => {
            let [.., a, b, c, d] = v6.octets();
            Some(Ipv4Addr::new(a, b, c, d).into())
        }
        address => Some(address),
    }
}

/// Makes the keys of subjects.
pub(crate) struct Keys {
    secret: hmac::Key,
    namespace: String,
    app: Key,
    /// Whether nobody needs the keys of ranges.
    without_ranges: bool,
}

impl Keys {
    /// With `secret`, or one that is derived from the API key.
    pub(crate) fn new(api_key: &Secret, secret: Option<&Secret>, namespace: &str) -> Keys {
        let secret = match secret {
            Some(secret) => hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes()),
            None => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, api_key.reveal().as_bytes());
                let derived = hmac::sign(&key, b"verifysms guard");
                hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
            }
        };
        let mut keys = Keys {
            secret,
            namespace: namespace.to_owned(),
            app: Key([0; Key::LEN]),
            without_ranges: false,
        };
        keys.app = keys.key(b'a', b"");
        keys
    }

    /// The same without the keys of ranges, which take time.
    pub(super) fn without_ranges(self) -> Keys {
        Keys { without_ranges: true, ..self }
    }

    /// The subjects of a call.
    pub(crate) fn subjects(&self, to: &Phone, user: &EndUser) -> Subjects {
        let digits = to.as_str().as_bytes();
        Subjects {
            number: self.key(b'n', digits),
            user: match user {
                EndUser::Known(id) => Some(self.key(b'u', id.reveal().as_bytes())),
                EndUser::Unknown | EndUser::Hidden => None,
            },
            range: match self.without_ranges {
                true => Key([0; Key::LEN]),
                false => self.key(b'r', &digits[..digits.len() - RANGE_DIGITS]),
            },
            app: self.app,
        }
    }

    fn key(&self, kind: u8, value: &[u8]) -> Key {
        let mut context = hmac::Context::with_key(&self.secret);
        context.update(self.namespace.as_bytes());
        context.update(&[0, kind, 0]);
        context.update(value);
        let mut key = [0; Key::LEN];
        key.copy_from_slice(&context.sign().as_ref()[..Key::LEN]);
        Key(key)
    }
}
