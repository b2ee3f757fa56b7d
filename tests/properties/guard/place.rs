//! A file for the counts, and who uses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::history::subjects;
use super::model::Time;
use crate::guard::file::FileStore;
use crate::guard::limits::Limits;
use crate::guard::step::{Decision, Step, StoreError};
use crate::guard::subject::Subjects;
use crate::limit::Limit;
use crate::sys::file::make_private_folder;
use crate::transport::{Call, run_alone};

/// Where it is always the same time.
pub(super) const NOW: Time = 1_800_000_000_000;

/// A folder of its own, which ends with it.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = format!("verifysms-guard-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(path);
        make_private_folder(&path).expect("a folder");
        Folder(path)
    }

    #[allow(dead_code, reason = "the faults of Unix alone use it")]
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.join("guard")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A user of a file: its steps wait for others, like those of a call.
pub(super) struct FileUser {
    store: FileStore,
    pub(super) patience: Duration,
    /// One of the many whose calls they are.
    someone: Subjects,
}

impl FileUser {
    pub(super) fn new(path: &Path) -> FileUser {
        let store = FileStore::new(path.to_path_buf());
        FileUser { store, patience: Duration::from_secs(20), someone: subjects()[0] }
    }

    pub(super) fn step(
        &self,
        step: &Step,
        whose: &Subjects,
        limits: &Limits,
        now: Time,
    ) -> Result<Decision, String> {
        self.step_of_damaged(step, whose, limits, now).map(|(decision, is_damaged)| {
            assert!(!is_damaged, "nothing damages it");
            decision
        })
    }

    /// The same of a file that may be damaged, and whether it was.
    pub(super) fn step_of_damaged(
        &self,
        step: &Step,
        whose: &Subjects,
        limits: &Limits,
        now: Time,
    ) -> Result<(Decision, bool), String> {
        let work = async |call: &Call| self.store.step(call, step, whose, limits, || now).await;
        run_alone(self.patience, work).map_err(|StoreError(why)| why)
    }

    /// A send, at a time that is always the same. Whether it was allowed.
    pub(super) fn may_send(&self, limits: &Limits) -> Result<bool, String> {
        let sent = self.step(&Step::Send, &self.someone, limits, NOW);
        sent.map(|decision| decision.refused.is_none())
    }

    /// How many sends of the program the file has.
    pub(super) fn sends(&self) -> Result<u32, String> {
        let limits = only(Limit::SendsApp, 1);
        self.step(&Step::Show, &self.someone, &limits, NOW).map(|decision| decision.shown[0].count)
    }
}

/// Nothing but this limit, for a day.
pub(super) fn only(limit: Limit, most: u32) -> Limits {
    let mut limits = Limits::default();
    for other in Limit::ALL {
        limits.set(other, 0, 0).expect("a limit can be off");
    }
    limits.set(limit, most, 86_400).expect("a valid limit");
    limits
}
