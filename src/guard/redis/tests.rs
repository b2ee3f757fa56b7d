//! How a step ends when the server, or what is between, fails. The servers are played.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::guard::subject::Key;
use crate::transport::run_alone;

/// How long a server that answers has for it; a busy machine needs less.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a played server does with a command.
#[derive(Clone)]
enum Act {
    Say(String),
    /// Nothing, until the client ends the connection.
    Stall,
    Close,
    /// Without a command, when the test says so: sends this, or closes if it is nothing.
    Unasked(&'static str),
}
use Act::{Close, Say, Stall, Unasked};

fn say(text: &str) -> Act {
    Say(format!("{text}\r\n"))
}

/// The answer of the script, with this time in it.
fn counted(time: u64) -> Act {
    let numbers = [0, 0, time, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0];
    Say(format!("*13\r\n{}", numbers.map(|number| format!(":{number}\r\n")).concat()))
}

/// A server that plays a list of acts for each connection. It refuses further connections.
struct Server {
    port: u16,
    /// The commands of each connection.
    seen: Arc<Seen>,
    /// Begins and ends what is unasked.
    turn: Arc<Barrier>,
}

type Seen = Mutex<Vec<Vec<Vec<String>>>>;

impl Server {
    fn start(connections: &[&[Act]]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut scripts: VecDeque<Vec<Act>> =
            connections.iter().map(|acts| acts.to_vec()).collect();
        let turn = Arc::new(Barrier::new(2));
        let (log, its_turn) = (seen.clone(), turn.clone());
        std::thread::spawn(move || {
            while let Some(acts) = scripts.pop_front() {
                let Ok((stream, _)) = listener.accept() else { return };
                let index = {
                    let mut log = log.lock().unwrap();
                    log.push(Vec::new());
                    log.len() - 1
                };
                let (log, turn) = (log.clone(), its_turn.clone());
                std::thread::spawn(move || play(stream, &acts, &log, index, &turn));
            }
        });
        Server { port, seen, turn }
    }

    /// Has it do what is unasked.
    fn go(&self) {
        self.turn.wait();
        self.turn.wait();
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The names of the commands of each connection.
    fn names(&self) -> Vec<Vec<String>> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|commands| commands.iter().map(|one| one[0].clone()).collect()).collect()
    }

    fn commands(&self, connection: usize) -> Vec<Vec<String>> {
        self.seen.lock().unwrap()[connection].clone()
    }
}

fn play(stream: TcpStream, acts: &[Act], log: &Seen, index: usize, turn: &Barrier) {
    let mut reader = BufReader::new(stream.try_clone().expect("a descriptor"));
    let mut stream = stream;
    for act in acts {
        if let Unasked(text) = act {
            turn.wait();
            match text.is_empty() {
                true => stream.shutdown(Shutdown::Both).expect("it is open"),
                false => stream.write_all(text.as_bytes()).expect("the client is there"),
            }
            turn.wait();
            continue;
        }
        let Some(command) = read_command(&mut reader) else { return };
        log.lock().unwrap()[index].push(command);
        match act {
            Say(answer) => stream.write_all(answer.as_bytes()).expect("the client reads"),
            Stall => {
                let _ = reader.read(&mut [0]);
            }
            Close => return,
            Unasked(_) => unreachable!("it comes without a command"),
        }
    }
    let _ = reader.read(&mut [0]);
}

fn read_command(reader: &mut BufReader<TcpStream>) -> Option<Vec<String>> {
    let line = |reader: &mut BufReader<TcpStream>| {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|&length| length > 0)?;
        line.trim_end()[1..].parse::<usize>().ok()
    };
    let count = line(reader)?;
    (0..count)
        .map(|_| {
            let mut part = vec![0; line(reader)? + 2];
            reader.read_exact(&mut part).ok()?;
            part.truncate(part.len() - 2);
            Some(String::from_utf8_lossy(&part).into_owned())
        })
        .collect()
}

fn store(url: &str) -> RedisStore {
    RedisStore::new(RedisUrl::parse(url).expect(url), "ns", &RootSource::Bundled)
}

/// A Send: the time that the server said, or the text of the error.
fn send(store: &RedisStore) -> Result<u64, String> {
    send_within(PATIENCE, store)
}

fn send_within(timeout: Duration, store: &RedisStore) -> Result<u64, String> {
    let key = Key([7; Key::LEN]);
    let subjects = Subjects { number: key, user: None, range: key, app: key };
    let limits = Limits::default();
    let step =
        run_alone(timeout, async |call| store.step(call, &Step::Send, &subjects, &limits, 0).await);
    step.map(|decision| decision.taken.time).map_err(|StoreError(why)| why)
}

fn failure(store: &RedisStore) -> String {
    send(store).expect_err("the step fails")
}

#[test]
fn a_connection_is_kept_for_the_next_step() {
    let server = Server::start(&[&[counted(1), counted(2), counted(3)]]);
    let store = store(&server.url());
    assert_eq!([(); 3].map(|()| send(&store)), [Ok(1), Ok(2), Ok(3)]);
    assert_eq!(server.names(), [["EVALSHA"; 3]]);
}

