//! What the faults of the stores need: a process that has a file locked, a Redis server, and one that never
//! answers.

use std::any::Any;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a fault keeps up.
pub(crate) type Held = Option<Box<dyn Any>>;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// Another process, which is killed when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().expect("our own");
        self.0.wait().expect("our own");
    }
}

/// A process that has the file locked.
pub(crate) fn with_lock(path: &Path) -> Held {
    let mut command = Command::new("flock");
    command.arg("--no-fork").arg(path).args(["sh", "-c", "echo locked; exec sleep 600"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("flock");
    child.stdout.take().expect("a pipe").read_exact(&mut [0; 7]).expect("it says so");
    Some(Box::new(Process(child)))
}

/// The socket of a server in this folder.
pub(crate) fn socket(folder: &Path) -> PathBuf {
    folder.join("redis")
}

/// Whether there is a server to start. Where all tests have to run, there is.
pub(crate) fn has_redis() -> bool {
    let found = Command::new("redis-server").arg("--version").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "no redis-server");
    found
}

/// A Redis server with some settings more.
pub(crate) fn redis(folder: &Path, settings: &[&str]) -> Held {
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--save", "", "--unixsocket"]).arg(socket(folder));
    command.args(["--dir"]).arg(folder).args(settings).stdout(Stdio::null());
    let server = Process(command.spawn().expect("redis-server"));
    let until = Instant::now() + PATIENCE;
    while tell(folder, "PING").is_none_or(|answer| answer.starts_with("-LOADING")) {
        assert!(Instant::now() < until, "it does not start");
        std::thread::sleep(Duration::from_millis(2));
    }
    Some(Box::new(server))
}

/// Gives a server a command. The beginning of its answer, or None if nobody listens.
pub(crate) fn tell(folder: &Path, command: &str) -> Option<String> {
    let mut stream = UnixStream::connect(socket(folder)).ok()?;
    stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..length]).into_owned())
}

/// A server that accepts connections and never answers.
pub(crate) fn silent(folder: &Path) -> Held {
    Some(Box::new(UnixListener::bind(socket(folder)).expect("a socket")))
}
