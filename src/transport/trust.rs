//! Which certificate authorities are believed, read when the first connection needs them.
//!
//! Nothing that is said of a file quotes it: people keep keys and certificates in one.

use std::collections::HashSet;
use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use zeroize::Zeroizing;

use super::sys;
use crate::config;
use crate::memory;

mod pem;

/// The largest file of authorities that is read, in bytes. All of Mozilla's have 200 KB.
const FILE_LARGEST: u64 = 4 * 1024 * 1024;
/// How much memory the reading of such a file takes at most, in its own length: the file, the base64 of a
/// certificate, the certificates.
const READING: usize = 8;

/// What to do when there are no authorities.
const REMEDY: &str = "name a file of them (ca_file), or use the bundled ones (trust)";

/// Where the authorities come from.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    File(PathBuf),
    System,
    Bundled,
}

/// Why there are no authorities, in a sentence that says what to do.
#[derive(Clone, Debug)]
pub(super) struct TrustError {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Until somebody changes a file or a setting.
    Lasting,
    /// Another try may read what this one could not.
    Passing,
    NoMemory,
}

impl TrustError {
    fn lasting(text: String) -> TrustError {
        TrustError { text, kind: Kind::Lasting }
    }

    fn no_memory() -> TrustError {
        TrustError { text: memory::NONE.to_owned(), kind: Kind::NoMemory }
    }

    /// Whether there was no memory.
    pub(super) fn is_no_memory(&self) -> bool {
        self.kind == Kind::NoMemory
    }

