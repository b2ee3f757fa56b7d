//! What a row of the fault matrix is made of: a fault, what a call ends in, and the scenarios in which
//! the fault comes about.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::ServerConfig;
use verifysms::{Code, Reached};

use crate::support::CA;
use crate::support::connection::RawConnection;
use crate::support::dns::{DnsFault, NameServer};
use crate::support::http::{ok, response};
use crate::support::script::{OK, Operation, Step, play};
use crate::support::server::{BlackholePort, ClosedPort, RawServer};

use Step::{Drain, ReadConnect, ReadRequest, Stall};

/// The deadline of a call that runs into it.
pub(crate) const SHORT: Duration = Duration::from_millis(400);
/// The deadline of a call that ends by itself.
pub(crate) const LONG: Duration = Duration::from_secs(8);

/// A row of the matrix.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) expected: Expected,
    pub(crate) scenarios: Vec<Scenario>,
}

/// What a call ends in.
#[derive(Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) send: Code,
    pub(crate) check: Code,
    pub(crate) reached: Reached,
    /// How many requests the server sees, whole or in part.
    pub(crate) requests: usize,
}

impl Expected {
    const fn both(code: Code, reached: Reached, requests: usize) -> Expected {
        Expected { send: code, check: code, reached, requests }
    }

    pub(crate) fn code(&self, operation: Operation) -> Code {
        match operation {
            Operation::Send => self.send,
            Operation::Check => self.check,
        }
    }
}

pub(crate) const NO_CONNECTION: Expected = Expected::both(Code::Connect, Reached::No, 0);
pub(crate) const NO_TLS: Expected = Expected::both(Code::Tls, Reached::No, 0);
pub(crate) const TIMEOUT_UNSENT: Expected = Expected::both(Code::Timeout, Reached::No, 0);
pub(crate) const TIMEOUT: Expected = Expected::both(Code::Timeout, Reached::Unknown, 1);
pub(crate) const LOST: Expected = Expected::both(Code::ConnectionLost, Reached::Unknown, 1);
pub(crate) const BAD_REPLY: Expected = Expected::both(Code::BadReply, Reached::Unknown, 1);
pub(crate) const HTTP_STATUS: Expected = Expected::both(Code::HttpStatus, Reached::Unknown, 1);
pub(crate) const REJECTED: Expected = Expected::both(Code::Rejected, Reached::Yes, 1);
pub(crate) const REFUSED: Expected = Expected { check: Code::NotVerified, ..REJECTED };
pub(crate) const ACCEPTED: Expected = Expected::both(Code::Ok, Reached::Yes, 1);

/// Rows of the matrix: a name, what a call ends in, and one or more scenarios or lists of them.
macro_rules! faults {
    ($($name:literal => $expected:expr, $($scenarios:expr),+;)*) => {
        vec![$(Fault {
            name: $name,
            expected: $expected,
            scenarios: std::iter::empty()$(.chain($scenarios))+.collect(),
        }),*]
    };
}
pub(crate) use faults;

/// One way in which a fault comes about.
#[allow(dead_code, reason = "the soak, which is for Linux alone, uses them all")]
pub(crate) struct Scenario {
    pub(crate) label: String,
    pub(crate) set_up: Box<dyn Fn(Operation) -> Result<Setup, String> + Send + Sync>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    /// The length of the message, for requests that leave in many pieces.
    pub(crate) message: usize,
    /// The call that the client made before.
    pub(crate) earlier: Option<Earlier>,
    /// What the server does on every connection, if that is all there is to the scenario.
    pub(crate) steps: Option<Vec<Step>>,
    /// Whether it does so over TLS.
    pub(crate) is_tls: bool,
    /// What has to have happened after the earlier call was answered.
    pub(crate) before: fn(&RawServer),
}

/// The call before the one that meets the fault.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    Send,
    TheSame,
}

/// What one call is made against.
pub(crate) struct Setup {
    /// The service's address, if it is not the server's own.
    pub(crate) url: String,
    /// Empty for none.
    pub(crate) proxy: String,
    pub(crate) server: Option<RawServer>,
    /// A server that must not hear of the call.
    pub(crate) bystander: Option<RawServer>,
    pub(crate) name_server: Option<NameServer>,
    /// Kept until the call is over.
    _holder: Option<Box<dyn Any>>,
}

