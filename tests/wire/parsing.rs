//! How an answer is read: in pieces, with a yes in a wrong place, without end. A yes that is no answer
//! verifies nobody, a right answer is one however it is cut, and no call outlives its deadline.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use rustls::crypto::cipher::{AeadKey, MessageEncrypter, OutboundChunks, OutboundPlainMessage};
use rustls::{ConnectionTrafficSecrets, ContentType, ProtocolVersion, ServerConnection};
use rustls::{SupportedCipherSuite, version::TLS13};

use verifysms::{Client, Code};

use crate::support::connection::RawConnection;
use crate::support::script::{Step, steps};
use crate::support::server::{PATIENCE, RawServer, listener};
use crate::support::{BAD_REPLY, CA, CODE, CallEnd, NOT_VERIFIED, TO, YES, builder, check};

const VERIFIED: &str = r#"{"status":1,"phone":"0501234567"}"#;

fn client(url: &str) -> Client {
    builder(url).timeout(Duration::from_secs(2)).build().expect("valid settings")
}

fn server(tls: bool, script: impl Fn(RawConnection) + Send + Sync + 'static) -> RawServer {
    RawServer::listen(listener(), tls.then(|| CA.good()), script)
}

fn whole(json: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{json}", json.len())
}

/// How a Check ends that is answered with these pieces, each on its way before the next.
fn answered(pieces: &[&[u8]], tls: bool) -> CallEnd {
    let pieces: Vec<_> = pieces.iter().map(|piece| piece.to_vec()).collect();
    let server = server(tls, move |mut conn| {
        if conn.read_request() {
            for (at, piece) in pieces.iter().enumerate() {
                if at > 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                conn.send(piece);
            }
            conn.stall();
        }
    });
    check(&client(&server.url()), TO, CODE)
}

#[test]
fn an_answer_is_one_wherever_it_is_cut() {
    let length = VERIFIED.len();
    let (first, second) = VERIFIED.split_at(10);
    let answers = [
        whole(VERIFIED),
        format!(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: y\r\n z\r\n\r\n{}",
            whole(VERIFIED)
        ),
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x};a=b\r\n{first}\r\n{:x}\r\n{second}\r\n\
             0\r\nX: y\r\n\r\n",
            first.len(),
            second.len()
        ),
        format!("HTTP/1.1 200 OK\nContent-Length: {length}\n\n{VERIFIED}"),
    ];
    for answer in answers {
        for cut in 1..answer.len() {
            let (before, after) = answer.as_bytes().split_at(cut);
            let tls = cut % 8 == 0;
            assert_eq!(answered(&[before, after], tls), YES, "{cut}: {answer}");
        }
    }
}

#[test]
fn a_yes_in_a_wrong_place_verifies_nobody() {
    let (yes, no) = (whole(VERIFIED), whole(NOT_VERIFIED));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let size = NOT_VERIFIED.len();
    let cases = [
        (
            "the body of an interim response",
            format!(
                "HTTP/1.1 103 Early\r\nContent-Length: {}\r\n\r\n{VERIFIED}{no}",
                VERIFIED.len()
            ),
        ),
        ("a trailer", format!("{chunked}{size:x}\r\n{NOT_VERIFIED}\r\n0\r\n{yes}")),
        (
            "an extension of a chunk",
            format!("{chunked}{size:x};{VERIFIED}\r\n{NOT_VERIFIED}\r\n0\r\n\r\n"),
        ),
        (
            "behind the last chunk",
            format!("{chunked}{size:x}\r\n{NOT_VERIFIED}\r\n0\r\n\r\n{VERIFIED}"),
        ),
        ("behind the answer", format!("{no}{yes}")),
        (
            "a field of the head",
            format!(
                "HTTP/1.1 200 OK\r\nX: {VERIFIED}\r\nContent-Length: {size}\r\n\r\n{NOT_VERIFIED}"
            ),
        ),
        (
            "a folded line",
            format!(
                "HTTP/1.1 200 OK\r\nX: a\r\n {VERIFIED}\r\nContent-Length: {size}\r\n\r\n{NOT_VERIFIED}"
            ),
        ),
        (
            "the reason phrase",
            format!("HTTP/1.1 200 {VERIFIED}\r\nContent-Length: {size}\r\n\r\n{NOT_VERIFIED}"),
        ),
        (
            "a part of an error",
            format!("HTTP/1.1 500 Error\r\nContent-Length: {}\r\n\r\n{yes}", yes.len()),
        ),
        (
            "the body of a redirect",
            format!(
                "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: {}\r\n\r\n{VERIFIED}",
                VERIFIED.len()
            ),
        ),
        ("inside the body, as a head and an answer", whole(&yes)),
        (
            "an object in an object",
            whole(&format!(r#"{{"status":0,"data":{VERIFIED},"phone":"{TO}"}}"#)),
        ),
        ("an array", whole(&format!("[{VERIFIED}]"))),
        ("a string", whole(&format!("{VERIFIED:?}"))),
        ("twice", whole(&format!("{VERIFIED}{VERIFIED}"))),
        (
            "beside a no",
            whole(&format!("{{{},{}", &NOT_VERIFIED[1..NOT_VERIFIED.len() - 1], &VERIFIED[1..])),
        ),
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
        let flood = Step::Flood("HTTP/1.1 100 Continue\r\n\r\n");
        let server = server(tls, steps([Step::ReadRequest, flood]));
        let begun = Instant::now();
        assert_eq!(check(&client(&server.url()), TO, CODE), BAD_REPLY);
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(server.requests().len(), 1);
    }
}

/// What encrypts the server's further records, and the number of the next one.
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
    let mut config = Arc::unwrap_or_clone(CA.only(&TLS13));
    config.enable_secret_extraction = true;
    let (flooded, is_flooded) = mpsc::channel();
    let flooded = Mutex::new(flooded);
    let server = RawServer::start_tls(Arc::new(config), move |mut conn| {
        if !conn.read_request() {
            return;
        }
        // The second connection is the one that answers.
        let id = format!(r#"{{"status":"OK","unique":"{}","reason":1}}"#, conn.number() - 1);
        conn.send(whole(&id).as_bytes());
        if conn.number() > 1 {
            conn.stall();
            return;
        }
        // The answer comes alone.
        std::thread::sleep(Duration::from_millis(20));
        let (mut encrypter, first) = encrypter(conn.take_tls());
        // NewSessionTicket (RFC 8446, section 4.6.1): a lifetime, a number, and a ticket of a byte.
        let ticket = b"\x04\0\0\x0e\0\0\x0e\x10\0\0\0\0\0\0\x01x\0\0";
        let tickets = ticket.repeat(64);
        for sequence in first.. {
            let message = OutboundPlainMessage {
                typ: ContentType::Handshake,
                version: ProtocolVersion::TLSv1_3,
                payload: OutboundChunks::Single(&tickets),
            };
            let record = encrypter.encrypt(message, sequence).expect("a record").encode();
            if !conn.send_raw(&record) {
                return;
            }
            if sequence == first + 64 {
                let _ = flooded.lock().expect("the lock").send(());
            }
        }
    });
    let client = client(&server.url());
    client.send(TO).expect("the message is accepted");
    is_flooded.recv_timeout(PATIENCE).expect("tickets come");
    let begun = Instant::now();
    let second = client.send(TO);
    assert!(begun.elapsed() < Duration::from_millis(2100), "{:?}", begun.elapsed());
    assert_eq!(second.expect("the message is accepted").unique(), "1");
}
