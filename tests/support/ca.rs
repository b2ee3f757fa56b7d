//! A certificate authority for the tests, and servers' certificates good and bad.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{NoClientAuth, WebPkiClientVerifier, danger::ClientCertVerifier};
use rustls::{ALL_VERSIONS, RootCertStore, ServerConfig, SupportedProtocolVersion};

/// An authority whose certificate is in a file that the client trusts.
pub(crate) struct TestCa {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl TestCa {
    /// `file` is the name of the certificate's file.
    pub(crate) fn new(file: &str) -> TestCa {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("an authority");
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
        std::fs::write(&file, issuer.pem()).expect("the build's directory can be written to");
        TestCa { issuer, file }
    }

    /// The authority's certificate as a file.
    pub(crate) fn file(&self) -> PathBuf {
        self.file.clone()
    }

    /// A server with a certificate for 127.0.0.1.
    pub(crate) fn good(&self) -> Arc<ServerConfig> {
        self.signed("127.0.0.1", |_| {})
    }

    /// The same, of this protocol version only.
    pub(crate) fn only(&self, version: &'static SupportedProtocolVersion) -> Arc<ServerConfig> {
        self.server("127.0.0.1", |_| {}, &[version], Arc::new(NoClientAuth))
    }

    /// A server whose certificate has expired.
    pub(crate) fn expired(&self) -> Arc<ServerConfig> {
        self.signed("127.0.0.1", |params| {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        })
    }

    /// A server with a certificate for another name.
    pub(crate) fn wrong_name(&self) -> Arc<ServerConfig> {
        self.signed("other.example", |_| {})
    }

    /// A server whose certificate is an authority's.
    pub(crate) fn of_an_authority(&self) -> Arc<ServerConfig> {
        self.signed("127.0.0.1", |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))
    }

    /// A server that requires a client certificate.
    pub(crate) fn with_client_auth(
        &self,
        version: &'static SupportedProtocolVersion,
    ) -> Arc<ServerConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("an authority's certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
        let verifier = verifier.build().expect("there are authorities");
        self.server("127.0.0.1", |_| {}, &[version], verifier)
    }

    fn signed(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        self.server(name, change, ALL_VERSIONS, Arc::new(NoClientAuth))
    }

    fn server(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
        versions: &[&'static SupportedProtocolVersion],
        clients: Arc<dyn ClientCertVerifier>,
    ) -> Arc<ServerConfig> {
        let (mut params, key) = (params(name), key());
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        config(&certificate, &key, versions, clients)
    }
}

/// A server whose certificate is self-signed.
pub(crate) fn self_signed() -> Arc<ServerConfig> {
    let key = key();
    let certificate = params("127.0.0.1").self_signed(&key).expect("a certificate");
    config(&certificate, &key, ALL_VERSIONS, Arc::new(NoClientAuth))
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).expect("a valid name")
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn config(
    certificate: &rcgen::Certificate,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
    clients: Arc<dyn ClientCertVerifier>,
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("the provider has the versions")
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("the key belongs to the certificate");
    Arc::new(config)
}
