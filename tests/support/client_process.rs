//! A process of its own that holds nothing but a client, so that its descriptors, threads and memory
//! are the library's alone. It is the test binary again, running one ignored test.

use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use verifysms::{Builder, Client, Code, Error, LogLevel, Outcome, Queue, Reached};

use super::os::{self, descriptors, is_readable, peak_memory, threads};
use super::script::Operation;
use super::server::PATIENCE;
use super::{CODE, CallEnd, KEY, TO, failure};

/// Begins a line that is for the parent. The rest of the output is the test harness's.
pub(crate) const MARK: &str = "@@";

/// Through which interface the process makes its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Interface {
    /// [`Client`], which blocks.
    Blocking,
    /// [`Queue`], in an event loop.
    EventLoop,
}

/// What the parent has the process do.
#[derive(Serialize, Deserialize)]
enum ProcessCommand {
    Call(Operation),
    /// A Check that is cancelled when the next line comes.
    CancelledCheck,
}

/// The client of the process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ClientSettings {
    pub(crate) url: String,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) ca_file: Option<PathBuf>,
    /// Empty for none.
    pub(crate) proxy: String,
    /// The length of the message, 0 for none.
    pub(crate) message: usize,
    pub(crate) interface: Interface,
}

/// How a call ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CallReport {
    /// The number of a [`Code`].
    code: i32,
    /// The number of a [`Reached`].
    reached: i32,
    pub(crate) http_status: u16,
    pub(crate) elapsed: Duration,
    pub(crate) attempts: usize,
    pub(crate) message: String,
}

impl CallReport {
    pub(crate) fn end(&self) -> CallEnd {
        call_end(self.code, self.reached)
    }
}

/// The end of a call by its numbers.
pub(crate) fn call_end(code: i32, reached: i32) -> CallEnd {
    let all = [Reached::No, Reached::Yes, Reached::Unknown];
    let reached = all.into_iter().find(|one| one.number() == reached).expect("a reached's number");
    (Code::from_number(code).expect("a code's number"), reached)
}

/// What the process held before the client was made and after it was dropped.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct ResourceUse {
    pub(crate) descriptors: (usize, usize),
    pub(crate) threads: (usize, usize),
    /// By how many KiB the peak of memory grew.
    pub(crate) memory: usize,
}

/// The parent's handle of the process.
pub(crate) struct ClientProcess {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl ClientProcess {
    /// Starts a process with a client. Names are looked up as a file like resolv.conf says, if one is
    /// given.
    pub(crate) fn start(settings: &ClientSettings, resolv_conf: Option<&str>) -> ClientProcess {
        ClientProcess::run("support::client_process::client_process", settings, resolv_conf)
    }

