//! The guard as plain lists of events: slow, obvious, and sharing no code with what it judges.
//!
//! There are no buckets here. An event of the time `t` counts until [`leaves`], the documented formula; all
//! else is looking through lists. Time must not run backwards.

use std::collections::HashMap;

use crate::guard::limits::{Cooldown, Limits, Rate};
use crate::guard::step::{Shown, Wait};
use crate::guard::subject::{Key, Subjects};
use crate::limit::Limit;

/// Milliseconds since the epoch.
pub(super) type Time = u64;

/// The sends to a number that the cooldown remembers.
const REMEMBERED: usize = 8;

/// When an event stops to count in a limit that looks back `seconds`.
pub(super) fn leaves(event: Time, seconds: u32) -> Time {
    let width = (u64::from(seconds) * 1000).div_ceil(16);
    (event / width + 17) * width
}

/// Whose failures: of the end user who asked for the code, or of all others together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Asker,
    Other,
}

/// The events that one limit counts for one subject.
#[derive(Clone, Default)]
struct Window {
    events: Vec<Time>,
    /// How often it was cleared: what was counted before then is gone already.
    cleared: u32,
}

impl Window {
    fn count(&self, rate: Rate, now: Time) -> usize {
        self.events.iter().filter(|&&event| leaves(event, rate.seconds) > now).count()
    }

    fn left(&self, rate: Rate, now: Time) -> u32 {
        rate.most.saturating_sub(self.count(rate, now) as u32)
    }

    /// How long until one more is allowed.
    fn wait(&self, rate: Rate, now: Time) -> Time {
        let mut leaving: Vec<Time> =
            self.events.iter().map(|&event| leaves(event, rate.seconds)).collect();
        leaving.retain(|&time| time > now);
        leaving.sort_unstable();
        // Room for one more is there as soon as only `most - 1` are left.
        match (leaving.len() + 1).saturating_sub(rate.most as usize) {
            0 => 0,
            excess => leaving[excess - 1] - now,
        }
    }

    fn clear(&mut self) {
        self.events.clear();
        self.cleared += 1;
    }

    /// Takes one event of this time out. Those that leave together are alike.
    fn take_back(&mut self, event: Time, rate: Rate) {
        let alike = |&other: &Time| leaves(other, rate.seconds) == leaves(event, rate.seconds);
        if let Some(place) = self.events.iter().position(alike) {
            self.events.remove(place);
        }
    }
}

/// A window: whose, of which limit, and for a number's failures which of the two.
type Name = (Key, Limit, Role);

/// What else is known of a number.
#[derive(Clone, Default)]
struct Number {
    /// Those that the cooldown looks at, oldest first.
    sends: Vec<Time>,
    /// The last send that was confirmed.
    sent_at: Option<Time>,
    asker: Option<Key>,
}

/// What a step counted.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) time: Time,
    /// Whose failure. None: it was a send.
    pub(super) failure: Option<Role>,
    /// Each window, and how often it had been cleared.
    counted: Vec<(Name, Rate, u32)>,
}

/// What the model says to a step.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    /// The limit that refuses; or what was counted.
    pub(super) outcome: Result<Ticket, Wait>,
    pub(super) next: Option<Wait>,
    pub(super) tries_left: Option<u32>,
    pub(super) app_is_near: bool,
}

#[derive(Clone, Default)]
pub(super) struct Model {
    windows: HashMap<Name, Window>,
    numbers: HashMap<Key, Number>,
}

impl Model {
    pub(super) fn send(&mut self, whose: &Subjects, limits: &Limits, now: Time) -> Verdict {
        if let Some(wait) = longest(self.send_waits(whose, limits, now)) {
            return refusal(wait);
        }
        let tries_left = self.tries_after_a_send(whose, limits, now);
        let counted = self.count(send_windows(whose, limits), now);
        if limits.cooldown != Cooldown::Off {
            let sends = &mut self.number(whose).sends;
            sends.push(now);
            let surplus = sends.len().saturating_sub(REMEMBERED);
            sends.drain(..surplus);
        }
        let app_is_near = limits.rate(Limit::SendsApp).is_some_and(|rate| {
            let count = self.window((whose.app, Limit::SendsApp, Role::Asker)).count(rate, now);
            count as u64 == (u64::from(rate.most) * 4).div_ceil(5)
        });
        let next = longest(self.send_waits(whose, limits, now));
        let ticket = Ticket { time: now, failure: None, counted };
        Verdict { outcome: Ok(ticket), next, tries_left, app_is_near }
    }

