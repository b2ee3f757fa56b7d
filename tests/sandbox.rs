//! The sandbox over real sockets: plain HTTP, both encodings, keep-alive, the control API, the Rust handle.

#[path = "support/http_client.rs"]
mod http_client;

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use http_client::{API_KEY, HttpConnection, SERVICE_PATH};
use serde_json::json;
use verifysms::sandbox::{MessageState, Options, Sandbox, ScriptedFailure};
use verifysms::{Client, Code, DeliveryState, NextStep};

const TO: &str = "0501234567";
const SEND: &[(&str, &str)] = &[API_KEY, ("from", "Acme"), ("to", TO)];

fn start() -> (Sandbox, HttpConnection) {
    let sandbox = Sandbox::start(Options::new()).unwrap();
    let connection = HttpConnection::open(sandbox.address());
    (sandbox, connection)
}

fn check(connection: &mut HttpConnection, code: &str) -> String {
    connection.multipart(&[API_KEY, ("to", TO), ("code", code)]).body
}

fn checked(status: u8) -> String {
    format!("{{\n\"status\": {status},\n\"phone\": \"{TO}\",\n}}")
}

#[test]
fn a_send_and_its_check_share_the_url() {
    let (sandbox, mut connection) = start();
    assert_eq!(sandbox.url(), format!("http://{}{SERVICE_PATH}", sandbox.address()));
    let response = connection.multipart(SEND);
    assert_eq!(response.status, 200);
    assert!(response.has_header("content-type: application/json"), "{:?}", response.headers);
    let sent = response.json();
    assert_eq!((&sent["status"], &sent["from"]), (&json!("OK"), &json!("Acme")));
    assert_eq!(sent["reason"], 1);
    assert!(sent["unique"].as_str().unwrap().parse::<u64>().is_ok());
    assert!(sent["timestamp"].as_u64().unwrap() > 1_600_000_000);
    assert_eq!(sent.as_object().unwrap().len(), 5);

    let code = sandbox.code(TO).unwrap();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(check(&mut connection, wrong), checked(2));
    assert_eq!(check(&mut connection, &code), checked(1));
    assert_eq!(check(&mut connection, &code), checked(3));
    assert_eq!(sandbox.messages(Some(TO))[0].state, MessageState::Verified);
}

#[test]
fn both_encodings_carry_the_same_fields() {
    let (sandbox, mut connection) = start();
    let message = "קוד & code=##code## + 100%\r\n@example.co.il ###code##";
    let fields = [SEND, &[("message", message)]].concat();
    connection.multipart(&fields);
    connection.urlencoded(&fields);
    let messages = sandbox.messages(None);
    assert_eq!(messages.len(), 2);
    for sent in messages {
        assert_eq!((sent.to.as_str(), sent.sender.as_str()), (TO, "Acme"));
        assert_eq!(sent.text, message.replace("##code##", &sent.code));
    }
    let code = sandbox.code(TO).unwrap();
    let fields = [API_KEY, ("to", TO), ("code", &code)];
    assert_eq!(connection.urlencoded(&fields).body, checked(1));
}

#[test]
fn account_errors_have_one_shape_for_send_and_check() {
    let (_sandbox, mut connection) = start();
    let wrong_key = [("apiKey", "wrong"), ("to", TO)];
    let failure = r#"{"status":"FAIL","reason":6}"#;
    for kind in [("from", "Acme"), ("code", "123456")] {
        let response = connection.multipart(&[&wrong_key[..], &[kind]].concat());
        assert_eq!((response.status, response.body.as_str()), (200, failure), "{kind:?}");
        assert!(response.has_header("content-type: application/json"));
    }
}

#[test]
fn the_key_and_the_approved_senders_are_settings() {
    let options = Options::new().api_key("K").approved_sender("0521112222");
    let sandbox = Sandbox::start(options).unwrap();
    let mut connection = HttpConnection::open(sandbox.address());
    let cases = [("sandbox-key", "0521112222", 6), ("K", "0521112222", 1), ("K", "0521112223", 3)];
    for (key, from, reason) in cases {
        let response = connection.multipart(&[("apiKey", key), ("from", from), ("to", TO)]);
        assert_eq!(response.json()["reason"], reason, "{key} {from}");
    }
}

