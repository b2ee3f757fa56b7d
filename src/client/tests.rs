//! What decides beside the body of an answer: its HTTP status, and the earlier answers on its connection.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use super::*;

const TO: &str = "0501234567";
const ANOTHER: &str = "0521234567";
const YES: &str = r#"{"status":1,"phone":"0501234567"}"#;
const SENT: &str = r#"{"status":"OK","unique":"1","reason":1}"#;
const UNNAMED: &str = r#"{"status":1}"#;

fn response(http_status: u16, body: &[u8]) -> Response<'_> {
    Response { http_status, body, service: "sms.example:443" }
}

fn end(error: Error) -> (Code, Reached, u16) {
    (error.code(), error.reached(), error.http_status())
}

#[test]
fn only_an_answer_with_status_200_is_a_success() {
    let to = Phone::parse(TO).unwrap();
    let check = |status| read(&response(status, YES.as_bytes()), |body| reply::check(body, &to));
    assert_eq!(check(200).unwrap().status, 1);
    for status in [201, 202, 203, 204, 206, 226, 299] {
        assert_eq!(end(check(status).unwrap_err()), (Code::BadReply, Reached::Unknown, status));
    }
    for status in [101, 199, 300, 302, 403, 500, 503] {
        assert_eq!(end(check(status).unwrap_err()), (Code::HttpStatus, Reached::Unknown, status));
    }
}

#[test]
fn a_refusal_is_the_services_whatever_its_status() {
    for status in [200, 201, 400, 500] {
        let refused = response(status, br#"{"status":"FAIL","reason":6}"#);
        let error = read(&refused, reply::send).unwrap_err();
        assert_eq!(error.reason(), Some(crate::error::Reason(6)));
        assert_eq!(end(error), (Code::Rejected, Reached::Yes, status));
        let malformed = read(&response(status, b"<html>"), reply::send).unwrap_err().to_string();
        assert_eq!(malformed.contains("its HTTP status"), status == 201, "{malformed}");
        for body in ["<html>", r#"{"status":"FAIL","reason":"timeout"}"#, r#"{"status":"FAIL"}"#] {
            let unclear = read(&response(status, body.as_bytes()), reply::send).unwrap_err();
            assert_eq!((unclear.reached(), unclear.http_status()), (Reached::Unknown, status));
        }
    }
}

/// A client, and a server that gives these answers, those of each connection in turn. At the end it
/// says how many requests came over each.
fn answering(connections: &'static [&'static [&'static str]]) -> (Client, JoinHandle<Vec<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serve = |stream: TcpStream, answers: &[&str]| {
        let mut lines = BufReader::new(&stream).lines();
        let mut requests = 0;
        // A form ends with a line of its own.
        let is_last = |line: &str| line.starts_with("--") && line.ends_with("--");
        for body in answers {
            if !lines.any(|line| line.is_ok_and(|line| is_last(&line))) {
                break;
            }
            requests += 1;
            let length = body.len();
            write!(&stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        }
        requests + lines.filter(|line| line.as_ref().is_ok_and(|line| is_last(line))).count()
    };
    let serving = std::thread::spawn(move || {
        let accept = |&answers: &&'static [&'static str]| {
            let (stream, _) = listener.accept().unwrap();
            std::thread::spawn(move || serve(stream, answers))
        };
        let serving: Vec<_> = connections.iter().map(accept).collect();
        serving.into_iter().map(|connection| connection.join().unwrap()).collect()
    });
    let settings = Client::builder("key").sender("Acme").url(&url).proxy("");
    let client = settings.guard(None).build().unwrap();
    (client, serving)
}

fn checked(client: &Client, to: &str) -> Result<bool, Code> {
    client.check(to, "1234").map(|check| check.is_verified()).map_err(|error| error.code())
}

#[test]
fn a_number_is_checked_once_over_a_connection() {
    const NO: &str = r#"{"status":2,"phone":"0521234567"}"#;
    let (client, serving) = answering(&[&[YES, NO], &[YES]]);
    assert_eq!(checked(&client, TO), Ok(true));
    assert_eq!(checked(&client, ANOTHER), Ok(false));
    drop(client.check(TO, "1234"));
    drop(client);
    assert_eq!(serving.join().unwrap(), [2, 1]);
}

#[test]
fn an_answer_that_names_no_number_is_the_first_and_last_of_its_connection() {
    let (client, serving) = answering(&[&[SENT, UNNAMED], &[UNNAMED], &[SENT], &[UNNAMED]]);
    assert_eq!(client.send(TO).unwrap().unique(), "1");
    assert_eq!(checked(&client, TO), Err(Code::BadReply));
    assert_eq!(checked(&client, TO), Ok(true));
    // The client knows by now that the service names no number, and asks over a new connection.
    assert_eq!(client.send(TO).unwrap().unique(), "1");
    assert_eq!(checked(&client, ANOTHER), Ok(true));
    drop(client);
    assert_eq!(serving.join().unwrap(), [2, 1, 1, 1]);
}

#[test]
fn an_answer_that_names_no_number_is_none_after_that_to_another_check() {
    let (client, serving) = answering(&[&[YES, UNNAMED]]);
    assert_eq!(checked(&client, TO), Ok(true));
    assert_eq!(checked(&client, ANOTHER), Err(Code::BadReply));
    drop(client);
    assert_eq!(serving.join().unwrap(), [2]);
}

#[test]
fn a_messages_id_comes_once_over_a_connection() {
    const TWO: &str = r#"{"status":"OK","unique":"2","reason":1}"#;
    let (client, serving) = answering(&[&[SENT, TWO, SENT], &[SENT]]);
    let sent =
        || client.send(TO).map(|sent| sent.unique().to_owned()).map_err(|error| error.code());
    assert_eq!([sent(), sent()], [Ok("1".to_owned()), Ok("2".to_owned())]);
    assert_eq!(sent(), Err(Code::BadReply));
    assert_eq!(sent(), Ok("1".to_owned()));
    drop(client);
    assert_eq!(serving.join().unwrap(), [3, 1]);
}

#[test]
fn a_connection_ends_after_so_many_numbers() {
    let mut history = History::default();
    for number in 1..History::MAX_SEEN as u64 {
        history.seen.insert(number);
        assert!(history.disposition() == Disposition::Keep, "{number}");
    }
    history.seen.insert(0);
    assert!(history.disposition() == Disposition::Close);
}

#[test]
fn a_queue_shows_how_many_calls_it_has() {
    let client = Client::builder("key").sender("Acme").build().unwrap();
    let queue = Queue::<()>::new(std::sync::Arc::new(client)).unwrap();
    assert_eq!(format!("{queue:?}"), "Queue { len: 0, .. }");
}

#[test]
fn a_client_shows_nothing_of_its_account() {
    let client = Client::builder("key").sender("0501234567").build().unwrap();
    assert_eq!(format!("{client:?}"), "Client { .. }");
}

#[test]
fn a_call_under_way_is_cancelled() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let client = Client::builder("key").sender("Acme").url(&url).proxy("").build().unwrap();
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            let (stream, _) = listener.accept().unwrap();
            BufReader::new(&stream).lines().find(Result::is_ok);
            client.cancel();
            stream
        });
        assert_eq!(client.send(TO).unwrap_err().code(), Code::Cancelled);
        // The connection was not closed before, which would have ended the call, too.
        drop(server.join());
    });
}

