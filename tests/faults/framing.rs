//! The rows of the fault matrix about how HTTP frames an answer: RFC 9112 (2.2, 4, 5.1, 5.2, 6.1 to
//! 6.3, 7.1, 9.8) and RFC 9110 (15.2, 15.3), and what servers make of them.
//!
//! Whatever contradicts itself is no answer; what the RFCs have a client accept is one.

use crate::support::script::{OK, Step};

use super::scenario::*;
use Step::{Drain, ReadRequest, SendWithCloseNotify, ShutdownWrite, Stall};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
/// An answer that ends with its connection.
const UNSIZED: &str = "HTTP/1.1 200 OK\r\n\r\nJSON";

/// Success with these lines in the head, beside a right length.
fn with(lines: &str) -> Scenario {
    staying(lines, format!("HTTP/1.1 200 OK\r\n{lines}\r\nContent-Length: LEN\r\n\r\nJSON"))
}

/// Success with this first line.
fn first_line(line: &str) -> Scenario {
    staying(line, format!("{line}\r\nContent-Length: LEN\r\n\r\nJSON"))
}

/// Success with these lengths, N for the right one.
fn with_length(lengths: &str) -> Scenario {
    let lines = lengths.replace('N', "LEN");
    staying(lengths, format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\nJSON"))
}

/// Success in one chunk with this size line, N for the right number.
fn with_size(size: &str) -> Scenario {
    let line = size.replace('N', "HEX");
    staying(&format!("{size:?}"), format!("{CHUNKED}{line}\r\nJSON\r\n0\r\n\r\n"))
}

/// Success with these fields in the head.
fn long_head(label: &str, fields: &str) -> Scenario {
    staying(label, format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: LEN\r\n\r\nJSON"))
}

/// So many fields, whose names end with a number.
fn numbered(count: usize, name: &str, value: &str) -> String {
    (0..count).map(|at| format!("{name}-{at}: {value}\r\n")).collect()
}

/// Success with this status and these fields.
fn status(status: u16, fields: &[&str]) -> Scenario {
    let lines: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    let head = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: LEN\r\n{lines}");
    staying(&format!("{status} {}", fields.join(" ")), format!("{head}\r\nJSON"))
}

/// Success with these codings, in chunks and without, after which the server closes.
fn coded(lines: &str) -> [Scenario; 2] {
    [("in chunks", "CHUNKED_BODY"), ("as it is", "JSON")].map(|(label, body)| {
        closing(&format!("{lines} {label}"), format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{body}"))
    })
}

/// Success with these codings and lengths, N for the right one, in chunks and without.
fn coded_and_sized(lines: &str) -> [Scenario; 2] {
    [("in chunks", "CHUNKED_SIZE", "CHUNKED_BODY"), ("as it is", "LEN", "JSON")].map(
        |(label, length, body)| {
            let head = lines.replace('N', length);
            let text = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
            staying(&format!("{lines} {label}"), text)
        },
    )
}

/// Success with more bytes behind it.
fn followed_by((label, behind): (&str, &str)) -> [Scenario; 3] {
    let sized = format!("HTTP/1.1 200 OK\r\nContent-Length: LEN\r\n\r\nJSON{behind}");
    [
        staying(label, sized),
        staying(&format!("{label}, behind chunks"), format!("{CHUNKED}CHUNKED_BODY{behind}")),
        secure([ReadRequest, Step::send(format!("{OK}{behind}")), Stall])
            .label(&format!("{label}, over TLS")),
    ]
}

pub(super) fn rows() -> Vec<Fault> {
    let switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n";
    let kilobyte = "v".repeat(1024);
    faults! {
        // RFC 9110, 15.3: the others say that there is another answer, or none, or a part of one.
        "201, 202, 203, 204, 205, 206, 207, 226, 299 with the service's OK" => BAD_REPLY,
            [201, 202, 203, 204, 205, 206, 207, 226, 299].map(|number| status(number, &[])),
            status(206, &["Content-Range: bytes 0-12/40"]),
            status(206, &["Content-Range: bytes 0-88/89"]);
        "200 with a Content-Range" => BAD_REPLY,
            with("Content-Range: bytes 0-12/40"), with("content-range: bytes */40");
        "101 Switching Protocols with the service's OK" => HTTP_STATUS,
            staying("101", format!("{switching}Content-Length: LEN\r\n\r\nJSON")),
            staying(
                "101 before a 200",
                format!("{switching}\r\nHTTP/1.1 200 OK\r\nContent-Length: LEN\r\n\r\nJSON"),
            );
        "1xx before the answer" => ACCEPTED,
            [
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 100\r\n\r\n",
                "HTTP/1.1 102 Processing\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n",
                "HTTP/1.1 199 Whatever\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Go on\r\n\r\n",
            ].map(|before| {
                staying(before, format!("{before}HTTP/1.1 200 OK\r\nContent-Length: LEN\r\n\r\nJSON"))
            });

        // Codings.
        "Transfer-Encoding beside Content-Length" => BAD_REPLY,
            [
                "Transfer-Encoding: chunked\r\nContent-Length: N",
                "Content-Length: N\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nContent-Length: 5",
                "Content-Length: 0\r\ntransfer-encoding: Chunked",
                "Transfer-Encoding: identity\r\nContent-Length: N",
                "Transfer-Encoding: gzip\r\nContent-Length: N",
            ].into_iter().flat_map(coded_and_sized);
        "a Transfer-Encoding other than chunked" => BAD_REPLY,
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
            ].into_iter().flat_map(coded);
        "chunks in an HTTP/1.0 answer" => BAD_REPLY,
            staying("", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nCHUNKED_BODY");
        "a Content-Encoding, which was not asked for" => BAD_REPLY,
            [
                "Content-Encoding: gzip",
                "Content-Encoding: x-gzip",
                "content-encoding: br",
                "Content-Encoding: deflate",
                "Content-Encoding: zstd",
                "Content-Encoding: identity",
                "Content-Encoding: identity, gzip",
            ].map(with);

        // Lengths.
        "a Content-Length that is none, or several" => BAD_REPLY,
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
            ].map(with_length);
        "a Content-Length with zeros before it" => ACCEPTED, with_length("Content-Length: 00N");
        "a chunk's size with a sign, a blank, a point or too many digits" => BAD_REPLY,
            [
                "+N", "-N", " N", "N N", "0xN", "N.0", "N,", "\tN", "\"N\"", "10000000000000000N",
                "1000000000000000000000N", "N\n", "N\r", "N;a\nb", "\r\nN",
            ].map(with_size);
        "a chunk is longer or shorter than its size" => BAD_REPLY,
            staying("by 1", format!("{CHUNKED}HEX+1\r\nJSON\r\n0\r\n\r\n")),
            staying("by -1", format!("{CHUNKED}HEX-1\r\nJSON\r\n0\r\n\r\n"));
        "chunks with extensions, trailers, capitals and zeros" => ACCEPTED,
            ["N;name=value", "N;a=\"b;c\"", "N;a", "N ; a = b", "0000N", "N;a=b;c=d", "N  "].map(with_size),
            staying("trailers", "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\nTrailer: X\r\n\r\n\
                UPPERCASE_HEX\r\nJSON\r\n000\r\nX: y\r\nContent-Length: 3\r\n\r\n"),
            staying("blanks around",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: \t chunked \t\r\n\r\nCHUNKED_BODY");
        "more bytes behind the answer" => BAD_REPLY,
            [
                ("an answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                ("one byte", "x"),
                ("an empty line", "\r\n"),
                ("HTML", "<html>"),
            ].into_iter().flat_map(followed_by);

        // The lines of a head.
        "a head that breaks the rules" => BAD_REPLY,
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
            ].map(with),
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
            ].map(first_line);
        "a head as servers write it" => ACCEPTED,
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
            ].map(with),
            [
                "HTTP/1.1 200",
                "HTTP/1.1 200 ",
                "HTTP/1.1 200 \u{5d8}\u{5d5}\u{5d1}",
                "HTTP/1.1 200 Very Well Done",
            ].map(first_line),
            staying("lines without a carriage return",
                "HTTP/1.1 200 OK\nServer: x\nContent-Length: LEN\n\nJSON"),
            staying("the length last and without blanks",
                "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length:LEN\r\n\r\nJSON"),
            closing("no length, until the end", UNSIZED);
        "a head of 20 KiB or of 150 fields" => ACCEPTED,
            long_head("one field", &format!("X-Header: {}\r\n", "v".repeat(20 * 1024))),
            long_head("many fields", &numbered(20, "X-Header", &kilobyte)),
            long_head("150 fields", &numbered(150, "X", "v"));
        "a head of 1 MiB or of 10,000 fields" => BAD_REPLY,
            long_head("one field", &format!("X-Header: {}\r\n", "v".repeat(1 << 20))),
            long_head("many fields", &numbered(1024, "X-Header", &kilobyte)),
            long_head("10,000 fields", &numbered(10_000, "X", "v")),
            long_head("10,000 fields of one name", &"a:b\r\n".repeat(10_000)),
            long_head("folded", &format!("X-Header: a\r\n{}", " b\r\n".repeat(1 << 18)));

        // The end of TLS (RFC 9112, 9.8).
        "TLS: an answer without a length ends without close_notify" => LOST,
            secure([ReadRequest, Step::send(UNSIZED)]),
            secure([ReadRequest, Step::send("HTTP/1.0 200 OK\r\n\r\nJSON")]).label("HTTP/1.0, over TLS"),
            secure([ReadRequest, Step::send(UNSIZED), ShutdownWrite, Drain])
                .label("half-closed, over TLS");
        "TLS: an answer without a length ends with close_notify" => ACCEPTED,
            secure([ReadRequest, SendWithCloseNotify(UNSIZED.into())]);
        "an answer with a length, and the connection ends" => ACCEPTED,
            both(success()),
            both([ReadRequest, Step::send(format!("{CHUNKED}CHUNKED_BODY"))]);
    }
}
