//! The agents of a client, each with one connection, and what happens to them in a fork.
//!
//! One agent for all would do, but ureq hands out its oldest connection and probes it under its
//! lock; threads that share a client would wait for each other, and no connection would ever age.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;
use ureq::Agent;
use ureq::http::{HeaderValue, Request, Uri};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector};
use zeroize::{Zeroize, Zeroizing};

use super::call::Call;
use super::mark::Mark;
use super::tcp::{Later, Tcp};
use super::tls::Tls;
use super::trust::Trust;
use super::{NAME, sys};

/// How long an idle connection is kept. Web servers close theirs after 5 seconds and more
/// (Apache's default), and a request written into a closing connection is one whose fate nobody
/// knows.
const IDLE: Duration = Duration::from_secs(4);
/// How many idle connections are kept at most.
const IDLE_MOST: usize = 128;
/// How much room for the next answer is kept with a connection, in bytes.
const ANSWER_KEPT: usize = 4 * 1024;
/// The longest head of an answer, in bytes.
const HEAD_LONGEST: usize = 16 * 1024;

/// What an agent is made from.
#[derive(Clone)]
pub(super) struct Plan {
    url: Uri,
    http: ureq::config::Config,
    trust: Trust,
}

impl Plan {
    /// For the making of a client, not for its calls: ureq looks the environment's proxies up
    /// whether or not they are wanted.
    pub(super) fn new(url: Uri, proxy: Option<ureq::Proxy>, trust: Trust) -> Plan {
        let http = Agent::config_builder()
            .proxy(proxy)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(NAME)
            .accept("")
            .accept_encoding("")
            .max_response_header_size(HEAD_LONGEST)
            .max_idle_connections(1)
            .max_idle_age(IDLE)
            .build();
        settle(&http);
        Plan { url, http, trust }
    }
}

/// A process's first request makes a value that ureq keeps, under a lock. A child forked off
/// meanwhile would wait for that lock for ever, so before there is a client to be used in a child,
/// one request goes nowhere.
fn settle(http: &ureq::config::Config) {
    let nowhere = Agent::with_parts(http.clone(), (), Later);
    let _ = nowhere.run(Request::new(()));
}

/// The agents that no call is using, those used last at the back.
///
/// There are some for each process that the client lives in. After a fork the child makes its own:
/// the parent's connections, and its locks that another thread may have held, are left untouched.
pub(super) struct Agents {
    generation: usize,
    plan: Plan,
    tls: Tls,
    idle: Mutex<VecDeque<Idle>>,
    next: OnceBox<Agents>,
}

struct Idle {
    line: Line,
    since: Instant,
}

/// What a call uses alone: an agent with its connection, room for the answer, and the length of the
/// last request, which most have.
pub(super) struct Line {
    pub(super) agent: Agent,
    pub(super) answer: Zeroizing<Vec<u8>>,
    length: (usize, HeaderValue),
}

impl Line {
    /// The value of a Content-Length header.
    pub(super) fn length(&mut self, length: usize) -> &HeaderValue {
        if self.length.0 != length {
            self.length = (length, HeaderValue::from(length));
        }
        &self.length.1
    }
}

impl Agents {
    pub(super) fn new(plan: Plan) -> Agents {
        Agents {
            generation: sys::generation(),
            tls: Tls::new(plan.trust.clone()),
            plan,
            idle: Mutex::default(),
            next: OnceBox::new(),
        }
    }

    /// Does `work` with the line that was used last, or a new one.
    pub(super) fn with<T>(&self, call: &Call, work: impl FnOnce(&mut Line) -> T) -> T {
        let agents = self.of_this_process();
        let kept = agents.lock().pop_back();
        let mut line = kept.map_or_else(|| agents.line(), |idle| idle.line);
        let result = work(&mut line);
        if agents.generation == sys::generation() {
            // What was made of the reserve is given back.
            if !call.is_short_of_memory() {
                agents.keep(line);
            }
        } else {
            // `work` forked: the connection is the parent's, and its lock may never be free.
            line.answer.zeroize();
            std::mem::forget(line);
        }
        result
    }

    fn keep(&self, mut line: Line) {
        line.answer.as_mut_slice().zeroize();
        if line.answer.capacity() > ANSWER_KEPT {
            line.answer = Zeroizing::default();
        }
        let since = Instant::now();
        let mut idle = self.lock();
        idle.push_back(Idle { line, since });
        let is_spare = |idle: &VecDeque<Idle>| {
            idle.len() > IDLE_MOST || idle.front().is_some_and(|first| since - first.since > IDLE)
        };
        while is_spare(&idle) {
            idle.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of_this_process(&self) -> &Agents {
        let generation = sys::generation();
        let mut agents = self;
        while agents.generation != generation {
            agents = agents.next.get_or_init(|| Box::new(Agents::new(agents.plan.clone())));
        }
        agents
    }

    fn line(&self) -> Line {
        let connector = ConnectProxyConnector::default()
            .chain(Tcp)
            .chain(self.tls.clone())
            .chain(Mark { url: self.plan.url.clone() });
        let agent = Agent::with_parts(self.plan.http.clone(), connector, Later);
        Line { agent, answer: Zeroizing::default(), length: (0, HeaderValue::from(0)) }
    }
}

impl Drop for Agents {
    fn drop(&mut self) {
        if self.generation != sys::generation() {
            // A parent's agents stay as they are.
            std::mem::forget(std::mem::take(&mut self.idle));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agents() -> Agents {
        Agents::new(Plan::new(Uri::from_static("https://host/"), None, Trust::Bundled))
    }

    #[test]
    fn no_more_connections_are_kept_than_are_worth_it() {
        let agents = agents();
        for _ in 0..IDLE_MOST + 3 {
            agents.keep(agents.line());
        }
        assert_eq!(agents.lock().len(), IDLE_MOST);
    }

    #[test]
    fn none_is_kept_that_is_older_than_what_servers_keep() {
        let agents = agents();
        for _ in 0..3 {
            agents.keep(agents.line());
        }
        for idle in agents.lock().iter_mut().take(2) {
            idle.since -= IDLE;
        }
        agents.keep(agents.line());
        assert_eq!(agents.lock().len(), 2);
    }
}
