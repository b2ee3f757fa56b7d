//! Files: how one is opened and locked, and who may change it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Foundation::{ERROR_LOCK_VIOLATION, GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Security::NO_INHERITANCE;
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_STANDARD_INFO, FileStandardInfo, GetFileInformationByHandle, GetFileInformationByHandleEx,
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, READ_CONTROL, UnlockFileEx,
    WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::IO::{DeviceIoControl, OVERLAPPED};
use windows_sys::Win32::System::Ioctl::FSCTL_SET_SPARSE;

use super::{checked, security};
use crate::sys::Access;

/// The longest path of a file, in bytes, as elsewhere. Programs that open longer ones are rare.
pub(crate) const MAX_PATH: usize = 4096;

/// What to do about a file that others may read or write.
pub(crate) const MUST_BE_PRIVATE: &str = "remove the permissions of others (icacls)";
/// How to forbid others to write to it.
#[cfg(feature = "cli")]
pub(crate) const FORBID_WRITING: &str = "remove their permission (icacls)";
/// How to forbid others everything.
#[cfg(feature = "cli")]
pub(crate) const FORBID_ALL: &str = FORBID_WRITING;

/// The folder of the user's configuration files.
#[cfg(feature = "cli")]
pub(crate) fn config_folder() -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("APPDATA").map(std::path::PathBuf::from);
    folder.filter(|folder| folder.is_absolute())
}

/// The path of a file's URL, in which a slash is before the drive.
pub(crate) fn url_path(path: &str) -> &Path {
    let drive = path.strip_prefix('/').filter(|rest| rest.as_bytes().get(1) == Some(&b':'));
    Path::new(drive.unwrap_or(path))
}

/// Opens a file for reading and writing, or makes it for this user alone. Never follows a link as the last
/// part of the path.
pub(crate) fn open(path: &Path, creates: bool) -> io::Result<File> {
    let rights = GENERIC_READ | GENERIC_WRITE | if creates { WRITE_DAC | WRITE_OWNER } else { 0 };
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .access_mode(rights)
        .create_new(creates)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)?;
    if creates {
        security::make_private(&file, NO_INHERITANCE)?;
        make_sparse(&file);
    }
    Ok(file)
}

/// Lets what is never written to a file take no room, and no time when something behind it is written. Not every
/// file system can do that.
fn make_sparse(file: &File) {
    let (nothing, buffer, mut count) = (std::ptr::null(), std::ptr::null_mut(), 0);
    let (file, no_wait) = (file.as_raw_handle(), std::ptr::null_mut());
    // SAFETY: the file is open, and the pointers are NULL or those of a live variable.
    unsafe {
        DeviceIoControl(file, FSCTL_SET_SPARSE, nothing, 0, buffer, 0, &mut count, no_wait);
    }
}

/// Opens a file, or a folder, for reading.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)
}

/// The names in a folder.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}

/// Makes a folder that only this user can read and change.
#[cfg(any(feature = "sandbox", test))]
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)?;
    let mut options = OpenOptions::new();
    options
        .access_mode(READ_CONTROL | WRITE_DAC | WRITE_OWNER)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    let inherits = windows_sys::Win32::Security::SUB_CONTAINERS_AND_OBJECTS_INHERIT;
    security::make_private(&options.open(path)?, inherits)
}

/// What no other file has: its volume and its index there.
pub(crate) fn identity(file: &File) -> io::Result<(u64, u64)> {
    // SAFETY: all-zero bytes are a valid value of the plain structure, which the call fills.
    let (answer, about) = unsafe {
        let mut about: BY_HANDLE_FILE_INFORMATION = std::mem::zeroed();
        (GetFileInformationByHandle(file.as_raw_handle(), &mut about), about)
    };
    checked(answer)?;
    let index = u64::from(about.nFileIndexHigh) << 32 | u64::from(about.nFileIndexLow);
    Ok((about.dwVolumeSerialNumber.into(), index))
}

/// How many names an open file has. None: it was removed.
pub(crate) fn names(file: &File) -> io::Result<u64> {
    // SAFETY: as above.
    let (answer, about) = unsafe {
        let mut about: FILE_STANDARD_INFO = std::mem::zeroed();
        let size = size_of::<FILE_STANDARD_INFO>() as u32;
        let pointer = (&raw mut about).cast();
        let file = file.as_raw_handle();
        (GetFileInformationByHandleEx(file, FileStandardInfo, pointer, size), about)
    };
    checked(answer)?;
    Ok(if about.DeletePending { 0 } else { about.NumberOfLinks.into() })
}

/// Who may do what with an open file.
pub(crate) fn access(file: &File) -> io::Result<Access> {
    security::access(file)
}

/// Who may do what with a folder.
pub(crate) fn folder_access(path: &Path) -> io::Result<Access> {
    let mut options = OpenOptions::new();
    options.access_mode(READ_CONTROL).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    security::access(&options.open(path)?)
}

/// Fills the buffer with what is there in the file.
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.seek_read(&mut buffer[filled..], offset + filled as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => filled += count,
        }
    }
    Ok(())
}

/// Writes all of it there.
pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut written = 0;
    while written < bytes.len() {
        match file.seek_write(&bytes[written..], offset + written as u64)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => written += count,
        }
    }
    Ok(())
}

/// A byte that no file has. A lock forbids others to read what it covers.
fn lock_place() -> OVERLAPPED {
    // SAFETY: all-zero bytes are a valid value of the plain structure.
    let mut place: OVERLAPPED = unsafe { std::mem::zeroed() };
    place.Anonymous.Anonymous.OffsetHigh = 0x4000_0000;
    place
}

/// Locks a file for this process and thread, without waiting. False: somebody else has it. The system unlocks it
/// when the process ends.
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    let flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    // SAFETY: the file is open, and the structure live: the call does not wait.
    match checked(unsafe { LockFileEx(file.as_raw_handle(), flags, 0, 1, 0, &mut lock_place()) }) {
        Ok(()) => Ok(true),
        Err(error) if error.raw_os_error() == Some(ERROR_LOCK_VIOLATION as i32) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Unlocks it.
pub(crate) fn unlock(file: &File) {
    // SAFETY: as above.
    unsafe { UnlockFileEx(file.as_raw_handle(), 0, 1, 0, &mut lock_place()) };
}

/// The largest file that this process may make, in bytes.
pub(crate) fn size_limit() -> usize {
    usize::MAX
}
