//! Where the system keeps its certificate authorities.

use crate::sys::SystemRoots;

/// The places of this system.
#[cfg(not(target_os = "macos"))]
pub(crate) fn system_roots() -> SystemRoots {
    let places = openssl_probe::probe();
    let (files, folders) = (places.cert_file.into_iter().collect(), places.cert_dir);
    SystemRoots { files, folders, ..SystemRoots::default() }
}

/// The keychains.
#[cfg(target_os = "macos")]
pub(crate) fn system_roots() -> SystemRoots {
    let certificates = rustls_native_certs::load_native_certs().certs;
    SystemRoots { certificates, ..SystemRoots::default() }
}
