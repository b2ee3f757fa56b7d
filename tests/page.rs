//! The sandbox's page and its events over real sockets: the files, the access rules, the events.
//! tests/browser tests the page in a browser.

#[path = "support/http_client.rs"]
mod http_client;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use http_client::{API_KEY, HttpConnection, HttpResponse};
use serde_json::{Value, json};
use verifysms::sandbox::{Options, Sandbox, ScriptedFailure};

const TO: &str = "0501234567";
const OTHER: &str = "0521234567";

fn start() -> Sandbox {
    Sandbox::start(Options::new()).unwrap()
}

fn get(sandbox: &Sandbox, path: &str, headers: &[&str]) -> HttpResponse {
    HttpConnection::open(sandbox.address()).request("GET", path, headers, b"")
}

/// Posts a form to the service, with the key.
fn post(sandbox: &Sandbox, fields: &[(&str, &str)]) {
    let fields = [&[API_KEY], fields].concat();
    let response = HttpConnection::open(sandbox.address()).multipart(&fields);
    assert_eq!(response.status, 200, "{}", response.body);
}

fn send(sandbox: &Sandbox, to: &str) {
    post(sandbox, &[("from", "Acme"), ("to", to)]);
}

fn check(sandbox: &Sandbox, to: &str, code: &str) {
    post(sandbox, &[("to", to), ("code", code)]);
}

/// A stream of server-sent events.
struct EventStream(HttpConnection);

impl EventStream {
    fn open(sandbox: &Sandbox) -> EventStream {
        let mut connection = HttpConnection::open(sandbox.address());
        connection.write_request("GET", "/control/events", &[], b"");
        EventStream(connection)
    }

    /// The name and the data of the next event.
    fn next(&mut self) -> (String, Value) {
        let (mut name, mut data) = (String::new(), String::new());
        loop {
            let line = self.0.read_line();
            match line.trim_end().split_once(": ") {
                Some(("event", value)) => name = value.to_owned(),
                Some(("data", value)) => data = value.to_owned(),
                _ if line.trim_end().is_empty() && !name.is_empty() => break,
                _ => {}
            }
        }
        (name, serde_json::from_str(&data).unwrap())
    }

    /// The name of the next event, and its messages' codes, states and wrong tries.
    fn next_messages(&mut self) -> (String, Value) {
        let (name, data) = self.next();
        let messages = data["messages"].as_array().unwrap().iter();
        (name, messages.map(|one| json!([one["code"], one["state"], one["wrong_tries"]])).collect())
    }
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
        let response = get(&sandbox, &path, &[]);
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.body, std::fs::read_to_string(&file).unwrap(), "{path}");
        for header in [
            &format!("content-type: {content_type}"),
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(response.has_header(header), "{path} has not {header}");
        }
        let headers = response.headers.join("\n");
        assert!(headers.contains("; frame-ancestors 'none';"), "{path}: {headers}");
    }
}

#[test]
fn the_page_and_its_stream_are_for_this_machine_alone() {
    let sandbox = start();
    let cases: [(&[&str], u16); 5] = [
        (&[], 200),
        (&["Sec-Fetch-Site: none"], 200),
        (&["Sec-Fetch-Site: cross-site"], 403),
        (&["Sec-Fetch-Site: same-site"], 403),
        (&["Origin: http://evil.example"], 403),
    ];
    for (headers, status) in cases {
        for path in ["/", "/site/page.js", "/control/messages"] {
            assert_eq!(get(&sandbox, path, headers).status, status, "{path} {headers:?}");
        }
    }
    let link =
        ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
    for (path, headers, status) in [
        ("/control/events", &["Sec-Fetch-Site: cross-site"][..], 403),
        ("/", &["Host: evil.example"], 403),
        ("/", &link, 200),
    ] {
        assert_eq!(get(&sandbox, path, headers).status, status, "{path} {headers:?}");
    }
}