#[test]
fn a_connection_is_kept_and_its_answers_are_not_delayed() {
    let (_sandbox, mut connection) = start();
    let start = Instant::now();
    for _ in 0..100 {
        assert_eq!(connection.multipart(SEND).status, 200);
    }
    // A delayed acknowledgement costs each request 40 ms.
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(2), "100 requests took {elapsed:?}");
}

#[test]
fn other_methods_paths_and_bodies_are_http_errors() {
    let (sandbox, mut connection) = start();
    let multipart = "Content-Type: multipart/form-data; boundary=b0undary";
    let cases = [
        ("GET", SERVICE_PATH, None, "", 405),
        ("GET", "/sms/other", None, "", 404),
        ("POST", SERVICE_PATH, Some("Content-Type: text/plain"), "x", 415),
        ("POST", SERVICE_PATH, None, "x", 415),
        ("POST", SERVICE_PATH, Some(multipart), "no boundary here", 400),
    ];
    for (method, path, header, body, status) in cases {
        let response = connection.request(method, path, header.as_slice(), body.as_bytes());
        assert_eq!(response.status, status, "{method} {path} {header:?}");
    }
    let twice = [SEND, &[("to", TO)]].concat();
    assert_eq!(connection.multipart(&twice).status, 400);
    assert_eq!(connection.urlencoded(&twice).status, 400);
    let long = "x".repeat(30_000);
    let response = HttpConnection::open(sandbox.address()).urlencoded(&[("message", &long)]);
    assert_eq!(response.status, 413);
    assert_eq!(sandbox.messages(None), []);
}

#[test]
fn the_control_api_shows_the_messages_newest_first_and_per_number() {
    let (sandbox, mut connection) = start();
    for to in [TO, "031234567", TO] {
        let fields = [API_KEY, ("from", "Acme"), ("to", to)];
        assert_eq!(connection.multipart(&fields).json()["status"], "OK");
    }
    let all = connection.get("/control/messages").json();
    let numbers: Vec<_> =
        all["messages"].as_array().unwrap().iter().map(|message| &message["to"]).collect();
    assert_eq!(numbers, [TO, "031234567", TO]);

    let answer = connection.get(&format!("/control/messages?to={TO}")).json();
    let states: Vec<_> =
        answer["messages"].as_array().unwrap().iter().map(|message| &message["state"]).collect();
    assert_eq!(states, ["waiting", "replaced"]);
    let newest = &answer["messages"][0];
    let code = sandbox.code(TO).unwrap();
    let expected = json!({
        "unique": sandbox.messages(None)[0].unique,
        "to": TO,
        "sender": "Acme",
        "text": format!("Your verification code is: {code}"),
        "code": code,
        "time": newest["time"].as_u64().unwrap(),
        "expires": newest["time"].as_u64().unwrap() + 600,
        "state": "waiting",
        "wrong_tries": 0,
        "encoding": "GSM-7",
        "length": 33,
        "parts": 1,
        "delivery": null,
        "report": 102,
    });
    assert_eq!(newest, &expected);
    assert!(answer["now"].as_u64() >= newest["time"].as_u64());
}

#[test]
fn what_became_of_a_message_is_reported_at_an_address_beside_the_service() {
    let (sandbox, mut connection) = start();
    connection.multipart(SEND);
    let unique = sandbox.messages(None)[0].unique.clone();
    let mut ask = |key: &str| {
        let form = format!("apiKey={key}&unique={unique}");
        let headers = ["Content-Type: application/x-www-form-urlencoded"];
        connection.request("POST", "/sms/deliveryStatus", &headers, form.as_bytes())
    };
    assert_eq!(ask("sandbox-key").body, "[]");
    sandbox.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(ask("sandbox-key").json()[0]["code"], "102");
    assert_eq!(ask("wrong").json(), json!({"status": "FAIL", "reason": 6}));
    let path = format!("/control/messages/{unique}/delivery");
    let set = connection.post_json(&path, &json!({"code": 15}));
    assert_eq!((set.status, set.json()["now"].is_u64()), (200, true));
    assert_eq!(sandbox.messages(None)[0].delivery, Some(15));
    assert_eq!(
        connection.post_json("/control/messages/1/delivery", &json!({"code": 15})).status,
        404
    );
    for refused in [json!({"code": "15"}), json!({})] {
        assert_eq!(connection.post_json(&path, &refused).status, 422);
    }
    assert_eq!(connection.post_json(&path, &json!({"code": null})).status, 200);
    let message = &sandbox.messages(None)[0];
    assert_eq!((message.delivery, message.report), (None, None));
    assert!(sandbox.set_delivery(&message.unique, 15));
    let log: Vec<_> = sandbox.requests().iter().map(ToString::to_string).collect();
    let expected = [
        "delivery *******567: rejected: reason 6, wrong key",
        "delivery *******567: reported: Delivered, code 102",
        "delivery *******567: reported: there is no report",
        "send *******567: sent",
    ];
    assert_eq!(log, expected);
}

