//! TLS 1.2 and 1.3 over another transport.
//!
//! Knows nothing of sockets. ureq has a TLS layer too; this one reads the trusted authorities only
//! when it needs them, sends a request as one record and wipes it.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport, TransportAdapter,
};

use super::buffers::HoldingBuffers;
use super::call::{Call, Phase};
use super::trust::Trust;
use crate::config;
use crate::memory;

/// Wraps a connection in TLS when its address is https. Its clones share what they trust and the
/// sessions that they can take up again.
#[derive(Clone)]
pub(super) struct Tls(Arc<Shared>);

struct Shared {
    trust: Trust,
    config: OnceBox<Arc<ClientConfig>>,
}

impl Tls {
    pub(super) fn new(trust: Trust) -> Tls {
        Tls(Arc::new(Shared { trust, config: OnceBox::new() }))
    }

    fn config(&self) -> io::Result<Arc<ClientConfig>> {
        let shared = &*self.0;
        shared
            .config
            .get_or_try_init(|| {
                let watch = memory::begin();
                let authorities = shared.trust.load().map_err(io::Error::other)?;
                let provider = Arc::new(rustls::crypto::ring::default_provider());
                let config = ClientConfig::builder_with_provider(provider)
                    .with_protocol_versions(&[&TLS13, &TLS12])
                    .map_err(io::Error::other)?
                    .with_root_certificates(authorities)
                    .with_no_client_auth();
                let config = Box::new(Arc::new(config));
                // What was made of the reserve is given back.
                watch.check().map_err(io::Error::other)?;
                Ok(config)
            })
            .cloned()
    }

    fn handshake<In: Transport>(
        &self,
        details: &ConnectionDetails<'_>,
        chained: In,
    ) -> io::Result<TlsTransport<In>> {
        let host = config::bare(details.uri.host().unwrap_or_default());
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(self.config()?, name).map_err(io::Error::other)?;
        let mut transport = TlsTransport {
            connection,
            stream: TransportAdapter::new(chained, details.current_time.clone()),
            buffers: HoldingBuffers::default(),
        };
        while transport.connection.is_handshaking() {
            transport.connection.complete_io(&mut transport.stream)?;
        }
        Ok(transport)
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Either<In, TlsTransport<In>>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(chained) = chained else { return Ok(None) };
        if !details.needs_tls() || chained.is_tls() {
            return Ok(Some(Either::A(chained)));
        }
        Call::with(|call| {
            call.enter(Phase::Tls);
            call.slice()?;
            let transport = self.handshake(details, chained)?;
            call.enter(Phase::Connect);
            Ok(Some(Either::B(transport)))
        })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
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

/// A TLS connection over `In`.
pub(super) struct TlsTransport<In: Transport> {
    connection: ClientConnection,
    stream: TransportAdapter<In>,
    buffers: HoldingBuffers,
}

impl<In: Transport> TlsTransport<In> {
    /// Encrypts what was held back and hands it down.
    fn release(&mut self) -> io::Result<()> {
        let (connection, stream) = (&mut self.connection, &mut self.stream);
        self.buffers.release(|bytes| connection.writer().write_all(bytes))?;
        while connection.wants_write() {
            connection.write_tls(stream)?;
        }
        Ok(())
    }
}

impl<In: Transport> Transport for TlsTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        if self.buffers.hold(amount) {
            self.release()?;
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        loop {
            self.release()?;
            match self.connection.reader().read(self.buffers.input_append_buf()) {
                Ok(count) => {
                    self.buffers.input_appended(count);
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            self.connection.read_tls(&mut self.stream)?;
            self.connection.process_new_packets().map_err(io::Error::other)?;
        }
    }

    fn is_open(&mut self) -> bool {
        self.buffers.forget_input();
        // What was received and not asked for would be taken for the next answer.
        let unread = self
            .connection
            .process_new_packets()
            .map_or(true, |state| state.peer_has_closed() || state.plaintext_bytes_to_read() > 0);
        // It brings nothing, which is no error of the connection.
        let _ = self.connection.read_tls(&mut Wiping);
        let stream = self.stream.get_mut();
        !unread && stream.buffers().input().is_empty() && stream.is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl<In: Transport> fmt::Debug for TlsTransport<In> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsTransport")
    }
}
