//! What a server, a gateway or a proxy may say in a wrong place, in odd pieces or without end: a yes that
//! is no answer verifies nobody, a right answer is one however it is cut, and no call outlives its deadline.

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use rustls::crypto::cipher::{AeadKey, MessageEncrypter, OutboundChunks, OutboundPlainMessage};
use rustls::{ConnectionTrafficSecrets, ContentType, ProtocolVersion, ServerConnection};
use rustls::{SupportedCipherSuite, version::TLS13};

use verifysms::{Client, Code, Reached};

use support::server::Server;
use support::tls::Authority;
use support::{CODE, KEY, TO};

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("doubts-ca.pem"));

const YES: &str = r#"{"status":1,"phone":"0501234567"}"#;
const NO: &str = r#"{"status":0,"phone":"0501234567"}"#;

type End = (Code, Reached);

const BAD: End = (Code::BadReply, Reached::Unknown);

fn client(url: &str) -> Client {
    let builder = Client::builder(KEY).sender("Acme").ca_file(AUTHORITY.file());
    builder.url(url).proxy("").timeout(Duration::from_secs(2)).build().expect("valid settings")
}

fn check(client: &Client) -> End {
    match client.check(TO, CODE) {
        Ok(check) if check.is_verified() => (Code::Ok, Reached::Yes),
        Ok(_) => (Code::NotVerified, Reached::Yes),
        Err(error) => (error.code(), error.reached()),
    }
}

fn whole(json: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{json}", json.len())
}

/// How a Check ends that is answered with these pieces, each on its way before the next.
fn answered(pieces: &[&[u8]], tls: bool) -> End {
    let pieces: Vec<_> = pieces.iter().map(|piece| piece.to_vec()).collect();
    let script = move |mut peer: support::server::Peer| {
        if peer.read_request() {
            for (at, piece) in pieces.iter().enumerate() {
                if at > 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                peer.say(piece);
            }
            peer.stall();
        }
    };
    let server =
        if tls { Server::start_tls(AUTHORITY.good(), script) } else { Server::start(script) };
    check(&client(&server.url()))
}

#[test]
fn an_answer_is_one_wherever_it_is_cut() {
    let length = YES.len();
    let (first, second) = YES.split_at(10);
    let answers = [
        whole(YES),
        format!(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: y\r\n z\r\n\r\n{}",
            whole(YES)
        ),
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x};a=b\r\n{first}\r\n{:x}\r\n{second}\r\n\
             0\r\nX: y\r\n\r\n",
            first.len(),
            second.len()
        ),
        format!("HTTP/1.1 200 OK\nContent-Length: {length}\n\n{YES}"),
    ];
    for answer in answers {
        for cut in 1..answer.len() {
            let (before, after) = answer.as_bytes().split_at(cut);
            let tls = cut % 8 == 0;
            assert_eq!(
                answered(&[before, after], tls),
                (Code::Ok, Reached::Yes),
                "{cut}: {answer}"
            );
        }
    }
}

