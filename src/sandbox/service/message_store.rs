//! The messages that were sent: the newest of each number holds its code.
//!
//! Knows how long a code lives, how much is remembered and what changed since when; knows no rule of
//! what may be sent.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::message::{Message, State};

/// How long a person has to type the code.
pub(super) const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How many messages are remembered; their texts may hold [`TEXTS_KEPT`] bytes together.
const MESSAGES_KEPT: usize = 10_000;
const TEXTS_KEPT: usize = 32 << 20;

/// How many of them are the newest, which a page shows, with how many bytes of texts together.
const MESSAGES_SHOWN: usize = 200;
const TEXTS_SHOWN: usize = 1 << 20;

/// The first message's id: of the size of the documentation's sample.
const FIRST_UNIQUE: u64 = 63_433_454;

/// How a Check compares with the number's newest message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The code is right, in time and new; it is used up now.
    Right,
    /// Another code, or the number has none.
    Wrong,
    /// The right code, too late or a second time.
    Spent,
}

struct Kept {
    to: String,
    sender: String,
    text: String,
    code: String,
    sent: Duration,
    state: State,
    wrong_tries: u32,
    /// The revision of the outbox in which it changed last.
    changed: u64,
}

impl Kept {
    fn state_at(&self, now: Duration) -> State {
        match self.state {
            State::Waiting if now.saturating_sub(self.sent) >= LIFETIME => State::Expired,
            state => state,
        }
    }

    fn show(&self, unique: u64, now: Duration) -> Message {
        Message {
            unique: unique.to_string(),
            to: self.to.clone(),
            sender: self.sender.clone(),
            text: self.text.clone(),
            code: self.code.clone(),
            time: self.sent.as_secs(),
            expires: (self.sent + LIFETIME).as_secs(),
            state: self.state_at(now),
            wrong_tries: self.wrong_tries,
        }
    }

    fn size(&self) -> usize {
        self.to.len() + self.sender.len() + self.text.len() + self.code.len()
    }
}

/// The sent messages, oldest first. Times are since the Unix epoch.
pub(super) struct Outbox {
    messages: VecDeque<Kept>,
    /// The unique of the first of `messages`; the others follow without a gap.
    first: u64,
    /// A number's newest message, by its unique.
    newest: HashMap<String, u64>,
    /// The bytes of all texts.
    size: usize,
    /// Counts the changes of messages.
    revision: u64,
}

/// The newest messages, or those of them that changed since an earlier look.
pub(super) struct Newest {
    /// Newest first.
    pub(super) messages: Vec<Message>,
    /// The unique of the oldest that belongs to the newest, or would if there were one.
    pub(super) oldest: u64,
    /// How many messages are remembered in all.
    pub(super) total: usize,
    /// What to name at the next look.
    pub(super) revision: u64,
}

impl Outbox {
    pub(super) fn new() -> Outbox {
        Outbox {
            messages: VecDeque::new(),
            first: FIRST_UNIQUE,
            newest: HashMap::new(),
            size: 0,
            revision: 0,
        }
    }

    /// Keeps a message, whose code takes the place of the number's earlier one, and gives its unique.
    pub(super) fn push(
        &mut self,
        to: &str,
        sender: &str,
        text: String,
        code: String,
        now: Duration,
    ) -> u64 {
        self.revision += 1;
        let changed = self.revision;
        if let Some(earlier) = self.newest_mut(to) {
            earlier.state = match earlier.state_at(now) {
                State::Waiting => State::Replaced,
                state => state,
            };
            earlier.changed = changed;
        }
        let unique = self.first + self.messages.len() as u64;
        let (to, sender) = (to.to_owned(), sender.to_owned());
        self.newest.insert(to.clone(), unique);
        let state = State::Waiting;
        let message = Kept { to, sender, text, code, sent: now, state, wrong_tries: 0, changed };
        self.size += message.size();
        self.messages.push_back(message);
        while self.messages.len() > MESSAGES_KEPT || self.size > TEXTS_KEPT {
            self.forget_oldest();
        }
        unique
    }

