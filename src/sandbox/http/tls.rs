//! TLS for one run: an authority that nobody but the tests trusts, and the server's certificate.
//!
//! Knows nothing of what is spoken over it.

use std::fs::{self, DirBuilder};
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

/// How long the certificates are good for, and how far a client's clock may be behind.
const LIFE: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const LEEWAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The server's side of TLS.
pub(super) struct Tls {
    pub(super) config: Arc<ServerConfig>,
    pub(super) authority: AuthorityFile,
}

impl Tls {
    /// Certificates for this machine by its usual names, for `host` and for its address.
    pub(super) fn new(host: &str, address: IpAddr, file: Option<&Path>) -> io::Result<Tls> {
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        for name in [host.to_owned(), address.to_canonical().to_string()] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let (authority, config) = certify(names).map_err(|error| {
            let text = format!("no certificate can be made for {host}: {error}");
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        Ok(Tls { config: Arc::new(config), authority: AuthorityFile::write(file, &authority)? })
    }
}

/// The authority's certificate as PEM, and a server that has one signed by it. The authority's key is forgotten.
fn certify(names: Vec<String>) -> Result<(String, ServerConfig), Box<dyn std::error::Error>> {
    let mut params = params(Vec::new(), "verifysms sandbox, for tests only")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

    let mut params = self::params(names, "verifysms sandbox")?;
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

fn params(names: Vec<String>, title: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, title);
    let now = SystemTime::now();
    params.not_before = (now - LEEWAY).into();
    params.not_after = (now + LIFE).into();
    Ok(params)
}

/// The file with the authority's certificate.
pub(super) struct AuthorityFile {
    path: PathBuf,
    /// A folder that is removed with it.
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
        fs::write(&file.path, pem).map_err(|error| refusal(&file.path, &error))?;
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for AuthorityFile {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // A system that clears its temporary files may have been first.
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new folder that no other user can change.
fn private_folder() -> io::Result<PathBuf> {
    let number = getrandom::u64().map_err(io::Error::other)?;
    let folder = std::env::temp_dir().join(format!("verifysms-sandbox-{number:016x}"));
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).map_err(|error| refusal(&folder, &error))?;
    Ok(folder)
}

fn refusal(path: &Path, error: &io::Error) -> io::Error {
    let path = path.display();
    let text = format!(
        "the certificate authority cannot be written to {path}: {error}; name a place with ca_file (--ca-file)"
    );
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn the_folder_is_private_and_gone_at_the_end() {
        let tls = Tls::new("localhost", HERE, None).unwrap();
        let path = tls.authority.path().to_owned();
        let folder = path.parent().unwrap().to_owned();
        assert!(fs::read_to_string(&path).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
        drop(tls);
        assert!(!path.exists() && !folder.exists());
    }

    #[test]
    fn a_file_that_was_named_stays() {
        let folder = private_folder().unwrap();
        let path = folder.join("mine.pem");
        drop(Tls::new("localhost", HERE, Some(&path)).unwrap());
        assert!(path.exists());
        let error = Tls::new("localhost", HERE, Some(&path.join("not"))).err().unwrap();
        assert!(error.to_string().contains("mine.pem"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_host_that_no_certificate_can_name_is_refused() {
        let error = Tls::new("häst", HERE, None).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("häst"), "{error}");
    }
}