#[test]
fn the_client_reads_every_report_that_the_sandbox_plays() {
    let sandbox = Sandbox::start(Options::new()).unwrap();
    let client = Client::builder("sandbox-key").sender("Acme").url(&sandbox.url()).build().unwrap();
    for (to, state, next) in [
        (TO, DeliveryState::Delivered, NextStep::None),
        ("0570000601", DeliveryState::Failed, NextStep::RetryLater),
        ("0570000602", DeliveryState::Expired, NextStep::RetryLater),
        ("0570000604", DeliveryState::Failed, NextStep::RetryLater),
        ("0570000615", DeliveryState::Blocked, NextStep::AnotherNumber),
        ("0570000617", DeliveryState::Blocked, NextStep::OptedOut),
        ("0570000618", DeliveryState::Blocked, NextStep::ContactSupport),
        ("0570000747", DeliveryState::Failed, NextStep::Abroad),
    ] {
        let sent = client.send(to).unwrap();
        sandbox.advance(Duration::from_secs(1)).unwrap();
        let delivery = client.delivery(sent.unique()).unwrap();
        assert_eq!((delivery.state(), delivery.next_step()), (state, next), "{to}");
        assert_eq!((delivery.to(), delivery.sender()), (Some(to), "Acme"));
    }
    sandbox.script(ScriptedFailure::HttpAnswer(503), 1).unwrap();
    let error = client.delivery("63433454").unwrap_err();
    assert_eq!((error.code(), error.http_status()), (Code::HttpStatus, 503));
}

#[test]
fn the_control_api_lets_a_code_expire() {
    let (sandbox, mut connection) = start();
    connection.multipart(SEND);
    let code = sandbox.code(TO).unwrap();
    let sent = sandbox.messages(None)[0].time;
    let response = connection.post_json("/control/advance", &json!({"seconds": 660}));
    assert!(response.json()["now"].as_u64().unwrap() >= sent + 660, "{}", response.body);
    assert_eq!(check(&mut connection, &code), checked(3));
    assert_eq!(sandbox.messages(None)[0].state, MessageState::Expired);
}

