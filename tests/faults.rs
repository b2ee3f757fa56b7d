//! The fault matrix: what a call answers when the network or the service fails in a given way, and
//! how often the service saw it. `fault-matrix.md` is printed from the table here.
//!
//! Every call is made by a process of its own, over real sockets.
#![cfg(target_os = "linux")]

mod support;

use std::any::Any;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use verifysms::{Code, Reached};

use support::client_process::{self, ClientProcess, Outcome, Remains, Settings, Step};
use support::http::{answer, ok};
use support::resolver::{Manner, Resolver, skip};
use support::server::{Closed, Peer, Server, Silent};
use support::tls::{self, Authority};
use support::{CODE, KEY, REFUSED, SENT, TO, VERIFIED};

/// The deadline of a call that is to run into it.
const SHORT: Duration = Duration::from_millis(400);
/// The deadline of a call that is to end by itself.
const LONG: Duration = Duration::from_secs(8);
/// How much later than its deadline a call may end.
const LATE: Duration = Duration::from_millis(100);
/// What a call may add to the memory of its process, in KiB, whatever the server sends.
const MEMORY: usize = 8 * 1024;
const MUCH: usize = 100 * 1024 * 1024;

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("faults-ca.pem"));

/// A row of the matrix.
struct Fault {
    name: &'static str,
    send: Code,
    check: Code,
    reached: Reached,
    /// How many requests the server saw, whole or in part.
    requests: usize,
    scenes: Vec<Scene>,
}

/// One way in which the fault comes about.
struct Scene {
    label: String,
    stage: Box<dyn Fn(Step) -> Result<Stage, String> + Send + Sync>,
    timeout: Duration,
    connect_timeout: Duration,
    /// The length of the message, for requests that leave in many pieces.
    message: usize,
    /// Whether the fault meets a client that has an answered call behind it.
    after_another: bool,
    /// What has to have happened before the call, once another was answered.
    before: fn(&Server),
}

/// What one call is played on.
struct Stage {
    url: String,
    server: Option<Server>,
    /// A server that must not hear of the call.
    bystander: Option<Server>,
    resolver: Option<Resolver>,
    /// Kept until the call is over.
    _holder: Option<Box<dyn Any>>,
}

impl Scene {
    fn new(stage: impl Fn(Step) -> Result<Stage, String> + Send + Sync + 'static) -> Scene {
        Scene {
            label: String::new(),
            stage: Box::new(stage),
            timeout: LONG,
            connect_timeout: LONG,
            message: 0,
            after_another: false,
            before: |_| {},
        }
    }

    fn label(self, label: impl Into<String>) -> Scene {
        Scene { label: label.into(), ..self }
    }

    /// The deadline passes.
    fn short(self) -> Scene {
        Scene { timeout: SHORT, ..self }
    }

    /// The connect timeout passes, long before the deadline.
    fn short_connect(self) -> Scene {
        Scene { connect_timeout: Duration::from_millis(150), ..self }
    }

    /// A Send is larger than what sockets hold.
    fn large(self) -> Scene {
        Scene { message: 4 * 1024 * 1024, ..self }
    }

    fn after_another(self, before: fn(&Server)) -> Scene {
        Scene { after_another: true, before, ..self }
    }
}

impl Stage {
    fn at(url: String) -> Stage {
        Stage { url, server: None, bystander: None, resolver: None, _holder: None }
    }

    fn of(server: Server) -> Stage {
        Stage { server: Some(server), ..Stage::at("".into()) }
    }

    fn url(&self) -> String {
        self.server.as_ref().map_or(self.url.clone(), Server::url)
    }
}

/// A server that plays `script`.
fn plain(script: impl Fn(Peer, Step) + Send + Sync + Clone + 'static) -> Scene {
    Scene::new(move |step| {
        let script = script.clone();
        Ok(Stage::of(Server::start(move |peer| script(peer, step))))
    })
}

/// The same over TLS.
fn secure(script: impl Fn(Peer, Step) + Send + Sync + Clone + 'static) -> Scene {
    handshake(|| AUTHORITY.good(), script).label("over TLS")
}

