//! Who and what ends a call before its answer: another thread, a signal, the deadline. And when a
//! call is tried again.
#![cfg(target_os = "linux")]

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::{Duration, Instant};

use verifysms::{Builder, Client, Code, Error, LogLevel, Reached};

use support::client_process::{self, ClientProcess, Driver, Settings, Step};
use support::http::ok;
use support::resolver::{Manner, Resolver, skip};
use support::server::{Closed, PATIENCE, Peer, Server, Silent, listener};
use support::signal::Thread;
use support::tls::{self, Authority};
use support::{CODE, KEY, TO, VERIFIED};

/// How soon a call ends after it was cancelled, and how late after its deadline.
const SOON: Duration = Duration::from_millis(100);

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("control-ca.pem"));

fn builder(url: &str) -> Builder {
    Client::builder(KEY).sender("Acme").url(url).proxy("").ca_file(AUTHORITY.file())
}

fn verified(client: &Client) -> bool {
    client.check(TO, CODE).is_ok_and(|check| check.is_verified())
}

fn failed(client: &Client) -> Error {
    client.check(TO, CODE).expect_err("the call cannot succeed")
}

fn answering(mut peer: Peer) {
    while peer.read_request() && peer.say(&ok(VERIFIED)) {}
}

/// The shortest of three times: a busy machine delays a call now and then, a defect always does.
fn shortest(mut call: impl FnMut() -> Duration) -> Duration {
    (0..3).map(|_| call()).min().unwrap_or_default()
}

/// Counts what a client says of its attempts.
#[derive(Clone, Default)]
struct Attempts(Arc<AtomicUsize>);

impl Attempts {
    fn of(&self, builder: Builder) -> Builder {
        let count = self.0.clone();
        builder.log(move |level, _| {
            count.fetch_add(usize::from(level == LogLevel::Debug), Ordering::SeqCst);
        })
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A client that says whenever one of its calls waits.
struct Watched {
    client: Client,
    waits: Receiver<()>,
    attempts: Attempts,
}

impl Watched {
    fn new(url: &str) -> Watched {
        let (waiting, waits) = mpsc::channel();
        let waiting = Mutex::new(waiting);
        let attempts = Attempts::default();
        let builder = builder(url).interrupt(move || {
            let _ = waiting.lock().expect("the lock").send(());
            false
        });
        Watched { client: attempts.of(builder).build().expect("valid settings"), waits, attempts }
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
            assert_eq!((error.code(), error.reached()), (Code::Cancelled, reached), "{phase}");
            begun.elapsed()
        })
    }
}

#[test]
fn cancel_ends_a_name_lookup() {
    let resolver = match Resolver::start(Manner::Silent) {
        Ok(resolver) => resolver,
        Err(why) => return skip("cancel_ends_a_name_lookup", &why),
    };
    for driver in [Driver::Call, Driver::Loop] {
        let settings = Settings {
            url: "http://service.invalid/".into(),
            timeout: PATIENCE,
            connect_timeout: PATIENCE,
            ca_file: None,
            proxy: String::new(),
            message: 0,
            driver,
        };
        let mut client = ClientProcess::start("client_process", &settings, Some(resolver.file()));
        let outcome = client.cancel(|| resolver.wait_for_questions());
        assert_eq!((outcome.code(), outcome.reached()), (Code::Cancelled, Reached::No));
        assert!(outcome.elapsed < SOON, "{:?}", outcome.elapsed);
        // Calls that begin later are calls as ever: this one asks the resolver again.
        let outcome = client.cancel(|| resolver.wait_for_questions());
        assert_eq!((outcome.code(), outcome.reached()), (Code::Cancelled, Reached::No));
        let remains = client.finish();
        assert_eq!(remains.descriptors.0, remains.descriptors.1);
    }
}

