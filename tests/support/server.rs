//! A server on loopback that does what a test's script says, byte by byte, and counts what it sees.
//!
//! No HTTP library: what it sends may be wrong in any way.

use std::io::Read;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use socket2::{Domain, Socket, Type};

pub(crate) use super::connection::RawConnection;
use super::connection::SharedStream;
use super::os::{TcpRow, tcp_table};

/// No wait of a test is longer: a server that waits for what never comes ends the test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Plays its script on each connection, in a thread of its own, until it is dropped.
pub(crate) struct RawServer {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// What a server and its scripts know.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) stopping: bool,
    /// No connection is accepted any more.
    stopped: bool,
    connections: usize,
    closed: usize,
    pub(super) sent: usize,
    pub(super) requests: Vec<Vec<u8>>,
    /// Requests are dropped once they were played.
    pub(super) forgets: bool,
    /// Weak, so that a script's end closes its connection.
    streams: Vec<Weak<TcpStream>>,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no script panics while it holds the lock")
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until `done`, at most for `limit`; false if it did not come.
    pub(super) fn wait(&self, limit: Duration, done: impl Fn(&State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |state| !done(state));
        !waited.expect("no script panics while it holds the lock").1.timed_out()
    }
}

impl RawServer {
    /// A server that plays `script` on every connection.
    pub(crate) fn start(script: impl Fn(RawConnection) + Send + Sync + 'static) -> RawServer {
        RawServer::listen(listener(), None, script)
    }

    /// The same over TLS. A connection whose handshake fails plays nothing.
    pub(crate) fn start_tls(
        config: Arc<ServerConfig>,
        script: impl Fn(RawConnection) + Send + Sync + 'static,
    ) -> RawServer {
        RawServer::listen(listener(), Some(config), script)
    }

    /// A server on a socket that is bound already.
    pub(crate) fn listen(
        listener: TcpListener,
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(RawConnection) + Send + Sync + 'static,
    ) -> RawServer {
        let address = listener.local_addr().expect("a bound listener has an address");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared::default());
        let accepting = {
            let shared = shared.clone();
            std::thread::spawn(move || accept(listener, tls.as_ref(), &shared, &Arc::new(script)))
        };
        RawServer { address, scheme, shared, accepting: Some(accepting) }
    }

    /// Drops each request once it was played, so that a server may live for long.
    pub(crate) fn forget_requests(&self) {
        self.shared.change(|state| state.forgets = true);
    }

    /// Where the service's address leads here.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}/sms/verifySMS", self.scheme, self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.lock().connections
    }

    /// The bytes of each request, whole or partial.
    pub(crate) fn requests(&self) -> Vec<Vec<u8>> {
        self.shared.lock().requests.clone()
    }

    pub(crate) fn wait_for_connections(&self, count: usize) {
        assert!(self.shared.wait(PATIENCE, |state| state.connections >= count), "no connection");
    }

    pub(crate) fn wait_for_requests(&self, count: usize) {
        assert!(self.shared.wait(PATIENCE, |state| state.requests.len() >= count), "no request");
    }

    /// Waits until `count` pieces were sent and have arrived.
    pub(crate) fn wait_for_sent(&self, count: usize) {
        assert!(self.shared.wait(PATIENCE, |state| state.sent >= count), "nothing was sent");
        self.wait_for_tcp(|row| row.local == self.port() && row.unacknowledged);
    }

    /// Waits until the scripts of `count` connections have ended, and the client's end of every
    /// connection knows of it.
    pub(crate) fn wait_for_closed(&self, count: usize) {
        assert!(self.shared.wait(PATIENCE, |state| state.closed >= count), "still open");
        self.wait_for_tcp(|row| row.remote == self.port() && row.established);
    }

    /// Once the client is gone: waits until everything that it sent was seen, and says how many
    /// connections there were.
    pub(crate) fn settle(&self) -> usize {
        // Connections are accepted in turn, so that this one comes after all others.
        let last = TcpStream::connect(self.address).expect("the server listens");
        let _ = last.shutdown(Shutdown::Write);
        let _ = last.set_read_timeout(Some(PATIENCE));
        while (&last).read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
        let done = |state: &State| state.connections > 0 && state.closed == state.connections;
        assert!(self.shared.wait(PATIENCE, done), "a script does not end");
        self.connections() - 1
    }

    /// Waits until no connection of this machine is `pending`. What was sent over loopback has
    /// not always arrived when the call that sent it returns.
    fn wait_for_tcp(&self, pending: impl Fn(&TcpRow) -> bool) {
        let begun = Instant::now();
        while tcp_table().iter().any(&pending) {
            assert!(begun.elapsed() < PATIENCE, "what was sent did not arrive");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Plays the script on every connection until the server is stopped.
fn accept(
    listener: TcpListener,
    tls: Option<&Arc<ServerConfig>>,
    shared: &Arc<Shared>,
    script: &Arc<impl Fn(RawConnection) + Send + Sync + 'static>,
) {
    let mut playing: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming().map_while(Result::ok) {
        // Threads that have ended are not kept, so that a server may live for long.
        let (over, still): (Vec<_>, _) = playing.into_iter().partition(JoinHandle::is_finished);
        playing = still;
        over.into_iter().for_each(join);
        let stream = SharedStream(Arc::new(stream));
        let stopping = shared.change(|state| {
            state.connections += usize::from(!state.stopping);
            state.streams.retain(|stream| stream.strong_count() > 0);
            state.streams.push(Arc::downgrade(&stream.0));
            state.stopping
        });
        if stopping {
            break;
        }
        let (shared, script, tls) = (shared.clone(), script.clone(), tls.cloned());
        playing.push(std::thread::spawn(move || {
            if let Ok(conn) = RawConnection::new(stream, tls, &shared) {
                script(conn);
            }
            shared.change(|state| state.closed += 1);
        }));
    }
    shared.change(|state| state.stopped = true);
    drop(listener);
    playing.into_iter().for_each(join);
}

fn join(script: JoinHandle<()>) {
    script.join().expect("a script does not panic");
}

impl Drop for RawServer {
    fn drop(&mut self) {
        let streams = self.shared.change(|state| {
            state.stopping = true;
            std::mem::take(&mut state.streams)
        });
        for stream in streams.iter().filter_map(Weak::upgrade) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // A connection of its own ends the wait for the next one; on a young network it may take two.
        while !self.shared.lock().stopped {
            let _ = TcpStream::connect(self.address);
            self.shared.wait(Duration::from_millis(10), |state| state.stopped);
        }
        let ended = self.accepting.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "a script panicked");
        }
    }
}

