//! A connection to a Redis server: one exchange at a time.

use super::refusal::{READ_ONLY, Refusal};
use super::resp::{self, Reply};
use super::url::Login;
use crate::memory::Wiped;
use crate::transport::{Call, Link, Linker, Peer};

/// The first size of the buffer for replies.
const BUFFER: usize = 1024;

/// An open connection.
pub(super) struct Connection {
    pub(super) peer: Peer,
    pub(super) link: Link,
    /// Whether it has answered before, and was idle since.
    pub(super) is_kept: bool,
}

/// Why there is no usable reply. A connection that failed is not used again: what it may still receive is
/// no answer to another question.
pub(super) enum Failure {
    /// No byte of the command has left.
    Unsent(String),
    /// The command may have been done.
    Unknown(String),
    /// The server refused it.
    Refused(Refusal),
}

impl Failure {
    /// Whether the server wants a password.
    pub(super) fn wants_login(&self) -> bool {
        matches!(self, Failure::Refused(Refusal::Other(kind)) if kind.starts_with("NOAUTH"))
    }

    /// What the log says of it.
    pub(super) fn text(self, peer: &Peer) -> String {
        match self {
            Failure::Unsent(why) | Failure::Unknown(why) => format!("{peer}: {why}"),
            Failure::Refused(refusal) => {
                let kind = match refusal {
                    Refusal::ReadOnly => READ_ONLY,
                    Refusal::Other(kind) => kind,
                    Refusal::NoScript => "NOSCRIPT",
                    Refusal::Moved(_) => "MOVED",
                    Refusal::Ask(_) => "ASK",
                };
                format!("{peer} answers {kind}")
            }
        }
    }
}

impl Connection {
    /// Connects and logs in. The error says why not.
    pub(super) async fn open(
        linker: &Linker,
        peer: &Peer,
        login: Option<&Login>,
        database: u32,
        call: &Call,
    ) -> Result<Connection, String> {
        let link = linker.open(peer, call).await.map_err(|why| format!("{peer}: {why}"))?;
        let mut connection = Connection { peer: peer.clone(), link, is_kept: false };
        let database = database.to_string();
        let select: &[&[u8]] = &[b"SELECT", database.as_bytes()];
        let is_selected = database == "0";
        let result = match login {
            None if is_selected => return Ok(connection),
            None => connection.exchange(&[select], call).await,
            Some(login) => {
                let password = login.password.reveal().as_bytes();
                let auth: &[&[u8]] = match &login.user {
                    Some(user) => &[b"AUTH", user.reveal().as_bytes(), password],
                    None => &[b"AUTH", password],
                };
                let commands = if is_selected { &[auth][..] } else { &[auth, select] };
                connection.exchange(commands, call).await
            }
        };
        match result {
            Ok(_) => Ok(connection),
            Err(failure) => Err(failure.text(peer)),
        }
    }

    /// Sends commands and receives a reply to each. Returns the last; an error of any is an error.
    pub(super) async fn exchange(
        &mut self,
        commands: &[&[&[u8]]],
        call: &Call,
    ) -> Result<Reply, Failure> {
        self.send(&resp::write(commands), commands.len(), call).await
    }

    async fn send(&mut self, output: &Wiped, count: usize, call: &Call) -> Result<Reply, Failure> {
        if let Err(why) = self.link.send(&output.0, call).await {
            return Err(match self.link.has_sent() {
                true => Failure::Unknown(why),
                false => Failure::Unsent(why),
            });
        }
        let (mut input, mut filled, mut read) = (vec![0; BUFFER], 0, 0);
        let mut refusal = None;
        let mut last = Reply::Null;
        for _ in 0..count {
            last = loop {
                match resp::read(&input[read..filled]) {
                    Ok(Some((reply, length))) => {
                        read += length;
                        break reply;
                    }
                    Ok(None) => {}
                    Err(resp::Malformed) => return Err(Failure::Unknown(NO_REPLY.into())),
                }
                if filled == input.len() {
                    input.resize(filled * 2, 0);
                }
                let received = self.link.receive(&mut input[filled..], call).await;
                filled += received.map_err(Failure::Unknown)?;
            };
            if let Reply::Error(text) = &last {
                refusal = refusal.or_else(|| Some(Refusal::read(text)));
            }
        }
        if read < filled {
            return Err(Failure::Unknown("it sends more than it was asked for".into()));
        }
        match refusal {
            None => Ok(last),
            Some(refusal) => Err(Failure::Refused(refusal)),
        }
    }
}

/// The reason if what came is no reply.
pub(super) const NO_REPLY: &str = "its answer was not understood";
