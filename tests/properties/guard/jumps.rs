//! A clock that jumps back and forth, and clients whose limits look back for other times: a clock that is set
//! back forgets nothing, and nobody waits for longer than a limit looks back and one bucket.

use super::super::choices::Choices;
use super::history::{Store, client, subjects};
use super::model::Time;
use crate::guard::limits::{Cooldown, Limits};
use crate::guard::step::{Decision, Shown, Step, Taken, Wait};
use crate::guard::subject::Subjects;
use crate::limit::Limit;

const HOUR: Time = 3_600_000;
/// Where a step may have been counted that is taken back.
const LIMITS: usize = Limit::ALL.len();

struct Jumps<'a, S> {
    choices: Choices<'a>,
    store: &'a mut S,
    subjects: Vec<Subjects>,
    clients: [Limits; 2],
    /// The one that acts.
    limits: Limits,
    now: Time,
    taken: Vec<(Subjects, Taken)>,
    steps: usize,
}

/// Plays what `data` describes. Returns how many steps it had.
pub(super) fn play(data: &[u8], store: &mut impl Store) -> usize {
    let mut choices = Choices::new(data);
    let mut client = || {
        let seconds = choices.one_of(&[0, 1, 600, 700, 86_400]);
        let is_flat = choices.index(2) == 0;
        client(&mut choices, &[seconds; LIMITS], true, is_flat)
    };
    let clients = [client(), client()];
    let (now, taken) = (1_800_000_000_000, Vec::new());
    let limits = clients[0];
    let mut jumps =
        Jumps { choices, store, subjects: subjects(), clients, limits, now, taken, steps: 0 };
    while !jumps.choices.is_empty() {
        jumps.act();
    }
    jumps.steps
}

impl<S: Store> Jumps<'_, S> {
    fn act(&mut self) {
        let whose = self.choices.one_of(&self.subjects);
        let byte = Time::from(self.choices.byte());
        self.limits = self.choices.one_of(&self.clients);
        match self.choices.index(8) {
            0 => self.now += byte * 1000,
            1 => self.now += byte * HOUR,
            2 => self.set_back(&whose, byte * 10),
            3 => self.set_back(&whose, byte * HOUR),
            4 | 5 => self.ask(Step::Send, &whose),
            6 => self.ask(Step::Check, &whose),
            _ => self.undo(),
        }
    }

    fn step(&mut self, step: Step, whose: &Subjects) -> Decision {
        self.steps += 1;
        self.store.step(&step, whose, &self.limits, self.now)
    }

    fn counts(&mut self, whose: &Subjects) -> Vec<Shown> {
        self.step(Step::Show, whose).shown
    }

    fn set_back(&mut self, whose: &Subjects, ms: Time) {
        let before = self.counts(whose);
        self.now -= ms;
        for (before, after) in before.iter().zip(self.counts(whose)) {
            assert!(after.count >= before.count, "{before:?}, set back by {ms} ms: {after:?}");
        }
    }

    fn ask(&mut self, step: Step, whose: &Subjects) {
        let mut decision = self.step(step, whose);
        if let Some(wait) = decision.refused {
            self.check(wait);
            self.now += wait.ms;
            decision = self.step(step, whose);
            assert_eq!(decision.refused, None, "after {wait:?}");
        }
        decision.next.iter().for_each(|&wait| self.check(wait));
        self.taken.push((*whose, decision.taken));
    }

    fn check(&self, Wait { limit, ms }: Wait) {
        let longest = match (self.limits.rate(limit), self.limits.cooldown) {
            (Some(rate), _) => (Time::from(rate.seconds) * 1000).div_ceil(16) * 17,
            (None, Cooldown::Flat(seconds)) => Time::from(seconds) * 1000,
            (None, _) => 120_000,
        };
        assert!((1..=longest).contains(&ms), "{limit} waits {ms} ms");
    }

    /// Takes something back: of each limit one event at the most, but the cooldown ends with its last one.
    fn undo(&mut self) {
        let Some((whose, taken)) = self.taken.pop() else { return };
        let before = self.counts(&whose);
        self.step(Step::Undo(taken), &whose);
        for (before, after) in before.iter().zip(self.counts(&whose)) {
            let is_fine = after.count + 1 >= before.count || before.limit == Limit::Cooldown;
            assert!(is_fine, "{taken:?} was taken back: {before:?}, {after:?}");
        }
    }
}
