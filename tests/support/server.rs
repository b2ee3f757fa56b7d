//! A server on loopback that does what a test tells it, byte by byte, and counts what it sees.
//!
//! No HTTP library: what it sends may be wrong in any way.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::{Domain, SockRef, Socket, Type};

use super::http;

/// No wait of a test is longer: a server that waits for what never comes ends the test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Runs its script once a connection, each in a thread, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    connections: usize,
    closed: usize,
    said: usize,
    requests: Vec<Vec<u8>>,
    /// Weak, so that a script's end closes its connection.
    wires: Vec<Weak<TcpStream>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no script panics while it holds the lock")
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until `done`, at most for `limit`; false if it did not come.
    fn wait(&self, limit: Duration, done: impl Fn(&State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |state| !done(state));
        !waited.expect("no script panics while it holds the lock").1.timed_out()
    }
}

impl Server {
    /// A server that plays `script` on every connection.
    pub(crate) fn start(script: impl Fn(Peer) + Send + Sync + 'static) -> Server {
        Server::listen(listener(), None, script)
    }

    /// The same over TLS; a connection whose handshake fails plays nothing.
    pub(crate) fn start_tls(
        config: Arc<ServerConfig>,
        script: impl Fn(Peer) + Send + Sync + 'static,
    ) -> Server {
        Server::listen(listener(), Some(config), script)
    }

    /// A server on a socket that is bound already.
    pub(crate) fn listen(
        listener: TcpListener,
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(Peer) + Send + Sync + 'static,
    ) -> Server {
        let address = listener.local_addr().expect("a bound listener has an address");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared::default());
        let accepting = {
            let (shared, script) = (shared.clone(), Arc::new(script));
            std::thread::spawn(move || {
                let mut playing = Vec::new();
                for stream in listener.incoming() {
                    let Ok(stream) = stream else { break };
                    let wire = Wire(Arc::new(stream));
                    let stopping = shared.change(|state| {
                        state.connections += usize::from(!state.stopping);
                        state.wires.push(Arc::downgrade(&wire.0));
                        state.stopping
                    });
                    if stopping {
                        break;
                    }
                    let (shared, script, tls) = (shared.clone(), script.clone(), tls.clone());
                    playing.push(std::thread::spawn(move || {
                        if let Ok(peer) = Peer::new(wire, tls, &shared) {
                            script(peer);
                        }
                        shared.change(|state| state.closed += 1);
                    }));
                }
                drop(listener);
                for thread in playing {
                    thread.join().expect("a script does not panic");
                }
            })
        };
        Server { address, scheme, shared, accepting: Some(accepting) }
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
    pub(crate) fn wait_for_said(&self, count: usize) {
        assert!(self.shared.wait(PATIENCE, |state| state.said >= count), "nothing was said");
        self.wait_for_wires(|wire| wire.local == self.port() && wire.unacknowledged);
    }

