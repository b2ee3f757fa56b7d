//! The sandbox's options: where and how it listens, which key and which senders it accepts.

use std::collections::HashSet;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};

use super::http::tls::ServerTls;
use super::invalid_input::invalid_input;
use super::request_log::{LoggedRequest, RequestHook};
use super::service::code_generator::CodeGenerator;
use super::service::rules::Service;

/// The key that the sandbox accepts by default.
pub const DEFAULT_API_KEY: &str = "sandbox-key";

/// The options of a [`Sandbox`](super::Sandbox).
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    host: String,
    port: u16,
    api_key: String,
    approved_senders: HashSet<String>,
    allow_remote: bool,
    tls: bool,
    ca_file: Option<PathBuf>,
    seed: Option<u64>,
    log: Option<RequestHook>,
}

impl Default for Options {
    fn default() -> Options {
        Options::new()
    }
}

impl Options {
    /// A free port on 127.0.0.1, the key `sandbox-key`, no approved sender numbers.
    pub fn new() -> Options {
        Options {
            host: "127.0.0.1".to_owned(),
            port: 0,
            api_key: DEFAULT_API_KEY.to_owned(),
            approved_senders: HashSet::new(),
            allow_remote: false,
            tls: false,
            ca_file: None,
            seed: None,
            log: None,
        }
    }

    /// The name or address to listen on. One that is not loopback needs [`Options::allow_remote`] too.
    pub fn host(self, host: &str) -> Options {
        Options { host: host.to_owned(), ..self }
    }

    /// The port to listen on; 0, the default, lets the system choose a free one.
    pub fn port(self, port: u16) -> Options {
        Options { port, ..self }
    }

    /// The only key that is accepted. It protects nothing: any text will do.
    pub fn api_key(self, api_key: &str) -> Options {
        Options { api_key: api_key.to_owned(), ..self }
    }

    /// Approves a number as a sender, exactly as requests write it.
    pub fn approved_sender(mut self, number: &str) -> Options {
        self.approved_senders.insert(number.to_owned());
        self
    }

    /// Whether other machines may send and check. The control API answers none of them even then.
    pub fn allow_remote(self, allow: bool) -> Options {
        Options { allow_remote: allow, ..self }
    }

    /// Whether to speak TLS. The certificate, for localhost, 127.0.0.1, ::1 and the host, and the authority
    /// that signs it are made for this run. A client has to trust
    /// [`Sandbox::ca_file`](super::Sandbox::ca_file).
    pub fn tls(self, tls: bool) -> Options {
        Options { tls, ..self }
    }

    /// With [`Options::tls`], the file to write the authority's certificate to; an existing file is
    /// overwritten. By default it is in a temporary folder that is removed at the end.
    pub fn ca_file(self, path: impl AsRef<Path>) -> Options {
        Options { ca_file: Some(path.as_ref().to_owned()), ..self }
    }

    /// Makes the codes repeatable: the same seed gives the same codes in the order of the sends, from the
    /// start and from every reset. They are the upper 32 bits of SplitMix64's numbers modulo a million;
    /// values of 4,294,000,000 and more are skipped.
    pub fn seed(self, seed: u64) -> Options {
        Options { seed: Some(seed), ..self }
    }

    /// A function that gets every request to the service, also those that are refused. It delays the
    /// sandbox for as long as it takes.
    pub fn log(self, log: impl Fn(&LoggedRequest) + Send + Sync + 'static) -> Options {
        Options { log: Some(RequestHook::new(log)), ..self }
    }

    /// Checks the options and listens.
    pub(super) fn listen(&self) -> io::Result<TcpListener> {
        if self.api_key.is_empty() {
            return Err(invalid_input(
                "the API key must not be empty: leave it out for the default",
            ));
        }
        if self.ca_file.is_some() && !self.tls {
            return Err(invalid_input(
                "a file for the certificate authority needs tls (--tls) too",
            ));
        }
        let is_no_number = |number: &&String| {
            number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit())
        };
        if let Some(number) = self.approved_senders.iter().find(is_no_number) {
            return Err(invalid_input(format!(
                "approved sender {number:?} is not a number: give its digits, as in 0501234567 (text needs no approval)"
            )));
        }
        let cannot_listen = |error: io::Error| {
            let Options { host, port, .. } = self;
            io::Error::new(error.kind(), format!("cannot listen on {host}, port {port}: {error}"))
        };
        let addresses: Vec<_> =
            (self.host.as_str(), self.port).to_socket_addrs().map_err(cannot_listen)?.collect();
        let is_remote = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
        if !self.allow_remote && addresses.iter().any(is_remote) {
            let host = &self.host;
            return Err(invalid_input(format!(
                "{host} would let other machines in: listen on 127.0.0.1, or allow it with allow_remote (--allow-remote)"
            )));
        }
        TcpListener::bind(addresses.as_slice()).map_err(cannot_listen)
    }

    /// The certificates for the address that the sandbox listens on, with TLS.
    pub(super) fn server_tls(&self, address: SocketAddr) -> io::Result<Option<ServerTls>> {
        let issue = || ServerTls::new(&self.host, address.ip(), self.ca_file.as_deref());
        self.tls.then(issue).transpose()
    }

    pub(super) fn key(&self) -> &str {
        &self.api_key
    }

    pub(super) fn into_service(self) -> (Service, Option<RequestHook>) {
        let codes = CodeGenerator::new(self.seed);
        (Service::new(self.api_key, self.approved_senders, codes), self.log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(options: Options) -> String {
        let error = options.listen().expect_err("rejected");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
        error.to_string()
    }

    #[test]
    fn an_address_beyond_loopback_needs_permission() {
        for host in ["0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1"] {
            let text = rejection(Options::new().host(host));
            assert!(text.contains("--allow-remote") && text.contains(host), "{text}");
        }
        let listener = Options::new().host("0.0.0.0").allow_remote(true).listen().unwrap();
        assert!(listener.local_addr().unwrap().ip().is_unspecified());
    }

    #[test]
    fn a_loopback_address_needs_no_permission() {
        for host in ["127.0.0.1", "127.0.0.2", "localhost"] {
            let listener = Options::new().host(host).listen().unwrap();
            assert!(listener.local_addr().unwrap().ip().is_loopback(), "{host}");
        }
    }

    #[test]
    fn options_that_cannot_work_are_rejected() {
        assert!(rejection(Options::new().api_key("")).contains("API key"));
        assert!(rejection(Options::new().approved_sender("+97250")).contains("+97250"));
        assert!(rejection(Options::new().approved_sender("")).contains("approved sender"));
        assert!(rejection(Options::new().ca_file("ca.pem")).contains("--tls"));
    }

    #[test]
    fn a_port_that_is_taken_is_named() {
        let taken = Options::new().listen().unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Options::new().port(port).listen().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&format!("127.0.0.1, port {port}")), "{error}");
    }
}
