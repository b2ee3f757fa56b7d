//! The settings of the guard.

use std::path::PathBuf;
use std::time::Duration;

use super::limits::Limits;
use super::redis::RedisUrl;
use crate::error::Error;
use crate::limit::Limit;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::sys::file::{MAX_PATH, url_path};

/// The longest that a step waits for its store.
const TIMEOUT: Duration = Duration::from_millis(250);
const MAX_TIMEOUT: Duration = Duration::from_secs(10);
/// The shortest secret, in bytes.
const MIN_SECRET: usize = 16;
/// The default namespace.
const NAMESPACE: &str = "verifysms";
/// The longest namespace, in characters.
const MAX_NAMESPACE: usize = 64;

/// What happens while the store of the guard cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum GuardFailure {
    /// The same limits hold in the memory of this process.
    #[default]
    Local = 0,
    /// Calls end as [`Code::GuardDown`](crate::Code::GuardDown).
    Refuse = 1,
    /// Nothing is limited.
    Allow = 2,
}

/// Where the counts are.
#[derive(Clone)]
pub(crate) enum StoreSetting {
    None,
    Memory,
    File(PathBuf),
    Redis(RedisUrl),
}

/// Where the counts are, and what they may be.
#[derive(Clone)]
pub(crate) struct GuardSettings {
    pub(crate) store: StoreSetting,
    pub(crate) limits: Limits,
    pub(crate) secret: Option<Secret>,
    pub(crate) namespace: String,
    pub(crate) timeout: Duration,
    pub(crate) failure: GuardFailure,
}

impl Default for GuardSettings {
    fn default() -> GuardSettings {
        GuardSettings {
            store: StoreSetting::Memory,
            limits: Limits::default(),
            secret: None,
            namespace: NAMESPACE.into(),
            timeout: TIMEOUT,
            failure: GuardFailure::default(),
        }
    }
}

impl GuardSettings {
    /// Sets the store: `memory:`, `file:` with an absolute path, a URL of Redis, or None.
    pub(crate) fn set_store(&mut self, store: Option<&str>) -> Result<(), Error> {
        self.store = match store {
            None => StoreSetting::None,
            Some("memory:") => StoreSetting::Memory,
            Some(url) if RedisUrl::is_meant(url) => StoreSetting::Redis(RedisUrl::parse(url)?),
            Some(store) => match store.strip_prefix("file:") {
                Some(path) => file(path)?,
                None => return Err(Error::invalid("guard", Rule::GuardStore)),
            },
        };
        Ok(())
    }

    pub(crate) fn set_limit(&mut self, limit: Limit, most: u32, seconds: u32) -> Result<(), Error> {
        self.limits.set(limit, most, seconds)
    }

    pub(crate) fn set_secret(&mut self, secret: Option<&str>) -> Result<(), Error> {
        if secret.is_some_and(|secret| secret.len() < MIN_SECRET) {
            return Err(Error::invalid("guard_secret", Rule::GuardSecretTooShort));
        }
        self.secret = secret.map(Secret::new).transpose()?;
        Ok(())
    }

    /// None: the default.
    pub(crate) fn set_namespace(&mut self, namespace: Option<&str>) -> Result<(), Error> {
        let namespace = namespace.unwrap_or(NAMESPACE);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !(1..=MAX_NAMESPACE).contains(&namespace.len()) || !namespace.chars().all(is_plain) {
            return Err(Error::invalid("guard_namespace", Rule::GuardNamespace));
        }
        namespace.clone_into(&mut self.namespace);
        Ok(())
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) -> Result<(), Error> {
        if !(Duration::from_millis(1)..=MAX_TIMEOUT).contains(&timeout) {
            return Err(Error::invalid("guard_timeout", Rule::GuardTimeout));
        }
        self.timeout = timeout;
        Ok(())
    }
}

/// A file, as `/path` or `///path`.
fn file(path: &str) -> Result<StoreSetting, Error> {
    let refuse = |text: &str| Err(Error::invalid_as("guard", Rule::GuardStore, text));
    let path = path.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(path);
    let path = url_path(path);
    if !path.is_absolute() || path.file_name().is_none() {
        return refuse("must name a file with its whole path, like file:/run/acme/guard");
    }
    if path.as_os_str().len() > MAX_PATH {
        return refuse("is longer than 4096 bytes");
    }
    Ok(StoreSetting::File(path.to_path_buf()))
}
