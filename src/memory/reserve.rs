//! Memory for when the system has none: Rust ends a process that gets no memory, and this library is
//! a guest in it.
//!
//! Lock-free, so that no fork and no thread can leave it locked. Knows nothing of who allocates.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Half of the region is for small pieces, half for large ones.
const HALF: usize = 512 * 1024;
/// A region has this alignment, and no piece has a larger one.
const PAGE: usize = 4096;
const REGION: Layout = match Layout::from_size_align(2 * HALF, PAGE) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};
/// How often a piece is asked for that there is no room for, a millisecond apart: other calls are about
/// to end and to give theirs back.
const TRIES: usize = 2000;

/// NULL until it is [set aside](set_aside), and never given back.
static START: AtomicPtr<u8> = AtomicPtr::new(null_mut());
/// How often the system had no memory for a piece.
static SHORTAGES: AtomicUsize = AtomicUsize::new(0);

/// A word for each block, with a bit for each of its grains. A piece is a run of grains in a block.
struct Blocks<Words: ?Sized = [AtomicU64]> {
    /// Where in the region the blocks begin.
    start: usize,
    /// In bytes.
    grain: usize,
    taken: Words,
}

/// Blocks of a page each.
static SMALL: Blocks<[AtomicU64; HALF / PAGE]> =
    Blocks { start: 0, grain: PAGE / 64, taken: [const { AtomicU64::new(0) }; HALF / PAGE] };
/// Blocks of 128 KiB each. A call needs no larger piece, unless a text of the caller's is larger: room
/// for that is asked for in a way that may fail.
static LARGE: Blocks<[AtomicU64; HALF / (32 * PAGE)]> = Blocks {
    start: HALF,
    grain: PAGE / 2,
    taken: [const { AtomicU64::new(0) }; HALF / (32 * PAGE)],
};

impl Blocks {
    /// The blocks that a piece comes from, if it is not too large for any.
    fn of(layout: Layout) -> Option<&'static Blocks> {
        let all: [&Blocks; 2] = [&SMALL, &LARGE];
        let fits = |blocks: &&Blocks| layout.size() <= 64 * blocks.grain;
        all.into_iter().find(fits).filter(|_| layout.align() <= PAGE)
    }

    fn grains(&self, layout: Layout) -> usize {
        layout.size().div_ceil(self.grain)
    }

    /// Where in the region a new piece begins.
    fn take(&self, layout: Layout) -> Option<usize> {
        let grains = self.grains(layout);
        let places = (0..=64 - grains).step_by(layout.align().div_ceil(self.grain));
        self.taken.iter().enumerate().find_map(|(block, word)| {
            let mut at = 0;
            let free = word.fetch_update(Ordering::Acquire, Ordering::Relaxed, |taken| {
                at = places.clone().find(|&at| taken & run(at, grains) == 0)?;
                Some(taken | run(at, grains))
            });
            free.ok().map(|_| self.start + (64 * block + at) * self.grain)
        })
    }

    fn give_back(&self, place: usize, layout: Layout) {
        let grain = (place - self.start) / self.grain;
        let run = run(grain % 64, self.grains(layout));
        self.taken[grain / 64].fetch_and(!run, Ordering::Release);
    }
}

/// So many bits in a row.
fn run(at: usize, count: usize) -> u64 {
    u64::MAX >> (64 - count) << at
}

/// Makes sure that there is a region; whether there is one. Nothing is promised before.
pub(crate) fn set_aside() -> bool {
    if !START.load(Ordering::Acquire).is_null() {
        return true;
    }
    // SAFETY: the layout has a size.
    let region = unsafe { System.alloc(REGION) };
    if region.is_null() {
        return false;
    }
    let is_anothers =
        START.compare_exchange(null_mut(), region, Ordering::AcqRel, Ordering::Acquire).is_err();
    if is_anothers {
        // SAFETY: just made, and nobody else's.
        unsafe { System.dealloc(region, REGION) };
    }
    true
}

/// How often the system had no memory for a piece so far.
pub(super) fn shortages() -> usize {
    SHORTAGES.load(Ordering::Relaxed)
}

