//! The settings of a client, chained.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use crate::callbacks::LogLevel;
use crate::client::Client;
use crate::config::{Config, Trust};
use crate::error::Error;
use crate::event::CallEnd;
use crate::guard::GuardFailure;
use crate::limit::Limit;

impl Client {
    /// Starts a [`Builder`] with the account's API key.
    pub fn builder(api_key: &str) -> Builder {
        Builder::new(api_key)
    }
}

/// Collects the settings of a [`Client`].
///
/// The error of an invalid value is reported by [`build`](Builder::build), so that the calls can be chained.
#[derive(Clone)]
#[must_use]
pub struct Builder(Config);

impl Builder {
    pub(crate) fn new(api_key: &str) -> Builder {
        Builder(Config::new()).with(|config| config.set_api_key(api_key))
    }

    fn with(mut self, set: impl FnOnce(&mut Config) -> Result<(), Error>) -> Builder {
        // The config keeps the error for `build`.
        let _ = set(&mut self.0);
        self
    }

    /// The sender ID to show on the phone: a text or an approved number, at most 11 characters.
    pub fn sender(self, sender: &str) -> Builder {
        self.with(|config| config.set_sender(Some(sender)))
    }

    /// The message template, with `##code##` where the code will stand. Without one the service
    /// sends its own: `Your verification code is: ##code##`.
    pub fn message(self, message: &str) -> Builder {
        self.with(|config| config.set_message(Some(message)))
    }

    /// The address of the service; the default is [`URL`](crate::URL).
    pub fn url(self, url: &str) -> Builder {
        self.with(|config| config.set_url(Some(url)))
    }

    /// The address of Delivery Status. By default it is on the host of the service, which
    /// [`url`](Builder::url) says: `/sms/deliveryStatus`.
    pub fn delivery_url(self, url: &str) -> Builder {
        self.with(|config| config.set_delivery_url(Some(url)))
    }

    /// The total deadline of a call, 1 ms to 24 h. The default is 30 s. It covers DNS, connecting, TLS, both
    /// directions and retries. A call that times out ends at most 5 ms after it on a machine that is not
    /// busy, 20 ms on Windows, and never before it.
    pub fn timeout(self, timeout: Duration) -> Builder {
        self.with(|config| config.set_timeout(timeout))
    }

    /// The longest time of one attempt to connect (DNS, TCP, proxy, TLS), 1 ms to 24 h. The default is
    /// 10 s. The deadline of the call ends an attempt earlier.
    pub fn connect_timeout(self, timeout: Duration) -> Builder {
        self.with(|config| config.set_connect_timeout(timeout))
    }

    /// The proxy: `http://`, `https://` (both with CONNECT), `socks5://` or `socks5h://`, with
    /// `user:password@`, percent-encoded, where it wants one; `""` for none at all.
    ///
    /// By default it comes from `HTTPS_PROXY` (`http_proxy` for an `http://` URL) or `ALL_PROXY`, unless
    /// `NO_PROXY` matches the host or the URL is a loopback one. If such a variable is invalid,
    /// [`build`](Builder::build) returns an error that names it.
    ///
    /// `NO_PROXY` is a list, separated by commas or blanks. An entry is `*` (every host); a name, with or
    /// without a dot or `*.` before it (that host and its subdomains); an address; a block of addresses like
    /// `10.0.0.0/8` or `fd00::/8`; or a name or an address with a port.
    pub fn proxy(self, url: &str) -> Builder {
        self.with(|config| config.set_proxy(Some(url)))
    }

    /// A PEM file, at most 4 MiB, with the only certificate authorities to trust. It is read at the first
    /// TLS connection, within the deadline of that call.
    pub fn ca_file(self, path: impl AsRef<Path>) -> Builder {
        self.with(|config| config.set_ca_file(Some(path.as_ref())))
    }

    /// Which certificate authorities to trust if there is no [`ca_file`](Builder::ca_file).
    pub fn trust(mut self, trust: Trust) -> Builder {
        self.0.trust = trust;
        self
    }

    /// Whether the key may be sent over plain `http://` to another machine. Anyone on the way can read it.
    pub fn allow_http(mut self, allow: bool) -> Builder {
        self.0.allow_http = allow;
        self
    }

