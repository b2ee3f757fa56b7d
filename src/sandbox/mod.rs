//! A sandbox for tests and demonstrations: it imitates the service from its documentation. Nothing is texted
//! and nobody pays.
//!
//! ```
//! use verifysms::sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::new())?;
//! println!("the URL for the client: {}", sandbox.url());
//! // ... a Send to 0501234567, then:
//! println!("the code in the message: {:?}", sandbox.code("0501234567"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It listens at [`Sandbox::url`], accepts `multipart/form-data` and `application/x-www-form-urlencoded`, and
//! answers as the provider documents it: it gives every documented reason, and its codes have 6 digits, are
//! valid for 10 minutes and work once. Where the documentation is silent, the sandbox decides; the real
//! service may differ:
//! - a Check answers 1 for the right code, **2 for a wrong one and 3 for one that is expired or used**; the
//!   provider's own numbers for these are unknown;
//! - a `to` that is not a number in the local form fails with reason 5;
//! - a new Send to a number replaces its code, and a code may be tried any number of times;
//! - key, `to`, `from` and `message` are checked in this order, and the first failed check gives the reason;
//! - a body that is no form, is larger than 64 KiB or repeats a field is answered with an HTTP 4xx.
//!
//! Delivery Status, at `/sms/deliveryStatus` on the same host, reports a message from a second to a week after it
//! was sent: as delivered, code 102, unless its number (see below) or a test says otherwise. Before and after
//! that, and for an id that nobody was given, the array is empty. The words and the time zone, UTC, are the
//! sandbox's own.
//!
//! It keeps the newest 10,000 messages and the newest 1,000 requests, in memory.
//!
//! # The control API
//! Other programs read the messages and steer the sandbox with JSON over HTTP:
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /control/messages` | | `{"now": …, "messages": […]}`, newest first; `?to=0501234567` for one number |
//! | `GET /control/wait` | | `{"now": …, "message": {…}}`: see below |
//! | `DELETE /control/messages/{unique}` | | `{"now": …}`: deletes a message and its code |
//! | `POST /control/messages/{unique}/delivery` | `{"code": 15}` | `{"now": …}`: what Delivery Status reports of a message; null for no report |
//! | `GET /control/requests` | | `{"now": …, "requests": […]}`: the log, newest first |
//! | `GET /control/events` | | server-sent events: `snapshot` with the recent messages, then `changes` with those that changed |
//! | `POST /control/advance` | `{"seconds": 660}` | `{"now": …}`: the clock, in Unix seconds |
//! | `POST /control/reset` | | `{"now": …}`: deletes messages, codes, script and log, and sets the clock to the present |
//! | `POST /control/script` | `{"failure": {"http": 503}, "count": 2, "to": "0501234567"}` | `{"waiting": 2}`: how many requests are left to fail |
//! | `GET /control/script` | | `{"waiting": 2, "entries": […]}`: the script |
//! | `GET /control/failures` | | `{"failures": […], "numbers": […]}`: preset failures and the test numbers below |
//! | `GET /control/openapi.json` | | this API for programs: OpenAPI 3.1 |
//!
//! A message has the fields of [`Message`], a request those of [`LoggedRequest`]; [`ScriptedFailure`] says how
//! failures are written. `count` is 1 by default. With `to`, in the local form, only requests for that number
//! fail.
//!
//! `GET /control/wait?to=0501234567` answers as soon as there is a message to the number, with the newest one.
//! `&after=63433454` waits for one that is newer than the message with this `unique`. After `&timeout=` seconds
//! without one, 0 to 300 and by default 10, it is an HTTP 404.
//!
//! An event has `now`, the clock; `messages`, newest first; `oldest`, the lowest `unique` of all recent
//! messages; `total`, how many messages are stored; `waiting`; `requests`, those since the last event, newest
//! first, 50 at most; and `entries` if they have changed. A snapshot also has `api_key` and,
//! with TLS, `ca_file`. There are at most ten events in a second. An error is an HTTP 4xx with `{"error":
//! "…"}`.
//!
//! # The page
//! The path `/` of the same address is a page for a browser: it shows the messages as they arrive and steers
//! the sandbox.
//!
//! The control API and the page answer only this machine, and no page of another site: whoever can read the
//! messages can pass every verification.
//!
//! # Test numbers
//! Every request for one of these numbers fails in the same way, without a script. As far as the public
//! numbering tables say, no operator has 057, so they are nobody's phone. "Done" means that the message is
//! out, or the code used. What applies only to checks (102, 126) lets a send pass.
//!
//! | number | every request for it |
//! |---|---|
//! | `0570000002` | reason 2, the sender is too long or too short |
//! | `0570000003` | reason 3, the sender is not approved |
//! | `0570000005` | reason 5, unknown error |
//! | `0570000006` | reason 6, wrong key |
//! | `0570000007` | reason 7, no phone number |
//! | `0570000009` | reason 9, no sender |
//! | `0570000010` | reason 10, no ##code## in the message |
//! | `0570000102` | wrong code |
//! | `0570000103` | expired code |
//! | `0570000110` | slow: 3 seconds |
//! | `0570000111` | a byte every 20 ms |
//! | `0570000112` | done, and the answer is lost |
//! | `0570000113` | done, and half of the answer is lost |
//! | `0570000114` | never answered |
//! | `0570000115` | connection reset |
//! | `0570000116` | done, and Content-Length is 10 too large |
//! | `0570000117` | an answer that is not HTTP |
//! | `0570000121` | an empty answer |
//! | `0570000122` | HTML in place of the answer |
//! | `0570000123` | malformed JSON |
//! | `0570000124` | truncated JSON |
//! | `0570000125` | the provider's printed sample |
//! | `0570000126` | an answer about another number |
//! | `0570000301`, `0570000302`, `0570000307`, `0570000308` | a redirect, HTTP 301, 302, 307, 308 |
//! | `0570000400`, `…401`, `…403`, `…404`, `…413`, `…429`, `…500`, `…502`, `…503`, `…504` | HTTP 400 and so on, with a page of HTML |
//!
//! A message to one of these is sent and checked like any other, but not delivered:
//!
//! | number | what Delivery Status reports |
//! |---|---|
//! | `0570000601` | not delivered: the phone is off |
//! | `0570000602` | not delivered: tried several times, timed out |
//! | `0570000604` | not delivered by the operator |
//! | `0570000615` | not delivered: a kosher number |
//! | `0570000617` | not delivered: the person opted out |
//! | `0570000618` | not delivered: an illegal message |
//! | `0570000747` | not delivered: a number outside of Israel |

// This file is the front door. `service` has the rules, `failures` what goes wrong on demand, `request_log` what
// became of each request, `http` the connections and routes, `page` the control API and the browser page. `state`
// joins them behind one lock.
mod failures;
mod http;
mod invalid_input;
mod options;
mod page;
mod request_log;
mod service;
mod state;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::{Builder, Client};

pub use failures::failure::{ScriptedFailure, WrongBody};
#[cfg(feature = "cli")]
pub(crate) use failures::test_numbers::test_numbers;
pub use options::{DEFAULT_API_KEY, Options};
pub use request_log::{LoggedRequest, RequestKind, RequestOutcome};
pub use service::message::{Message, MessageState};

use http::connection::accept_connections;
use http::router::router;
use http::tls::{AuthorityFile, ServerTls};
use service::SERVICE_PATH;
use state::SharedState;

/// A running sandbox. Dropping it closes its connections and ends its thread.
#[must_use = "the sandbox stops when it is dropped"]
pub struct Sandbox {
    state: Arc<SharedState>,
    address: SocketAddr,
    scheme: &'static str,
    authority: Option<AuthorityFile>,
    api_key: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts the sandbox. It answers requests as soon as this returns.
    ///
    /// # Errors
    /// An option is invalid (`InvalidInput`, and the text says what to do), or the sandbox cannot listen on
    /// the address.
    pub fn start(options: Options) -> io::Result<Sandbox> {
        let listener = options.listen()?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let (scheme, tls, authority) = match options.server_tls(address)? {
            Some(ServerTls { config, authority }) => ("https", Some(config), Some(authority)),
            None => ("http", None, None),
        };
        let ca_file = authority.as_ref().map(|authority| authority.path().display().to_string());
        let api_key = options.key().to_owned();
        let (service, log) = options.into_service();
        let state = Arc::new(SharedState::new(service, log, ca_file));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let router = router(Arc::clone(&state), scheme);
        let server = accept_connections(listener, tls, router, Arc::clone(&state));
        let thread =
            thread::Builder::new().name("verifysms-sandbox".to_owned()).spawn(move || {
                runtime.spawn(server);
                // Returns when the sender is dropped.
                let _ = runtime.block_on(stopped);
            })?;
        let (stop, thread) = (Some(stop), Some(thread));
        Ok(Sandbox { state, address, scheme, authority, api_key, stop, thread })
    }

    /// The service's URL, for the client.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{SERVICE_PATH}", self.origin())
    }

    /// With [`Options::tls`], the PEM file of the authority that a client has to trust.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.authority.as_ref().map(AuthorityFile::path)
    }

    /// The URL of the page that shows the messages as they arrive, for a browser on this machine.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}/", self.origin())
    }

    /// The address that it listens on, with the actual port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The messages to one number (in the local form) or to all, newest first.
    #[must_use]
    pub fn messages(&self, to: Option<&str>) -> Vec<Message> {
        self.state.messages(to).1
    }

    /// The code of the newest message to a number (in the local form), whatever its state.
    #[must_use]
    pub fn code(&self, to: &str) -> Option<String> {
        self.state.code(to)
    }

    /// Waits for a message to a number (in the local form) and returns the newest one. With `after`, it must be
    /// newer than the message with that [`Message::unique`]. `None` if there is none within the timeout.
    #[must_use]
    pub fn wait_for_message(
        &self,
        to: &str,
        after: Option<&str>,
        timeout: Duration,
    ) -> Option<Message> {
        let after = after.and_then(|unique| unique.parse().ok()).unwrap_or_default();
        self.state.wait_for_message(to, after, timeout)
    }

    /// The newest 1,000 requests to the service, also those that were refused, newest first.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state.requests().1
    }

    /// Sets the code that Delivery Status reports of the message with this [`Message::unique`]: 102 for
    /// delivered, 15 for a kosher number and so on; `None` for no report. Returns whether there is such a message.
    pub fn set_delivery(&self, unique: &str, code: impl Into<Option<i64>>) -> bool {
        let (unique, code) = (unique.parse().ok(), code.into());
        unique.and_then(|unique| self.state.set_delivery(unique, code)).is_some()
    }

    /// Moves the sandbox's clock forward. After 10 minutes every code has expired.
    ///
    /// # Errors
    /// The step is more than a hundred years (`InvalidInput`), or the clock would be that far ahead
    /// (`QuotaExceeded`).
    pub fn advance(&self, step: Duration) -> io::Result<()> {
        self.state.advance(step).map(drop)
    }

    /// How far the sandbox's clock is ahead in milliseconds, for
    /// [`Builder::sandbox_clock`](crate::Builder::sandbox_clock).
    #[doc(hidden)]
    #[must_use]
    pub fn clock_offset(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.state.clock_offset)
    }

    /// A client for this sandbox, still to be built. It limits nothing unless you name a guard, such as
    /// `memory:`, which then keeps the sandbox's clock: [`advance`](Sandbox::advance) ends a cooldown.
    pub fn client(&self) -> Builder {
        let builder = Client::builder(&self.api_key).url(&self.url()).guard(None);
        let builder = builder.sandbox_clock(self.clock_offset());
        self.ca_file().into_iter().fold(builder, Builder::ca_file)
    }

    /// Deletes messages, codes, script and log, and sets the clock to the present. Seeded codes start again.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Lets the next `count` requests fail, after those already in the script.
    ///
    /// # Errors
    /// The failure is invalid (reason 1, an HTTP status outside 400 to 599…) or `count` is 0
    /// (`InvalidInput`); the script has a thousand entries (`QuotaExceeded`).
    pub fn script(&self, failure: ScriptedFailure, count: u32) -> io::Result<()> {
        self.state.script(failure, count, None).map(drop)
    }

    /// Lets the next `count` requests for a number (in the local form) fail; others pass.
    ///
    /// # Errors
    /// Those of [`Sandbox::script`]; the number is not in the local form; the failure is
    /// [`ScriptedFailure::Drop`].
    pub fn script_for(&self, to: &str, failure: ScriptedFailure, count: u32) -> io::Result<()> {
        self.state.script(failure, count, Some(to)).map(drop)
    }

    /// How many requests in the script are left to fail.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.state.scripted().0
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // If the thread panics, it prints the panic itself.
            let _ = thread.join();
        }
    }

    /// Scheme, host and port as a program on this machine uses them.
    fn origin(&self) -> String {
        let mut address = self.address;
        // Nobody can connect to an unspecified address.
        match address.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("{}://{address}", self.scheme)
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.join();
    }
}
