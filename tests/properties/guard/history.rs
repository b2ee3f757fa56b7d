//! Random histories of a store: what it decides, the [`Model`] decides, too.

use super::super::choices::Choices;
use super::ledger::Ledger;
use super::model::{Model, Role, Ticket, Time};
use crate::guard::limits::Limits;
use crate::guard::step::{Counted, Decision, Shown, Step, Taken, Wait};
use crate::guard::subject::{EndUser, Keys, Subjects};
use crate::limit::Limit;
use crate::phone::Phone;
use crate::secret::Secret;

/// A store on a clock that the test holds.
pub(super) trait Store {
    fn step(&mut self, step: &Step, whose: &Subjects, limits: &Limits, now: Time) -> Decision;
}

/// The first two are of one range.
pub(super) const NUMBERS: [&str; 4] = ["0501234567", "0501239999", "0521111111", "039876543"];
/// The first two are nobody, the next two one end user.
pub(super) const USERS: [Option<&str>; 7] = [
    None,
    Some("127.0.0.1"),
    Some("2001:db8:0:1::1"),
    Some("[2001:db8:0:1:ffff::2%eth0]"),
    Some("2001:db8:0:2::1"),
    Some("192.0.2.1"),
    Some("an id"),
];
/// The account's.
pub(super) const KEY: &str = "the account's key";
/// The seconds that a limit can look back in a history. 0: its default.
const SECONDS: [u32; 8] = [0, 0, 1, 7, 60, 600, 86_400, 31 * 86_400];
const MOST: [u32; 6] = [1, 2, 3, 5, 10, 100];
const USUAL: Time = 1_800_000_000_000;
/// The longest history. Nothing is looked at again after so long that the number of a short bucket has gone
/// round.
const YEARS: Time = 4 * 365 * 24 * 60 * MINUTE;
const MINUTE: Time = 60_000;

/// A step that counted, and that nothing has followed yet.
struct Open {
    whose: Subjects,
    client: usize,
    taken: Taken,
    ticket: Ticket,
}

/// Prints the end of the history when a promise was broken.
#[derive(Default)]
struct Trace(Vec<String>);

impl Drop for Trace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let surplus = self.0.len().saturating_sub(40);
            eprintln!("{}", self.0[surplus..].join("\n"));
        }
    }
}

/// Some clients that share a store.
struct History<'a, S> {
    choices: Choices<'a>,
    store: &'a mut S,
    subjects: Vec<Subjects>,
    clients: Vec<Limits>,
    pace: &'static [Pace],
    now: Time,
    model: Model,
    /// None where the clients differ in which limits are on: a send that was not counted may be given back
    /// in place of another then.
    ledger: Option<Ledger>,
    open: Vec<Open>,
    told: Option<Wait>,
    steps: usize,
    trace: Trace,
}

/// How much later the next step is.
#[derive(Clone, Copy)]
enum Pace {
    Now,
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
    /// As soon as a bucket of some limit begins, or just before.
    Edge(Time),
    /// When the last wait that was told is over, or just before.
    Told(Time),
}

/// Plays the history that `data` describes. Returns how many steps it had.
pub(super) fn play(data: &[u8], store: &mut impl Store) -> usize {
    let mut history = History::new(Choices::new(data), store);
    let end = history.now + YEARS;
    while !history.choices.is_empty() && history.now < end {
        history.pass_time();
        history.act();
    }
    history.steps
}

