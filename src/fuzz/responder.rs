//! A server on loopback that answers with whatever bytes a target gives it, and keeps what it was asked.
//!
//! No HTTP library: what it sends may be wrong in any way.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A wait that is longer is a defect. A fuzzer may run on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// One server for all inputs; it answers one input at a time.
pub(crate) struct Responder {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    turn: Mutex<()>,
}

#[derive(Default)]
struct State {
    /// The number of the input that is being answered.
    number: u32,
    answers: VecDeque<Answer>,
    requests: Vec<Vec<u8>>,
    open: usize,
}

/// What becomes of a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// These bytes; the connection stays open.
    Open(Vec<u8>),
    /// These bytes, and no more after them.
    Last(Vec<u8>),
    /// None at all; the connection stays open.
    Silence,
}

/// The server while it answers one input.
pub(crate) struct Turn {
    /// What the requests of this input have in their first line, in a path or a host. A late one of
    /// another input, which was given up on a busy machine, has not.
    pub(crate) mark: String,
    shared: Arc<Shared>,
    _turn: MutexGuard<'static, ()>,
}

impl State {
    fn mark(&self) -> String {
        format!("turn-{:08x}", self.number)
    }
}

impl Responder {
    pub(crate) fn get() -> &'static Responder {
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

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to answer another input, once no other is being answered.
    pub(crate) fn turn(&'static self) -> Turn {
        let turn = self.shared.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = self.shared.change(|state| {
            state.answers.clear();
            state.requests.clear();
            state.number = state.number.wrapping_add(1);
            state.mark()
        });
        Turn { mark, shared: self.shared.clone(), _turn: turn }
    }
}

impl Turn {
    /// Has one more request answered like this. One too many is not answered.
    pub(crate) fn answer(&self, answer: Answer) {
        self.shared.change(|state| state.answers.push_back(answer));
    }

    /// Forgets the answers that nobody wanted.
    #[cfg(feature = "capi")]
    pub(crate) fn forget(&self) {
        self.shared.change(|state| state.answers.clear());
    }

    /// The requests so far, whole or in part, once there are that many.
    pub(crate) fn requests(&self, count: usize) -> Vec<Vec<u8>> {
        let guard = self.shared.lock();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(guard, PATIENCE, |state| state.requests.len() < count);
        waited.expect("no server thread panics").0.requests.clone()
    }
}

impl Drop for Turn {
    /// Waits until the connections are closed, so that the next input has its answers to itself.
    fn drop(&mut self) {
        let guard = self.shared.lock();
        let ended = self.shared.changed.wait_timeout_while(guard, PATIENCE, |state| state.open > 0);
        if !std::thread::panicking() {
            assert_eq!(ended.expect("no server thread panics").0.open, 0, "a connection was left");
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

    /// Answers the requests of a connection until its peer is gone.
    fn serve(&self, mut stream: &TcpStream) {
        let _ = stream.set_nodelay(true);
        loop {
            let request = read_request(stream);
            let is_whole = is_whole(&request);
            // What a connection ends with may be no request: nothing, or the beginning of TLS.
            if !is_whole && !request.starts_with(b"POST ") {
                return;
            }
            let answer = self.change(|state| {
                let is_marked = String::from_utf8_lossy(&request).contains(&state.mark());
                is_marked.then(|| {
                    state.requests.push(request);
                    state.answers.pop_front().unwrap_or(Answer::Silence)
                })
            });
            let Some(answer) = answer else { return };
            // A peer that has heard enough may be gone.
            match answer {
                Answer::Open(bytes) => drop(stream.write_all(&bytes)),
                Answer::Last(bytes) => {
                    let _ = stream.write_all(&bytes);
                    let _ = stream.shutdown(Shutdown::Write);
                }
                Answer::Silence => {}
            }
            if !is_whole {
                return;
            }
        }
    }
}

/// A request with its body, or what came of it before the connection ended.
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