#[test]
fn a_yes_in_a_wrong_place_verifies_nobody() {
    let (yes, no) = (whole(YES), whole(NO));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let size = NO.len();
    let cases = [
        (
            "the body of an interim response",
            format!("HTTP/1.1 103 Early\r\nContent-Length: {}\r\n\r\n{YES}{no}", YES.len()),
        ),
        ("a trailer", format!("{chunked}{size:x}\r\n{NO}\r\n0\r\n{yes}")),
        ("an extension of a chunk", format!("{chunked}{size:x};{YES}\r\n{NO}\r\n0\r\n\r\n")),
        ("behind the last chunk", format!("{chunked}{size:x}\r\n{NO}\r\n0\r\n\r\n{YES}")),
        ("behind the answer", format!("{no}{yes}")),
        (
            "a field of the head",
            format!("HTTP/1.1 200 OK\r\nX: {YES}\r\nContent-Length: {size}\r\n\r\n{NO}"),
        ),
        (
            "a folded line",
            format!("HTTP/1.1 200 OK\r\nX: a\r\n {YES}\r\nContent-Length: {size}\r\n\r\n{NO}"),
        ),
        ("the reason phrase", format!("HTTP/1.1 200 {YES}\r\nContent-Length: {size}\r\n\r\n{NO}")),
        (
            "a part of an error",
            format!("HTTP/1.1 500 Error\r\nContent-Length: {}\r\n\r\n{yes}", yes.len()),
        ),
        (
            "the body of a redirect",
            format!(
                "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: {}\r\n\r\n{YES}",
                YES.len()
            ),
        ),
        ("inside the body, as a head and an answer", whole(&yes)),
        (
            "an object in an object",
            whole(&format!(r#"{{"status":0,"data":{YES},"phone":"{TO}"}}"#)),
        ),
        ("an array", whole(&format!("[{YES}]"))),
        ("a string", whole(&format!("{YES:?}"))),
        ("twice", whole(&format!("{YES}{YES}"))),
        ("beside a no", whole(&format!("{{{},{}", &NO[1..NO.len() - 1], &YES[1..]))),
        (
            "beside a no in another spelling",
            whole(r#"{"status":1,"st\u0061tus":0,"phone":"0501234567"}"#),
        ),
        (
            "with the number twice",
            whole(r#"{"status":1,"phone":"0501234567","phone":"0501234567"}"#),
        ),
        ("about two numbers", whole(r#"{"status":1,"phone":["0501234567"]}"#)),
        (
            "about a number with an extension",
            whole(r#"{"status":1,"phone":"0501234567,0529876543"}"#),
        ),
        ("about a number as a fraction", whole(r#"{"status":1,"phone":501234567.0}"#)),
        ("about a number in powers", whole(r#"{"status":1,"phone":5.01234567e8}"#)),
        ("about a longer number", whole(r#"{"status":1,"phone":"05012345670"}"#)),
        ("with an escape in the status", whole(r#"{"status":"\u0031","phone":"0501234567"}"#)),
        ("true", whole(r#"{"status":true,"phone":"0501234567"}"#)),
        ("one and a bit", whole(r#"{"status":1e0,"phone":"0501234567"}"#)),
    ];
    for (label, text) in cases {
        let bytes = text.as_bytes();
        for (cut, tls) in [(bytes.len(), false), (bytes.len(), true), (bytes.len() - 1, false)] {
            let end = answered(&[&bytes[..cut], &bytes[cut..]], tls);
            assert_ne!(end.0, Code::Ok, "{label}, {cut} of {}", bytes.len());
        }
    }
}

#[test]
fn interim_responses_without_end_end_with_the_call() {
    for tls in [false, true] {
        let script = |mut peer: support::server::Peer| {
            let flood = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
            if peer.read_request() {
                while peer.say(&flood) {}
            }
        };
        let server = match tls {
            true => Server::start_tls(AUTHORITY.good(), script),
            false => Server::start(script),
        };
        let begun = Instant::now();
        assert_eq!(check(&client(&server.url())), BAD);
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(server.requests().len(), 1);
    }
}

/// Reads from a TLS connection until `done`.
fn read_until(
    connection: &mut ServerConnection,
    mut stream: &TcpStream,
    done: impl Fn(&ServerConnection, &[u8]) -> bool,
) {
    let mut text = Vec::new();
    while !done(connection, &text) {
        connection.complete_io(&mut stream).expect("a client that speaks TLS");
        let mut piece = [0; 4096];
        if let Ok(count) = connection.reader().read(&mut piece) {
            text.extend_from_slice(&piece[..count]);
        }
    }
}

/// What encrypts what the server says from here on, and the number of its next record.
fn encrypter(connection: ServerConnection) -> (Box<dyn MessageEncrypter>, u64) {
    let suite = connection.negotiated_cipher_suite().expect("a suite");
    let SupportedCipherSuite::Tls13(suite) = suite else { panic!("not TLS 1.3") };
    let secrets = connection.dangerous_extract_secrets().expect("allowed");
    let (sequence, secrets) = secrets.tx;
    let (key, iv) = match secrets {
        ConnectionTrafficSecrets::Aes256Gcm { key, iv }
        | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => (key, iv),
        _ => panic!("an unexpected suite"),
    };
    let key: AeadKey = key;
    (suite.aead_alg.encrypter(key, iv), sequence)
}

#[test]
fn tickets_without_end_do_not_hold_a_call_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mut config = Arc::unwrap_or_clone(AUTHORITY.speaking(&TLS13));
    config.enable_secret_extraction = true;
    let config = Arc::new(config);
    let server = std::thread::spawn(move || {
        // The second connection is the one that answers.
        for number in 0..2 {
            let (stream, _) = listener.accept().expect("a client");
            let mut connection = ServerConnection::new(config.clone()).expect("valid settings");
            read_until(&mut connection, &stream, |_, text| text.ends_with(b"--\r\n"));
            let id = format!(r#"{{"status":"OK","unique":"{number}","reason":1}}"#);
            connection.writer().write_all(whole(&id).as_bytes()).expect("room");
            while connection.wants_write() {
                connection.write_tls(&mut &stream).expect("the client listens");
            }
            if number == 1 {
                let _ = (&stream).read(&mut [0; 64]);
                return;
            }
            let (mut encrypter, first) = encrypter(connection);
            // NewSessionTicket (RFC 8446, section 4.6.1): a lifetime, a number, and a ticket of a byte.
            let ticket = b"\x04\0\0\x0e\0\0\x0e\x10\0\0\0\0\0\0\x01x\0\0";
            let tickets = ticket.repeat(64);
            std::thread::spawn(move || {
                // The answer comes alone.
                std::thread::sleep(Duration::from_millis(20));
                for sequence in first.. {
                    let message = OutboundPlainMessage {
                        typ: ContentType::Handshake,
                        version: ProtocolVersion::TLSv1_3,
                        payload: OutboundChunks::Single(&tickets),
                    };
                    let record = encrypter.encrypt(message, sequence).expect("a record").encode();
                    if (&stream).write_all(&record).is_err() {
                        return;
                    }
                }
            });
        }
    });
    let client = client(&format!("https://127.0.0.1:{port}/"));
    client.send(TO).expect("the message is accepted");
    // What has come fills the client's end.
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    let second = client.send(TO);
    assert!(begun.elapsed() < Duration::from_millis(2100), "{:?}", begun.elapsed());
    assert_eq!(second.expect("the message is accepted").unique(), "1");
    drop(client);
    server.join().expect("the server ends");
}