#[test]
fn the_stream_begins_with_a_snapshot() {
    let sandbox = start();
    send(&sandbox, TO);
    send(&sandbox, OTHER);
    sandbox.script(ScriptedFailure::Http(503), 3).unwrap();
    let (name, data) = EventStream::open(&sandbox).next();
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
fn the_stream_sends_changes() {
    let sandbox = start();
    let mut stream = EventStream::open(&sandbox);
    assert_eq!(stream.next_messages(), ("snapshot".into(), json!([])));
    let changes = |stream: &mut EventStream| {
        let (name, messages) = stream.next_messages();
        assert_eq!(name, "changes");
        messages
    };
    send(&sandbox, TO);
    let first = sandbox.code(TO).unwrap();
    assert_eq!(changes(&mut stream), json!([[first, "waiting", 0]]));
    send(&sandbox, TO);
    let second = sandbox.code(TO).unwrap();
    assert_eq!(changes(&mut stream), json!([[second, "waiting", 0], [first, "replaced", 0]]));
    check(&sandbox, TO, "none");
    assert_eq!(changes(&mut stream), json!([[second, "waiting", 1]]));
    check(&sandbox, TO, &second);
    assert_eq!(changes(&mut stream), json!([[second, "verified", 1]]));

    let before = sandbox.messages(None)[0].time;
    sandbox.advance(Duration::from_secs(600)).unwrap();
    let (name, data) = stream.next();
    assert_eq!((name.as_str(), &data["messages"]), ("changes", &json!([])));
    assert_eq!(data["entries"], Value::Null, "the script has not changed");
    assert!(data["now"].as_f64().unwrap() >= (before + 600) as f64, "{data}");
    sandbox.script(ScriptedFailure::Reason(5), 2).unwrap();
    assert_eq!(stream.next().1["waiting"], 2);
    check(&sandbox, TO, &second);
    let data = stream.next().1;
    assert_eq!(data["entries"], json!([{"failure": {"reason": 5}, "count": 1}]));
    sandbox.reset();
    let (name, data) = stream.next();
    assert_eq!((name.as_str(), &data["messages"]), ("snapshot", &json!([])));
    assert_eq!(data["waiting"], 0);
}

#[test]
fn the_stream_sends_the_requests_and_a_snapshot_after_a_deletion() {
    let sandbox = start();
    send(&sandbox, TO);
    send(&sandbox, OTHER);
    let mut stream = EventStream::open(&sandbox);
    let requests = |data: &Value| -> Vec<Value> {
        let requests = data["requests"].as_array().unwrap().iter();
        requests.map(|one| json!([one["id"], one["kind"], one["outcome"]])).collect()
    };
    let (_, data) = stream.next();
    assert_eq!(requests(&data), [json!([2, "send", "sent"]), json!([1, "send", "sent"])]);
    check(&sandbox, TO, "none");
    assert_eq!(requests(&stream.next().1), [json!([3, "check", "not_verified"])]);

    let message = &sandbox.messages(Some(TO))[0];
    let path = format!("/control/messages/{}", message.unique);
    HttpConnection::open(sandbox.address()).request("DELETE", &path, &[], b"");
    let (name, data) = stream.next();
    assert_eq!((name.as_str(), &data["total"]), ("snapshot", &json!(1)));
    assert_eq!(data["messages"][0]["to"], OTHER);
    assert_eq!(requests(&data).len(), 3);
}

#[test]
fn thousands_of_requests_are_not_thousands_of_events() {
    let sandbox = start();
    let mut stream = EventStream::open(&sandbox);
    stream.next();
    let start = Instant::now();
    for _ in 0..1000 {
        sandbox.script(ScriptedFailure::Http(500), 1).unwrap();
        sandbox.reset();
    }
    sandbox.script(ScriptedFailure::Http(500), 7).unwrap();
    let mut events = 1;
    while stream.next().1["waiting"] != 7 {
        events += 1;
    }
    let most = 2 + start.elapsed().as_millis() / 100;
    assert!(events <= most, "{events} events in {:?}", start.elapsed());
}

#[test]
fn a_page_that_reads_nothing_delays_nobody() {
    let sandbox = start();
    let mut streams: Vec<_> = (0..3).map(|_| EventStream::open(&sandbox)).collect();
    // Events of a megabyte each fill the sockets' buffers.
    let text = format!("{}##code##", "x".repeat(50_000));
    for _ in 0..200 {
        post(&sandbox, &[("from", "Acme"), ("to", TO), ("message", &text)]);
    }
    send(&sandbox, OTHER);
    let code = sandbox.code(OTHER).unwrap();
    for stream in &mut streams {
        while stream.next().1["messages"][0]["code"] != json!(code) {}
    }
}

#[test]
fn the_end_of_the_sandbox_ends_the_stream() {
    let sandbox = start();
    let mut stream = EventStream::open(&sandbox);
    stream.next();
    drop(sandbox);
    let (rest, error) = stream.0.read_rest();
    assert!(rest.trim_ascii().is_empty() || error.is_some(), "{rest:?}");
    assert!(matches!(error, None | Some(ErrorKind::ConnectionReset)), "{error:?}");
}
