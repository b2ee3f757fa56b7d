//! Files that several processes change: how one is opened, and locked.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::above_stdio;

/// The longest path of a file, in bytes. No supported system opens a longer one.
pub(crate) const MAX_PATH: usize = 4096;

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

/// The user who owns what this process makes.
pub(crate) fn effective_user() -> u32 {
    // SAFETY: the call has no arguments and no errors.
    unsafe { libc::geteuid() }
}

/// The largest file that this process may make, in bytes.
pub(crate) fn size_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is live and exclusively borrowed.
    let answer = unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) };
    if answer == 0 { limit.rlim_cur } else { u64::MAX }
}
