//! The rows of the fault matrix about how HTTP frames an answer: RFC 9112 (2.2, 4, 5.1, 5.2, 6.1 to
//! 6.3, 7.1, 9.8) and RFC 9110 (15.2, 15.3), and what servers make of them.
//!
//! Whatever contradicts itself is no answer; what the RFCs have a client accept is one.

use verifysms::{Code, Reached};

use super::client_process::Step;
use super::http::{answer, ok};
use super::scene::{Scene, both, plain, secure, tempting};
use super::server::Peer;

use Code::{BadReply, ConnectionLost, HttpStatus, Ok as Accepted};
use Reached::{Unknown, Yes};

/// A server that reads the request, answers what `text` makes of the tempting JSON, and stays.
fn tells(label: &str, text: impl Fn(&str) -> String + Send + Sync + 'static) -> Scene {
    plain(move |mut peer, step| {
        let _ = peer.read_request() && peer.say(text(tempting(step)).as_bytes());
        peer.stall();
    })
    .label(label.replace("\r\n", " ").replace('\0', "NUL"))
}

/// The same with these lines in the head, beside a right length.
fn with(lines: &'static str) -> Scene {
    tells(lines, move |json| {
        format!("HTTP/1.1 200 OK\r\n{lines}\r\nContent-Length: {}\r\n\r\n{json}", json.len())
    })
}

/// The same with this first line.
fn first_line(line: &'static str) -> Scene {
    tells(line, move |json| format!("{line}\r\nContent-Length: {}\r\n\r\n{json}", json.len()))
}

/// The same with lengths that `lengths` makes of the right one.
fn with_length(lengths: &'static str) -> Scene {
    tells(lengths, move |json| {
        let lines = lengths.replace('N', &json.len().to_string());
        format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{json}")
    })
}

/// A chunked answer whose size line is `size`, N for the right number.
fn with_size(size: &'static str) -> Scene {
    tells(&format!("{size:?}"), move |json| {
        let size = size.replace('N', &format!("{:x}", json.len()));
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{json}\r\n0\r\n\r\n"
        )
    })
}

fn chunked(json: &str) -> String {
    format!("{:x}\r\n{json}\r\n0\r\n\r\n", json.len())
}

