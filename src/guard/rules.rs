//! What each step does to the records of its subjects. The stores in memory and in a file use it; that in
//! Redis has the same rules in Lua.

use super::limits::{Cooldown, Limits, Rate};
use super::record::{Layout, Record};
use super::step::{Counted, Decision, Shown, Step, Taken, Wait};
use super::subject::{Key, Subjects};
use super::window::Window;
use crate::limit::Limit;

const NUMBER: usize = 0;
const USER: usize = 1;
const RANGE: usize = 2;
const APP: usize = 3;
/// The kinds of subjects.
pub(super) const KINDS: usize = 4;

/// The window of a record that a limit counts in.
struct Place {
    limit: Limit,
    kind: usize,
    window: usize,
}

const fn place(limit: Limit, kind: usize, window: usize) -> Place {
    Place { limit, kind, window }
}

const SEND: [Place; 5] = [
    place(Limit::SendsNumber, NUMBER, 0),
    place(Limit::SendsNumberDay, NUMBER, 1),
    place(Limit::SendsUser, USER, 0),
    place(Limit::SendsRange, RANGE, 0),
    place(Limit::SendsApp, APP, 0),
];
const TRIES: [usize; 2] = [2, 3];
const FAILURES: [usize; 2] = [4, 5];
const ASKER_CHECK: [Place; 3] = check_places(0);
const OTHER_CHECK: [Place; 3] = check_places(1);

const fn check_places(role: usize) -> [Place; 3] {
    [
        place(Limit::Tries, NUMBER, TRIES[role]),
        place(Limit::FailuresNumber, NUMBER, FAILURES[role]),
        place(Limit::FailuresUser, USER, 1),
    ]
}

impl Counted {
    /// The windows that count it.
    fn windows(self) -> &'static [Place] {
        match self {
            Counted::Send => &SEND,
            Counted::AskerFailure => &ASKER_CHECK,
            Counted::OtherFailure => &OTHER_CHECK,
        }
    }
}

/// The records that a step reads and writes: of the number, the end user, the range, the app.
pub(super) struct Records(pub(super) [Option<Record>; KINDS]);

impl Step {
    /// The subjects whose records the step needs, by kind.
    pub(super) fn keys(&self, subjects: &Subjects, limits: &Limits) -> [Option<Key>; KINDS] {
        let is_on = |limit| limits.rate(limit).is_some();
        let user_sends = is_on(Limit::SendsUser);
        let user_fails = is_on(Limit::FailuresUser);
        let (user, range, app) = match self {
            Step::Send | Step::Show => (user_sends || user_fails, true, true),
            Step::Undo(Taken { what: Counted::Send, .. }) => (user_sends, true, true),
            Step::Check | Step::Undo(_) => (user_fails, false, false),
            Step::Verified(_) => (user_sends || user_fails, true, false),
            Step::Sent(_) | Step::Forget => (false, false, false),
        };
        [
            Some(subjects.number),
            subjects.user.filter(|_| user),
            Some(subjects.range).filter(|_| range && is_on(Limit::SendsRange)),
            Some(subjects.app).filter(|_| app && is_on(Limit::SendsApp)),
        ]
    }

    /// How the record of a subject of this kind is stored.
    pub(super) fn layout(kind: usize) -> Layout {
        if kind == NUMBER { Layout::Number } else { Layout::Other }
    }

    /// Does the step at the time `now`. Returns the decision, and whether the records have changed.
    pub(super) fn run(
        &self,
        records: &mut Records,
        subjects: &Subjects,
        limits: &Limits,
        now: u64,
    ) -> (Decision, bool) {
        let mut state = State { records, limits, now, was_corrected: false };
        let asker = subjects.asker();
        let mut decision = Decision::default();
        let changed = match *self {
            Step::Send => {
                state.send(&mut decision);
                decision.refused.is_none()
            }
            Step::Check => {
                state.check(asker, &mut decision);
                decision.refused.is_none()
            }
            Step::Show => {
                state.show(&mut decision);
                false
            }
            Step::Sent(taken) => {
                let number = state.number();
                TRIES.iter().for_each(|&window| number.windows[window].clear());
                (number.asker, number.sent_at) = (asker, taken.time);
                true
            }
            Step::Undo(taken) => {
                state.undo(&taken);
                true
            }
            Step::Verified(taken) => {
                state.verified(asker, &taken);
                true
            }
            Step::Forget => {
                let number = state.number();
                number.windows.iter_mut().for_each(Window::clear);
                (number.recent, number.sent_at, number.asker) = (Default::default(), 0, 0);
                true
            }
        };
        (decision, changed || state.was_corrected)
    }
}

/// The records of a step, the limits and the time.
struct State<'a> {
    records: &'a mut Records,
    limits: &'a Limits,
    now: u64,
    /// Whether a record had to be corrected, which has to be kept: otherwise the next step would correct it
    /// again, to a later time.
    was_corrected: bool,
}

