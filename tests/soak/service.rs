//! The service of the soak: most requests are answered, the rest meet a row of the fault matrix.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::ServerConfig;
use verifysms::{Code, Reached};

use crate::clients::Random;
use crate::ledger::Ledger;
use crate::support::client_process::Step;
use crate::support::http::{self, answer, ok};
use crate::support::matrix::matrix;
use crate::support::scene::{AUTHORITY, Script};
use crate::support::server::{Peer, Server};
use crate::support::{REFUSED, TO};

/// What a call must end in that met a row.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) send: Code,
    pub(crate) check: Code,
    pub(crate) reached: Reached,
    /// Whether the answer to a Send tells the call's own number.
    pub(crate) is_own: bool,
}

/// The rows of one server, and what it does in them; without a script it answers by itself.
struct Play {
    rows: Vec<(Row, Option<Script>)>,
    /// Which of the rows answer, which take a moment, which take all the time there is.
    good: Vec<usize>,
    quick: Vec<usize>,
    slow: Vec<usize>,
    /// The number of the first row in the ledger.
    first: usize,
    seed: u64,
    connections: AtomicU64,
    ledger: Arc<Ledger>,
}

/// The rows that are not faults.
const RIGHT: usize = 0;
const WRONG: usize = 1;
const TWICE: usize = 2;
const GOOD: [(&str, Code, Code, Reached, bool); 3] = [
    ("right", Code::Ok, Code::Ok, Reached::Yes, true),
    ("wrong", Code::Rejected, Code::NotVerified, Reached::Yes, false),
    (
        "wrong, and right in the same breath",
        Code::BadReply,
        Code::BadReply,
        Reached::Unknown,
        false,
    ),
];

impl Play {
    fn new(is_secure: bool, first: usize, seed: u64, ledger: &Arc<Ledger>) -> Play {
        let scheme = if is_secure { "https" } else { "http" };
        let mut rows: Vec<(Row, Option<Script>)> = Vec::new();
        for (name, send, check, reached, is_own) in GOOD {
            rows.push((
                Row { name: format!("{scheme}: {name}"), send, check, reached, is_own },
                None,
            ));
        }
        for fault in matrix() {
            for scene in fault.scenes {
                let is_alone = scene.message == 0 && scene.earlier.is_none();
                if let Some(script) =
                    scene.script.filter(|_| is_alone && scene.is_secure == is_secure)
                {
                    let name = format!("{scheme}: {} [{}]", fault.name, scene.label);
                    let (send, check, reached) = (fault.send, fault.check, fault.reached);
                    rows.push((Row { name, send, check, reached, is_own: false }, Some(script)));
                }
            }
        }
        let faults = GOOD.len()..rows.len();
        let (slow, quick) = faults.partition(|&row| rows[row].0.send == Code::Timeout);
        let good = vec![RIGHT, RIGHT, WRONG, WRONG, TWICE];
        let connections = AtomicU64::new(0);
        Play { rows, good, quick, slow, first, seed, connections, ledger: ledger.clone() }
    }

    /// What is random about one connection.
    fn random(&self) -> Random {
        Random(self.seed ^ self.connections.fetch_add(1, Ordering::Relaxed) << 20)
    }

    fn choose(&self, random: &mut Random) -> usize {
        let rows = match random.below(100) {
            0..70 => &self.good,
            70..97 => &self.quick,
            _ => &self.slow,
        };
        rows[random.below(rows.len())]
    }

    /// Attends to one connection.
    fn attend(&self, mut peer: Peer, random: &mut Random) {
        loop {
            let Some((id, step)) = peer.look_ahead().map(read) else {
                if peer.has_rest() {
                    self.ledger.saw_a_piece();
                }
                return;
            };
            let row = self.choose(random);
            self.ledger.saw(id, self.first + row);
            match &self.rows[row].1 {
                Some(script) => return script(peer, step),
                None => {
                    peer.read_request();
                    if !peer.say(&good_answer(row, id, step)) || row == TWICE {
                        return peer.stall();
                    }
                }
            }
        }
    }

    /// The same over TLS, if the handshake comes to its end.
    fn attend_securely(&self, mut peer: Peer, good: &Arc<ServerConfig>, bad: &Arc<ServerConfig>) {
        let mut random = self.random();
        match random.below(100) {
            0..90 => {
                if peer.secure(good.clone()).is_ok() {
                    self.attend(peer, &mut random);
                }
            }
            90..92 => peer.await_bytes(),
            92..94 => {
                peer.await_bytes();
                peer.reset();
            }
            94..96 => {
                peer.await_bytes();
                peer.say(&answer(400, &[], b"This is not the port you are looking for"));
            }
            96..98 => drop(peer.secure(bad.clone())),
            _ => peer.stall(),
        }
    }
}

/// The number of a call, and which it is.
fn read(request: &[u8]) -> (u32, Step) {
    let fields = http::fields(request);
    let value = |name| fields.iter().find(|(field, _)| field == name).map(|(_, value)| &value[..]);
    let (text, step) = match (value("code"), value("message")) {
        (Some(code), _) => (code, Step::Check),
        (None, message) => (message.expect("a Send has a message"), Step::Send),
    };
    let text = std::str::from_utf8(text).expect("a text");
    let digits = text.rsplit(' ').next().unwrap_or(text);
    (digits.parse().expect("a call's number"), step)
}

fn good_answer(row: usize, id: u32, step: Step) -> Vec<u8> {
    let right = match step {
        Step::Send => format!(r#"{{"status":"OK","unique":"{id}","reason":1}}"#),
        Step::Check | Step::CancelledCheck => format!(r#"{{"status":1,"phone":"{TO}"}}"#),
    };
    let wrong = match step {
        Step::Send => REFUSED.to_owned(),
        Step::Check | Step::CancelledCheck => {
            format!(r#"{{"status":{},"phone":"{TO}"}}"#, id % 5 * 2)
        }
    };
    match row {
        RIGHT => ok(&right),
        WRONG => ok(&wrong),
        _ => [ok(&wrong), ok(&right)].concat(),
    }
}

/// Both servers.
pub(crate) struct Service {
    plays: [Arc<Play>; 2],
    servers: [Server; 2],
}

impl Service {
    pub(crate) fn start(seed: u64, ledger: &Arc<Ledger>) -> Service {
        let plain = Arc::new(Play::new(false, 0, seed, ledger));
        let secure = Arc::new(Play::new(true, plain.rows.len(), !seed, ledger));
        let plays = [plain.clone(), secure.clone()];
        let (good, bad) = (AUTHORITY.good(), AUTHORITY.expired());
        let servers = [
            Server::start(move |peer| plain.attend(peer, &mut plain.random())),
            Server::start(move |peer| secure.attend_securely(peer, &good, &bad)),
        ];
        servers.iter().for_each(Server::forget);
        Service { plays, servers }
    }

    /// The addresses for the clients. The first is a name, to be looked up.
    pub(crate) fn urls(&self) -> [String; 2] {
        let [plain, secure] = self.servers.each_ref().map(Server::url);
        [plain.replace("127.0.0.1", "localhost"), secure.replace("http:", "https:")]
    }

    /// The rows by their numbers in the ledger.
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.plays.iter().flat_map(|play| &play.rows).map(|(row, _)| row.clone()).collect()
    }

    /// Once the clients are gone: waits until everything that they sent was seen.
    pub(crate) fn settle(&self) {
        for server in &self.servers {
            server.settle();
        }
    }
}
