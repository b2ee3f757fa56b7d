//! Failures on demand: which of the next requests fail, and how.
//!
//! Knows of a request only what it has to: its number, and whether it is a Check.

use std::collections::VecDeque;
use std::io;

use serde::Serialize;

use super::failure::Failure;

/// How many entries may wait.
const ENTRIES: usize = 1000;

/// A failure that waits for its requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    pub(super) failure: Failure,
    /// How many requests are still to fail so.
    pub(super) count: u32,
    /// If given, only requests for this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
}

/// The failures that wait, in the order in which they were asked for.
#[derive(Default)]
pub(super) struct Script {
    waiting: VecDeque<Entry>,
}

impl Script {
    /// Lets requests after those already scripted fail.
    pub(super) fn push(&mut self, entry: Entry) -> io::Result<()> {
        entry.failure.validate()?;
        let (kind, refusal) = match entry {
            Entry { count: 0, .. } => {
                (io::ErrorKind::InvalidInput, "count is how many requests fail: at least 1")
            }
            Entry { failure: Failure::Drop, to: Some(_), .. } => {
                let refusal = "drop comes before the number is read: leave out to, or take reset";
                (io::ErrorKind::InvalidInput, refusal)
            }
            _ if self.waiting.len() == ENTRIES => {
                (io::ErrorKind::QuotaExceeded, "too many failures wait: reset, or use count")
            }
            _ => {
                self.waiting.push_back(entry);
                return Ok(());
            }
        };
        Err(io::Error::new(kind, refusal))
    }

    /// How the request that comes now fails, if it does: the first entry that concerns it says so.
    pub(super) fn next(&mut self, to: &str, is_check: bool) -> Option<Failure> {
        self.take(|entry| {
            entry.failure.concerns(is_check) && entry.to.as_ref().is_none_or(|number| number == to)
        })
    }

    /// Whether the next request that nothing is known of is to be dropped unread.
    pub(super) fn drops_next(&self) -> bool {
        let next = self.waiting.iter().find(|entry| entry.to.is_none());
        next.is_some_and(|entry| entry.failure == Failure::Drop)
    }

    /// Counts a request that is dropped unread, if one is to be.
    pub(super) fn drop_next(&mut self) -> bool {
        self.drops_next() && self.take(|entry| entry.failure == Failure::Drop).is_some()
    }

    fn take(&mut self, concerns: impl FnMut(&Entry) -> bool) -> Option<Failure> {
        let index = self.waiting.iter().position(concerns)?;
        let entry = self.waiting.get_mut(index)?;
        let failure = entry.failure;
        entry.count -= 1;
        if entry.count == 0 {
            self.waiting.remove(index);
        }
        Some(failure)
    }

    /// How many requests are to fail.
    pub(super) fn len(&self) -> u64 {
        self.waiting.iter().map(|entry| u64::from(entry.count)).sum()
    }

    /// What waits, in its order.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.waiting.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Body;

    const ALICE: &str = "0501234567";
    const BOB: &str = "0521234567";

    fn script(entries: &[(Failure, u32, Option<&str>)]) -> Script {
        let mut script = Script::default();
        for &(failure, count, to) in entries {
            script.push(Entry { failure, count, to: to.map(str::to_owned) }).unwrap();
        }
        script
    }

    #[test]
    fn the_next_requests_fail_in_the_order_asked_for() {
        let mut script = script(&[(Failure::Reason(5), 2, None), (Failure::Http(503), 1, None)]);
        assert_eq!(script.len(), 3);
        assert_eq!(script.next(ALICE, false), Some(Failure::Reason(5)));
        assert_eq!(script.next(BOB, true), Some(Failure::Reason(5)));
        assert_eq!(script.next("", false), Some(Failure::Http(503)));
        assert_eq!(script.next(ALICE, false), None);
        assert_eq!((script.len(), script.entries()), (0, vec![]));
    }

    #[test]
    fn a_failure_for_one_number_waits_for_it() {
        let mut script = script(&[(Failure::Http(503), 1, Some(ALICE)), (Failure::Reset, 1, None)]);
        assert_eq!(script.next(BOB, false), Some(Failure::Reset));
        assert_eq!(script.next(BOB, false), None);
        assert_eq!(script.next(ALICE, true), Some(Failure::Http(503)));
        assert_eq!(script.next(ALICE, true), None);
    }

    #[test]
    fn what_can_happen_to_a_check_alone_waits_for_one() {
        for failure in [Failure::Status(2), Failure::Body(Body::OtherNumber)] {
            let mut script = script(&[(failure, 1, None)]);
            assert_eq!(script.next(ALICE, false), None);
            assert_eq!(script.next(ALICE, true), Some(failure));
        }
    }

    #[test]
    fn a_request_is_dropped_unread_when_its_turn_has_come() {
        let mut script = script(&[
            (Failure::Http(503), 1, Some(ALICE)),
            (Failure::Reset, 1, None),
            (Failure::Drop, 2, None),
        ]);
        assert!(!script.drops_next() && !script.drop_next());
        assert_eq!(script.next(BOB, false), Some(Failure::Reset));
        assert!(script.drops_next() && script.drop_next() && script.drop_next());
        assert!(!script.drops_next() && !script.drop_next());
        assert_eq!(script.len(), 1);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mut script = Script::default();
        let cases = [
            (Failure::Reason(1), 1, None),
            (Failure::Reason(5), 0, None),
            (Failure::Drop, 1, Some(ALICE.to_owned())),
        ];
        for (failure, count, to) in cases {
            let error = script.push(Entry { failure, count, to }).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{failure:?}");
        }
        assert_eq!(script.next(ALICE, true), None);
    }

    #[test]
    fn a_script_is_bounded() {
        let mut script = Script::default();
        let entry = Entry { failure: Failure::Http(500), count: u32::MAX, to: None };
        for _ in 0..ENTRIES {
            script.push(entry.clone()).unwrap();
        }
        assert_eq!(script.push(entry).unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
    }
}
