//! TLS 1.2 and 1.3 over another stream.
//!
//! Knows nothing of sockets. Sessions are resumed, and early data (0-RTT) stays off: whoever records it
//! can send it again (RFC 8446, section 8), and a Send that arrives twice is a second message.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::task::{Poll, ready};

use once_cell::race::OnceBox;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::call::{Abort, Call};
use super::jobs::Jobs;
use super::process::PerProcess;
use super::stream::Stream;
use super::trust::{Trust, TrustError};
use crate::config;
use crate::memory;

/// What a client trusts, and the sessions that it can resume.
pub(super) struct TlsSettings {
    trust: Trust,
    config: OnceBox<Arc<ClientConfig>>,
}

type Loaded = Result<Arc<RootCertStore>, TrustError>;

impl TlsSettings {
    pub(super) fn new(trust: Trust) -> TlsSettings {
        TlsSettings { trust, config: OnceBox::new() }
    }

    /// Made when the first connection needs it. A file of authorities may lie on a network that is
    /// stalled, so a thread of its own reads it. The error says why there is none, and whether the next
    /// attempt may do better.
    async fn config(&self, call: &Call) -> Result<Arc<ClientConfig>, (String, bool)> {
        static LOADS: OnceBox<PerProcess<Jobs<Loaded>>> = OnceBox::new();
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let loads = LOADS.get_or_init(|| Box::new(PerProcess::new(Jobs::default())));
        let trust = self.trust.clone();
        let key = format!("{trust:?}");
        let loaded =
            loads.get(call.process, Jobs::default).run(call, &key, move || trust.load()).await;
        let authorities = match loaded {
            Ok(Ok(authorities)) => authorities,
            Ok(Err(error)) => {
                if error.is_no_memory() {
                    call.end(Abort::NoMemory);
                }
                return Err((error.to_string(), !error.is_lasting()));
            }
            Err(_) if call.aborted().is_some() => return Err(("no time is left".into(), false)),
            // No descriptor to be woken by.
            Err(error) if error.raw_os_error().is_some() => {
                return Err((super::words::of(&error), true));
            }
            Err(_) => {
                return Err(("cannot start the thread that reads the authorities".into(), true));
            }
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|_| ("this build has no TLS".to_owned(), false))?
            .with_root_certificates(authorities)
            .with_no_client_auth();
        // What was made of the reserve is given back.
        call.check().map_err(|_| (memory::NONE.to_owned(), false))?;
        Ok(self.config.get_or_init(|| Box::new(Arc::new(config))).clone())
    }

    /// Makes a TLS connection with `host` over `stream`. The error says why there is none, and
    /// whether the next attempt may do better.
    pub(super) async fn connect(
        &self,
        host: &str,
        stream: Stream,
        call: &Call,
    ) -> Result<Stream, (String, bool)> {
        let config = self.config(call).await?;
        let name = ServerName::try_from(config::bare(host).to_owned())
            .map_err(|_| ("no certificate can have this host's name".to_owned(), false))?;
        let connection = ClientConnection::new(config, name)
            .map_err(|_| ("the handshake cannot begin".to_owned(), false))?;
        let mut tls = Box::new(Tls { connection, stream });
        let handshake = poll_fn(|_| tls.poll_handshake(call)).await;
        match handshake {
            Ok(()) => Ok(Stream::Tls(tls)),
            Err(error) => {
                let may_pass = error.get_ref().is_none();
                Err((super::words::of(&error), may_pass))
            }
        }
    }
}

/// A TLS connection over a stream.
pub(super) struct Tls {
    connection: ClientConnection,
    stream: Stream,
}

/// The stream below as rustls wants it: what would wait is an error.
struct Below<'a>(&'a mut Stream, Option<&'a Call>);

impl Read for Below<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.1 {
            Some(call) => now(self.0.poll_receive(buffer, call)),
            None => self.0.receive_now(buffer),
        }
    }
}

impl Write for Below<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.map_or(Err(io::ErrorKind::WouldBlock.into()), |call| {
            now(self.0.poll_send(bytes, call))
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn now<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

fn poll<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

/// rustls decrypts an answer where it was received, and leaves it there until the next one comes. This
/// stream brings no byte, but wipes the room for them.
struct Wiping;

impl Read for Wiping {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        room.fill(0);
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl Tls {
    fn poll_handshake(&mut self, call: &Call) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_flush(call))?;
            if !self.connection.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_records(call))?;
        }
    }

    /// Takes records off the stream below.
    fn poll_records(&mut self, call: &Call) -> Poll<io::Result<()>> {
        let read = self.connection.read_tls(&mut Below(&mut self.stream, Some(call)));
        let count = ready!(poll(read))?;
        if let Err(error) = self.connection.process_new_packets() {
            // The peer hears why, if that needs no waiting.
            let _ = self.poll_flush(call);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
        }
        match count == 0 && self.connection.is_handshaking() {
            true => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            false => Poll::Ready(Ok(())),
        }
    }

    /// Encrypts some of `bytes`.
    pub(super) fn poll_send(&mut self, bytes: &[u8], call: &Call) -> Poll<io::Result<usize>> {
        // What came before has left first, so that no more than one record waits here.
        ready!(self.poll_flush(call))?;
        Poll::Ready(self.connection.writer().write(bytes))
    }

    /// Sends what is encrypted.
    pub(super) fn poll_flush(&mut self, call: &Call) -> Poll<io::Result<()>> {
        while self.connection.wants_write() {
            ready!(poll(self.connection.write_tls(&mut Below(&mut self.stream, Some(call)))))?;
        }
        self.stream.poll_flush(call)
    }

    /// Receives bytes; none only after the peer's close_notify. An end without it is an error.
    pub(super) fn poll_receive(
        &mut self,
        buffer: &mut [u8],
        call: &Call,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.poll_flush(call))?;
            match self.connection.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            ready!(self.poll_records(call))?;
        }
    }

    /// The same without waiting. A peer that sends records without end, and no byte in them, is not
    /// listened to for ever.
    pub(super) fn receive_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        /// Each takes 4 KiB or more of what has come. Usual are two: tickets, and nothing.
        const READS_MOST: usize = 16;
        for _ in 0..READS_MOST {
            match self.connection.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
            self.connection.read_tls(&mut Below(&mut self.stream, None))?;
            self.connection
                .process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "it sends records without end"))
    }

    /// Wipes what an answer left behind.
    pub(super) fn wipe(&mut self) {
        // It brings nothing, which is no error of the connection.
        let _ = self.connection.read_tls(&mut Wiping);
        self.stream.wipe();
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }
}
