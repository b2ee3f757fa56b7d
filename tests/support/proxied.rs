//! The rows of the fault matrix about a proxy's answer to CONNECT (RFC 9110, 9.3.6 and 15.2).

use verifysms::{Code, Reached};

use super::http::ok;
use super::scene::{AUTHORITY, Scene, Stage, tempting};
use super::server::Server;

use Code::{Connect, Ok as Accepted, Timeout};
use Reached::{No, Yes};

const MUCH: usize = 100 * 1024 * 1024;
const SERVICE: &str = "https://127.0.0.1/sms/verifySMS";

/// A proxy that answers to CONNECT with these bytes and goes away.
fn answers(bytes: &'static str) -> Scene {
    Scene::new(move |_| {
        let server = Server::start(|mut peer| {
            let _ = peer.read_connect() && peer.say(bytes.as_bytes());
        });
        Ok(Stage::behind(server, SERVICE.into()))
    })
    .label(bytes.replace("\r\n", " "))
}

/// A proxy that answers to CONNECT with these bytes, and is the service then.
fn opens(label: &str, bytes: impl Into<Vec<u8>>) -> Scene {
    let bytes = bytes.into();
    Scene::new(move |step| {
        let bytes = bytes.clone();
        let server = Server::start(move |mut peer| {
            if !peer.read_connect() || !peer.say(&bytes) {
                return;
            }
            if peer.secure(AUTHORITY.good()).is_ok() && peer.read_request() {
                peer.say(&ok(tempting(step)));
            }
        });
        Ok(Stage::behind(server, SERVICE.into()))
    })
    .label(label.replace("\r\n", " "))
}

/// A proxy where the service is, which answers to CONNECT with these bytes and stays.
fn at_the_service(scheme: &'static str, bytes: &'static str) -> Scene {
    Scene::new(move |_| {
        let server = Server::start(|mut peer| {
            let _ = peer.read_connect() && peer.say(bytes.as_bytes());
            peer.stall();
        });
        let url = format!("{scheme}://127.0.0.1:{}/sms/verifySMS", server.port());
        Ok(Stage::behind(server, url))
    })
    .label(format!("{scheme} {bytes}").replace("\r\n", " "))
}

pub(super) fn rows(fault: &mut impl FnMut(&'static str, Code, Reached, usize, Vec<Scene>)) {
    fault(
        "the proxy opens the tunnel: any 2xx, after any 1xx, whatever its headers",
        Accepted,
        Yes,
        1,
        [
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n",
            "HTTP/1.1 200\r\n\r\n",
            "HTTP/1.1 201 Created\r\n\r\n",
            "HTTP/1.1 202 Accepted\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 206 Partial\r\n\r\n",
            "HTTP/1.1 299 Whatever\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n\
             HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 7\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nConnection: close\r\nProxy-Connection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\n\r\n",
        ]
        .map(|bytes| opens(bytes, bytes))
        .into_iter()
        .chain([opens("a long head", {
            let fields: String = (0..150).map(|at| format!("X-{at}: v\r\n")).collect();
            format!("HTTP/1.1 200 OK\r\n{fields}\r\n")
        })])
        .collect(),
    );
    fault(
        "the proxy refuses the tunnel, or answers something else",
        Connect,
        No,
        0,
        [
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n\
             Content-Length: 0\r\n\r\n",
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\n<html>",
            "HTTP/1.1 403 Forbidden\r\n\r\n<html>",
            "HTTP/1.1 301 Moved\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/login\r\n\r\n",
            "HTTP/1.1 307 Go on\r\nLocation: /\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\n\r\n",
            "HTTP/1.1 405 Method Not Allowed\r\n\r\n",
            "HTTP/1.1 500 Oops\r\n\r\n",
            "HTTP/1.1 503 Unavailable\r\nRetry-After: 1\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad Gateway\r\n\r\n",
            "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 abc\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "SSH-2.0-OpenSSH_9.6\r\n\r\n",
            "{\"status\":1}\r\n\r\n",
            "\x05\x00",
            "\r\n",
        ]
        .map(answers)
        .into_iter()
        .chain([
            opens("bytes behind its answer", "HTTP/1.1 200 OK\r\n\r\nx"),
            opens("an answer of the service", {
                [b"HTTP/1.1 200 OK\r\n\r\n", &*ok(super::VERIFIED)].concat()
            }),
            opens("a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        ])
        .collect(),
    );
    fault(
        "the proxy's answer to CONNECT has no end",
        Connect,
        No,
        0,
        [
            ("HTTP/1.1 200 OK\r\n", "X-Header: value\r\n"),
            ("HTTP/1.1 200 OK\r\nX-Header: ", "v"),
            ("HTTP/1.1 200 ", "O"),
            ("", "HTTP/1.1 100 Continue\r\n\r\n"),
        ]
        .map(|(head, piece)| {
            Scene::new(move |_| {
                let server = Server::start(move |mut peer| {
                    if peer.read_connect() && peer.say(head.as_bytes()) {
                        peer.say_much(piece.as_bytes(), MUCH);
                    }
                });
                Ok(Stage::behind(server, SERVICE.into()))
            })
            .label(format!("{head}{piece}").replace("\r\n", " "))
        })
        .into(),
    );
    fault(
        "the proxy is where the service is, and answers 403 to CONNECT",
        Connect,
        No,
        0,
        ["https", "http"]
            .map(|scheme| {
                at_the_service(scheme, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            })
            .into(),
    );
    fault(
        "the proxy never answers to CONNECT, or not to its end",
        Timeout,
        No,
        0,
        ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"]
            .map(|begun| at_the_service("https", begun).short())
            .into(),
    );
}