    /// Waits until the scripts of `count` connections have ended, and the client's end of every
    /// connection knows of it.
    pub(crate) fn wait_for_closed(&self, count: usize) {
        assert!(self.shared.wait(PATIENCE, |state| state.closed >= count), "still open");
        self.wait_for_wires(|wire| wire.remote == self.port() && wire.established);
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
    fn wait_for_wires(&self, pending: impl Fn(&WireState) -> bool) {
        let begun = Instant::now();
        while wire_states().iter().any(&pending) {
            assert!(begun.elapsed() < PATIENCE, "what was sent did not arrive");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// One end of a connection, as the kernel sees it.
struct WireState {
    /// The port of this end.
    local: u16,
    /// The port of the other end.
    remote: u16,
    established: bool,
    unacknowledged: bool,
}

/// The rows of /proc/net/tcp (see proc_pid_net(5)).
fn wire_states() -> Vec<WireState> {
    const ESTABLISHED: u32 = 1;
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the kernel's table");
    let hex = |text: &str| u32::from_str_radix(text, 16).expect("a hexadecimal number");
    let port = |address: &str| hex(address.split_once(':').expect("a port").1) as u16;
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.map(|row| WireState {
        local: port(row[1]),
        remote: port(row[2]),
        established: hex(row[3]) == ESTABLISHED,
        unacknowledged: !row[4].starts_with("00000000:"),
    })
    .filter(|wire| wire.remote != 0)
    .collect()
}

impl Drop for Server {
    fn drop(&mut self) {
        let wires = self.shared.change(|state| {
            state.stopping = true;
            std::mem::take(&mut state.wires)
        });
        for wire in wires.iter().filter_map(Weak::upgrade) {
            let _ = wire.shutdown(Shutdown::Both);
        }
        // A connection of its own ends the wait for the next one.
        let _ = TcpStream::connect(self.address);
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

/// A port of loopback that is taken and refuses connections, until it is told to listen.
pub(crate) struct Closed(Socket);

impl Closed {
    pub(crate) fn new() -> Closed {
        Closed(bound())
    }

    pub(crate) fn url(&self) -> String {
        url_of(&self.0)
    }

    pub(crate) fn listen(self) -> TcpListener {
        self.0.listen(16).expect("a bound socket can listen");
        self.0.into()
    }
}

/// A port that never answers a SYN: nobody accepts, and its queue is full.
pub(crate) struct Silent {
    socket: Socket,
    _queue: Vec<Socket>,
}

impl Silent {
    pub(crate) fn new() -> Silent {
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
        Silent { socket, _queue: queue }
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

/// A connection that several may hold, and that closes with the last of them.
#[derive(Clone)]
struct Wire(Arc<TcpStream>);

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buffer)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Stream {
    Plain(Wire),
    Tls(Box<StreamOwned<ServerConnection, Wire>>),
}

/// The server's end of one connection. Dropping it closes the connection.
pub(crate) struct Peer {
    stream: Stream,
    wire: Wire,
    /// Which of the server's requests is being read.
    request: Option<usize>,
    shared: Arc<Shared>,
}

impl Peer {
    fn new(wire: Wire, tls: Option<Arc<ServerConfig>>, shared: &Arc<Shared>) -> io::Result<Peer> {
        wire.0.set_read_timeout(Some(PATIENCE))?;
        wire.0.set_write_timeout(Some(PATIENCE))?;
        wire.0.set_nodelay(true)?;
        let stream = match tls {
            None => Stream::Plain(wire.clone()),
            Some(config) => {
                let connection = ServerConnection::new(config).map_err(io::Error::other)?;
                let mut stream = StreamOwned::new(connection, wire.clone());
                while stream.conn.is_handshaking() {
                    stream.conn.complete_io(&mut stream.sock)?;
                }
                Stream::Tls(Box::new(stream))
            }
        };
        Ok(Peer { stream, wire, request: None, shared: shared.clone() })
    }

    /// The number of this request among all that the server saw, counted from 1.
    pub(crate) fn number(&self) -> usize {
        self.request.map_or(0, |index| index + 1)
    }

    /// What was read of the request.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.recorded(<[u8]>::to_vec)
    }

    /// Waits for the first bytes of a request and leaves them unread.
    pub(crate) fn await_request(&mut self) {
        self.request = None;
        match &self.stream {
            Stream::Plain(wire) => {
                if wire.0.peek(&mut [0]).is_ok_and(|count| count > 0) {
                    self.note(&[]);
                }
            }
            // Only what was decrypted is known to belong to a request.
            Stream::Tls(_) => drop(self.read(1)),
        }
    }

    /// Waits for any bytes, which are not taken for a request, and leaves them unread.
    pub(crate) fn await_bytes(&self) {
        let _ = self.wire.0.peek(&mut [0]);
    }

    /// Reads a request's head. False when the client went away.
    pub(crate) fn read_head(&mut self) -> bool {
        self.request = None;
        loop {
            if self.read(1) == 0 {
                return false;
            }
            if self.recorded(|request| request.ends_with(b"\r\n\r\n")) {
                return true;
            }
        }
    }

    /// Reads a request. False when the client went away before its end.
    pub(crate) fn read_request(&mut self) -> bool {
        self.read_head() && self.read_body(1)
    }

    /// Reads a request's head and half of its body.
    pub(crate) fn read_half(&mut self) {
        let _ = self.read_head() && self.read_body(2);
    }

    /// Reads until the client is gone; what comes is counted as a request.
    pub(crate) fn read_on(&mut self) {
        while self.read(64 * 1024) > 0 {}
    }

    /// Begins another request: what is read from here on does not belong to the last one.
    pub(crate) fn next_request(&mut self) {
        self.request = None;
    }

    /// Reads the first of `parts` equal parts of the body whose head was read.
    fn read_body(&mut self, parts: usize) -> bool {
        let mut missing = self.recorded(|request| {
            let (head, _) = http::split(request);
            let length = http::header(head, "content-length").expect("a request has a length");
            length.parse::<usize>().expect("a length is a number") / parts
        });
        while missing > 0 {
            match self.read(missing.min(64 * 1024)) {
                0 => return false,
                count => missing -= count,
            }
        }
        true
    }

    fn read(&mut self, most: usize) -> usize {
        let mut buffer = vec![0; most];
        let read = match &mut self.stream {
            Stream::Plain(wire) => wire.read(&mut buffer),
            Stream::Tls(stream) => stream.read(&mut buffer),
        };
        let count = read.unwrap_or(0);
        if count > 0 {
            self.note(&buffer[..count]);
        }
        count
    }

    /// Adds bytes to the request that is being read, or begins one.
    fn note(&mut self, bytes: &[u8]) {
        self.request = Some(self.shared.change(|state| {
            let index = self.request.unwrap_or_else(|| {
                state.requests.push(Vec::new());
                state.requests.len() - 1
            });
            state.requests[index].extend_from_slice(bytes);
            index
        }));
    }

    fn recorded<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        let index = self.request.expect("a request was begun");
        look(&self.shared.lock().requests[index])
    }

    /// Sends bytes. False when the client is gone.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> bool {
        let said = match &mut self.stream {
            Stream::Plain(wire) => wire.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        };
        self.shared.change(|state| state.said += 1);
        said.is_ok()
    }

    /// Sends bytes one at a time with a pause after each, until the client or the server goes.
    /// Without a pause each waits until the client's machine has the one before.
    pub(crate) fn say_slowly(&mut self, bytes: &[u8], pause: Duration) {
        for byte in bytes {
            if !self.say(&[*byte]) || self.shared.wait(pause, |state| state.stopping) {
                return;
            }
        }
    }

    /// Sends `piece` over and over, `total` bytes in all or until the client is gone.
    pub(crate) fn say_much(&mut self, piece: &[u8], total: usize) {
        let block = piece.repeat((64 * 1024 / piece.len()).max(1));
        let mut said = 0;
        while said < total && self.say(&block) {
            said += block.len();
        }
    }

    /// Sends bytes below TLS, as they are.
    pub(crate) fn say_raw(&mut self, bytes: &[u8]) -> bool {
        self.wire.write_all(bytes).is_ok()
    }

    /// Waits for the client to go, and says nothing.
    pub(crate) fn stall(&mut self) {
        let client = self.wire.0.peer_addr().map_or(0, |address| address.port());
        let is_there = || wire_states().iter().any(|wire| wire.local == client && wire.established);
        while self.wire.0.peek(&mut [0]).is_ok_and(|count| count > 0) && is_there() {
            // Bytes are there that this script does not read; only the end is left to wait for.
            if self.shared.wait(Duration::from_millis(20), |state| state.stopping) {
                return;
            }
        }
    }

    /// Ends the server's direction of the connection.
    pub(crate) fn end_output(&mut self) {
        let _ = self.wire.0.shutdown(Shutdown::Write);
    }

    /// Ends the connection with a reset.
    pub(crate) fn reset(self) {
        let _ = SockRef::from(&*self.wire.0).set_linger(Some(Duration::ZERO));
    }
}
