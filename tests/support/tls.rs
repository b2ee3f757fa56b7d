//! A certificate authority made for the tests, and servers' certificates good and bad.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// An authority whose certificate is in a file that the client is told to trust.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    /// `file` is the name of the authority's file, one a test program.
    pub(crate) fn new(file: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("an authority");
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
        std::fs::write(&file, issuer.pem()).expect("the build's directory can be written to");
        Authority { issuer, file }
    }

    /// The authority's certificate as a file.
    pub(crate) fn file(&self) -> PathBuf {
        self.file.clone()
    }

    /// A server with a certificate for 127.0.0.1.
    pub(crate) fn good(&self) -> Arc<ServerConfig> {
        self.signed(params("127.0.0.1"))
    }

    /// The same, which speaks this version alone.
    pub(crate) fn speaking(&self, version: &'static SupportedProtocolVersion) -> Arc<ServerConfig> {
        let key = key();
        let certificate = params("127.0.0.1").signed_by(&key, &self.issuer).expect("a certificate");
        let private = PrivateKeyDer::try_from(key.serialize_der()).expect("a private key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .expect("the provider has the version")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .expect("the key belongs to the certificate");
        Arc::new(config)
    }

    /// A server whose certificate has expired.
    pub(crate) fn expired(&self) -> Arc<ServerConfig> {
        let mut params = params("127.0.0.1");
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        self.signed(params)
    }

    /// A server with a certificate for another name.
    pub(crate) fn wrong_name(&self) -> Arc<ServerConfig> {
        self.signed(params("other.example"))
    }

    /// A server whose certificate is an authority's.
    pub(crate) fn of_an_authority(&self) -> Arc<ServerConfig> {
        let mut params = params("127.0.0.1");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.signed(params)
    }

    /// A server that wants a certificate of its client.
    pub(crate) fn wanting_a_certificate(
        &self,
        version: &'static SupportedProtocolVersion,
    ) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("an authority's certificate");
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let key = key();
        let certificate = params("127.0.0.1").signed_by(&key, &self.issuer).expect("a certificate");
        let private = PrivateKeyDer::try_from(key.serialize_der()).expect("a private key");
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .expect("the provider has the version")
            .with_client_cert_verifier(verifier.build().expect("there are authorities"))
            .with_single_cert(vec![certificate.der().clone()], private)
            .expect("the key belongs to the certificate");
        Arc::new(config)
    }

    fn signed(&self, params: CertificateParams) -> Arc<ServerConfig> {
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        server(certificate.der().clone(), &key)
    }
}

/// A server whose certificate nobody signed but itself.
pub(crate) fn self_signed() -> Arc<ServerConfig> {
    let key = key();
    let certificate = params("127.0.0.1").self_signed(&key).expect("a certificate");
    server(certificate.der().clone(), &key)
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).expect("a valid name")
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn server(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has the default versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("the key belongs to the certificate");
    Arc::new(config)
}
