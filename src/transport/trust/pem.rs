//! Certificates in a file: PEM (RFC 7468) to DER.
//!
//! Reports a defect with the number of its line and never quotes it: it may be a private key. Anything that
//! may be meant as a certificate is either read or reported.

use std::fmt;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The line in which a certificate begins, and the certificate.
pub(super) type Certificate = (usize, CertificateDer<'static>);

/// The content of a file.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) certificates: Vec<Certificate>,
    /// The first defect.
    pub(super) defect: Option<Defect>,
}

/// What is wrong in a file, and in which line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Defect {
    pub(super) line: usize,
    pub(super) why: &'static str,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

const BINARY: &str =
    "this is not text in PEM format, such as `openssl x509 -inform der` makes of DER";
const BOUNDARY: &str = "a BEGIN or END line is malformed or has something else on it";
const UNENDED: &str = "this block has no END line of its own";
const UNREAD: &str = "this kind of block is not read; `openssl x509` and `openssl pkcs7 -print_certs` \
                      write certificates as CERTIFICATE";
const NOT_BASE64: &str = "this certificate is not in base64";
const NOT_WHOLE: &str = "this certificate is cut short or is none";

/// A block that has begun.
struct Block<'a> {
    label: &'a [u8],
    line: usize,
    /// The lines of a certificate, with BEGIN and END lines in the usual form. None for another block.
    text: Option<Vec<u8>>,
}

/// Reads a file. A defect does not end the reading.
pub(super) fn read(file: &[u8]) -> Contents {
    let mut contents = Contents::default();
    if file.contains(&0) || matches!(file, [0x30, 0x80..=0xFF, ..]) {
        contents.report(1, BINARY);
        return contents;
    }
    let line_end = if file.contains(&b'\n') { b'\n' } else { b'\r' };
    let mut block: Option<Block<'_>> = None;
    for (index, line) in file.split(|&byte| byte == line_end).enumerate() {
        let number = index + 1;
        let mut line = trim(line);
        if let (Some(open), Some((label, after))) = (&block, boundary(line, b"-----END ")) {
            if open.label == label {
                contents.close(open);
            } else {
                contents.report(open.line, UNENDED);
            }
            block = None;
            // In files that were joined without a line break the next BEGIN follows here.
            line = trim(after);
        }
        match boundary(line, b"-----BEGIN ") {
            Some((label, b"")) => {
                if let Some(open) = &block {
                    contents.report(open.line, UNENDED);
                }
                let text = match label {
                    b"CERTIFICATE" | b"X509 CERTIFICATE" => Some(BEGIN.to_vec()),
                    b"TRUSTED CERTIFICATE" | b"PKCS7" | b"PKCS #7 SIGNED DATA" | b"CMS" => {
                        contents.report(number, UNREAD);
                        None
                    }
                    // Keys, parameters, revocation lists.
                    _ => None,
                };
                block = Some(Block { label, line: number, text });
            }
            _ => match &mut block {
                None if resembles_boundary(line) => contents.report(number, BOUNDARY),
                // A comment.
                None => {}
                Some(_) if resembles_boundary(line) => {
                    contents.report(number, BOUNDARY);
                    block = None;
                }
                Some(Block { text: Some(text), .. }) => {
                    text.extend_from_slice(line);
                    text.push(b'\n');
                }
                Some(_) => {}
            },
        }
    }
    if let Some(open) = block {
        contents.report(open.line, UNENDED);
    }
    contents
}

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----\n";
const END: &[u8] = b"-----END CERTIFICATE-----\n";

impl Contents {
    fn report(&mut self, line: usize, why: &'static str) {
        self.defect.get_or_insert(Defect { line, why });
    }

    /// Takes a block that has ended.
    fn close(&mut self, block: &Block<'_>) {
        let Some(text) = &block.text else { return };
        match CertificateDer::from_pem_slice(&[text, END].concat()) {
            Ok(certificate) if is_whole(&certificate) => {
                self.certificates.push((block.line, certificate));
            }
            Ok(_) => self.report(block.line, NOT_WHOLE),
            // Its error may quote the file.
            Err(_) => self.report(block.line, NOT_BASE64),
        }
    }
}

/// A line without the white space around it, and without a byte order mark.
fn trim(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
}

/// The label of a BEGIN or END line, and the text after its last hyphens.
fn boundary<'a>(line: &'a [u8], begin: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let rest = line.strip_prefix(begin)?;
    let end = rest.windows(5).position(|five| five == b"-----")?;
    Some((&rest[..end], &rest[end + 5..]))
}

/// Whether a line may be meant as a BEGIN or END line. A line that begins with `#` is a comment.
fn resembles_boundary(line: &[u8]) -> bool {
    let has = |part: &[u8]| line.windows(part.len()).any(|window| window == part);
    let kinds: [&[u8]; 4] = [b"--BEGIN", b"--END", b"BEGIN CERTIFICATE", b"END CERTIFICATE"];
    // Quick: most lines are base64, which has neither.
    let may_have = line.contains(&b'-') || line.contains(&b' ');
    may_have && line.first() != Some(&b'#') && kinds.into_iter().any(has)
}

/// Whether these bytes are exactly one DER SEQUENCE, as a certificate is.
fn is_whole(der: &[u8]) -> bool {
    let (length, content) = match der {
        [0x30, length @ 0..=0x7F, content @ ..] => (usize::from(*length), content),
        [0x30, 0x81, a, content @ ..] => (usize::from(*a), content),
        [0x30, 0x82, a, b, content @ ..] => (usize::from(*a) << 8 | usize::from(*b), content),
        [0x30, 0x83, a, b, c, content @ ..] => {
            (usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c), content)
        }
        _ => return false,
    };
    length == content.len()
}
