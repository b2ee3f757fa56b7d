//! The bytes of a connection on their way in and out.
//!
//! What goes out is held back until an answer is awaited, so that the head and the body of a
//! request leave in one write. It holds the key and the code, so it is wiped once it has left; so is an
//! answer, which names the phone number, once it was read.

use ureq::unversioned::transport::Buffers;
use zeroize::Zeroize;

/// Room for a usual request; a longer one leaves in several writes.
const OUTPUT: usize = 8 * 1024;
/// The least room that ureq is given to write to; it holds any head of ours.
const OUTPUT_LEAST: usize = 2 * 1024;
/// Room for a usual answer.
const INPUT: usize = 4 * 1024;
/// The most unread input that is kept: more than the longest head, which is read whole.
const INPUT_LARGEST: usize = 64 * 1024;

/// Grows on demand, and keeps no secret once a request has left.
#[derive(Default)]
pub(super) struct HoldingBuffers {
    output: Vec<u8>,
    held: usize,
    input: Vec<u8>,
    filled: usize,
    consumed: usize,
    /// How far answers have come into `input` since it was wiped.
    soiled: usize,
    progress: bool,
}

impl HoldingBuffers {
    /// Takes `amount` written bytes. True when there is hardly room for more and they must leave.
    pub(super) fn hold(&mut self, amount: usize) -> bool {
        self.held += amount;
        self.output.len() - self.held < OUTPUT_LEAST
    }

    /// Lets the held bytes leave through `send`, and wipes them whatever became of it.
    pub(super) fn release<E>(
        &mut self,
        send: impl FnOnce(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.held == 0 {
            return Ok(());
        }
        let held = &mut self.output[..std::mem::take(&mut self.held)];
        let result = send(held);
        held.zeroize();
        result
    }

    /// Wipes the input, if it was read to its end.
    pub(super) fn forget_input(&mut self) {
        if self.consumed == self.filled {
            self.input[..std::mem::take(&mut self.soiled)].zeroize();
            (self.consumed, self.filled) = (0, 0);
        }
    }
}

impl Buffers for HoldingBuffers {
    fn output(&mut self) -> &mut [u8] {
        if self.output.is_empty() {
            self.output.resize(OUTPUT, 0);
        }
        &mut self.output[self.held..]
    }

    fn input(&self) -> &[u8] {
        &self.input[self.consumed..self.filled]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        if self.consumed == self.filled {
            (self.consumed, self.filled) = (0, 0);
        }
        if self.filled == self.input.len() {
            if self.consumed > 0 {
                self.input.copy_within(self.consumed..self.filled, 0);
                self.filled -= self.consumed;
                self.consumed = 0;
            } else {
                let mut larger = vec![0; (self.input.len() * 2).clamp(INPUT, INPUT_LARGEST)];
                larger[..self.filled].copy_from_slice(&self.input);
                self.input.zeroize();
                self.input = larger;
            }
        }
        &mut self.input[self.filled..]
    }

    fn input_appended(&mut self, amount: usize) {
        self.filled += amount;
        self.soiled = self.soiled.max(self.filled);
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.consumed += amount;
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        // The first is for chunked bodies only, and ours have a length.
        self.output();
        (&mut [], &mut self.output[self.held..])
    }

    fn can_use_input(&self) -> bool {
        self.progress && self.consumed < self.filled
    }
}

impl Drop for HoldingBuffers {
    fn drop(&mut self) {
        self.output.zeroize();
        self.input.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_wiped_once_it_was_read_to_its_end() {
        let mut buffers = HoldingBuffers::default();
        buffers.input_append_buf()[..6].copy_from_slice(b"answer");
        buffers.input_appended(6);
        buffers.input_consume(2);
        buffers.forget_input();
        assert_eq!(buffers.input(), b"swer");
        buffers.input_consume(4);
        assert!(buffers.input.starts_with(b"answer"));
        buffers.forget_input();
        assert_eq!(buffers.input, [0; INPUT]);
    }
}