    /// Starts a process that runs the ignored test `entry`, which reads the settings.
    pub(crate) fn run(
        entry: &str,
        settings: &impl Serialize,
        resolv_conf: Option<&str>,
    ) -> ClientProcess {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = match resolv_conf {
            None => Command::new(program),
            Some(file) => {
                let mut command = Command::new("unshare");
                let script = r#"mount --bind "$1" /etc/resolv.conf && shift && exec "$@""#;
                command.args(["--mount", "sh", "-c", script, "sh", file]).arg(program);
                command
            }
        };
        command
            .args(["--exact", entry, "--ignored", "--nocapture", "--test-threads=1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = os::spawn(&mut command).expect("this program can be started again");
        let mut process = ClientProcess {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
        };
        process.write(settings);
        process
    }

    pub(crate) fn call(&mut self, operation: Operation) -> CallReport {
        self.write(&ProcessCommand::Call(operation));
        self.read()
    }

    /// Begins a Check, runs `ready`, and cancels. The time is that from there to the end.
    pub(crate) fn cancel(&mut self, ready: impl FnOnce()) -> CallReport {
        self.write(&ProcessCommand::CancelledCheck);
        ready();
        self.write(&());
        self.read()
    }

    /// Drops the client and ends the process.
    pub(crate) fn finish(mut self) -> ResourceUse {
        self.input = None;
        let resources = self.read();
        self.wait();
        resources
    }

    /// Waits until the process ends by itself.
    pub(crate) fn wait(mut self) {
        assert!(self.child.wait().is_ok_and(|status| status.success()), "the process failed");
    }

    fn write(&mut self, message: &impl Serialize) {
        let input = self.input.as_mut().expect("the process was not finished");
        let line = serde_json::to_string(message).expect("plain data");
        writeln!(input, "{line}").expect("the process listens");
    }

    pub(crate) fn read<T: for<'de> Deserialize<'de>>(&mut self) -> T {
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
        // After a failed test only: a finished process cannot be killed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process: makes a client as the first line says, then a call for each line.
#[test]
#[ignore = "the process that other tests make their calls in"]
fn client_process() {
    let mut lines = io::stdin().lines().map_while(Result::ok);
    let Some(settings) = lines.next() else { return };
    let settings: ClientSettings = serde_json::from_str(&settings).expect("settings");
    let (descriptors, threads, memory) = (descriptors(), threads(), peak_memory());

    let attempts = Arc::new(AtomicUsize::new(0));
    let caller = Caller::new(&settings, &attempts);
    while let Some(line) = lines.next() {
        attempts.store(0, Ordering::Relaxed);
        let report = match serde_json::from_str(&line).expect("a command") {
            ProcessCommand::Call(operation) => caller.call(operation),
            ProcessCommand::CancelledCheck => caller.cancelled_check(|| drop(lines.next())),
        };
        write_to_parent(&CallReport { attempts: attempts.load(Ordering::Relaxed), ..report });
    }
    drop(caller);

    // A name lookup that nobody could interrupt may outlive its call, with its socket.
    let begun = Instant::now();
    while os::threads() > threads && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
    }
    write_to_parent(&ResourceUse {
        descriptors: (descriptors, os::descriptors()),
        threads: (threads, os::threads()),
        memory: peak_memory() - memory,
    });
}

/// What makes the calls.
struct Caller {
    client: Arc<Client>,
    queue: Option<Mutex<Queue<()>>>,
}

impl Caller {
    fn new(settings: &ClientSettings, attempts: &Arc<AtomicUsize>) -> Caller {
        let attempts = attempts.clone();
        let log = move |level, _: &str| {
            attempts.fetch_add(usize::from(level == LogLevel::Debug), Ordering::Relaxed);
        };
        let client = settings.builder().log(log).build().expect("the settings are valid");
        let client = Arc::new(client);
        let queue = (settings.interface == Interface::EventLoop)
            .then(|| Mutex::new(Queue::new(client.clone()).expect("a descriptor is left")));
        Caller { client, queue }
    }

    fn result(&self, operation: Operation) -> Result<Outcome, Error> {
        let Some(queue) = &self.queue else {
            return match operation {
                Operation::Send => self.client.send(TO).map(Outcome::Sent),
                Operation::Check => self.client.check(TO, CODE).map(Outcome::Checked),
            };
        };
        let mut queue = queue.lock().expect("no call panics");
        match operation {
            Operation::Send => queue.send((), TO)?,
            Operation::Check => queue.check((), TO, CODE)?,
        };
        loop {
            if let Some(((), result)) = queue.take() {
                return result;
            }
            is_readable(&*queue, PATIENCE);
        }
    }

    fn call(&self, operation: Operation) -> CallReport {
        let begun = Instant::now();
        let result = self.result(operation);
        let elapsed = begun.elapsed();
        let ((code, reached), http_status, message) = match result {
            Ok(Outcome::Sent(sent)) => (super::YES, sent.http_status(), String::new()),
            Ok(Outcome::Checked(check)) => {
                let status = check.http_status();
                (super::check_end(Ok(check)), status, String::new())
            }
            Ok(_) => unreachable!("neither a Send nor a Check"),
            Err(error) => (failure(&error), error.http_status(), error.to_string()),
        };
        let (code, reached) = (code.number(), reached.number());
        CallReport { code, reached, http_status, elapsed, attempts: 0, message }
    }

    /// A Check that is cancelled after `wait`, with the time that it took to end.
    fn cancelled_check(&self, wait: impl FnOnce()) -> CallReport {
        std::thread::scope(|scope| {
            let report = scope.spawn(|| self.call(Operation::Check));
            wait();
            let begun = Instant::now();
            self.client.cancel();
            let report = report.join().expect("a call does not panic");
            CallReport { elapsed: begun.elapsed(), ..report }
        })
    }
}

impl ClientSettings {
    /// Those of a client that nothing goes wrong with.
    pub(crate) fn new(url: impl Into<String>) -> ClientSettings {
        ClientSettings {
            url: url.into(),
            timeout: PATIENCE,
            connect_timeout: PATIENCE,
            ca_file: None,
            proxy: String::new(),
            message: 0,
            interface: Interface::Blocking,
        }
    }

    pub(crate) fn builder(&self) -> Builder {
        let mut builder = super::unguarded(Client::builder(KEY))
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

/// Tells the parent.
pub(crate) fn write_to_parent(message: &impl Serialize) {
    let json = serde_json::to_string(message).expect("plain data");
    // The harness leaves the first line unfinished.
    println!("\n{MARK}{json}");
}