fn handshake(
    config: fn() -> Arc<ServerConfig>,
    script: impl Fn(Peer, Step) + Send + Sync + Clone + 'static,
) -> Scene {
    Scene::new(move |step| {
        let script = script.clone();
        Ok(Stage::of(Server::start_tls(config(), move |peer| script(peer, step))))
    })
}

/// Plain and over TLS.
fn both(script: impl Fn(Peer, Step) + Send + Sync + Clone + 'static) -> Vec<Scene> {
    vec![plain(script.clone()), secure(script)]
}

/// A server that reads the request, sends these bytes and closes.
fn says(bytes: impl Into<Vec<u8>>) -> Scene {
    let bytes = bytes.into();
    plain(move |mut peer, _| {
        let _ = peer.read_request() && peer.say(&bytes);
    })
}

/// The answer that lets somebody in or bills a message, if it is believed.
fn tempting(step: Step) -> &'static str {
    match step {
        Step::Send => SENT,
        Step::Check | Step::CancelledCheck => VERIFIED,
    }
}

/// A server that reads the request, sends a head, and the answer that must not be believed.
fn tempts(head: &str) -> Scene {
    let (label, head) = (head.replace("\r\n", " "), format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"));
    plain(move |mut peer, step| {
        let _ =
            peer.read_request() && peer.say(&[head.as_bytes(), tempting(step).as_bytes()].concat());
    })
    .label(label)
}

/// The same, and the connection stays open.
fn tempts_and_stays(head: &str) -> Scene {
    let (label, head) = (head.replace("\r\n", " "), format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"));
    plain(move |mut peer, step| {
        let _ =
            peer.read_request() && peer.say(&[head.as_bytes(), tempting(step).as_bytes()].concat());
        peer.stall();
    })
    .label(label)
}

fn resolved_by(manner: Manner) -> Scene {
    Scene::new(move |_| {
        let resolver = Some(Resolver::start(manner)?);
        Ok(Stage { resolver, ..Stage::at("http://service.invalid/sms/verifySMS".into()) })
    })
}

fn refused() -> Scene {
    Scene::new(|_| {
        let closed = Closed::new();
        Ok(Stage { url: closed.url(), _holder: Some(Box::new(closed)), ..Stage::at("".into()) })
    })
}

fn silent() -> Scene {
    Scene::new(|_| {
        let silent = Silent::new();
        Ok(Stage { url: silent.url(), _holder: Some(Box::new(silent)), ..Stage::at("".into()) })
    })
}

/// A server that is spoken to in TLS and plays `script` below it.
fn below_tls(script: impl Fn(Peer) + Send + Sync + Clone + 'static) -> Scene {
    Scene::new(move |_| {
        let server = Server::start(script.clone());
        let url = server.url().replace("http:", "https:");
        // Not as the stage's server: what it sees is a handshake and no request.
        Ok(Stage { _holder: Some(Box::new(server)), ..Stage::at(url) })
    })
}

fn redirects(status: u16) -> Scene {
    Scene::new(move |_| {
        let elsewhere = Server::start(|mut peer| peer.read_on());
        let location = format!("Location: {}", elsewhere.url());
        let server = Server::start(move |mut peer| {
            let _ = peer.read_request() && peer.say(&answer(status, &[&location], b"moved"));
            peer.read_on();
        });
        Ok(Stage { bystander: Some(elsewhere), ..Stage::of(server) })
    })
    .label(status.to_string())
}

/// The HTTP errors that a service, a gateway or a proxy answers with.
fn errors(body: &'static str) -> Vec<Scene> {
    let statuses = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504];
    statuses
        .map(|status| says(answer(status, &[], body.as_bytes())).label(status.to_string()))
        .into()
}

/// The whole table.
fn matrix() -> Vec<Fault> {
    use Code::{
        BadReply, Connect, ConnectionLost, HttpStatus, Ok as Accepted, Rejected, Timeout, Tls,
    };
    use Reached::{No, Unknown, Yes};

    let mut faults = Vec::new();
    let mut fault = |name, code, reached, requests, scenes: Vec<Scene>| {
        faults.push(Fault { name, send: code, check: code, reached, requests, scenes });
    };

    // No connection.
    fault("the name does not resolve", Connect, No, 0, vec![resolved_by(Manner::NoSuchName)]);
    fault("the resolver never answers", Timeout, No, 0, vec![resolved_by(Manner::Silent).short()]);
    fault(
        "the resolver does not answer within the connect timeout",
        Connect,
        No,
        0,
        vec![resolved_by(Manner::Silent).short_connect()],
    );
    fault("connection refused", Connect, No, 0, vec![refused()]);
    fault("SYN never answered", Timeout, No, 0, vec![silent().short()]);
    fault(
        "SYN not answered within the connect timeout",
        Connect,
        No,
        0,
        vec![silent().short_connect()],
    );

    // No TLS.
    let unheard = |_: Peer, _| {};
    fault(
        "TLS: the certificate has expired",
        Tls,
        No,
        0,
        vec![handshake(|| AUTHORITY.expired(), unheard)],
    );
    fault(
        "TLS: the certificate is self-signed",
        Tls,
        No,
        0,
        vec![handshake(tls::self_signed, unheard)],
    );
    fault(
        "TLS: the certificate is for another name",
        Tls,
        No,
        0,
        vec![handshake(|| AUTHORITY.wrong_name(), unheard)],
    );
    fault(
        "TLS: the server does not speak TLS",
        Tls,
        No,
        0,
        vec![below_tls(|mut peer| {
            peer.await_bytes();
            peer.say(&answer(400, &[], b"This is not the port you are looking for"));
            peer.stall();
        })],
    );
    fault(
        "TLS: the server closes in the handshake",
        Tls,
        No,
        0,
        vec![
            below_tls(|peer| peer.await_bytes()),
            below_tls(|peer| {
                peer.await_bytes();
                peer.reset();
            })
            .label("reset"),
        ],
    );
    let stalls = |mut peer: Peer| peer.stall();
    fault("TLS: the handshake stalls", Timeout, No, 0, vec![below_tls(stalls).short()]);
    fault(
        "TLS: the handshake is not done within the connect timeout",
        Tls,
        No,
        0,
        vec![below_tls(stalls).short_connect()],
    );

    // The connection ends.
    let closes = |name: &'static str, read: fn(&mut Peer)| {
        let mut scenes = both(move |mut peer, _| read(&mut peer));
        scenes.push(plain(move |mut peer, _| read(&mut peer)).large().label("large"));
        (name, scenes)
    };
    let resets = |name: &'static str, read: fn(&mut Peer)| {
        let mut scenes = both(move |mut peer, _| {
            read(&mut peer);
            peer.reset();
        });
        scenes.push(
            plain(move |mut peer, _| {
                read(&mut peer);
                peer.reset();
            })
            .large()
            .label("large"),
        );
        (name, scenes)
    };
    for (name, scenes) in [
        closes("the server closes before it reads", Peer::await_request),
        closes("the server closes after half of the request", Peer::read_half),
        closes("the server closes after all of the request", |peer| {
            peer.read_request();
        }),
        resets("the server resets before it reads", Peer::await_request),
        resets("the server resets after half of the request", Peer::read_half),
        resets("the server resets after all of the request", |peer| {
            peer.read_request();
        }),
    ] {
        fault(name, ConnectionLost, Unknown, 1, scenes);
    }
    fault(
        "the server ends its direction before it reads",
        ConnectionLost,
        Unknown,
        1,
        vec![plain(|mut peer, _| {
            peer.end_output();
            peer.read_on();
        })],
    );

    // Too slow.
    fault(
        "no answer until after the deadline",
        Timeout,
        Unknown,
        1,
        both(|mut peer, _| {
            peer.read_request();
            peer.stall();
        })
        .into_iter()
        .map(Scene::short)
        .collect(),
    );
    fault(
        "the request is never read",
        Timeout,
        Unknown,
        1,
        vec![
            plain(|mut peer, _| {
                peer.await_request();
                peer.stall();
            })
            .large()
            .short(),
        ],
    );
    let slowly = |pause| {
        move |mut peer: Peer, step| {
            if peer.read_request() {
                peer.say_slowly(&ok(tempting(step)), pause);
            }
        }
    };
    fault(
        "the answer comes one byte a second",
        Timeout,
        Unknown,
        1,
        vec![
            plain(slowly(Duration::from_secs(1))).short(),
            plain(slowly(Duration::from_millis(10))).short().label("a hundred bytes a second"),
            secure(slowly(Duration::from_millis(10))).short(),
        ],
    );
    fault(
        "a head, never a body",
        Timeout,
        Unknown,
        1,
        ["Content-Length: 40", "Transfer-Encoding: chunked", "Connection: close"]
            .map(|header| {
                plain(move |mut peer, _| {
                    peer.read_request();
                    peer.say(format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n").as_bytes());
                    peer.stall();
                })
                .short()
                .label(header)
            })
            .into(),
    );

    // Answers whose length is wrong.
    let chunk = |json: &str| format!("{:x}\r\n{json}\r\n", json.len());
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    fault(
        "the head of an HTTP error, never its body",
        Timeout,
        Unknown,
        1,
        [plain(|mut peer, _| {
            peer.read_request();
            peer.say(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 40\r\n\r\n");
            peer.stall();
        })
        .short()]
        .into(),
    );
    fault(
        "a chunked answer is cut off",
        ConnectionLost,
        Unknown,
        1,
        both(move |mut peer, step| {
            let _ = peer.read_request()
                && peer.say(format!("{chunked}{}", chunk(tempting(step))).as_bytes());
        })
        .into_iter()
        .chain([
            plain(move |mut peer, _| {
                let _ = peer.read_request() && peer.say(format!("{chunked}40\r\n{{").as_bytes());
            })
            .label("in a chunk"),
            plain(move |mut peer, step| {
                let text = format!("{chunked}{}4", chunk(tempting(step)));
                let _ = peer.read_request() && peer.say(text.as_bytes());
            })
            .label("in a size"),
        ])
        .collect(),
    );
    fault(
        "an answer without a length ends in a reset",
        ConnectionLost,
        Unknown,
        1,
        vec![plain(|mut peer, step| {
            let text = format!("HTTP/1.1 200 OK\r\n\r\n{}", tempting(step));
            let _ = peer.read_request() && peer.say(text.as_bytes());
            peer.reset();
        })],
    );
    fault(
        "a chunk's size is no number",
        BadReply,
        Unknown,
        1,
        ["zz", "-1", "fffffffffffffffff", "0x10", ""]
            .map(|size| {
                plain(move |mut peer, step| {
                    let text = format!("{chunked}{size}\r\n{}\r\n0\r\n\r\n", tempting(step));
                    let _ = peer.read_request() && peer.say(text.as_bytes());
                    peer.stall();
                })
                .label(size)
            })
            .into(),
    );
    fault(
        "Content-Length is larger than the body",
        ConnectionLost,
        Unknown,
        1,
        vec![
            tempts("Content-Length: 200"),
            secure(|mut peer, step| {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n";
                let _ =
                    peer.read_request() && peer.say(format!("{head}{}", tempting(step)).as_bytes());
            }),
        ],
    );
    fault(
        "Content-Length is larger than the body, and the connection stays open",
        Timeout,
        Unknown,
        1,
        vec![tempts_and_stays("Content-Length: 200").short()],
    );
    fault(
        "Content-Length is smaller than the body",
        BadReply,
        Unknown,
        1,
        vec![tempts_and_stays("Content-Length: 13"), tempts("Content-Length: 0")],
    );
    fault(
        "Content-Length is negative or no number",
        BadReply,
        Unknown,
        1,
        ["-1", "-40", "abc", "99999999999999999999999", "1e3", ""]
            .map(|length| tempts_and_stays(&format!("Content-Length: {length}")))
            .into(),
    );
    fault(
        "Content-Length stands twice and differs",
        BadReply,
        Unknown,
        1,
        vec![differing_lengths("\r\nContent-Length: "), differing_lengths(", ")],
    );

    // Too much.
    let endless = |head: &'static str, piece: &'static str| {
        move |mut peer: Peer, step| {
            let head = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{}", tempting(step));
            if peer.read_request() && peer.say(head.as_bytes()) {
                peer.say_much(piece.as_bytes(), MUCH);
            }
        }
    };
    fault(
        "100 MB of body",
        BadReply,
        Unknown,
        1,
        vec![
            plain(endless("Content-Length: 104857600", "x")),
            plain(endless("Content-Length: 104857600", " ")).label("of blanks"),
            secure(endless("Content-Length: 104857600", " ")),
            plain(endless("Connection: close", " ")).label("without a length"),
            plain(move |mut peer, step| {
                let first = format!("{chunked}{}", chunk(tempting(step)));
                if peer.read_request() && peer.say(first.as_bytes()) {
                    peer.say_much(b"4\r\n    \r\n", MUCH);
                }
            })
            .label("in chunks"),
        ],
    );
    let begins = |head: &'static str, piece: &'static str| {
        plain(move |mut peer: Peer, _| {
            if peer.read_request() && peer.say(head.as_bytes()) {
                peer.say_much(piece.as_bytes(), MUCH);
            }
        })
    };
    fault(
        "100 MB of head",
        BadReply,
        Unknown,
        1,
        vec![
            begins("HTTP/1.1 200 OK\r\n", "X-Header: value\r\n"),
            begins("HTTP/1.1 200 OK\r\nX-Header: ", "v").label("in one header"),
            begins("HTTP/1.1 200 ", "O").label("in the first line"),
            begins("", "\r\n").label("in empty lines"),
        ],
    );
    fault(
        "100 MB of 100 Continue",
        BadReply,
        Unknown,
        1,
        vec![
            begins("", "HTTP/1.1 100 Continue\r\n\r\n"),
            begins("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n").label("103"),
        ],
    );

    // HTTP answers that are not the service's.
    fault(
        "301, 302, 307, 308 to another host",
        HttpStatus,
        Unknown,
        1,
        [301, 302, 307, 308].map(redirects).into(),
    );
    fault(
        "400, 401, 403, 404, 413, 429, 500, 502, 503, 504 with HTML",
        HttpStatus,
        Unknown,
        1,
        errors("<html><body><h1>Bad Gateway</h1></body></html>"),
    );
    fault("the same, empty", HttpStatus, Unknown, 1, errors(""));
    fault("the same with the service's OK to a Send", HttpStatus, Unknown, 1, errors(SENT));
    fault("the same with the service's OK to a Check", HttpStatus, Unknown, 1, errors(VERIFIED));
    fault("the same with the service's FAIL", Rejected, Yes, 1, errors(REFUSED));
    fault(
        "the same, and the body is cut off",
        HttpStatus,
        Unknown,
        1,
        vec![says("HTTP/1.1 503 Unavailable\r\nContent-Length: 99\r\n\r\n<html>")],
    );
    fault(
        "200 with HTML or without a body",
        BadReply,
        Unknown,
        1,
        vec![
            says(ok("<html><body>Welcome to our network</body></html>")),
            says(ok("")).label("empty"),
            says("HTTP/1.1 204 No Content\r\n\r\n").label("204"),
        ],
    );

    // Answers that are good.
    let old = |length: bool| {
        move |mut peer: Peer, step| {
            let json = tempting(step);
            let length =
                if length { format!("Content-Length: {}\r\n", json.len()) } else { "".into() };
            let _ = peer.read_request()
                && peer.say(format!("HTTP/1.0 200 OK\r\n{length}\r\n{json}").as_bytes());
        }
    };
    fault(
        "HTTP/1.0",
        Accepted,
        Yes,
        1,
        vec![plain(old(true)), plain(old(false)).label("without a length")],
    );
    fault(
        "the answer comes in small pieces",
        Accepted,
        Yes,
        1,
        vec![
            plain(slowly(Duration::ZERO)),
            secure(slowly(Duration::ZERO)),
            plain(move |mut peer, step| {
                let (first, second) = tempting(step).split_at(9);
                let text = format!("{chunked}{}{}0\r\n\r\n", chunk(first), chunk(second));
                peer.read_request();
                peer.say_slowly(text.as_bytes(), Duration::ZERO);
                peer.stall();
            })
            .label("in chunks"),
        ],
    );
    fault(
        "100 Continue and 103 Early Hints before the answer",
        Accepted,
        Yes,
        1,
        vec![plain(|mut peer, step| {
            let hints =
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
            let _ = peer.read_request() && peer.say(&[&hints[..], &ok(tempting(step))].concat());
            peer.read_on();
        })],
    );
    fault(
        "the answer is sent before the request was read",
        Accepted,
        Yes,
        1,
        both(|mut peer, step| {
            peer.await_request();
            peer.say(&ok(tempting(step)));
            peer.read_on();
        }),
    );

    // A connection that was used before.
    let answers_once = |mut peer: Peer, step| {
        let _ = peer.read_request() && peer.say(&ok(tempting(step)));
    };
    let closed: fn(&Server) = |server| server.wait_for_closed(1);
    fault(
        "the kept connection is closed between calls",
        Accepted,
        Yes,
        1,
        vec![
            plain(answers_once).after_another(closed),
            secure(answers_once).after_another(closed),
            plain(move |mut peer, step| {
                let _ = peer.read_request() && peer.say(&ok(tempting(step)));
                if peer.number() == 1 {
                    peer.reset();
                }
            })
            .after_another(closed)
            .label("with a reset"),
        ],
    );
    let closes_on_the_next = |then: fn(&mut Peer)| {
        move |mut peer: Peer, step| {
            let _ = peer.read_request() && peer.say(&ok(tempting(step)));
            then(&mut peer);
        }
    };
    fault(
        "the kept connection is closed while the next call writes",
        ConnectionLost,
        Unknown,
        1,
        vec![
            plain(closes_on_the_next(Peer::await_request)).after_another(|_| {}),
            secure(closes_on_the_next(Peer::await_request)).after_another(|_| {}),
            plain(closes_on_the_next(Peer::read_half)).large().after_another(|_| {}).label("large"),
        ],
    );

    // Not HTTP.
    fault(
        "the answer is not HTTP",
        BadReply,
        Unknown,
        1,
        [
            "SSH-2.0-OpenSSH_9.6\r\n",
            "220 mail.example ESMTP\r\n",
            "{\"status\":1}\r\n\r\n",
            "\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64",
            "ICY 200 OK\r\n\r\n{\"status\":1}",
            "HTTP/1.1 abc OK\r\n\r\n{\"status\":1}",
            "HTTP/1.1 20 OK\r\n\r\n{\"status\":1}",
            "HTTP/3.0 200 OK\r\n\r\n{\"status\":1}",
            "HTTP/1.1 200 OK\r\nno header\r\n\r\n{\"status\":1}",
        ]
        .map(|text| {
            plain(move |mut peer, _| {
                let _ = peer.read_request() && peer.say(text.as_bytes());
                peer.stall();
            })
            .label(text.lines().next().unwrap_or_default())
        })
        .into(),
    );
    fault(
        "damaged TLS after the handshake",
        ConnectionLost,
        Unknown,
        1,
        vec![secure(|mut peer, _| {
            peer.read_request();
            peer.say_raw(b"\x17\x03\x03\x00\x20 this was never encrypted, so no");
            peer.stall();
        })],
    );

    // The second of two answers must not be taken for that of the next call, which would let
    // somebody in: the service says no to the first call, and no to the next.
    let pieces = |at_once: bool, filler: usize| {
        move |mut peer: Peer, step| {
            peer.read_request();
            let no = match step {
                Step::Send => ok(REFUSED),
                Step::Check | Step::CancelledCheck => ok(NOT_VERIFIED),
            };
            let yes = ok(&format!("{:filler$}{}", "", tempting(step)));
            if peer.number() > 1 {
                peer.say(&no);
            } else if at_once {
                peer.say(&[no, yes].concat());
                peer.say(b"");
            } else {
                peer.say(&no);
                peer.say(&yes);
            }
            peer.read_on();
        }
    };
    let said: fn(&Server) = |server| server.wait_for_said(2);
    let scenes = vec![
        plain(pieces(true, 0)).after_another(said),
        plain(pieces(true, 30_000)).after_another(said).label("the second is long"),
        plain(pieces(false, 0)).after_another(said).label("the second comes later"),
        secure(pieces(true, 0)).after_another(said),
        secure(pieces(true, 30_000)).after_another(said).label("over TLS, the second is long"),
        secure(pieces(false, 0)).after_another(said).label("over TLS, the second comes later"),
    ];
    faults.push(Fault {
        name: "the call before was answered twice, the second time with a yes",
        send: Rejected,
        check: Code::NotVerified,
        reached: Yes,
        requests: 1,
        scenes,
    });
    faults
}

/// A Check's answer that the code is wrong.
const NOT_VERIFIED: &str = r#"{"status":0,"phone":"0501234567"}"#;

/// Two lengths, of which either makes an answer that could be believed.
fn differing_lengths(separator: &'static str) -> Scene {
    plain(move |mut peer, step| {
        let json = tempting(step);
        let lengths = format!("{}{separator}{}", json.len(), json.len() + 2);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {lengths}\r\n\r\n");
        let _ = peer.read_request() && peer.say(format!("{head}{json}  ").as_bytes());
        peer.stall();
    })
    .label(separator.trim())
}

impl Fault {
    fn code(&self, step: Step) -> Code {
        match step {
            Step::Send => self.send,
            Step::Check | Step::CancelledCheck => self.check,
        }
    }

    /// What is wrong with how the call ended.
    fn complaints(&self, step: Step, outcome: &Outcome) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut expect = |fine: bool, complaint: String| {
            if !fine {
                complaints.push(complaint);
            }
        };
        let (code, reached) = (outcome.code(), outcome.reached());
        let wanted = (self.code(step), self.reached);
        expect(
            (code, reached) == wanted,
            format!("{code} {reached} instead of {} {} ({})", wanted.0, wanted.1, outcome.sentence),
        );
        expect(
            reached == Reached::No || outcome.attempts == 1,
            format!("{} attempts though the request left", outcome.attempts),
        );
        for secret in [KEY, CODE, TO] {
            expect(!outcome.sentence.contains(secret), format!("says {secret}"));
        }
        complaints
    }
}

