//! How a call is ended from outside: another thread cancels it, or the interrupt function ends it, which
//! a signal has called at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use verifysms::{Client, Code, Reached};

use crate::support::client_process::{ClientProcess, ClientSettings, Interface};
use crate::support::dns::{DnsFault, NameServer, skip};
use crate::support::http::ok;
use crate::support::script::{Operation, Step, play, steps, succeed};
use crate::support::server::{BlackholePort, ClosedPort, PATIENCE, RawServer, listener};
use crate::support::{CA, TO, VERIFIED, builder, client, failed, failure, verified};

use super::{AttemptCount, SOON, interrupted, shortest};
use Step::{AwaitRequest, ReadRequest, Stall};

/// A client that says whenever one of its calls waits.
struct WatchedClient {
    client: Client,
    waits: Receiver<()>,
    attempts: AttemptCount,
}

impl WatchedClient {
    fn new(url: &str) -> WatchedClient {
        let (waiting, waits) = mpsc::channel();
        let waiting = Mutex::new(waiting);
        let attempts = AttemptCount::default();
        let builder = builder(url).interrupt(move || {
            let _ = waiting.lock().expect("the lock").send(());
            false
        });
        WatchedClient { client: attempts.client(builder), waits, attempts }
    }

    /// Waits until a call waits.
    fn wait(&self) {
        while self.waits.try_recv().is_ok() {}
        self.waits.recv_timeout(PATIENCE).expect("the call waits");
    }

    /// Begins a Check, cancels it once it waits and is `ready`, and asserts how it ends. The third
    /// time at most it ends soon: a busy machine delays a call now and then, a defect always does.
    fn cancel(&self, phase: &str, reached: Reached, ready: impl Fn(usize)) -> usize {
        let mut times = Vec::new();
        while times.len() < 3 {
            times.push(self.cancel_once(phase, reached, || ready(times.len() + 1)));
            if times.last().is_some_and(|&time| time < SOON) {
                return times.len();
            }
        }
        panic!("{phase}: {times:?}");
    }

    fn cancel_once(&self, phase: &str, reached: Reached, ready: impl FnOnce()) -> Duration {
        std::thread::scope(|scope| {
            let client = &self.client;
            let call = scope.spawn(|| failed(client));
            ready();
            self.wait();
            let begun = Instant::now();
            client.cancel();
            let error = call.join().expect("a call does not panic");
            assert_eq!(failure(&error), (Code::Cancelled, reached), "{phase}");
            begun.elapsed()
        })
    }
}

/// Cancels calls to a server that plays these steps, once it is `ready`. Then the server recovers, and
/// so does the client.
fn cancel_and_call_again(
    phase: &str,
    tls: Option<Arc<ServerConfig>>,
    steps: impl Into<Vec<Step>>,
    ready: fn(&RawServer, usize),
) {
    let recovered = Arc::new(AtomicBool::new(false));
    let (has_recovered, steps) = (recovered.clone(), steps.into());
    let server = RawServer::listen(listener(), tls, move |conn| {
        if has_recovered.load(Ordering::SeqCst) {
            succeed(conn);
        } else {
            play(&steps, conn, Operation::Check);
        }
    });
    let watched = WatchedClient::new(&server.url());
    let calls = watched.cancel(phase, Reached::Unknown, |call| ready(&server, call));
    recovered.store(true, Ordering::SeqCst);
    assert!(verified(&watched.client), "the client works afterwards");
    assert_eq!(server.requests().len(), calls + 1);
}

#[test]
fn cancel_ends_a_name_lookup() {
    let name_server = match NameServer::start(DnsFault::NoAnswer) {
        Ok(name_server) => name_server,
        Err(why) => return skip("cancel_ends_a_name_lookup", &why),
    };
    for interface in [Interface::Blocking, Interface::EventLoop] {
        let settings =
            ClientSettings { interface, ..ClientSettings::new("http://service.invalid/") };
        let mut client = ClientProcess::start(&settings, Some(name_server.file()));
        // Calls that begin later are calls as ever: the second one asks the name server again.
        for _ in 0..2 {
            let report = client.cancel(|| name_server.wait_for_queries());
            assert_eq!(report.end(), (Code::Cancelled, Reached::No));
            assert!(report.elapsed < SOON, "{:?}", report.elapsed);
        }
        let resources = client.finish();
        assert_eq!(resources.descriptors.0, resources.descriptors.1);
    }
}

