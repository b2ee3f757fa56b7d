//! The sandbox's page and its live stream over real sockets: what is served to whom, and what is told when.
//! What a browser makes of it is tested in tests/browser.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use verifysms::sandbox::{Options, Sandbox, ScriptedFailure};

const TO: &str = "0501234567";
const OTHER: &str = "0521234567";

/// Sends a request and leaves its connection open for the answer.
fn ask(sandbox: &Sandbox, request: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    BufReader::new(stream)
}

/// Gets a path, and gives the whole answer.
fn get(sandbox: &Sandbox, path: &str, headers: &str) -> String {
    let host = if headers.contains("Host: ") { "" } else { "Host: localhost\r\n" };
    let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{host}{headers}\r\n");
    let mut answer = String::new();
    ask(sandbox, &request).read_to_string(&mut answer).unwrap();
    answer
}

/// Posts a form to the service, as a client would.
fn post(sandbox: &Sandbox, fields: &str) {
    let body = format!("apiKey=sandbox-key&{fields}");
    let request = format!(
        "POST /sms/verifySMS HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    );
    let mut answer = String::new();
    ask(sandbox, &request).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn send(sandbox: &Sandbox, to: &str) {
    post(sandbox, &format!("from=Acme&to={to}"));
}

fn check(sandbox: &Sandbox, to: &str, code: &str) {
    post(sandbox, &format!("to={to}&code={code}"));
}

/// The stream that a page follows.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(sandbox: &Sandbox) -> Stream {
        Stream(ask(sandbox, "GET /control/events HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    /// The name and the data of the next event.
    fn event(&mut self) -> (String, Value) {
        let (mut name, mut data) = (String::new(), String::new());
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("event", value)) => name = value.to_owned(),
                Some(("data", value)) => data = value.to_owned(),
                _ if line.is_empty() && !name.is_empty() => break,
                _ => {}
            }
        }
        (name, serde_json::from_str(&data).unwrap())
    }

    /// The codes and states of an event's messages, and of which kind it is.
    fn news(&mut self) -> (String, Value) {
        let (name, data) = self.event();
        let messages = data["messages"].as_array().unwrap().iter();
        let told = messages.map(|one| json!([one["code"], one["state"], one["wrong_tries"]]));
        (name, told.collect())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream has ended");
        line.trim_end().to_owned()
    }
}

fn start() -> Sandbox {
    Sandbox::start(Options::new()).unwrap()
}

#[test]
fn the_page_and_its_files_are_served_with_a_strict_policy() {
    let sandbox = start();
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/page/site"));
    for file in files.unwrap().map(|file| file.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let path = if name == "index.html" { "/".to_owned() } else { format!("/site/{name}") };
        let content_type = match name.split_once('.').unwrap().1 {
            "html" => "text/html",
            "css" => "text/css",
            "js" => "text/javascript",
            "svg" => "image/svg+xml",
            other => panic!("a file of an unknown kind: {other}"),
        };
        let answer = get(&sandbox, &path, "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with(&std::fs::read_to_string(&file).unwrap()), "{path}");
        let answer = answer.to_lowercase();
        for header in [
            &format!("content-type: {content_type}"),
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';",
            "; frame-ancestors 'none';",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(answer.contains(header), "{path} has not {header}");
        }
    }
}

#[test]
fn the_page_and_its_stream_are_for_this_machine_alone() {
    let sandbox = start();
    let cases = [
        ("", 200),
        ("Sec-Fetch-Site: none\r\n", 200),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        ("Sec-Fetch-Site: same-site\r\n", 403),
        ("Origin: http://evil.example\r\n", 403),
    ];
    for (headers, status) in cases {
        for path in ["/", "/site/page.js", "/control/messages"] {
            let answer = get(&sandbox, path, headers);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path} {headers}{answer}");
        }
    }
    for (path, headers) in
        [("/control/events", "Sec-Fetch-Site: cross-site\r\n"), ("/", "Host: evil.example\r\n")]
    {
        let answer = get(&sandbox, path, headers);
        assert!(answer.starts_with("HTTP/1.1 4"), "{path} {headers}{answer}");
    }
    let link =
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    assert!(get(&sandbox, "/", link).starts_with("HTTP/1.1 200"), "a link to the page");
}