#[test]
fn the_script_is_sent_when_the_server_does_not_know_it() {
    let server = Server::start(&[&[say("-NOSCRIPT No matching script."), counted(1), counted(2)]]);
    let store = store(&server.url());
    assert_eq!((send(&store), send(&store)), (Ok(1), Ok(2)));
    let commands = server.commands(0);
    let [first, second, third] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!([&first[0], &second[0], &third[0]], ["EVALSHA", "EVAL", "EVALSHA"]);
    assert_eq!(second[1], script::SCRIPT);
    assert_eq!(first[2..], second[2..]);
    // A server that never knows it is not asked for ever.
    let none = say("-NOSCRIPT No matching script.");
    let server = Server::start(&[&[none.clone(), none.clone(), none]]);
    assert!(failure(&self::store(&server.url())).ends_with("answers NOSCRIPT"));
    assert_eq!(server.names(), [["EVALSHA", "EVAL"]]);
}

#[test]
fn a_late_answer_is_no_answer_to_another_step() {
    const TIMEOUT: Duration = Duration::from_millis(150);
    let server = Server::start(&[&[Stall], &[counted(2)]]);
    let store = store(&server.url());
    let start = Instant::now();
    let late = format!("127.0.0.1:{}: no answer in time", server.port);
    assert_eq!(send_within(TIMEOUT, &store), Err(late));
    let elapsed = start.elapsed();
    assert!((TIMEOUT..PATIENCE).contains(&elapsed), "{elapsed:?}");
    assert_eq!(send(&store), Ok(2));
    // Nor is one that came before the question.
    let twice = Say([counted(1), counted(9)]
        .map(|act| match act {
            Say(text) => text,
            _ => unreachable!(),
        })
        .concat());
    let server = Server::start(&[&[twice], &[counted(3)]]);
    let store = self::store(&server.url());
    assert!(failure(&store).ends_with("it sends more than it was asked for"));
    assert_eq!(send(&store), Ok(3));
}

#[test]
fn a_step_is_not_repeated_once_it_may_have_been_counted() {
    let server = Server::start(&[&[counted(1), Close], &[counted(3)]]);
    let store = store(&server.url());
    assert_eq!(send(&store), Ok(1));
    assert!(failure(&store).ends_with("it closed the connection"));
    assert_eq!(server.names(), [["EVALSHA", "EVALSHA"]]);
    assert_eq!(send(&store), Ok(3));
}

#[test]
fn what_is_no_answer_is_an_error_that_quotes_nothing() {
    for text in [
        "HTTP/1.1 400 hunter2",
        "+OK",
        ":1",
        "$-1",
        "*1\r\n:1",
        "$70000",
        "-ERR hunter2",
        "-HUNTER2 x",
    ] {
        let server = Server::start(&[&[say(text)]]);
        let why = failure(&store(&server.url()));
        assert!(!why.to_ascii_lowercase().contains("hunter"), "{text}: {why}");
        assert!(why.contains("not understood") || why.ends_with("answers an error"), "{why}");
    }
    let server = Server::start(&[&[say("-OOM command not allowed")]]);
    let why = failure(&store(&server.url()));
    assert_eq!(why, format!("127.0.0.1:{} answers OOM (its memory is full)", server.port));
}

#[test]
fn a_login_comes_before_the_step() {
    let server = Server::start(&[&[say("+OK"), say("+OK"), counted(1), counted(2)]]);
    let url = format!("redis://us%20er:hunter2@127.0.0.1:{}/3", server.port);
    let store = store(&url);
    assert_eq!((send(&store), send(&store)), (Ok(1), Ok(2)));
    assert_eq!(server.commands(0)[..2], [vec!["AUTH", "us er", "hunter2"], vec!["SELECT", "3"],]);
    // A refused one is the end: the step would be done as another user, in another database.
    for (acts, kind) in [
        ([say("-WRONGPASS invalid hunter2"), say("+OK"), counted(1)], "WRONGPASS"),
        ([say("+OK"), say("-ERR DB index is out of range"), counted(1)], "ERR (it has no such"),
    ] {
        let server = Server::start(&[&acts]);
        let url = format!("redis://user:hunter2@127.0.0.1:{}/3", server.port);
        let why = failure(&self::store(&url));
        assert!(why.contains(kind) && !why.contains("hunter"), "{why}");
        assert_eq!(server.names(), [["AUTH", "SELECT"]]);
    }
}

fn moved(kind: &str, server: &Server) -> Act {
    say(&format!("-{kind} 77 127.0.0.1:{}", server.port))
}

