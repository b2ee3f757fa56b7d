//! The bytes of a request, as the other end of a real socket sees them.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use verifysms::{Client, Code, Error, LogLevel, Reached, Request, Rule, URL};

use crate::support::http::{fields, header, ok, response, split};
use crate::support::script::{Step, steps, succeed};
use crate::support::server::RawServer;
use crate::support::{CA, CODE, KEY, TO, VERIFIED, builder, client, failure, verified};

/// The request that `call` makes, as the server saw it.
fn recorded<T>(call: impl FnOnce(&Client) -> Result<T, Error>) -> Vec<u8> {
    let server = RawServer::start(succeed);
    call(&client(&server.url())).map(drop).expect("the call succeeds");
    let mut requests = server.requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

/// The fields of a request by name.
fn sorted(request: &[u8]) -> Vec<(String, String)> {
    let mut fields: Vec<_> = fields(request)
        .into_iter()
        .map(|(name, value)| (name, String::from_utf8(value).expect("UTF-8")))
        .collect();
    fields.sort();
    fields
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_check_is_the_three_documented_fields() {
    let request = recorded(|client| client.check("+972 (0)50-123-4567", " 493-021 ").map(drop));
    assert_eq!(sorted(&request), pairs(&[("apiKey", KEY), ("code", CODE), ("to", TO)]));
}

#[test]
fn a_send_has_no_message_field_without_a_message() {
    let request = recorded(|client| client.send(TO));
    assert_eq!(sorted(&request), pairs(&[("apiKey", KEY), ("from", "Acme"), ("to", TO)]));
    let request = recorded(|client| client.send_with(TO, Some("050-7654321"), None));
    assert_eq!(sorted(&request), pairs(&[("apiKey", KEY), ("from", "0507654321"), ("to", TO)]));
}

#[test]
fn a_message_travels_as_it_was_given() {
    for message in MESSAGES {
        let request = recorded(|client| client.send_with(TO, None, Some(message)));
        let wanted = [("apiKey", KEY), ("from", "Acme"), ("message", message), ("to", TO)];
        assert_eq!(sorted(&request), pairs(&wanted));
    }
}

#[test]
fn a_message_gets_the_lines_that_fill_the_code_in() {
    let message = |request: Request, common: Option<&str>| {
        let server = RawServer::start(succeed);
        let mut builder = builder(&server.url());
        if let Some(common) = common {
            builder = builder.message(common);
        }
        let client = builder.build().expect("valid settings");
        client.send_request(&request).expect("the call succeeds");
        let mut fields = sorted(&server.requests()[0]).into_iter();
        fields.find(|(name, _)| name == "message").expect("a message").1
    };
    let browser = || Request::new(TO).origin("https://Example.co.il/");
    let both = || browser().app_hash("FA+9qCX9VSu");
    assert_eq!(
        message(browser(), None),
        "Your verification code is: ##code##\n@example.co.il ###code##"
    );
    assert_eq!(message(browser(), Some("Hi ##code##\n")), "Hi ##code##\n@example.co.il ###code##");
    assert_eq!(
        message(both().message("קוד:\n##code##"), Some("Hi ##code##")),
        "קוד:\n##code##\nFA+9qCX9VSu\n@example.co.il ###code##"
    );
    let app = Request::new(TO).app_hash("FA+9qCX9VSu");
    assert_eq!(message(app, Some("Hi ##code##")), "Hi ##code##\nFA+9qCX9VSu");
}

#[test]
fn a_message_that_an_app_would_not_read_is_sent_with_a_warning() {
    let warnings = |text: &str, request: Request| {
        let server = RawServer::start(succeed);
        let log = Arc::new(Mutex::new(Vec::new()));
        let records = log.clone();
        let client = builder(&server.url())
            .message(text)
            .log(move |level, text| records.lock().unwrap().push((level, text.to_owned())))
            .build()
            .expect("valid settings");
        client.send_request(&request).expect("the call succeeds");
        let log = log.lock().unwrap();
        let warnings = log.iter().filter(|(level, _)| *level == LogLevel::Warning);
        warnings.map(|(_, text)| text.clone()).collect::<Vec<_>>()
    };
    let long = format!("{}\n##code##", "א".repeat(60));
    let app = || Request::new(TO).app_hash("FA+9qCX9VSu");
    let said = warnings(&long, app());
    assert!(
        said.iter().any(|text| text.contains("message: ") && text.contains("141 bytes")),
        "{said:?}"
    );
    for silent in
        [warnings("##code##", app()), warnings(&long, Request::new(TO).origin("a.example"))]
    {
        assert!(!silent.iter().any(|text| text.contains("bytes")), "{silent:?}");
    }
}

#[test]
fn an_origin_a_hash_and_a_second_line_are_refused_before_anything_leaves() {
    let server = RawServer::start(steps([Step::ReadRequest]));
    let client = client(&server.url());
    let own_line = "##code##\n@a.example ###code##";
    for (request, argument, rule) in [
        (Request::new(TO).origin("http://a.example"), "origin", Rule::OriginInvalid),
        (Request::new(TO).app_hash("FA-9qCX9VSu"), "app_hash", Rule::AppHashInvalid),
        (Request::new(TO).message(own_line).origin("a.example"), "message", Rule::MessageHasOrigin),
        (
            Request::new(TO).message(own_line).app_hash("FA+9qCX9VSu"),
            "message",
            Rule::MessageHasOrigin,
        ),
    ] {
        let error = client.send_request(&request).expect_err("nobody sends it");
        assert_eq!((error.argument(), error.rule()), (Some(argument), Some(rule)));
        assert_eq!((error.reached(), error.to()), (Reached::No, Some(TO)));
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_message_longer_than_any_room_for_it_travels_over_tls_as_it_was_given() {
    let server = RawServer::start_tls(CA.good(), succeed);
    let message = format!("##code## {}", "is your code, and this is long. ".repeat(2000));
    client(&server.url()).send_with(TO, None, Some(&message)).expect("the call succeeds");
    let wanted = [("apiKey", KEY), ("from", "Acme"), ("message", &message), ("to", TO)];
    assert_eq!(sorted(&server.requests()[0]), pairs(&wanted));
}

#[test]
fn a_send_without_a_sender_is_refused_before_anything_leaves() {
    let server = RawServer::start(steps([Step::ReadRequest]));
    let client = Client::builder(KEY).url(&server.url()).build().expect("valid settings");
    let error = client.send(TO).expect_err("nobody sends it");
    assert_eq!((error.code(), error.argument()), (Code::InvalidArgument, Some("sender")));
    assert_eq!(server.connections(), 0);
}

#[test]
fn the_head_says_what_is_needed_and_nothing_of_the_machine() {
    let request = recorded(|client| client.check(TO, CODE).map(drop));
    let (head, body) = split(&request);
    assert!(head.starts_with("POST /sms/verifySMS HTTP/1.1\r\n"), "{head}");
    let content_type = header(head, "content-type").expect("a content type");
    assert!(content_type.starts_with("multipart/form-data; boundary="), "{content_type}");
    assert_eq!(header(head, "content-length"), Some(&*body.len().to_string()));
    assert_eq!(header(head, "accept"), Some("*/*"));
    let mut names: Vec<_> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort();
    assert_eq!(names, ["accept", "content-length", "content-type", "host", "user-agent"]);
    assert!(!head.contains(KEY) && !head.contains(TO) && !head.contains(CODE));
}

#[test]
fn a_firewall_that_wants_an_accept_header_lets_calls_through() {
    let server = RawServer::start(|mut conn| {
        while conn.read_request() {
            let accepts = header(split(&conn.request()).0, "accept").is_some();
            conn.send(&if accepts { ok(VERIFIED) } else { response(403, &[], b"<html>Forbidden") });
        }
    });
    assert!(verified(&client(&server.url())));
}

#[test]
fn the_address_is_the_documented_one() {
    assert_eq!(URL, "https://api.99digital.co.il/sms/verifySMS");
}

#[test]
fn a_sender_that_is_a_number_is_nowhere_whole_in_debug() {
    let server = RawServer::start(succeed);
    let builder = builder(&server.url()).sender(TO);
    let mut shown = format!("{builder:?}");
    let client = builder.build().expect("valid settings");
    let sent = client.send(TO).expect("the call succeeds");
    assert_eq!(sent.sender(), TO);
    shown += &format!("{client:?} {sent:?} {sent:#?}");
    assert!(shown.contains("Client") && shown.contains(sent.unique()), "{shown}");
    assert!(!shown.contains(&TO[1..]), "{shown}");
}

#[test]
fn a_check_has_its_status_and_no_whole_number_in_debug() {
    let server = RawServer::start(succeed);
    let check = client(&server.url()).check(TO, CODE).expect("the call succeeds");
    let shown = format!("{check:?} {check:#?}");
    assert_eq!(shown.matches("status: 1").count(), 2, "{shown}");
    assert!(!shown.contains(&TO[1..]), "{shown}");
}

#[test]
fn a_call_that_is_refused_for_its_number_makes_one_record_without_it() {
    let server = RawServer::start(steps([Step::ReadRequest]));
    let records: Arc<Mutex<Vec<_>>> = Arc::default();
    let kept = records.clone();
    let log =
        move |level, text: &str| kept.lock().expect("the lock").push((level, text.to_owned()));
    let client = builder(&server.url()).log(log).build().expect("valid settings");
    for number in ["12", "+972 50 123 45678", "0212345678901"] {
        let failures = [client.send(number).err(), client.check(number, CODE).err()];
        for error in failures {
            assert_eq!(error.expect("no such number").argument(), Some("to"), "{number}");
        }
        let records = std::mem::take(&mut *records.lock().expect("the lock"));
        assert_eq!(records.len(), 2, "{records:?}");
        for ((level, text), step) in records.iter().zip(["send", "check"]) {
            assert_eq!(*level, LogLevel::Info, "{text}");
            assert!(text.starts_with(&format!("{step}: INVALID_ARGUMENT, reached NO,")), "{text}");
            assert!(!text.contains(number) && !text.contains(CODE), "{text}");
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn what_a_proxy_says_beyond_its_yes_is_no_answer() {
    let yes = b"HTTP/1.1 200 Connection established\r\n\r\n";
    let socks = [&[5, 0][..], &[5, 0, 0, 1, 127, 0, 0, 1, 0, 80]];
    for (scheme, replies) in [("http", vec![&yes[..]]), ("socks5h", socks.to_vec())] {
        let proxy = RawServer::start(move |mut conn| {
            conn.await_bytes();
            let early = response(200, &[], VERIFIED.as_bytes());
            conn.send(&[&*replies.concat(), &early].concat());
            conn.drain();
        });
        let client = Client::builder(KEY)
            .url("http://service.invalid/")
            .allow_http(true)
            .proxy(&format!("{scheme}://127.0.0.1:{}", proxy.port()))
            .build()
            .expect("valid settings");
        let error = client.check(TO, CODE).expect_err(scheme);
        assert_eq!(failure(&error), (Code::Connect, Reached::No), "{error}");
        assert!(error.to_string().contains("proxy"), "{error}");
        proxy.settle();
        let heard = proxy.requests().concat();
        assert!(!heard.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "{scheme}");
    }
}

/// Messages that a careless writer or reader of form-data would take apart.
const MESSAGES: &[&str] = &[
    "##code##",
    "קוד האימות שלך הוא: ##code##",
    "שלום \"לקוח\", הקוד: ##code##\r\n@example.co.il ###code##",
    "Your \"code\" is '##code##'; name=\"apiKey\"",
    "##code##\r\n",
    "\r\n\r\n##code##",
    "##code##\n--\n\r\n--\r\n----\r\n",
    "##code##\r\n--boundary\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n0521111111",
    "##code##\r\n--0123456789abcdef0123456789abcdef--\r\n",
    "=3D ##code## %20 + & \u{1F600} \u{0}\u{1}",
    " ##code## ",
];

/// Reads the fields of a form with Python's standard library, which shares no code with us.
const PYTHON: &str = "
import email.parser, email.policy, json, sys
head, _, body = sys.stdin.buffer.read().partition(b'\\r\\n\\r\\n')
kind = next(line for line in head.split(b'\\r\\n') if line.lower().startswith(b'content-type:'))
message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(kind + b'\\r\\n\\r\\n' + body)
assert message.is_multipart() and not message.defects, message.defects
fields = []
for part in message.iter_parts():
    assert part.get_content_disposition() == 'form-data' and not part.defects, part.defects
    name = part.get_param('name', header='content-disposition')
    fields.append([name, part.get_payload(decode=True).decode('utf-8')])
json.dump(sorted(fields), sys.stdout)
";

fn read_by_python(request: &[u8]) -> Vec<(String, String)> {
    let mut python = Command::new("python3")
        .args(["-I", "-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    python.stdin.take().expect("a pipe").write_all(request).expect("Python reads");
    let output = python.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "Python refused the form");
    serde_json::from_slice(&output.stdout).expect("Python prints JSON")
}

#[cfg(unix)]
#[test]
fn python_reads_the_same_fields() {
    for message in MESSAGES {
        let request = recorded(|client| client.send_with(TO, Some("קופת חולים"), Some(message)));
        let wanted = [("apiKey", KEY), ("from", "קופת חולים"), ("message", message), ("to", TO)];
        assert_eq!(read_by_python(&request), pairs(&wanted));
    }
    let request = recorded(|client| client.check(TO, "AB-12").map(drop));
    assert_eq!(read_by_python(&request), pairs(&[("apiKey", KEY), ("code", "AB-12"), ("to", TO)]));
}
