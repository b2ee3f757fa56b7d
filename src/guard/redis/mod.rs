//! The store in Redis or Valkey: for many machines.
//!
//! A step is one call of a script, which has the rules, on the clock of the server. Where the records are is
//! found out step by step: all keys of a namespace are in one slot of a cluster, so that there is one server
//! to ask, the leader.

mod connection;
mod refusal;
mod resp;
mod script;
mod url;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::step::{Decision, Step, StoreError};
use super::subject::Subjects;
use crate::transport::{Call, Linker, Peer, PerProcess, Phase, RootSource};

use connection::{Connection, Failure, NO_REPLY};
use refusal::{Node, READ_ONLY, Refusal};
use resp::Reply;
pub(crate) use url::RedisUrl;
use url::Topology;

/// How often a step is sent at most: after redirections, to another master, with the script itself.
const MAX_EXCHANGES: usize = 6;
/// How many idle connections a process keeps, if it takes fewer steps at once.
const MAX_IDLE: usize = 8;
/// How many steps a process takes at once. Each has a connection.
const MAX_STEPS: usize = 64;
/// How long a step waits before it looks again whether there are fewer.
const PAUSE: Duration = Duration::from_millis(2);

/// A store in Redis.
pub(crate) struct RedisStore {
    url: RedisUrl,
    namespace: String,
    script: Cow<'static, str>,
    script_hash: String,
    roots: RootSource,
    state: PerProcess<State>,
}

/// What a child process after a fork does not share with its parent.
struct State {
    linker: Linker,
    /// The most recently used are at the end.
    idle: Mutex<Vec<Connection>>,
    /// The server that has the records, if it was named by another.
    leader: Mutex<Option<Peer>>,
    /// The server of the URL that is asked first.
    first: AtomicUsize,
    /// How many steps are under way.
    steps: AtomicUsize,
    max_steps: usize,
}

impl State {
    fn new(roots: &RootSource) -> State {
        State {
            linker: Linker::new(roots),
            idle: Mutex::default(),
            leader: Mutex::default(),
            first: AtomicUsize::new(0),
            steps: AtomicUsize::new(0),
            // The others are for the host and for connections to the service.
            max_steps: (crate::sys::max_descriptors() / 8).clamp(1, MAX_STEPS),
        }
    }

    /// Begins a step, when there are not too many.
    async fn begin(&self, call: &Call) -> Result<UnderWay<'_>, StoreError> {
        loop {
            let step = UnderWay(&self.steps);
            if self.steps.fetch_add(1, Ordering::Relaxed) < self.max_steps {
                return Ok(step);
            }
            drop(step);
            let waited = call.sleep_until(Instant::now() + PAUSE).await;
            waited.map_err(|_| StoreError("too many calls wait for it".into()))?;
        }
    }

    /// An idle connection to this server that may be used.
    fn take(&self, peer: &Peer) -> Option<Connection> {
        loop {
            let candidate = {
                let mut idle = lock(&self.idle);
                let at = idle.iter().rposition(|connection| connection.peer == *peer);
                at.map(|at| idle.remove(at))
            };
            // Probed, and closed, outside the lock.
            let mut connection = candidate?;
            if !connection.link.is_expired() && connection.link.is_usable() {
                return Some(connection);
            }
        }
    }

    fn put(&self, mut connection: Connection) {
        connection.link.rest();
        connection.is_kept = true;
        let max_idle = MAX_IDLE.max(self.steps.load(Ordering::Relaxed));
        let mut spare = Vec::new();
        let mut idle = lock(&self.idle);
        idle.push(connection);
        for at in (0..idle.len()).rev() {
            if idle[at].link.is_expired() || at + max_idle < idle.len() {
                spare.push(idle.remove(at));
            }
        }
        // Closed outside the lock.
        drop(idle);
    }

    /// Forgets who has the records.
    fn forget_leader(&self) {
        *lock(&self.leader) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A step that is under way.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A way to the server that has the records.
enum Candidate<'a> {
    /// Perhaps it is the server itself.
    Server(Peer),
    /// A Sentinel, which knows the master of this service.
    Sentinel(&'a Peer, &'a str),
}

impl RedisStore {
    pub(crate) fn new(url: RedisUrl, namespace: &str, roots: &RootSource) -> RedisStore {
        let roots = url.ca_file.clone().map_or_else(|| roots.clone(), RootSource::File);
        RedisStore {
            url,
            namespace: namespace.to_owned(),
            script: script::SCRIPT.into(),
            script_hash: script::hash(script::SCRIPT),
            state: PerProcess::new(State::new(&roots)),
            roots,
        }
    }