impl<'a, S: Store> History<'a, S> {
    fn new(mut choices: Choices<'a>, store: &'a mut S) -> History<'a, S> {
        const PACES: [&[Pace]; 3] = [
            &[Pace::Now, Pace::Milliseconds, Pace::Seconds, Pace::Edge(1), Pace::Told(1)],
            &[Pace::Now, Pace::Seconds, Pace::Minutes, Pace::Edge(0), Pace::Told(0), Pace::Told(1)],
            &[
                Pace::Now,
                Pace::Seconds,
                Pace::Minutes,
                Pace::Hours,
                Pace::Days,
                Pace::Edge(0),
                Pace::Edge(1),
                Pace::Told(0),
                Pace::Told(0),
                Pace::Told(1),
            ],
        ];
        let seconds: Vec<u32> = Limit::ALL.iter().map(|_| choices.one_of(&SECONDS)).collect();
        let (all_on, is_flat) = (choices.index(4) > 0, choices.index(2) == 0);
        let clients = choices.one_of(&[1, 1, 2, 3]);
        let clients: Vec<Limits> =
            (0..clients).map(|_| client(&mut choices, &seconds, all_on, is_flat)).collect();
        let mut history = History {
            pace: choices.one_of(&PACES),
            now: 0,
            choices,
            store,
            subjects: subjects(),
            clients,
            model: Model::default(),
            ledger: all_on.then(Ledger::default),
            open: Vec::new(),
            told: None,
            steps: 0,
            trace: Trace::default(),
        };
        history.now = history.beginning();
        history.trace.0.push(format!("clients: {:#?}", history.clients));
        history
    }

    /// A time at which the clock starts; sometimes shortly before the number of a bucket begins anew at 2^32.
    fn beginning(&mut self) -> Time {
        let some = Time::from(self.choices.byte()) << 8 | Time::from(self.choices.byte());
        let round = self.width() << 32;
        match self.choices.index(4) {
            // No clock shows what Redis cannot count exactly.
            0 if round < 1 << 50 => (USUAL / round + 1) * round - some * 20,
            _ => USUAL + some * 997,
        }
    }

    /// How wide the buckets of some limit are.
    fn width(&mut self) -> Time {
        let limit = self.choices.one_of(&Limit::ALL);
        let seconds = self.clients[0].rate(limit).map_or(600, |rate| rate.seconds);
        (Time::from(seconds) * 1000).div_ceil(16)
    }

    fn pass_time(&mut self) {
        let pace = self.choices.one_of(self.pace);
        let byte = Time::from(self.choices.byte());
        self.now += match pace {
            Pace::Now => 0,
            Pace::Milliseconds => byte,
            Pace::Seconds => byte * 263,
            Pace::Minutes => byte * MINUTE / 8,
            Pace::Hours => byte * MINUTE * 2,
            Pace::Days => byte % 4 * MINUTE * 60 * 24,
            Pace::Edge(early) => {
                let width = self.width();
                (width - self.now % width).saturating_sub(early)
            }
            Pace::Told(early) => self.told.take().map_or(0, |wait| wait.ms.saturating_sub(early)),
        };
    }

    fn act(&mut self) {
        let whose = self.choices.one_of(&self.subjects);
        let client = self.choices.index(self.clients.len());
        let step = self.choices.one_of(&[Step::Send, Step::Send, Step::Check]);
        match self.choices.index(16) {
            0..=8 => drop(self.ask(step, whose, client)),
            9..=12 => self.settle(),
            13 => drop(self.show(whose, client)),
            14 => self.ask_when_told(step, whose, client),
            _ if self.choices.index(4) == 0 => self.forget(whose),
            _ => self.ask_and_undo(step, whose, client),
        }
    }

    fn step(&mut self, step: Step, whose: Subjects, client: usize) -> Decision {
        let decision = self.store.step(&step, &whose, &self.clients[client], self.now);
        let of = self.subjects.iter().position(|subjects| *subjects == whose);
        let Decision { refused, next, tries_left, .. } = &decision;
        self.trace.0.push(format!(
            "{} client {client}, of {of:?}: {step:?} -> {refused:?}, {next:?}, {tries_left:?}",
            self.now
        ));
        self.steps += 1;
        decision
    }

    /// Asks for a send or a check. Returns the limit that refuses it.
    fn ask(&mut self, step: Step, whose: Subjects, client: usize) -> Option<Wait> {
        let decision = self.step(step, whose, client);
        let limits = &self.clients[client];
        let verdict = match step {
            Step::Send => self.model.send(&whose, limits, self.now),
            _ => self.model.check(&whose, limits, self.now),
        };
        let said = (decision.refused, decision.next, decision.tries_left, decision.app_is_near);
        let refused = verdict.outcome.as_ref().err().copied();
        assert_eq!(said, (refused, verdict.next, verdict.tries_left, verdict.app_is_near));
        self.told = decision.refused.or(decision.next);
        let Ok(ticket) = verdict.outcome else { return refused };
        assert_eq!((decision.taken.time, decision.taken.what), (self.now, counted(&ticket)));
        if let Some(ledger) = &mut self.ledger {
            ledger.allowed(&whose, limits, ticket.failure, self.now);
        }
        self.open.push(Open { whose, client, taken: decision.taken, ticket });
        None
    }

    /// What has to wait is refused for as long as it was told, and not longer.
    fn ask_when_told(&mut self, step: Step, whose: Subjects, client: usize) {
        self.ask(step, whose, client);
        let Some(Wait { limit, ms }) = self.told.take() else { return };
        self.now += ms - 1;
        assert_eq!(self.ask(step, whose, client), Some(Wait { limit, ms: 1 }));
        self.now += 1;
        assert_eq!(self.ask(step, whose, client), None);
    }

    /// Ends one of the calls that have begun, whichever.
    fn settle(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let index = self.choices.index(self.open.len());
        let open = self.open.swap_remove(index);
        match (open.ticket.failure, self.choices.index(3)) {
            (_, 0) => self.undo(open),
            (None, _) => self.sent(&open),
            (Some(_), 1) => self.verified(&open),
            // The code was wrong: what was counted stays.
            (Some(_), _) => {}
        }
    }

    fn undo(&mut self, Open { whose, client, taken, ticket }: Open) {
        self.step(Step::Undo(taken), whose, client);
        self.model.undo(&whose, &ticket);
        if let Some(ledger) = &mut self.ledger {
            ledger.undone(&whose, ticket.failure, ticket.time);
        }
    }

    fn sent(&mut self, open: &Open) {
        self.step(Step::Sent(open.taken), open.whose, open.client);
        self.model.sent(&open.whose, &open.ticket);
        if let Some(ledger) = &mut self.ledger {
            ledger.cleared(&open.whose, &[Limit::Tries], &[Role::Asker, Role::Other]);
        }
    }

    fn verified(&mut self, open: &Open) {
        self.step(Step::Verified(open.taken), open.whose, open.client);
        let limits = &self.clients[open.client];
        let given_back = self.model.verified(&open.whose, limits, &open.ticket);
        let Some(ledger) = &mut self.ledger else { return };
        ledger.undone(&open.whose, open.ticket.failure, open.ticket.time);
        ledger.cleared(&open.whose, &[Limit::Tries, Limit::FailuresNumber], &[Role::Asker]);
        if let Some((sent_at, is_asker)) = given_back {
            ledger.verified(&open.whose, is_asker, sent_at);
        }
    }

    fn forget(&mut self, whose: Subjects) {
        self.step(Step::Forget, whose, 0);
        self.model.forget(&whose);
        if let Some(ledger) = &mut self.ledger {
            ledger.cleared(&whose, &Limit::ALL, &[Role::Asker, Role::Other]);
        }
    }

    fn show(&mut self, whose: Subjects, client: usize) -> Decision {
        let decision = self.step(Step::Show, whose, client);
        let shown = self.model.show(&whose, &self.clients[client], self.now);
        assert_eq!(in_force(&decision.shown), in_force(&shown));
        decision
    }

    /// A step that is taken back at once leaves all as it was.
    fn ask_and_undo(&mut self, step: Step, whose: Subjects, client: usize) {
        let before = self.show(whose, client);
        if self.ask(step, whose, client).is_none() {
            let last = self.open.pop().expect("it was allowed");
            self.undo(last);
        }
        assert_eq!(self.show(whose, client), before);
    }
}