    /// Whether another try will fail as well, until somebody changes a file or a setting.
    pub(super) fn is_lasting(&self) -> bool {
        self.kind == Kind::Lasting
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for TrustError {}

impl Trust {
    pub(super) fn new(config: &config::Config) -> Trust {
        match (&config.ca_file, config.trust) {
            (Some(path), _) => Trust::File(path.clone()),
            (None, config::Trust::System) => Trust::System,
            (None, config::Trust::Bundled) => Trust::Bundled,
        }
    }

    /// The authorities. It waits for the file system as long as that takes.
    pub(super) fn load(&self) -> Result<Arc<RootCertStore>, TrustError> {
        match self {
            Trust::File(path) => named(path).map(Arc::new),
            // Lock-free, so that a child forked off while a thread reads them is not stuck.
            Trust::System => {
                static SYSTEM: OnceBox<Arc<RootCertStore>> = OnceBox::new();
                let read = || {
                    let watch = memory::begin();
                    let authorities = Box::new(Arc::new(system()?));
                    // What was made of the reserve is given back.
                    watch.check().map_err(|_| TrustError::no_memory())?;
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

/// A setting that names one file, and what is said of a file that is not good enough.
struct Setting {
    name: &'static str,
    unreadable: &'static str,
    malformed: &'static str,
}

const CA_FILE: Setting =
    Setting { name: "the CA file", unreadable: "cannot be read", malformed: "is not well-formed" };
const SSL_CERT_FILE: Setting = Setting {
    name: "SSL_CERT_FILE",
    unreadable: "names no file that can be read",
    malformed: "names no file that is well-formed",
};

impl Setting {
    /// The certificates of its file, each with its line: all of them, since one that is not understood
    /// might be the one that is needed.
    fn certificates(&self, file: &Bytes, path: &Path) -> Result<Vec<pem::Certificate>, TrustError> {
        let contents = pem::read(file);
        match contents.fault {
            Some(fault) => Err(self.refuse(path, format_args!("{} ({fault})", self.malformed))),
            None => Ok(contents.certificates),
        }
    }

    fn read(&self, path: &Path) -> Result<(Bytes, Metadata), TrustError> {
        read(path).map_err(|unread| match unread {
            Unread::NoMemory => TrustError::no_memory(),
            Unread::Kind(why) => self.refuse(path, why),
            Unread::System(error) => TrustError {
                kind: if may_pass(&error) { Kind::Passing } else { Kind::Lasting },
                ..self.refuse(path, format_args!("{} ({})", self.unreadable, words(&error)))
            },
        })
    }

    fn refuse(&self, path: &Path, why: impl fmt::Display) -> TrustError {
        TrustError::lasting(format!("{} {why}: {}", self.name, shown(path)))
    }
}

/// The authorities of a file that the user chose for this library.
fn named(path: &Path) -> Result<RootCertStore, TrustError> {
    let (file, _) = CA_FILE.read(path)?;
    let mut store = RootCertStore::empty();
    for (line, certificate) in CA_FILE.certificates(&file, path)? {
        let unusable = format_args!("has a certificate that cannot be used (line {line})");
        store.add(certificate).map_err(|_| CA_FILE.refuse(path, unusable))?;
    }
    if store.is_empty() {
        return Err(CA_FILE.refuse(path, "has no certificate"));
    }
    Ok(store)
}

/// The operating system's authorities, or those of SSL_CERT_FILE and SSL_CERT_DIR.
fn system() -> Result<RootCertStore, TrustError> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let (file, folders) = (variable("SSL_CERT_FILE"), variable("SSL_CERT_DIR"));
    let mut found = Found::default();
    if let Some(file) = &file {
        found.add_variable(Path::new(file))?;
    }
    for folder in folders.iter().flat_map(std::env::split_paths) {
        found.add_folder(&folder)?;
    }
    if file.is_none() && folders.is_none() {
        found.add_own()?;
    }
    found.store(folders)
}

/// What places that others chose hold. Their collections are old and large: what is not understood in
/// them is passed over as long as there is something that is.
#[derive(Default)]
struct Found {
    certificates: Vec<CertificateDer<'static>>,
    /// By device and number: a folder may hold a file under several names.
    files: HashSet<(u64, u64)>,
    /// The first thing that was not understood, and where.
    passed_over: Option<String>,
}

impl Found {
    /// The file that SSL_CERT_FILE names.
    fn add_variable(&mut self, path: &Path) -> Result<(), TrustError> {
        let (file, metadata) = SSL_CERT_FILE.read(path)?;
        self.files.insert((metadata.dev(), metadata.ino()));
        self.add(SSL_CERT_FILE.certificates(&file, path)?);
        if self.certificates.is_empty() {
            let barren = format_args!("names no file with certificates (correct it, {REMEDY})");
            return Err(SSL_CERT_FILE.refuse(path, barren));
        }
        Ok(())
    }

    fn add(&mut self, certificates: Vec<pem::Certificate>) {
        self.certificates.extend(certificates.into_iter().map(|(_, certificate)| certificate));
    }

    /// A file that nobody named, or one in a folder.
    fn add_file(&mut self, path: &Path) -> Result<(), TrustError> {
        match read(path) {
            Ok((file, metadata)) => {
                if self.files.insert((metadata.dev(), metadata.ino())) {
                    let contents = pem::read(&file);
                    self.add(contents.certificates);
                    if let Some(fault) = contents.fault {
                        self.pass_over(path, &fault);
                    }
                }
                Ok(())
            }
            Err(Unread::NoMemory) => Err(TrustError::no_memory()),
            Err(Unread::System(error)) => self.skip(path, &error),
            Err(Unread::Kind(why)) => {
                self.pass_over(path, &why);
                Ok(())
            }
        }
    }

    /// Every file in a folder.
    fn add_folder(&mut self, folder: &Path) -> Result<(), TrustError> {
        let entries = match list(folder) {
            Ok(entries) => entries,
            Err(error) => return self.skip(folder, &error),
        };
        entries.iter().try_for_each(|name| self.add_file(&folder.join(name)))
    }

    /// Where this operating system keeps its own.
    #[cfg(not(target_os = "macos"))]
    fn add_own(&mut self) -> Result<(), TrustError> {
        let places = openssl_probe::probe();
        places.cert_file.iter().try_for_each(|path| self.add_file(path))?;
        places.cert_dir.iter().try_for_each(|folder| self.add_folder(folder))
    }

    /// Those of the keychains.
    #[cfg(target_os = "macos")]
    fn add_own(&mut self) -> Result<(), TrustError> {
        self.certificates = rustls_native_certs::load_native_certs().certs;
        Ok(())
    }

    /// Leaves out what cannot be read, unless it might be read a moment later: what is read here is kept
    /// for the life of the process.
    fn skip(&mut self, path: &Path, error: &io::Error) -> Result<(), TrustError> {
        if may_pass(error) {
            let text = format!(
                "the system's certificate authorities cannot be read ({}): {}",
                words(error),
                shown(path)
            );
            return Err(TrustError { text, kind: Kind::Passing });
        }
        self.pass_over(path, &words(error));
        Ok(())
    }

    fn pass_over(&mut self, path: &Path, why: &dyn fmt::Display) {
        self.passed_over.get_or_insert_with(|| format!("{}: {why}", shown(path)));
    }

    fn store(mut self, folders: Option<OsString>) -> Result<RootCertStore, TrustError> {
        self.certificates.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
        self.certificates.dedup();
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.certificates);
        if store.is_empty() {
            let in_folders = |folders| format!(" in SSL_CERT_DIR={}", shown(Path::new(&folders)));
            let place = folders.map(in_folders).unwrap_or_default();
            let why = self.passed_over.map_or(String::new(), |why| format!(" ({why})"));
            return Err(TrustError::lasting(format!(
                "this system has no certificate authorities{place}{why}: install them \
                 (ca-certificates), {REMEDY}"
            )));
        }
        Ok(store)
    }
}

/// Why a file was not read.
enum Unread {
    /// It is none that is read, for this reason.
    Kind(&'static str),
    System(io::Error),
    NoMemory,
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Unread {
        match error.kind() {
            io::ErrorKind::OutOfMemory => Unread::NoMemory,
            _ => Unread::System(error),
        }
    }
}

/// What a file holds, wiped when dropped: it may be a private key.
type Bytes = Zeroizing<Vec<u8>>;

/// A whole file. A pipe or a device could keep a call beyond its deadline, and what is endless fill the
/// memory.
fn read(path: &Path) -> Result<(Bytes, Metadata), Unread> {
    let mut options = File::options();
    // A pipe is not waited for, a terminal does not become the host's own.
    options.read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = File::from(sys::above_stdio(options.open(path)?.into())?);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Unread::Kind("is not a regular file"));
    }
    const TOO_LARGE: Unread = Unread::Kind("is too large; 4 MiB are read");
    if metadata.len() > FILE_LARGEST {
        return Err(TOO_LARGE);
    }
    let length = metadata.len() as usize;
    // Its readers take for granted that there is memory.
    memory::room(length * READING).map(drop).map_err(|_| Unread::NoMemory)?;
    let mut bytes = Zeroizing::new(memory::room(length + 1).map_err(|_| Unread::NoMemory)?);
    file.take(FILE_LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_LARGEST {
        return Err(TOO_LARGE);
    }
    Ok((bytes, metadata))
}

/// The names in a folder.
fn list(folder: &Path) -> io::Result<Vec<OsString>> {
    // The standard library opens it itself, and not where a host has its standard input or output, if it
    // is open there already.
    let mut opened = Vec::new();
    while opened.last().is_none_or(|file: &File| file.as_raw_fd() <= libc::STDERR_FILENO) {
        opened.push(File::open(folder)?);
    }
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}

/// Whether a file that could not be read might be read a moment later: for the want of memory or of
/// descriptors, not for what the file is.
fn may_pass(error: &io::Error) -> bool {
    use libc::{EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENODEV, ENOENT, ENOTDIR, ENXIO, EPERM};
    let lasting = [EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENODEV, ENOENT, ENOTDIR, ENXIO, EPERM];
    error.raw_os_error().is_some_and(|number| !lasting.contains(&number))
}

/// The system's words for an error of its own.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// A path in a text. Some take what a file holds for its name.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    match path.contains("-----") || path.chars().any(char::is_control) {
        true => "what it was given looks like a file's content, not like its path".to_owned(),
        false => path.into_owned(),
    }
}

#[cfg(test)]
mod tests;