    /// The same store on a clock that begins at 0, so that `offset_ms` is the time; nothing expires meanwhile.
    #[cfg(test)]
    #[allow(dead_code, reason = "no server to test with on Windows")]
    pub(crate) fn on_a_clock_of_its_own(self) -> RedisStore {
        let script = self.script.replace("redis.call('TIME')", "{0, 0}");
        let script = script.replace("'PX', lifetime", "'PX', lifetime + 3600000");
        RedisStore { script_hash: script::hash(&script), script: script.into(), ..self }
    }

    /// Does a step, within the current phase of the call. `offset_ms` is added to the clock of the server.
    ///
    /// After an error the step may have been counted; it is not repeated then.
    pub(crate) async fn step(
        &self,
        call: &Call,
        step: &Step,
        subjects: &Subjects,
        limits: &Limits,
        offset_ms: i64,
    ) -> Result<Decision, StoreError> {
        let state = self.state.get(call.process, || State::new(&self.roots));
        let arguments = script::arguments(step, subjects, limits, offset_ms, &self.namespace);
        let phase = Phase::of(call);
        let _under_way = state.begin(call).await?;
        let mut connection = self.connection(state, &phase, call).await?;
        let (mut has_hash, mut is_asking) = (true, false);
        for _ in 0..MAX_EXCHANGES {
            let reply = self.exchange(&mut connection, &arguments, has_hash, is_asking, call).await;
            let peer = connection.peer.clone();
            connection = match reply {
                Ok(reply) => {
                    let decision = script::decision(&reply);
                    let decision =
                        decision.ok_or_else(|| StoreError(format!("{peer}: {NO_REPLY}")))?;
                    state.put(connection);
                    return Ok(decision);
                }
                Err(Failure::Unsent(_)) if connection.is_kept => {
                    self.open(state, &peer, call).await?
                }
                Err(Failure::Refused(Refusal::NoScript)) if has_hash => {
                    has_hash = false;
                    connection
                }
                Err(Failure::Refused(Refusal::Moved(node))) => {
                    state.put(connection);
                    is_asking = false;
                    let leader = at(node, &peer)?;
                    *lock(&state.leader) = Some(leader.clone());
                    self.connection_to(state, &leader, call).await?
                }
                Err(Failure::Refused(Refusal::Ask(node))) => {
                    state.put(connection);
                    is_asking = true;
                    self.connection_to(state, &at(node, &peer)?, call).await?
                }
                Err(Failure::Refused(Refusal::ReadOnly)) if self.has_sentinels() => {
                    // It was the master until now.
                    state.forget_leader();
                    drop(connection);
                    self.connection(state, &phase, call).await?
                }
                Err(failure) => {
                    state.forget_leader();
                    return Err(StoreError(failure.text(&peer)));
                }
            };
        }
        state.forget_leader();
        Err(StoreError(format!("{}: no server takes the step", connection.peer)))
    }

    /// Calls the script: by its hash or as a text, after ASKING if the keys are being moved.
    async fn exchange(
        &self,
        connection: &mut Connection,
        arguments: &[Vec<u8>],
        has_hash: bool,
        is_asking: bool,
        call: &Call,
    ) -> Result<Reply, Failure> {
        let mut command: Vec<&[u8]> = match has_hash {
            true => vec![b"EVALSHA", self.script_hash.as_bytes()],
            false => vec![b"EVAL", self.script.as_bytes()],
        };
        command.extend(arguments.iter().map(Vec::as_slice));
        let asking: &[&[u8]] = &[b"ASKING"];
        let commands = [asking, &command];
        connection.exchange(&commands[usize::from(!is_asking)..], call).await
    }

    fn has_sentinels(&self) -> bool {
        matches!(self.url.topology, Topology::Sentinel { .. })
    }

