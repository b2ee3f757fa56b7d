//! Messages, their codes, and what of them is kept.

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
    let mut store = store(&[(ALICE, "111111", 0), (ALICE, "222222", 600), (ALICE, "333333", 601)]);
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
