//! What a store keeps of a subject, and its form of fixed size.

use super::limits::Cooldown;
use super::subject::Key;
use super::window::{BUCKETS, Window};

/// How many sends count for the cooldown. With the pauses between them, 10 minutes have no more.
const RECENT: usize = 8;
/// The windows of a record.
const WINDOWS: usize = 6;

/// The size of a record, in words of 8 bytes.
pub(super) const WORDS: usize = 49;
/// A record as a store has it. All zero: none.
pub(super) type Words = [u64; WORDS];

/// What a store keeps of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) windows: [Window; WINDOWS],
    /// When the last sends to a number were, the oldest first. 0: none.
    pub(super) recent: [u64; RECENT],
    /// When the last send was counted that was not undone, if it is not verified. 0: none.
    pub(super) sent_at: u64,
    /// The end user who asked for the last code. 0: none was given.
    pub(super) asker: u64,
}

/// How wide the counts of a record are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A number: six windows with counts of 16 bits.
    Number,
    /// Any other subject: two windows with counts of 32 bits.
    Other,
}

impl Record {
    pub(super) fn new(now: u64) -> Record {
        Record { windows: [Window::new(now); WINDOWS], recent: [0; RECENT], sent_at: 0, asker: 0 }
    }

    /// How many sends count for the cooldown after the last: those of the time before it. 0 once the last one
    /// is as old.
    pub(super) fn recent_sends(&self, now: u64, cooldown: Cooldown) -> usize {
        let last = self.last_send();
        if now.saturating_sub(last) >= cooldown.memory() {
            return 0;
        }
        let counts = |&&time: &&u64| time > 0 && last - time < cooldown.memory();
        self.recent.iter().filter(counts).count()
    }

    fn last_send(&self) -> u64 {
        self.recent.into_iter().max().unwrap_or(0)
    }

    /// Milliseconds until the cooldown allows a send, and whether the record had to be corrected: a send in
    /// the future, after a clock was set back, is taken for now.
    pub(super) fn cooldown(&mut self, now: u64, cooldown: Cooldown) -> (u64, bool) {
        let is_future = self.last_send() > now;
        self.recent = self.recent.map(|time| time.min(now));
        let pause = cooldown.pause(self.recent_sends(now, cooldown));
        let wait = pause.map_or(0, |pause| (self.last_send() + pause).saturating_sub(now));
        (wait, is_future)
    }

    /// Counts a send for the cooldown.
    pub(super) fn add_recent(&mut self, now: u64) {
        self.recent.rotate_left(1);
        self.recent[RECENT - 1] = now;
    }

    /// Takes back a send that was counted at `time`.
    pub(super) fn take_back_recent(&mut self, time: u64) {
        if let Some(index) = self.recent.iter().position(|&recent| recent == time) {
            self.recent[index] = 0;
            self.recent[..=index].rotate_right(1);
        }
    }

    /// Writes the record, its key and when it was used.
    pub(super) fn encode(&self, key: Key, used: u64, layout: Layout) -> Words {
        let mut words = [0; WORDS];
        words[Head::KEY] = key.words().0;
        words[Head::KEY + 1] = key.words().1;
        words[Head::USED] = used;
        words[Head::ASKER] = self.asker;
        words[Head::SENT_AT] = self.sent_at;
        words[Head::RECENT..Head::WINDOWS].copy_from_slice(&self.recent);
        let mut bytes = [0; WINDOW_BYTES];
        let mut rest = &mut bytes[..];
        for window in self.windows.iter().take(layout.windows()) {
            for number in [window.newest, window.epoch, window.seconds] {
                put(&mut rest, number.to_le_bytes());
            }
            for &count in &window.counts {
                match layout {
                    Layout::Number => put(&mut rest, (count.min(MAX_COUNT) as u16).to_le_bytes()),
                    Layout::Other => put(&mut rest, count.to_le_bytes()),
                }
            }
        }
        for (word, bytes) in words[Head::WINDOWS..].iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().expect("8 bytes"));
        }
        words[Head::CHECKSUM] = checksum(&words);
        words
    }

    /// Reads a record. None if it is damaged.
    pub(super) fn decode(words: &Words, layout: Layout) -> Option<Record> {
        if words[Head::CHECKSUM] != checksum(words) {
            return None;
        }
        let mut record = Record::new(0);
        record.asker = words[Head::ASKER];
        record.sent_at = words[Head::SENT_AT];
        record.recent.copy_from_slice(&words[Head::RECENT..Head::WINDOWS]);
        let mut bytes = [0; WINDOW_BYTES];
        for (bytes, word) in bytes.chunks_exact_mut(8).zip(&words[Head::WINDOWS..]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut rest = &bytes[..];
        for window in record.windows.iter_mut().take(layout.windows()) {
            for number in [&mut window.newest, &mut window.epoch, &mut window.seconds] {
                *number = u32::from_le_bytes(take(&mut rest));
            }
            for count in &mut window.counts {
                *count = match layout {
                    Layout::Number => u16::from_le_bytes(take(&mut rest)).into(),
                    Layout::Other => u32::from_le_bytes(take(&mut rest)),
                };
            }
        }
        Some(record)
    }
}

/// Where the parts of a record are.
pub(super) struct Head;

