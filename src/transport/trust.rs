//! Which certificate authorities are believed, read when the first connection needs them.

use std::path::PathBuf;
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::config;

/// Where the authorities come from.
#[derive(Clone)]
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
                // A pipe or a device could keep a call beyond its deadline, or fill the memory.
                if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
                    return Err("the CA file is not a regular file".into());
                }
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
                SYSTEM.get_or_try_init(|| system().map(Arc::new).map(Box::new)).cloned()
            }
            Trust::Bundled => {
                Ok(Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }))
            }
        }
    }
}

/// The operating system's authorities, or those of SSL_CERT_FILE and SSL_CERT_DIR.
fn system() -> Result<RootCertStore, String> {
    match store(rustls_native_certs::load_native_certs().certs) {
        store if store.is_empty() => {
            Err("this system has no certificate authorities: install them (ca-certificates), \
             name a file of them (ca_file), or use the bundled ones (trust)"
                .into())
        }
        store => Ok(store),
    }
}

fn store(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates);
    store
}
