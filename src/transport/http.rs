//! HTTP/1.1 (RFC 9112): the head of a response, and the chunks of its body.
//!
//! Parses bytes, receives none. An ambiguous head is a defect: the response may be cut, or belong to another
//! request.

use std::mem::MaybeUninit;
use std::time::Duration;

/// The User-Agent that the service and a proxy see.
pub(super) const USER_AGENT: &str = concat!("verifysms/", env!("CARGO_PKG_VERSION"));
/// The longest head of a response, in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;
/// The most fields of a head.
const MAX_FIELDS: usize = 256;
const TOO_MANY_FIELDS: &str = "its head has too many fields";
/// So many are parsed on the stack, more on the heap: the stack is wiped after each call.
const USUAL_FIELDS: usize = 32;
/// How long an idle connection is kept, unless the server's Keep-Alive says less. Servers close idle
/// connections after 60 s (Apache behind a load balancer, AWS), 65 s (Node behind one), 75 s (nginx) or
/// 120 s (IIS).
pub(super) const MAX_IDLE: Duration = Duration::from_secs(60);
/// How much earlier than the server this side stops to use an idle connection.
const IDLE_MARGIN: Duration = Duration::from_secs(1);
/// The longest line between chunks, in bytes.
const MAX_CHUNK_LINE: usize = 4 * 1024;

/// How the body ends (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(usize),
    Chunked,
    UntilClose,
}

/// The head of a response.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) framing: Framing,
    /// Why it is ambiguous where the response ends, or what its body means.
    pub(super) defect: Option<&'static str>,
    /// How long the connection may be idle afterwards. None if it ends with this response.
    pub(super) max_idle: Option<Duration>,
}

impl Head {
    /// Whether another head follows (RFC 9110, section 15.2). After 101 there is no more HTTP.
    pub(super) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// Parses a head, and returns it with its length. None if its end has not come yet.
    pub(super) fn parse(input: &[u8]) -> Result<Option<(usize, Head)>, &'static str> {
        const BEGINNING: &[u8] = b"HTTP/1.";
        let common = BEGINNING.len().min(input.len());
        if input[..common] != BEGINNING[..common] {
            return Err("it is not HTTP/1");
        }
        match Head::parse_fields(input, &mut [MaybeUninit::uninit(); USUAL_FIELDS]) {
            Err(TOO_MANY_FIELDS) => {
                Head::parse_fields(input, &mut vec![MaybeUninit::uninit(); MAX_FIELDS])
            }
            result => result,
        }
    }

    /// Parses a head with room for `fields`.
    fn parse_fields<'a>(
        input: &'a [u8],
        fields: &mut [MaybeUninit<httparse::Header<'a>>],
    ) -> Result<Option<(usize, Head)>, &'static str> {
        let mut response = httparse::Response::new(&mut []);
        let mut parser = httparse::ParserConfig::default();
        parser.allow_obsolete_multiline_headers_in_responses(true);
        let length = match parser.parse_response_with_uninit_headers(&mut response, input, fields) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if input.len() < MAX_HEAD => return Ok(None),
            Ok(httparse::Status::Partial) => return Err("its head is too long"),
            Err(httparse::Error::TooManyHeaders) => return Err(TOO_MANY_FIELDS),
            Err(_) => return Err("its head is malformed"),
        };
        let status =
            response.code.filter(|&status| status >= 100).ok_or("it has no HTTP status")?;
        let fields = HeaderFields::collect(response.headers);
        let head = Head::new(status, response.version == Some(1), &fields);
        Ok(Some((length, head)))
    }

    fn new(status: u16, is_1_1: bool, fields: &HeaderFields<'_>) -> Head {
        let (framing, framing_defect) = match fields.framing(is_1_1) {
            _ if matches!(status, 100..200 | 204 | 304) => (Framing::None, None),
            Ok(framing) => (framing, None),
            Err(defect) => (Framing::None, Some(defect)),
        };
        let defect = framing_defect.or({
            if fields.is_encoded {
                Some("it has a Content-Encoding, which was not asked for")
            } else if fields.is_range {
                Some("it is a part of a larger answer (Content-Range)")
            } else {
                None
            }
        });
        let stays_open = !fields.close && (is_1_1 || fields.keep_alive);
        let max_idle = fields.timeout.map_or(MAX_IDLE, |timeout| {
            Duration::from_secs(timeout).saturating_sub(IDLE_MARGIN).min(MAX_IDLE)
        });
        let is_kept =
            stays_open && framing != Framing::UntilClose && defect.is_none() && !max_idle.is_zero();
        Head { status, framing, defect, max_idle: is_kept.then_some(max_idle) }
    }
}

