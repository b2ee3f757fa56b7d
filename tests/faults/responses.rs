//! The rows of the fault matrix about connections that end, answers that are slow, cut off, endless
//! or not the service's, and connections that were used before.

use std::time::Duration;

use crate::support::script::{OK, Step};
use crate::support::server::RawServer;
use crate::support::{REFUSED as FAIL, SENT, SENT_BEFORE, VERIFIED};

use super::scenario::*;
use Step::{
    AwaitRequest, Drain, Flood, ReadHalf, ReadRequest, Reset, SendRaw, SendWithCloseNotify,
    ShutdownWrite, Stall, Trickle,
};

/// The head of a chunked answer.
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Plain, over TLS, and with a request that leaves in many pieces.
fn thrice(steps: impl Into<Vec<Step>>) -> Vec<Scenario> {
    let steps = steps.into();
    both(steps.clone()).into_iter().chain(plain(steps).large()).collect()
}

/// The steps of a server that answers with success slowly.
fn slowly(pause: Duration) -> [Step; 2] {
    [ReadRequest, Trickle(OK.into(), pause)]
}

/// A server that answers with success under this head, and closes.
fn headed(head: &str) -> Scenario {
    closing(head, format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nJSON"))
}

/// The same, and the connection stays open.
fn headed_and_staying(head: &str) -> Scenario {
    staying(head, format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nJSON"))
}

/// Two lengths, of which either makes an answer that could be believed.
fn differing_lengths(separator: &str) -> Scenario {
    let lengths = format!("Content-Length: LEN{separator}LEN+2");
    staying(separator.trim(), format!("HTTP/1.1 200 OK\r\n{lengths}\r\n\r\nJSON  "))
}

/// The steps of a server that begins an answer and never ends it.
fn endless(begin: impl Into<String>, piece: &'static str) -> [Step; 3] {
    [ReadRequest, Step::send(begin), Flood(piece)]
}

/// The HTTP errors that a service, a gateway or a proxy answers with.
fn errors(body: &str) -> Vec<Scenario> {
    let statuses = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504];
    let scenario = |status: u16| {
        plain([ReadRequest, response_step(status, &[], body)]).label(&status.to_string())
    };
    statuses.map(scenario).into()
}

/// An accepted Send, after which the server does this with the connection.
fn used(then: impl IntoIterator<Item = Step>) -> Vec<Step> {
    [ReadRequest, ok_step(SENT_BEFORE)].into_iter().chain(then).collect()
}

/// A server that refuses every request, and says this besides on the first connection.
fn refusing(more: &[&str], place: fn(Vec<Step>, Vec<Step>) -> Scenario) -> Scenario {
    let first = more.iter().map(|&text| Step::send(text));
    let first = [ReadRequest].into_iter().chain(first).chain([Drain]).collect();
    let others = vec![ReadRequest, Step::send("REFUSAL"), Drain];
    place(first, others).after(Earlier::TheSame, |server| server.wait_for_sent(2))
}

pub(super) fn rows_before_framing() -> Vec<Fault> {
    let second = Duration::from_secs(1);
    faults! {
        // The connection ends.
        "the server closes before it reads" => LOST, thrice([AwaitRequest]);
        "the server closes after half of the request" => LOST, thrice([ReadHalf]);
        "the server closes after all of the request" => LOST, thrice([ReadRequest]);
        "the server sends RST before it reads" => LOST, thrice([AwaitRequest, Reset]);
        "the server sends RST after half of the request" => LOST, thrice([ReadHalf, Reset]);
        "the server sends RST after all of the request" => LOST, thrice([ReadRequest, Reset]);
        "the server half-closes before it reads" => LOST,
            plain([AwaitRequest, ShutdownWrite, Drain]);

        // Too slow.
        "no answer until after the deadline" => TIMEOUT, both([ReadRequest, Stall]).map(Scenario::short);
        "the request is never read" => TIMEOUT, plain([AwaitRequest, Stall]).large().short();
        "the answer comes one byte a second" => TIMEOUT,
            plain(slowly(second)).short(),
            plain(slowly(second / 100)).short().label("a hundred bytes a second"),
            secure(slowly(second / 100)).short();
        "a head, never a body" => TIMEOUT,
            ["Content-Length: 40", "Transfer-Encoding: chunked", "Connection: close"]
                .map(|head| staying(head, format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n")).short());

        // The length is wrong.
        "the head of an HTTP error, never its body" => TIMEOUT,
            staying("", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 40\r\n\r\n").short();
        "a chunked answer is cut off" => LOST,
            both([ReadRequest, Step::send(format!("{CHUNKED}HEX\r\nJSON\r\n"))]),
            closing("in a chunk", format!("{CHUNKED}40\r\n{{")),
            closing("in a size", format!("{CHUNKED}HEX\r\nJSON\r\n4"));
        "an answer without a length ends in RST" => LOST,
            plain([ReadRequest, Step::send("HTTP/1.1 200 OK\r\n\r\nJSON"), Reset]);
        "a chunk's size is no number" => BAD_REPLY,
            ["zz", "-1", "fffffffffffffffff", "0x10", ""]
                .map(|size| staying(size, format!("{CHUNKED}{size}\r\nJSON\r\n0\r\n\r\n")));
        "Content-Length is larger than the body" => LOST,
            headed("Content-Length: 200"),
            secure([ReadRequest, Step::send("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nJSON")]);
        "Content-Length is larger than the body, and the connection stays open" => TIMEOUT,
            headed_and_staying("Content-Length: 200").short();
        "Content-Length is smaller than the body" => BAD_REPLY,
            headed_and_staying("Content-Length: 13"), headed("Content-Length: 0");
        "Content-Length is negative or no number" => BAD_REPLY,
            ["-1", "-40", "abc", "99999999999999999999999", "1e3", ""]
                .map(|length| headed_and_staying(&format!("Content-Length: {length}")));
        "Content-Length stands twice and differs" => BAD_REPLY,
            differing_lengths("\r\nContent-Length: "), differing_lengths(", ");
    }
}

pub(super) fn rows_after_framing() -> Vec<Fault> {
    let ok_in_100_mb = "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\nJSON";
    let two_interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let closed: fn(&RawServer) = |server| server.wait_for_closed(1);
    let kept = |scenario: Scenario| scenario.after(Earlier::Send, |_| {});
    faults! {
        // Too much.
        "100 MB of body" => BAD_REPLY,
            plain(endless(ok_in_100_mb, "x")),
            plain(endless(ok_in_100_mb, " ")).label("of blanks"),
            secure(endless(ok_in_100_mb, " ")),
            plain(endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nJSON", " ")).label("without a length"),
            plain(endless(format!("{CHUNKED}HEX\r\nJSON\r\n"), "4\r\n    \r\n")).label("in chunks"),
            plain(endless(format!("{CHUNKED}HEX\r\nJSON\r\n0\r\n"), "X-Trailer: value\r\n"))
                .label("in trailers"),
            plain(endless(format!("{CHUNKED}1;a="), "b")).label("in a chunk's extension"),
            plain(endless(CHUNKED, "0")).label("in a chunk's size");
        "100 MB of head" => BAD_REPLY,
            plain(endless("HTTP/1.1 200 OK\r\n", "X-Header: value\r\n")),
            plain(endless("HTTP/1.1 200 OK\r\nX-Header: ", "v")).label("in one header"),
            plain(endless("HTTP/1.1 200 ", "O")).label("in the first line"),
            plain(endless("", "\r\n")).label("in empty lines");
        "100 MB of 100 Continue" => BAD_REPLY,
            plain(endless("", "HTTP/1.1 100 Continue\r\n\r\n")),
            plain(endless("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")).label("103");

        // HTTP answers that are not the service's.
        "301, 302, 307, 308 to another host" => HTTP_STATUS, [301, 302, 307, 308].map(redirects);
        "400, 401, 403, 404, 413, 429, 500, 502, 503, 504 with HTML" => HTTP_STATUS,
            errors("<html><body><h1>Bad Gateway</h1></body></html>");
        "the same, empty" => HTTP_STATUS, errors("");
        "the same with the service's OK to a Send" => HTTP_STATUS, errors(SENT);
        "the same with the service's OK to a Check" => HTTP_STATUS, errors(VERIFIED);
        "the same with the service's FAIL" => REJECTED, errors(FAIL);
        "the same, and the body is cut off" => HTTP_STATUS,
            closing("", "HTTP/1.1 503 Unavailable\r\nContent-Length: 99\r\n\r\n<html>");
        "200 with HTML or without a body" => BAD_REPLY,
            plain([ReadRequest, ok_step("<html><body>Welcome to our network</body></html>")]),
            plain([ReadRequest, ok_step("")]).label("empty"),
            closing("204", "HTTP/1.1 204 No Content\r\n\r\n");

        // Answers that are good.
        "HTTP/1.0" => ACCEPTED,
            closing("", "HTTP/1.0 200 OK\r\nContent-Length: LEN\r\n\r\nJSON"),
            closing("without a length", "HTTP/1.0 200 OK\r\n\r\nJSON");
        "the answer comes in small pieces" => ACCEPTED,
            both(slowly(Duration::ZERO)),
            plain([ReadRequest, Trickle(format!("{CHUNKED}TWO_CHUNKS0\r\n\r\n"), Duration::ZERO), Stall])
                .label("in chunks");
        "100 Continue and 103 Early Hints before the answer" => ACCEPTED,
            plain([ReadRequest, Step::send(format!("{two_interim}{OK}")), Drain]);
        "the answer is sent before the request was read" => ACCEPTED,
            both([AwaitRequest, Step::send(OK), Drain]);

        // A connection that was used before.
        "the kept connection is closed between calls" => ACCEPTED,
            plain_twice(used([]), success()).after(Earlier::Send, closed),
            secure_twice(used([]), success()).after(Earlier::Send, closed),
            plain_twice(used([Reset]), success()).after(Earlier::Send, closed).label("with RST"),
            // What HAProxy sends to an idle client.
            plain_twice(
                used([Step::send("HTTP/1.0 408 Request Time-out\r\nConnection: close\r\n\r\n")]),
                success(),
            ).after(Earlier::Send, closed).label("with a 408"),
            secure_twice(used([SendWithCloseNotify(String::new()), Stall]), success())
                .after(Earlier::Send, |server| server.wait_for_sent(2)).label("over TLS alone");
        "the kept connection is closed while the next call writes" => LOST,
            kept(plain_twice(used([AwaitRequest]), success())),
            kept(secure_twice(used([AwaitRequest]), success())),
            kept(plain_twice(used([ReadHalf]), success())).large();

        // Not HTTP.
        "the answer is not HTTP" => BAD_REPLY,
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
            ].map(|text| staying(text.lines().next().unwrap_or_default(), text));
        "damaged TLS after the handshake" => LOST,
            secure([
                ReadRequest,
                SendRaw(b"\x17\x03\x03\x00\x20 this was never encrypted, so no"),
                Stall,
            ]);

        // The second of two answers must not be taken for that of the next call, which would let
        // somebody in: the service says no to the first call, and no to the next.
        "the call before was answered twice, the second time with a yes" => REFUSED,
            refusing(&[&format!("REFUSAL{OK}"), ""], plain_twice),
            refusing(&["REFUSALPADDED_OK", ""], plain_twice).label("the second is long"),
            refusing(&["REFUSAL", OK], plain_twice).label("the second comes later"),
            refusing(&[&format!("REFUSAL{OK}"), ""], secure_twice),
            refusing(&["REFUSALPADDED_OK", ""], secure_twice).label("over TLS, the second is long"),
            refusing(&["REFUSAL", OK], secure_twice).label("over TLS, the second comes later");
    }
}
