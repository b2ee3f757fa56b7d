//! The sent messages. The newest one of each number has the number's valid code.
//!
//! Knows how many messages are kept and what changed since when; knows no rule of what may be sent.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::message::{Message, MessageState, StoredMessage};

/// The limits of the store.
const MAX_MESSAGES: usize = 10_000;
const MAX_BYTES: usize = 32 << 20;

/// The limits of the recent messages, which the page shows.
const MAX_RECENT: usize = 200;
const MAX_RECENT_BYTES: usize = 1 << 20;

/// The first message's id, as long as the one in the documentation's sample.
const FIRST_UNIQUE: u64 = 63_433_454;

/// How a Check's code compares with that of the number's newest message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeMatch {
    /// The right code, used for the first time and in time.
    Right,
    /// Another code, or the number has no message.
    Wrong,
    /// The right code, expired or already used.
    Spent,
}

/// The sent messages. Times are since the Unix epoch.
pub(crate) struct MessageStore {
    /// Oldest first.
    messages: VecDeque<StoredMessage>,
    /// The unique of the next message.
    next: u64,
    /// The unique of each number's newest message.
    newest: HashMap<String, u64>,
    /// The sum over all messages.
    bytes: usize,
    /// Incremented at every change of a message.
    revision: u64,
}

/// Those of the recent messages that changed since an earlier revision.
pub(crate) struct RecentMessages {
    /// Newest first.
    pub(crate) messages: Vec<Message>,
    /// The lowest unique of all recent messages; the next unique if there are none.
    pub(crate) oldest: u64,
    /// How many messages are in the store.
    pub(crate) total: usize,
    /// The store's present revision.
    pub(crate) revision: u64,
}

impl MessageStore {
    pub(crate) fn new() -> MessageStore {
        MessageStore {
            messages: VecDeque::new(),
            next: FIRST_UNIQUE,
            newest: HashMap::new(),
            bytes: 0,
            revision: 0,
        }
    }

    /// Stores a message and returns its unique. Its code replaces the number's earlier one.
    pub(crate) fn push(
        &mut self,
        to: &str,
        sender: &str,
        text: String,
        code: String,
        now: Duration,
    ) -> u64 {
        self.revision += 1;
        let revision = self.revision;
        if let Some(earlier) = self.newest_mut(to) {
            earlier.state = match earlier.state_at(now) {
                MessageState::Waiting => MessageState::Replaced,
                state => state,
            };
            earlier.revision = revision;
        }
        let unique = self.next;
        self.next += 1;
        let (to, sender) = (to.to_owned(), sender.to_owned());
        self.newest.insert(to.clone(), unique);
        let (sent, state) = (now, MessageState::Waiting);
        let message =
            StoredMessage { unique, to, sender, text, code, sent, state, wrong_tries: 0, revision };
        self.bytes += message.bytes();
        self.messages.push_back(message);
        while self.messages.len() > MAX_MESSAGES || self.bytes > MAX_BYTES {
            self.remove(0);
        }
        unique
    }

    /// Compares a code with the number's newest one. A right code is used from now on.
    pub(crate) fn check(&mut self, to: &str, code: &str, now: Duration) -> CodeMatch {
        let revision = self.revision + 1;
        let Some(message) = self.newest_mut(to) else { return CodeMatch::Wrong };
        let result = if message.code != code {
            message.wrong_tries = message.wrong_tries.saturating_add(1);
            CodeMatch::Wrong
        } else if message.state_at(now) == MessageState::Waiting {
            message.state = MessageState::Verified;
            CodeMatch::Right
        } else {
            return CodeMatch::Spent;
        };
        message.revision = revision;
        self.revision = revision;
        result
    }

    /// Lets the number's code expire now, if it is still valid.
    pub(crate) fn expire(&mut self, to: &str) {
        let revision = self.revision + 1;
        let newest = self.newest_mut(to);
        if let Some(message) = newest.filter(|message| message.state == MessageState::Waiting) {
            message.state = MessageState::Expired;
            message.revision = revision;
            self.revision = revision;
        }
    }

    /// The messages to one number or to all, newest first.
    pub(crate) fn messages(&self, to: Option<&str>, now: Duration) -> Vec<Message> {
        self.messages
            .iter()
            .rev()
            .filter(|message| to.is_none_or(|to| to == message.to))
            .map(|message| message.to_message(now))
            .collect()
    }