#[test]
fn the_log_has_every_request_and_why_it_was_refused() {
    let (sandbox, mut connection) = start();
    connection.multipart(&[("apiKey", "secret"), ("from", "Acme"), ("to", TO)]);
    connection.multipart(&[("from", "Acme"), ("to", TO)]);
    connection.multipart(&[API_KEY, ("from", "0529998888"), ("to", TO)]);
    connection.multipart(&[API_KEY, ("from", "Acme"), ("to", "+972501234567")]);
    check(&mut connection, "000000");
    connection.multipart(SEND);
    let code = sandbox.code(TO).unwrap();
    for code in [code.as_str(), &code, "none"] {
        check(&mut connection, code);
    }
    sandbox.script(ScriptedFailure::Http(503), 1).unwrap();
    sandbox.script(ScriptedFailure::LoseAnswer, 1).unwrap();
    connection.multipart(SEND);
    connection.write_multipart(SEND);
    connection.read_rest();
    let mut connection = HttpConnection::open(sandbox.address());
    connection.multipart(&[API_KEY, ("from", "Acme"), ("to", "0570000003")]);
    connection.urlencoded(&[SEND, &[("to", TO)]].concat());
    connection.request("POST", SERVICE_PATH, &[], b"x");
    connection.request("GET", SERVICE_PATH, &[], b"");
    connection.request("POST", "/", &[], b"");
    connection.request("POST", "/sms/verify", &[], b"");
    let long = "x".repeat(30_000);
    HttpConnection::open(sandbox.address()).urlencoded(&[("message", &long)]);
    let mut garbage = HttpConnection::open(sandbox.address());
    garbage.stream.get_mut().write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    garbage.read_rest();

    let answer = HttpConnection::open(sandbox.address()).get("/control/requests");
    let requests = answer.json()["requests"].as_array().unwrap().clone();
    let logged = sandbox.requests();
    assert_eq!(answer.json()["requests"], serde_json::to_value(&logged).unwrap());
    let lines: Vec<_> = logged.iter().rev().map(ToString::to_string).collect();
    let expected = [
        "send *******567: rejected: reason 6, wrong key",
        "send *******567: rejected: reason 6, no key",
        "send *******567: rejected: reason 3, the sender is not approved",
        "send: rejected: reason 5, the number is not in its local form, as in 0501234567",
        "check *******567: not verified: the number has no message",
        "send *******567: sent",
        "check *******567: verified",
        "check *******567: not verified: the code was used before",
        "check *******567: not verified: wrong code",
        "send *******567: failed: {\"http\":503}, as scripted",
        "send *******567: failed: \"lose_answer\", as scripted; the service had answered: sent",
        "send *******003: failed: {\"reason\":3}, the number is a test number",
        "request: malformed: HTTP 400: the field to came twice",
        "request: malformed: HTTP 415: the content type is not multipart/form-data or \
         application/x-www-form-urlencoded",
        "request: malformed: HTTP 405: the service takes POST, at /sms/verifySMS",
        "request: malformed: HTTP 405: the service takes POST, at /sms/verifySMS",
        "request: malformed: HTTP 404: no such path: the service's is /sms/verifySMS",
        "request: malformed: HTTP 413: the body is larger than 64 KiB",
        "request: malformed: not HTTP/1.1; the sandbox speaks TLS only with --tls",
    ];
    assert_eq!(lines, expected);
    let first = requests.last().unwrap();
    let time = first["time"].as_u64().unwrap();
    assert_eq!(
        first,
        &json!({
            "id": 1, "time": time, "kind": "send", "to": TO,
            "outcome": "rejected", "reason": 6, "text": "wrong key",
        })
    );
    assert!(!answer.body.contains("secret") && !answer.body.contains(&code), "{}", answer.body);
    assert!(
        !answer.body.contains("0529998888") && !answer.body.contains("+972"),
        "{}",
        answer.body
    );
}

#[test]
fn a_request_that_is_dropped_unread_and_a_failed_handshake_are_logged() {
    let (seen, requests) = std::sync::mpsc::channel();
    let options = Options::new().tls(true).log(move |one| seen.send(one.to_string()).unwrap());
    let sandbox = Sandbox::start(options).unwrap();
    HttpConnection::open(sandbox.address()).write_request("POST", SERVICE_PATH, &[], b"");
    assert!(requests.recv().unwrap().contains("the TLS handshake failed"));

    let (seen, requests) = std::sync::mpsc::channel();
    let options = Options::new().log(move |one| seen.send(one.to_string()).unwrap());
    let sandbox = Sandbox::start(options).unwrap();
    sandbox.script(ScriptedFailure::Drop, 1).unwrap();
    HttpConnection::open(sandbox.address()).write_multipart(SEND);
    assert_eq!(requests.recv().unwrap(), "request: failed: \"drop\", as scripted");
    assert_eq!(sandbox.requests()[0].failure, Some(ScriptedFailure::Drop));
}

