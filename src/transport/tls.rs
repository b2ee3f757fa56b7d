//! Makes TLS 1.2 and 1.3 connections over a stream.
//!
//! Knows nothing of sockets. Sessions are resumed. Early data (0-RTT) is off: an attacker can replay it
//! (RFC 8446, section 8), and a Send that arrives twice is a second message.

use std::future::poll_fn;
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::attempt::ConnectError;
use super::call::{Abort, Call};
use super::error_text;
use super::jobs::Jobs;
use super::process::PerProcess;
use super::stream::{Stream, Tls};
use super::trust::{RootError, RootSource};
use crate::memory;
use crate::url;

/// The trusted root certificates of a client, and the sessions that it can resume.
pub(super) struct TlsConnector {
    roots: RootSource,
    config: OnceBox<Arc<ClientConfig>>,
}

type Loaded = Result<Arc<RootCertStore>, RootError>;

impl TlsConnector {
    pub(super) fn new(roots: RootSource) -> TlsConnector {
        TlsConnector { roots, config: OnceBox::new() }
    }

    /// Returns the configuration; the first connection makes it. A thread of its own reads the root
    /// certificates, since their file may be on a network file system that hangs.
    async fn config(&self, call: &Call) -> Result<Arc<ClientConfig>, ConnectError> {
        static JOBS: OnceBox<PerProcess<Jobs<Loaded>>> = OnceBox::new();
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let jobs = JOBS.get_or_init(|| Box::new(PerProcess::new(Jobs::default())));
        let roots = self.roots.clone();
        let key = format!("{roots:?}");
        let loaded =
            jobs.get(call.process, Jobs::default).run(call, &key, move || roots.load()).await;
        let roots = match loaded {
            Ok(Ok(roots)) => roots,
            Ok(Err(error)) => {
                if error.is_out_of_memory() {
                    call.abort(Abort::OutOfMemory);
                }
                let (why, is_transient) = (error.to_string(), error.is_transient());
                return Err(ConnectError { why, is_transient });
            }
            Err(_) if call.aborted().is_some() => {
                return Err(ConnectError::permanent("no time is left"));
            }
            // There is no descriptor for the wake-up.
            Err(error) if error.raw_os_error().is_some() => {
                return Err(ConnectError::transient(error_text::of(&error)));
            }
            Err(_) => {
                let why = "cannot start the thread that reads the authorities";
                return Err(ConnectError::transient(why));
            }
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|_| ConnectError::permanent("this build has no TLS"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Nothing that was allocated from the reserve is kept.
        call.check().map_err(|_| ConnectError::permanent(memory::OUT_OF_MEMORY))?;
        Ok(self.config.get_or_init(|| Box::new(Arc::new(config))).clone())
    }

    /// Makes a TLS connection to `host` over `stream`.
    pub(super) async fn connect(
        &self,
        host: &str,
        stream: Stream,
        call: &Call,
    ) -> Result<Stream, ConnectError> {
        let config = self.config(call).await?;
        let name = ServerName::try_from(url::strip_brackets(host).to_owned())
            .map_err(|_| ConnectError::permanent("no certificate can have this host's name"))?;
        let connection = ClientConnection::new(config, name)
            .map_err(|_| ConnectError::permanent("the handshake cannot begin"))?;
        let mut tls = Box::new(Tls::new(connection, stream));
        let handshake = poll_fn(|_| tls.poll_handshake(call)).await;
        match handshake {
            Ok(()) => Ok(Stream::Tls(tls)),
            Err(error) => {
                let (why, is_transient) = (error_text::of(&error), error.get_ref().is_none());
                Err(ConnectError { why, is_transient })
            }
        }
    }
}