impl Head {
    const CHECKSUM: usize = 0;
    pub(super) const KEY: usize = 1;
    pub(super) const USED: usize = 3;
    const ASKER: usize = 4;
    const SENT_AT: usize = 5;
    const RECENT: usize = 6;
    const WINDOWS: usize = Head::RECENT + RECENT;
}

impl Layout {
    fn windows(self) -> usize {
        match self {
            Layout::Number => WINDOWS,
            Layout::Other => 2,
        }
    }
}

/// The bytes of the windows of a record.
const WINDOW_BYTES: usize = (WORDS - Head::WINDOWS) * 8;
/// The largest count of a number.
const MAX_COUNT: u32 = u16::MAX as u32;
const _: () = {
    assert!(WINDOWS * (12 + 2 * BUCKETS) <= WINDOW_BYTES, "the windows of a number fit");
    assert!(2 * (12 + 4 * BUCKETS) <= WINDOW_BYTES, "those of others fit");
};

/// Writes bytes to the beginning of `rest`, and moves it behind them.
fn put<const N: usize>(rest: &mut &mut [u8], bytes: [u8; N]) {
    let (first, others) = std::mem::take(rest).split_at_mut(N);
    first.copy_from_slice(&bytes);
    *rest = others;
}

/// Takes bytes from the beginning of `rest`.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (first, others) = rest.split_first_chunk().expect("the windows fit");
    *rest = others;
    *first
}

/// Notices a record that was written in part, or by something else. Four FNV-1a hashes side by side, each of every
/// fourth word, which the processor computes at once; then the hash of the four.
fn checksum(words: &Words) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const _: () = assert!((WORDS - 1) % 4 == 0, "all words are in a group of four");
    let mut lanes = [BASIS, BASIS ^ 1, BASIS ^ 2, BASIS ^ 3];
    for group in words[Head::CHECKSUM + 1..].chunks_exact(4) {
        for (lane, &word) in lanes.iter_mut().zip(group) {
            *lane = hash(*lane, word);
        }
    }
    lanes.into_iter().fold(BASIS, hash)
}

fn hash(hash: u64, word: u64) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = (hash ^ word).wrapping_mul(PRIME);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let mut record = Record::new(77);
        for (i, window) in (0..).zip(&mut record.windows) {
            window.newest = u32::MAX - i;
            window.seconds = i;
            window.counts = std::array::from_fn(|bucket| i * 100 + bucket as u32);
        }
        record.recent[7] = u64::MAX;
        (record.sent_at, record.asker) = (1, u64::MAX);
        record
    }

    /// A file may be moved to another machine, and programs of 32 and 64 bits share one.
    #[test]
    fn every_machine_writes_the_same_record() {
        let key = Key(std::array::from_fn(|at| at as u8));
        let words = record().encode(key, 0x0102_0304_0506_0708, Layout::Number);
        assert_eq!(words[Head::CHECKSUM], 0x0d0e_64e9_87b0_0974);
        assert_eq!(words[Head::KEY..][..2], [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]);
        assert_eq!(words[Head::USED], 0x0102_0304_0506_0708);
        let window = [0x0000_004d_ffff_ffff, 0x0001_0000_0000_0000, 0x0005_0004_0003_0002];
        assert_eq!(words[Head::WINDOWS..][..3], window);
    }

    #[test]
    fn a_record_survives_its_encoding() {
        let (record, key) = (record(), Key([7; Key::LEN]));
        let number = Record::decode(&record.encode(key, 9, Layout::Number), Layout::Number);
        assert_eq!(number, Some(record));
        let mut other = record;
        other.windows[1].counts[3] = u32::MAX;
        let read = Record::decode(&other.encode(key, 9, Layout::Other), Layout::Other).unwrap();
        assert_eq!(read.windows[..2], other.windows[..2]);
    }

    #[test]
    fn a_damaged_record_is_noticed() {
        let words = record().encode(Key([7; Key::LEN]), 9, Layout::Number);
        for index in 0..WORDS {
            let mut damaged = words;
            damaged[index] ^= 1 << 40;
            assert_eq!(Record::decode(&damaged, Layout::Number), None, "word {index}");
        }
    }

    #[test]
    fn the_pauses_grow_with_the_sends_and_shrink_when_one_is_taken_back() {
        let mut record = Record::new(0);
        let mut now = 1_000_000;
        for seconds in [30, 40, 60, 90, 120, 120] {
            assert_eq!(record.cooldown(now, Cooldown::Stairs).0, 0);
            record.add_recent(now);
            assert_eq!(record.cooldown(now, Cooldown::Stairs).0, seconds * 1000);
            now += seconds * 1000;
        }
        let last = now - 120_000;
        record.take_back_recent(last);
        assert_eq!(
            record.cooldown(last, Cooldown::Stairs).0,
            0,
            "the one before has waited enough"
        );
        record.add_recent(last + 1);
        assert_eq!(record.cooldown(last + 1, Cooldown::Stairs).0, 120_000);
        assert_eq!(record.cooldown(last + 600_000, Cooldown::Stairs).0, 0);
    }

    #[test]
    fn a_send_in_the_future_does_not_stop_the_next_for_longer_than_a_pause() {
        let mut record = Record::new(0);
        record.add_recent(9_000_000);
        assert_eq!(record.cooldown(5000, Cooldown::Flat(20)).0, 20_000);
        assert_eq!(record.cooldown(25_000, Cooldown::Flat(20)).0, 0);
    }
}
