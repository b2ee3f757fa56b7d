//! A connection that goes wrong: what is still written to it, how fast, and how it ends.
//!
//! Knows sockets; knows nothing of HTTP or of the service.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::stream::Stream;

/// How much is written at once.
const BLOCK: usize = 64 << 10;

/// What becomes of a connection once HTTP has let go of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What is still written.
    bytes: Vec<u8>,
    /// So many blanks come after it.
    blanks: usize,
    /// If given, each byte waits so long.
    pace: Option<Duration>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Close,
    Reset,
    /// Stay open until the peer has had enough.
    Hold,
}

impl Fault {
    fn new(end: End, bytes: Vec<u8>) -> Fault {
        Fault { bytes, blanks: 0, pace: None, end }
    }

    /// These bytes, and the connection is closed.
    pub(super) fn close(bytes: Vec<u8>) -> Fault {
        Fault::new(End::Close, bytes)
    }

    /// Nothing, and the connection is reset.
    pub(super) fn reset() -> Fault {
        Fault::new(End::Reset, Vec::new())
    }

    /// These bytes, and nothing more for as long as the peer waits.
    pub(super) fn hold(bytes: Vec<u8>) -> Fault {
        Fault::new(End::Hold, bytes)
    }

    /// With so many blanks after the bytes.
    pub(super) fn blanks(self, blanks: usize) -> Fault {
        Fault { blanks, ..self }
    }

    /// With so much time for each byte.
    pub(super) fn pace(self, time: Duration) -> Fault {
        Fault { pace: Some(time), ..self }
    }

    /// Lets it happen. An error says that the peer has gone, which is as good an end.
    pub(super) async fn happen(self, stream: &mut Stream) -> io::Result<()> {
        match self.pace {
            None => stream.write_all(&self.bytes).await?,
            Some(time) => {
                for &byte in &self.bytes {
                    tokio::time::sleep(time).await;
                    stream.write_all(&[byte]).await?;
                    stream.flush().await?;
                }
            }
        }
        let mut left = self.blanks;
        while left > 0 {
            let length = left.min(BLOCK);
            stream.write_all(&[b' '; BLOCK][..length]).await?;
            left -= length;
        }
        stream.flush().await?;
        match self.end {
            End::Close => stream.shutdown().await,
            End::Reset => stream.reset_on_close(),
            End::Hold => {
                let mut ignored = [0; 1024];
                while stream.read(&mut ignored).await? > 0 {}
                Ok(())
            }
        }
    }
}