/// A client of a server, or of a proxy of this kind, that plays `serve` with each connection.
fn served_by(proxy: &str, serve: fn(TcpStream)) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        listener.incoming().for_each(|stream| serve(stream.unwrap()));
    });
    let proxy = if proxy.is_empty() { String::new() } else { format!("{proxy}://{address}") };
    let url = format!("http://{address}/");
    Client::builder("key").sender("Acme").url(&url).proxy(&proxy).build().unwrap()
}

#[test]
fn connecting_is_tried_again() {
    // Nobody listens there.
    let client = Client::builder("key").url("http://127.0.0.1:1/").proxy("").build().unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(client.connect().unwrap_err().code(), Code::Connect);
    assert!(begun.elapsed().as_millis() >= 500, "{:?}", begun.elapsed());
}

#[test]
fn a_connection_that_ends_after_an_interim_answer_leaves_a_doubt() {
    let client = served_by("", |stream| {
        let is_last = |line: &String| line.starts_with("--") && line.ends_with("--");
        let lines = BufReader::new(&stream).lines().map(Result::unwrap);
        if lines.take_while(|line| !is_last(line)).count() > 0 {
            write!(&stream, "HTTP/1.1 100 Continue\r\n\r\n").unwrap();
        }
    });
    assert_eq!(end(client.send(TO).unwrap_err()), (Code::ConnectionLost, Reached::Unknown, 0));
}

#[test]
fn a_socks_proxy_that_says_half_is_none() {
    let client = served_by("socks5", |stream| {
        // Its greeting: version 5, and the only way to log in.
        std::io::Read::read_exact(&mut &stream, &mut [0; 3]).unwrap();
        (&stream).write_all(&[5]).unwrap();
    });
    assert_eq!(end(client.send(TO).unwrap_err()), (Code::Connect, Reached::No, 0));
}

#[test]
fn a_result_has_what_the_answer_said() {
    const STAMPED: &str = r#"{"status":"OK","unique":"1","timestamp":1600115719,"reason":1}"#;
    const NO: &str = r#"{"status":2,"phone":"0501234567"}"#;
    let (client, serving) = answering(&[&[STAMPED, NO]]);
    let sent = client.send(TO).unwrap();
    assert_eq!((sent.timestamp(), sent.to(), sent.sender()), (Some(1_600_115_719), TO, "Acme"));
    assert_eq!(sent.http_status(), 200);
    assert_eq!(sent.user_text("en"), "We sent a code by SMS to the number that ends with 567.");
    let check = client.check(TO, "1234").unwrap();
    assert_eq!((check.status(), check.to(), check.http_status()), (2, TO, 200));
    assert!(check.user_text("en").starts_with("The code is wrong or has expired."));
    assert_eq!((check.limit(), check.retry_after().as_secs(), check.tries_left()), (None, 0, None));
    drop(client);
    assert_eq!(serving.join().unwrap(), [2]);
}
