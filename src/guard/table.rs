//! Records by their keys, in sets of a fixed size: what memory and a file have in common.

use std::io;

use super::limits::Limits;
use super::record::{Head, Record, WORDS, Words};
use super::rules::{KINDS, Records};
use super::step::{Decision, Step};
use super::subject::{Key, Subjects};

/// The records of a set. A subject is in the set that its key names.
pub(super) const WAYS: usize = 10;

/// Where the records are.
pub(super) trait Cells {
    /// The number of sets.
    fn sets(&self) -> usize;

    /// The first words of each record of a set.
    fn heads(&mut self, set: usize) -> io::Result<[[u64; HEAD]; WAYS]>;

    /// A record of the set whose heads were read last.
    fn read(&mut self, set: usize, way: usize) -> Words;

    fn write(&mut self, set: usize, way: usize, words: &Words) -> io::Result<()>;
}

/// The words of a record that tell whose it is and when it was used.
pub(super) const HEAD: usize = Head::USED + 1;

/// Where the record of a subject is, or will be.
#[derive(Clone, Copy)]
struct Place {
    key: Key,
    set: usize,
    way: usize,
}

/// Does a step. Returns the decision, and whether a record was damaged and is lost.
pub(super) fn step(
    cells: &mut dyn Cells,
    step: &Step,
    subjects: &Subjects,
    limits: &Limits,
    now: u64,
) -> io::Result<(Decision, bool)> {
    let mut places = [None; KINDS];
    let mut records = Records([None; KINDS]);
    let mut is_damaged = false;
    let keys = step.keys(subjects, limits);
    // Checks do not count for the app: a flood of them must not push its record out.
    let needed = [keys[0], keys[1], keys[2], Some(subjects.app)];
    for (kind, &key) in keys.iter().enumerate() {
        let Some(key) = key else { continue };
        let (place, words) = find(cells, key, &needed, &places)?;
        let record = match words {
            None => Record::new(now),
            Some(words) => Record::decode(&words, Step::layout(kind)).unwrap_or_else(|| {
                is_damaged = true;
                Record::new(now)
            }),
        };
        (places[kind], records.0[kind]) = (Some(place), Some(record));
    }
    let (decision, has_changed) = step.run(&mut records, subjects, limits, now);
    if has_changed {
        for (kind, (place, record)) in places.iter().zip(&records.0).enumerate() {
            if let (Some(Place { key, set, way }), Some(record)) = (place, record) {
                cells.write(*set, *way, &record.encode(*key, now, Step::layout(kind)))?;
            }
        }
    }
    Ok((decision, is_damaged))
}

/// The place of a subject, and its record if it has one. A new subject takes a free place, or that of the
/// subject in the set that was not used for the longest time and is not `needed` by the same step.
fn find(
    cells: &mut dyn Cells,
    key: Key,
    needed: &[Option<Key>],
    occupied: &[Option<Place>],
) -> io::Result<(Place, Option<Words>)> {
    let (low, high) = key.words();
    let set = (low % cells.sets() as u64) as usize;
    let heads = cells.heads(set)?;
    let key_of = |head: &[u64; HEAD]| (head[Head::KEY], head[Head::KEY + 1]);
    if let Some(way) = heads.iter().position(|head| key_of(head) == (low, high)) {
        return Ok((Place { key, set, way }, Some(cells.read(set, way))));
    }
    let is_occupied =
        |way| occupied.iter().flatten().any(|place| (place.set, place.way) == (set, way));
    let is_needed =
        |way: usize| needed.iter().flatten().any(|key| key.words() == key_of(&heads[way]));
    let way = (0..WAYS)
        .filter(|&way| !is_occupied(way) && !is_needed(way))
        .min_by_key(|&way| heads[way][Head::USED])
        .expect("a step has fewer subjects than a set has places");
    Ok((Place { key, set, way }, None))
}

/// The size of a record in bytes.
pub(super) const RECORD: usize = WORDS * 8;
