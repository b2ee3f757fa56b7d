//! A response that is no valid HTTP: bytes, how fast they are written, and how the connection ends.
//!
//! Knows sockets; knows nothing of HTTP or of the service.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::stream::ServerStream;

/// How much padding is written at once.
const BLOCK: usize = 64 << 10;

/// What is written to a connection instead of an HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawResponse {
    pub(crate) bytes: Vec<u8>,
    /// How many blanks follow the bytes.
    pub(crate) padding: usize,
    /// How long to wait before each byte.
    pub(crate) byte_interval: Option<Duration>,
    pub(crate) end: ConnectionEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionEnd {
    Close,
    Reset,
    /// Stay open until the peer closes.
    Hold,
}

impl RawResponse {
    fn new(end: ConnectionEnd, bytes: Vec<u8>) -> RawResponse {
        RawResponse { bytes, padding: 0, byte_interval: None, end }
    }

    /// Writes the bytes and closes the connection.
    pub(crate) fn close(bytes: Vec<u8>) -> RawResponse {
        RawResponse::new(ConnectionEnd::Close, bytes)
    }

    /// Resets the connection.
    pub(crate) fn reset() -> RawResponse {
        RawResponse::new(ConnectionEnd::Reset, Vec::new())
    }

    /// Writes the bytes and leaves the connection open.
    pub(crate) fn hold(bytes: Vec<u8>) -> RawResponse {
        RawResponse::new(ConnectionEnd::Hold, bytes)
    }

    /// Writes everything and ends the connection. An error means that the peer is gone, which ends it too.
    pub(crate) async fn write_to(self, stream: &mut ServerStream) -> io::Result<()> {
        match self.byte_interval {
            None => stream.write_all(&self.bytes).await?,
            Some(time) => {
                for &byte in &self.bytes {
                    tokio::time::sleep(time).await;
                    stream.write_all(&[byte]).await?;
                    stream.flush().await?;
                }
            }
        }
        let mut left = self.padding;
        while left > 0 {
            let length = left.min(BLOCK);
            stream.write_all(&[b' '; BLOCK][..length]).await?;
            left -= length;
        }
        stream.flush().await?;
        match self.end {
            ConnectionEnd::Close => stream.shutdown().await,
            ConnectionEnd::Reset => stream.reset_on_close(),
            ConnectionEnd::Hold => {
                let mut ignored = [0; 1024];
                while stream.read(&mut ignored).await? > 0 {}
                Ok(())
            }
        }
    }
}