    /// Those of the recent messages that changed after a revision.
    pub(crate) fn recent(&self, revision: u64, now: Duration) -> RecentMessages {
        let mut recent = RecentMessages {
            messages: Vec::new(),
            oldest: self.next,
            total: self.messages.len(),
            revision: self.revision,
        };
        let mut bytes = 0;
        for message in self.messages.iter().rev().take(MAX_RECENT) {
            bytes += message.bytes();
            if bytes > MAX_RECENT_BYTES {
                break;
            }
            recent.oldest = message.unique;
            if message.revision > revision {
                recent.messages.push(message.to_message(now));
            }
        }
        recent
    }

    /// The number's newest message.
    pub(crate) fn newest(&self, to: &str, now: Duration) -> Option<Message> {
        self.newest_ref(to).map(|message| message.to_message(now))
    }

    /// The state of the number's newest message.
    pub(crate) fn newest_state(&self, to: &str, now: Duration) -> Option<MessageState> {
        self.newest_ref(to).map(|message| message.state_at(now))
    }

    /// Whether the number has a message with a higher unique.
    pub(crate) fn has_newer(&self, to: &str, unique: u64) -> bool {
        self.newest.get(to).is_some_and(|&newest| newest > unique)
    }

    /// Deletes a message. If it is its number's newest one, the number has no valid code any more. Returns
    /// whether there was one.
    pub(crate) fn delete(&mut self, unique: u64) -> bool {
        self.index(unique).map(|index| self.remove(index)).is_some()
    }

