//! A step as a call of the script, and its answer.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::resp::Reply;
use crate::guard::limits::{Cooldown, Limits};
use crate::guard::step::{Counted, Decision, Shown, Step, Taken, Wait};
use crate::guard::subject::{Key, Subjects};
use crate::limit::Limit;

pub(super) const SCRIPT: &str = include_str!("script.lua");

/// The letters of the kinds of subjects, in the order of [`Step::keys`].
const KINDS: [char; 4] = ['n', 'u', 'r', 'a'];
/// What the script returns, before what it shows.
const RESULTS: usize = 13;

/// The name that Redis gives a script: its SHA-1.
pub(super) fn hash(script: &str) -> String {
    hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, script.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The arguments of the script: the number of its keys, the keys, and all that follows them.
pub(super) fn arguments(
    step: &Step,
    subjects: &Subjects,
    limits: &Limits,
    offset_ms: i64,
    namespace: &str,
) -> Vec<Vec<u8>> {
    let keys = step.keys(subjects, limits);
    let keys = || KINDS.iter().zip(&keys).filter_map(|(kind, key)| Some((kind, key.as_ref()?)));
    let name = |(kind, Key(key)): (&char, &Key)| format!("{{{namespace}}}:{kind}:{}", hex(key));
    let mut arguments = vec![keys().count().to_string()];
    arguments.extend(keys().map(name));
    arguments.extend([
        name_of(step).to_owned(),
        keys().map(|(kind, _)| kind).collect(),
        offset_ms.to_string(),
        match subjects.asker() {
            0 => String::new(),
            asker => format!("{asker:x}"),
        },
    ]);
    let mut arguments: Vec<_> = arguments.into_iter().map(String::into_bytes).collect();
    arguments.push(Limit::ALL.map(|limit| packed_limit(limits, limit)).concat());
    arguments.push(packed_taken(step));
    arguments
}

fn name_of(step: &Step) -> &'static str {
    match step {
        Step::Send => "send",
        Step::Sent(_) => "sent",
        Step::Check => "check",
        Step::Verified(_) => "verified",
        Step::Undo(_) => "undo",
        Step::Forget => "forget",
        Step::Show => "show",
    }
}

/// How many a limit allows, in how many seconds. 0 and 0: it is off.
fn packed_limit(limits: &Limits, limit: Limit) -> [u8; 8] {
    let (most, seconds) = match (limit, limits.cooldown, limits.rate(limit)) {
        (Limit::Cooldown, Cooldown::Stairs, _) => (1, 0),
        (Limit::Cooldown, Cooldown::Flat(seconds), _) => (1, seconds),
        (Limit::Cooldown, Cooldown::Off, _) | (_, _, None) => (0, 0),
        (_, _, Some(rate)) => (rate.most, rate.seconds),
    };
    (u64::from(most) << 32 | u64::from(seconds)).to_be_bytes()
}

/// What an earlier step has counted. Empty if there is none.
fn packed_taken(step: &Step) -> Vec<u8> {
    let (Step::Sent(taken) | Step::Verified(taken) | Step::Undo(taken)) = step else {
        return Vec::new();
    };
    let what: u32 = match taken.what {
        Counted::Send => 0,
        Counted::AskerFailure => 1,
        Counted::OtherFailure => 2,
    };
    let numbers = [what].into_iter().chain(taken.epochs);
    let mut packed = taken.time.to_be_bytes().to_vec();
    packed.extend(numbers.flat_map(u32::to_be_bytes));
    packed
}

/// Reads what the script returned. None: it is not that.
pub(super) fn decision(reply: &Reply) -> Option<Decision> {
    let Reply::Array(results) = reply else { return None };
    let results = results.iter().map(|result| match result {
        Reply::Integer(number) => Some(*number),
        _ => None,
    });
    let results: Vec<i64> = results.collect::<Option<_>>()?;
    let (results, shown) = results.split_at_checked(RESULTS)?;
    let &[refused, wait, time, what, next, next_wait, tries_left, near, ref epochs @ ..] = results
    else {
        return None;
    };
    let mut decision = Decision {
        refused: read_wait(refused, wait)?,
        taken: Taken {
            time: time.try_into().ok()?,
            what: match what {
                0 => Counted::Send,
                1 => Counted::AskerFailure,
                2 => Counted::OtherFailure,
                _ => return None,
            },
            epochs: [0; 5],
        },
        next: read_wait(next, next_wait)?,
        tries_left: match tries_left {
            -1 => None,
            left => Some(left.try_into().ok()?),
        },
        app_is_near: near == 1,
        shown: Vec::new(),
    };
    for (epoch, &read) in decision.taken.epochs.iter_mut().zip(epochs) {
        *epoch = read.try_into().ok()?;
    }
    match shown.len() {
        0 => return Some(decision),
        length if length == 2 * Limit::ALL.len() => {}
        _ => return None,
    }
    for (limit, pair) in Limit::ALL.into_iter().zip(shown.chunks_exact(2)) {
        if pair[0] >= 0 {
            let (count, wait_ms) = (pair[0].try_into().ok()?, pair[1].try_into().ok()?);
            decision.shown.push(Shown { limit, count, wait_ms });
        }
    }
    Some(decision)
}