/// A port of loopback that can be given to one server after another.
pub(crate) fn listener() -> TcpListener {
    let socket = bound();
    // Connections inherit a small buffer, so that a large request does not fit into it unread.
    socket.set_recv_buffer_size(16 * 1024).expect("a buffer's size can be set");
    socket.listen(128).expect("a bound socket can listen");
    socket.into()
}

/// A port of loopback that refuses connections, until it listens.
pub(crate) struct ClosedPort(Socket);

impl ClosedPort {
    pub(crate) fn new() -> ClosedPort {
        ClosedPort(bound())
    }

    pub(crate) fn url(&self) -> String {
        url_of(&self.0)
    }

    pub(crate) fn listen(self) -> TcpListener {
        self.0.listen(16).expect("a bound socket can listen");
        self.0.into()
    }
}

/// A port that never answers a SYN: its queue of connections is full and nobody accepts.
pub(crate) struct BlackholePort {
    socket: Socket,
    _queue: Vec<Socket>,
}

impl BlackholePort {
    pub(crate) fn new() -> BlackholePort {
        let socket = bound();
        socket.listen(0).expect("a bound socket can listen");
        let address = socket.local_addr().expect("a bound socket has an address");
        // Linux queues one connection more than it was told to.
        let queue = (0..2)
            .map(|_| {
                let queued = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
                queued.set_nonblocking(true).expect("a socket can be set not to block");
                let _ = queued.connect(&address);
                queued
            })
            .collect();
        BlackholePort { socket, _queue: queue }
    }

    pub(crate) fn url(&self) -> String {
        url_of(&self.socket)
    }

    /// The same port, for a server that accepts.
    pub(crate) fn listen(self) -> TcpListener {
        self.socket.into()
    }
}

fn bound() -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&any.into()).expect("loopback has a free port");
    socket
}

fn url_of(socket: &Socket) -> String {
    let address = socket.local_addr().ok().and_then(|address| address.as_socket());
    format!("http://{}/sms/verifySMS", address.expect("a bound socket has an address"))
}
