//! A server on loopback that sends the bytes that a target gives it, and records the requests.
//!
//! It uses no HTTP library: the bytes need not be HTTP.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A longer wait is a defect. The machine of a fuzzer may be busy.
const MAX_WAIT: Duration = Duration::from_secs(20);

/// One server for all inputs. It serves one input at a time.
pub(super) struct Responder {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    session: Mutex<()>,
}

#[derive(Default)]
struct State {
    /// The number of the current input.
    number: u32,
    responses: VecDeque<Response>,
    requests: Vec<Vec<u8>>,
    open: usize,
}

/// What the server does after a request.
#[derive(Clone)]
pub(super) enum Response {
    /// Sends these bytes; the connection stays open.
    KeepOpen(Vec<u8>),
    /// Sends these bytes and ends its side of the connection.
    Close(Vec<u8>),
    /// Sends nothing; the connection stays open.
    None,
}

/// The server while it serves one input.
pub(super) struct Session {
    /// A part of the path or the host in the first line of each request of this input. A late request
    /// of an earlier input has another tag and is ignored.
    pub(super) tag: String,
    shared: Arc<Shared>,
    _lock: MutexGuard<'static, ()>,
}

impl State {
    fn tag(&self) -> String {
        format!("input-{:08x}", self.number)
    }
}

impl Responder {
    pub(super) fn get() -> &'static Responder {
        static RESPONDER: LazyLock<Responder> = LazyLock::new(|| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
            let address = listener.local_addr().expect("a bound listener has an address");
            let shared = Arc::new(Shared::default());
            let serving = shared.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let serving = serving.clone();
                    serving.change(|state| state.open += 1);
                    std::thread::spawn(move || {
                        serving.serve(&stream);
                        serving.change(|state| state.open -= 1);
                    });
                }
            });
            Responder { address, shared }
        });
        &RESPONDER
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins another input, once the one before has ended.
    pub(super) fn begin(&'static self) -> Session {
        let lock = self.shared.session.lock().unwrap_or_else(PoisonError::into_inner);
        let tag = self.shared.change(|state| {
            state.responses.clear();
            state.requests.clear();
            state.number = state.number.wrapping_add(1);
            state.tag()
        });
        Session { tag, shared: self.shared.clone(), _lock: lock }
    }
}

impl Session {
    /// Adds a response for one more request. A request without one gets none.
    pub(super) fn respond(&self, response: Response) {
        self.shared.change(|state| state.responses.push_back(response));
    }

    /// Drops the responses that were not used.
    #[cfg(feature = "capi")]
    pub(super) fn clear(&self) {
        self.shared.change(|state| state.responses.clear());
    }

    /// Waits for `count` requests, whole or in part, and returns all requests so far.
    pub(super) fn requests(&self, count: usize) -> Vec<Vec<u8>> {
        let guard = self.shared.lock();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(guard, MAX_WAIT, |state| state.requests.len() < count);
        waited.expect("no server thread panics").0.requests.clone()
    }
}

impl Drop for Session {
    /// Waits until all connections are closed, so that none takes a response of the next input.
    fn drop(&mut self) {
        let guard = self.shared.lock();
        let ended = self.shared.changed.wait_timeout_while(guard, MAX_WAIT, |state| state.open > 0);
        if !std::thread::panicking() {
            assert_eq!(
                ended.expect("no server thread panics").0.open,
                0,
                "a connection is still open"
            );
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Serves the requests of a connection until it ends.
    fn serve(&self, mut stream: &TcpStream) {
        let _ = stream.set_nodelay(true);
        loop {
            let request = read_request(stream);
            let is_whole = is_whole(&request);
            // At the end of a connection comes nothing, a part of a request, or the beginning of TLS.
            if !is_whole && !request.starts_with(b"POST ") {
                return;
            }
            let response = self.change(|state| {
                let is_tagged = String::from_utf8_lossy(&request).contains(&state.tag());
                is_tagged.then(|| {
                    state.requests.push(request);
                    state.responses.pop_front().unwrap_or(Response::None)
                })
            });
            let Some(response) = response else { return };
            // An error only means that the client has closed the connection.
            match response {
                Response::KeepOpen(bytes) => drop(stream.write_all(&bytes)),
                Response::Close(bytes) => {
                    let _ = stream.write_all(&bytes);
                    let _ = stream.shutdown(Shutdown::Write);
                }
                Response::None => {}
            }
            if !is_whole {
                return;
            }
        }
    }
}

/// A request with its body, or the part of it that came before the connection ended.
fn read_request(mut stream: &TcpStream) -> Vec<u8> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    while !is_whole(&request) {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => request.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    request
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.map_or(0, |length| length.trim().parse().expect("the library's length"));
    request.len() >= end + 4 + length
}
