//! A plain HTTP client for tests of the sandbox: one connection, requests as written, responses as they come.
#![allow(dead_code, reason = "every test program uses only a part")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use serde_json::Value;

/// The path of the service's URL.
pub(crate) const SERVICE_PATH: &str = "/sms/verifySMS";

/// The sandbox's default key.
pub(crate) const API_KEY: (&str, &str) = ("apiKey", "sandbox-key");

/// A connection for any number of requests.
pub(crate) struct HttpConnection {
    pub(crate) stream: BufReader<TcpStream>,
}

pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl HttpConnection {
    pub(crate) fn open(address: impl ToSocketAddrs) -> HttpConnection {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        HttpConnection { stream: BufReader::new(stream) }
    }

    pub(crate) fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &[u8],
    ) -> HttpResponse {
        self.write_request(method, path, headers, body);
        self.read_response()
    }

    pub(crate) fn write_request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &[u8],
    ) {
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|header| header.starts_with("Host:")) {
            request.push_str("Host: localhost\r\n");
        }
        for header in headers {
            request.push_str(&format!("{header}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        self.stream.get_mut().write_all(&[request.as_bytes(), body].concat()).unwrap();
    }

    pub(crate) fn read_response(&mut self) -> HttpResponse {
        let status = self.read_line().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<String> =
            std::iter::from_fn(|| Some(self.read_line()).filter(|line| !line.is_empty()))
                .map(|line| line.to_ascii_lowercase())
                .collect();
        let length = headers.iter().find_map(|header| header.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.stream.read_exact(&mut body).unwrap();
        HttpResponse { status, headers, body: String::from_utf8(body).unwrap() }
    }

    pub(crate) fn read_line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.stream.read_line(&mut line).unwrap() > 0, "the connection is closed");
        line.trim_end_matches("\r\n").to_owned()
    }

    /// What arrives until the end of the connection, and the error if that is not a close.
    pub(crate) fn read_rest(&mut self) -> (Vec<u8>, Option<ErrorKind>) {
        let mut rest = Vec::new();
        let end = self.stream.read_to_end(&mut rest);
        (rest, end.err().map(|error| error.kind()))
    }

    pub(crate) fn get(&mut self, path: &str) -> HttpResponse {
        self.request("GET", path, &[], b"")
    }

    pub(crate) fn post_json(&mut self, path: &str, body: &Value) -> HttpResponse {
        let content_type = "Content-Type: application/json";
        self.request("POST", path, &[content_type], body.to_string().as_bytes())
    }

    /// Posts a form to the service.
    pub(crate) fn multipart(&mut self, fields: &[(&str, &str)]) -> HttpResponse {
        self.write_multipart(fields);
        self.read_response()
    }

    pub(crate) fn write_multipart(&mut self, fields: &[(&str, &str)]) {
        let mut body = String::new();
        for (name, value) in fields {
            body.push_str(&format!(
                "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str("--b0undary--\r\n");
        let content_type = "Content-Type: multipart/form-data; boundary=b0undary";
        self.write_request("POST", SERVICE_PATH, &[content_type], body.as_bytes());
    }

    /// Posts a form to the service, in the other encoding.
    pub(crate) fn urlencoded(&mut self, fields: &[(&str, &str)]) -> HttpResponse {
        let escape = |text: &str| -> String { text.bytes().map(|b| format!("%{b:02X}")).collect() };
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let content_type = "Content-Type: application/x-www-form-urlencoded";
        self.request("POST", SERVICE_PATH, &[content_type], pairs.join("&").as_bytes())
    }
}

impl HttpResponse {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Whether a header begins so.
    pub(crate) fn has_header(&self, header: &str) -> bool {
        self.headers.iter().any(|other| other.starts_with(header))
    }
}