/// How late a call ended, if it did.
fn lateness(scene: &Scene, outcome: &Outcome) -> Option<String> {
    // A build without optimisation takes its time to write and wipe a message of megabytes.
    let unhurried = Duration::from_nanos(60) * u32::try_from(scene.message).unwrap_or(u32::MAX);
    let limit = if scene.timeout == SHORT { SHORT + LATE + unhurried } else { LONG / 2 };
    let elapsed = outcome.elapsed;
    (elapsed > limit).then(|| format!("it took {elapsed:?}, and may take {limit:?}"))
}

/// Plays one scene, and tells what was not as it should be. What is late is played again: a busy
/// machine delays a call now and then, a defect always does.
fn play(fault: &Fault, scene: &Scene, step: Step) -> Result<Vec<String>, String> {
    for _ in 0..3 {
        let (outcome, complaints) = play_once(fault, scene, step)?;
        if !complaints.is_empty() || lateness(scene, &outcome).is_none() {
            return Ok(complaints);
        }
    }
    let (outcome, complaints) = play_once(fault, scene, step)?;
    Ok(complaints.into_iter().chain(lateness(scene, &outcome)).collect())
}

fn play_once(fault: &Fault, scene: &Scene, step: Step) -> Result<(Outcome, Vec<String>), String> {
    let stage = (scene.stage)(step)?;
    let settings = Settings {
        url: stage.url(),
        timeout: scene.timeout,
        connect_timeout: scene.connect_timeout,
        ca_file: stage.url().starts_with("https").then(|| AUTHORITY.file()),
        message: if step == Step::Send { scene.message } else { 0 },
    };
    let resolver = stage.resolver.as_ref().map(Resolver::file);
    let mut client = ClientProcess::start("client_process", &settings, resolver);
    let mut earlier = 0;
    if scene.after_another {
        client.call(step);
        earlier = 1;
        (scene.before)(stage.server.as_ref().expect("a server answered the call before"));
    }
    let outcome = client.call(step);
    let Remains { descriptors, threads, memory } = client.finish();

    let mut complaints = fault.complaints(step, &outcome);
    let mut expect = |fine: bool, complaint: String| {
        if !fine {
            complaints.push(complaint);
        }
    };
    let seen = stage.server.as_ref().map_or(0, |server| {
        server.settle();
        server.requests().len() - earlier
    });
    expect(seen == fault.requests, format!("the server saw {seen} requests"));
    let strayed = stage.bystander.as_ref().map_or(0, Server::settle);
    expect(strayed == 0, "another server was spoken to".into());
    expect(descriptors.0 == descriptors.1, format!("descriptors {descriptors:?}"));
    expect(threads.0 == threads.1, format!("threads {threads:?}"));
    let most = MEMORY + settings.message / 1024 * 6;
    expect(memory < most, format!("{memory} KiB of memory"));
    Ok((outcome, complaints))
}

