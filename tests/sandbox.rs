//! The sandbox over real sockets: plain HTTP, both encodings, keep-alive, the control API, the Rust handle.

#[path = "support/http_client.rs"]
mod http_client;

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use http_client::{API_KEY, HttpConnection, SERVICE_PATH};
use serde_json::json;
use verifysms::sandbox::{MessageState, Options, Sandbox, ScriptedFailure};

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
    });
    assert_eq!(newest, &expected);
    assert!(answer["now"].as_u64() >= newest["time"].as_u64());
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