#[test]
fn the_stream_begins_with_what_there_is() {
    let sandbox = start();
    send(&sandbox, TO);
    send(&sandbox, OTHER);
    sandbox.script(ScriptedFailure::Http(503), 3).unwrap();
    let (name, data) = Stream::open(&sandbox).event();
    assert_eq!(name, "snapshot");
    let messages = sandbox.messages(None);
    assert_eq!(data["messages"], serde_json::to_value(&messages).unwrap());
    assert_eq!((&data["total"], &data["waiting"]), (&json!(2), &json!(3)));
    assert_eq!(data["entries"], json!([{"failure": {"http": 503}, "count": 3}]));
    assert_eq!(data["oldest"].to_string(), messages[1].unique);
    assert_eq!(data["api_key"], "sandbox-key");
    let age = data["now"].as_f64().unwrap() - messages[0].time as f64;
    assert!((0.0..60.0).contains(&age), "{data}");
}

#[test]
fn the_stream_tells_what_changes() {
    let sandbox = start();
    let mut stream = Stream::open(&sandbox);
    assert_eq!(stream.news(), ("snapshot".into(), json!([])));
    let news = |stream: &mut Stream| {
        let (name, told) = stream.news();
        assert_eq!(name, "changes");
        told
    };
    send(&sandbox, TO);
    let first = sandbox.code(TO).unwrap();
    assert_eq!(news(&mut stream), json!([[first, "waiting", 0]]));
    send(&sandbox, TO);
    let second = sandbox.code(TO).unwrap();
    assert_eq!(news(&mut stream), json!([[second, "waiting", 0], [first, "replaced", 0]]));
    check(&sandbox, TO, "none");
    assert_eq!(news(&mut stream), json!([[second, "waiting", 1]]));
    check(&sandbox, TO, &second);
    assert_eq!(news(&mut stream), json!([[second, "verified", 1]]));

    let before = sandbox.messages(None)[0].time;
    sandbox.advance(Duration::from_secs(600)).unwrap();
    let (name, data) = stream.event();
    assert_eq!((name.as_str(), &data["messages"]), ("changes", &json!([])));
    assert_eq!(data["entries"], Value::Null, "they have not changed");
    assert!(data["now"].as_f64().unwrap() >= (before + 600) as f64, "{data}");
    sandbox.script(ScriptedFailure::Reason(5), 2).unwrap();
    assert_eq!(stream.event().1["waiting"], 2);
    check(&sandbox, TO, &second);
    let data = stream.event().1;
    assert_eq!(data["entries"], json!([{"failure": {"reason": 5}, "count": 1}]));
    sandbox.reset();
    let (name, data) = stream.event();
    assert_eq!((name.as_str(), &data["messages"]), ("snapshot", &json!([])));
    assert_eq!(data["waiting"], 0);
}

#[test]
fn thousands_of_requests_are_not_thousands_of_events() {
    let sandbox = start();
    let mut stream = Stream::open(&sandbox);
    stream.event();
    let begun = Instant::now();
    for _ in 0..1000 {
        sandbox.script(ScriptedFailure::Http(500), 1).unwrap();
        sandbox.reset();
    }
    sandbox.script(ScriptedFailure::Http(500), 7).unwrap();
    let mut events = 1;
    while stream.event().1["waiting"] != 7 {
        events += 1;
    }
    let most = 2 + begun.elapsed().as_millis() / 100;
    assert!(events <= most, "{events} events in {:?}", begun.elapsed());
}

#[test]
fn a_page_that_reads_nothing_holds_nobody_up() {
    let sandbox = start();
    let mut streams: Vec<_> = (0..3).map(|_| Stream::open(&sandbox)).collect();
    // Events of a megabyte each fill what the sockets hold at once.
    let text = format!("{}%23%23code%23%23", "x".repeat(50_000));
    for _ in 0..200 {
        post(&sandbox, &format!("from=Acme&to={TO}&message={text}"));
    }
    send(&sandbox, OTHER);
    let code = sandbox.code(OTHER).unwrap();
    for stream in &mut streams {
        while stream.event().1["messages"][0]["code"] != json!(code) {}
    }
}

#[test]
fn the_end_of_the_sandbox_ends_the_stream() {
    let sandbox = start();
    let mut stream = Stream::open(&sandbox);
    stream.event();
    drop(sandbox);
    let mut rest = String::new();
    match stream.0.read_to_string(&mut rest) {
        Ok(_) => assert_eq!(rest.trim(), ""),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}
