//! The trusted root certificates. They are read when the first TLS connection needs them.
//!
//! No error text quotes a file: private keys may be in the same file.

use std::collections::HashSet;
use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use zeroize::Zeroizing;

use crate::memory;
use crate::sys::{self, errors, file};

mod pem;

/// The largest file of certificates that is read, in bytes. All of Mozilla's have 200 KB.
const MAX_FILE: u64 = 4 * 1024 * 1024;
/// How much memory it takes at most to read a file, as a multiple of its length: the file, the base64 of a
/// certificate, the certificates.
const MEMORY_FACTOR: usize = 8;

/// What the user can do if there are no root certificates.
const REMEDY: &str = "name a file of them (ca_file), or use the bundled ones (trust)";

/// Where the trusted root certificates come from.
#[derive(Clone, Debug)]
pub(crate) enum RootSource {
    File(PathBuf),
    System,
    Bundled,
}

/// Why there are no root certificates, in a sentence that says what to do.
#[derive(Clone, Debug)]
pub(super) struct RootError {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Fails again until somebody changes a file or a setting.
    Permanent,
    /// Another attempt may succeed.
    Transient,
    OutOfMemory,
}

impl RootError {
    fn permanent(text: String) -> RootError {
        RootError { text, kind: Kind::Permanent }
    }

    fn out_of_memory() -> RootError {
        RootError { text: memory::OUT_OF_MEMORY.to_owned(), kind: Kind::OutOfMemory }
    }

    /// Whether the system has no memory.
    pub(super) fn is_out_of_memory(&self) -> bool {
        self.kind == Kind::OutOfMemory
    }

    /// Whether another attempt may succeed.
    pub(super) fn is_transient(&self) -> bool {
        self.kind == Kind::Transient
    }
}

impl fmt::Display for RootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for RootError {}

impl RootSource {
    /// Reads the root certificates. Blocks as long as the file system does.
    pub(super) fn load(&self) -> Result<Arc<RootCertStore>, RootError> {
        match self {
            RootSource::File(path) => named(path).map(Arc::new),
            // Lock-free, so that a child does not hang that is forked while another thread reads them.
            RootSource::System => {
                static SYSTEM: OnceBox<Arc<RootCertStore>> = OnceBox::new();
                let read = || {
                    let watch = memory::watch_shortage();
                    let roots = Box::new(Arc::new(system()?));
                    // Nothing that was allocated from the reserve is kept.
                    watch.check().map_err(|_| RootError::out_of_memory())?;
                    Ok(roots)
                };
                SYSTEM.get_or_try_init(read).cloned()
            }
            RootSource::Bundled => {
                Ok(Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }))
            }
        }
    }
}

/// A setting that names one file, and the error texts about the file.
struct FileSetting {
    name: &'static str,
    unreadable: &'static str,
    malformed: &'static str,
}

const CA_FILE: FileSetting = FileSetting {
    name: "the CA file",
    unreadable: "cannot be read",
    malformed: "is not well-formed",
};
const SSL_CERT_FILE: FileSetting = FileSetting {
    name: "SSL_CERT_FILE",
    unreadable: "names no file that can be read",
    malformed: "names no file that is well-formed",
};

impl FileSetting {
    /// The certificates in the file, each with its line. An error if any is malformed: it may be the one
    /// that is needed.
    fn certificates(&self, file: &Bytes, path: &Path) -> Result<Vec<pem::Certificate>, RootError> {
        let contents = pem::read(file);
        match contents.defect {
            Some(defect) => Err(self.error(path, format_args!("{} ({defect})", self.malformed))),
            None => Ok(contents.certificates),
        }
    }

    fn read(&self, path: &Path) -> Result<(Bytes, Identity), RootError> {
        read(path).map_err(|error| match error {
            ReadError::OutOfMemory => RootError::out_of_memory(),
            ReadError::Kind(why) => self.error(path, why),
            ReadError::System(error) => RootError {
                kind: if errors::is_transient(&error) { Kind::Transient } else { Kind::Permanent },
                ..self.error(path, format_args!("{} ({})", self.unreadable, system_text(&error)))
            },
        })
    }

    fn error(&self, path: &Path, why: impl fmt::Display) -> RootError {
        RootError::permanent(format!("{} {why}: {}", self.name, shown(path)))
    }
}

/// The root certificates in the `ca_file` of the user.
fn named(path: &Path) -> Result<RootCertStore, RootError> {
    let (file, _) = CA_FILE.read(path)?;
    let mut store = RootCertStore::empty();
    for (line, certificate) in CA_FILE.certificates(&file, path)? {
        let unusable = format_args!("has a certificate that cannot be used (line {line})");
        store.add(certificate).map_err(|_| CA_FILE.error(path, unusable))?;
    }
    if store.is_empty() {
        return Err(CA_FILE.error(path, "has no certificate"));
    }
    Ok(store)
}

/// The root certificates of the operating system, or of SSL_CERT_FILE and SSL_CERT_DIR.
fn system() -> Result<RootCertStore, RootError> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let (file, directories) = (variable("SSL_CERT_FILE"), variable("SSL_CERT_DIR"));
    let mut found = SystemRoots::default();
    if let Some(file) = &file {
        found.add_variable(Path::new(file))?;
    }
    for directory in directories.iter().flat_map(std::env::split_paths) {
        found.add_directory(&directory)?;
    }
    if file.is_none() && directories.is_none() {
        found.add_own()?;
    }
    found.store(directories)
}

