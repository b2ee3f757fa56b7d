//! Every setting: its default, its unit, its rule; and the client that is made from them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::Uri;

use crate::callbacks::{Interrupt, Listeners};
use crate::client::{Account, Client, check_timeout};
use crate::error::Error;
use crate::guard::{Guard, GuardSettings, Offset};
use crate::proxy::ProxySetting;
use crate::request::{DELIVERY_PATH, URL, VERIFY_PATH};
use crate::rule::Rule;
use crate::secret::Secret;
use crate::sys::file::MAX_PATH;
use crate::transport::{RootSource, TransportConfig};
use crate::{memory, proxy, text, url};

/// The total deadline of a call: DNS, connecting, TLS, both directions and retries.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest time of one attempt to connect: DNS, TCP, proxy and TLS.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Which certificate authorities are trusted if there is no `ca_file`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Trust {
    /// Those of the operating system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    #[default]
    System = 0,
    /// Mozilla's list as of this library's release, for machines without one.
    Bundled = 1,
}

/// The settings of a client. Keeps the error of the first invalid value.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) api_key: Option<Secret>,
    pub(crate) sender: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) url: Uri,
    /// The address of Delivery Status; None: beside `url`.
    pub(crate) delivery_url: Option<Uri>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) proxy: ProxySetting,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) trust: Trust,
    pub(crate) allow_http: bool,
    pub(crate) listeners: Listeners,
    pub(crate) interrupt: Option<Interrupt>,
    pub(crate) guard: GuardSettings,
    /// For clients of a sandbox: the clock that their guard keeps.
    pub(crate) sandbox_clock: Option<Offset>,
    first_error: Option<Error>,
}

impl Config {
    pub(crate) fn new() -> Config {
        Config {
            api_key: None,
            sender: None,
            message: None,
            url: Uri::from_static(URL),
            delivery_url: None,
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            proxy: ProxySetting::Environment,
            ca_file: None,
            trust: Trust::default(),
            allow_http: false,
            listeners: Listeners::default(),
            interrupt: None,
            guard: GuardSettings::default(),
            sandbox_clock: None,
            first_error: None,
        }
    }

    /// The error of the first invalid value, if there was one.
    // mutants: only the C functions use it, and tests/abi/abi.c checks what they say.
    #[cfg(feature = "capi")]
    pub(crate) fn first_error(&self) -> Option<&Error> {
        self.first_error.as_ref()
    }

    /// Makes a client, or returns the first error. Opens no connection.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        // uncovered: verifysms_config_new() has made the reserve, and other programs have none.
        if !memory::init_reserve() {
            return Err(memory::out_of_memory());
        }
        let watch = memory::watch_shortage();
        let account = Account {
            api_key: self.check()?.copy()?,
            sender: self.sender.clone(),
            message: self.message.as_deref().map(memory::copy).transpose()?,
        };
        let transport = self.transport(self.url.clone());
        let deliveries = self.transport(self.delivery_url());
        let clock = self.sandbox_clock.clone();
        let is_sandbox = clock.is_some();
        let guard = Guard::new(
            self.guard.clone(),
            &account.api_key,
            &transport.roots,
            clock.unwrap_or_default(),
        );
        let client = Client::new(account, transport, deliveries, guard, is_sandbox)?;
        watch.check()?;
        Ok(client)
    }

    /// The address of Delivery Status. By default it is on the host of `url`: `/sms/deliveryStatus`, or what
    /// stands beside a path that ends like the service's own.
    fn delivery_url(&self) -> Uri {
        if let Some(url) = &self.delivery_url {
            return url.clone();
        }
        let folder = self.url.path().strip_suffix(VERIFY_PATH).unwrap_or("/sms/");
        let mut parts = self.url.clone().into_parts();
        parts.path_and_query = format!("{folder}{DELIVERY_PATH}").parse().ok();
        Uri::from_parts(parts).unwrap_or_else(|_| self.url.clone())
    }

    /// What a transport needs of the settings.
    fn transport(&self, url: Uri) -> TransportConfig {
        TransportConfig {
            url,
            proxy: self.proxy.clone(),
            timeout: self.timeout,
            connect_timeout: self.connect_timeout,
            roots: match (&self.ca_file, self.trust) {
                (Some(path), _) => RootSource::File(path.clone()),
                (None, Trust::System) => RootSource::System,
                (None, Trust::Bundled) => RootSource::Bundled,
            },
            listeners: self.listeners.clone(),
            interrupt: self.interrupt.clone(),
        }
    }

    /// Changes settings with `change`, and keeps its error if it is the first.
    pub(crate) fn set(
        &mut self,
        change: impl FnOnce(&mut Config) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let watch = memory::watch_shortage();
        change(self).and_then(|()| watch.check()).inspect_err(|error| {
            self.first_error.get_or_insert_with(|| error.clone());
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
            config.url = url::parse("url", url.unwrap_or(URL))?;
            Ok(())
        })
    }

    pub(crate) fn set_delivery_url(&mut self, url: Option<&str>) -> Result<(), Error> {
        self.set(|config| {
            config.delivery_url = url.map(|url| url::parse("delivery_url", url)).transpose()?;
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
                None => ProxySetting::Environment,
                Some("") => ProxySetting::None,
                Some(url) => ProxySetting::Url(proxy::parse(url)?),
            };
            Ok(())
        })
    }

    pub(crate) fn set_ca_file(&mut self, path: Option<&Path>) -> Result<(), Error> {
        self.set(|config| {
            if path.is_some_and(|path| path.as_os_str().is_empty()) {
                return Err(Error::invalid("ca_file", Rule::CaFileEmpty));
            }
            if path.is_some_and(|path| path.as_os_str().len() > MAX_PATH) {
                return Err(Error::invalid("ca_file", Rule::CaFileTooLong));
            }
            config.ca_file = path.map(Path::to_path_buf);
            Ok(())
        })
    }

    pub(crate) fn set_guard(
        &mut self,
        change: impl FnOnce(&mut GuardSettings) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.set(|config| change(&mut config.guard))
    }

    /// Checks the settings as a whole and returns the key: every value is valid, and the key goes over
    /// the network unencrypted only if the user allows it.
    pub(crate) fn check(&self) -> Result<&Secret, Error> {
        if let Some(error) = &self.first_error {
            return Err(error.clone());
        }
        let urls = [("url", Some(&self.url)), ("delivery_url", self.delivery_url.as_ref())];
        for (argument, url) in urls {
            let is_plain = |url: &&Uri| url.scheme_str() == Some("http") && !self.stays_here(url);
            if url.filter(is_plain).is_some() && !self.allow_http {
                return Err(Error::invalid(argument, Rule::UrlUnencrypted));
            }
        }
        self.api_key.as_ref().ok_or_else(|| Error::invalid("api_key", Rule::ApiKeyMissing))
    }

    /// Whether requests stay on this machine. Through a proxy on another machine they do not, whatever
    /// the URL. The proxies of the environment are never used for a loopback URL.
    fn stays_here(&self, url: &Uri) -> bool {
        let proxy_is_here = match &self.proxy {
            ProxySetting::Url(proxy) => url::is_loopback(proxy.uri()),
            ProxySetting::None | ProxySetting::Environment => true,
        };
        url::is_loopback(url) && proxy_is_here
    }
}

#[cfg(test)]
mod tests;
