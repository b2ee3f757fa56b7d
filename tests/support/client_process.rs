//! A process of its own that holds nothing but a client, so that its descriptors, threads and
//! memory are the library's alone. It is the test program again, running [`serve`] only.

use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use verifysms::{Builder, Client, Code, Error, LogLevel, Outcome as Answer, Queue, Reached};

use super::ready::is_readable;
use super::server::PATIENCE;
use super::{CODE, KEY, TO};

/// Begins a line that is for the parent; the rest of the output is the test harness's.
pub(crate) const MARK: &str = "@@";

/// Which of the two calls is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Send,
    Check,
    /// A Check that is cancelled as soon as the parent says so.
    CancelledCheck,
}

/// Who makes a call go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Driver {
    /// The call itself, which blocks.
    Call,
    /// The event loop around a [`Queue`].
    Loop,
}

/// The client to make.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) url: String,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) ca_file: Option<PathBuf>,
    /// Empty for none.
    pub(crate) proxy: String,
    /// The length of the message, 0 for none.
    pub(crate) message: usize,
    pub(crate) driver: Driver,
}

/// How a call ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The number of a [`Code`].
    code: i32,
    /// The number of a [`Reached`].
    reached: i32,
    pub(crate) http_status: u16,
    pub(crate) elapsed: Duration,
    pub(crate) attempts: usize,
    pub(crate) sentence: String,
}

impl Outcome {
    pub(crate) fn code(&self) -> Code {
        Code::from_number(self.code).expect("a code's number")
    }

    pub(crate) fn reached(&self) -> Reached {
        [Reached::No, Reached::Yes, Reached::Unknown]
            .into_iter()
            .find(|reached| reached.number() == self.reached)
            .expect("a reached's number")
    }
}

/// What the process held before the client was made and after it was dropped.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Remains {
    pub(crate) descriptors: (usize, usize),
    pub(crate) threads: (usize, usize),
    /// By how many KiB the most memory ever used has grown.
    pub(crate) memory: usize,
}

/// The parent's handle of the process.
pub(crate) struct ClientProcess {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl ClientProcess {
    /// Starts the process by running the ignored test `entry` of this program, which reads the settings.
    /// With a resolver,
    /// a file in the form of resolv.conf, names are looked up as it says.
    pub(crate) fn start(
        entry: &str,
        settings: &impl Serialize,
        resolver: Option<&str>,
    ) -> ClientProcess {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = match resolver {
            None => Command::new(program),
            Some(file) => {
                let mut command = Command::new("unshare");
                let script = r#"mount --bind "$1" /etc/resolv.conf && shift && exec "$@""#;
                command.args(["--mount", "sh", "-c", script, "sh", file]).arg(program);
                command
            }
        };
        let mut child = command
            .args(["--exact", entry, "--ignored", "--nocapture", "--test-threads=1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started again");
        let mut process = ClientProcess {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
        };
        process.tell(&serde_json::to_string(settings).expect("settings are plain data"));
        process
    }

    pub(crate) fn call(&mut self, step: Step) -> Outcome {
        self.tell(&serde_json::to_string(&step).expect("a step is plain data"));
        self.hear()
    }

    /// Begins a Check, runs `ready`, and cancels. The time is that from there to the end.
    pub(crate) fn cancel(&mut self, ready: impl FnOnce()) -> Outcome {
        self.tell(&serde_json::to_string(&Step::CancelledCheck).expect("a step is plain data"));
        ready();
        self.tell("now");
        self.hear()
    }

    /// Drops the client and ends the process.
    pub(crate) fn finish(mut self) -> Remains {
        self.input = None;
        let remains = self.hear();
        self.end();
        remains
    }

    /// Waits for the end of the process, which has to come by itself.
    pub(crate) fn end(mut self) {
        assert!(self.child.wait().is_ok_and(|status| status.success()), "the process failed");
    }

    fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the process was not finished");
        writeln!(input, "{line}").expect("the process listens");
    }

