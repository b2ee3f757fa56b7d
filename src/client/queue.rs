//! Calls for a program with an event loop: start any number, wait on one descriptor, take the results.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::delivery::Delivery;
use super::record::CallRecord;
use super::results::{Check, Sent, Success};
use super::{Client, GuardStatus, History, Request};
use crate::callbacks::{Listeners, Log, LogLevel, OnEvent};
use crate::error::{Code, Error, Reached};
use crate::event::CallEnd;
use crate::phone::Phone;
use crate::sys::{self, Descriptor};
use crate::transport::{Call, Reactor, Transport};

/// Any number of calls of a client at once, in one thread that never blocks. Each call is started with a
/// key of yours, which comes back with its result.
///
/// The descriptor, on Windows a socket, is readable for poll(2), epoll(7) or kqueue(2) when
/// [`take`](Queue::take) has something to do. A call's deadline begins when it is started. The interrupt
/// function of the client is not called, because nothing waits. At most 1024 calls have a connection at
/// once, and at most half as many as the process may have descriptors. Further calls wait for others to
/// end; their time runs.
///
/// After a fork the queue belongs to the parent: in the child it starts, cancels and returns nothing, and
/// the child makes its own. Dropping a queue cancels its calls, and their results are lost.
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
    log: Option<Make<K, Log>>,
    event: Option<Make<K, OnEvent>>,
    reactor: Reactor<K, Outcome>,
}

/// Makes the function that listens to one call, from its key.
type Make<K, Function> = Box<dyn Fn(&K) -> Function + Send + Sync>;

/// How a call of a queue succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the number is verified only if is_verified() returns true"]
pub enum Outcome {
    /// There is a connection.
    Connected,
    /// A message was accepted.
    Sent(Sent),
    /// A code was checked.
    Checked(Check),
    /// What the guard knew of a number is forgotten.
    Forgotten,
    /// How far the limits of a number are used.
    Shown(GuardStatus),
    /// The service said what became of a message.
    Reported(Delivery),
}

impl Success for Outcome {
    fn code(&self) -> Code {
        match self {
            Outcome::Connected | Outcome::Forgotten => ().code(),
            Outcome::Sent(sent) => sent.code(),
            Outcome::Checked(check) => check.code(),
            Outcome::Shown(status) => status.code(),
            Outcome::Reported(delivery) => Success::code(delivery),
        }
    }

    fn reached(&self) -> Reached {
        match self {
            Outcome::Connected | Outcome::Forgotten => ().reached(),
            Outcome::Sent(sent) => sent.reached(),
            Outcome::Checked(check) => check.reached(),
            Outcome::Shown(status) => status.reached(),
            Outcome::Reported(delivery) => delivery.reached(),
        }
    }
}

impl<K> Queue<K> {
    /// Makes a queue for calls of `client`. A client may have several queues.
    ///
    /// # Errors
    /// [`Code::Internal`] when the process has no descriptor left.
    pub fn new(client: Arc<Client>) -> Result<Queue<K>, Error> {
        Ok(Queue { client, log: None, event: None, reactor: Reactor::new()? })
    }

    /// Sets a log function for the calls of this queue, in place of the client's. It also gets the key.
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

    /// Sets a function for the end of each call of this queue, in place of the client's. It also gets the key.
    #[must_use]
    pub fn event(mut self, event: impl Fn(&K, &CallEnd) + Send + Sync + 'static) -> Queue<K>
    where
        K: Clone + Send + Sync + 'static,
    {
        let event = Arc::new(event);
        self.event = Some(Box::new(move |key: &K| {
            let (event, key) = (event.clone(), key.clone());
            Arc::new(move |end: &CallEnd| event(&key, end))
        }));
        self
    }

    /// Starts a [`Client::connect`]. Returns a ticket, with which [`cancel`](Queue::cancel) ends the call.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] in a child process after a fork. Then no call was started.
    pub fn connect(&mut self, key: K) -> Result<u64, Error> {
        let record = CallRecord::new("connect");
        self.start(key, record, None, None, |client, call| async move {
            client.exchange_connect(&call).await.map(|()| Outcome::Connected)
        })
    }

    /// Starts a [`Client::send`]. Returns its ticket. An invalid argument is reported by the result.
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn send(&mut self, key: K, to: &str) -> Result<u64, Error> {
        self.send_request(key, Request::new(to))
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
        let request = Request::new(to);
        let request = sender.into_iter().fold(request, Request::sender);
        self.send_request(key, message.into_iter().fold(request, Request::message))
    }

    /// Starts a [`Client::send_request`].
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn send_request(&mut self, key: K, request: Request) -> Result<u64, Error> {
        let record = CallRecord::new("send");
        let form = request.valid().and_then(|to| self.client.send_form(to, &request));
        let (to, timeout) = (request.phone().ok().cloned(), request.own_timeout());
        self.start(key, record, to, timeout, |client, call| async move {
            let (form, to) = (form?, request.valid()?);
            Ok(Outcome::Sent(client.guarded_send(&call, &form, to, &request).await?))
        })
    }

    /// Starts a [`Client::check`].
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn check(&mut self, key: K, to: &str, code: &str) -> Result<u64, Error> {
        self.check_request(key, Request::new(to), code)
    }

    /// Starts a [`Client::check_request`].
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn check_request(&mut self, key: K, request: Request, code: &str) -> Result<u64, Error> {
        let record = CallRecord::new("check");
        let form = request.valid().and_then(|to| self.client.check_form(to, code));
        let (to, timeout) = (request.phone().ok().cloned(), request.own_timeout());
        self.start(key, record, to, timeout, |client, call| async move {
            let (form, to) = (form?, request.valid()?);
            Ok(Outcome::Checked(client.guarded_check(&call, &form, to, &request).await?))
        })
    }

    /// Starts a [`Client::forget`].
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn forget(&mut self, key: K, to: &str) -> Result<u64, Error> {
        self.operate(key, "forget", to, |client, call, to| async move {
            client.exchange_forget(&call, &to).await.map(|()| Outcome::Forgotten)
        })
    }

    /// Starts a [`Client::guard_show`].
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn guard_show(&mut self, key: K, to: &str) -> Result<u64, Error> {
        self.operate(key, "guard show", to, |client, call, to| async move {
            client.exchange_show(&call, &to).await.map(Outcome::Shown)
        })
    }

    /// Starts a call that asks the guard alone.
    fn operate<Exchange: Future<Output = Result<Outcome, Error>> + Send + 'static>(
        &mut self,
        key: K,
        step: &'static str,
        to: &str,
        exchange: impl FnOnce(Arc<Client>, Arc<Call>, Phone) -> Exchange + Send + 'static,
    ) -> Result<u64, Error> {
        let request = Request::new(to);
        let to = request.phone().ok().cloned();
        self.start(key, CallRecord::new(step), to, None, |client, call| async move {
            exchange(client, call, request.valid()?.clone()).await
        })
    }

