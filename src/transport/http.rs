//! HTTP/1.1 (RFC 9112): the head of a request, the head of an answer and what it says of the body.
//!
//! Knows bytes only. What contradicts itself is a flaw: such an answer may be another's, or cut.

use std::mem::MaybeUninit;
use std::time::Duration;

/// The longest head of an answer, in bytes.
pub(super) const HEAD_LONGEST: usize = 64 * 1024;
/// The most fields of a head.
const FIELDS_MOST: usize = 256;
/// How long an idle connection is kept unless the server says less. Servers close theirs after 60 s
/// (Apache behind a balancer, AWS), 65 s (node behind one), 75 s (nginx), 120 s (IIS).
pub(super) const IDLE_LONGEST: Duration = Duration::from_secs(60);
/// How much earlier than the server an idle connection is given up.
const IDLE_MARGIN: Duration = Duration::from_secs(1);
/// The longest line between chunks, in bytes.
const CHUNK_LINE_LONGEST: usize = 4 * 1024;

/// How the body ends (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(usize),
    Chunked,
    UntilClose,
}

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) framing: Framing,
    /// Why the head leaves a doubt where the answer ends, or what its body means.
    pub(super) flaw: Option<&'static str>,
    /// How long the connection may be idle afterwards; None if it ends with this answer.
    pub(super) idle: Option<Duration>,
}

impl Head {
    /// Whether another head follows (RFC 9110, section 15.2). 101 is the end of HTTP.
    pub(super) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// Reads a head and says how long it is; None if its end has not come yet.
    pub(super) fn parse(input: &[u8]) -> Result<Option<(usize, Head)>, &'static str> {
        const BEGINNING: &[u8] = b"HTTP/1.";
        let common = BEGINNING.len().min(input.len());
        if input[..common] != BEGINNING[..common] {
            return Err("it is not HTTP/1");
        }
        let mut fields = [MaybeUninit::uninit(); FIELDS_MOST];
        let mut response = httparse::Response::new(&mut []);
        let mut parser = httparse::ParserConfig::default();
        parser.allow_obsolete_multiline_headers_in_responses(true);
        let length =
            match parser.parse_response_with_uninit_headers(&mut response, input, &mut fields) {
                Ok(httparse::Status::Complete(length)) => length,
                Ok(httparse::Status::Partial) if input.len() < HEAD_LONGEST => return Ok(None),
                Ok(httparse::Status::Partial) => return Err("its head is too long"),
                Err(httparse::Error::TooManyHeaders) => return Err("its head has too many fields"),
                Err(_) => return Err("its head is malformed"),
            };
        let status =
            response.code.filter(|&status| status >= 100).ok_or("it has no HTTP status")?;
        let fields = Fields::collect(response.headers);
        let head = Head::new(status, response.version == Some(1), &fields);
        Ok(Some((length, head)))
    }

    fn new(status: u16, is_1_1: bool, fields: &Fields<'_>) -> Head {
        let (framing, framing_flaw) = match fields.framing(is_1_1) {
            _ if matches!(status, 100..200 | 204 | 304) => (Framing::None, None),
            Ok(framing) => (framing, None),
            Err(flaw) => (Framing::None, Some(flaw)),
        };
        let flaw = framing_flaw.or({
            if fields.is_encoded {
                Some("it has a Content-Encoding, which was not asked for")
            } else if fields.is_range {
                Some("it is a part of a larger answer (Content-Range)")
            } else {
                None
            }
        });
        let stays = !fields.close && (is_1_1 || fields.keep_alive);
        let idle = fields.timeout.map_or(IDLE_LONGEST, |timeout| {
            Duration::from_secs(timeout).saturating_sub(IDLE_MARGIN).min(IDLE_LONGEST)
        });
        let is_kept = stays && framing != Framing::UntilClose && flaw.is_none() && !idle.is_zero();
        Head { status, framing, flaw, idle: is_kept.then_some(idle) }
    }
}

/// The fields that say where an answer ends and what becomes of its connection.
#[derive(Default)]
struct Fields<'a> {
    length: Option<&'a [u8]>,
    coding: Option<&'a [u8]>,
    /// A field that may stand once stands again.
    is_repeated: bool,
    is_encoded: bool,
    is_range: bool,
    close: bool,
    keep_alive: bool,
    timeout: Option<u64>,
}

