//! Failures on demand: what the next requests are answered instead of what they asked for.
//!
//! Knows nothing of requests: it is asked once for each.

use std::collections::VecDeque;
use std::io;

use serde::Deserialize;

use super::answer::Answer;
use crate::error::Reason;

/// How many entries may wait.
const ENTRIES: usize = 1000;

/// A way in which the sandbox can be told to fail. A request that fails so has no other effect.
///
/// The control API writes it `{"reason": 5}` or `{"http": 503}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Failure {
    /// The service says FAIL with this reason; 5 is its unknown error. Any number but 1.
    Reason(i64),
    /// An HTTP error with a page of HTML instead of the service's answer: 400 to 599.
    Http(u16),
}

/// The failures that wait for their requests, in the order in which they were asked for.
#[derive(Default)]
pub(super) struct Script {
    waiting: VecDeque<(Failure, u32)>,
}

impl Script {
    /// Lets the `count` requests after those already scripted fail.
    pub(super) fn push(&mut self, failure: Failure, count: u32) -> io::Result<()> {
        let refusal = match failure {
            Failure::Reason(1) => "reason 1 is no failure: name another number",
            Failure::Http(0..400 | 600..) => "an HTTP failure has a status of 400 to 599",
            _ if count == 0 => "count is how many requests fail: at least 1",
            _ if self.waiting.len() == ENTRIES => "too many failures wait: reset, or use count",
            _ => {
                self.waiting.push_back((failure, count));
                return Ok(());
            }
        };
        Err(io::Error::new(io::ErrorKind::InvalidInput, refusal))
    }

    /// How the request that comes now fails, if it does.
    pub(super) fn next(&mut self) -> Option<Answer> {
        let (failure, left) = self.waiting.front_mut()?;
        let answer = match *failure {
            Failure::Reason(reason) => Answer::Failed(Reason(reason)),
            Failure::Http(status) => Answer::Http(status),
        };
        *left -= 1;
        if *left == 0 {
            self.waiting.pop_front();
        }
        Some(answer)
    }

    /// How many of the next requests fail.
    pub(super) fn len(&self) -> u64 {
        self.waiting.iter().map(|&(_, count)| u64::from(count)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_requests_fail_in_the_order_asked_for() {
        let mut script = Script::default();
        script.push(Failure::Reason(5), 2).unwrap();
        script.push(Failure::Http(503), 1).unwrap();
        assert_eq!(script.len(), 3);
        assert_eq!(script.next(), Some(Answer::Failed(Reason(5))));
        assert_eq!(script.next(), Some(Answer::Failed(Reason(5))));
        assert_eq!(script.next(), Some(Answer::Http(503)));
        assert_eq!(script.next(), None);
        assert_eq!(script.len(), 0);
    }

    #[test]
    fn what_is_no_failure_is_refused() {
        let mut script = Script::default();
        let cases = [
            (Failure::Reason(1), 1),
            (Failure::Reason(5), 0),
            (Failure::Http(200), 1),
            (Failure::Http(399), 1),
            (Failure::Http(600), 1),
        ];
        for (failure, count) in cases {
            let error = script.push(failure, count).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{failure:?}");
        }
        assert_eq!(script.next(), None);
    }

    #[test]
    fn a_script_is_bounded() {
        let mut script = Script::default();
        for _ in 0..ENTRIES {
            script.push(Failure::Http(500), u32::MAX).unwrap();
        }
        assert!(script.push(Failure::Http(500), 1).is_err());
    }
}