#[test]
fn a_node_of_a_cluster_says_who_has_the_keys() {
    let owner = Server::start(&[&[counted(1), counted(2)]]);
    let seed = Server::start(&[&[moved("MOVED", &owner)]]);
    let store = store(&format!("redis+cluster://127.0.0.1:1,127.0.0.1:{}", seed.port));
    assert_eq!((send(&store), send(&store)), (Ok(1), Ok(2)));
    assert_eq!(seed.names(), [["EVALSHA"]]);
    // An empty host is that of the server which says it.
    let owner = Server::start(&[&[counted(1)]]);
    let seed = Server::start(&[&[say(&format!("-MOVED 77 :{}", owner.port))]]);
    assert_eq!(send(&self::store(&seed.url())), Ok(1));
}

#[test]
fn keys_that_are_being_moved_are_asked_for_once() {
    let target = Server::start(&[&[say("+OK"), say("-NOSCRIPT no"), say("+OK"), counted(1)]]);
    let source = Server::start(&[&[moved("ASK", &target), counted(2)]]);
    let store = store(&source.url());
    assert_eq!((send(&store), send(&store)), (Ok(1), Ok(2)));
    assert_eq!(target.names(), [["ASKING", "EVALSHA", "ASKING", "EVAL"]]);
}

#[test]
fn redirections_have_an_end() {
    let servers: Vec<_> = std::iter::successors(Some(Server::start(&[&[counted(1)]])), |last| {
        Some(Server::start(&[&[moved("MOVED", last)]]))
    })
    .take(MAX_EXCHANGES + 1)
    .collect();
    assert!(failure(&store(&servers[MAX_EXCHANGES].url())).ends_with("no server takes the step"));
    assert!(servers[0].names().concat().is_empty());
}

fn master(role: &str) -> Act {
    Say(format!("*3\r\n${}\r\n{role}\r\n:0\r\n*0\r\n", role.len()))
}

fn names(server: &Server) -> Act {
    let port = server.port.to_string();
    Say(format!("*2\r\n$9\r\n127.0.0.1\r\n${}\r\n{port}\r\n", port.len()))
}

#[test]
fn sentinels_are_asked_in_turn_for_a_master() {
    let replica = Server::start(&[&[master("slave")]]);
    let server = Server::start(&[&[master("master"), counted(1), counted(2)]]);
    let unknowing = Server::start(&[&[say("*-1")]]);
    let stale = Server::start(&[&[names(&replica)]]);
    let sentinel = Server::start(&[&[names(&server)]]);
    let [a, b, c] = [&unknowing, &stale, &sentinel].map(|one| one.port);
    let url =
        format!("redis+sentinel://127.0.0.1:1,127.0.0.1:{a},127.0.0.1:{b},127.0.0.1:{c}/main");
    let store = store(&url);
    assert_eq!((send(&store), send(&store)), (Ok(1), Ok(2)));
    assert_eq!(sentinel.commands(0), [["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"]]);
    let none = self::store(&format!("redis+sentinel://127.0.0.1:{a}/main"));
    assert!(failure(&none).contains("connection refused"));
}

#[test]
fn a_master_that_is_one_no_more_is_looked_up_anew() {
    let old = Server::start(&[&[master("master"), counted(1), say("-READONLY You can't write")]]);
    let new = Server::start(&[&[master("master"), counted(2)]]);
    let sentinel = Server::start(&[&[names(&old)], &[names(&new)]]);
    let store = store(&format!("redis+sentinel://127.0.0.1:{}/main", sentinel.port));
    assert_eq!((send(&store), send(&store)), (Ok(1), Ok(2)));
    // Without a Sentinel there is nobody to ask.
    let server = Server::start(&[&[say("-READONLY You can't write")]]);
    assert!(failure(&self::store(&server.url())).ends_with("READONLY (it is a replica)"));
}

#[test]
fn a_sentinel_gets_the_password_only_if_it_wants_one() {
    let server = Server::start(&[&[say("+OK"), master("master"), counted(1)]]);
    let sentinel = Server::start(&[&[say("-NOAUTH no")], &[say("+OK"), names(&server)]]);
    let store = store(&format!("redis+sentinel://u:p@127.0.0.1:{}/main", sentinel.port));
    assert_eq!(send(&store), Ok(1));
    assert_eq!(sentinel.names(), [vec!["SENTINEL"], vec!["AUTH", "SENTINEL"]]);
}

#[test]
fn a_kept_connection_that_is_not_quiet_is_replaced() {
    // The server ended it, or sent something that would look like an answer.
    for text in ["", "+OK\r\n"] {
        let server = Server::start(&[&[counted(1), Unasked(text)], &[counted(2)]]);
        let store = store(&server.url());
        assert_eq!(send(&store), Ok(1));
        server.go();
        assert_eq!(send(&store), Ok(2), "{text:?}");
        assert_eq!(server.names(), [["EVALSHA"], ["EVALSHA"]]);
    }
}

#[test]
fn nobody_listens() {
    let why = failure(&store("redis://127.0.0.1:1"));
    assert_eq!(why, "127.0.0.1:1: connection refused");
    let why = failure(&store("redis+unix:///nowhere/redis.sock"));
    // Not every Windows has such sockets.
    let known = if cfg!(windows) { "" } else { "it does not exist" };
    assert!(why.starts_with(&format!("/nowhere/redis.sock: {known}")), "{why}");
}