impl<'a> Fields<'a> {
    fn collect(headers: &[httparse::Header<'a>]) -> Fields<'a> {
        let mut fields = Fields::default();
        for header in headers {
            // A folded line is a space (RFC 9112, section 5.2).
            let value = header.value.trim_ascii();
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if is("content-length") {
                fields.is_repeated |= fields.length.replace(value).is_some();
            } else if is("transfer-encoding") {
                fields.is_repeated |= fields.coding.replace(value).is_some();
            } else if is("content-encoding") {
                fields.is_encoded = true;
            } else if is("content-range") {
                fields.is_range = true;
            } else if is("connection") {
                fields.close |= tokens(value).any(|token| token.eq_ignore_ascii_case(b"close"));
                fields.keep_alive |=
                    tokens(value).any(|token| token.eq_ignore_ascii_case(b"keep-alive"));
            } else if is("keep-alive") {
                fields.timeout = tokens(value).find_map(timeout).or(fields.timeout);
            }
        }
        fields
    }

    fn framing(&self, is_1_1: bool) -> Result<Framing, &'static str> {
        if self.is_repeated {
            return Err("its Content-Length or Transfer-Encoding stands there twice");
        }
        match (self.coding, self.length) {
            (Some(_), Some(_)) => Err("it has a Transfer-Encoding beside a Content-Length"),
            (Some(coding), None) if is_1_1 && coding.eq_ignore_ascii_case(b"chunked") => {
                Ok(Framing::Chunked)
            }
            (Some(_), None) if is_1_1 => Err("its Transfer-Encoding is not chunked"),
            (Some(_), None) => Err("it has a Transfer-Encoding, which HTTP/1.0 has not"),
            (None, Some(length)) => {
                decimal(length).map(Framing::Length).ok_or("its Content-Length is not a number")
            }
            (None, None) => Ok(Framing::UntilClose),
        }
    }
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// The number in `timeout=5` of a Keep-Alive field, in seconds.
fn timeout(token: &[u8]) -> Option<u64> {
    let (name, value) = token.split_at(token.iter().position(|&byte| byte == b'=')?);
    let is_timeout = name.trim_ascii().eq_ignore_ascii_case(b"timeout");
    let value = value[1..].trim_ascii();
    let value = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
    is_timeout.then(|| decimal(value)).flatten().map(|seconds| seconds as u64)
}

/// Digits and nothing else.
fn decimal(text: &[u8]) -> Option<usize> {
    let is_number = (1..=18).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| is_number)?.parse().ok()
}

/// Takes the chunks of a body apart (RFC 9112, section 7.1).
#[derive(Debug, Default)]
pub(super) struct Chunks {
    state: ChunkState,
    /// The bytes of the trailer section so far.
    trailers: usize,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum ChunkState {
    #[default]
    Size,
    Data(usize),
    DataEnd,
    Trailers,
    Over,
}

/// What comes next in a chunked body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// So many bytes that mean nothing.
    Skip(usize),
    /// So many bytes of the body.
    Data(usize),
    /// More has to come.
    More,
    End,
}

impl Chunks {
    /// Says what `input` begins with.
    pub(super) fn next(&mut self, input: &[u8]) -> Result<Piece, &'static str> {
        match self.state {
            ChunkState::Size => {
                let Some((line, length)) = line(input)? else { return Ok(Piece::More) };
                self.state = match chunk_size(line)? {
                    0 => ChunkState::Trailers,
                    size => ChunkState::Data(size),
                };
                Ok(Piece::Skip(length))
            }
            ChunkState::Data(_) if input.is_empty() => Ok(Piece::More),
            ChunkState::Data(size) => {
                let count = size.min(input.len());
                self.state = match size - count {
                    0 => ChunkState::DataEnd,
                    left => ChunkState::Data(left),
                };
                Ok(Piece::Data(count))
            }
            ChunkState::DataEnd => match input {
                [] | [b'\r'] => Ok(Piece::More),
                [b'\r', b'\n', ..] => {
                    self.state = ChunkState::Size;
                    Ok(Piece::Skip(2))
                }
                _ => Err("a chunk does not end where its size says"),
            },
            ChunkState::Trailers => {
                let Some((line, length)) = line(input)? else { return Ok(Piece::More) };
                self.trailers += length;
                if self.trailers > CHUNK_LINE_LONGEST {
                    return Err("its trailer section is too long");
                }
                if line.is_empty() {
                    self.state = ChunkState::Over;
                }
                Ok(Piece::Skip(length))
            }
            ChunkState::Over => Ok(Piece::End),
        }
    }
}

