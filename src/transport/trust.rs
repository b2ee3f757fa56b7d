//! Which certificate authorities are believed, read when the first connection needs them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_native_certs::ErrorKind;

use crate::config;
use crate::memory;

/// The largest file of authorities that is read, in bytes. All of Mozilla's have 200 KB.
const FILE_LARGEST: u64 = 4 * 1024 * 1024;
/// How much memory the reading of such a file takes at most, in its own length: what it grows in, old
/// and new, and the certificates.
const READING: usize = 8;

/// Where the authorities come from.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    File(PathBuf),
    System,
    Bundled,
}

impl Trust {
    pub(super) fn new(config: &config::Config) -> Trust {
        match (&config.ca_file, config.trust) {
            (Some(path), _) => Trust::File(path.clone()),
            (None, config::Trust::System) => Trust::System,
            (None, config::Trust::Bundled) => Trust::Bundled,
        }
    }

    /// The authorities. The error is a sentence that says what to do.
    pub(super) fn load(&self) -> Result<Arc<RootCertStore>, String> {
        match self {
            Trust::File(path) => {
                check_file(path).map_err(|why| format!("the CA file {why}"))?;
                let unreadable = |error| format!("the CA file cannot be read: {error}");
                let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
                    .map_err(unreadable)?
                    .collect::<Result<_, _>>()
                    .map_err(unreadable)?;
                match store(certificates) {
                    store if store.is_empty() => Err("the CA file has no certificate".into()),
                    store => Ok(Arc::new(store)),
                }
            }
            // Lock-free, so that a child forked off while a thread reads them is not stuck.
            Trust::System => {
                static SYSTEM: OnceBox<Arc<RootCertStore>> = OnceBox::new();
                let read = || {
                    let watch = memory::begin();
                    let authorities = Box::new(Arc::new(system()?));
                    // What was made of the reserve is given back.
                    watch.check().map_err(|error| error.to_string())?;
                    Ok(authorities)
                };
                SYSTEM.get_or_try_init(read).cloned()
            }
            Trust::Bundled => {
                Ok(Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }))
            }
        }
    }
}

/// A pipe or a device could keep a call beyond its deadline, and what is endless fill the memory.
fn check_file(path: &Path) -> Result<(), &'static str> {
    match std::fs::metadata(path) {
        Ok(file) if !file.is_file() => Err("is not a regular file"),
        Ok(file) if file.len() > FILE_LARGEST => Err("is too large"),
        // Its readers take for granted that there is memory.
        Ok(file) => memory::room(file.len() as usize * READING).map(drop).map_err(|_| memory::NONE),
        // What is wrong with it shows when it is read.
        Err(_) => Ok(()),
    }
}

/// The operating system's authorities, or those of SSL_CERT_FILE and SSL_CERT_DIR.
fn system() -> Result<RootCertStore, String> {
    let own = std::env::var_os("SSL_CERT_FILE");
    if let Some(path) = &own {
        check_file(Path::new(path)).map_err(|why| format!("SSL_CERT_FILE {why}"))?;
    }
    let found = rustls_native_certs::load_native_certs();
    // What is read here is kept for the life of the process.
    if let Some(error) = found.errors.iter().find(|error| may_pass(error)) {
        return Err(format!("the system's certificate authorities cannot be read: {error}"));
    }
    match store(found.certs) {
        store if store.is_empty() && own.is_some() => {
            Err("SSL_CERT_FILE names no file with certificates: correct it, name a file of them \
             (ca_file), or use the bundled ones (trust)"
                .into())
        }
        store if store.is_empty() => {
            Err("this system has no certificate authorities: install them (ca-certificates), \
             name a file of them (ca_file), or use the bundled ones (trust)"
                .into())
        }
        store => Ok(store),
    }
}

/// Whether a file that could not be read might be read a moment later: for the want of memory or of
/// descriptors, not for what the file is.
fn may_pass(error: &rustls_native_certs::Error) -> bool {
    use libc::{EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENODEV, ENOENT, ENOTDIR, ENXIO, EPERM};
    let lasting = [EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENODEV, ENOENT, ENOTDIR, ENXIO, EPERM];
    match &error.kind {
        ErrorKind::Io { inner, .. } => {
            inner.raw_os_error().is_some_and(|number| !lasting.contains(&number))
        }
        _ => false,
    }
}

fn store(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates);
    store
}