impl State<'_> {
    fn number(&mut self) -> &mut Record {
        self.records.0[NUMBER].as_mut().expect("every step has the number's record")
    }

    /// The windows that count `what`, if they are on and their subject is known, at the present.
    fn windows(
        &mut self,
        what: Counted,
    ) -> impl Iterator<Item = (usize, Limit, Rate, &mut Window)> {
        // Each place has its own window, and its record is looked up once.
        let (now, limits, was_corrected) = (self.now, self.limits, &mut self.was_corrected);
        let mut records = self
            .records
            .0
            .each_mut()
            .map(|record| record.as_mut().map(|record| record.windows.each_mut().map(Some)));
        what.windows().iter().enumerate().filter_map(move |(index, place)| {
            let rate = limits.rate(place.limit)?;
            let window = records[place.kind].as_mut()?[place.window].take()?;
            *was_corrected |= window.advance(now, rate);
            Some((index, place.limit, rate, window))
        })
    }

    fn cooldown(&mut self) -> u64 {
        let (now, cooldown) = (self.now, self.limits.cooldown);
        let (wait, was_corrected) = self.number().cooldown(now, cooldown);
        self.was_corrected |= was_corrected;
        wait
    }

    /// The longest wait until one more of `what` is allowed.
    fn wait(&mut self, what: Counted) -> Option<Wait> {
        let now = self.now;
        let mut longest = None;
        if what == Counted::Send {
            let ms = self.cooldown();
            longest = Some(Wait { limit: Limit::Cooldown, ms });
        }
        for (_, limit, rate, window) in self.windows(what) {
            let ms = window.wait(now, rate);
            if longest.is_none_or(|longest| ms > longest.ms) {
                longest = Some(Wait { limit, ms });
            }
        }
        longest.filter(|longest| longest.ms > 0)
    }

    /// Counts an event.
    fn count(&mut self, what: Counted) -> Taken {
        let mut taken = Taken { time: self.now, what, epochs: [0; 5] };
        for (index, _, _, window) in self.windows(what) {
            window.add();
            taken.epochs[index] = window.epoch;
        }
        taken
    }

    fn left(&mut self, what: Counted) -> Option<u32> {
        self.windows(what).map(|(_, _, rate, window)| window.left(rate)).min()
    }

    fn send(&mut self, decision: &mut Decision) {
        decision.refused = self.wait(Counted::Send);
        if decision.refused.is_some() {
            return;
        }
        let now = self.now;
        decision.taken = self.count(Counted::Send);
        if self.limits.cooldown != Cooldown::Off {
            self.number().add_recent(now);
        }
        decision.next = self.wait(Counted::Send);
        decision.tries_left = self.tries_after_send();
        decision.app_is_near = self.windows(Counted::Send).any(|(_, limit, rate, window)| {
            let near = (u64::from(rate.most) * 4).div_ceil(5);
            limit == Limit::SendsApp && u64::from(window.total()) == near
        });
    }

    /// How many tries the end user of a send will have.
    fn tries_after_send(&mut self) -> Option<u32> {
        let tries = self.limits.rate(Limit::Tries).map(|rate| rate.most);
        let failures = self
            .windows(Counted::AskerFailure)
            .filter(|&(_, limit, ..)| limit != Limit::Tries)
            .map(|(_, _, rate, window)| window.left(rate));
        failures.chain(tries).min()
    }

    fn check(&mut self, asker: u64, decision: &mut Decision) {
        let what = match self.number().asker == asker {
            true => Counted::AskerFailure,
            false => Counted::OtherFailure,
        };
        decision.refused = self.wait(what);
        if decision.refused.is_none() {
            decision.taken = self.count(what);
            decision.next = self.wait(what);
        }
        decision.tries_left = self.left(what);
    }

    fn undo(&mut self, taken: &Taken) {
        let now = self.now;
        for (index, _, rate, window) in self.windows(taken.what) {
            if window.epoch == taken.epochs[index] {
                window.take_back(taken.time, now, rate);
            }
        }
        if taken.what == Counted::Send {
            self.number().take_back_recent(taken.time);
        }
    }

    fn verified(&mut self, asker: u64, taken: &Taken) {
        self.undo(taken);
        let number = self.number();
        number.windows[TRIES[0]].clear();
        number.windows[FAILURES[0]].clear();
        number.recent = Default::default();
        // Another send may have been confirmed since the check began.
        let is_asker = number.asker == asker;
        let (sent_at, now) = (std::mem::take(&mut number.sent_at), self.now);
        if sent_at == 0 {
            return;
        }
        for (_, limit, rate, window) in self.windows(Counted::Send) {
            let gives_back = match limit {
                Limit::SendsNumberDay | Limit::SendsRange => true,
                Limit::SendsUser => is_asker,
                _ => false,
            };
            if gives_back {
                window.take_back(sent_at, now, rate);
            }
        }
    }

    fn show(&mut self, decision: &mut Decision) {
        let (now, cooldown) = (self.now, self.limits.cooldown);
        let wait_ms = self.cooldown();
        if cooldown != Cooldown::Off {
            let count = self.number().recent_sends(now, cooldown) as u32;
            decision.shown.push(Shown { limit: Limit::Cooldown, count, wait_ms });
        }
        for what in [Counted::Send, Counted::AskerFailure] {
            decision.shown.extend(self.windows(what).map(|(_, limit, rate, window)| Shown {
                limit,
                count: window.total(),
                wait_ms: window.wait(now, rate),
            }));
        }
        decision.next = self.wait(Counted::Send);
        decision.tries_left = self.left(Counted::AskerFailure);
    }
}