    /// A function for log records: one [`Info`](LogLevel::Info) record per call, and one
    /// [`Debug`](LogLevel::Debug) record per attempt. No record contains the key, a code or a full phone
    /// number.
    ///
    /// It is called in the thread that makes the call; for a [`Queue`](crate::Queue) in the thread that takes
    /// results or drops the queue. It may make calls, also with the same client. It must not panic: the
    /// result of the call may be lost. If it forks, the call goes on in the parent, and ends in the child as
    /// [`Code::Cancelled`](crate::Code::Cancelled) with
    /// [`Reached::Unknown`](crate::Reached::Unknown).
    pub fn log(mut self, log: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Builder {
        self.0.listeners.log = Some(Arc::new(log));
        self
    }

    /// A function that is called once at the end of each call, after its log record, with how the call ended:
    /// for counters and metrics. What it may do, and in which thread it runs, is as for [`log`](Builder::log).
    /// A child that a callback forked has no event of that call.
    ///
    /// # Example
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use verifysms::Event;
    ///
    /// static VERIFIED: AtomicU64 = AtomicU64::new(0);
    /// let builder = verifysms::Client::builder("the account's key").event(|end| {
    ///     if end.event == Event::Verified {
    ///         VERIFIED.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// });
    /// ```
    pub fn event(mut self, event: impl Fn(&CallEnd) + Send + Sync + 'static) -> Builder {
        self.0.listeners.event = Some(Arc::new(event));
        self
    }

    /// A function that is called while a call waits: every few hundredths of a second, and at once after a
    /// signal. If it returns true, the call ends as [`Code::Cancelled`](crate::Code::Cancelled). It is
    /// called in the thread that makes the call, but not for calls that it makes itself.
    pub fn interrupt(mut self, interrupt: impl Fn() -> bool + Send + Sync + 'static) -> Builder {
        self.0.interrupt = Some(Arc::new(interrupt));
        self
    }

    /// Where the guard keeps its counts: `memory:`, the default, in this process; `file:` with an absolute
    /// path, for all processes of this machine and user, in a file with the mode 0600 of up to 34 MB;
    /// `redis:`, `rediss:`, `redis+unix:`, `redis+sentinel:` or `redis+cluster:` with `//host` and so on, for
    /// many machines. None: no guard.
    ///
    /// The guard limits how often a code may be guessed and a message sent, before anything goes to the
    /// service. The limits are those of [`Limit`].
    pub fn guard(self, store: Option<&str>) -> Builder {
        self.with(|config| config.set_guard(|guard| guard.set_store(store)))
    }

    /// Sets a limit of the guard: at most `most` in any time of `seconds`. With `most` 0 the limit is off.
    /// `seconds` is 1 to 2,678,400 (31 days); `most` at most 65,535, for [`Limit::Cooldown`] 1.
    pub fn limit(self, limit: Limit, most: u32, seconds: u32) -> Builder {
        self.with(|config| config.set_guard(|guard| guard.set_limit(limit, most, seconds)))
    }

    /// The secret with which the guard hides numbers and end users in its store, at least 16 bytes, the same
    /// for all programs that share a store. By default it is derived from the API key, so that a new key
    /// begins all counts anew.
    pub fn guard_secret(self, secret: &str) -> Builder {
        self.with(|config| config.set_guard(|guard| guard.set_secret(Some(secret))))
    }

    /// The namespace of the guard's counts: 1 to 64 ASCII letters, digits, dots, dashes or underscores; the
    /// default is `verifysms`. Programs that share a store and a namespace count together.
    pub fn guard_namespace(self, namespace: &str) -> Builder {
        self.with(|config| config.set_guard(|guard| guard.set_namespace(Some(namespace))))
    }

    /// How long a call waits for the store of the guard, within its own deadline: 1 ms to 10 s. The default is
    /// 250 ms.
    pub fn guard_timeout(self, timeout: Duration) -> Builder {
        self.with(|config| config.set_guard(|guard| guard.set_timeout(timeout)))
    }

    /// What happens while the store of the guard cannot be asked. After a failure it is not asked for a
    /// second.
    pub fn guard_failure(mut self, failure: GuardFailure) -> Builder {
        self.0.guard.failure = failure;
        self
    }

    /// Lets the guard keep the clock of a sandbox, which is so many milliseconds ahead.
    #[doc(hidden)]
    pub fn sandbox_clock(mut self, offset: Arc<AtomicI64>) -> Builder {
        self.0.sandbox_clock = Some(offset);
        self
    }

    /// Makes the client. Opens no connection.
    ///
    /// # Errors
    /// The first invalid value, as [`Code::InvalidArgument`](crate::Code::InvalidArgument); or
    /// [`Code::Internal`](crate::Code::Internal) without memory.
    pub fn build(self) -> Result<Client, Error> {
        self.0.client()
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("url", &self.0.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_builder_is_given_is_what_is_used() {
        let Builder(config) = Builder::new("k-123")
            .message("##code##")
            .trust(Trust::Bundled)
            .allow_http(true)
            .timeout(Duration::from_secs(7));
        assert_eq!(config.message.as_deref(), Some("##code##"));
        assert!(matches!(config.trust, Trust::Bundled));
        assert!(config.allow_http);
        assert_eq!(config.timeout, Duration::from_secs(7));
    }

    #[test]
    fn a_builder_shows_its_address_and_no_secret() {
        let builder = Builder::new("s3cret-key").sender("0501234567").url("https://host/");
        let shown = format!("{builder:?}");
        assert!(shown.contains("https://host/"), "{shown}");
        assert!(!shown.contains("s3cret") && !shown.contains("1234567"), "{shown}");
    }
}