    /// Deletes every message. Uniques go on from the last one, so that none repeats.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        self.newest.clear();
        self.bytes = 0;
    }

    fn newest_ref(&self, to: &str) -> Option<&StoredMessage> {
        self.messages.get(self.index(*self.newest.get(to)?)?)
    }

    fn newest_mut(&mut self, to: &str) -> Option<&mut StoredMessage> {
        let index = self.index(*self.newest.get(to)?)?;
        self.messages.get_mut(index)
    }

    fn index(&self, unique: u64) -> Option<usize> {
        self.messages.binary_search_by_key(&unique, |message| message.unique).ok()
    }

    fn remove(&mut self, index: usize) {
        let Some(message) = self.messages.remove(index) else { return };
        self.bytes -= message.bytes();
        if self.newest.get(&message.to) == Some(&message.unique) {
            self.newest.remove(&message.to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CodeMatch::{Right, Spent, Wrong};
    use MessageState::{Expired, Replaced, Verified, Waiting};

    const ALICE: &str = "0501234567";
    const BOB: &str = "0521234567";

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn push(store: &mut MessageStore, to: &str, code: &str, now: u64) -> u64 {
        store.push(to, "Acme", format!("code {code}"), code.to_owned(), at(now))
    }

    /// A store with a message for each number, code and time.
    fn store(messages: &[(&str, &str, u64)]) -> MessageStore {
        let mut store = MessageStore::new();
        for (to, code, now) in messages {
            push(&mut store, to, code, *now);
        }
        store
    }

    fn newest_code(store: &MessageStore, to: &str) -> Option<String> {
        store.newest(to, at(0)).map(|message| message.code)
    }

    fn states(store: &MessageStore, now: u64) -> Vec<MessageState> {
        store.messages(None, at(now)).iter().map(|message| message.state).collect()
    }

    #[test]
    fn the_person_has_ten_minutes() {
        for (seconds, expected) in [(0, Right), (599, Right), (600, Spent)] {
            let mut store = store(&[(ALICE, "123456", 1000)]);
            assert_eq!(store.check(ALICE, "123456", at(1000 + seconds)), expected, "{seconds} s");
        }
    }

    #[test]
    fn a_code_works_once() {
        let mut store = store(&[(ALICE, "123456", 0)]);
        for (code, expected) in [("654321", Wrong), ("123456", Right), ("123456", Spent)] {
            assert_eq!(store.check(ALICE, code, at(1)), expected, "{code}");
        }
    }

    #[test]
    fn a_code_belongs_to_its_number() {
        let mut store = store(&[(ALICE, "123456", 0), (BOB, "654321", 0)]);
        for (to, code, expected) in
            [(BOB, "123456", Wrong), ("031234567", "123456", Wrong), (BOB, "654321", Right)]
        {
            assert_eq!(store.check(to, code, at(1)), expected, "{to} {code}");
        }
    }

    #[test]
    fn a_new_send_replaces_the_code() {
        let mut store = store(&[(ALICE, "111111", 0), (ALICE, "222222", 1)]);
        assert_eq!(store.check(ALICE, "111111", at(2)), Wrong);
        assert_eq!(newest_code(&store, ALICE).as_deref(), Some("222222"));
        assert_eq!(store.check(ALICE, "222222", at(2)), Right);
    }

    #[test]
    fn a_code_can_expire_before_its_time() {
        let mut store = MessageStore::new();
        store.expire(ALICE);
        push(&mut store, ALICE, "111111", 0);
        push(&mut store, BOB, "222222", 0);
        store.expire(ALICE);
        assert_eq!(store.check(ALICE, "111111", at(1)), Spent);
        assert_eq!(store.check(BOB, "222222", at(1)), Right);
        store.expire(BOB);
        assert_eq!(states(&store, 1), [Verified, Expired], "a used code stays so");
    }

    #[test]
    fn a_message_has_the_state_of_its_code() {
        let mut store =
            store(&[(ALICE, "111111", 0), (ALICE, "222222", 600), (ALICE, "333333", 601)]);
        store.check(ALICE, "333333", at(602));
        push(&mut store, ALICE, "444444", 603);
        assert_eq!(states(&store, 604), [Waiting, Verified, Replaced, Expired]);
        assert_eq!(states(&store, 1203), [Expired, Verified, Replaced, Expired]);
    }

    #[test]
    fn messages_are_listed_newest_first_per_number() {
        let store = store(&[(ALICE, "111111", 7), (BOB, "222222", 8), (ALICE, "333333", 9)]);
        let codes = |to| -> Vec<String> {
            store.messages(to, at(9)).into_iter().map(|message| message.code).collect()
        };
        assert_eq!(codes(None), ["333333", "222222", "111111"]);
        assert_eq!(codes(Some(ALICE)), ["333333", "111111"]);
        assert_eq!(codes(Some("0")), Vec::<String>::new());
        let message = store.messages(None, at(9)).pop().unwrap();
        assert_eq!(message.unique, FIRST_UNIQUE.to_string());
        assert_eq!((message.sender.as_str(), message.text.as_str()), ("Acme", "code 111111"));
        assert_eq!(message.time, 7);
    }

    #[test]
    fn the_oldest_messages_are_deleted_with_their_codes() {
        let mut store = store(&[(ALICE, "111111", 0), (BOB, "222222", 0)]);
        for number in 0..MAX_MESSAGES - 1 {
            push(&mut store, &format!("{number}"), "333333", 0);
        }
        assert_eq!(store.messages(None, at(0)).len(), MAX_MESSAGES);
        assert_eq!(store.check(ALICE, "111111", at(1)), Wrong);
        assert_eq!(newest_code(&store, ALICE), None);
        assert_eq!(store.newest.len(), MAX_MESSAGES);
        assert_eq!(store.check(BOB, "222222", at(1)), Right);
    }

    #[test]
    fn deleting_an_old_message_keeps_the_numbers_new_code() {
        let mut store = store(&[(ALICE, "111111", 0)]);
        for _ in 0..MAX_MESSAGES {
            push(&mut store, ALICE, "222222", 0);
        }
        assert_eq!(store.check(ALICE, "222222", at(1)), Right);
    }

    #[test]
    fn a_deleted_message_takes_its_code_along_and_no_other() {
        let mut store = store(&[(ALICE, "111111", 0), (BOB, "222222", 0), (ALICE, "333333", 0)]);
        assert!(store.delete(FIRST_UNIQUE));
        assert!(!store.delete(FIRST_UNIQUE), "it is there no more");
        assert!(!store.delete(FIRST_UNIQUE + 3), "it is not there yet");
        assert_eq!(newest_code(&store, ALICE).as_deref(), Some("333333"));
        assert_eq!(store.check(BOB, "222222", at(1)), Right);
        assert!(store.delete(FIRST_UNIQUE + 2));
        assert_eq!(store.check(ALICE, "333333", at(1)), Wrong);
        assert_eq!(newest_code(&store, ALICE), None);
        assert_eq!(push(&mut store, ALICE, "444444", 2), FIRST_UNIQUE + 3);
        assert_eq!(store.check(ALICE, "444444", at(3)), Right);
        let recent = store.recent(0, at(3));
        assert_eq!((recent.oldest, recent.total), (FIRST_UNIQUE + 1, 2));
        assert_eq!(store.bytes, store.messages.iter().map(StoredMessage::bytes).sum::<usize>());
    }

    #[test]
    fn long_texts_are_bounded_together() {
        let mut store = MessageStore::new();
        for _ in 0..40 {
            store.push(ALICE, "Acme", "x".repeat(1 << 20), "111111".to_owned(), at(0));
        }
        assert_eq!(store.messages.len(), 31);
        assert_eq!(store.bytes, store.messages.iter().map(StoredMessage::bytes).sum::<usize>());
    }

    #[test]
    fn wrong_codes_are_counted_at_the_numbers_newest_message() {
        let mut store = store(&[(ALICE, "111111", 0)]);
        store.check(ALICE, "000000", at(1));
        push(&mut store, ALICE, "222222", 2);
        for code in ["111111", "", "222222", "222222"] {
            store.check(ALICE, code, at(3));
        }
        store.check(BOB, "000000", at(3));
        let messages = store.messages(None, at(3));
        assert_eq!(messages.iter().map(|message| message.wrong_tries).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn recent_messages_are_those_that_changed_since_a_revision() {
        let mut store = MessageStore::new();
        let mut revision = 0;
        let mut changes = |store: &MessageStore| -> Vec<(String, MessageState)> {
            let recent = store.recent(revision, at(9));
            revision = recent.revision;
            recent.messages.into_iter().map(|message| (message.code, message.state)).collect()
        };
        let changed = |code: &str, state| (code.to_owned(), state);
        assert_eq!(changes(&store), []);
        push(&mut store, ALICE, "111111", 0);
        push(&mut store, BOB, "222222", 1);
        assert_eq!(changes(&store), [changed("222222", Waiting), changed("111111", Waiting)]);
        assert_eq!(changes(&store), []);
        push(&mut store, ALICE, "333333", 2);
        assert_eq!(changes(&store), [changed("333333", Waiting), changed("111111", Replaced)]);
        store.check(BOB, "000000", at(3));
        assert_eq!(changes(&store), [changed("222222", Waiting)]);
        store.check(BOB, "222222", at(3));
        assert_eq!(changes(&store), [changed("222222", Verified)]);
        store.check(BOB, "222222", at(4));
        store.check("0", "222222", at(4));
        assert_eq!(changes(&store), [], "these checks change nothing");
        store.expire(ALICE);
        assert_eq!(changes(&store), [changed("333333", Expired)]);
    }

    #[test]
    fn recent_messages_are_bounded_in_number_and_in_bytes() {
        let mut store = MessageStore::new();
        assert_eq!(store.recent(0, at(0)).oldest, FIRST_UNIQUE, "the next unique");
        for number in 0..MAX_RECENT as u64 + 7 {
            assert_eq!(push(&mut store, &format!("{number}"), "1", 0), FIRST_UNIQUE + number);
        }
        let recent = store.recent(0, at(0));
        assert_eq!((recent.messages.len(), recent.total), (MAX_RECENT, MAX_RECENT + 7));
        assert_eq!(recent.oldest, FIRST_UNIQUE + 7);
        assert_eq!(recent.messages[0].to, "206");
        assert_eq!(recent.messages.last().unwrap().unique, recent.oldest.to_string());
        for _ in 0..3 {
            store.push(BOB, "Acme", "x".repeat(MAX_RECENT_BYTES / 3), "1".to_owned(), at(0));
        }
        assert_eq!(store.recent(0, at(0)).messages.len(), 2);
    }

    #[test]
    fn no_two_messages_have_the_same_unique_even_after_a_clear() {
        let mut store = MessageStore::new();
        let mut uniques = std::collections::HashSet::new();
        for _ in 0..3 {
            for to in [ALICE, BOB, ALICE] {
                assert!(uniques.insert(push(&mut store, to, "111111", 0)));
            }
            store.clear();
            assert_eq!(store.messages(None, at(0)), []);
            assert_eq!(store.check(ALICE, "111111", at(0)), Wrong);
        }
    }
}