#[test]
fn cancel_ends_a_connect() {
    let port = BlackholePort::new();
    let watched = WatchedClient::new(&port.url());
    watched.cancel("connect", Reached::No, |_| {});
    let server = RawServer::listen(port.listen(), None, succeed);
    assert!(verified(&watched.client), "the client works afterwards");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn cancel_ends_a_handshake() {
    let listener = listener();
    let same = listener.try_clone().expect("a listener can be cloned");
    let stalled = RawServer::listen(same, None, steps([Stall]));
    let watched = WatchedClient::new(&stalled.url().replace("http:", "https:"));
    watched.cancel("handshake", Reached::No, |call| stalled.wait_for_connections(call));
    drop(stalled);
    let server = RawServer::listen(listener, Some(CA.good()), succeed);
    assert!(verified(&watched.client), "the client works afterwards");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn cancel_ends_the_wait_for_an_answer() {
    for tls in [None, Some(CA.good())] {
        let ready = |server: &RawServer, call| server.wait_for_requests(call);
        cancel_and_call_again("answer", tls, [ReadRequest, Stall], ready);
    }
}

#[test]
fn cancel_ends_the_reading_of_an_answer() {
    let part = Step::send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{");
    let ready = |server: &RawServer, call| server.wait_for_sent(call);
    cancel_and_call_again("body", None, [ReadRequest, part, Stall], ready);
}

#[test]
fn cancel_ends_the_sending_of_a_request() {
    let server = RawServer::start(steps([AwaitRequest, Stall]));
    let watched = WatchedClient::new(&server.url());
    let message = format!("##code##{}", "a".repeat(4 << 20));
    std::thread::scope(|scope| {
        let client = &watched.client;
        let call = scope.spawn(|| client.send_with(TO, None, Some(&message)));
        server.wait_for_requests(1);
        watched.wait();
        watched.client.cancel();
        let error = call.join().expect("a call does not panic").expect_err("it was cancelled");
        assert_eq!(failure(&error), (Code::Cancelled, Reached::Unknown));
    });
}

#[test]
fn cancel_ends_the_pause_before_another_attempt() {
    let port = ClosedPort::new();
    let watched = WatchedClient::new(&port.url());
    // The second pause is far longer than the time a cancelled call may take.
    let calls = watched.cancel("pause", Reached::No, |call| {
        while watched.attempts.count() < 2 * call {
            watched.wait();
        }
    });
    assert_eq!(watched.attempts.count(), 2 * calls);
    let server = RawServer::listen(port.listen(), None, succeed);
    assert!(verified(&watched.client), "the client works afterwards");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn cancel_ends_every_call_under_way_and_no_later_one() {
    let server = RawServer::start(|mut conn| {
        conn.read_request();
        match conn.number() {
            1..=8 => conn.stall(),
            _ => conn.send(&ok(VERIFIED)),
        };
    });
    let client = client(&server.url());
    client.cancel();
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| failed(&client).code())).collect();
        server.wait_for_requests(8);
        client.cancel();
        for call in calls {
            assert_eq!(call.join().expect("a call does not panic"), Code::Cancelled);
        }
    });
    assert!(verified(&client));
}

/// A client whose calls wait for a server that stalls.
struct Waiting {
    client: Client,
    reached: Reached,
    /// When the server began to stall, once it does. Only then `hook` is asked: what comes before, as a
    /// handshake, may take a while.
    since: Arc<Mutex<Option<Instant>>>,
    _server: RawServer,
}

/// A client for every way to wait.
fn waiting(hook: impl Fn() -> bool + Clone + Send + Sync + 'static) -> [Waiting; 3] {
    let wait = |tls, scheme, reached| {
        let since: Arc<Mutex<Option<Instant>>> = Arc::default();
        let begin = since.clone();
        let server = RawServer::listen(listener(), tls, move |mut conn| {
            if reached == Reached::No || conn.read_request() {
                *begin.lock().expect("the lock") = Some(Instant::now());
                conn.stall();
            }
        });
        let (hook, stalls) = (hook.clone(), since.clone());
        let interrupt = move || stalls.lock().expect("the lock").is_some() && hook();
        let url = server.url().replace("http:", scheme);
        let client = builder(&url).interrupt(interrupt).build().expect("valid settings");
        Waiting { client, reached, since, _server: server }
    };
    [
        wait(None, "https:", Reached::No),
        wait(None, "http:", Reached::Unknown),
        wait(Some(CA.good()), "https:", Reached::Unknown),
    ]
}

#[test]
fn a_signal_has_the_interrupt_function_asked_at_once() {
    let (asked, asks) = mpsc::channel();
    let asked = Arc::new(Mutex::new(asked));
    let hook = move || {
        let _ = asked.lock().expect("the lock").send(());
        false
    };
    for Waiting { client, reached, .. } in &waiting(hook) {
        let error = interrupted(
            || failed(client),
            |thread, _| {
                let ask = || asks.recv_timeout(PATIENCE).expect("the function is asked");
                let mut times: Vec<_> = (0..21)
                    .map(|_| {
                        ask();
                        // Time to begin the next wait, which is the one to interrupt.
                        std::thread::sleep(Duration::from_millis(3));
                        while asks.try_recv().is_ok() {}
                        let begun = Instant::now();
                        thread.interrupt();
                        ask();
                        begun.elapsed()
                    })
                    .collect();
                times.sort();
                // Without a signal the function is asked every 25 ms.
                assert!(times[10] < Duration::from_millis(12), "{times:?}");
                client.cancel();
            },
        );
        assert_eq!(failure(&error), (Code::Cancelled, *reached));
    }
}

