//! What an attempt went through, for its log record.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A step of an attempt.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// The addresses of the name are known.
    Dns,
    /// TCP is connected.
    Connect,
    /// The proxy has connected to the service.
    Proxy,
    /// The TLS handshake is done.
    Tls,
    /// The first byte of an answer has come.
    FirstByte,
}

/// The names of the steps in a record, in their order.
const NAMES: [&str; 5] = ["DNS", "connect", "proxy", "TLS", "first byte"];

/// The connection of an attempt, and how long each step took. It is text only if somebody reads the log.
pub(super) struct Trace {
    /// The other end of the TCP connection: the service, or the proxy.
    pub(super) peer: Option<SocketAddr>,
    /// Whether the connection was kept from an earlier call.
    pub(super) is_reused: bool,
    /// The version of TLS.
    pub(super) tls: Option<&'static str>,
    /// When the last step was done.
    last: Instant,
    took: [Option<Duration>; NAMES.len()],
}

impl Trace {
    /// Begins an attempt.
    pub(super) fn new(started: Instant) -> Trace {
        let took = [None; NAMES.len()];
        Trace { peer: None, is_reused: false, tls: None, last: started, took }
    }

    /// Notes that a step is done.
    pub(super) fn done(&mut self, step: Step) {
        self.done_at(step, Instant::now());
    }

    /// Notes when a step was done.
    pub(super) fn done_at(&mut self, step: Step, time: Instant) {
        self.took[step as usize] = Some(time.saturating_duration_since(self.last));
        self.last = time;
    }
}

/// For example `; 192.0.2.1:443, new, TLS 1.3; DNS 2 ms, connect 11 ms, TLS 24 ms, first byte 38 ms`.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(peer) = self.peer {
            write!(f, "; {peer}, {}", if self.is_reused { "kept" } else { "new" })?;
        }
        if let Some(version) = self.tls {
            write!(f, ", {version}")?;
        }
        let took = NAMES.iter().zip(self.took).filter_map(|(name, took)| Some((name, took?)));
        for (index, (name, took)) in took.enumerate() {
            let separator = if index == 0 { ";" } else { "," };
            write!(f, "{separator} {name} {} ms", took.as_millis())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_steps_that_were_made() {
        let started = Instant::now();
        let at = |ms| started + Duration::from_millis(ms);
        let mut trace = Trace::new(started);
        assert_eq!(trace.to_string(), "");
        trace.done_at(Step::Dns, at(2));
        assert_eq!(trace.to_string(), "; DNS 2 ms");
        trace.peer = Some("[2001:db8::1]:443".parse().unwrap());
        trace.done_at(Step::Connect, at(13));
        trace.tls = Some("TLS 1.3");
        trace.done_at(Step::Tls, at(40));
        trace.done_at(Step::FirstByte, at(90));
        let steps = "DNS 2 ms, connect 11 ms, TLS 27 ms, first byte 50 ms";
        assert_eq!(trace.to_string(), format!("; [2001:db8::1]:443, new, TLS 1.3; {steps}"));
    }

    #[test]
    fn a_kept_connection_has_its_answer_alone() {
        let started = Instant::now();
        let mut trace = Trace::new(started);
        (trace.peer, trace.is_reused) = (Some("127.0.0.1:80".parse().unwrap()), true);
        trace.done_at(Step::FirstByte, started + Duration::from_millis(7));
        assert_eq!(trace.to_string(), "; 127.0.0.1:80, kept; first byte 7 ms");
    }
}
