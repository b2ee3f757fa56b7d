//! Each store plays random histories. `VERIFYSMS_GUARD_SEED` and `VERIFYSMS_GUARD_STEPS` ask for others than
//! the usual ones, and for more of them.

use std::str::FromStr;

use super::history::{Store, USERS, play, subjects};
use super::jumps;
use super::model::Time;
use super::place::{FileUser, Folder, NOW, only};
use crate::guard::limits::Limits;
use crate::guard::memory::Memory;
use crate::guard::step::{Decision, Step};
use crate::guard::subject::Subjects;
use crate::limit::Limit;
use crate::sys::Process;

/// What the histories begin with; each takes the next number.
const SEED: u64 = 0x5eed;
pub(super) const STEPS: usize = 100_000;
/// The steps with a clock that jumps.
pub(super) const JUMPING_STEPS: usize = 30_000;

/// Numbers that look random (SplitMix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A history of up to about 1,000 steps.
    fn history(&mut self) -> Vec<u8> {
        let words = 8 << (self.next() % 8);
        (0..words).flat_map(|_| self.next().to_le_bytes()).collect()
    }
}

/// Plays histories until there were enough steps.
pub(super) fn play_many(usual_steps: usize, mut play: impl FnMut(&[u8]) -> usize) {
    let (first, enough) =
        (setting("VERIFYSMS_GUARD_SEED", SEED), setting("VERIFYSMS_GUARD_STEPS", usual_steps));
    let mut steps = 0;
    for seed in first.. {
        // What is printed is seen if the test fails.
        println!("VERIFYSMS_GUARD_SEED={seed}, after {steps} steps");
        steps += play(&Random(seed).history());
        if steps >= enough {
            break;
        }
    }
}

fn setting<T: FromStr>(name: &str, usual: T) -> T {
    let Ok(value) = std::env::var(name) else { return usual };
    value.parse().ok().unwrap_or_else(|| panic!("{name} is no number"))
}

impl Store for FileUser {
    fn step(&mut self, step: &Step, whose: &Subjects, limits: &Limits, now: Time) -> Decision {
        FileUser::step(self, step, whose, limits, now).expect("the file can be used")
    }
}

/// Uses a new file.
fn in_file(play: impl FnOnce(&mut FileUser) -> usize) -> usize {
    let folder = Folder::new();
    play(&mut FileUser::new(&folder.file()))
}

#[test]
fn memory_decides_as_the_model_does() {
    play_many(STEPS, |data| play(data, &mut Memory::new()));
}

#[test]
fn a_file_decides_as_the_model_does() {
    play_many(STEPS, |data| in_file(|user| play(data, user)));
}

#[test]
fn memory_blocks_nobody_for_long_when_the_clock_jumps() {
    play_many(JUMPING_STEPS, |data| jumps::play(data, &mut Memory::new()));
}

#[test]
fn a_file_blocks_nobody_for_long_when_the_clock_jumps() {
    play_many(JUMPING_STEPS, |data| in_file(|user| jumps::play(data, user)));
}

#[test]
fn who_was_not_seen_for_long_makes_room_and_who_comes_again_is_another() {
    // Three times as many as there is room for.
    const STRANGERS: Time = 60_000;
    let (memory, limits) = (Memory::new(), only(Limit::SendsNumber, 100));
    let ask = |step, whose: &Subjects, late: Time| {
        memory.step(Process::current(), &step, whose, &limits, NOW + late)
    };
    let count = |whose: &Subjects| ask(Step::Show, whose, STRANGERS).shown[0].count;
    let [somebody, regular] = [subjects()[0], subjects()[USERS.len()]];
    let counted = ask(Step::Send, &somebody, 0).taken;
    let mut random = Random(1);
    let mut unknown = somebody;
    for late in 1..=STRANGERS {
        unknown.number.0[..8].copy_from_slice(&random.next().to_le_bytes());
        ask(Step::Send, &unknown, late);
        if late % 1000 == 0 {
            ask(Step::Send, &regular, late);
        }
    }
    assert_eq!((count(&somebody), count(&regular), count(&unknown)), (0, 60, 1));
    ask(Step::Send, &somebody, STRANGERS);
    ask(Step::Undo(counted), &somebody, STRANGERS);
    assert_eq!(count(&somebody), 1, "what was forgotten cannot be taken back");
}

#[test]
fn to_look_and_to_refuse_writes_nothing() {
    let folder = Folder::new();
    let user = FileUser::new(&folder.file());
    let limits = only(Limit::SendsNumber, 1);
    let ask = |step, at: usize| user.step(&step, &subjects()[at], &limits, NOW).expect("a step");
    ask(Step::Send, 0);
    let before = std::fs::read(folder.file()).expect("our own");
    assert_eq!(ask(Step::Show, USERS.len()).shown[0].count, 0);
    assert_eq!(ask(Step::Show, 0).shown[0].count, 1);
    assert!(ask(Step::Send, 0).refused.is_some());
    assert!(before == std::fs::read(folder.file()).expect("our own"));
}