#[test]
fn the_interrupt_function_ends_the_call() {
    for Waiting { client, reached, since, .. } in &waiting(|| true) {
        let elapsed = shortest(|| {
            let error = failed(client);
            assert_eq!(failure(&error), (Code::Cancelled, *reached));
            let begun = since.lock().expect("the lock").take();
            begun.expect("the server stalls").elapsed()
        });
        assert!(elapsed < SOON, "{elapsed:?}");
    }
    let port = BlackholePort::new();
    let client = builder(&port.url()).interrupt(|| true).build().expect("valid settings");
    let error = failed(&client);
    assert_eq!(failure(&error), (Code::Cancelled, Reached::No));
}

#[test]
fn a_panic_of_the_interrupt_function_ends_that_call_alone() {
    let port = BlackholePort::new();
    let panics = Arc::new(AtomicBool::new(true));
    let does = panics.clone();
    let builder = builder(&port.url()).interrupt(move || {
        assert!(!does.load(Ordering::SeqCst), "the function has a defect");
        false
    });
    let client = builder.build().expect("valid settings");
    let error = failed(&client);
    assert_eq!(failure(&error), (Code::Internal, Reached::No));
    panics.store(false, Ordering::SeqCst);
    let _server = RawServer::listen(port.listen(), None, succeed);
    assert!(verified(&client));
}

#[test]
fn the_interrupt_function_is_asked_while_bytes_trickle() {
    const OFTEN: Duration = Duration::from_millis(10);
    let head = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(1000));
    let body = [
        Step::send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        Step::Trickle(" ".repeat(1000), OFTEN),
    ];
    for answer in [vec![Step::Trickle(head, OFTEN)], body.into()] {
        let server = RawServer::start(steps([vec![ReadRequest], answer].concat()));
        let builder = builder(&server.url()).timeout(Duration::from_secs(3));
        let client = builder.interrupt(|| true).build().expect("valid settings");
        let elapsed = shortest(|| {
            let begun = Instant::now();
            let error = failed(&client);
            assert_eq!(failure(&error), (Code::Cancelled, Reached::Unknown));
            begun.elapsed()
        });
        assert!(elapsed < SOON, "{elapsed:?}");
    }
}

#[test]
fn a_call_of_the_interrupt_function_is_not_asked_about() {
    let inside = Arc::new(AtomicBool::new(false));
    let is_inside = inside.clone();
    let (go, gone) = mpsc::channel();
    let (go, gone) = (Mutex::new(go), Mutex::new(gone));
    let server = RawServer::start(move |mut conn| {
        conn.read_request();
        if conn.number() == 1 {
            // The call that is asked about is answered when the other one is over.
            let _ = gone.lock().expect("the lock").recv_timeout(PATIENCE);
        } else {
            // Time enough for the function to be asked.
            std::thread::sleep(SOON);
        }
        conn.send(&ok(VERIFIED));
    });
    let own: Arc<OnceLock<Client>> = Arc::default();
    let nested: Arc<OnceLock<bool>> = Arc::default();
    let (the_client, outcome) = (own.clone(), nested.clone());
    let interrupt = move || {
        assert!(!is_inside.swap(true, Ordering::SeqCst), "asked about its own call");
        outcome.get_or_init(|| {
            let result = the_client.get().is_some_and(verified);
            let _ = go.lock().expect("the lock").send(());
            result
        });
        is_inside.store(false, Ordering::SeqCst);
        false
    };
    let client = builder(&server.url()).interrupt(interrupt).build().expect("valid settings");
    let client = own.get_or_init(|| client);
    assert!(verified(client), "the call that the function was asked about");
    assert_eq!(nested.get(), Some(&true), "the call that it made");
    assert!(!inside.load(Ordering::SeqCst));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn without_an_interrupt_function_signals_change_nothing() {
    let (go, gone) = mpsc::channel();
    let gone = Mutex::new(gone);
    let server = RawServer::start(move |mut conn| {
        if conn.read_request() {
            let _ = gone.lock().expect("the lock").recv_timeout(PATIENCE);
            conn.send(&ok(VERIFIED));
        }
    });
    let client = client(&server.url());
    let verified = interrupted(
        || verified(&client),
        |thread, _| {
            server.wait_for_requests(1);
            for _ in 0..50 {
                thread.interrupt();
                std::thread::sleep(Duration::from_millis(1));
            }
            go.send(()).expect("the server listens");
        },
    );
    assert!(verified);
    assert_eq!((server.connections(), server.requests().len()), (1, 1));
}
