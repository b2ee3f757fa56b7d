//! The service, imitated from its documentation alone, for tests and demonstrations: nothing is texted
//! and nobody pays.
//!
//! ```
//! use verifysms::sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::new())?;
//! println!("the URL for the client: {}", sandbox.url());
//! // ... a Send to 0501234567, then:
//! println!("the code that was texted: {:?}", sandbox.code("0501234567"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It answers over HTTP at [`Sandbox::url`], to bodies of `multipart/form-data` and
//! `application/x-www-form-urlencoded`, as the provider documents it: every documented reason for the
//! condition that earns it, codes of 6 digits that live 10 minutes and work once. Where the
//! documentation is silent, the sandbox has its own ways, which the real service need not share:
//! - a Check answers 1 for the right code, **2 for a wrong one and 3 for one that has expired or was
//!   already used**; the provider's own numbers for these are not known;
//! - a `to` that is not a number in the local form fails with reason 5;
//! - a new Send to a number replaces its code; a code may be tried any number of times;
//! - a request is refused for the first of these that is wrong: key, `to`, `from`, `message`;
//! - a body that is no form, is over 64 KiB or has a field twice is answered with an HTTP 4xx.
//!
//! It remembers the newest 10,000 messages, in memory.
//!
//! # The control API
//! Other programs see the messages and steer the sandbox with JSON over HTTP:
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /control/messages` | | `{"now": …, "messages": […]}`, newest first; `?to=0501234567` for one number |
//! | `GET /control/events` | | server-sent events: `snapshot` with the newest messages, then `changes` with those that changed |
//! | `POST /control/advance` | `{"seconds": 660}` | `{"now": …}`: the clock, in Unix seconds |
//! | `POST /control/reset` | | `{"now": …}`: messages, codes and script are forgotten, the clock is in the present |
//! | `POST /control/script` | `{"failure": {"http": 503}, "count": 2, "to": "0501234567"}` | `{"waiting": 2}`: how many requests are to fail |
//! | `GET /control/script` | | `{"waiting": 2, "entries": […]}`, as they were asked for |
//! | `GET /control/failures` | | `{"failures": […], "numbers": […]}`: what there is to ask for, and the numbers below |
//! | `GET /control/openapi.json` | | all this for machines: OpenAPI 3.1 |
//!
//! A message has the fields of [`Message`]; [`Failure`] says how failures are written. `count` is 1 unless
//! it is given; with `to` only requests for that number (in the local form) fail, and others pass by. An
//! event has `now`, the clock, `messages`, newest first, `oldest`, the lowest `unique` that is still among the
//! newest, `total`, how many messages are remembered, `waiting`, and `entries` when they have changed; a
//! snapshot has `api_key` too, and with TLS `ca_file`. There are at most ten events in a second. A refusal is an HTTP 4xx with
//! `{"error": "…"}`.
//!
//! # The page
//! A person sees all this in a browser, as it happens, at the path `/` of the same address, and steers it there.
//!
//! The control API and the page answer this machine only, and no page of another site: whoever can read
//! the messages can pass every verification.
//!
//! # Numbers that always behave one way
//! A test that uses one of these needs to steer nothing. As far as the public tables of numbers say, 057 is no
//! operator's, so that they are nobody's phone. "Done" means that the message is out, or the code spent. What
//! concerns checks alone (102, 126) lets a send pass.
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

#[path = "service/answer.rs"]
mod answer;
#[path = "failures/presets.rs"]
mod catalogue;
#[path = "service/code_generator.rs"]
mod codes;
#[path = "http/connection.rs"]
mod connection;
#[path = "page/control_api.rs"]
mod control;
#[path = "state.rs"]
mod desk;
#[path = "page/events.rs"]
mod events;
#[path = "failures/failure.rs"]
mod failure;
#[path = "http/raw_response.rs"]
mod fault;
#[path = "service/form_fields.rs"]
mod fields;
#[path = "page/access.rs"]
mod guard;
#[path = "service/message.rs"]
mod message;
#[path = "failures/test_numbers.rs"]
pub(crate) mod numbers;
mod options;
#[path = "service/message_store.rs"]
mod outbox;
#[path = "http/response.rs"]
mod page;
#[path = "page/json.rs"]
mod refusal;
#[path = "failures/wire.rs"]
mod reply;
#[path = "failures/script.rs"]
mod script;
#[path = "http/router.rs"]
mod server;
#[path = "service/rules.rs"]
mod service;
#[path = "page/files.rs"]
mod site;
#[path = "http/stream.rs"]
mod stream;
#[path = "http/tls.rs"]
mod tls;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use failure::{Body, Failure};
pub use message::{Message, State};
pub use options::{DEFAULT_API_KEY, Options};

use desk::Desk;
use tls::{AuthorityFile, Tls};

/// A running imitation of the service. Dropping it closes its connections and ends its thread.
#[must_use = "the sandbox stops when it is dropped"]
pub struct Sandbox {
    desk: Arc<Desk>,
    address: SocketAddr,
    authority: Option<AuthorityFile>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts to listen; requests are answered as soon as this returns.
    ///
    /// # Errors
    /// The options are refused (`InvalidInput`, and the text says what to do), or the address is not to be had.
    pub fn start(options: Options) -> io::Result<Sandbox> {
        let listener = options.listen()?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let (secure, authority) = match options.secure(address)? {
            Some(Tls { config, authority }) => (Some(config), Some(authority)),
            None => (None, None),
        };
        let ca_file = authority.as_ref().map(|authority| authority.path().display().to_string());
        let desk = Arc::new(Desk::new(options.into_service(), ca_file));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let app = server::app(Arc::clone(&desk), secure.is_some());
        let server = connection::serve(listener, secure, app, Arc::clone(&desk));
        let thread =
            thread::Builder::new().name("verifysms-sandbox".to_owned()).spawn(move || {
                runtime.spawn(server);
                // Ends by a message or by the sender's drop; either way it is time to stop.
                let _ = runtime.block_on(stopped);
            })?;
        Ok(Sandbox { desk, address, authority, stop: Some(stop), thread: Some(thread) })
    }

    /// The service's URL, for the client.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{}", self.origin(), reply::PATH)
    }

    /// The PEM file of the authority that a client has to trust, with [`Options::tls`].
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.authority.as_ref().map(AuthorityFile::path)
    }

    /// The address of the page that shows the messages as they arrive, for a browser on this machine.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}/", self.origin())
    }

    /// The address it listens on, with the port that was given to it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The messages to one number (in the local form) or to all, newest first.
    #[must_use]
    pub fn messages(&self, to: Option<&str>) -> Vec<Message> {
        self.desk.messages(to).1
    }

    /// The code of the newest message to a number (in the local form), whatever has become of it.
    #[must_use]
    pub fn code(&self, to: &str) -> Option<String> {
        self.desk.code(to)
    }

    /// Moves the sandbox's clock forward: 10 minutes let every code expire.
    ///
    /// # Errors
    /// The step is more than a hundred years (`InvalidInput`), or the clock would come to be so far ahead
    /// (`QuotaExceeded`).
    pub fn advance(&self, step: Duration) -> io::Result<()> {
        self.desk.advance(step).map(drop)
    }

    /// Forgets messages, codes and scripted failures, and sets the clock to the present. Repeatable codes begin again.
    pub fn reset(&self) {
        self.desk.reset();
    }

    /// Lets the next `count` requests fail, after those already scripted.
    ///
    /// # Errors
    /// The failure makes no sense (reason 1, an HTTP status outside 400 to 599…) or `count` is 0 (`InvalidInput`);
    /// a thousand orders wait (`QuotaExceeded`).
    pub fn script(&self, failure: Failure, count: u32) -> io::Result<()> {
        self.desk.script(failure, count, None).map(drop)
    }

    /// Lets the next `count` requests for a number (in the local form) fail; others pass by.
    ///
    /// # Errors
    /// Those of [`Sandbox::script`]; the number is none; the failure is [`Failure::Drop`].
    pub fn script_for(&self, to: &str, failure: Failure, count: u32) -> io::Result<()> {
        self.desk.script(failure, count, Some(to)).map(drop)
    }

    /// How many requests are still to fail, as scripted.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.desk.scripted().0
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has already been printed by it.
            let _ = thread.join();
        }
    }

    fn origin(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.reachable())
    }

    /// The address as another program on this machine uses it: "any address" is none to connect to.
    fn reachable(&self) -> SocketAddr {
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        address
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
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