    /// Starts a [`Client::delivery`].
    ///
    /// # Errors
    /// As [`connect`](Queue::connect).
    pub fn delivery(&mut self, key: K, unique: &str) -> Result<u64, Error> {
        let record = CallRecord::new("delivery");
        let form = self.client.delivery_form(unique);
        let way: Way = |client| &client.deliveries;
        self.start_on(way, key, record, None, None, |client, call| async move {
            Ok(Outcome::Reported(client.exchange_delivery(&call, &form?).await?))
        })
    }

    /// Starts a call that ends with `error`.
    #[cfg(feature = "capi")]
    pub(crate) fn fail(&mut self, key: K, step: &'static str, error: Error) -> Result<u64, Error> {
        self.start(key, CallRecord::new(step), None, None, |_, _| async { Err(error) })
    }

    /// Ends the call with this ticket as [`Code::Cancelled`], unless it has ended. [`take`](Queue::take)
    /// returns its result as usual.
    pub fn cancel(&mut self, ticket: u64) {
        self.reactor.cancel(ticket);
    }

    /// Cancels every running call whose key `matches`. Returns how many.
    pub fn cancel_those(&mut self, matches: impl Fn(&K) -> bool) -> usize {
        let tickets = self.reactor.tickets(matches);
        tickets.iter().for_each(|&ticket| self.reactor.cancel(ticket));
        tickets.len()
    }

    /// Advances the calls as far as they can go without waiting, and returns a result. None: wait until the
    /// descriptor is readable again. The descriptor stays readable while there are more results.
    pub fn take(&mut self) -> Option<(K, Result<Outcome, Error>)> {
        self.reactor.next()
    }

    /// Cancels all running calls.
    #[cfg(feature = "capi")]
    pub(crate) fn close(&mut self) {
        self.reactor.close();
    }

    /// What is readable when [`take`](Queue::take) has something to do. Its number, for a program that is not to
    /// ask which system it runs on; on each the queue has the system's own trait as well.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        self.reactor.descriptor()
    }

    /// The number of calls whose results have not been taken. 0 in a child process after a fork.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reactor.count()
    }

    /// Whether all results have been taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts an exchange with the service, whose outcome is told.
    fn start<Exchange: Future<Output = Result<Outcome, Error>> + Send + 'static>(
        &mut self,
        key: K,
        record: CallRecord,
        to: Option<Phone>,
        timeout: Option<Duration>,
        exchange: impl FnOnce(Arc<Client>, Arc<Call>) -> Exchange,
    ) -> Result<u64, Error> {
        self.start_on(|client| &client.transport, key, record, to, timeout, exchange)
    }

    /// The same on one of the client's ways.
    fn start_on<Exchange: Future<Output = Result<Outcome, Error>> + Send + 'static>(
        &mut self,
        way: Way,
        key: K,
        mut record: CallRecord,
        to: Option<Phone>,
        timeout: Option<Duration>,
        exchange: impl FnOnce(Arc<Client>, Arc<Call>) -> Exchange,
    ) -> Result<u64, Error> {
        let listeners = Listeners {
            log: self.log.as_ref().map(|log| log(&key)),
            event: self.event.as_ref().map(|event| event(&key)),
        };
        self.reactor.start(key, record.start.process, |slot| {
            let client = self.client.clone();
            let call = way(&client).begin_in_reactor(record.start, timeout, slot, listeners);
            record.call = Some(call.clone());
            // Boxed: otherwise the future below would contain it twice.
            let exchange = Box::pin(exchange(client.clone(), call.clone()));
            let active = ActiveCall { client, way, call: call.clone() };
            let work = async move {
                let result = exchange.await;
                let result = match &to {
                    Some(to) => result.map_err(|error| error.about(to.digits())),
                    None => result,
                };
                record.end(active.call.listeners(), to.as_ref(), result)
            };
            (call, Box::pin(work))
        })
    }
}

/// One of the transports of a client.
type Way = fn(&Client) -> &Transport<History>;

/// Keeps a call registered with its client, which can cancel it.
struct ActiveCall {
    client: Arc<Client>,
    way: Way,
    call: Arc<Call>,
}

impl Drop for ActiveCall {
    fn drop(&mut self) {
        (self.way)(&self.client).end(&self.call);
    }
}

sys::impl_descriptor!(Queue<K>);

impl<K> fmt::Debug for Queue<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("len", &self.len()).finish_non_exhaustive()
    }
}