/// The fields that say where a response ends, and whether its connection stays open.
#[derive(Default)]
struct HeaderFields<'a> {
    length: Option<&'a [u8]>,
    coding: Option<&'a [u8]>,
    /// Whether a field that is allowed once comes twice.
    is_repeated: bool,
    is_encoded: bool,
    is_range: bool,
    close: bool,
    keep_alive: bool,
    timeout: Option<u64>,
}

impl<'a> HeaderFields<'a> {
    fn collect(headers: &[httparse::Header<'a>]) -> HeaderFields<'a> {
        let mut fields = HeaderFields::default();
        for header in headers {
            // A line folding counts as a space (RFC 9112, section 5.2).
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
            return Err("it has two Content-Length or Transfer-Encoding fields");
        }
        match (self.coding, self.length) {
            (Some(_), Some(_)) => Err("it has a Transfer-Encoding beside a Content-Length"),
            (Some(coding), None) if is_1_1 && coding.eq_ignore_ascii_case(b"chunked") => {
                Ok(Framing::Chunked)
            }
            (Some(_), None) if is_1_1 => Err("its Transfer-Encoding is not chunked"),
            (Some(_), None) => Err("it has a Transfer-Encoding, which HTTP/1.0 does not have"),
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

/// Parses ASCII digits.
fn decimal(text: &[u8]) -> Option<usize> {
    let is_number = (1..=18).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| is_number)?.parse().ok()
}

/// Parses a chunked body (RFC 9112, section 7.1).
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
    End,
}

/// The next piece of a chunked body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// This many bytes that are not part of the body.
    Skip(usize),
    /// This many bytes of the body.
    Data(usize),
    /// More bytes are needed.
    More,
    End,
}

impl Chunks {
    /// Parses the beginning of `input`.
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
                    rest => ChunkState::Data(rest),
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
                if self.trailers > MAX_CHUNK_LINE {
                    return Err("its trailer section is too long");
                }
                if line.is_empty() {
                    self.state = ChunkState::End;
                }
                Ok(Piece::Skip(length))
            }
            ChunkState::End => Ok(Piece::End),
        }
    }
}

/// The first line of `input`, and its length with CR LF. None if its end has not come yet.
fn line(input: &[u8]) -> Result<Option<(&[u8], usize)>, &'static str> {
    let Some(end) = input.iter().position(|&byte| byte == b'\n') else {
        return match input.len() > MAX_CHUNK_LINE {
            true => Err("a line between its chunks is too long"),
            false => Ok(None),
        };
    };
    match input[..end].split_last() {
        Some((b'\r', line)) if !line.contains(&b'\r') => Ok(Some((line, end + 1))),
        _ => Err("a line between its chunks does not end with CR LF"),
    }
}

/// The size in `1a;name=value`.
fn chunk_size(line: &[u8]) -> Result<usize, &'static str> {
    let end = line.iter().position(|&byte| byte == b';').unwrap_or(line.len());
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let blanks = line[..end].iter().rev().take_while(|byte| is_blank(byte)).count();
    let size = &line[..end - blanks];
    let is_number = (1..=8).contains(&size.len()) && size.iter().all(u8::is_ascii_hexdigit);
    std::str::from_utf8(size)
        .ok()
        .filter(|_| is_number)
        .and_then(|size| usize::from_str_radix(size, 16).ok())
        .ok_or("the size of a chunk is not a number")
}

#[cfg(test)]
mod tests;
