//! Every setting: its default, its unit, its rule.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;
use ureq::http::uri::Authority;

use crate::client::Client;
use crate::error::Error;
use crate::memory;
use crate::request::URL;
use crate::secret::Secret;
use crate::{text, transport};

/// The total deadline of a call: DNS, connecting, TLS, both directions and retries.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// The part of it that one attempt to connect may take: DNS, TCP, proxy and TLS.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest deadline that can be set.
const TIMEOUT_LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest path of a file, in bytes; no system that this library knows opens a longer one.
const PATH_LONGEST: usize = 4096;
/// The longest address, in bytes; the HTTP library takes no longer one either, but copies it first.
pub(crate) const URL_LONGEST: usize = 65_534;

/// Which certificate authorities are trusted when no file of them is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Trust {
    /// Those of the operating system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    #[default]
    System = 0,
    /// Mozilla's list as of this library's release, for machines that have none of their own.
    Bundled = 1,
}

/// How much a log record matters. The numbers are syslog's severities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum LogLevel {
    /// One record a call: its outcome.
    Info = 6,
    /// One record an attempt to reach the service.
    Debug = 7,
}

pub(crate) type Log = Arc<dyn Fn(LogLevel, &str) + Send + Sync>;
pub(crate) type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// The settings of a client. Remembers the first value that was refused.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) api_key: Option<Secret>,
    pub(crate) sender: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) url: Uri,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) proxy: Proxy,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) trust: Trust,
    pub(crate) allow_http: bool,
    pub(crate) log: Option<Log>,
    pub(crate) interrupt: Option<Interrupt>,
    refusal: Option<Error>,
}

/// Where the proxy comes from.
#[derive(Clone)]
pub(crate) enum Proxy {
    /// The variables of the environment, read when the client is made.
    Environment,
    /// No proxy.
    None,
    /// This one.
    Given(ureq::Proxy),
}

impl Config {
    pub(crate) fn new() -> Config {
        Config {
            api_key: None,
            sender: None,
            message: None,
            url: Uri::from_static(URL),
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            proxy: Proxy::Environment,
            ca_file: None,
            trust: Trust::default(),
            allow_http: false,
            log: None,
            interrupt: None,
            refusal: None,
        }
    }

    /// The first refusal of a setter, if there was one.
    #[cfg(feature = "capi")]
    pub(crate) fn refusal(&self) -> Option<&Error> {
        self.refusal.as_ref()
    }

    /// Changes settings with `change`, and remembers its error if it is the first.
    pub(crate) fn set(
        &mut self,
        change: impl FnOnce(&mut Config) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let watch = memory::begin();
        change(self).and_then(|()| watch.check()).inspect_err(|error| {
            self.refusal.get_or_insert_with(|| error.clone());
        })
    }

    pub(crate) fn set_api_key(&mut self, api_key: &str) -> Result<(), Error> {
        self.set(|config| {
            config.api_key = Some(text::api_key(api_key)?);
            Ok(())
        })
    }

    pub(crate) fn set_sender(&mut self, sender: Option<&str>) -> Result<(), Error> {
        self.set(|config| {
            config.sender = sender.map(text::sender).transpose()?;
            Ok(())
        })
    }

    pub(crate) fn set_message(&mut self, message: Option<&str>) -> Result<(), Error> {
        self.set(|config| {
            config.message = message.map(text::message).transpose()?;
            Ok(())
        })
    }

    pub(crate) fn set_url(&mut self, url: Option<&str>) -> Result<(), Error> {
        self.set(|config| {
            config.url = parse_url(url.unwrap_or(URL))?;
            Ok(())
        })
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) -> Result<(), Error> {
        self.set(|config| {
            config.timeout = check_timeout("timeout", timeout)?;
            Ok(())
        })
    }

    pub(crate) fn set_connect_timeout(&mut self, timeout: Duration) -> Result<(), Error> {
        self.set(|config| {
            config.connect_timeout = check_timeout("connect_timeout", timeout)?;
            Ok(())
        })
    }

