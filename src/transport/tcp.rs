//! The lowest layer of a connection: opens sockets for ureq and moves the bytes.
//!
//! Knows proxies and nothing of TLS.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport, TransportAdapter,
};
use ureq::{Error, ProxyProtocol};

use super::buffers::HoldingBuffers;
use super::call::Call;
use super::dns;
use super::socket::Socket;
use super::socks::{self, Target};

/// ureq resolves for every call, pooled connection or not; this one leaves it to [`Tcp`], which
/// is asked only when a connection has to be opened.
#[derive(Debug)]
pub(super) struct Later;

impl Resolver for Later {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Opens TCP connections, through a SOCKS5 proxy if one is set.
#[derive(Debug)]
pub(super) struct Tcp;

impl<In: Transport> Connector<In> for Tcp {
    type Out = Either<In, TcpTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        match chained {
            Some(chained) => Ok(Some(Either::A(chained))),
            None => Call::with(|call| Ok(Some(Either::B(open(details, call)?)))),
        }
    }
}

/// Opens a connection to the address that ureq asks for, or to the proxy in front of it.
fn open(details: &ConnectionDetails<'_>, call: &Call) -> Result<TcpTransport, Error> {
    let (host, port) = host_and_port(details.uri)?;
    let proxy = details
        .config
        .proxy()
        .filter(|proxy| matches!(proxy.protocol(), ProxyProtocol::Socks5 | ProxyProtocol::Socks5h));
    let Some(proxy) = proxy else { return Ok(TcpTransport::open(host, port, call)?) };
    let target = match dns::literal(host) {
        Some(address) => Target::Address(SocketAddr::new(address, port)),
        None if proxy.resolve_target() => {
            let addresses = dns::resolve(host, port, call)?;
            Target::Address(*addresses.first().ok_or(Error::HostNotFound)?)
        }
        None => Target::Name(host, port),
    };
    let transport = TcpTransport::open(proxy.host(), proxy.port(), call)?;
    let mut stream = TransportAdapter::new(transport, details.current_time.clone());
    let login = proxy.username().map(|user| (user, proxy.password().unwrap_or_default()));
    socks::connect(&mut stream, &target, login)?;
    Ok(stream.into_inner())
}

fn host_and_port(uri: &Uri) -> Result<(&str, u16), Error> {
    let host = uri.host().ok_or(Error::HostNotFound)?;
    let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    Ok((host, uri.port_u16().unwrap_or(default)))
}

/// A TCP connection as ureq wants it.
pub(super) struct TcpTransport {
    socket: Socket,
    buffers: HoldingBuffers,
    /// An answer was just read: what ureq asks at once whether the connection may be kept, the
    /// probe before its next use will find out as well.
    in_use: bool,
}

impl TcpTransport {
    fn open(host: &str, port: u16, call: &Call) -> io::Result<TcpTransport> {
        let addresses = dns::resolve(host, port, call)?;
        let socket = Socket::connect(&addresses, call)?;
        Ok(TcpTransport { socket, buffers: HoldingBuffers::default(), in_use: false })
    }
}

impl Transport for TcpTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        if !self.buffers.hold(amount) {
            return Ok(());
        }
        Call::with(|call| Ok(self.buffers.release(|bytes| self.socket.send(bytes, call))?))
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        Call::with(|call| {
            self.buffers.release(|bytes| self.socket.send(bytes, call))?;
            let count = self.socket.receive(self.buffers.input_append_buf(), call)?;
            self.buffers.input_appended(count);
            self.in_use = true;
            Ok(count > 0)
        })
    }

    fn is_open(&mut self) -> bool {
        self.buffers.forget_input();
        std::mem::take(&mut self.in_use) || self.socket.is_quiet()
    }
}

impl fmt::Debug for TcpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TcpTransport")
    }
}