    pub(super) fn sent(&mut self, whose: &Subjects, ticket: &Ticket) {
        for role in [Role::Asker, Role::Other] {
            self.window((whose.number, Limit::Tries, role)).clear();
        }
        let number = self.number(whose);
        number.asker = whose.user;
        number.sent_at = Some(ticket.time);
    }

    pub(super) fn check(&mut self, whose: &Subjects, limits: &Limits, now: Time) -> Verdict {
        let role = if self.number(whose).asker == whose.user { Role::Asker } else { Role::Other };
        let windows = check_windows(whose, limits, role);
        let waits = self.waits(&windows, now);
        if let Some(wait) = longest(waits) {
            return Verdict { tries_left: Some(0), ..refusal(wait) };
        }
        let counted = self.count(windows.clone(), now);
        let next = longest(self.waits(&windows, now));
        let left = windows.iter().map(|&(name, rate)| self.window(name).left(rate, now)).min();
        let ticket = Ticket { time: now, failure: Some(role), counted };
        Verdict { outcome: Ok(ticket), next, tries_left: left, app_is_near: false }
    }

    pub(super) fn undo(&mut self, whose: &Subjects, ticket: &Ticket) {
        for &(name, rate, cleared) in &ticket.counted {
            let window = self.window(name);
            if window.cleared == cleared {
                window.take_back(ticket.time, rate);
            }
        }
        let sends = &mut self.number(whose).sends;
        let place = sends.iter().position(|&send| send == ticket.time);
        if let (None, Some(place)) = (ticket.failure, place) {
            sends.remove(place);
        }
    }

    /// Returns the time of the send that is given back, and whether the end user is the one who asked for it.
    pub(super) fn verified(
        &mut self,
        whose: &Subjects,
        limits: &Limits,
        ticket: &Ticket,
    ) -> Option<(Time, bool)> {
        self.undo(whose, ticket);
        for limit in [Limit::Tries, Limit::FailuresNumber] {
            self.window((whose.number, limit, Role::Asker)).clear();
        }
        let number = self.number(whose);
        number.sends.clear();
        let is_asker = number.asker == whose.user;
        let sent_at = number.sent_at.take()?;
        for (name, rate) in send_windows(whose, limits) {
            let given_back = match name.1 {
                Limit::SendsNumberDay | Limit::SendsRange => true,
                Limit::SendsUser => is_asker,
                _ => false,
            };
            if given_back {
                self.window(name).take_back(sent_at, rate);
            }
        }
        Some((sent_at, is_asker))
    }

    pub(super) fn forget(&mut self, whose: &Subjects) {
        for ((key, ..), window) in &mut self.windows {
            if *key == whose.number {
                window.clear();
            }
        }
        self.numbers.remove(&whose.number);
    }

    /// Every limit that is on and has a subject, as it is for the end user who asked.
    pub(super) fn show(&mut self, whose: &Subjects, limits: &Limits, now: Time) -> Vec<Shown> {
        let mut shown: Vec<Shown> = self
            .cooldown(whose, limits, now)
            .into_iter()
            .map(|(count, ms)| Shown { limit: Limit::Cooldown, count, wait_ms: ms })
            .collect();
        let sends = send_windows(whose, limits);
        for (name, rate) in sends.into_iter().chain(check_windows(whose, limits, Role::Asker)) {
            let window = self.window(name);
            let (count, wait_ms) = (window.count(rate, now) as u32, window.wait(rate, now));
            shown.push(Shown { limit: name.1, count, wait_ms });
        }
        shown
    }