    pub(crate) fn set_proxy(&mut self, url: Option<&str>) -> Result<(), Error> {
        self.set(|config| {
            config.proxy = match url {
                None => Proxy::Environment,
                Some("") => Proxy::None,
                Some(url) => Proxy::Given(transport::parse_proxy(url)?),
            };
            Ok(())
        })
    }

    pub(crate) fn set_ca_file(&mut self, path: Option<&Path>) -> Result<(), Error> {
        self.set(|config| {
            if path.is_some_and(|path| path.as_os_str().is_empty()) {
                return Err(Error::invalid("ca_file", "is empty; name a file in PEM format"));
            }
            if path.is_some_and(|path| path.as_os_str().len() > PATH_LONGEST) {
                return Err(Error::invalid("ca_file", "is longer than 4096 bytes"));
            }
            config.ca_file = path.map(Path::to_path_buf);
            Ok(())
        })
    }

    /// The key, once every setting is made: none was refused, and the key goes over the network
    /// in clear only where the user said so.
    pub(crate) fn check(&self) -> Result<&Secret, Error> {
        if let Some(error) = &self.refusal {
            return Err(error.clone());
        }
        if self.url.scheme_str() == Some("http") && !self.allow_http && !self.stays_here() {
            return Err(Error::invalid(
                "url",
                "http:// would send the key in clear; use https://, or allow_http if you must",
            ));
        }
        self.api_key.as_ref().ok_or_else(|| Error::invalid("api_key", "is not set"))
    }

    /// Whether requests stay on this machine. By a proxy on another one they do not, whatever the
    /// address; the environment's proxies are not for this machine's own addresses.
    fn stays_here(&self) -> bool {
        let proxy_is_here = match &self.proxy {
            Proxy::Given(proxy) => is_loopback(proxy.uri()),
            Proxy::None | Proxy::Environment => true,
        };
        is_loopback(&self.url) && proxy_is_here
    }
}

