//! Calls for a program that has an event loop: they are started, and their results come when they come.

use std::fmt;
use std::future::Future;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;

use super::{Answered, Check, Client, Record, Sent, phone};
use crate::config::{Log, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::phone::Phone;
use crate::transport::{Call, Reactor};

/// Any number of calls of a client at once, in one thread that never blocks. A call is started under a
/// key of the caller's, and its result is taken with this key.
///
/// The descriptor is readable, by poll(2), epoll(7) or kqueue(2), when [`take`](Queue::take) has
/// something to do. A call's deadline begins when it is started. The interrupt function of the client
/// is not asked: nothing waits. Half the descriptors that the process may have open, and at most 1024,
/// are used for connections; the calls beyond wait for others to end, while their time runs.
///
/// A child that was forked off makes a queue of its own: in this one it can start nothing, and nothing
/// comes. A queue that is dropped cancels what is under way, and its results are lost.
///
/// # Example
/// ```no_run
/// # fn poll(_: &dyn std::os::fd::AsRawFd) {}
/// # fn main() -> Result<(), verifysms::Error> {
/// let client = verifysms::Client::builder("the account's key").sender("Acme").build()?;
/// let mut queue = verifysms::Queue::new(client.into())?;
/// queue.send("a key of yours", "050-123-4567")?;
/// while !queue.is_empty() {
///     poll(&queue);
///     while let Some((key, result)) = queue.take() {
///         println!("{key}: {result:?}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Queue<K> {
    client: Arc<Client>,
    log: Option<LogOf<K>>,
    reactor: Reactor<K, Outcome>,
}

/// Makes the function that the log records of one call go to.
type LogOf<K> = Box<dyn Fn(&K) -> Log + Send + Sync>;

/// What a call of a queue has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a check that nobody looks at verifies nothing"]
pub enum Outcome {
    /// There is a connection.
    Connected,
    /// A message was accepted.
    Sent(Sent),
    /// A code was checked.
    Checked(Check),
}

impl Answered for Outcome {
    fn code(&self) -> Code {
        match self {
            Outcome::Connected => ().code(),
            Outcome::Sent(sent) => sent.code(),
            Outcome::Checked(check) => check.code(),
        }
    }

    fn reached(&self) -> Reached {
        match self {
            Outcome::Connected => ().reached(),
            Outcome::Sent(sent) => sent.reached(),
            Outcome::Checked(check) => check.reached(),
        }
    }
}

impl<K> Queue<K> {
    /// Makes a queue for calls of `client`, of which there may be several.
    ///
    /// # Errors
    /// [`Code::Internal`] when the process has no descriptor left.
    pub fn new(client: Arc<Client>) -> Result<Queue<K>, Error> {
        Ok(Queue { client, log: None, reactor: Reactor::new()? })
    }