/// The limit with this number and its wait. `Some(None)`: the number is 0, no limit.
fn read_wait(limit: i64, ms: i64) -> Option<Option<Wait>> {
    match limit {
        0 => Some(None),
        number => {
            let limit = Limit::from_number(number.try_into().ok()?)?;
            Some(Some(Wait { limit, ms: ms.try_into().ok()? }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECTS: Subjects = Subjects {
        number: Key([1; Key::LEN]),
        user: Some(Key([2; Key::LEN])),
        range: Key([3; Key::LEN]),
        app: Key([4; Key::LEN]),
    };

    fn integers(numbers: &[i64]) -> Reply {
        Reply::Array(numbers.iter().copied().map(Reply::Integer).collect())
    }

    #[test]
    fn a_step_names_its_keys_in_one_slot() {
        let mut limits = Limits::default();
        limits.set(Limit::SendsApp, 100, 60).unwrap();
        let written = arguments(&Step::Send, &SUBJECTS, &limits, -5, "ns");
        let texts = written[..8].iter().map(|bytes| std::str::from_utf8(bytes).unwrap());
        let [one, two, four] = ["01", "02", "04"].map(|byte| byte.repeat(16));
        let keys = format!("3 {{ns}}:n:{one} {{ns}}:u:{two} {{ns}}:a:{four}");
        assert_eq!(
            texts.collect::<Vec<_>>().join(" "),
            format!("{keys} send nua -5 202020202020202")
        );
        assert_eq!(written[8].len(), 9 * 8);
        assert_eq!(written[8][..16], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 2, 88]);
        assert_eq!(written[9..], [b""]);
    }

    #[test]
    fn a_later_step_gives_what_was_counted() {
        let mut limits = Limits::default();
        limits.set(Limit::Cooldown, 1, 20).unwrap();
        let taken = Taken { time: 7, what: Counted::OtherFailure, epochs: [1, 2, 3, 4, u32::MAX] };
        let none = Subjects { user: None, ..SUBJECTS };
        let written = arguments(&Step::Undo(taken), &none, &limits, 0, "ns");
        assert_eq!(written[0], b"1");
        assert_eq!(written[2..6].concat(), b"undon0");
        assert_eq!(written[6][..8], [0, 0, 0, 1, 0, 0, 0, 20]);
        let numbers = [[0, 0, 0, 2], [0, 0, 0, 1], [0, 0, 0, 2], [0, 0, 0, 3], [0, 0, 0, 4]];
        assert_eq!(
            written[7],
            [&[0, 0, 0, 0, 0, 0, 0, 7][..], &numbers.concat(), &[255; 4]].concat()
        );
    }

    #[test]
    fn an_answer_becomes_a_decision() {
        let answer = [0, 0, 1_700_000_000_000, 1, 7, 90, 0, 1, 1, 2, 3, 0, 4_294_967_295];
        let read = decision(&integers(&answer)).unwrap();
        let taken = Taken {
            time: 1_700_000_000_000,
            what: Counted::AskerFailure,
            epochs: [1, 2, 3, 0, u32::MAX],
        };
        let next = Some(Wait { limit: Limit::Tries, ms: 90 });
        assert_eq!((read.refused, read.taken, read.next), (None, taken, next));
        assert_eq!((read.tries_left, read.app_is_near), (Some(0), true));
        let refused = [2, 5000, 1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0];
        let mut shown = refused.to_vec();
        shown.extend((0..9).flat_map(|limit| [limit - 1, limit * 10]));
        let read = decision(&integers(&shown)).unwrap();
        assert_eq!(read.refused, Some(Wait { limit: Limit::SendsNumber, ms: 5000 }));
        assert_eq!((read.tries_left, read.shown.len()), (None, 8));
        assert_eq!(read.shown[0], Shown { limit: Limit::SendsNumber, count: 0, wait_ms: 10 });
    }

    #[test]
    fn an_answer_that_is_none_is_refused() {
        let good = [0, 0, 1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0];
        assert!(decision(&integers(&good)).is_some());
        for (at, bad) in
            [(0, 10), (0, -1), (2, -1), (3, 3), (4, 77), (6, -2), (8, -1), (9, 1 << 32)]
        {
            let mut answer = good;
            answer[at] = bad;
            assert!(decision(&integers(&answer)).is_none(), "{answer:?}");
        }
        let mut refused = good;
        (refused[0], refused[1]) = (1, -1);
        assert!(decision(&integers(&refused)).is_none());
        assert!(decision(&integers(&good[..12])).is_none());
        assert!(decision(&integers(&[&good[..], &[1]].concat())).is_none());
        assert!(decision(&Reply::Null).is_none());
        assert!(decision(&Reply::Array(vec![Reply::Null; 13])).is_none());
    }
}