impl IntoIterator for Scenario {
    type Item = Scenario;
    type IntoIter = std::iter::Once<Scenario>;

    /// So that a row takes a scenario like a list of them.
    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self)
    }
}

impl Scenario {
    fn new(
        set_up: impl Fn(Operation) -> Result<Setup, String> + Send + Sync + 'static,
    ) -> Scenario {
        Scenario {
            label: String::new(),
            set_up: Box::new(set_up),
            timeout: LONG,
            connect_timeout: LONG,
            message: 0,
            earlier: None,
            steps: None,
            is_tls: false,
            before: |_| {},
        }
    }

    pub(crate) fn label(self, label: &str) -> Scenario {
        Scenario { label: label.replace("\r\n", " ").replace('\0', "NUL"), ..self }
    }

    /// The deadline passes.
    pub(crate) fn short(self) -> Scenario {
        Scenario { timeout: SHORT, ..self }
    }

    /// The connect timeout passes, long before the deadline.
    pub(crate) fn short_connect(self) -> Scenario {
        Scenario { connect_timeout: Duration::from_millis(150), ..self }
    }

    /// A Send is larger than what sockets hold.
    pub(crate) fn large(self) -> Scenario {
        Scenario { message: 4 * 1024 * 1024, ..self }.label("large")
    }

    /// The client made another call before, after which something has to have happened.
    pub(crate) fn after(self, earlier: Earlier, before: fn(&RawServer)) -> Scenario {
        Scenario { earlier: Some(earlier), steps: None, before, ..self }
    }
}

impl Setup {
    fn at(url: String) -> Setup {
        let proxy = String::new();
        Setup { url, proxy, server: None, bystander: None, name_server: None, _holder: None }
    }

    fn of(server: RawServer) -> Setup {
        Setup { server: Some(server), ..Setup::at(String::new()) }
    }

    fn holding(url: String, holder: impl Any) -> Setup {
        Setup { _holder: Some(Box::new(holder)), ..Setup::at(url) }
    }

    pub(crate) fn url(&self) -> String {
        let server = self.server.as_ref().filter(|_| self.url.is_empty());
        server.map_or(self.url.clone(), RawServer::url)
    }
}

/// The script of a server that plays one list of steps on the first connection and one on the others.
fn script(
    first: Vec<Step>,
    others: Vec<Step>,
    operation: Operation,
) -> impl Fn(RawConnection) + Send + Sync {
    let connections = AtomicUsize::new(0);
    move |conn| {
        let is_first = connections.fetch_add(1, Ordering::SeqCst) == 0;
        play(if is_first { &first } else { &others }, conn, operation);
    }
}

/// A server that plays these steps on every connection.
pub(crate) fn plain(steps: impl Into<Vec<Step>>) -> Scenario {
    let steps = steps.into();
    let scenario = plain_twice(steps.clone(), steps.clone());
    Scenario { steps: Some(steps), ..scenario }
}

/// The same over TLS.
pub(crate) fn secure(steps: impl Into<Vec<Step>>) -> Scenario {
    let steps = steps.into();
    let scenario = secure_twice(steps.clone(), steps.clone());
    Scenario { steps: Some(steps), ..scenario }
}

/// Plain and over TLS.
pub(crate) fn both(steps: impl Into<Vec<Step>>) -> [Scenario; 2] {
    let steps = steps.into();
    [plain(steps.clone()), secure(steps)]
}

/// A server that plays the one on its first connection and the other on those after it.
pub(crate) fn plain_twice(first: impl Into<Vec<Step>>, others: impl Into<Vec<Step>>) -> Scenario {
    let (first, others) = (first.into(), others.into());
    Scenario::new(move |operation| {
        let script = script(first.clone(), others.clone(), operation);
        Ok(Setup::of(RawServer::start(script)))
    })
}

/// The same over TLS.
pub(crate) fn secure_twice(first: impl Into<Vec<Step>>, others: impl Into<Vec<Step>>) -> Scenario {
    let (first, others) = (first.into(), others.into());
    let scenario = Scenario::new(move |operation| {
        let script = script(first.clone(), others.clone(), operation);
        Ok(Setup::of(RawServer::start_tls(CA.good(), script)))
    });
    Scenario { is_tls: true, ..scenario }.label("over TLS")
}

