//! What a server says instead of doing a command.
//!
//! Of its text only the kind of the error is passed on, and only if it is one of a list.

use super::url::{is_host, parse_port};

/// Why a server did not do a command. It proves that nothing of it was done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It does not know the script by its hash.
    NoScript,
    /// Another node of the cluster has the keys.
    Moved(Node),
    /// Another node may have the keys, while they are being moved there.
    Ask(Node),
    /// It is a replica.
    ReadOnly,
    /// Any other reason: the kind of the error, and what that means.
    Other(&'static str),
}

/// A node of a cluster, as another names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// None: the same host as that of the node which names it.
    pub(super) host: Option<String>,
    pub(super) port: u16,
}

pub(super) const READ_ONLY: &str = "READONLY (it is a replica)";

/// The kinds of errors that are passed on, with their meanings.
const KNOWN: [&str; 15] = [
    "BUSY (another script is running for too long)",
    "CLUSTERDOWN (a part of the cluster is down)",
    "DENIED (it is in protected mode)",
    "LOADING (it is reading its data)",
    "MASTERDOWN (it is a replica without a master)",
    "MISCONF (it cannot save its data)",
    "NOAUTH (it wants a password)",
    "NOMASTERLINK (it is a replica without a master)",
    "NOPERM (the user may not use a command or a key)",
    "NOREPLICAS (too few replicas are connected)",
    "OOM (its memory is full)",
    "TRYAGAIN (the keys are being moved to another node)",
    "UNKILLABLE (another script is running for too long)",
    "WRONGPASS (wrong user name or password)",
    "WRONGTYPE (a key has a value of another program)",
];

/// Errors of the kind ERR that say what an operator has to do, by a part of their text.
const KNOWN_ERRORS: [(&str, &str); 8] = [
    ("max number of clients", "ERR (too many clients are connected)"),
    ("DB index", "ERR (it has no such database)"),
    ("SELECT is not allowed", "ERR (a cluster has one database)"),
    ("no password is set", "ERR (it wants no password)"),
    ("without any password", "ERR (it wants no password)"),
    // Of a command in the script.
    ("user executing the script", "NOPERM (the user may not use a command or a key)"),
    ("ACL failure in script", "NOPERM (the user may not use a command or a key)"),
    ("unknown command", "ERR (it lacks a command)"),
];

impl Refusal {
    /// Reads the text of an error.
    pub(super) fn read(text: &[u8]) -> Refusal {
        let text = String::from_utf8_lossy(text);
        let mut words = text.split(' ');
        match words.next().unwrap_or_default() {
            "NOSCRIPT" => return Refusal::NoScript,
            "MOVED" => {
                return words.nth(1).and_then(Node::read).map_or(
                    Refusal::Other("MOVED (to a node without an address)"),
                    Refusal::Moved,
                );
            }
            "ASK" => {
                return words
                    .nth(1)
                    .and_then(Node::read)
                    .map_or(Refusal::Other("ASK (a node without an address)"), Refusal::Ask);
            }
            _ => {}
        }
        // Redis 6 puts the error of a command in a script into another of the kind ERR.
        let kinds = text.split([' ', '-']);
        for kind in kinds {
            if kind == "READONLY" {
                return Refusal::ReadOnly;
            }
            let known = KNOWN.iter().find(|known| known.split(' ').next() == Some(kind));
            if let Some(known) = known {
                return Refusal::Other(known);
            }
        }
        let known = KNOWN_ERRORS.iter().find(|(part, _)| text.contains(part));
        Refusal::Other(known.map_or("an error", |(_, known)| known))
    }
}

impl Node {
    /// Reads a host and a port.
    pub(super) fn new(host: &[u8], port: &[u8]) -> Option<Node> {
        let host = std::str::from_utf8(host).ok().filter(|host| is_host(host))?;
        let port = std::str::from_utf8(port).ok().and_then(parse_port)?;
        Some(Node { host: Some(host.to_owned()), port })
    }

    /// Reads an address like `127.0.0.1:6381`, `::1:6381`, `name:6381`, or `:6381` for the same host.
    fn read(address: &str) -> Option<Node> {
        let (host, port) = address.rsplit_once(':')?;
        let host = match host {
            "" => None,
            host if is_host(host) => Some(host.to_owned()),
            _ => return None,
        };
        Some(Node { host, port: parse_port(port)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(host: Option<&str>, port: u16) -> Node {
        Node { host: host.map(str::to_owned), port }
    }

    #[test]
    fn a_redirection_has_an_address() {
        for (text, refusal) in [
            ("MOVED 3999 127.0.0.1:6381", Refusal::Moved(node(Some("127.0.0.1"), 6381))),
            ("MOVED 3999 ::1:6381", Refusal::Moved(node(Some("::1"), 6381))),
            ("MOVED 3999 :6381", Refusal::Moved(node(None, 6381))),
            (
                "ASK 3999 redis-1.example.test:7",
                Refusal::Ask(node(Some("redis-1.example.test"), 7)),
            ),
        ] {
            assert_eq!(Refusal::read(text.as_bytes()), refusal, "{text}");
        }
        for text in
            ["MOVED", "MOVED 1", "MOVED 1 ?:6381", "MOVED 1 a b:1", "MOVED 1 a:0", "MOVED 1 a:x"]
        {
            assert!(matches!(Refusal::read(text.as_bytes()), Refusal::Other(_)), "{text}");
        }
    }

    #[test]
    fn the_kind_of_an_error_is_known_and_its_text_is_not_passed_on() {
        for (text, known) in [
            ("OOM command not allowed when used memory > 'maxmemory'.", "OOM"),
            (
                "ERR Error running script (call to f_0): @user_script:9: @user_script: 9: -OOM command not",
                "OOM",
            ),
            ("@user_script: 1: -MISCONF Redis is configured", "MISCONF"),
            ("NOAUTH Authentication required.", "NOAUTH"),
            ("WRONGPASS invalid username-password pair", "WRONGPASS"),
            ("NOPERM this user has no permissions to run the 'evalsha' command", "NOPERM"),
            ("ERR AUTH <password> called without any password configured for", "ERR (it wants"),
            ("ERR Client sent AUTH, but no password is set", "ERR (it wants"),
            ("ERR The user executing the script can't run this command", "NOPERM"),
            (
                "ERR ACL failure in script: User guard has no permissions to run the 'time'",
                "NOPERM",
            ),
            ("ERR DB index is out of range", "ERR (it has no such"),
            ("ERR max number of clients reached", "ERR (too many"),
        ] {
            let Refusal::Other(kind) = Refusal::read(text.as_bytes()) else { panic!("{text}") };
            assert!(kind.starts_with(known), "{text}: {kind}");
        }
        let nested = "ERR Error running script: @user_script: 1: -READONLY You can't write";
        assert_eq!(Refusal::read(nested.as_bytes()), Refusal::ReadOnly);
        assert_eq!(Refusal::read(b"NOSCRIPT No matching script."), Refusal::NoScript);
        for unknown in ["", "ERR a secret", "SECRET", "\u{0}", "ERR \u{fffd}"] {
            assert_eq!(Refusal::read(unknown.as_bytes()), Refusal::Other("an error"));
        }
    }
}
