//! Files: how one is opened and locked, and who may change it.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::above_stdio;
use crate::sys::Access;

/// The longest path of a file, in bytes. No supported system opens a longer one.
pub(crate) const MAX_PATH: usize = 4096;

/// What to do about a file that others may read or write.
pub(crate) const MUST_BE_PRIVATE: &str = "it must have the mode 0600";
/// How to forbid others to write to it.
#[cfg(feature = "cli")]
pub(crate) const FORBID_WRITING: &str = "chmod go-w it";
/// How to forbid others everything.
#[cfg(feature = "cli")]
pub(crate) const FORBID_ALL: &str = "chmod 600 it";

/// The folder of the user's configuration files. Relative ones are invalid (XDG Base Directory Specification).
#[cfg(feature = "cli")]
pub(crate) fn config_folder() -> Option<std::path::PathBuf> {
    let folder = |name| {
        let value = std::env::var_os(name).map(std::path::PathBuf::from);
        value.filter(|folder| folder.is_absolute())
    };
    folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))
}

/// The path of a file's URL.
pub(crate) fn url_path(path: &str) -> &Path {
    Path::new(path)
}

/// Opens a file for reading and writing, or makes it for this user alone. Never follows a link as the last
/// part of the path, and never waits, as a FIFO would.
pub(crate) fn open(path: &Path, creates: bool) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(creates)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    Ok(above_stdio(OwnedFd::from(file))?.into())
}

/// Opens a file for reading. Does not wait for a pipe, and does not make a terminal the controlling one.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    Ok(above_stdio(OwnedFd::from(file))?.into())
}

/// The names in a folder.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<OsString>> {
    // `read_dir` opens a descriptor of its own. Opening the folder here first keeps descriptors 0 to 2
    // occupied, so that `read_dir` gets a higher one.
    let mut opened = Vec::new();
    while opened.last().is_none_or(|file: &File| file.as_raw_fd() <= libc::STDERR_FILENO) {
        opened.push(File::open(folder)?);
    }
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}

/// Makes a folder that only this user can read and change.
#[cfg(any(feature = "sandbox", test))]
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// What no other file has: its device and inode.
pub(crate) fn identity(file: &File) -> io::Result<(u64, u64)> {
    file.metadata().map(|about| (about.dev(), about.ino()))
}

/// How many names an open file has. None: it was removed.
pub(crate) fn names(file: &File) -> io::Result<u64> {
    file.metadata().map(|about| about.nlink())
}

/// Who may do what with an open file.
pub(crate) fn access(file: &File) -> io::Result<Access> {
    file.metadata().map(|about| access_of(&about))
}

/// Who may do what with a folder.
pub(crate) fn folder_access(path: &Path) -> io::Result<Access> {
    path.metadata().map(|about| access_of(&about))
}

fn access_of(about: &Metadata) -> Access {
    let is_sticky = about.mode() & 0o1000 != 0;
    Access {
        // SAFETY: the call has no arguments and no errors.
        is_own: about.uid() == unsafe { libc::geteuid() },
        is_systems: about.uid() == 0,
        others_read: about.mode() & 0o044 != 0,
        others_write: about.mode() & 0o022 != 0,
        everybody_replaces: about.mode() & 0o002 != 0 && !is_sticky,
    }
}

/// Fills the buffer with what is there in the file.
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(buffer, offset)
}

/// Writes all of it there.
pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(bytes, offset)
}

/// Locks a file for this process and thread, without waiting. False: somebody else has it. See flock(2).
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    match flock(file, libc::LOCK_EX | libc::LOCK_NB) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

/// Unlocks it. To close it is not enough: a child that was forked meanwhile has the descriptor as well.
pub(crate) fn unlock(file: &File) {
    let _ = flock(file, libc::LOCK_UN);
}

fn flock(file: &File, operation: i32) -> io::Result<()> {
    loop {
        // SAFETY: the descriptor is open.
        if unsafe { libc::flock(file.as_raw_fd(), operation) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// The largest file that this process may make, in bytes.
pub(crate) fn size_limit() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is live and exclusively borrowed.
    let answer = unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) };
    if answer == 0 { usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX) } else { usize::MAX }
}
