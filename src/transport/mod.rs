//! One blocking HTTPS exchange: a request goes out, an answer comes back, or it is known how far
//! the request got.
//!
//! Knows nothing of SMS. HTTP is ureq's; the sockets below it are ours.

mod agents;
mod buffers;
mod call;
mod dns;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod mark;
mod proxy;
mod socket;
mod socks;
mod sys;
mod tcp;
mod tls;
mod trust;

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use ureq::http::{HeaderValue, Uri};
use zeroize::Zeroize;

use crate::config::{Config, Log, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::memory;
use crate::reply;
use crate::request::Request;

use agents::{Agents, Line, Plan};
use call::{Call, Control, Phase, Stop};
pub(crate) use proxy::parse as parse_proxy;
use trust::Trust;

/// What the service and a proxy see as the program that asks.
const NAME: &str = concat!("verifysms/", env!("CARGO_PKG_VERSION"));
/// The pauses before the second and the third attempt to connect.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// An HTTP answer, whole.
pub(crate) struct Answer<'a> {
    pub(crate) http_status: u16,
    pub(crate) body: &'a [u8],
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
    agents: Agents,
}

impl Transport {
    pub(crate) fn new(config: &Config) -> Result<Transport, Error> {
        sys::watch_forks().map_err(|_| memory::none())?;
        let proxy = proxy::choose(&config.proxy, &config.url, |name| std::env::var(name).ok())?;
        let plan = Plan::new(config.url.clone(), proxy, Trust::new(config));
        let host = config.url.authority().map_or("", |authority| authority.as_str());
        Ok(Transport {
            host: HeaderValue::try_from(host).map_err(|_| Error::invalid("url", "has no host"))?,
            url: config.url.clone(),
            timeout: config.timeout,
            connect_timeout: config.connect_timeout,
            control: Arc::new(Control::new(config.interrupt.clone())),
            log: config.log.clone(),
            agents: Agents::new(plan),
        })
    }

    /// Ends the exchanges that are under way.
    pub(crate) fn cancel(&self) {
        self.control.cancel();
    }

    /// Sends `request`, waits for the answer and has it read. Attempts that end before a byte of
    /// the request left are repeated while there is time; any other never is.
    pub(crate) fn exchange<T>(
        &self,
        watch: memory::Watch,
        request: &Request,
        read: impl Fn(Answer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let call = Call::new(watch, &self.control, self.timeout);
        call.run(|| {
            let mut pauses = PAUSES.into_iter();
            let mut number = 0;
            loop {
                number += 1;
                let failure = match self.attempt(&call, number, request, &read) {
                    Ok(result) => return result,
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

    fn attempt<T>(
        &self,
        call: &Call,
        number: u32,
        request: &Request,
        read: impl Fn(Answer<'_>) -> T,
    ) -> Result<T, Failure> {
        let begun = Instant::now();
        call.begin_attempt(begun, self.connect_timeout);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            self.agents.with(call, |line| {
                call.slice()?;
                let status = self.run(call, line, request)?;
                Ok((status, read(Answer { http_status: status, body: &line.answer })))
            })
        }));
        let result = match ran {
            Ok(result) => result.map_err(|error: ureq::Error| Failure::new(call, &error)),
            Err(_) => Err(Failure::defect(call)),
        };
        self.log_attempt(number, begun, result.as_ref().map(|(status, _)| *status));
        result.map(|(_, result)| result)
    }

    /// Runs a request to its end. Answers the HTTP status; the body is in the line.
    fn run(&self, call: &Call, line: &mut Line, request: &Request) -> Result<u16, ureq::Error> {
        let length = line.length(request.body().len()).clone();
        let mut response = line
            .agent
            .post(&self.url)
            .header(HOST, &self.host)
            .header(USER_AGENT, HeaderValue::from_static(NAME))
            .header(CONTENT_TYPE, request.content_type())
            .header(CONTENT_LENGTH, length)
            .send(request.body())?;
        let body = &mut *line.answer;
        body.clear();
        let most = reply::LONGEST as u64 + 1;
        let read = response.body_mut().as_reader().take(most).read_to_end(body);
        if read.is_err() {
            // What was read may also lie behind the end.
            body.zeroize();
        }
        match read {
            // What becomes of the body of an HTTP error does not change that it is one.
            Err(_) if !response.status().is_success() && call.stop().is_none() => {}
            result => drop(result?),
        }
        Ok(response.status().as_u16())
    }

    fn log_attempt(&self, number: u32, begun: Instant, result: Result<u16, &Failure>) {
        let Some(log) = &self.log else { return };
        let outcome = match result {
            Ok(status) => format!("HTTP status {status}"),
            Err(failure) => failure.error.to_string(),
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
        if call.is_short_of_memory() {
            // What there was no memory for may have failed in another way.
            call.end(Stop::NoMemory);
        }
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
            (false, _, ureq::Error::ConnectProxyFailed(answer)) => {
                // Its numbers: 407, Proxy Authentication Required (RFC 9110, section 15.5.8).
                let remedy = match answer.contains("407") {
                    true => "it wants a user name and password, or others (407)",
                    false => answer,
                };
                failure(
                    Code::Connect,
                    Reached::No,
                    format!("the proxy made no connection: {remedy}"),
                )
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
            (Some(Stop::NoMemory), _) => (Code::Internal, memory::NONE),
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

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;
    use crate::phone::Phone;
    use crate::request::Boundary;
    use crate::secret::Secret;

    /// A server that answers one request on each of so many connections, and closes them. At the
    /// end it says how many it has seen.
    fn server(connections: usize) -> (Transport, JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = Config::new();
        let address = listener.local_addr().unwrap();
        config.set_url(Some(&format!("http://{address}/"))).unwrap();
        config.set_timeout(Duration::from_secs(20)).unwrap();
        let serving = std::thread::spawn(move || {
            let answered = listener.incoming().take(connections).filter(|stream| {
                let stream = stream.as_ref().unwrap();
                let is_last =
                    |line: &std::io::Result<String>| line.as_ref().unwrap().ends_with("--");
                BufReader::new(stream).lines().find(is_last).unwrap().unwrap();
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                (&*stream).write_all(answer).is_ok()
            });
            answered.count()
        });
        (Transport::new(&config).unwrap(), serving)
    }

    #[test]
    fn a_panic_in_the_reading_of_an_answer_ends_that_call_alone() {
        let (transport, serving) = server(2);
        let secret = |text| Secret::new(text).unwrap();
        let to = Phone::parse("0501234567").unwrap();
        let request =
            Request::check(&Boundary::random(), &secret("key"), &to, &secret("1234")).unwrap();
        let read: fn(Answer<'_>) -> Result<(), Error> = |_| panic!("a defect of ours");
        let error = transport.exchange(memory::begin(), &request, read).unwrap_err();
        assert_eq!((error.code(), error.reached()), (Code::Internal, Reached::Unknown));
        // Sent again, the first request would have taken the connection that is left for this one.
        let body = transport
            .exchange(memory::begin(), &request, |answer| Ok(answer.body.to_vec()))
            .unwrap();
        assert_eq!(body, b"ok");
        assert_eq!(serving.join().unwrap(), 2);
    }
}