/// The first line of `input`, and its length with its end; None if that has not come yet.
fn line(input: &[u8]) -> Result<Option<(&[u8], usize)>, &'static str> {
    let Some(end) = input.iter().position(|&byte| byte == b'\n') else {
        return match input.len() > CHUNK_LINE_LONGEST {
            true => Err("a line between its chunks is too long"),
            false => Ok(None),
        };
    };
    match input[..end].split_last() {
        Some((b'\r', line)) if !line.contains(&b'\r') => Ok(Some((line, end + 1))),
        _ => Err("a line between its chunks does not end with CR LF"),
    }
}

/// The number in `1a;name=value`.
fn chunk_size(line: &[u8]) -> Result<usize, &'static str> {
    let end = line.iter().position(|&byte| byte == b';').unwrap_or(line.len());
    let size = line[..end].trim_ascii_end();
    let is_number = (1..=8).contains(&size.len()) && size.iter().all(u8::is_ascii_hexdigit);
    std::str::from_utf8(size)
        .ok()
        .filter(|_| is_number)
        .and_then(|size| usize::from_str_radix(size, 16).ok())
        .ok_or("the size of a chunk is not a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(fields: &str) -> Head {
        let text = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        let (length, head) = Head::parse(text.as_bytes()).expect(fields).expect(fields);
        assert_eq!(length, text.len());
        head
    }

    #[test]
    fn a_body_ends_in_one_way() {
        for (fields, framing) in [
            ("", Framing::UntilClose),
            ("Content-Length: 5\r\n", Framing::Length(5)),
            ("content-length:\t5 \r\n", Framing::Length(5)),
            ("Content-Length:\r\n 5\r\n", Framing::Length(5)),
            ("Transfer-Encoding: Chunked\r\n", Framing::Chunked),
            ("Content-Length: 005\r\n", Framing::Length(5)),
        ] {
            let head = head(fields);
            assert_eq!((head.framing, head.flaw), (framing, None), "{fields:?}");
        }
    }

    #[test]
    fn an_interim_answer_is_followed_by_another() {
        let parsed = |status| {
            let text = format!("HTTP/1.1 {status} Some\r\n\r\n");
            Head::parse(text.as_bytes()).expect("a head").expect("all of it").1
        };
        for (status, is_interim) in
            [(100, true), (101, false), (102, true), (103, true), (199, true), (200, false)]
        {
            assert_eq!(parsed(status).is_interim(), is_interim, "{status}");
        }
        for status in [100, 150, 199, 204, 304] {
            assert_eq!(parsed(status).framing, Framing::None, "{status}");
        }
        for status in [200, 205, 300, 303, 305, 500] {
            assert_eq!(parsed(status).framing, Framing::UntilClose, "{status}");
        }
        assert!(Head::parse(b"HTTP/1.1 099 Some\r\n\r\n").is_err());
    }

    #[test]
    fn what_contradicts_itself_is_a_flaw() {
        for fields in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "Content-Length: 5\r\nContent-Length: 12\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 0x5\r\n",
            "Content-Length: 5\r\n 5\r\n",
            "Content-Length: \r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Transfer-Encoding: gzip\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked, chunked\r\n",
            "Transfer-Encoding: identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: \r\n",
            "Content-Encoding: gzip\r\nContent-Length: 5\r\n",
            "Content-Encoding: identity\r\nContent-Length: 5\r\n",
            "Content-Range: bytes 0-12/40\r\nContent-Length: 13\r\n",
        ] {
            let head = head(fields);
            assert!(head.flaw.is_some(), "{fields:?}");
            assert_eq!(head.idle, None, "{fields:?}");
        }
    }

    #[test]
    fn a_connection_is_kept_as_long_as_the_server_says() {
        let seconds = |fields| head(fields).idle.map(|idle| idle.as_secs());
        for (fields, idle) in [
            ("Content-Length: 0\r\n", Some(60)),
            ("Content-Length: 0\r\nKeep-Alive: timeout=5\r\n", Some(4)),
            ("Content-Length: 0\r\nKeep-Alive: max=100, Timeout = 20\r\n", Some(19)),
            ("Content-Length: 0\r\nKeep-Alive: timeout=300\r\n", Some(60)),
            ("Content-Length: 0\r\nKeep-Alive: timeout=1\r\n", None),
            ("Content-Length: 0\r\nKeep-Alive: timeout=0\r\n", None),
            ("Content-Length: 0\r\nConnection: keep-alive, Close\r\n", None),
            ("", None),
        ] {
            assert_eq!(seconds(fields), idle, "{fields:?}");
        }
        let old = |fields: &str| {
            let text = format!("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n{fields}\r\n");
            Head::parse(text.as_bytes()).unwrap().unwrap().1.idle.is_some()
        };
        assert!(!old(""));
        assert!(old("Connection: Keep-Alive\r\n"));
    }

    #[test]
    fn what_is_no_head_is_noticed_at_once() {
        assert!(Head::parse(b"SSH-2.0").is_err());
        assert!(Head::parse(b"HTTP/2").is_err());
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\nName : value\r\n\r\n").is_err());
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\nName: a\0b\r\n\r\n").is_err());
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\nName: va").unwrap().is_none());
        assert!(Head::parse(b"").unwrap().is_none());
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(FIELDS_MOST + 1));
        assert!(Head::parse(many.as_bytes()).is_err());
        let fits = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(150));
        assert!(Head::parse(fits.as_bytes()).unwrap().is_some());
    }

    /// The body of a chunked answer, which comes in so many bytes at a time.
    fn body(input: &str, step: usize) -> Result<(String, usize), &'static str> {
        let (mut chunks, mut body, mut read, mut come) = (Chunks::default(), String::new(), 0, 0);
        loop {
            match chunks.next(&input.as_bytes()[read..come])? {
                Piece::Skip(count) => read += count,
                Piece::Data(count) => {
                    body.push_str(&input[read..read + count]);
                    read += count;
                }
                Piece::More if come == input.len() => return Err("cut"),
                Piece::More => come = input.len().min(come + step),
                Piece::End => return Ok((body, read)),
            }
        }
    }

    #[test]
    fn chunks_are_taken_apart_however_they_come() {
        for (input, expected) in [
            ("3\r\nabc\r\n0\r\n\r\n", "abc"),
            ("1\r\na\r\n2;x=\"y\"\r\nbc\r\n0\r\nExpires: never\r\n\r\n", "abc"),
            ("00003 \r\nabc\r\n00\r\n\r\n", "abc"),
            ("0\r\n\r\n", ""),
        ] {
            for step in 1..=input.len() {
                assert_eq!(body(input, step), Ok((expected.to_owned(), input.len())), "{input:?}");
            }
        }
    }

    #[test]
    fn a_line_between_chunks_has_an_end_somewhere() {
        let long = vec![b'a'; CHUNK_LINE_LONGEST + 1];
        assert_eq!(line(&long[1..]), Ok(None));
        assert!(line(&long).is_err());
    }

    #[test]
    fn chunks_that_leave_a_doubt_are_none() {
        for input in [
            "3\nabc\r\n0\r\n\r\n",
            "3\r\nabcd\r\n0\r\n\r\n",
            "3\r\nabc\n0\r\n\r\n",
            "+3\r\nabc\r\n0\r\n\r\n",
            "-3\r\nabc\r\n0\r\n\r\n",
            " 3\r\nabc\r\n0\r\n\r\n",
            "0x3\r\nabc\r\n0\r\n\r\n",
            "\r\nabc\r\n0\r\n\r\n",
            "100000003\r\nabc\r\n0\r\n\r\n",
            "3\r\nabc\r\n0\r\n\n",
            "3\r\nabc\r\n0\r\n",
            "3\r\rx\r\nabc\r\n0\r\n\r\n",
            "3;a\rb\r\nabc\r\n0\r\n\r\n",
            "3\r\nabc\r\n",
        ] {
            assert!(body(input, input.len()).is_err(), "{input:?}");
        }
    }
}