/// A server that does nothing after its handshake, if there is one.
pub(crate) fn handshake(config: fn() -> Arc<ServerConfig>) -> Scenario {
    Scenario::new(move |_| Ok(Setup::of(RawServer::start_tls(config(), drop))))
}

/// A server that is spoken to in TLS and plays these steps without it.
pub(crate) fn below_tls(steps: impl Into<Vec<Step>>) -> Scenario {
    let steps = steps.into();
    Scenario::new(move |operation| {
        let server = RawServer::start(script(steps.clone(), steps.clone(), operation));
        // Not as the setup's server: what it sees is a handshake and no request.
        Ok(Setup::holding(server.url().replace("http:", "https:"), server))
    })
}

/// A server that reads the request, sends this and closes.
pub(crate) fn closing(label: &str, text: impl Into<String>) -> Scenario {
    plain([ReadRequest, Step::send(text)]).label(label)
}

/// A server that reads the request, sends this and stays.
pub(crate) fn staying(label: &str, text: impl Into<String>) -> Scenario {
    plain([ReadRequest, Step::send(text), Stall]).label(label)
}

/// A proxy that plays these steps. The service is somewhere else.
pub(crate) fn proxy(steps: impl Into<Vec<Step>>) -> Scenario {
    proxy_of(|_| "https://127.0.0.1/sms/verifySMS".into(), steps)
}

/// A proxy at the address of the service, which answers a CONNECT with this and stays.
pub(crate) fn proxy_at_the_service(scheme: &'static str, text: &str) -> Scenario {
    let url = move |port| format!("{scheme}://127.0.0.1:{port}/sms/verifySMS");
    proxy_of(url, [ReadConnect, Step::send(text), Stall]).label(&format!("{scheme} {text}"))
}

fn proxy_of(
    url: impl Fn(u16) -> String + Send + Sync + 'static,
    steps: impl Into<Vec<Step>>,
) -> Scenario {
    let steps = steps.into();
    Scenario::new(move |operation| {
        let server = RawServer::start(script(steps.clone(), steps.clone(), operation));
        let (url, proxy) = (url(server.port()), format!("http://127.0.0.1:{}", server.port()));
        Ok(Setup { url, proxy, ..Setup::of(server) })
    })
}

/// An address without a server of ours.
pub(crate) fn at(url: &'static str) -> Scenario {
    Scenario::new(move |_| Ok(Setup::at(url.into())))
}

pub(crate) fn resolved_by(fault: DnsFault) -> Scenario {
    Scenario::new(move |_| {
        let name_server = Some(NameServer::start(fault)?);
        Ok(Setup { name_server, ..Setup::at("http://service.invalid/sms/verifySMS".into()) })
    })
}

pub(crate) fn refused() -> Scenario {
    Scenario::new(|_| {
        let port = ClosedPort::new();
        Ok(Setup::holding(port.url(), port))
    })
}

pub(crate) fn blackhole() -> Scenario {
    Scenario::new(|_| {
        let port = BlackholePort::new();
        Ok(Setup::holding(port.url(), port))
    })
}

/// A server that redirects to another one.
pub(crate) fn redirects(status: u16) -> Scenario {
    Scenario::new(move |operation| {
        let elsewhere = RawServer::start(script(vec![Drain], vec![Drain], operation));
        let location = format!("Location: {}", elsewhere.url());
        let steps = vec![ReadRequest, response_step(status, &[&location], "moved"), Drain];
        let server = RawServer::start(script(steps.clone(), steps, operation));
        Ok(Setup { bystander: Some(elsewhere), ..Setup::of(server) })
    })
    .label(&status.to_string())
}

/// Sends a response with its length.
pub(crate) fn response_step(status: u16, headers: &[&str], body: &str) -> Step {
    Step::send(text(response(status, headers, body.as_bytes())))
}

/// Sends a 200 with this JSON.
pub(crate) fn ok_step(json: &str) -> Step {
    Step::send(text(ok(json)))
}

fn text(response: Vec<u8>) -> String {
    String::from_utf8(response).expect("a response in UTF-8")
}

/// The steps of a server that answers with success.
pub(crate) fn success() -> [Step; 2] {
    [ReadRequest, Step::send(OK)]
}
