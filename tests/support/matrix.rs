//! The fault matrix: every way in which the network or the service fails, and what a call answers.

use std::time::Duration;

use verifysms::{Code, Reached};

use super::client_process::Step;
use super::http::{answer, ok};
use super::resolver::Manner;
use super::scene::{
    AUTHORITY, Fault, Scene, Stage, below_tls, both, errors, handshake, plain, redirects, refused,
    resolved_by, says, secure, silent, tempting, tempts, tempts_and_stays, told,
};
use super::server::{Peer, Server};
use super::{REFUSED, SENT, VERIFIED, framing, proxied, tls};

const MUCH: usize = 100 * 1024 * 1024;

/// The whole table.
pub(crate) fn matrix() -> Vec<Fault> {
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
    fault("the resolver fails", Connect, No, 0, vec![resolved_by(Manner::Failing)]);
    fault(
        "there is no way to the address",
        Connect,
        No,
        0,
        // A broadcast address: no connection leads there, and nothing leaves this machine.
        vec![Scene::new(|_| Ok(Stage::at("http://127.255.255.255:9/sms/verifySMS".into())))],
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

    proxied::rows(&mut fault);

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
        "TLS: the certificate is an authority's",
        Tls,
        No,
        0,
        vec![handshake(|| AUTHORITY.of_an_authority(), unheard)],
    );
    fault(
        "TLS: the server wants a certificate of the client",
        Tls,
        No,
        0,
        vec![handshake(|| AUTHORITY.wanting_a_certificate(&rustls::version::TLS12), unheard)],
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
            peer.await_request();
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

    framing::rows(&mut fault);

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
            plain(move |mut peer, step| {
                let last = format!("{chunked}{}0\r\n", chunk(tempting(step)));
                if peer.read_request() && peer.say(last.as_bytes()) {
                    peer.say_much(b"X-Trailer: value\r\n", MUCH);
                }
            })
            .label("in trailers"),
            plain(move |mut peer, _| {
                if peer.read_request() && peer.say(format!("{chunked}1;a=").as_bytes()) {
                    peer.say_much(b"b", MUCH);
                }
            })
            .label("in a chunk's extension"),
            plain(move |mut peer, _| {
                if peer.read_request() && peer.say(chunked.as_bytes()) {
                    peer.say_much(b"0", MUCH);
                }
            })
            .label("in a chunk's size"),
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
        let _ = peer.read_request() && peer.say(&told(&peer, step));
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
                let _ = peer.read_request() && peer.say(&told(&peer, step));
                if peer.number() == 1 {
                    peer.reset();
                }
            })
            .after_another(closed)
            .label("with a reset"),
            // What HAProxy says to who asks nothing.
            plain(move |mut peer, step| {
                let _ = peer.read_request() && peer.say(&told(&peer, step));
                if peer.number() == 1 {
                    peer.say(b"HTTP/1.0 408 Request Time-out\r\nConnection: close\r\n\r\n");
                }
            })
            .after_another(closed)
            .label("with a 408"),
            secure(move |mut peer, step| {
                let _ = peer.read_request() && peer.say(&told(&peer, step));
                if peer.number() == 1 {
                    peer.say_last(b"");
                    peer.stall();
                }
            })
            .after_another(|server| server.wait_for_said(2))
            .label("over TLS alone"),
        ],
    );
    let closes_on_the_next = |then: fn(&mut Peer)| {
        move |mut peer: Peer, step| {
            let _ = peer.read_request() && peer.say(&told(&peer, step));
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
        plain(pieces(true, 0)).after_the_same(said),
        plain(pieces(true, 30_000)).after_the_same(said).label("the second is long"),
        plain(pieces(false, 0)).after_the_same(said).label("the second comes later"),
        secure(pieces(true, 0)).after_the_same(said),
        secure(pieces(true, 30_000)).after_the_same(said).label("over TLS, the second is long"),
        secure(pieces(false, 0)).after_the_same(said).label("over TLS, the second comes later"),
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
