//! The service of the soak: most requests are answered, the rest meet a row of the fault matrix.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::ServerConfig;
use verifysms::Code;

use crate::matrix::matrix;
use crate::scenario::{self, ACCEPTED, BAD_REPLY, Expected};
use crate::support::connection::RawConnection;
use crate::support::http::{field, ok, response};
use crate::support::script::{Operation, Step, play};
use crate::support::server::RawServer;
use crate::support::{CA, REFUSED, TO};

use super::clients::Random;
use super::ledger::Ledger;

/// What a call must end in that met a row.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) expected: Expected,
    /// Whether the answer to a Send tells the call's own number.
    pub(crate) is_own: bool,
}

/// The rows of one server, and what it does in them; without a script it answers by itself.
struct Behaviour {
    rows: Vec<(Row, Option<Vec<Step>>)>,
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
const GOOD: [(&str, Expected, bool); 3] = [
    ("right", ACCEPTED, true),
    ("wrong", scenario::REFUSED, false),
    ("wrong, and right in the same breath", BAD_REPLY, false),
];

impl Behaviour {
    fn new(is_secure: bool, first: usize, seed: u64, ledger: &Arc<Ledger>) -> Behaviour {
        let scheme = if is_secure { "https" } else { "http" };
        let row = |name: &str, expected, is_own| {
            let name = format!("{scheme}: {name}");
            Row { name, expected, is_own }
        };
        let good = GOOD.map(|(name, expected, is_own)| (row(name, expected, is_own), None));
        let mut rows: Vec<(Row, Option<Vec<Step>>)> = good.into();
        for fault in matrix() {
            for scenario in fault.scenarios {
                let fits = scenario.message == 0 && scenario.is_tls == is_secure;
                if let Some(steps) = scenario.steps.filter(|_| fits) {
                    let name = format!("{} [{}]", fault.name, scenario.label);
                    rows.push((row(&name, fault.expected, false), Some(steps)));
                }
            }
        }
        let faults = GOOD.len()..rows.len();
        let (slow, quick) = faults.partition(|&row| rows[row].0.expected.send == Code::Timeout);
        let good = vec![RIGHT, RIGHT, WRONG, WRONG, TWICE];
        let connections = AtomicU64::new(0);
        Behaviour { rows, good, quick, slow, first, seed, connections, ledger: ledger.clone() }
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
    fn attend(&self, mut conn: RawConnection, random: &mut Random) {
        loop {
            let Some((id, operation)) = conn.peek_request().map(read) else {
                if conn.has_partial_request() {
                    self.ledger.saw_a_part();
                }
                return;
            };
            let row = self.choose(random);
            self.ledger.saw(id, self.first + row);
            match &self.rows[row].1 {
                Some(steps) => return play(steps, conn, operation),
                None => {
                    conn.read_request();
                    if !conn.send(&good_answer(row, id, operation)) || row == TWICE {
                        conn.stall();
                        return;
                    }
                }
            }
        }
    }

    /// The same over TLS, if the handshake comes to its end.
    fn attend_securely(
        &self,
        mut conn: RawConnection,
        good: &Arc<ServerConfig>,
        bad: &Arc<ServerConfig>,
    ) {
        let mut random = self.random();
        match random.below(100) {
            0..90 => {
                if conn.start_tls(good.clone()).is_ok() {
                    self.attend(conn, &mut random);
                }
            }
            90..92 => _ = conn.await_bytes(),
            92..94 => {
                conn.await_bytes();
                conn.reset();
            }
            94..96 => {
                conn.await_bytes();
                conn.send(&response(400, &[], b"This is not the port you are looking for"));
            }
            96..98 => drop(conn.start_tls(bad.clone())),
            _ => _ = conn.stall(),
        }
    }
}

/// The number of a call, and which it is.
fn read(request: &[u8]) -> (u32, Operation) {
    let (text, operation) = match field(request, "code") {
        Some(code) => (code, Operation::Check),
        None => (field(request, "message").expect("a Send has a message"), Operation::Send),
    };
    let digits = text.rsplit(' ').next().unwrap_or(&text);
    (digits.parse().expect("a call's number"), operation)
}

fn good_answer(row: usize, id: u32, operation: Operation) -> Vec<u8> {
    let right = match operation {
        Operation::Send => format!(r#"{{"status":"OK","unique":"{id}","reason":1}}"#),
        Operation::Check => format!(r#"{{"status":1,"phone":"{TO}"}}"#),
    };
    let wrong = match operation {
        Operation::Send => REFUSED.to_owned(),
        Operation::Check => format!(r#"{{"status":{},"phone":"{TO}"}}"#, id % 5 * 2),
    };
    match row {
        RIGHT => ok(&right),
        WRONG => ok(&wrong),
        _ => [ok(&wrong), ok(&right)].concat(),
    }
}

/// Both servers.
pub(crate) struct Service {
    behaviours: [Arc<Behaviour>; 2],
    servers: [RawServer; 2],
}

impl Service {
    pub(crate) fn start(seed: u64, ledger: &Arc<Ledger>) -> Service {
        let plain = Arc::new(Behaviour::new(false, 0, seed, ledger));
        let secure = Arc::new(Behaviour::new(true, plain.rows.len(), !seed, ledger));
        let behaviours = [plain.clone(), secure.clone()];
        let (good, bad) = (CA.good(), CA.expired());
        let servers = [
            RawServer::start(move |conn| plain.attend(conn, &mut plain.random())),
            RawServer::start(move |conn| secure.attend_securely(conn, &good, &bad)),
        ];
        servers.iter().for_each(RawServer::forget_requests);
        Service { behaviours, servers }
    }

    /// The addresses for the clients. The first is a name, to be looked up.
    pub(crate) fn urls(&self) -> [String; 2] {
        let [plain, secure] = self.servers.each_ref().map(RawServer::url);
        [plain.replace("127.0.0.1", "localhost"), secure.replace("http:", "https:")]
    }

    /// The rows by their numbers in the ledger.
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.behaviours
            .iter()
            .flat_map(|behaviour| &behaviour.rows)
            .map(|(row, _)| row.clone())
            .collect()
    }

    /// Once the clients are gone: waits until everything that they sent was seen.
    pub(crate) fn settle(&self) {
        for server in &self.servers {
            server.settle();
        }
    }
}
