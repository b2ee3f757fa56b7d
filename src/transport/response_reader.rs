//! The bytes that a connection received: an HTTP response is read out of them.

use std::io;
use std::time::Instant;

use zeroize::Zeroizing;

use super::call::Call;
use super::http::{Chunks, Framing, Head, MAX_HEAD, Piece};
use super::stream::Stream;
use crate::memory;

/// The first size of the buffer, enough for a usual response.
const BUFFER: usize = 4 * 1024;
/// The largest buffer that is kept for the next response.
const MAX_KEPT_BUFFER: usize = 16 * 1024;

/// Why there is no usable response.
#[derive(Debug)]
pub(super) enum ResponseError {
    Io(io::Error),
    /// The peer closed the connection before the end of the response.
    End,
    Malformed(&'static str),
    TooLarge,
}

impl From<&'static str> for ResponseError {
    fn from(why: &'static str) -> ResponseError {
        ResponseError::Malformed(why)
    }
}

/// Receives responses, and keeps what came in a buffer.
#[derive(Default)]
pub(super) struct ResponseReader {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// How many bytes were received and not consumed.
    pub(super) filled: usize,
    /// How many bytes of the buffer were in use since it was last wiped.
    used: usize,
    /// When the first byte was received since the buffer was last wiped.
    pub(super) first_byte: Option<Instant>,
}

impl ResponseReader {
    pub(super) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// Reads the head of the final response, after any interim ones. The buffer then begins with the body.
    pub(super) async fn read_head(
        &mut self,
        stream: &mut Stream,
        call: &Call,
    ) -> Result<Head, ResponseError> {
        loop {
            // A long head is parsed only once it is complete, not again after each piece.
            let input = &self.bytes[..self.filled];
            let is_long = (BUFFER..MAX_HEAD).contains(&self.filled);
            let head = match is_long && !has_blank_line(input) {
                true => None,
                false => Head::parse(input)?,
            };
            match head {
                None => self.receive(stream, call).await?,
                Some((length, head)) => {
                    self.consume(length);
                    if !head.is_interim() {
                        return Ok(head);
                    }
                }
            }
        }
    }

    /// Reads the body, and returns its length. The buffer then begins with it.
    pub(super) async fn read_body(
        &mut self,
        framing: Framing,
        max_body: usize,
        stream: &mut Stream,
        call: &Call,
    ) -> Result<usize, ResponseError> {
        match framing {
            Framing::None => Ok(0),
            Framing::Length(length) if length > max_body => Err(ResponseError::TooLarge),
            Framing::Length(length) => {
                while self.filled < length {
                    self.receive(stream, call).await?;
                }
                Ok(length)
            }
            Framing::UntilClose => loop {
                if self.filled > max_body {
                    return Err(ResponseError::TooLarge);
                }
                match self.receive(stream, call).await {
                    Err(ResponseError::End) => return Ok(self.filled),
                    result => result?,
                }
            },
            Framing::Chunked => self.read_chunks(max_body, stream, call).await,
        }
    }

    async fn read_chunks(
        &mut self,
        max_body: usize,
        stream: &mut Stream,
        call: &Call,
    ) -> Result<usize, ResponseError> {
        let mut chunks = Chunks::default();
        // The body grows from the beginning of the buffer, over the chunks that were read.
        let (mut body, mut read) = (0, 0);
        loop {
            match chunks.next(&self.bytes[read..self.filled])? {
                Piece::Skip(count) => read += count,
                Piece::Data(count) if body + count > max_body => {
                    return Err(ResponseError::TooLarge);
                }
                Piece::Data(count) => {
                    self.bytes.copy_within(read..read + count, body);
                    (body, read) = (body + count, read + count);
                }
                piece @ (Piece::More | Piece::End) => {
                    self.bytes.copy_within(read..self.filled, body);
                    self.filled -= read - body;
                    read = body;
                    if piece == Piece::End {
                        return Ok(body);
                    }
                    self.receive(stream, call).await?;
                }
            }
        }
    }

    /// Receives more bytes.
    async fn receive(&mut self, stream: &mut Stream, call: &Call) -> Result<(), ResponseError> {
        if self.filled == self.bytes.len() {
            let mut larger = Zeroizing::new(vec![0; (self.bytes.len() * 2).max(BUFFER)]);
            larger[..self.filled].copy_from_slice(&self.bytes[..self.filled]);
            // The old buffer is wiped when it is dropped.
            self.bytes = larger;
        }
        match stream
            .receive(&mut self.bytes[self.filled..], call)
            .await
            .map_err(ResponseError::Io)?
        {
            0 => Err(ResponseError::End),
            count => {
                self.filled += count;
                self.used = self.used.max(self.filled);
                self.first_byte.get_or_insert_with(Instant::now);
                Ok(())
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.bytes.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    pub(super) fn wipe(&mut self) {
        memory::wipe(&mut self.bytes[..self.used]);
        (self.filled, self.used, self.first_byte) = (0, 0, None);
        if self.bytes.len() > MAX_KEPT_BUFFER {
            self.bytes = Zeroizing::default();
        }
    }
}

fn has_blank_line(input: &[u8]) -> bool {
    input.windows(2).any(|end| end == b"\n\n") || input.windows(3).any(|end| end == b"\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_line_ends_with_lf() {
        for head in ["a\r\n\r\n", "a\n\nb", "a\n\r\nb", "\n\n"] {
            assert!(has_blank_line(head.as_bytes()), "{head:?}");
        }
        for head in ["", "a\r\nb\r\n", "a\nb\n", "a\r\r", "a\r\n\r"] {
            assert!(!has_blank_line(head.as_bytes()), "{head:?}");
        }
    }
}
