//! The end of a chain of connectors: from here on what is written is the request.

use ureq::http::Uri;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::call::{Call, Phase};

/// Tells a call when its request begins.
#[derive(Debug)]
pub(super) struct Mark {
    /// The address of the service.
    pub(super) url: Uri,
}

impl<In: Transport> Connector<In> for Mark {
    type Out = Marked<In>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Marked<In>>, ureq::Error> {
        let Some(mut connection) = chained else { return Ok(None) };
        // The chain also runs for the way to a proxy, where only talk with the proxy is written.
        let is_request = details.uri.authority() == self.url.authority();
        // It would be taken for the answer to a request that has not left.
        if is_request && !connection.buffers().input().is_empty() {
            let why = "it went on talking when the connection stood".into();
            return Err(ureq::Error::ConnectProxyFailed(why));
        }
        Ok(Some(Marked { connection, is_request }))
    }
}

#[derive(Debug)]
pub(super) struct Marked<In> {
    connection: In,
    is_request: bool,
}

impl<In: Transport> Transport for Marked<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if self.is_request {
            Call::with(|call| {
                call.enter(Phase::Request);
                Ok(())
            })?;
        }
        self.connection.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.connection.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}