/// Certificates from places that the user did not choose for this library. Old collections have entries that
/// cannot be parsed: these are skipped, as long as at least one certificate is usable.
#[derive(Default)]
struct SystemRoots {
    certificates: Vec<CertificateDer<'static>>,
    /// A directory may contain a file under several names.
    files: HashSet<Identity>,
    /// The first entry that was skipped, and why.
    first_skipped: Option<String>,
}

impl SystemRoots {
    /// The file that SSL_CERT_FILE names.
    fn add_variable(&mut self, path: &Path) -> Result<(), RootError> {
        let (file, identity) = SSL_CERT_FILE.read(path)?;
        self.files.insert(identity);
        self.add(SSL_CERT_FILE.certificates(&file, path)?);
        if self.certificates.is_empty() {
            let why = format_args!("names no file with certificates (correct it, {REMEDY})");
            return Err(SSL_CERT_FILE.error(path, why));
        }
        Ok(())
    }

    fn add(&mut self, certificates: Vec<pem::Certificate>) {
        self.certificates.extend(certificates.into_iter().map(|(_, certificate)| certificate));
    }

    /// A file of the operating system, or in a directory.
    fn add_file(&mut self, path: &Path) -> Result<(), RootError> {
        match read(path) {
            Ok((file, identity)) => {
                if self.files.insert(identity) {
                    let contents = pem::read(&file);
                    self.add(contents.certificates);
                    if let Some(defect) = contents.defect {
                        self.skip(path, &defect);
                    }
                }
                Ok(())
            }
            Err(ReadError::OutOfMemory) => Err(RootError::out_of_memory()),
            Err(ReadError::System(error)) => self.skip_unreadable(path, &error),
            Err(ReadError::Kind(why)) => {
                self.skip(path, &why);
                Ok(())
            }
        }
    }

    /// Every file in a directory.
    fn add_directory(&mut self, directory: &Path) -> Result<(), RootError> {
        let entries = match file::list(directory) {
            Ok(entries) => entries,
            Err(error) => return self.skip_unreadable(directory, &error),
        };
        entries.iter().try_for_each(|name| self.add_file(&directory.join(name)))
    }

    /// The places of this operating system.
    fn add_own(&mut self) -> Result<(), RootError> {
        let own = sys::system_roots();
        self.certificates.extend(own.certificates);
        own.files.iter().try_for_each(|path| self.add_file(path))?;
        own.folders.iter().try_for_each(|folder| self.add_directory(folder))
    }

    /// Skips a file that cannot be read. An error if it may be readable a moment later, because the
    /// certificates are read once per process.
    fn skip_unreadable(&mut self, path: &Path, error: &io::Error) -> Result<(), RootError> {
        if errors::is_transient(error) {
            let text = format!(
                "the system's certificate authorities cannot be read ({}): {}",
                system_text(error),
                shown(path)
            );
            return Err(RootError { text, kind: Kind::Transient });
        }
        self.skip(path, &system_text(error));
        Ok(())
    }

    fn skip(&mut self, path: &Path, why: &dyn fmt::Display) {
        self.first_skipped.get_or_insert_with(|| format!("{}: {why}", shown(path)));
    }

    fn store(mut self, directories: Option<OsString>) -> Result<RootCertStore, RootError> {
        self.certificates.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
        self.certificates.dedup();
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.certificates);
        if store.is_empty() {
            let named = |variable| format!(" in SSL_CERT_DIR={}", shown(Path::new(&variable)));
            let place = directories.map(named).unwrap_or_default();
            let why = self.first_skipped.map_or(String::new(), |why| format!(" ({why})"));
            return Err(RootError::permanent(format!(
                "this system has no certificate authorities{place}{why}: install them \
                 (ca-certificates), {REMEDY}"
            )));
        }
        Ok(store)
    }
}

/// Why a file was not read.
enum ReadError {
    /// It is not a file that this library reads.
    Kind(&'static str),
    System(io::Error),
    OutOfMemory,
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        match error.kind() {
            io::ErrorKind::OutOfMemory => ReadError::OutOfMemory,
            _ => ReadError::System(error),
        }
    }
}

/// The content of a file. Wiped when dropped: it may contain a private key.
type Bytes = Zeroizing<Vec<u8>>;
/// What no other file has.
type Identity = (u64, u64);

/// Reads a regular file. A pipe or a device could block for ever, or never end.
fn read(path: &Path) -> Result<(Bytes, Identity), ReadError> {
    let file = file::open_to_read(path)?;
    let (metadata, identity) = (file.metadata()?, file::identity(&file)?);
    if !metadata.is_file() {
        return Err(ReadError::Kind("is not a regular file"));
    }
    const TOO_LARGE: ReadError = ReadError::Kind("is too large; 4 MiB are read");
    if metadata.len() > MAX_FILE {
        return Err(TOO_LARGE);
    }
    let length = metadata.len() as usize;
    // The parsers allocate infallibly.
    memory::vec_with_capacity(length * MEMORY_FACTOR)
        .map(drop)
        .map_err(|_| ReadError::OutOfMemory)?;
    let mut bytes =
        Zeroizing::new(memory::vec_with_capacity(length + 1).map_err(|_| ReadError::OutOfMemory)?);
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    // uncovered: a file that grows beyond the limit while it is read.
    if bytes.len() as u64 > MAX_FILE {
        return Err(TOO_LARGE);
    }
    Ok((bytes, identity))
}

/// The system's text for its error.
fn system_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// A path for an error text. Some users pass the content of a file in place of its path.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    match path.contains("-----") || path.chars().any(char::is_control) {
        true => "what it was given looks like a file's content, not like its path".to_owned(),
        false => path.into_owned(),
    }
}

#[cfg(test)]
mod tests;
