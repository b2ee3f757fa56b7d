//! The sent messages. The newest one of each number has the number's valid code.
//!
//! Knows how many messages are kept and what changed since when; knows no rule of what may be sent.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::delivery::{self, DeliveryReport};
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
        self.newest.insert(to.to_owned(), unique);
        let (sent, state) = (now, MessageState::Waiting);
        let message = StoredMessage {
            unique,
            to: to.to_owned(),
            sender: sender.to_owned(),
            text,
            code,
            sent,
            state,
            wrong_tries: 0,
            report: Some(delivery::code_for(to)),
            revision,
        };
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

    /// The number of a message.
    pub(crate) fn number(&self, unique: u64) -> Option<&str> {
        Some(&self.messages.get(self.index(unique)?)?.to)
    }

    /// What Delivery Status reports of a message, if there is a report.
    pub(crate) fn report(&self, unique: u64, now: Duration) -> Option<DeliveryReport> {
        self.messages.get(self.index(unique)?)?.report(now)
    }

    /// Sets the code of a message's report; without one no report comes. Returns whether there is such a message.
    pub(crate) fn set_delivery(&mut self, unique: u64, code: Option<i64>) -> bool {
        let revision = self.revision + 1;
        let index = self.index(unique);
        let Some(message) = index.and_then(|index| self.messages.get_mut(index)) else {
            return false;
        };
        message.report = code;
        message.revision = revision;
        self.revision = revision;
        true
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
mod tests;
