//! The store in Redis, with a real server.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::history::{Store, play, subjects};
use super::model::Time;
use super::place::{Folder, NOW, only};
use super::processes::{CALLS, PROCESSES, in_threads, said, start};
use super::stores::{JUMPING_STEPS, STEPS, play_many};
use super::{jumps, secrets};
use crate::guard::limits::Limits;
use crate::guard::redis::{RedisStore, RedisUrl};
use crate::guard::step::{Decision, Step};
use crate::guard::subject::Subjects;
use crate::limit::Limit;
use crate::transport::{Call, RootSource, run_alone};

/// A longer wait is a defect, even on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many of the steps of many processes are let through.
const MOST: u32 = 3000;

/// A server on a socket in a folder of its own, which ends with it.
struct Server {
    folder: Folder,
    process: Child,
    users: u32,
}

impl Server {
    /// None if this machine has none.
    fn start() -> Option<Server> {
        let folder = Folder::new();
        let started = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--rdbcompression", "no", "--dir"])
            .arg(folder.path())
            .arg("--unixsocket")
            .arg(folder.path().join("socket"))
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = started else {
            let why = "no redis-server (apt-get install redis-server)";
            assert!(std::env::var_os("CI").is_none_or(|value| value.is_empty()), "{why}");
            println!("skipped: {why}");
            return None;
        };
        let server = Server { folder, process, users: 0 };
        let until = Instant::now() + PATIENCE;
        while UnixStream::connect(server.socket()).is_err() {
            assert!(Instant::now() < until, "it starts");
            thread::sleep(Duration::from_millis(5));
        }
        Some(server)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// A user with counts of its own.
    fn user(&mut self) -> RedisUser {
        self.users += 1;
        RedisUser::new(&self.socket(), &self.users.to_string())
    }

    /// Everything that the server has, as it writes it to a disk.
    fn dump(&self) -> Vec<u8> {
        let mut stream = UnixStream::connect(self.socket()).expect("the server runs");
        stream.write_all(b"SAVE\r\n").expect("the server reads");
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).expect("the server answers");
        assert_eq!(&answer, b"+OK\r\n");
        fs::read(self.folder.path().join("dump.rdb")).expect("it was saved")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A user of the server at a socket, whose steps have the times that the test gives them.
struct RedisUser(RedisStore);

impl RedisUser {
    fn new(socket: &Path, namespace: &str) -> RedisUser {
        let url = format!("redis+unix://{}", socket.display());
        let url = RedisUrl::parse(&url).expect("a valid URL");
        let store = RedisStore::new(url, namespace, &RootSource::Bundled);
        RedisUser(store.on_a_clock_of_its_own())
    }

    fn step(&self, step: &Step, whose: &Subjects, limits: &Limits, now: Time) -> Decision {
        let work =
            async |call: &Call| self.0.step(call, step, whose, limits, now.cast_signed()).await;
        run_alone(PATIENCE, work).expect("the server answers")
    }

    /// How many of some steps are let through.
    fn count(&self) -> u32 {
        let (whose, limits) = (subjects()[0], only(Limit::SendsApp, MOST));
        let refused = |_: &u32| self.step(&Step::Send, &whose, &limits, NOW).refused;
        (0..CALLS).filter(|step| refused(step).is_none()).count() as u32
    }
}

impl Store for RedisUser {
    fn step(&mut self, step: &Step, whose: &Subjects, limits: &Limits, now: Time) -> Decision {
        RedisUser::step(self, step, whose, limits, now)
    }
}

/// What another process does for these tests.
pub(super) fn count_in(socket: &Path) {
    eprintln!("{}", RedisUser::new(socket, "shared").count());
}

#[test]
fn redis_decides_as_the_model_does() {
    if let Some(mut server) = Server::start() {
        play_many(STEPS, |data| play(data, &mut server.user()));
    }
}

#[test]
fn redis_blocks_nobody_for_long_when_the_clock_jumps() {
    if let Some(mut server) = Server::start() {
        play_many(JUMPING_STEPS, |data| jumps::play(data, &mut server.user()));
    }
}

#[test]
fn users_of_redis_are_let_through_exactly_as_often_as_the_limit_says() {
    let Some(mut server) = Server::start() else { return };
    let processes: Vec<Child> =
        (0..PROCESSES).map(|_| start("count in Redis", &server.socket())).collect();
    let allowed = |process| said(process).trim().parse::<u32>().expect("a number");
    assert_eq!(processes.into_iter().map(allowed).sum::<u32>(), MOST);
    let user = server.user();
    assert_eq!(in_threads(|| user.count()), MOST);
}

#[test]
fn a_dump_of_redis_shows_nobody() {
    let Some(mut server) = Server::start() else { return };
    let user = server.user();
    secrets::leave_traces(|step, whose, limits| user.step(step, whose, limits, NOW));
    let dump = server.dump();
    assert!(dump.len() > 500, "the records are there");
    secrets::check(&dump);
}