/// The limits in the order of their numbers. Which sends the cooldown has counted matters while it lasts.
fn in_force(shown: &[Shown]) -> Vec<Shown> {
    let over = |one: &Shown| one.limit == Limit::Cooldown && one.wait_ms == 0;
    let mut shown: Vec<Shown> =
        shown.iter().map(|&one| if over(&one) { Shown { count: 0, ..one } } else { one }).collect();
    shown.sort_by_key(|one| one.limit.number());
    shown
}

fn counted(ticket: &Ticket) -> Counted {
    match ticket.failure {
        None => Counted::Send,
        Some(Role::Asker) => Counted::AskerFailure,
        Some(Role::Other) => Counted::OtherFailure,
    }
}

/// All pairs of a number and an end user.
pub(super) fn subjects() -> Vec<Subjects> {
    let key = Secret::new(KEY).expect("there is memory");
    let keys = Keys::new(&key, None, "");
    let of = |number, user: Option<&str>| {
        let user =
            user.map_or(EndUser::Unknown, |user| EndUser::parse(user).expect("a valid end user"));
        keys.subjects(&Phone::parse(number).expect("a valid number"), &user)
    };
    NUMBERS.iter().flat_map(|number| USERS.map(|user| of(number, user))).collect()
}

/// Limits that look back as long as those of the history's other clients.
pub(super) fn client(
    choices: &mut Choices,
    seconds: &[u32],
    all_on: bool,
    is_flat: bool,
) -> Limits {
    let mut limits = Limits::default();
    for (limit, &seconds) in Limit::ALL.into_iter().zip(seconds) {
        let default = limits.rate(limit).map_or(3600, |rate| rate.seconds);
        let seconds = if seconds == 0 { default } else { seconds };
        let most = match (choices.index(4), limit) {
            (0, _) if !all_on => 0,
            (_, Limit::Cooldown) if !is_flat => continue,
            (_, Limit::Cooldown) => 1,
            _ => choices.one_of(&MOST),
        };
        limits.set(limit, most, seconds).expect("a valid limit");
    }
    limits
}
