//! One blocking HTTPS exchange: a request goes out, an answer comes back, or it is known how far
//! the request got.
//!
//! Knows nothing of SMS. HTTP and the pool of connections are ureq's; the sockets below are ours.

mod buffers;
mod call;
mod dns;
mod proxy;
mod socket;
mod socks;
mod sys;
mod tcp;
mod tls;
mod trust;

use std::fmt;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;
use ureq::Agent;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use ureq::http::{HeaderValue, Uri};
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout,
    Transport as Connection,
};
use zeroize::Zeroizing;

use crate::config::{Config, Log, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::reply;
use crate::request::Request;

use call::{Call, Control, Phase, Stop};
pub(crate) use proxy::parse as parse_proxy;
use tcp::{Later, Tcp};
use tls::Tls;
use trust::Trust;

/// What the service and a proxy see as the program that asks.
const NAME: &str = concat!("verifysms/", env!("CARGO_PKG_VERSION"));
/// How long an idle connection is kept. Web servers close theirs after 5 seconds and more
/// (Apache's default), and a request written into a closing connection is one whose fate nobody
/// knows.
const IDLE: Duration = Duration::from_secs(4);
/// How many idle connections are kept at most.
const IDLE_MOST: usize = 128;
/// The longest head of an answer, in bytes.
const HEAD_LONGEST: usize = 16 * 1024;
/// The pauses before the second and the third attempt to connect.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// An HTTP answer, whole.
pub(crate) struct Answer {
    pub(crate) http_status: u16,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// The way to one address.
pub(crate) struct Transport {
    url: Uri,
    /// The Host header, which ureq would write anew for every request.
    host: HeaderValue,
    timeout: Duration,
    connect_timeout: Duration,
    control: Arc<Control>,
    log: Option<Log>,
    agents: Generation,
}

impl Transport {
    pub(crate) fn new(config: &Config) -> Result<Transport, Error> {
        let proxy = proxy::choose(&config.proxy, &config.url, |name| std::env::var(name).ok())?;
        let plan = Plan { url: config.url.clone(), proxy, trust: Trust::new(config) };
        let host = config.url.authority().map_or("", |authority| authority.as_str());
        Ok(Transport {
            host: HeaderValue::try_from(host).map_err(|_| Error::invalid("url", "has no host"))?,
            url: config.url.clone(),
            timeout: config.timeout,
            connect_timeout: config.connect_timeout,
            control: Arc::new(Control::new(config.interrupt.clone())),
            log: config.log.clone(),
            agents: Generation::new(Arc::new(plan)),
        })
    }

    /// Ends the exchanges that are under way.
    pub(crate) fn cancel(&self) {
        self.control.cancel();
    }

    /// Sends `request` and waits for the answer. Attempts that end before a byte of the request
    /// left are repeated while there is time; any other never is.
    pub(crate) fn exchange(&self, request: &Request) -> Result<Answer, Error> {
        let call = Call::new(&self.control, self.timeout);
        call.run(|| {
            let mut pauses = PAUSES.into_iter();
            let mut number = 0;
            loop {
                number += 1;
                let begun = Instant::now();
                let result = self.attempt(&call, request);
                self.log_attempt(number, begun, &result);
                let failure = match result {
                    Ok(answer) => return Ok(answer),
                    Err(failure) => failure,
                };
                let pause = pauses
                    .next()
                    .filter(|&pause| failure.may_pass && !call.left() && call.time_left() > pause);
                let Some(pause) = pause else { return Err(failure.error) };
                if call.sleep(pause).is_err() {
                    return Err(Failure::stopped(&call).error);
                }
            }
        })
    }

    fn attempt(&self, call: &Call, request: &Request) -> Result<Answer, Failure> {
        call.begin_attempt(self.connect_timeout);
        catch_unwind(AssertUnwindSafe(|| self.run(request)))
            .map_err(|_| Failure::defect(call))?
            .map_err(|error| Failure::new(call, &error))
    }

    fn run(&self, request: &Request) -> Result<Answer, ureq::Error> {
        let mut response = self
            .agents
            .agent()
            .post(&self.url)
            .header(HOST, &self.host)
            .header(USER_AGENT, HeaderValue::from_static(NAME))
            .header(CONTENT_TYPE, request.content_type())
            .header(CONTENT_LENGTH, request.body().len().to_string())
            .send(request.body())?;
        let http_status = response.status().as_u16();
        let mut body = Zeroizing::new(Vec::with_capacity(1024));
        let most = reply::LONGEST as u64 + 1;
        let read = response.body_mut().as_reader().take(most).read_to_end(&mut body);
        match read {
            // What stands in the body of an HTTP error does not change that it is one.
            Err(_) if !response.status().is_success() => body.clear(),
            result => drop(result?),
        }
        Ok(Answer { http_status, body })
    }

    fn log_attempt(&self, number: u32, begun: Instant, result: &Result<Answer, Failure>) {
        let Some(log) = &self.log else { return };
        let outcome: &dyn fmt::Display = match result {
            Ok(answer) => &format_args!("HTTP status {}", answer.http_status),
            Err(failure) => &failure.error,
        };
        let elapsed = begun.elapsed().as_millis();
        log(LogLevel::Debug, &format!("attempt {number}: {outcome}, {elapsed} ms"));
    }
}

/// An attempt without an answer.
struct Failure {
    error: Error,
    /// Whether the same attempt might succeed a moment later.
    may_pass: bool,
}

impl Failure {
    fn new(call: &Call, error: &ureq::Error) -> Failure {
        if call.stop().is_some() {
            return Failure::stopped(call);
        }
        let failure = |code, reached, message: String| Failure {
            error: Error::new(code, reached, message),
            may_pass: is_transient(error),
        };
        match (call.left(), call.phase(), error) {
            (false, Phase::Tls, _) => {
                failure(Code::Tls, Reached::No, format!("no TLS connection: {error}"))
            }
            (false, _, _) => failure(Code::Connect, Reached::No, format!("no connection: {error}")),
            // A body that stalled is one whose end was cut off.
            (true, _, ureq::Error::Io(_) | ureq::Error::BodyStalled) => failure(
                Code::ConnectionLost,
                Reached::Unknown,
                format!("the connection was lost after the request began to leave: {error}"),
            ),
            // ureq's text may quote the answer.
            (true, _, _) => failure(
                Code::BadReply,
                Reached::Unknown,
                "the answer was not understood: it is not proper HTTP".into(),
            ),
        }
    }

    /// The call had to end.
    fn stopped(call: &Call) -> Failure {
        let reached = if call.left() { Reached::Unknown } else { Reached::No };
        let (code, message) = match (call.stop(), call.phase()) {
            (Some(Stop::Cancelled), _) => (Code::Cancelled, "the call was cancelled"),
            (Some(Stop::ConnectTimeout), Phase::Tls) => {
                (Code::Tls, "no TLS connection within the connect timeout")
            }
            (Some(Stop::ConnectTimeout), _) => {
                (Code::Connect, "no connection within the connect timeout")
            }
            (Some(Stop::TooMuch), _) => {
                (Code::BadReply, "the answer was not understood: it is too large")
            }
            _ => (Code::Timeout, "the deadline passed without an answer"),
        };
        Failure {
            error: Error::new(code, reached, message),
            may_pass: call.stop() == Some(Stop::ConnectTimeout),
        }
    }

    fn defect(call: &Call) -> Failure {
        let reached = if call.left() { Reached::Unknown } else { Reached::No };
        let error = Error::new(Code::Internal, reached, "a defect in the HTTP exchange");
        Failure { error, may_pass: false }
    }
}

/// Whether the network may do better a moment later. Certificates and proxies' rules do not.
fn is_transient(error: &ureq::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, Other};
    matches!(error, ureq::Error::Io(error) if !matches!(error.kind(), InvalidData | Other))
}

/// What an agent is made from.
struct Plan {
    url: Uri,
    proxy: Option<ureq::Proxy>,
    trust: Trust,
}

impl Plan {
    fn agent(&self) -> Agent {
        let config = Agent::config_builder()
            .proxy(self.proxy.clone())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(NAME)
            .accept("")
            .accept_encoding("")
            .max_response_header_size(HEAD_LONGEST)
            .max_idle_connections(IDLE_MOST)
            .max_idle_connections_per_host(IDLE_MOST)
            .max_idle_age(IDLE)
            .build();
        let connector = ConnectProxyConnector::default()
            .chain(Tcp)
            .chain(Tls::new(self.trust.clone()))
            .chain(Mark { url: self.url.clone() });
        Agent::with_parts(config, connector, Later)
    }
}

/// An agent for each process that the client lives in. After a fork the child makes its own: the
/// parent's connections, and its locks that another thread may have held, are left untouched.
struct Generation {
    number: usize,
    agent: Agent,
    plan: Arc<Plan>,
    next: OnceBox<Generation>,
}

impl Generation {
    fn new(plan: Arc<Plan>) -> Generation {
        Generation { number: sys::generation(), agent: plan.agent(), plan, next: OnceBox::new() }
    }

    /// The agent of this process.
    fn agent(&self) -> &Agent {
        let current = sys::generation();
        let mut generation = self;
        while generation.number != current {
            let next = || Box::new(Generation::new(generation.plan.clone()));
            generation = generation.next.get_or_init(next);
        }
        &generation.agent
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        if self.number != sys::generation() {
            // With a reference that is never given back, a parent's agent stays as it was.
            std::mem::forget(self.agent.clone());
        }
    }
}

/// Ends a chain of connectors: from here on what is written is the request.
#[derive(Debug)]
struct Mark {
    url: Uri,
}

impl<In: Connection> Connector<In> for Mark {
    type Out = Marked<In>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Marked<In>>, ureq::Error> {
        // The chain also runs for the way to a proxy, where only talk with the proxy is written.
        let is_request = details.uri.authority() == self.url.authority();
        Ok(chained.map(|connection| Marked { connection, is_request }))
    }
}

#[derive(Debug)]
struct Marked<In> {
    connection: In,
    is_request: bool,
}

impl<In: Connection> Connection for Marked<In> {
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