    /// Has the log records of its calls, with their keys, go there and not where the client's go.
    #[must_use]
    pub fn log(mut self, log: impl Fn(&K, LogLevel, &str) + Send + Sync + 'static) -> Queue<K>
    where
        K: Clone + Send + Sync + 'static,
    {
        let log = Arc::new(log);
        self.log = Some(Box::new(move |key: &K| {
            let (log, key) = (log.clone(), key.clone());
            Arc::new(move |level, text: &str| log(&key, level, text))
        }));
        self
    }

    /// Starts a [`Client::connect`], and answers a ticket to [cancel](Queue::cancel) it with.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] in a child that was forked off. Nothing was started then.
    pub fn connect(&mut self, key: K) -> Result<u64, Error> {
        let record = Record::new("connect");
        self.start(key, record, None, |client, call| async move {
            client.exchange_connect(&call).await.map(|()| Outcome::Connected)
        })
    }

    /// Starts a [`Client::send`], and answers its ticket. An argument that is refused is a result.
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn send(&mut self, key: K, to: &str) -> Result<u64, Error> {
        self.send_with(key, to, None, None)
    }

    /// Starts a [`Client::send_with`].
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn send_with(
        &mut self,
        key: K,
        to: &str,
        sender: Option<&str>,
        message: Option<&str>,
    ) -> Result<u64, Error> {
        let record = Record::new("send");
        let to = phone(to);
        let request = to.clone().and_then(|to| {
            let (request, sender) = self.client.request_send(&to, sender, message)?;
            Ok((request, sender, to))
        });
        self.start(key, record, to.ok(), |client, call| async move {
            let (request, sender, to) = request?;
            let sent = client.exchange_send(&call, &request, &to, sender.as_deref()).await?;
            Ok(Outcome::Sent(sent))
        })
    }

    /// Starts a [`Client::check`].
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn check(&mut self, key: K, to: &str, code: &str) -> Result<u64, Error> {
        let record = Record::new("check");
        let to = phone(to);
        let request = to.clone().and_then(|to| Ok((self.client.request_check(&to, code)?, to)));
        self.start(key, record, to.ok(), |client, call| async move {
            let (request, to) = request?;
            Ok(Outcome::Checked(client.exchange_check(&call, &request, &to).await?))
        })
    }

    /// Starts what can only end like that.
    #[cfg(feature = "capi")]
    pub(crate) fn refuse(
        &mut self,
        key: K,
        step: &'static str,
        error: Error,
    ) -> Result<u64, Error> {
        self.start(key, Record::new(step), None, |_, _| async { Err(error) })
    }

    /// Ends the call with this ticket as [`Code::Cancelled`], unless it has ended. Its result is taken
    /// like any.
    pub fn cancel(&mut self, ticket: u64) {
        self.reactor.cancel(ticket);
    }

    /// Cancels every call that is under way and whose key is such a one; says how many.
    pub fn cancel_those(&mut self, is_one: impl Fn(&K) -> bool) -> usize {
        let tickets = self.reactor.tickets(is_one);
        tickets.iter().for_each(|&ticket| self.reactor.cancel(ticket));
        tickets.len()
    }

    /// Makes calls go on and takes a result; None when there is none, until the descriptor is readable
    /// again. The descriptor stays readable while there are more.
    pub fn take(&mut self) -> Option<(K, Result<Outcome, Error>)> {
        self.reactor.next()
    }

    /// Ends what is under way.
    #[cfg(feature = "capi")]
    pub(crate) fn close(&mut self) {
        self.reactor.close();
    }

    /// How many calls were started whose results have not been taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reactor.count()
    }

    /// Whether no result is to come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts an exchange, which makes one log record of how it ended.
    fn start<Exchange: Future<Output = Result<Outcome, Error>> + Send + 'static>(
        &mut self,
        key: K,
        record: Record,
        to: Option<Phone>,
        exchange: impl FnOnce(Arc<Client>, Arc<Call>) -> Exchange,
    ) -> Result<u64, Error> {
        let log = self.log.as_ref().map(|log| log(&key));
        self.reactor.start(key, record.start.process, |place| {
            let client = self.client.clone();
            let call = client.transport.begin_driven(record.start, place, log);
            // By itself: what is awaited would have its room twice in the work.
            let exchange = Box::pin(exchange(client.clone(), call.clone()));
            let active = Active { client, call: call.clone() };
            let work = async move {
                let result = exchange.await;
                let result = match &to {
                    Some(to) => result.map_err(|error| error.about(to)),
                    None => result,
                };
                record.end(active.call.log(), to.as_ref(), result)
            };
            (call, Box::pin(work))
        })
    }
}

/// A call that its client knows of, so that it can cancel it.
struct Active {
    client: Arc<Client>,
    call: Arc<Call>,
}

impl Drop for Active {
    fn drop(&mut self) {
        self.client.transport.end(&self.call);
    }
}

impl<K> AsRawFd for Queue<K> {
    fn as_raw_fd(&self) -> RawFd {
        self.reactor.descriptor()
    }
}

impl<K> fmt::Debug for Queue<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("len", &self.len()).finish_non_exhaustive()
    }
}