    /// Compares a code with the number's newest one, and uses it up when it is right.
    pub(super) fn check(&mut self, to: &str, code: &str, now: Duration) -> Verdict {
        let changed = self.revision + 1;
        let Some(message) = self.newest_mut(to) else { return Verdict::Wrong };
        let verdict = if message.code != code {
            message.wrong_tries = message.wrong_tries.saturating_add(1);
            Verdict::Wrong
        } else if message.state_at(now) == State::Waiting {
            message.state = State::Verified;
            Verdict::Right
        } else {
            return Verdict::Spent;
        };
        message.changed = changed;
        self.revision = changed;
        verdict
    }

    /// Lets the number's code expire, if it still can be used.
    pub(super) fn expire(&mut self, to: &str) {
        let changed = self.revision + 1;
        let waiting = self.newest_mut(to).filter(|message| message.state == State::Waiting);
        if let Some(message) = waiting {
            message.state = State::Expired;
            message.changed = changed;
            self.revision = changed;
        }
    }

    /// The messages to one number or to all, newest first.
    pub(super) fn messages(&self, to: Option<&str>, now: Duration) -> Vec<Message> {
        self.messages
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, message)| to.is_none_or(|to| to == message.to))
            .map(|(index, message)| message.show(self.first + index as u64, now))
            .collect()
    }

    /// The newest messages, as many as a person looks at, that changed after a revision.
    pub(super) fn newest(&self, revision: u64, now: Duration) -> Newest {
        let mut newest = Newest {
            messages: Vec::new(),
            oldest: self.first + self.messages.len() as u64,
            total: self.messages.len(),
            revision: self.revision,
        };
        let mut size = 0;
        for message in self.messages.iter().rev().take(MESSAGES_SHOWN) {
            size += message.size();
            if size > TEXTS_SHOWN {
                break;
            }
            newest.oldest -= 1;
            if message.changed > revision {
                newest.messages.push(message.show(newest.oldest, now));
            }
        }
        newest
    }

    /// The code of the number's newest message, whatever has become of it.
    pub(super) fn code(&self, to: &str) -> Option<&str> {
        let index = self.newest.get(to)? - self.first;
        Some(&self.messages.get(index as usize)?.code)
    }

    /// Forgets every message. The next unique goes on from the last, so that no two are ever the same.
    pub(super) fn clear(&mut self) {
        self.first += self.messages.len() as u64;
        self.messages.clear();
        self.newest.clear();
        self.size = 0;
    }

    fn newest_mut(&mut self, to: &str) -> Option<&mut Kept> {
        let index = self.newest.get(to)? - self.first;
        self.messages.get_mut(index as usize)
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.messages.pop_front() else { return };
        self.size -= oldest.size();
        if self.newest.get(&oldest.to) == Some(&self.first) {
            self.newest.remove(&oldest.to);
        }
        self.first += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "0501234567";
    const BOB: &str = "0521234567";

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn push(outbox: &mut Outbox, to: &str, code: &str, now: u64) -> u64 {
        outbox.push(to, "Acme", format!("code {code}"), code.to_owned(), at(now))
    }

    fn states(outbox: &Outbox, now: u64) -> Vec<State> {
        outbox.messages(None, at(now)).iter().map(|message| message.state).collect()
    }

    #[test]
    fn the_person_has_ten_minutes() {
        for (seconds, verdict) in
            [(0, Verdict::Right), (599, Verdict::Right), (600, Verdict::Spent)]
        {
            let mut outbox = Outbox::new();
            push(&mut outbox, ALICE, "123456", 1000);
            assert_eq!(outbox.check(ALICE, "123456", at(1000 + seconds)), verdict, "{seconds} s");
        }
    }

    #[test]
    fn a_code_works_once() {
        let mut outbox = Outbox::new();
        push(&mut outbox, ALICE, "123456", 0);
        assert_eq!(outbox.check(ALICE, "654321", at(1)), Verdict::Wrong);
        assert_eq!(outbox.check(ALICE, "123456", at(2)), Verdict::Right);
        assert_eq!(outbox.check(ALICE, "123456", at(3)), Verdict::Spent);
    }

    #[test]
    fn a_code_belongs_to_its_number() {
        let mut outbox = Outbox::new();
        push(&mut outbox, ALICE, "123456", 0);
        push(&mut outbox, BOB, "654321", 0);
        assert_eq!(outbox.check(BOB, "123456", at(1)), Verdict::Wrong);
        assert_eq!(outbox.check("031234567", "123456", at(1)), Verdict::Wrong);
        assert_eq!(outbox.check(BOB, "654321", at(1)), Verdict::Right);
    }

    #[test]
    fn a_new_send_replaces_the_code() {
        let mut outbox = Outbox::new();
        push(&mut outbox, ALICE, "111111", 0);
        push(&mut outbox, ALICE, "222222", 1);
        assert_eq!(outbox.check(ALICE, "111111", at(2)), Verdict::Wrong);
        assert_eq!(outbox.code(ALICE), Some("222222"));
        assert_eq!(outbox.check(ALICE, "222222", at(2)), Verdict::Right);
    }

    #[test]
    fn a_code_can_expire_before_its_time() {
        let mut outbox = Outbox::new();
        outbox.expire(ALICE);
        push(&mut outbox, ALICE, "111111", 0);
        push(&mut outbox, BOB, "222222", 0);
        outbox.expire(ALICE);
        assert_eq!(outbox.check(ALICE, "111111", at(1)), Verdict::Spent);
        assert_eq!(outbox.check(BOB, "222222", at(1)), Verdict::Right);
        outbox.expire(BOB);
        assert_eq!(states(&outbox, 1), [State::Verified, State::Expired], "a used code stays so");
    }

    #[test]
    fn a_message_tells_what_became_of_its_code() {
        let mut outbox = Outbox::new();
        push(&mut outbox, ALICE, "111111", 0);
        push(&mut outbox, ALICE, "222222", 600);
        push(&mut outbox, ALICE, "333333", 601);
        outbox.check(ALICE, "333333", at(602));
        push(&mut outbox, ALICE, "444444", 603);
        use State::{Expired, Replaced, Verified, Waiting};
        assert_eq!(states(&outbox, 604), [Waiting, Verified, Replaced, Expired]);
        assert_eq!(states(&outbox, 1203), [Expired, Verified, Replaced, Expired]);
    }

    #[test]
    fn messages_are_listed_newest_first_per_number() {
        let mut outbox = Outbox::new();
        let first = push(&mut outbox, ALICE, "111111", 7);
        push(&mut outbox, BOB, "222222", 8);
        push(&mut outbox, ALICE, "333333", 9);
        let codes = |to| -> Vec<String> {
            outbox.messages(to, at(9)).into_iter().map(|message| message.code).collect()
        };
        assert_eq!(codes(None), ["333333", "222222", "111111"]);
        assert_eq!(codes(Some(ALICE)), ["333333", "111111"]);
        assert_eq!(codes(Some("0")), Vec::<String>::new());
        let message = outbox.messages(None, at(9)).pop().unwrap();
        assert_eq!(message.unique, first.to_string());
        assert_eq!((message.sender.as_str(), message.text.as_str()), ("Acme", "code 111111"));
        assert_eq!(message.time, 7);
    }

    #[test]
    fn the_oldest_messages_are_forgotten_with_their_codes() {
        let mut outbox = Outbox::new();
        push(&mut outbox, ALICE, "111111", 0);
        push(&mut outbox, BOB, "222222", 0);
        for number in 0..MESSAGES_KEPT - 1 {
            push(&mut outbox, &format!("{number}"), "333333", 0);
        }
        assert_eq!(outbox.messages(None, at(0)).len(), MESSAGES_KEPT);
        assert_eq!(outbox.check(ALICE, "111111", at(1)), Verdict::Wrong);
        assert_eq!(outbox.code(ALICE), None);
        assert_eq!(outbox.newest.len(), MESSAGES_KEPT);
        assert_eq!(outbox.check(BOB, "222222", at(1)), Verdict::Right);
    }

    #[test]
    fn forgetting_an_old_message_keeps_the_numbers_new_code() {
        let mut outbox = Outbox::new();
        push(&mut outbox, ALICE, "111111", 0);
        for _ in 0..MESSAGES_KEPT {
            push(&mut outbox, ALICE, "222222", 0);
        }
        assert_eq!(outbox.check(ALICE, "222222", at(1)), Verdict::Right);
    }

    #[test]
    fn long_texts_are_bounded_together() {
        let mut outbox = Outbox::new();
        for _ in 0..40 {
            outbox.push(ALICE, "Acme", "x".repeat(1 << 20), "111111".to_owned(), at(0));
        }
        let kept = outbox.messages(None, at(0)).len();
        assert_eq!(kept, 31);
        let bytes: usize = outbox.messages.iter().map(Kept::size).sum();
        assert_eq!(outbox.size, bytes);
    }

    #[test]
    fn wrong_codes_are_counted_at_the_numbers_newest_message() {
        let mut outbox = Outbox::new();
        push(&mut outbox, ALICE, "111111", 0);
        outbox.check(ALICE, "000000", at(1));
        push(&mut outbox, ALICE, "222222", 2);
        for code in ["111111", "", "222222", "222222"] {
            outbox.check(ALICE, code, at(3));
        }
        outbox.check(BOB, "000000", at(3));
        let tries: Vec<_> =
            outbox.messages(None, at(3)).iter().map(|message| message.wrong_tries).collect();
        assert_eq!(tries, [2, 1]);
    }

    #[test]
    fn a_look_at_the_newest_shows_what_changed_since_the_last() {
        let mut outbox = Outbox::new();
        let mut revision = 0;
        let mut look = |outbox: &Outbox| -> Vec<(String, State)> {
            let newest = outbox.newest(revision, at(9));
            revision = newest.revision;
            newest.messages.into_iter().map(|message| (message.code, message.state)).collect()
        };
        let seen = |code: &str, state| (code.to_owned(), state);
        assert_eq!(look(&outbox), []);
        push(&mut outbox, ALICE, "111111", 0);
        push(&mut outbox, BOB, "222222", 1);
        use State::{Replaced, Verified, Waiting};
        assert_eq!(look(&outbox), [seen("222222", Waiting), seen("111111", Waiting)]);
        assert_eq!(look(&outbox), []);
        push(&mut outbox, ALICE, "333333", 2);
        assert_eq!(look(&outbox), [seen("333333", Waiting), seen("111111", Replaced)]);
        outbox.check(BOB, "000000", at(3));
        assert_eq!(look(&outbox), [seen("222222", Waiting)]);
        outbox.check(BOB, "222222", at(3));
        assert_eq!(look(&outbox), [seen("222222", Verified)]);
        outbox.check(BOB, "222222", at(4));
        outbox.check("0", "222222", at(4));
        assert_eq!(look(&outbox), [], "nothing became of these checks");
        outbox.expire(ALICE);
        assert_eq!(look(&outbox), [seen("333333", State::Expired)]);
    }

    #[test]
    fn the_newest_are_bounded_in_number_and_in_bytes() {
        let mut outbox = Outbox::new();
        assert_eq!(outbox.newest(0, at(0)).oldest, FIRST_UNIQUE, "the one that comes next");
        for number in 0..MESSAGES_SHOWN as u64 + 7 {
            assert_eq!(push(&mut outbox, &format!("{number}"), "1", 0), FIRST_UNIQUE + number);
        }
        let newest = outbox.newest(0, at(0));
        assert_eq!((newest.messages.len(), newest.total), (MESSAGES_SHOWN, MESSAGES_SHOWN + 7));
        assert_eq!(newest.oldest, FIRST_UNIQUE + 7);
        assert_eq!(newest.messages[0].to, "206");
        assert_eq!(newest.messages.last().unwrap().unique, newest.oldest.to_string());
        for _ in 0..3 {
            outbox.push(BOB, "Acme", "x".repeat(TEXTS_SHOWN / 3), "1".to_owned(), at(0));
        }
        assert_eq!(outbox.newest(0, at(0)).messages.len(), 2);
    }

    #[test]
    fn no_two_messages_have_the_same_unique_even_after_a_clear() {
        let mut outbox = Outbox::new();
        let mut uniques = std::collections::HashSet::new();
        for _ in 0..3 {
            for to in [ALICE, BOB, ALICE] {
                assert!(uniques.insert(push(&mut outbox, to, "111111", 0)));
            }
            outbox.clear();
            assert_eq!(outbox.messages(None, at(0)), []);
            assert_eq!(outbox.check(ALICE, "111111", at(0)), Verdict::Wrong);
        }
    }
}