#[test]
fn a_resolver_that_drops_the_questions_of_one_family_costs_no_call() {
    let mut slow = Vec::new();
    for (manner, at) in [(Manner::OnlyV4, "127.0.0.1"), (Manner::OnlyV6, "::1")] {
        let resolver = match Resolver::start(manner) {
            Ok(resolver) => resolver,
            Err(why) => return skip("a_resolver_that_drops_the_questions_of_one_family", &why),
        };
        let listener = std::net::TcpListener::bind((at, 0)).expect("loopback has a free port");
        // No connection is kept.
        let server = Server::listen(listener, None, |mut peer| {
            let _ = peer.read_request() && peer.say(&ok(VERIFIED));
        });
        let settings = Settings {
            url: format!("http://service.invalid:{}/", server.port()),
            timeout: PATIENCE,
            connect_timeout: PATIENCE,
            ca_file: None,
            proxy: String::new(),
            message: 0,
            driver: Driver::Call,
        };
        let mut client = ClientProcess::start("client_process", &settings, Some(resolver.file()));
        let mut times = Vec::new();
        for _ in 0..3 {
            let outcome = client.call(Step::Check);
            assert_eq!(
                (outcome.code(), outcome.reached()),
                (Code::Ok, Reached::Yes),
                "{manner:?}: {}",
                outcome.sentence
            );
            times.push(outcome.elapsed);
        }
        client.finish();
        // RFC 8305, 3 and 8: the answer that came waits 50 ms for the other; then the name is known.
        if times[0] >= 3 * SOON || times[1].min(times[2]) >= SOON {
            slow.push(format!("{manner:?}: {times:?}"));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}

#[test]
fn a_second_connection_takes_up_the_session_of_the_first() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let (tell, told) = mpsc::channel();
        let tell = Mutex::new(tell);
        let server = Server::start_tls(AUTHORITY.speaking(version), move |mut peer| {
            if peer.read_request() {
                let _ = tell.lock().expect("the lock").send(peer.is_resumed());
                peer.say(&ok(VERIFIED));
            }
        });
        let client = builder(&server.url()).build().expect("valid settings");
        assert!(verified(&client) && verified(&client));
        let resumed = [(); 2].map(|()| told.recv_timeout(PATIENCE).expect("a request"));
        assert_eq!(resumed, [false, true], "{version:?}");
    }
}

