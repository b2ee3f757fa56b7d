//! The guard on a clock that the test holds: what its stores decide is what a naive model decides.

#[cfg(test)]
#[cfg(unix)]
#[allow(unsafe_code, reason = "it takes rights and room from processes, and stops them")]
mod faults;
#[cfg(test)]
#[cfg(unix)]
#[allow(unsafe_code, reason = "it forks, and takes signals")]
mod forks;
mod history;
#[cfg(test)]
mod jumps;
mod ledger;
mod model;
#[cfg(test)]
mod place;
#[cfg(test)]
mod processes;
#[cfg(test)]
#[cfg(unix)]
mod redis;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod stores;

use crate::guard::limits::Limits;
use crate::guard::memory::Memory;
use crate::guard::step::{Decision, Step};
use crate::guard::subject::Subjects;
use crate::sys::Process;

/// Plays the history that `data` describes in memory.
pub fn guard(data: &[u8]) {
    history::play(data, &mut Memory::new());
}

impl history::Store for Memory {
    fn step(&mut self, step: &Step, whose: &Subjects, limits: &Limits, now: u64) -> Decision {
        Memory::step(self, Process::current(), step, whose, limits, now)
    }
}
