//! Every setting: its default, its unit, its rule.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;

use crate::error::Error;
use crate::proxy::Proxy;
use crate::request::URL;
use crate::secret::Secret;
use crate::{memory, proxy, text, url};

/// The total deadline of a call: DNS, connecting, TLS, both directions and retries.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// The part of it that one attempt to connect may take: DNS, TCP, proxy and TLS.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest deadline that can be set.
const TIMEOUT_LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest path of a file, in bytes; no system that this library knows opens a longer one.
const PATH_LONGEST: usize = 4096;

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
            config.url = url::parse(url.unwrap_or(URL))?;
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
                Some(url) => Proxy::Given(proxy::parse(url)?),
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
            Proxy::Given(proxy) => url::is_loopback(proxy.uri()),
            Proxy::None | Proxy::Environment => true,
        };
        url::is_loopback(&self.url) && proxy_is_here
    }
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

#[cfg(test)]
mod tests;