/// An answer with these codings, in chunks and without, after which the server closes.
fn coded(lines: &'static str) -> [Scene; 2] {
    let scene = |body: fn(&str) -> String, label: &str| {
        plain(move |mut peer, step| {
            let head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{}", body(tempting(step)));
            let _ = peer.read_request() && peer.say(head.as_bytes());
        })
        .label(format!("{} {label}", lines.replace("\r\n", " ")))
    };
    [scene(chunked, "in chunks"), scene(str::to_owned, "as it is")]
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn rows(fault: &mut impl FnMut(&'static str, Code, Reached, usize, Vec<Scene>)) {
    // RFC 9110, 15.3: what the others mean is that there is another answer, or none, or a part of one.
    let status = |status: u16, headers: &'static [&'static str]| {
        let label = format!("{status} {}", headers.join(" "));
        plain(move |mut peer, step| {
            let bytes = answer(status, headers, tempting(step).as_bytes());
            let _ = peer.read_request() && peer.say(&bytes);
            peer.stall();
        })
        .label(label)
    };
    fault(
        "201, 202, 203, 204, 205, 206, 207, 226, 299 with the service's OK",
        BadReply,
        Unknown,
        1,
        [201, 202, 203, 204, 205, 206, 207, 226, 299]
            .map(|number| status(number, &[]))
            .into_iter()
            .chain([
                status(206, &["Content-Range: bytes 0-12/40"]),
                status(206, &["Content-Range: bytes 0-88/89"]),
            ])
            .collect(),
    );
    fault(
        "200 with a Content-Range",
        BadReply,
        Unknown,
        1,
        vec![with("Content-Range: bytes 0-12/40"), with("content-range: bytes */40")],
    );
    fault(
        "101 Switching Protocols with the service's OK",
        HttpStatus,
        Unknown,
        1,
        vec![
            tells("101", |json| {
                format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\
                     Content-Length: {}\r\n\r\n{json}",
                    json.len()
                )
            }),
            tells("101 before a 200", |json| {
                format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n\
                     HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{json}",
                    json.len()
                )
            }),
        ],
    );
    fault(
        "1xx before the answer",
        Accepted,
        Yes,
        1,
        [
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 100\r\n\r\n",
            "HTTP/1.1 102 Processing\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 199 Whatever\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Go on\r\n\r\n",
        ]
        .map(|before| {
            tells(before, move |json| {
                let length = json.len();
                format!("{before}HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{json}")
            })
        })
        .into(),
    );

    // Codings.
    fault(
        "Transfer-Encoding beside Content-Length",
        BadReply,
        Unknown,
        1,
        [
            "Transfer-Encoding: chunked\r\nContent-Length: N",
            "Content-Length: N\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Content-Length: 0\r\ntransfer-encoding: Chunked",
            "Transfer-Encoding: identity\r\nContent-Length: N",
            "Transfer-Encoding: gzip\r\nContent-Length: N",
        ]
        .into_iter()
        .flat_map(|lines| {
            let head = move |length: usize| {
                format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n", lines.replace('N', &length.to_string()))
            };
            [
                tells(&format!("{lines} in chunks"), move |json| {
                    let body = chunked(json);
                    format!("{}{body}", head(body.len()))
                }),
                tells(&format!("{lines} as it is"), move |json| {
                    format!("{}{json}", head(json.len()))
                }),
            ]
        })
        .collect(),
    );
    fault(
        "a Transfer-Encoding other than chunked",
        BadReply,
        Unknown,
        1,
        [
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: deflate",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunkedx",
            "Transfer-Encoding: \"chunked\"",
            "Transfer-Encoding: chunked;q=1",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked, gzip",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding:",
        ]
        .into_iter()
        .flat_map(coded)
        .collect(),
    );
    fault(
        "chunks in an HTTP/1.0 answer",
        BadReply,
        Unknown,
        1,
        vec![tells("", |json| {
            format!("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunked(json))
        })],
    );
    fault(
        "a Content-Encoding, which was not asked for",
        BadReply,
        Unknown,
        1,
        [
            "Content-Encoding: gzip",
            "Content-Encoding: x-gzip",
            "content-encoding: br",
            "Content-Encoding: deflate",
            "Content-Encoding: zstd",
            "Content-Encoding: identity",
            "Content-Encoding: identity, gzip",
        ]
        .map(with)
        .into(),
    );

    // Lengths.
    fault(
        "a Content-Length that is none, or several",
        BadReply,
        Unknown,
        1,
        [
            "Content-Length: +N",
            "Content-Length: -N",
            "Content-Length: 0xN",
            "Content-Length: N N",
            "Content-Length: N, 5",
            "Content-Length: 5, N",
            "Content-Length: N;",
            "Content-Length: N.0",
            "Content-Length: \"N\"",
            "Content-Length: N,",
            "Content-Length: 18446744073709551616",
            "Content-Length: 18446744073709551617",
            "Content-Length: 1\r\n 2",
            "Content-Length: N\r\n 2",
            "Content-Length: N\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: N",
            "Content-Length: N\r\nContent-Length: N\r\nContent-Length: 5",
            "Content-Length: N\r\nContent-Length: N",
            "Content-Length: N, N",
        ]
        .map(with_length)
        .into(),
    );
    fault(
        "a Content-Length with zeros before it",
        Accepted,
        Yes,
        1,
        vec![with_length("Content-Length: 00N")],
    );
    fault(
        "a chunk's size with a sign, a blank, a point or too many digits",
        BadReply,
        Unknown,
        1,
        [
            "+N",
            "-N",
            " N",
            "N N",
            "0xN",
            "N.0",
            "N,",
            "\tN",
            "\"N\"",
            "10000000000000000N",
            "1000000000000000000000N",
            "N\n",
            "N\r",
            "N;a\nb",
            "\r\nN",
        ]
        .map(with_size)
        .into(),
    );
    fault(
        "a chunk is longer or shorter than its size",
        BadReply,
        Unknown,
        1,
        [1, -1]
            .map(|by| {
                tells(&format!("by {by}"), move |json| {
                    let size = json.len().saturating_add_signed(by);
                    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
                    format!("{head}\r\n{size:x}\r\n{json}\r\n0\r\n\r\n")
                })
            })
            .into(),
    );
    fault(
        "chunks with extensions, trailers, capitals and zeros",
        Accepted,
        Yes,
        1,
        ["N;name=value", "N;a=\"b;c\"", "N;a", "N ; a = b", "0000N", "N;a=b;c=d", "N  "]
            .map(with_size)
            .into_iter()
            .chain([
                tells("trailers", |json| {
                    let length = json.len();
                    format!(
                        "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\nTrailer: X\r\n\r\n\
                         {length:X}\r\n{json}\r\n000\r\nX: y\r\nContent-Length: 3\r\n\r\n"
                    )
                }),
                tells("blanks around", |json| {
                    let body = chunked(json);
                    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: \t chunked \t\r\n\r\n{body}")
                }),
            ])
            .collect(),
    );
    fault(
        "more bytes behind the answer",
        BadReply,
        Unknown,
        1,
        [
            ("an answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            ("one byte", "x"),
            ("an empty line", "\r\n"),
            ("HTML", "<html>"),
        ]
        .into_iter()
        .flat_map(|(label, behind)| {
            [
                tells(label, move |json| {
                    let length = json.len();
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{json}{behind}")
                }),
                tells(&format!("{label}, behind chunks"), move |json| {
                    let body = chunked(json);
                    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}{behind}")
                }),
                secure(move |mut peer, step| {
                    let bytes = [ok(tempting(step)), behind.into()].concat();
                    let _ = peer.read_request() && peer.say(&bytes);
                    peer.stall();
                })
                .label(format!("{label}, over TLS")),
            ]
        })
        .collect(),
    );

    // The lines of a head.
    fault(
        "a head that breaks the rules",
        BadReply,
        Unknown,
        1,
        [
            "X-Header: a\rb",
            "X-Header: a\rContent-Length: 3",
            "X-Header: a\0b",
            "X\0Header: a",
            "X-Header : a",
            "Transfer-Encoding : chunked",
            "Content-Length : 3",
            "X Header: a",
            ": a",
            " X-Header: a",
            "\tContent-Length: 3",
            "X-Header",
            "X-H\u{e9}ader: a",
        ]
        .map(with)
        .into_iter()
        .chain(
            [
                "HTTP/2.0 200 OK",
                "HTTP/2 200",
                "HTTP/0.9 200 OK",
                "http/1.1 200 OK",
                "HTTP/1.1 2000 OK",
                "HTTP/1.1 200OK",
                "HTTP/1.1  200 OK",
                "HTTP/1.1 +200 OK",
                "HTTP/1.1 0200 OK",
                "HTTP/1.1 2 00 OK",
                "HTTP/1.1\t200 OK",
                "HTTP/11 200 OK",
                "HTTP/1.1 200 a\rb",
                "HTTP/1.1 200 a\0b",
                "HTTP/1.1 000 OK",
                "xHTTP/1.1 200 OK",
                " HTTP/1.1 200 OK",
            ]
            .map(first_line),
        )
        .collect(),
    );
    fault(
        "a head as servers write it",
        Accepted,
        Yes,
        1,
        [
            "X-Header: a\r\n b",
            "X-Header: a\r\n\tb\r\n   c",
            "X-Header:\r\n b",
            "Content-Type: application/json;\r\n charset=utf-8",
            "X-Empty:",
            "X-Header:no blank",
            "X-Header: \t blanks \t ",
            "X-Header: \u{5e9}\u{5dc}\u{5d5}\u{5dd}",
            "Set-Cookie: a=b\r\nSet-Cookie: c=d",
            "Connection: close",
            "Connection: keep-alive\r\nKeep-Alive: timeout=5, max=100",
            "Keep-Alive: timeout=0",
            "Keep-Alive: timeout=99999999999999999999",
            "Keep-Alive: nonsense",
        ]
        .map(with)
        .into_iter()
        .chain(
            [
                "HTTP/1.1 200",
                "HTTP/1.1 200 ",
                "HTTP/1.1 200 \u{5d8}\u{5d5}\u{5d1}",
                "HTTP/1.1 200 Very Well Done",
            ]
            .map(first_line),
        )
        .chain([
            tells("lines without a carriage return", |json| {
                format!("HTTP/1.1 200 OK\nServer: x\nContent-Length: {}\n\n{json}", json.len())
            }),
            tells("the length last and without blanks", |json| {
                format!(
                    "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length:{}\r\n\r\n{json}",
                    json.len()
                )
            }),
            plain(|mut peer, step| {
                let text = format!("HTTP/1.1 200 OK\r\n\r\n{}", tempting(step));
                let _ = peer.read_request() && peer.say(text.as_bytes());
            })
            .label("no length, until the end"),
        ])
        .collect(),
    );
    fault(
        "a head of 20 KiB or of 150 fields",
        Accepted,
        Yes,
        1,
        vec![
            long_head("one field", |_| format!("X-Header: {}\r\n", "v".repeat(20 * 1024))),
            long_head("many fields", |_| {
                (0..20).map(|at| format!("X-Header-{at}: {}\r\n", "v".repeat(1024))).collect()
            }),
            long_head("150 fields", |_| (0..150).map(|at| format!("X-{at}: v\r\n")).collect()),
        ],
    );
    fault(
        "a head of 1 MiB or of 10,000 fields",
        BadReply,
        Unknown,
        1,
        vec![
            long_head("one field", |_| format!("X-Header: {}\r\n", "v".repeat(1 << 20))),
            long_head("many fields", |_| {
                (0..1024).map(|at| format!("X-Header-{at}: {}\r\n", "v".repeat(1024))).collect()
            }),
            long_head("10,000 fields", |_| {
                (0..10_000).map(|at| format!("X-{at}: v\r\n")).collect()
            }),
            long_head("10,000 fields of one name", |_| "a:b\r\n".repeat(10_000)),
            long_head("folded", |_| format!("X-Header: a\r\n{}", " b\r\n".repeat(1 << 18))),
        ],
    );

    // The end of TLS (RFC 9112, 9.8).
    let unbounded = |end: fn(&mut Peer, &[u8])| {
        move |mut peer: Peer, step: Step| {
            if peer.read_request() {
                let text = format!("HTTP/1.1 200 OK\r\n\r\n{}", tempting(step));
                end(&mut peer, text.as_bytes());
            }
        }
    };
    fault(
        "TLS: an answer without a length ends without close_notify",
        ConnectionLost,
        Unknown,
        1,
        vec![
            secure(unbounded(|peer, text| {
                peer.say(text);
            })),
            secure(|mut peer, step| {
                let text = format!("HTTP/1.0 200 OK\r\n\r\n{}", tempting(step));
                let _ = peer.read_request() && peer.say(text.as_bytes());
            })
            .label("HTTP/1.0, over TLS"),
            secure(unbounded(|peer, text| {
                peer.say(text);
                peer.end_output();
                peer.read_on();
            }))
            .label("the other direction stays, over TLS"),
        ],
    );
    fault(
        "TLS: an answer without a length ends with close_notify",
        Accepted,
        Yes,
        1,
        vec![secure(unbounded(|peer, text| {
            peer.say_last(text);
        }))],
    );
    fault(
        "an answer with a length, and the connection ends",
        Accepted,
        Yes,
        1,
        both(|mut peer: Peer, step| {
            let _ = peer.read_request() && peer.say(&ok(tempting(step)));
        })
        .into_iter()
        .chain(both(|mut peer: Peer, step| {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let text = format!("{head}{}", chunked(tempting(step)));
            let _ = peer.read_request() && peer.say(text.as_bytes());
        }))
        .collect(),
    );
}

/// An answer with a head that has these fields in it.
fn long_head(label: &str, fields: impl Fn(Step) -> String + Send + Sync + 'static) -> Scene {
    plain(move |mut peer, step| {
        let json = tempting(step);
        let head = format!("HTTP/1.1 200 OK\r\n{}Content-Length: {}", fields(step), json.len());
        let _ = peer.read_request() && peer.say(format!("{head}\r\n\r\n{json}").as_bytes());
        peer.stall();
    })
    .label(label)
}
