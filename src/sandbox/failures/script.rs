//! The script: which of the next requests fail, and how.
//!
//! Knows only two things about a request: its number, and whether it is a Check.

use std::collections::VecDeque;
use std::io;

use serde::Serialize;

use super::failure::ScriptedFailure;
use crate::sandbox::invalid_input::invalid_input;

const MAX_ENTRIES: usize = 1000;

/// A failure for one or more requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ScriptEntry {
    pub(crate) failure: ScriptedFailure,
    /// How many requests are left to fail.
    pub(crate) count: u32,
    /// If set, only requests for this number fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
}

/// The scripted failures, in the order in which they were added.
#[derive(Default)]
pub(crate) struct Script {
    entries: VecDeque<ScriptEntry>,
}

impl Script {
    /// Adds an entry behind the others.
    pub(crate) fn push(&mut self, entry: ScriptEntry) -> io::Result<()> {
        entry.failure.validate()?;
        if entry.count == 0 {
            return Err(invalid_input("count is how many requests fail: at least 1"));
        }
        if entry.failure == ScriptedFailure::Drop && entry.to.is_some() {
            let text = "drop comes before the number is read: leave out to, or take reset";
            return Err(invalid_input(text));
        }
        if self.entries.len() == MAX_ENTRIES {
            let text = "too many failures wait: reset, or use count";
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, text));
        }
        self.entries.push_back(entry);
        Ok(())
    }

    /// Takes the failure of the present request: that of the first entry that applies to it.
    pub(crate) fn next(&mut self, to: &str, is_check: bool) -> Option<ScriptedFailure> {
        self.take(|entry| {
            entry.failure.applies_to(is_check)
                && entry.to.as_ref().is_none_or(|number| number == to)
        })
    }

    /// Whether the next request is to be dropped unread.
    pub(crate) fn drops_next(&self) -> bool {
        let next = self.entries.iter().find(|entry| entry.to.is_none());
        next.is_some_and(|entry| entry.failure == ScriptedFailure::Drop)
    }

    /// Takes a drop, if the next request is to be dropped unread.
    pub(crate) fn take_drop(&mut self) -> bool {
        self.drops_next() && self.take(|entry| entry.failure == ScriptedFailure::Drop).is_some()
    }

    fn take(&mut self, applies: impl FnMut(&ScriptEntry) -> bool) -> Option<ScriptedFailure> {
        let index = self.entries.iter().position(applies)?;
        let entry = self.entries.get_mut(index)?;
        let failure = entry.failure;
        entry.count -= 1;
        if entry.count == 0 {
            self.entries.remove(index);
        }
        Some(failure)
    }

    /// How many requests are left to fail.
    pub(crate) fn waiting(&self) -> u64 {
        self.entries.iter().map(|entry| u64::from(entry.count)).sum()
    }

    pub(crate) fn entries(&self) -> Vec<ScriptEntry> {
        self.entries.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::failures::failure::WrongBody;

    const ALICE: &str = "0501234567";
    const BOB: &str = "0521234567";

    fn script(entries: &[(ScriptedFailure, u32, Option<&str>)]) -> Script {
        let mut script = Script::default();
        for &(failure, count, to) in entries {
            script.push(ScriptEntry { failure, count, to: to.map(str::to_owned) }).unwrap();
        }
        script
    }

    #[test]
    fn the_next_requests_fail_in_the_order_of_the_script() {
        let mut script =
            script(&[(ScriptedFailure::Reason(5), 2, None), (ScriptedFailure::Http(503), 1, None)]);
        assert_eq!(script.waiting(), 3);
        assert_eq!(script.next(ALICE, false), Some(ScriptedFailure::Reason(5)));
        assert_eq!(script.next(BOB, true), Some(ScriptedFailure::Reason(5)));
        assert_eq!(script.next("", false), Some(ScriptedFailure::Http(503)));
        assert_eq!(script.next(ALICE, false), None);
        assert_eq!((script.waiting(), script.entries()), (0, vec![]));
    }

    #[test]
    fn a_failure_for_one_number_waits_for_it() {
        let mut script = script(&[
            (ScriptedFailure::Http(503), 1, Some(ALICE)),
            (ScriptedFailure::Reset, 1, None),
        ]);
        assert_eq!(script.next(BOB, false), Some(ScriptedFailure::Reset));
        assert_eq!(script.next(BOB, false), None);
        assert_eq!(script.next(ALICE, true), Some(ScriptedFailure::Http(503)));
        assert_eq!(script.next(ALICE, true), None);
    }

    #[test]
    fn a_failure_that_applies_to_checks_only_waits_for_one() {
        for failure in [ScriptedFailure::Status(2), ScriptedFailure::Body(WrongBody::OtherNumber)] {
            let mut script = script(&[(failure, 1, None)]);
            assert_eq!(script.next(ALICE, false), None);
            assert_eq!(script.next(ALICE, true), Some(failure));
        }
    }

    #[test]
    fn a_request_is_dropped_unread_when_its_turn_has_come() {
        let mut script = script(&[
            (ScriptedFailure::Http(503), 1, Some(ALICE)),
            (ScriptedFailure::Reset, 1, None),
            (ScriptedFailure::Drop, 2, None),
        ]);
        assert!(!script.drops_next() && !script.take_drop());
        assert_eq!(script.next(BOB, false), Some(ScriptedFailure::Reset));
        assert!(script.drops_next() && script.take_drop() && script.take_drop());
        assert!(!script.drops_next() && !script.take_drop());
        assert_eq!(script.waiting(), 1);
    }

    #[test]
    fn invalid_entries_are_rejected() {
        let mut script = Script::default();
        let cases = [
            (ScriptedFailure::Reason(1), 1, None),
            (ScriptedFailure::Reason(5), 0, None),
            (ScriptedFailure::Drop, 1, Some(ALICE.to_owned())),
        ];
        for (failure, count, to) in cases {
            let error = script.push(ScriptEntry { failure, count, to }).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{failure:?}");
        }
        assert_eq!(script.next(ALICE, true), None);
    }

    #[test]
    fn a_script_is_bounded() {
        let mut script = Script::default();
        let entry = ScriptEntry { failure: ScriptedFailure::Http(500), count: u32::MAX, to: None };
        for _ in 0..MAX_ENTRIES {
            script.push(entry.clone()).unwrap();
        }
        assert_eq!(script.push(entry).unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
    }
}