/// A piece when the system has none, or NULL.
#[cold]
pub(super) fn take(layout: Layout) -> *mut u8 {
    let start = START.load(Ordering::Acquire);
    let Some(blocks) = Blocks::of(layout).filter(|_| !start.is_null()) else { return null_mut() };
    SHORTAGES.fetch_add(1, Ordering::Relaxed);
    for _ in 0..TRIES {
        if let Some(place) = blocks.take(layout) {
            return start.wrapping_add(place);
        }
        std::thread::sleep(Duration::from_millis(1));
        // SAFETY: a layout that somebody wants memory for.
        let piece = unsafe { System.alloc(layout) };
        if !piece.is_null() {
            return piece;
        }
    }
    null_mut()
}

/// Takes a piece back if it is one of the region's; whether it is.
pub(super) fn give_back(piece: *mut u8, layout: Layout) -> bool {
    let start = START.load(Ordering::Relaxed);
    let place = piece.addr().wrapping_sub(start.addr());
    let is_ours = !start.is_null() && place < REGION.size();
    if let (true, Some(blocks)) = (is_ours, Blocks::of(layout)) {
        blocks.give_back(place, layout);
    }
    is_ours
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// Held by a test that takes all of the region.
    static ALONE: Mutex<()> = Mutex::new(());

    /// Takes pieces of all kinds until there is no room, marks each as its own, and gives them back.
    fn use_up(own: u8) -> usize {
        assert!(set_aside());
        let start = START.load(Ordering::Acquire);
        let sizes = [1, 64, 65, 200, 1000, PAGE, PAGE + 1, 50_000, 64 * LARGE.grain];
        let mut pieces = Vec::new();
        for (&size, &alignment) in
            sizes.iter().cycle().zip([1, 8, 64, 128, 1024, PAGE].iter().cycle())
        {
            let layout = Layout::from_size_align(size, alignment).expect("a layout");
            let blocks = Blocks::of(layout).expect("it is small enough");
            let Some(place) = blocks.take(layout) else { break };
            let piece = start.wrapping_add(place);
            assert_eq!(piece.addr() % alignment, 0);
            // SAFETY: a piece of this size that was just taken.
            unsafe { piece.write_bytes(own, size) };
            pieces.push((piece, layout));
        }
        for &(piece, layout) in &pieces {
            // SAFETY: a piece of this size that is not given back yet.
            let written = unsafe { std::slice::from_raw_parts(piece, layout.size()) };
            assert!(written.iter().all(|&byte| byte == own), "somebody else has this piece too");
            assert!(give_back(piece, layout));
        }
        pieces.len()
    }

    #[test]
    fn every_piece_is_somebodys_alone_and_comes_back() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = use_up(1);
        assert!(alone > 20, "{alone}");
        std::thread::scope(|scope| {
            for own in 2..6 {
                scope.spawn(move || (0..20).for_each(|_| assert!(use_up(own) > 0)));
            }
        });
        let words = SMALL.taken.iter().chain(&LARGE.taken);
        assert!(words.map(|word| word.load(Ordering::Relaxed)).all(|taken| taken == 0));
        assert_eq!(use_up(1), alone);
    }

    #[test]
    fn the_system_is_asked_again_when_there_is_no_room() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(set_aside());
        let (layout, before) = (Layout::new::<u64>(), shortages());
        SMALL.taken.iter().for_each(|word| word.store(u64::MAX, Ordering::Relaxed));
        let piece = take(layout);
        SMALL.taken.iter().for_each(|word| word.store(0, Ordering::Relaxed));
        assert!(!piece.is_null());
        assert!(!give_back(piece, layout));
        assert_eq!(shortages(), before + 1);
        // SAFETY: a piece that the system gave for this layout.
        unsafe { System.dealloc(piece, layout) };
    }

    #[test]
    fn what_is_too_large_is_refused_at_once_and_no_shortage() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(set_aside());
        let before = shortages();
        for (size, alignment) in [(64 * LARGE.grain + 1, 1), (1, 2 * PAGE)] {
            assert!(take(Layout::from_size_align(size, alignment).expect("a layout")).is_null());
        }
        assert_eq!(shortages(), before);
    }
}