#[test]
fn cancel_ends_a_connect() {
    let silent = Silent::new();
    let watched = Watched::new(&silent.url());
    watched.cancel("connect", Reached::No, |_| {});
    let server = Server::listen(silent.listen(), None, answering);
    assert!(verified(&watched.client), "the client works afterwards");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn cancel_ends_a_handshake() {
    let listener = listener();
    let stalled = Server::listen(
        listener.try_clone().expect("a listener can be cloned"),
        None,
        |mut peer| peer.stall(),
    );
    let watched = Watched::new(&stalled.url().replace("http:", "https:"));
    watched.cancel("handshake", Reached::No, |call| stalled.wait_for_connections(call));
    drop(stalled);
    let server = Server::listen(listener, Some(AUTHORITY.good()), answering);
    assert!(verified(&watched.client), "the client works afterwards");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn cancel_ends_the_wait_for_an_answer() {
    for tls in [None, Some(AUTHORITY.good())] {
        let well = Arc::new(AtomicBool::new(false));
        let is_well = well.clone();
        let server = Server::listen(listener(), tls, move |mut peer| {
            peer.read_request();
            if !is_well.load(Ordering::SeqCst) {
                return peer.stall();
            }
            peer.say(&ok(VERIFIED));
        });
        let watched = Watched::new(&server.url());
        let calls =
            watched.cancel("answer", Reached::Unknown, |call| server.wait_for_requests(call));
        well.store(true, Ordering::SeqCst);
        assert!(verified(&watched.client), "the client works afterwards");
        assert_eq!(server.requests().len(), calls + 1);
    }
}

#[test]
fn cancel_ends_the_reading_of_an_answer() {
    let well = Arc::new(AtomicBool::new(false));
    let is_well = well.clone();
    let server = Server::start(move |mut peer| {
        peer.read_request();
        if !is_well.load(Ordering::SeqCst) {
            peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{");
            return peer.stall();
        }
        peer.say(&ok(VERIFIED));
    });
    let watched = Watched::new(&server.url());
    let calls = watched.cancel("body", Reached::Unknown, |call| server.wait_for_said(call));
    well.store(true, Ordering::SeqCst);
    assert!(verified(&watched.client), "the client works afterwards");
    assert_eq!(server.requests().len(), calls + 1);
}

#[test]
fn cancel_ends_the_sending_of_a_request() {
    let server = Server::start(|mut peer| {
        peer.await_request();
        peer.stall();
    });
    let watched = Watched::new(&server.url());
    let message = format!("##code##{}", "a".repeat(4 << 20));
    std::thread::scope(|scope| {
        let client = &watched.client;
        let call = scope.spawn(|| client.send_with(TO, None, Some(&message)));
        server.wait_for_requests(1);
        watched.wait();
        watched.client.cancel();
        let error = call.join().expect("a call does not panic").expect_err("it was cancelled");
        assert_eq!((error.code(), error.reached()), (Code::Cancelled, Reached::Unknown));
    });
}

#[test]
fn cancel_ends_the_pause_before_another_attempt() {
    let closed = Closed::new();
    let watched = Watched::new(&closed.url());
    // The second pause is far longer than the time a cancelled call may take.
    let calls = watched.cancel("pause", Reached::No, |call| {
        while watched.attempts.count() < 2 * call {
            watched.wait();
        }
    });
    assert_eq!(watched.attempts.count(), 2 * calls);
    let server = Server::listen(closed.listen(), None, answering);
    assert!(verified(&watched.client), "the client works afterwards");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn cancel_ends_every_call_under_way_and_no_later_one() {
    let server = Server::start(|mut peer| {
        peer.read_request();
        match peer.number() {
            1..=8 => peer.stall(),
            _ => drop(peer.say(&ok(VERIFIED))),
        }
    });
    let client = builder(&server.url()).build().expect("valid settings");
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

/// Makes a call in a thread that `disturb` may interrupt until the call is over.
fn disturbed<T: Send>(
    call: impl FnOnce() -> T + Send,
    disturb: impl FnOnce(Thread, &AtomicBool),
) -> T {
    let (tell, told) = mpsc::channel();
    let over = AtomicBool::new(false);
    let over = &over;
    std::thread::scope(|scope| {
        let call = scope.spawn(move || {
            tell.send(Thread::current()).expect("the test listens");
            let result = call();
            over.store(true, Ordering::SeqCst);
            result
        });
        // The thread is joined below, so that it can be interrupted until then.
        disturb(told.recv().expect("the thread begins"), over);
        call.join().expect("a call does not panic")
    })
}

/// A client whose calls wait, one in every way to wait.
fn waiting(
    hook: impl Fn() -> bool + Clone + Send + Sync + 'static,
) -> Vec<(Client, Reached, Server)> {
    let client = |url: &str| builder(url).interrupt(hook.clone()).build().expect("valid settings");
    let stalls = |mut peer: Peer| {
        peer.read_request();
        peer.stall();
    };
    let handshake = Server::start(|mut peer| peer.stall());
    let (plain, secure) = (Server::start(stalls), Server::start_tls(AUTHORITY.good(), stalls));
    vec![
        (client(&handshake.url().replace("http:", "https:")), Reached::No, handshake),
        (client(&plain.url()), Reached::Unknown, plain),
        (client(&secure.url()), Reached::Unknown, secure),
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
    for (client, reached, _server) in waiting(hook) {
        let error = disturbed(
            || failed(&client),
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
        assert_eq!((error.code(), error.reached()), (Code::Cancelled, reached));
    }
}

#[test]
fn the_interrupt_function_ends_the_call() {
    for (client, reached, _server) in waiting(|| true) {
        let elapsed = shortest(|| {
            let begun = Instant::now();
            let error = failed(&client);
            assert_eq!((error.code(), error.reached()), (Code::Cancelled, reached));
            begun.elapsed()
        });
        assert!(elapsed < SOON, "{elapsed:?}");
    }
    let silent = Silent::new();
    let client = builder(&silent.url()).interrupt(|| true).build().expect("valid settings");
    let error = failed(&client);
    assert_eq!((error.code(), error.reached()), (Code::Cancelled, Reached::No));
}

#[test]
fn a_panic_of_the_interrupt_function_ends_that_call_alone() {
    let silent = Silent::new();
    let panics = Arc::new(AtomicBool::new(true));
    let does = panics.clone();
    let builder = builder(&silent.url()).interrupt(move || {
        assert!(!does.load(Ordering::SeqCst), "the function has a defect");
        false
    });
    let client = builder.build().expect("valid settings");
    let error = failed(&client);
    assert_eq!((error.code(), error.reached()), (Code::Internal, Reached::No));
    panics.store(false, Ordering::SeqCst);
    let _server = Server::listen(silent.listen(), None, answering);
    assert!(verified(&client));
}

#[test]
fn the_interrupt_function_is_asked_while_bytes_trickle() {
    const OFTEN: Duration = Duration::from_millis(10);
    let scripts: [fn(Peer); 2] = [
        |mut peer| peer.say_slowly(&[b"HTTP/1.1 200 OK\r\nX: ", &[b'x'; 1000][..]].concat(), OFTEN),
        |mut peer| {
            peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            peer.say_slowly(&[b' '; 1000], OFTEN);
        },
    ];
    for script in scripts {
        let server = Server::start(move |mut peer| {
            peer.read_request();
            script(peer);
        });
        let builder = builder(&server.url()).timeout(Duration::from_secs(3));
        let client = builder.interrupt(|| true).build().expect("valid settings");
        let elapsed = shortest(|| {
            let begun = Instant::now();
            let error = failed(&client);
            assert_eq!((error.code(), error.reached()), (Code::Cancelled, Reached::Unknown));
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
    let server = Server::start(move |mut peer| {
        peer.read_request();
        if peer.number() == 1 {
            // The call that is asked about is answered when the other one is over.
            let _ = gone.lock().expect("the lock").recv_timeout(PATIENCE);
        } else {
            // Time enough for the function to be asked.
            std::thread::sleep(SOON);
        }
        peer.say(&ok(VERIFIED));
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
    let server = Server::start(move |mut peer| {
        if peer.read_request() {
            let _ = gone.lock().expect("the lock").recv_timeout(PATIENCE);
            peer.say(&ok(VERIFIED));
        }
    });
    let client = builder(&server.url()).build().expect("valid settings");
    let verified = disturbed(
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

#[test]
fn signals_do_not_move_the_deadline() {
    let timeout = Duration::from_millis(300);
    let silent = Silent::new();
    let server = Server::start(|mut peer| {
        peer.read_request();
        peer.stall();
    });
    for (url, reached) in [(silent.url(), Reached::No), (server.url(), Reached::Unknown)] {
        let client = builder(&url).timeout(timeout).build().expect("valid settings");
        let elapsed = shortest(|| {
            let (error, elapsed) = disturbed(
                || {
                    let begun = Instant::now();
                    (failed(&client), begun.elapsed())
                },
                |thread, over| {
                    while !over.load(Ordering::SeqCst) {
                        thread.interrupt();
                        std::thread::sleep(Duration::from_micros(500));
                    }
                },
            );
            assert_eq!((error.code(), error.reached()), (Code::Timeout, reached));
            assert!(elapsed >= timeout, "{elapsed:?}");
            elapsed
        });
        assert!(elapsed < timeout + SOON, "{elapsed:?}");
    }
}

#[test]
fn a_call_ends_at_its_deadline_and_never_before() {
    let server = Server::start(|mut peer| {
        peer.read_request();
        peer.stall();
    });
    for timeout in [1, 2, 24, 26, 50, 130, 333].map(Duration::from_millis) {
        let client = builder(&server.url()).timeout(timeout).build().expect("valid settings");
        let mut times: Vec<_> = (0..5)
            .map(|_| {
                let begun = Instant::now();
                assert_eq!(failed(&client).code(), Code::Timeout);
                begun.elapsed()
            })
            .collect();
        times.sort();
        assert!(times[0] >= timeout, "{times:?} of {timeout:?}");
        // A busy machine may delay some of them.
        assert!(times[0] < timeout + SOON, "{times:?} of {timeout:?}");
    }
}

/// The lateness of one of so many calls that is small, or the least; none may end too early.
fn lateness(client: &Client, timeout: Duration) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..100 {
        let begun = Instant::now();
        assert_eq!(failed(client).code(), Code::Timeout);
        let late = begun.elapsed().checked_sub(timeout).expect("no call ends too early");
        least = least.min(late);
        // A busy machine delays a call now and then, a defect always does.
        if least <= Duration::from_millis(5) {
            break;
        }
    }
    least
}

#[test]
fn a_deadline_is_kept_to_five_milliseconds() {
    let silent = Silent::new();
    let handshake = Server::start(|mut peer| peer.stall());
    let answer = Server::start(|mut peer| {
        peer.read_request();
        peer.stall();
    });
    let trickle = Server::start(|mut peer| {
        if peer.read_request() {
            peer.say_slowly(&ok(&" ".repeat(10_000)), Duration::from_millis(3));
        }
    });
    let secure = Server::start_tls(AUTHORITY.good(), |mut peer| {
        peer.read_request();
        peer.stall();
    });
    let waits = [
        ("a connect", silent.url()),
        ("a handshake", handshake.url().replace("http:", "https:")),
        ("an answer", answer.url()),
        ("an answer that trickles", trickle.url()),
        ("an answer over TLS", secure.url()),
    ];
    let mut late = Vec::new();
    for (wait, url) in &waits {
        for timeout in [1, 5, 10, 30, 100].map(Duration::from_millis) {
            let plain = builder(url).timeout(timeout);
            let asked = plain.clone().interrupt(|| false);
            for (how, builder) in [("", plain), (", with an interrupt function", asked)] {
                let least = lateness(&builder.build().expect("valid settings"), timeout);
                if least > Duration::from_millis(5) {
                    late.push(format!("{timeout:?} for {wait}{how}: {least:?} late"));
                }
            }
        }
    }
    assert!(late.is_empty(), "{}", late.join("\n"));
}

#[test]
fn a_connect_timeout_is_tried_three_times() {
    let silent = Silent::new();
    let handshake = Server::start(|mut peer| peer.stall());
    for (url, code) in
        [(silent.url(), Code::Connect), (handshake.url().replace("http:", "https:"), Code::Tls)]
    {
        let attempts = Attempts::default();
        let builder = builder(&url).connect_timeout(Duration::from_millis(120));
        let client = attempts.of(builder).build().expect("valid settings");
        let begun = Instant::now();
        let error = failed(&client);
        assert_eq!((error.code(), error.reached()), (code, Reached::No));
        assert_eq!(attempts.count(), 3, "{code}");
        // Three attempts, and pauses of 100 and 400 ms.
        assert!(begun.elapsed() >= Duration::from_millis(860), "{:?}", begun.elapsed());
    }
}

#[test]
fn a_service_that_is_there_at_the_third_attempt_is_reached() {
    let silent = Silent::new();
    let attempts = Attempts::default();
    let builder = builder(&silent.url()).connect_timeout(Duration::from_millis(300));
    let client = attempts.of(builder).build().expect("valid settings");
    std::thread::scope(|scope| {
        let call = scope.spawn(|| verified(&client));
        while attempts.count() < 2 && !call.is_finished() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let server = Server::listen(silent.listen(), None, answering);
        assert!(call.join().expect("a call does not panic"));
        assert_eq!((attempts.count(), server.requests().len()), (3, 1));
    });
}

#[test]
fn a_server_that_begins_to_listen_gets_one_request() {
    let closed = Closed::new();
    let url = closed.url();
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let attempts = Arc::new(AtomicUsize::new(0));
    let count = attempts.clone();
    let log = move |level, _: &str| {
        if level == LogLevel::Debug {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = tell.lock().expect("the lock").send(());
        }
    };
    let client = builder(&url).log(log).build().expect("valid settings");
    std::thread::scope(|scope| {
        let sent = scope.spawn(|| client.send(TO));
        told.recv_timeout(PATIENCE).expect("the first attempt fails");
        std::thread::sleep(Duration::from_millis(50));
        let server = Server::listen(closed.listen(), None, |mut peer| {
            while peer.read_request() && peer.say(&ok(support::SENT)) {}
        });
        assert!(sent.join().expect("a call does not panic").is_ok());
        assert_eq!((server.connections(), server.requests().len()), (1, 1));
    });
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
}

#[test]
fn what_did_not_leave_is_tried_three_times_within_the_deadline() {
    let closed = Closed::new();
    for (timeout, tried) in [(5000, 3), (300, 2), (60, 1)] {
        let attempts = Attempts::default();
        let builder = builder(&closed.url()).timeout(Duration::from_millis(timeout));
        let client = attempts.of(builder).build().expect("valid settings");
        let begun = Instant::now();
        let error = failed(&client);
        assert_eq!((error.code(), error.reached()), (Code::Connect, Reached::No));
        assert!(error.safe_to_retry());
        assert_eq!(attempts.count(), tried, "within {timeout} ms");
        assert!(begun.elapsed() < Duration::from_millis(timeout) + SOON, "{:?}", begun.elapsed());
    }
}

#[test]
fn a_connection_whose_end_came_with_the_answer_is_not_tried_again() {
    let server = Server::start_tls(AUTHORITY.good(), |mut peer| {
        while peer.read_request() && peer.say_last(&ok(VERIFIED)) {}
    });
    let attempts = Attempts::default();
    let client = attempts.of(builder(&server.url())).build().expect("valid settings");
    for call in 1..=3 {
        assert!(verified(&client));
        assert_eq!((server.connections(), attempts.count()), (call, call));
    }
}

const OTHER: &str = "0529876543";

/// Ends the kept connection so long after the answer to the first of two calls, and makes the second
/// meanwhile. How it ended, and how many requests were read.
fn raced(
    tls: Option<Arc<rustls::ServerConfig>>,
    delay: Duration,
    end: fn(Peer),
) -> (Result<bool, Error>, usize) {
    let server = Server::listen(listener(), tls, move |mut peer| {
        let answer = |number| ok(&format!(r#"{{"status":1,"phone":"{number}"}}"#));
        if !peer.read_request() || !peer.say(&answer(if peer.number() == 1 { TO } else { OTHER })) {
            return;
        }
        if peer.number() == 1 {
            let begun = Instant::now();
            while begun.elapsed() < delay {
                std::hint::spin_loop();
            }
            end(peer);
        }
    });
    let client = builder(&server.url()).build().expect("valid settings");
    assert!(verified(&client));
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1) {
        std::hint::spin_loop();
    }
    let second = client.check(OTHER, CODE).map(|check| check.is_verified());
    drop(client);
    server.settle();
    (second, server.requests().len())
}

#[test]
fn a_call_on_a_connection_that_closes_meanwhile_is_one_request() {
    let ends: [fn(Peer); 2] = [drop, Peer::reset];
    let mut done = 0;
    for round in 0..60 {
        for end in ends {
            let delay = Duration::from_micros(50) * round;
            let tls = (round % 3 == 0).then(|| AUTHORITY.good());
            let (second, requests) = raced(tls, delay, end);
            match second {
                Ok(_) => {
                    done += 1;
                    assert_eq!(requests, 2, "closed after {delay:?}");
                }
                Err(error) => {
                    let end = (error.code(), error.reached());
                    assert_eq!(end, (Code::ConnectionLost, Reached::Unknown), "{error}");
                    assert!(requests <= 2, "closed after {delay:?}: {requests}");
                }
            }
        }
    }
    assert!(done > 0);
}

#[test]
fn what_cannot_change_is_not_tried_again() {
    let server = Server::start_tls(tls::self_signed(), answering);
    let attempts = Attempts::default();
    let client = attempts.of(builder(&server.url())).build().expect("valid settings");
    assert_eq!(failed(&client).code(), Code::Tls);
    assert_eq!((attempts.count(), server.connections(), server.requests().len()), (1, 1, 0));
}

#[test]
fn what_left_is_never_sent_again() {
    let scripts: [fn(Peer); 4] = [
        |mut peer| peer.await_request(),
        |mut peer| peer.read_half(),
        |mut peer| {
            peer.read_request();
        },
        |mut peer| {
            peer.read_request();
            peer.reset();
        },
    ];
    for script in scripts {
        let server = Server::start(script);
        let attempts = Attempts::default();
        let client = attempts.of(builder(&server.url())).build().expect("valid settings");
        let error = client.send(TO).expect_err("the connection is lost");
        assert_eq!((error.code(), error.reached()), (Code::ConnectionLost, Reached::Unknown));
        assert!(!error.safe_to_retry());
        drop(client);
        assert_eq!((attempts.count(), server.settle(), server.requests().len()), (1, 1, 1));
    }
}

#[test]
#[ignore = "the process that the name lookup is cancelled in"]
fn client_process() {
    client_process::serve();
}