    /// A connection to the leader, or to a server that may know it. Each server has its part of the phase.
    async fn connection(
        &self,
        state: &State,
        phase: &Phase,
        call: &Call,
    ) -> Result<Connection, StoreError> {
        let servers = &self.url.servers;
        let leader = lock(&state.leader).clone();
        let first = state.first.load(Ordering::Relaxed);
        let rotated = (0..servers.len()).map(|at| (first + at) % servers.len());
        let candidates = rotated.map(|index| {
            let server = &servers[index];
            let candidate = match &self.url.topology {
                Topology::Server => Candidate::Server(server.clone()),
                Topology::Sentinel { service } => Candidate::Sentinel(server, service),
            };
            (index, candidate)
        });
        let leader = leader.map(|leader| (first, Candidate::Server(leader)));
        let candidates: Vec<_> = leader.into_iter().chain(candidates).collect();
        let mut failure = None;
        for (at, (index, candidate)) in candidates.iter().enumerate() {
            phase.begin_part(call, candidates.len() - at);
            match self.try_candidate(state, candidate, call).await {
                Ok(connection) => {
                    state.first.store(*index, Ordering::Relaxed);
                    phase.begin_part(call, 1);
                    return Ok(connection);
                }
                Err(error) => {
                    state.forget_leader();
                    failure = Some(error);
                    // A new part would make the call forget that it had to end.
                    if call.check_end("the guard's store").is_err() {
                        break;
                    }
                }
            }
        }
        Err(failure.expect("a URL has a server"))
    }

    async fn try_candidate(
        &self,
        state: &State,
        candidate: &Candidate<'_>,
        call: &Call,
    ) -> Result<Connection, StoreError> {
        match candidate {
            Candidate::Server(peer) => self.connection_to(state, peer, call).await,
            Candidate::Sentinel(sentinel, service) => {
                let master = self.ask_sentinel(state, sentinel, service, call).await?;
                let connection = self.connection_to(state, &master, call).await?;
                *lock(&state.leader) = Some(master);
                Ok(connection)
            }
        }
    }

    /// An idle connection to this server, or a new one.
    async fn connection_to(
        &self,
        state: &State,
        peer: &Peer,
        call: &Call,
    ) -> Result<Connection, StoreError> {
        match state.take(peer) {
            Some(connection) => Ok(connection),
            None => self.open(state, peer, call).await,
        }
    }

    /// A new connection to this server. One that Sentinels name must be a master.
    async fn open(
        &self,
        state: &State,
        peer: &Peer,
        call: &Call,
    ) -> Result<Connection, StoreError> {
        let RedisUrl { login, database, .. } = &self.url;
        let connection =
            Connection::open(&state.linker, peer, login.as_ref(), *database, call).await;
        let mut connection = connection.map_err(StoreError)?;
        if self.has_sentinels() {
            let role = connection.exchange(&[&[b"ROLE"]], call).await;
            let role = role.map_err(|failure| StoreError(failure.text(peer)))?;
            let is_master = matches!(&role, Reply::Array(parts)
                if parts.first() == Some(&Reply::Text("master".into())));
            if !is_master {
                return Err(StoreError(format!("{peer} answers {READ_ONLY}")));
            }
        }
        Ok(connection)
    }

    /// Asks a Sentinel for the master. It gets the password only if it wants one.
    async fn ask_sentinel(
        &self,
        state: &State,
        sentinel: &Peer,
        service: &str,
        call: &Call,
    ) -> Result<Peer, StoreError> {
        let question: &[&[u8]] = &[b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", service.as_bytes()];
        let open = async |login| {
            Connection::open(&state.linker, sentinel, login, 0, call).await.map_err(StoreError)
        };
        let mut connection = open(None).await?;
        let mut answer = connection.exchange(&[question], call).await;
        let login = self.url.login.as_ref();
        if matches!(&answer, Err(failure) if failure.wants_login()) && login.is_some() {
            connection = open(login).await?;
            answer = connection.exchange(&[question], call).await;
        }
        let refuse = |why: &str| StoreError(format!("the Sentinel {sentinel} {why}"));
        let answer = answer
            .map_err(|failure| StoreError(format!("the Sentinel {}", failure.text(sentinel))))?;
        match &answer {
            Reply::Null => Err(refuse("does not know the service")),
            Reply::Array(parts) => match &parts[..] {
                [Reply::Text(host), Reply::Text(port)] => {
                    let node = Node::new(host, port).ok_or_else(|| refuse("names no master"))?;
                    at(node, sentinel)
                }
                _ => Err(refuse("names no master")),
            },
            _ => Err(refuse("names no master")),
        }
    }
}

/// The node that another server names: spoken to in the same way.
fn at(node: Node, namer: &Peer) -> Result<Peer, StoreError> {
    match namer {
        Peer::Tcp { host, is_tls, .. } => Ok(Peer::Tcp {
            host: node.host.unwrap_or_else(|| host.clone()),
            port: node.port,
            is_tls: *is_tls,
        }),
        Peer::Unix(_) => Err(StoreError(format!("{namer} is a node of a cluster, not all of it"))),
    }
}

#[cfg(test)]
mod tests;