/// A host without the brackets that a URL puts around an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether `url` leads to this machine itself.
pub(crate) fn is_loopback(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || bare(host).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn parse_url(given: &str) -> Result<Uri, Error> {
    let refuse = |rule| Error::invalid("url", rule);
    let given = Some(given.trim()).filter(|given| given.len() <= URL_LONGEST);
    let url: Uri = given.and_then(|given| given.parse().ok()).ok_or_else(|| {
        refuse("is not an address like https://api.99digital.co.il/sms/verifySMS")
    })?;
    let authority = url.authority().ok_or_else(|| refuse("has no host"))?;
    if authority.as_str().contains('@') {
        return Err(refuse("has a user name in it; the service knows the API key only"));
    }
    if authority.host().is_empty() {
        return Err(refuse("has no host"));
    }
    if !has_sound_port(authority) {
        return Err(refuse("has an invalid port; ports are 1 to 65535"));
    }
    match url.scheme_str() {
        Some("http" | "https") => Ok(url),
        _ => Err(refuse("must begin with https://")),
    }
}

/// Whether there is nothing behind the host, or a number that a port can have. The parser keeps
/// other things, and then answers that there is no port, which would be the usual one.
pub(crate) fn has_sound_port(authority: &Authority) -> bool {
    // What stands before the @ has a colon of its own, between the user and the password.
    let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = match host_and_port.strip_prefix(authority.host()) {
        Some("") => return true,
        after_host => after_host.and_then(|after| after.strip_prefix(':')),
    };
    // A number may also be written with a plus sign.
    port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
        && authority.port_u16().is_some_and(|port| port != 0)
}

fn check_timeout(argument: &'static str, timeout: Duration) -> Result<Duration, Error> {
    if timeout < Duration::from_millis(1) {
        return Err(Error::invalid(argument, "must be at least 1 millisecond"));
    }
    if timeout > TIMEOUT_LONGEST {
        return Err(Error::invalid(argument, "must be at most 24 hours"));
    }
    Ok(timeout)
}

/// Collects the settings of a [`Client`].
///
/// A refused value is remembered and reported by [`build`](Builder::build), so that the calls can
/// be chained.
#[derive(Clone)]
#[must_use]
pub struct Builder(Config);

impl Builder {
    pub(crate) fn new(api_key: &str) -> Builder {
        Builder(Config::new()).with(|config| config.set_api_key(api_key))
    }

    fn with(mut self, set: impl FnOnce(&mut Config) -> Result<(), Error>) -> Builder {
        // The config itself keeps the error for `build`.
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

    /// The total deadline of a call, 1 ms to 24 h; the default is 30 s. It covers DNS, connecting,
    /// TLS, both directions and retries. A call ends at most 5 ms after it on a machine that is not
    /// busy, and never before.
    pub fn timeout(self, timeout: Duration) -> Builder {
        self.with(|config| config.set_timeout(timeout))
    }

    /// How long one attempt to connect may take (DNS, TCP, proxy, TLS), 1 ms to 24 h; the default
    /// is 10 s. Never longer than what is left of the deadline.
    pub fn connect_timeout(self, timeout: Duration) -> Builder {
        self.with(|config| config.set_connect_timeout(timeout))
    }

    /// The proxy: `http://`, `https://` (both with CONNECT), `socks5://` or `socks5h://`, with
    /// `user:password@`, percent-encoded, where it wants one; `""` for none at all.
    ///
    /// Without this call it comes from `HTTPS_PROXY` (for an `http://` address `http_proxy`) or
    /// `ALL_PROXY`, unless `NO_PROXY` names the host or the address is a loopback one. If such a
    /// variable names no proxy, [`build`](Builder::build) refuses it by its name.
    ///
    /// `NO_PROXY` is a list with commas or blanks between its entries, each of them `*` (every host), a
    /// name with or without a dot or `*.` before it (that host and all below it), an address, a block
    /// of them like `10.0.0.0/8` or `fd00::/8`, or a name or an address with a port.
    pub fn proxy(self, url: &str) -> Builder {
        self.with(|config| config.set_proxy(Some(url)))
    }

    /// A PEM file, of at most 4 MiB, of the certificate authorities to trust, instead of all others.
    /// It is read at the first TLS connection, within the deadline of that call.
    pub fn ca_file(self, path: impl AsRef<Path>) -> Builder {
        self.with(|config| config.set_ca_file(Some(path.as_ref())))
    }

    /// Which certificate authorities to trust when no [`ca_file`](Builder::ca_file) is named.
    pub fn trust(mut self, trust: Trust) -> Builder {
        self.0.trust = trust;
        self
    }

    /// Whether the key may travel over plain `http://` to another machine. It is never wise.
    pub fn allow_http(mut self, allow: bool) -> Builder {
        self.0.allow_http = allow;
        self
    }

    /// A function that gets one [`Info`](LogLevel::Info) record a call and one
    /// [`Debug`](LogLevel::Debug) record an attempt, in the thread that makes the call. Records
    /// never hold the key, a code or a full phone number.
    pub fn log(mut self, log: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Builder {
        self.0.log = Some(Arc::new(log));
        self
    }

    /// A function that is asked while a call waits, every few hundredths of a second and at once
    /// when a signal interrupted the wait for the peer, in the thread that makes the call. A call
    /// that it makes itself is not asked about. When it answers true the call ends as
    /// [`Code::Cancelled`](crate::Code::Cancelled).
    pub fn interrupt(mut self, interrupt: impl Fn() -> bool + Send + Sync + 'static) -> Builder {
        self.0.interrupt = Some(Arc::new(interrupt));
        self
    }

    /// The client, or the first refusal. Opens nothing.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument), with the argument and its rule.
    pub fn build(self) -> Result<Client, Error> {
        Client::new(&self.0)
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("url", &self.0.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