    /// The sends that the cooldown counts, and how long it lasts. None: it is off.
    fn cooldown(&mut self, whose: &Subjects, limits: &Limits, now: Time) -> Option<(u32, Time)> {
        let sends = &self.number(whose).sends;
        let last = sends.last().copied().unwrap_or_default();
        // The last send has its pause by those of the time before it.
        let count = |seconds: u32| {
            let memory = Time::from(seconds) * 1000;
            sends.iter().filter(|&&send| last - send < memory).count()
        };
        let (count, pause) = match limits.cooldown {
            Cooldown::Off => return None,
            Cooldown::Flat(seconds) => (count(seconds.max(600)), seconds),
            Cooldown::Stairs => (count(600), [0, 30, 40, 60, 90, 120][count(600).min(5)]),
        };
        let end = if sends.is_empty() { 0 } else { last + Time::from(pause) * 1000 };
        Some((count as u32, end.saturating_sub(now)))
    }

    fn send_waits(&mut self, whose: &Subjects, limits: &Limits, now: Time) -> Vec<Wait> {
        let cooldown = self.cooldown(whose, limits, now);
        let mut waits = self.waits(&send_windows(whose, limits), now);
        waits.extend(cooldown.map(|(_, ms)| Wait { limit: Limit::Cooldown, ms }));
        waits
    }

    fn waits(&mut self, windows: &[(Name, Rate)], now: Time) -> Vec<Wait> {
        let wait = |&(name, rate): &(Name, Rate)| Wait {
            limit: name.1,
            ms: self.window(name).wait(rate, now),
        };
        windows.iter().map(wait).collect()
    }

    fn count(&mut self, windows: Vec<(Name, Rate)>, now: Time) -> Vec<(Name, Rate, u32)> {
        let count = |(name, rate)| {
            let window = self.window(name);
            window.events.push(now);
            (name, rate, window.cleared)
        };
        windows.into_iter().map(count).collect()
    }

    /// The wrong codes that the sender may try as soon as the send is confirmed.
    fn tries_after_a_send(&mut self, whose: &Subjects, limits: &Limits, now: Time) -> Option<u32> {
        let left = |(name, rate): (Name, Rate)| match name.1 {
            Limit::Tries => rate.most,
            _ => self.window(name).left(rate, now),
        };
        check_windows(whose, limits, Role::Asker).into_iter().map(left).min()
    }

    fn window(&mut self, name: Name) -> &mut Window {
        self.windows.entry(name).or_default()
    }

    fn number(&mut self, whose: &Subjects) -> &mut Number {
        self.numbers.entry(whose.number).or_default()
    }
}

/// The longest wait that is one; of several the limit with the lowest number.
fn longest(waits: Vec<Wait>) -> Option<Wait> {
    let order = |wait: &Wait| (wait.ms, -wait.limit.number());
    waits.into_iter().filter(|wait| wait.ms > 0).max_by_key(order)
}

fn refusal(wait: Wait) -> Verdict {
    Verdict { outcome: Err(wait), next: None, tries_left: None, app_is_near: false }
}

/// The windows of a send whose limits are on and whose subjects are known.
fn send_windows(whose: &Subjects, limits: &Limits) -> Vec<(Name, Rate)> {
    let subjects = [
        (Limit::SendsNumber, Some(whose.number)),
        (Limit::SendsNumberDay, Some(whose.number)),
        (Limit::SendsUser, whose.user),
        (Limit::SendsRange, Some(whose.range)),
        (Limit::SendsApp, Some(whose.app)),
    ];
    on(limits, &subjects, Role::Asker)
}

/// The same of a check. An end user's own failures are the same ones in any role.
fn check_windows(whose: &Subjects, limits: &Limits, role: Role) -> Vec<(Name, Rate)> {
    let of_number =
        [(Limit::Tries, Some(whose.number)), (Limit::FailuresNumber, Some(whose.number))];
    let mut windows = on(limits, &of_number, role);
    windows.extend(on(limits, &[(Limit::FailuresUser, whose.user)], Role::Asker));
    windows
}

fn on(limits: &Limits, subjects: &[(Limit, Option<Key>)], role: Role) -> Vec<(Name, Rate)> {
    let window =
        |&(limit, key): &(Limit, Option<Key>)| Some(((key?, limit, role), limits.rate(limit)?));
    subjects.iter().filter_map(window).collect()
}
