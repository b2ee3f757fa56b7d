//! What the service saw of each call, what the call answered, and whether the two agree.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use verifysms::{Code, Reached};

use crate::scenario::Expected;
use crate::support::CallEnd;
use crate::support::client_process::call_end;

use super::clients::EndedCall;
use super::service::Row;

/// How much later than its deadline a call may end.
const LATE: Duration = Duration::from_millis(100);
/// How much later still, when the machine has more to do than it has cores: the clients, their
/// threads, two servers and whatever else runs there.
const BUSY: Duration = Duration::from_millis(900);
/// Of how many calls in a hundred at most that is true.
const BUSY_PERCENT: usize = 1;

/// By the numbers of the calls.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Records>);

#[derive(Default)]
struct Records {
    calls: Vec<BothSides>,
    /// Requests that ended before they could be told apart.
    parts: usize,
}

/// Both sides of a call.
#[derive(Clone, Default)]
struct BothSides {
    seen: u32,
    row: usize,
    ended: u32,
    is_check: bool,
    /// Whether the message's id is the call's own number.
    is_own: bool,
    /// The number of a [`Code`].
    code: i32,
    /// The number of a [`Reached`].
    reached: i32,
    elapsed: Duration,
}

/// What the calls ended in.
#[derive(Default)]
pub(crate) struct Summary {
    calls: usize,
    seen: usize,
    ends: BTreeMap<String, usize>,
    longest: Duration,
    late: usize,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().expect("nobody panics with the lock")
    }

    /// The service saw a whole request, which meets a row.
    pub(crate) fn saw(&self, id: u32, row: usize) {
        let mut book = self.lock();
        let call = book.call(id);
        call.seen += 1;
        call.row = row;
    }

    /// The service saw a part of a request.
    pub(crate) fn saw_a_part(&self) {
        self.lock().parts += 1;
    }

    /// A call ended.
    pub(crate) fn ended(&self, ended: &EndedCall) {
        let mut book = self.lock();
        let call = book.call(ended.id);
        call.ended += 1;
        call.is_check = ended.is_check;
        call.is_own = ended.unique == ended.id.to_string();
        call.code = ended.code;
        call.reached = ended.reached;
        call.elapsed = ended.elapsed;
    }

    /// Compares both sides. Whatever does not agree fails the test.
    pub(crate) fn reconcile(&self, rows: &[Row], timeout: Duration) -> Summary {
        let book = self.lock();
        let mut summary = Summary::default();
        let mut complaints = Vec::new();
        let mut unread = 0;
        for (id, call) in book.calls.iter().enumerate() {
            if let Some(complaint) = call.complaint(rows) {
                let row = if call.seen > 0 { &rows[call.row].name } else { "not seen" };
                complaints.push(format!("call {id} ({row}): {complaint}"));
            } else {
                unread += usize::from(call.seen == 0 && call.end().1 == Reached::Unknown);
                summary.add(call, timeout + LATE);
            }
        }
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
        assert!(book.parts <= unread, "{} parts of {unread} requests", book.parts);
        let Summary { calls, longest, late, .. } = summary;
        assert!(longest < timeout + LATE + BUSY, "a call took {longest:?}");
        assert!(late * 100 <= calls * BUSY_PERCENT, "{late} of {calls} calls were late");
        summary
    }
}

impl Records {
    fn call(&mut self, id: u32) -> &mut BothSides {
        let index = id as usize;
        if self.calls.len() <= index {
            self.calls.resize(index + 1, BothSides::default());
        }
        &mut self.calls[index]
    }
}

impl BothSides {
    fn end(&self) -> CallEnd {
        call_end(self.code, self.reached)
    }

    /// What is wrong between the two sides.
    fn complaint(&self, rows: &[Row]) -> Option<String> {
        if self.ended != 1 || self.seen > 1 {
            return Some(format!("ended {} times, was seen {} times", self.ended, self.seen));
        }
        let end = self.end();
        let is_over = matches!(end.0, Code::Timeout | Code::Cancelled);
        let (agrees, wanted) = if self.seen == 0 {
            let is_lost = end.0 == Code::ConnectionLost || is_over;
            let agrees = match end.1 {
                Reached::No => matches!(end.0, Code::Connect | Code::Tls) || is_over,
                Reached::Unknown => is_lost,
                _ => false,
            };
            (agrees, "not reached".to_owned())
        } else {
            let row = &rows[self.row];
            let Expected { send, check, reached, .. } = row.expected;
            let code = if self.is_check { check } else { send };
            let is_own = self.is_own || self.is_check || !row.is_own;
            let agrees = end == (code, reached) && is_own;
            (agrees || (is_over && end.1 == Reached::Unknown), format!("{code} {reached}"))
        };
        (!agrees).then(|| format!("{} {} instead of {wanted}", end.0, end.1))
    }
}

impl Summary {
    fn add(&mut self, call: &BothSides, limit: Duration) {
        self.calls += 1;
        self.seen += usize::from(call.seen > 0);
        self.late += usize::from(call.elapsed > limit);
        self.longest = self.longest.max(call.elapsed);
        let (code, reached) = call.end();
        let end = format!("{code} {reached}");
        *self.ends.entry(end).or_default() += 1;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { calls, seen, ends, longest, late } = self;
        write!(f, "{calls} calls, {seen} requests seen")?;
        for (end, count) in ends {
            write!(f, ", {end} {count}")?;
        }
        write!(f, "; {late} late, the longest {} ms", longest.as_millis())
    }
}