#[test]
fn every_fault_ends_as_the_matrix_says() {
    let matrix = matrix();
    let scenes: Vec<_> = matrix
        .iter()
        .flat_map(|fault| fault.scenes.iter().map(move |scene| (fault, scene)))
        .flat_map(|(fault, scene)| [(fault, scene, Step::Send), (fault, scene, Step::Check)])
        .collect();
    let (next, complaints) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some((fault, scene, step)) =
                    scenes.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let title = format!("{} [{}] {step:?}", fault.name, scene.label);
                    match play(fault, scene, *step) {
                        Ok(found) => complaints
                            .lock()
                            .expect("no thread panics with the lock")
                            .extend(found.into_iter().map(|found| format!("{title}: {found}"))),
                        Err(why) => skip(&title, &why),
                    }
                }
            });
        }
    });
    let mut complaints = complaints.into_inner().expect("no thread panics with the lock");
    complaints.sort();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The table as the documentation shows it.
fn page() -> String {
    let mut page = String::from(
        "# What a call answers when something fails\n\n\
         Printed by `tests/faults.rs`, which plays every row over real sockets, for a Send and for a\n\
         Check. Whatever the row, the call ends within its deadline, the service sees at most one\n\
         request, no descriptor and no thread is left, and nobody is verified whom the service did\n\
         not verify.\n\n\
         | fault | Send | Check | reached | may it be repeated? | requests seen |\n\
         |---|---|---|---|---|---|\n",
    );
    for fault in matrix() {
        let repeated = match fault.reached {
            Reached::No => "yes",
            Reached::Yes => "the answer decides",
            Reached::Unknown => "only by your own decision",
        };
        let Fault { name, send, check, reached, requests, .. } = fault;
        writeln!(page, "| {name} | {send} | {check} | {reached} | {repeated} | {requests} |")
            .expect("a String takes everything");
    }
    page
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fault-matrix.md");

#[test]
fn the_page_is_the_table() {
    let stored = std::fs::read_to_string(PAGE).expect("the page is there");
    assert_eq!(stored, page(), "run `cargo test --test faults -- --ignored print_the_page`");
}

#[test]
#[ignore = "writes tests/fault-matrix.md"]
fn print_the_page() {
    std::fs::write(PAGE, page()).expect("the page can be written");
}

#[test]
#[ignore = "the process that the matrix makes its calls in"]
fn client_process() {
    client_process::serve();
}
