//! TLS for one run: a certificate authority for tests, and the server's certificate.
//!
//! Knows nothing of HTTP.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use crate::sandbox::invalid_input::invalid_input;
use crate::sys::file::make_private_folder;

/// How long the certificates are valid, and how far a client's clock may be behind.
const VALIDITY: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(24 * 60 * 60);

/// The server's certificate, and the authority that signed it.
pub(crate) struct ServerTls {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) authority: AuthorityFile,
}

impl ServerTls {
    /// Issues a certificate for this machine's usual names, for `host` and for its address.
    pub(crate) fn new(host: &str, address: IpAddr, file: Option<&Path>) -> io::Result<ServerTls> {
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        for name in [host.to_owned(), address.to_canonical().to_string()] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let (authority, config) = issue_certificate(names).map_err(|error| {
            invalid_input(format!("no certificate can be made for {host}: {error}"))
        })?;
        Ok(ServerTls {
            config: Arc::new(config),
            authority: AuthorityFile::write(file, &authority)?,
        })
    }
}

/// The authority's certificate as PEM, and a server configuration with a certificate that it signed. The
/// authority's key is not kept.
fn issue_certificate(
    names: Vec<String>,
) -> Result<(String, ServerConfig), Box<dyn std::error::Error>> {
    let mut params = certificate_params(Vec::new(), "verifysms sandbox, for tests only")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

    let mut params = certificate_params(names, "verifysms sandbox")?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &authority)?.der().clone();

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der())?)?;
    Ok((authority.pem(), config))
}

fn certificate_params(names: Vec<String>, title: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, title);
    let now = SystemTime::now();
    params.not_before = (now - MAX_CLOCK_SKEW).into();
    params.not_after = (now + VALIDITY).into();
    Ok(params)
}

/// The PEM file with the authority's certificate.
pub(crate) struct AuthorityFile {
    path: PathBuf,
    /// The temporary folder to remove with the file.
    folder: Option<PathBuf>,
}

impl AuthorityFile {
    fn write(path: Option<&Path>, pem: &str) -> io::Result<AuthorityFile> {
        let file = match path {
            Some(path) => AuthorityFile { path: path.to_owned(), folder: None },
            None => {
                let folder = private_folder()?;
                AuthorityFile { path: folder.join("ca.pem"), folder: Some(folder) }
            }
        };
        fs::write(&file.path, pem).map_err(|error| write_error(&file.path, &error))?;
        Ok(file)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for AuthorityFile {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // The system may have removed its temporary files already.
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new temporary folder that only this user can read and change.
fn private_folder() -> io::Result<PathBuf> {
    let number = getrandom::u64().map_err(io::Error::other)?;
    let folder = std::env::temp_dir().join(format!("verifysms-sandbox-{number:016x}"));
    make_private_folder(&folder).map_err(|error| write_error(&folder, &error))?;
    Ok(folder)
}

fn write_error(path: &Path, error: &io::Error) -> io::Error {
    let path = path.display();
    invalid_input(format!(
        "the certificate authority cannot be written to {path}: {error}; name a place with ca_file (--ca-file)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::file::folder_access;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn the_temporary_folder_is_private_and_removed_at_the_end() {
        let tls = ServerTls::new("localhost", HERE, None).unwrap();
        let path = tls.authority.path().to_owned();
        let folder = path.parent().unwrap().to_owned();
        assert!(fs::read_to_string(&path).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
        let access = folder_access(&folder).unwrap();
        assert!(access.is_own && !access.others_write, "{access:?}");
        // Wine lets everybody read every folder.
        assert!(!access.others_read || cfg!(windows), "{access:?}");
        drop(tls);
        assert!(!path.exists() && !folder.exists());
    }

    #[test]
    fn a_file_that_was_named_stays() {
        let folder = private_folder().unwrap();
        let path = folder.join("mine.pem");
        drop(ServerTls::new("localhost", HERE, Some(&path)).unwrap());
        assert!(path.exists());
        let error = ServerTls::new("localhost", HERE, Some(&path.join("not"))).err().unwrap();
        assert!(error.to_string().contains("mine.pem"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_host_that_no_certificate_can_name_is_rejected() {
        let error = ServerTls::new("häst", HERE, None).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("häst"), "{error}");
    }
}