    pub(crate) fn hear<T: for<'de> Deserialize<'de>>(&mut self) -> T {
        let mut line = String::new();
        loop {
            line.clear();
            let count = self.output.read_line(&mut line).expect("the process speaks UTF-8");
            assert!(count > 0, "the process ended without an answer");
            if let Some(json) = line.strip_prefix(MARK) {
                return serde_json::from_str(json).expect("the process speaks this protocol");
            }
        }
    }
}

impl Drop for ClientProcess {
    fn drop(&mut self) {
        // After a failed test only; a finished process cannot be killed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process's own side: makes a client as the first line says, then a call a line.
pub(crate) fn serve() {
    let mut lines = io::stdin().lines().map_while(Result::ok);
    let Some(settings) = lines.next() else { return };
    let settings: Settings = serde_json::from_str(&settings).expect("settings");
    let (descriptors, threads, memory) = (descriptors(), threads(), memory());

    let attempts = Arc::new(AtomicUsize::new(0));
    let client = Caller::new(&settings, &attempts);
    while let Some(line) = lines.next() {
        attempts.store(0, Ordering::Relaxed);
        let outcome = match serde_json::from_str(&line).expect("a step") {
            Step::CancelledCheck => cancelled(&client, || drop(lines.next())),
            step => call(&client, step),
        };
        tell(&Outcome { attempts: attempts.load(Ordering::Relaxed), ..outcome });
    }
    drop(client);

    // A lookup that nobody could interrupt may outlive its call, with its socket.
    let begun = Instant::now();
    while self::threads() > threads && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
    }
    tell(&Remains {
        descriptors: (descriptors, self::descriptors()),
        threads: (threads, self::threads()),
        memory: self::memory() - memory,
    });
}

/// What makes the calls.
struct Caller {
    client: Arc<Client>,
    queue: Option<Mutex<Queue<()>>>,
}

impl Caller {
    fn new(settings: &Settings, attempts: &Arc<AtomicUsize>) -> Caller {
        let attempts = attempts.clone();
        let log = move |level, _: &str| {
            attempts.fetch_add(usize::from(level == LogLevel::Debug), Ordering::Relaxed);
        };
        let client = settings.builder().log(log).build().expect("the settings are valid");
        let client = Arc::new(client);
        let queue = (settings.driver == Driver::Loop)
            .then(|| Mutex::new(Queue::new(client.clone()).expect("a descriptor is left")));
        Caller { client, queue }
    }

    fn answer(&self, step: Step) -> Result<Answer, Error> {
        let Some(queue) = &self.queue else {
            return match step {
                Step::Send => self.client.send(TO).map(Answer::Sent),
                _ => self.client.check(TO, CODE).map(Answer::Checked),
            };
        };
        let mut queue = queue.lock().expect("no call panics");
        match step {
            Step::Send => queue.send((), TO)?,
            _ => queue.check((), TO, CODE)?,
        };
        loop {
            if let Some(((), result)) = queue.take() {
                return result;
            }
            is_readable(&*queue, PATIENCE);
        }
    }
}

impl Settings {
    /// What a client is made from.
    pub(crate) fn builder(&self) -> Builder {
        let mut builder = Client::builder(KEY)
            .sender("Acme")
            .url(&self.url)
            .allow_http(true)
            .proxy(&self.proxy)
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout);
        if let Some(file) = &self.ca_file {
            builder = builder.ca_file(file);
        }
        if self.message > 0 {
            builder = builder.message(&format!("##code##{}", "a".repeat(self.message)));
        }
        builder
    }
}

/// A Check that is cancelled after `wait`, with the time that it took to end.
fn cancelled(client: &Caller, wait: impl FnOnce()) -> Outcome {
    std::thread::scope(|scope| {
        let outcome = scope.spawn(|| call(client, Step::Check));
        wait();
        let begun = Instant::now();
        client.client.cancel();
        let outcome = outcome.join().expect("a call does not panic");
        Outcome { elapsed: begun.elapsed(), ..outcome }
    })
}

fn call(client: &Caller, step: Step) -> Outcome {
    let begun = Instant::now();
    let result = client.answer(step);
    let elapsed = begun.elapsed();
    let (code, reached, http_status, sentence) = match result {
        Ok(Answer::Sent(sent)) => (Code::Ok, Reached::Yes, sent.http_status(), String::new()),
        Ok(Answer::Checked(check)) => {
            let code = if check.is_verified() { Code::Ok } else { Code::NotVerified };
            (code, Reached::Yes, check.http_status(), String::new())
        }
        Ok(_) => unreachable!("neither a Send nor a Check"),
        Err(error) => (error.code(), error.reached(), error.http_status(), error.to_string()),
    };
    let (code, reached) = (code.number(), reached.number());
    Outcome { code, reached, http_status, elapsed, attempts: 0, sentence }
}

pub(crate) fn tell(message: &impl Serialize) {
    let json = serde_json::to_string(message).expect("plain data");
    // The harness leaves the first line unfinished.
    println!("\n{MARK}{json}");
}

pub(crate) fn descriptors() -> usize {
    entries("/proc/self/fd")
}

pub(crate) fn threads() -> usize {
    entries("/proc/self/task")
}

/// A number that this process knows of itself, in the form of /proc/self/status.
pub(crate) fn status(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process sees itself");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix("kB")).expect("a number in kB");
    number.trim().parse().expect("a number")
}

fn entries(directory: &str) -> usize {
    std::fs::read_dir(directory).expect("a process can look at itself").count()
}

/// The most memory that this process ever used, in KiB.
fn memory() -> usize {
    status("VmHWM:")
}
