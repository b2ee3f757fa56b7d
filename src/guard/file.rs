//! The store in a file: for all processes of a machine.
//!
//! The file is opened, locked and closed for each step, so that a process keeps nothing of it: there is nothing
//! to go wrong in a fork, and a process that is killed leaves the file unlocked.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::record::{WORDS, Words};
use super::step::{Decision, Step, StoreError};
use super::subject::Subjects;
use super::table::{self, Cells, HEAD, RECORD, WAYS};
use crate::sys::file;
use crate::transport::{Call, error_text};

/// How many sets there are: room for 81,920 subjects, in 34 MB at most. What was never used takes no room.
const SETS: usize = 8192;
/// The first bytes of the file. The last is the version of its form.
const MAGIC: &[u8; 16] = b"verifysms guard\x01";
/// The size of a set, and of what is before the first. Each has a page: the kernel writes all of a record
/// or none of it, even for a process that is killed.
const PAGE: usize = 4096;
/// The size of the file.
const SIZE: usize = PAGE + SETS * PAGE;
/// What the records of a set take of its page.
const SET: usize = WAYS * RECORD;
const _: () = assert!(SET <= PAGE, "a set fits its page");

/// The first pause when another process has the lock.
const FIRST_PAUSE: Duration = Duration::from_micros(20);
const MAX_PAUSE: Duration = Duration::from_millis(2);

/// A store in a file.
pub(crate) struct FileStore {
    path: PathBuf,
    is_place_checked: AtomicBool,
}

impl FileStore {
    pub(crate) fn new(path: PathBuf) -> FileStore {
        FileStore { path, is_place_checked: AtomicBool::new(false) }
    }

    /// Does a step. Returns the decision, and whether a record was damaged. Waits for the lock until the
    /// phase of the call ends.
    pub(crate) async fn step(
        &self,
        call: &Call,
        step: &Step,
        subjects: &Subjects,
        limits: &Limits,
        now: impl Fn() -> u64,
    ) -> Result<(Decision, bool), StoreError> {
        self.check_place()?;
        let mut pause = FIRST_PAUSE;
        loop {
            let open = self.open().map_err(|error| self.error(&error))?;
            while !file::try_lock(&open).map_err(|error| self.error(&error))? {
                if call.sleep_until(Instant::now() + pause).await.is_err() {
                    return Err(StoreError(format!("{} is locked", self.path.display())));
                }
                pause = (pause * 2).min(MAX_PAUSE);
            }
            let locked = Locked(open);
            if self.check_file(&locked.0)? {
                let mut cells = FileCells { file: &locked.0, set: [0; SET] };
                return table::step(&mut cells, step, subjects, limits, now())
                    .map_err(|error| self.error(&error));
            }
        }
    }

    /// Opens the file, or makes it.
    fn open(&self) -> io::Result<File> {
        loop {
            match file::open(&self.path, false) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => return result,
            }
            match file::open(&self.path, true) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => return result,
            }
        }
    }

    /// Checks the locked file, and writes the start of a new one. False: it was removed meanwhile.
    fn check_file(&self, file: &File) -> Result<bool, StoreError> {
        let about = file.metadata().map_err(|error| self.error(&error))?;
        let refuse = |why: &str| Err(StoreError(format!("{} {why}", self.path.display())));
        // The signal of the system for that would end the process.
        if file::size_limit() < SIZE {
            return refuse("is larger than this process may make a file (RLIMIT_FSIZE)");
        }
        match file::names(file).map_err(|error| self.error(&error))? {
            0 => return Ok(false),
            1 if about.is_file() => {}
            _ => return refuse("is no file of its own"),
        }
        let access = file::access(file).map_err(|error| self.error(&error))?;
        if !access.is_own {
            return refuse("belongs to another user");
        }
        if access.others_read || access.others_write {
            return refuse(&format!("is open to other users; {}", file::MUST_BE_PRIVATE));
        }
        if about.len() == 0 {
            file.set_len(SIZE as u64).map_err(|error| self.error(&error))?;
        } else if about.len() != SIZE as u64 {
            return refuse("was cut: remove it, and its counts begin anew");
        }
        let mut magic = [0; MAGIC.len()];
        file::read_exact_at(file, &mut magic, 0).map_err(|error| self.error(&error))?;
        if magic == [0; MAGIC.len()] {
            file::write_all_at(file, MAGIC, 0).map_err(|error| self.error(&error))?;
        } else if &magic != MAGIC {
            return refuse("is no guard file of this version");
        }
        Ok(true)
    }

    /// Checks once that not everybody, and no other owner of a folder, can put another file in its place.
    fn check_place(&self) -> Result<(), StoreError> {
        if self.is_place_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        let parent = self.path.parent().unwrap_or(Path::new("/"));
        let parent = parent.canonicalize().map_err(|error| self.error(&error))?;
        for folder in parent.ancestors() {
            let access = file::folder_access(folder).map_err(|error| self.error(&error))?;
            let refuse = |why| Err(StoreError(format!("{why} {}", folder.display())));
            if access.everybody_replaces {
                return refuse("everybody may write to the folder");
            }
            if !access.is_own && !access.is_systems {
                return refuse("another user may change the folder");
            }
        }
        self.is_place_checked.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn error(&self, error: &io::Error) -> StoreError {
        StoreError(format!("{}: {}", self.path.display(), error_text::of(error)))
    }
}

/// A locked file.
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        file::unlock(&self.0);
    }
}

/// Where a record is in the file.
fn offset(set: usize, way: usize) -> u64 {
    (PAGE + set * PAGE + way * RECORD) as u64
}

/// The records in a locked file.
struct FileCells<'a> {
    file: &'a File,
    /// The set that was read last.
    set: [u8; SET],
}

impl Cells for FileCells<'_> {
    fn sets(&self) -> usize {
        SETS
    }

    fn heads(&mut self, set: usize) -> io::Result<[[u64; HEAD]; WAYS]> {
        file::read_exact_at(self.file, &mut self.set, offset(set, 0))?;
        let mut heads = [[0; HEAD]; WAYS];
        for (way, head) in heads.iter_mut().enumerate() {
            head.copy_from_slice(&self.read(set, way)[..HEAD]);
        }
        Ok(heads)
    }

    fn read(&mut self, _: usize, way: usize) -> Words {
        let mut words = [0; WORDS];
        let bytes = self.set[way * RECORD..][..RECORD].chunks_exact(8);
        for (word, bytes) in words.iter_mut().zip(bytes) {
            *word = u64::from_le_bytes(bytes.try_into().expect("8 bytes"));
        }
        words
    }

    fn write(&mut self, set: usize, way: usize, words: &Words) -> io::Result<()> {
        let mut bytes = [0; RECORD];
        for (bytes, word) in bytes.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        file::write_all_at(self.file, &bytes, offset(set, way))
    }
}
