//! What the service saw of each call, what the call answered, and whether the two agree.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use verifysms::{Code, Reached};

use crate::clients::Told;
use crate::service::Row;

/// How much later than its deadline a call may end.
const LATE: Duration = Duration::from_millis(100);
/// How much later still, when the machine has more to do than it has cores: the clients, their
/// threads, two servers and whatever else runs there.
const BUSY: Duration = Duration::from_millis(900);
/// Of how many calls in a hundred at most that is true.
const BUSY_PERCENT: usize = 1;

/// By the numbers of the calls.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Book>);

#[derive(Default)]
struct Book {
    calls: Vec<Call>,
    /// Requests that ended before they could be told apart.
    pieces: usize,
}

/// Both sides of a call.
#[derive(Clone, Default)]
struct Call {
    seen: u32,
    row: usize,
    told: u32,
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
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().expect("nobody panics with the lock")
    }

    /// The service saw a whole request, which meets a row.
    pub(crate) fn saw(&self, id: u32, row: usize) {
        let mut book = self.lock();
        let call = book.call(id);
        call.seen += 1;
        call.row = row;
    }

    /// The service saw a piece of a request.
    pub(crate) fn saw_a_piece(&self) {
        self.lock().pieces += 1;
    }

    /// A call ended.
    pub(crate) fn told(&self, told: &Told) {
        let mut book = self.lock();
        let call = book.call(told.id);
        call.told += 1;
        call.is_check = told.is_check;
        call.is_own = told.unique == told.id.to_string();
        call.code = told.code;
        call.reached = told.reached;
        call.elapsed = told.elapsed;
    }

    /// Holds both sides against each other; whatever does not agree ends the test.
    pub(crate) fn hold(&self, rows: &[Row], timeout: Duration) -> Summary {
        let book = self.lock();
        let mut summary = Summary::default();
        let mut complaints = Vec::new();
        let mut unread = 0;
        for (id, call) in book.calls.iter().enumerate() {
            if let Some(complaint) = call.complaint(rows) {
                let row = if call.seen > 0 { &rows[call.row].name } else { "not seen" };
                complaints.push(format!("call {id} ({row}): {complaint}"));
            } else {
                unread += usize::from(call.seen == 0 && call.reached() == Reached::Unknown);
                summary.add(call, timeout + LATE);
            }
        }
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
        assert!(book.pieces <= unread, "{} pieces of {unread} requests", book.pieces);
        let Summary { calls, longest, late, .. } = summary;
        assert!(longest < timeout + LATE + BUSY, "a call took {longest:?}");
        assert!(late * 100 <= calls * BUSY_PERCENT, "{late} of {calls} calls were late");
        summary
    }
}

impl Book {
    fn call(&mut self, id: u32) -> &mut Call {
        let index = id as usize;
        if self.calls.len() <= index {
            self.calls.resize(index + 1, Call::default());
        }
        &mut self.calls[index]
    }
}

impl Call {
    fn code(&self) -> Code {
        Code::from_number(self.code).expect("a code's number")
    }

    fn reached(&self) -> Reached {
        let all = [Reached::No, Reached::Yes, Reached::Unknown];
        all.into_iter().find(|reached| reached.number() == self.reached).expect("a number")
    }

    /// What is wrong between the two sides.
    fn complaint(&self, rows: &[Row]) -> Option<String> {
        if self.told != 1 || self.seen > 1 {
            return Some(format!("ended {} times, was seen {} times", self.told, self.seen));
        }
        let end = (self.code(), self.reached());
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
            let code = if self.is_check { row.check } else { row.send };
            let is_own = self.is_own || self.is_check || !row.is_own;
            let agrees = end == (code, row.reached) && is_own;
            (agrees || (is_over && end.1 == Reached::Unknown), format!("{code} {}", row.reached))
        };
        (!agrees).then(|| format!("{} {} instead of {wanted}", end.0, end.1))
    }
}

impl Summary {
    fn add(&mut self, call: &Call, limit: Duration) {
        self.calls += 1;
        self.seen += usize::from(call.seen > 0);
        self.late += usize::from(call.elapsed > limit);
        self.longest = self.longest.max(call.elapsed);
        let end = format!("{} {}", call.code(), call.reached());
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