#[test]
fn a_message_is_waited_for() {
    let (sandbox, mut connection) = start();
    let missing = |timeout| sandbox.wait_for_message(TO, None, Duration::from_millis(timeout));
    assert_eq!(missing(0), None);
    let mut waiting = HttpConnection::open(sandbox.address());
    waiting.write_request("GET", &format!("/control/wait?to={TO}&timeout=30"), &[], b"");
    let first = std::thread::scope(|scope| {
        let waiter = scope.spawn(|| missing(30_000));
        connection.multipart(&[API_KEY, ("from", "Acme"), ("to", "031234567")]);
        connection.multipart(SEND);
        waiter.join().unwrap().unwrap()
    });
    assert_eq!(Some(&first.code), sandbox.code(TO).as_ref());
    assert_eq!(waiting.read_response().json()["message"], serde_json::to_value(&first).unwrap());
    assert_eq!(missing(0).as_ref(), Some(&first), "one that is there already");
    assert_eq!(sandbox.wait_for_message(TO, Some(&first.unique), Duration::ZERO), None);

    let newer = format!("/control/wait?to={TO}&after={}", first.unique);
    waiting.write_request("GET", &newer, &[], b"");
    connection.multipart(SEND);
    assert_eq!(waiting.read_response().json()["message"]["code"], sandbox.code(TO).unwrap());
    for (query, status) in [
        ("to=0521234567&timeout=0", 404),
        ("to=0521234567&timeout=0.01", 404),
        ("to=050-123-4567", 422),
        ("to=0501234567&timeout=301", 422),
        ("to=0501234567&timeout=nan", 422),
        ("to=0501234567&timeout=soon", 400),
        ("to=0501234567&after=-1", 400),
        ("timeout=1", 400),
    ] {
        let response = connection.get(&format!("/control/wait?{query}"));
        assert_eq!(response.status, status, "{query}: {}", response.body);
        assert!(response.json()["error"].is_string(), "{query}");
    }
}

#[test]
fn one_message_is_deleted_with_its_code() {
    let (sandbox, mut connection) = start();
    for to in [TO, "031234567"] {
        connection.multipart(&[API_KEY, ("from", "Acme"), ("to", to)]);
    }
    let code = sandbox.code(TO).unwrap();
    let unique = sandbox.messages(Some(TO))[0].unique.clone();
    for (unique, status) in [(&unique[..], 200), (&unique, 404), ("none", 404)] {
        let path = format!("/control/messages/{unique}");
        assert_eq!(connection.request("DELETE", &path, &[], b"").status, status, "{unique}");
    }
    assert_eq!(sandbox.messages(None).len(), 1);
    assert_eq!(check(&mut connection, &code), checked(2));
}

#[test]
fn a_reset_deletes_everything() {
    let (sandbox, mut connection) = start();
    let before = connection.get("/control/messages").json()["now"].as_u64().unwrap();
    connection.multipart(SEND);
    let code = sandbox.code(TO).unwrap();
    connection.post_json("/control/advance", &json!({"seconds": 3600}));
    connection.post_json("/control/script", &json!({"count": 9, "failure": {"http": 503}}));
    let response = connection.request("POST", "/control/reset", &[], b"");
    assert!(response.json()["now"].as_u64().unwrap() < before + 3600, "{}", response.body);
    assert_eq!(check(&mut connection, &code), checked(2));
    assert_eq!(sandbox.messages(None), []);
    assert_eq!(sandbox.requests().len(), 1, "the check");
}

