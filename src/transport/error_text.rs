//! The errors of the system and of TLS, in the words of this library. Texts of other libraries are never
//! passed on: they may quote secrets.

use std::io;

use rustls::{AlertDescription, CertificateError};

use crate::sys::errors;

/// Why a socket, a file or TLS failed.
pub(crate) fn of(error: &io::Error) -> String {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_tls(tls);
    }
    use io::ErrorKind as Kind;
    let known = match error.kind() {
        Kind::PermissionDenied => "this machine does not permit it",
        Kind::HostUnreachable => "no route to host",
        Kind::NetworkUnreachable => "network unreachable",
        Kind::NetworkDown => "network down",
        Kind::ConnectionRefused => "connection refused",
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => "connection reset",
        Kind::TimedOut => "its machine does not answer",
        Kind::UnexpectedEof => "it closed the connection",
        Kind::AddrNotAvailable => "no address is available",
        Kind::OutOfMemory => "out of memory",
        Kind::NotFound => "it does not exist",
        Kind::IsADirectory => "it is a folder",
        Kind::NotADirectory => "a part of its path is no folder",
        Kind::StorageFull | Kind::QuotaExceeded => "there is no space left",
        Kind::ReadOnlyFilesystem => "it is on a read-only file system",
        Kind::InvalidData => "it sends records without end",
        _ => match error.raw_os_error().map(|number| (number, errors::text(number))) {
            Some((_, Some(text))) => text,
            Some((number, None)) => return format!("system error {number}"),
            None => "an error without a number",
        },
    };
    known.into()
}

/// Why the system's resolver gave no answer.
pub(super) fn of_lookup(error: &io::Error) -> &'static str {
    match error.kind() {
        // seldom covered: a lookup without memory; tests/deep/memory.py makes some.
        io::ErrorKind::OutOfMemory => "out of memory",
        _ => "no name server answers",
    }
}

/// Why TLS failed.
fn of_tls(error: &rustls::Error) -> String {
    use rustls::Error as Tls;
    let known = match error {
        Tls::InvalidCertificate(why) => return format!("its certificate {}", of_certificate(why)),
        Tls::NoCertificatesPresented => "it sent no certificate",
        Tls::AlertReceived(alert) => return format!("it refused: {}", of_alert(*alert)),
        Tls::PeerIncompatible(_) => "it offers no TLS that this library takes (1.2 or 1.3)",
        Tls::InvalidMessage(_) => "it does not speak TLS",
        Tls::PeerMisbehaved(_)
        | Tls::InappropriateMessage { .. }
        // uncovered: a peer that sends handshake messages in the wrong order.
        | Tls::InappropriateHandshakeMessage { .. } => "it breaks the rules of TLS",
        Tls::DecryptError => "a record was damaged on its way",
        Tls::PeerSentOversizedRecord => "a record is too large",
        _ => "the handshake failed",
    };
    known.into()
}

fn of_certificate(error: &CertificateError) -> &'static str {
    use CertificateError as Certificate;
    match error {
        Certificate::Expired | Certificate::ExpiredContext { .. } => "has expired",
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
            "is not valid yet; is this machine's clock right?"
        }
        Certificate::UnknownIssuer => {
            "comes from an authority that is not trusted here; if it is your own, name its file \
             (ca_file)"
        }
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            "is for another host"
        }
        Certificate::Revoked => "was revoked",
        Certificate::BadSignature => "has a wrong signature",
        Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => {
            "is not for a server"
        }
        Certificate::BadEncoding => "is not well-formed",
        // What webpki reports if the basic constraints say that the certificate is an authority's.
        Certificate::Other(_) => "is an authority's own, or is not made for a server",
        _ => "is not accepted",
    }
}

fn of_alert(alert: AlertDescription) -> String {
    let known = match alert {
        AlertDescription::HandshakeFailure => "no common cipher or key (handshake_failure)",
        AlertDescription::ProtocolVersion => "no common version of TLS (protocol_version)",
        AlertDescription::CertificateRequired => {
            "it wants a certificate of the client, and this library sends none"
        }
        AlertDescription::UnrecognisedName => "it does not know this host (unrecognized_name)",
        AlertDescription::InternalError => "a fault of its own (internal_error)",
        AlertDescription::AccessDenied => "access denied",
        other => return format!("TLS alert {}", u8::from(other)),
    };
    known.into()
}

#[cfg(test)]
mod tests {
    use io::ErrorKind as Kind;
    use std::sync::Arc;

    use rustls::{Error as Tls, OtherError, PeerIncompatible};

    use super::*;

    #[test]
    fn every_error_of_the_system_is_told_in_our_words() {
        for (error, text) in [
            (Kind::PermissionDenied.into(), "this machine does not permit it"),
            (Kind::HostUnreachable.into(), "no route to host"),
            (Kind::NetworkUnreachable.into(), "network unreachable"),
            (Kind::NetworkDown.into(), "network down"),
            (Kind::AddrNotAvailable.into(), "no address is available"),
            (Kind::InvalidData.into(), "it sends records without end"),
            (io::Error::from_raw_os_error(12345), "system error 12345"),
            (io::Error::other("a secret"), "an error without a number"),
        ] {
            assert_eq!(of(&error), text);
        }
    }

    #[test]
    fn every_error_of_tls_is_told_in_our_words() {
        let offers = PeerIncompatible::ServerDoesNotSupportTls12Or13;
        let quoted = CertificateError::Other(OtherError(Arc::new(io::Error::other("a secret"))));
        for (error, text) in [
            (Tls::NoCertificatesPresented, "it sent no certificate"),
            (
                Tls::PeerIncompatible(offers),
                "it offers no TLS that this library takes (1.2 or 1.3)",
            ),
            (Tls::PeerSentOversizedRecord, "a record is too large"),
            (Tls::General("a secret".into()), "the handshake failed"),
            (
                CertificateError::NotValidYet.into(),
                "its certificate is not valid yet; is this machine's clock right?",
            ),
            (CertificateError::Revoked.into(), "its certificate was revoked"),
            (CertificateError::InvalidPurpose.into(), "its certificate is not for a server"),
            (CertificateError::BadEncoding.into(), "its certificate is not well-formed"),
            (
                CertificateError::UnhandledCriticalExtension.into(),
                "its certificate is not accepted",
            ),
            (quoted.into(), "its certificate is an authority's own, or is not made for a server"),
        ] {
            assert_eq!(of_tls(&error), text);
        }
        for (alert, text) in [
            (AlertDescription::HandshakeFailure, "no common cipher or key (handshake_failure)"),
            (AlertDescription::UnrecognisedName, "it does not know this host (unrecognized_name)"),
            (AlertDescription::InternalError, "a fault of its own (internal_error)"),
            (AlertDescription::AccessDenied, "access denied"),
            (AlertDescription::BadRecordMac, "TLS alert 20"),
        ] {
            assert_eq!(of_tls(&Tls::AlertReceived(alert)), format!("it refused: {text}"));
        }
    }
}
