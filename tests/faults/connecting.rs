//! The rows of the fault matrix about what comes before a request: names, TCP, proxies (RFC 9110,
//! 9.3.6 and 15.2) and the TLS handshake.

use crate::support::dns::DnsFault;
use crate::support::script::Step;
use crate::support::{CA, VERIFIED, ca, http};

use super::scenario::*;
use Step::{AwaitBytes, Flood, ReadConnect, Reset, Stall, StartTls};

/// A proxy that answers to CONNECT with this and goes away.
fn answers(text: &str) -> Scenario {
    proxy([ReadConnect, Step::send(text)]).label(text)
}

/// A proxy that answers to CONNECT with this, and is the service then.
fn opens(label: &str, text: &str) -> Scenario {
    let [read, answer] = success();
    proxy([ReadConnect, Step::send(text), StartTls, read, answer]).label(label)
}

pub(super) fn rows() -> Vec<Fault> {
    let fields: String = (0..150).map(|at| format!("X-{at}: v\r\n")).collect();
    let verified = String::from_utf8(http::ok(VERIFIED)).expect("JSON is UTF-8");
    faults! {
        // No connection.
        "the name does not resolve" => NO_CONNECTION, resolved_by(DnsFault::NxDomain);
        "the resolver never answers" => TIMEOUT_UNSENT, resolved_by(DnsFault::NoAnswer).short();
        "the resolver does not answer within the connect timeout" => NO_CONNECTION,
            resolved_by(DnsFault::NoAnswer).short_connect();
        "the resolver fails" => NO_CONNECTION, resolved_by(DnsFault::ServFail);
        // A broadcast address: no connection leads there, and nothing leaves this machine.
        "no route to the address" => NO_CONNECTION, at("http://127.255.255.255:9/sms/verifySMS");
        "connection refused" => NO_CONNECTION, refused();
        "SYN never answered" => TIMEOUT_UNSENT, blackhole().short();
        "SYN not answered within the connect timeout" => NO_CONNECTION, blackhole().short_connect();

        // Proxies.
        "the proxy opens the tunnel: any 2xx, after any 1xx, whatever its headers" => ACCEPTED,
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
            ].map(|text| opens(text, text)),
            opens("a long head", &format!("HTTP/1.1 200 OK\r\n{fields}\r\n"));
        "the proxy refuses the tunnel, or answers something else" => NO_CONNECTION,
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
            ].map(answers),
            opens("bytes behind its answer", "HTTP/1.1 200 OK\r\n\r\nx"),
            opens("an answer of the service", &format!("HTTP/1.1 200 OK\r\n\r\n{verified}")),
            opens("a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        "the proxy's answer to CONNECT has no end" => NO_CONNECTION,
            [
                ("HTTP/1.1 200 OK\r\n", "X-Header: value\r\n"),
                ("HTTP/1.1 200 OK\r\nX-Header: ", "v"),
                ("HTTP/1.1 200 ", "O"),
                ("", "HTTP/1.1 100 Continue\r\n\r\n"),
            ].map(|(head, piece)| {
                proxy([ReadConnect, Step::send(head), Flood(piece)]).label(&format!("{head}{piece}"))
            });
        "the proxy is where the service is, and answers 403 to CONNECT" => NO_CONNECTION,
            ["https", "http"].map(|scheme| {
                proxy_at_the_service(scheme, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            });
        "the proxy never answers to CONNECT, or not to its end" => TIMEOUT_UNSENT,
            ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"]
                .map(|begun| proxy_at_the_service("https", begun).short());

        // No TLS.
        "TLS: the certificate has expired" => NO_TLS, handshake(|| CA.expired());
        "TLS: the certificate is self-signed" => NO_TLS, handshake(ca::self_signed);
        "TLS: the certificate is for another name" => NO_TLS, handshake(|| CA.wrong_name());
        "TLS: the certificate is an authority's" => NO_TLS, handshake(|| CA.of_an_authority());
        "TLS: the server wants a certificate of the client" => NO_TLS,
            handshake(|| CA.with_client_auth(&rustls::version::TLS12));
        "TLS: the server does not speak TLS" => NO_TLS,
            below_tls([
                AwaitBytes,
                response_step(400, &[], "This is not the port you are looking for"),
                Stall,
            ]);
        "TLS: the server closes in the handshake" => NO_TLS,
            below_tls([AwaitBytes]), below_tls([AwaitBytes, Reset]).label("RST");
        "TLS: the handshake stalls" => TIMEOUT_UNSENT, below_tls([Stall]).short();
        "TLS: the handshake is not done within the connect timeout" => NO_TLS,
            below_tls([Stall]).short_connect();
    }
}