#[test]
fn the_next_requests_fail_as_scripted_with_the_control_api() {
    let (sandbox, mut connection) = start();
    for (entry, waiting) in
        [(json!({"count": 2, "failure": {"reason": 5}}), 2), (json!({"failure": {"http": 503}}), 3)]
    {
        let response = connection.post_json("/control/script", &entry);
        assert_eq!(response.json(), json!({"waiting": waiting}));
    }
    assert_eq!(connection.multipart(SEND).body, r#"{"status":"FAIL","reason":5}"#);
    assert_eq!(check(&mut connection, "123456"), r#"{"status":"FAIL","reason":5}"#);
    let response = connection.multipart(SEND);
    assert_eq!(response.status, 503);
    assert!(
        response.has_header("content-type: text/html; charset=utf-8"),
        "{:?}",
        response.headers
    );
    assert_eq!(sandbox.messages(None), [], "a failed request sends nothing");
    assert_eq!(connection.multipart(SEND).json()["status"], "OK");
}

#[test]
fn a_script_can_be_read_and_can_be_for_one_number() {
    let (sandbox, mut connection) = start();
    let script = |connection: &mut HttpConnection| connection.get("/control/script").json();
    assert_eq!(script(&mut connection), json!({"waiting": 0, "entries": []}));
    let added = [
        json!({"failure": {"http": 503}, "count": 2, "to": "0521234567"}),
        json!({"failure": "lose_answer"}),
        json!({"failure": {"delay": 1}, "to": null}),
    ];
    for entry in &added {
        assert_eq!(connection.post_json("/control/script", entry).status, 200, "{entry}");
    }
    let entries = json!([
        {"failure": {"http": 503}, "count": 2, "to": "0521234567"},
        {"failure": "lose_answer", "count": 1},
        {"failure": {"delay": 1}, "count": 1},
    ]);
    assert_eq!(script(&mut connection), json!({"waiting": 4, "entries": entries}));
    // The connection of a Send whose answer is lost ends; nothing else does.
    let mut other = HttpConnection::open(sandbox.address());
    other.write_multipart(SEND);
    assert_eq!(other.read_rest(), (vec![], None));
    assert_eq!(sandbox.messages(Some(TO)).len(), 1);
    assert_eq!(connection.multipart(SEND).status, 200);
    let entries = json!([{"failure": {"http": 503}, "count": 2, "to": "0521234567"}]);
    assert_eq!(script(&mut connection), json!({"waiting": 2, "entries": entries}));
    let response = connection.request("POST", "/control/reset", &[], b"");
    assert_eq!(response.status, 200);
    assert_eq!(script(&mut connection)["waiting"], 0);
}

#[test]
fn the_control_api_lists_valid_failures_and_test_numbers() {
    let (_sandbox, mut connection) = start();
    let answer = connection.get("/control/failures").json();
    let failures = answer["failures"].as_array().unwrap();
    assert!(failures.len() > 60);
    for preset in failures {
        assert!(preset["label"].is_string() && preset["group"].is_string(), "{preset}");
        let entry = json!({"failure": preset["failure"]});
        assert_eq!(connection.post_json("/control/script", &entry).status, 200, "{preset}");
    }
    let numbers = answer["numbers"].as_array().unwrap();
    let wrong_key = numbers.iter().find(|number| number["to"] == "0570000006").unwrap();
    assert_eq!(wrong_key["label"], "always reason 6, wrong key");
    assert_eq!(wrong_key["failure"], json!({"reason": 6}));
}

#[test]
fn the_control_api_is_never_dropped() {
    let (sandbox, mut connection) = start();
    connection.post_json("/control/script", &json!({"failure": "drop"}));
    let mut other = HttpConnection::open(sandbox.address());
    for connection in [&mut connection, &mut other] {
        assert_eq!(connection.get("/control/script").json()["waiting"], 1);
    }
    other.write_multipart(SEND);
    assert_eq!(other.read_rest(), (vec![], Some(ErrorKind::ConnectionReset)));
    assert_eq!(connection.get("/control/script").json()["waiting"], 0);
    assert_eq!(sandbox.messages(None), []);
}

#[test]
fn the_handle_does_what_the_control_api_does() {
    let (sandbox, mut connection) = start();
    sandbox.script(ScriptedFailure::Http(500), 1).unwrap();
    assert_eq!(sandbox.waiting(), 1);
    assert_eq!(connection.multipart(SEND).status, 500);
    assert_eq!(sandbox.waiting(), 0);
    assert_eq!(connection.multipart(SEND).status, 200);
    let code = sandbox.code(TO).unwrap();
    sandbox.advance(Duration::from_secs(600)).unwrap();
    assert_eq!(check(&mut connection, &code), checked(3));
    sandbox.reset();
    assert_eq!(sandbox.code(TO), None);
    let error = sandbox.script(ScriptedFailure::Reason(1), 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(sandbox.advance(Duration::MAX).unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn invalid_control_requests_are_rejected_with_an_error() {
    let (_sandbox, mut connection) = start();
    let cases = [
        ("/control/advance", json!({"seconds": -1})),
        ("/control/advance", json!({"seconds": u64::MAX})),
        ("/control/advance", json!({"minutes": 1})),
        ("/control/advance", json!({})),
        ("/control/script", json!({"count": 1})),
        ("/control/script", json!({"count": 0, "failure": {"reason": 5}})),
        ("/control/script", json!({"failure": {"reason": 1}})),
        ("/control/script", json!({"failure": {"http": 200}})),
        ("/control/script", json!({"failure": {"flood": 1}})),
        ("/control/script", json!({"failure": "flood"})),
        ("/control/script", json!({"failure": {"reset": null}})),
        ("/control/script", json!({"failure": {"reason": 5, "http": 503}})),
        ("/control/script", json!({"failure": "drop", "to": TO})),
        ("/control/script", json!({"failure": {"reason": 5}, "to": "+972501234567"})),
        ("/control/script", json!({"failure": {"delay": 0}})),
        ("/control/script", json!({"failure": {"redirect": 200}})),
    ];
    for (path, body) in cases {
        let response = connection.post_json(path, &body);
        assert_eq!(response.status, 422, "{path} {body}");
        assert!(response.json()["error"].is_string(), "{path} {body}");
    }
    assert_eq!(connection.get("/control/messages?form=1").status, 400);
    assert_eq!(connection.get("/control/messages?to=050-123-4567").status, 422);
    assert_eq!(connection.get("/control/reset").status, 405);
    assert_eq!(connection.multipart(SEND).json()["status"], "OK", "nothing was scripted");
}

#[test]
fn the_control_api_answers_no_other_site() {
    let (sandbox, mut connection) = start();
    let own = format!("Host: {}", sandbox.address());
    let own_origin = format!("Origin: http://{}", sandbox.address());
    let secure_origin = own_origin.replace("http:", "https:");
    let cases: [(&[&str], u16); 11] = [
        (&[&own], 200),
        (&[&own, &own_origin], 200),
        (&[&own, &own_origin, "Sec-Fetch-Site: same-origin"], 200),
        (&[&own, "Sec-Fetch-Site: none"], 200),
        (&[&own, "Sec-Fetch-Site: cross-site"], 403),
        (&[&own, "Sec-Fetch-Site: same-site"], 403),
        (&[&own, &secure_origin], 403),
        (&["Host: evil.example"], 403),
        (&["Host: evil.example", "Origin: http://evil.example"], 403),
        (&[&own, "Origin: http://evil.example"], 403),
        (&[&own, "Origin: null"], 403),
    ];
    for (headers, status) in cases {
        for (method, path) in [
            ("GET", "/control/messages"),
            ("GET", "/control/script"),
            ("GET", "/control/failures"),
            ("POST", "/control/reset"),
        ] {
            let response = connection.request(method, path, headers, b"");
            assert_eq!(response.status, status, "{method} {path} {headers:?}");
        }
    }
}

#[test]
fn a_seed_makes_the_codes_repeatable_from_every_reset() {
    let codes = |sandbox: &Sandbox| -> Vec<String> {
        let mut connection = HttpConnection::open(sandbox.address());
        for _ in 0..3 {
            connection.multipart(SEND);
        }
        sandbox.messages(None).into_iter().map(|message| message.code).collect()
    };
    let sandbox = Sandbox::start(Options::new().seed(7)).unwrap();
    let first = codes(&sandbox);
    sandbox.reset();
    assert_eq!(codes(&sandbox), first);
    assert_eq!(codes(&Sandbox::start(Options::new().seed(7)).unwrap()), first);
    assert_ne!(codes(&Sandbox::start(Options::new().seed(8)).unwrap()), first);
}

#[test]
fn dropping_it_frees_the_port_and_closes_its_connections() {
    // No other test listens on this address: the port stays free.
    let options = Options::new().host("127.0.0.9");
    let sandbox = Sandbox::start(options.clone()).unwrap();
    let address = sandbox.address();
    let mut connection = HttpConnection::open(address);
    connection.multipart(SEND);
    // An incomplete request does not delay the end.
    connection.stream.get_mut().write_all(b"POST /sms/verifySMS HTTP/1.1\r\n").unwrap();
    drop(sandbox);
    let (rest, error) = connection.read_rest();
    assert!(rest.is_empty() || error.is_some(), "{rest:?}");
    assert!(matches!(error, None | Some(ErrorKind::ConnectionReset)), "{error:?}");
    let again = Sandbox::start(options.port(address.port())).unwrap();
    assert_eq!(again.address(), address);
}

#[test]
fn an_any_address_is_reached_through_loopback() {
    let sandbox = Sandbox::start(Options::new().host("0.0.0.0").allow_remote(true)).unwrap();
    assert!(sandbox.url().starts_with("http://127.0.0.1:"), "{}", sandbox.url());
}
