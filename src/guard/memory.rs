//! The store in memory: for one process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use once_cell::race::OnceBox;

use super::limits::Limits;
use super::record::{WORDS, Words};
use super::step::{Decision, Step};
use super::subject::Subjects;
use super::table::{self, Cells, HEAD, WAYS};
use crate::sys::Process;
use crate::transport::PerProcess;

/// How many sets there are: room for 20,480 subjects, in 8 MB at most.
const SETS: usize = 2048;

/// A store in the memory of the process. A set takes memory at its first use.
///
/// After a fork the child has the counts of its parent, and goes on from there alone. It does not wait for
/// the parent's lock: a record that a thread was writing while it forked is damaged in the child, and starts
/// anew.
pub(crate) struct Memory {
    sets: Box<[OnceBox<Set>]>,
    lock: PerProcess<Mutex<()>>,
}

/// Atomic because a child reads them without the lock that its parent's threads had.
struct Set(Box<[AtomicU64]>);

impl Set {
    fn new() -> Set {
        Set((0..WAYS * WORDS).map(|_| AtomicU64::new(0)).collect())
    }

    fn record(&self, way: usize) -> &[AtomicU64] {
        &self.0[way * WORDS..][..WORDS]
    }
}

impl Memory {
    pub(crate) fn new() -> Memory {
        Memory {
            sets: (0..SETS).map(|_| OnceBox::new()).collect(),
            lock: PerProcess::new(Mutex::new(())),
        }
    }

    pub(crate) fn step(
        &self,
        process: Process,
        step: &Step,
        subjects: &Subjects,
        limits: &Limits,
        now: u64,
    ) -> Decision {
        let lock = self.lock.get(process, || Mutex::new(()));
        let _locked = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let (decision, _) = table::step(&mut &*self.sets, step, subjects, limits, now)
            .expect("memory has no errors");
        decision
    }
}

impl Cells for &[OnceBox<Set>] {
    fn sets(&self) -> usize {
        self.len()
    }

    fn heads(&mut self, set: usize) -> std::io::Result<[[u64; HEAD]; WAYS]> {
        Ok(match self[set].get() {
            None => [[0; HEAD]; WAYS],
            Some(set) => std::array::from_fn(|way| {
                let record = set.record(way);
                std::array::from_fn(|i| load(&record[i]))
            }),
        })
    }

    fn read(&mut self, set: usize, way: usize) -> Words {
        match self[set].get() {
            None => [0; WORDS],
            Some(set) => {
                let record = set.record(way);
                std::array::from_fn(|i| load(&record[i]))
            }
        }
    }

    fn write(&mut self, set: usize, way: usize, words: &Words) -> std::io::Result<()> {
        let set = self[set].get_or_init(|| Box::new(Set::new()));
        for (cell, &word) in set.record(way).iter().zip(words) {
            cell.store(word, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn load(cell: &AtomicU64) -> u64 {
    cell.load(Ordering::Relaxed)
}
