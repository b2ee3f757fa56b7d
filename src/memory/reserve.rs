//! Memory for when the system has none. Rust aborts a process whose allocation fails, and this library is a
//! guest in a process of others.
//!
//! Lock-free, so that neither a fork nor a thread can leave it locked.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Half of the region is for small allocations, half for large ones.
const HALF: usize = 512 * 1024;
/// The alignment of the region, and the largest alignment of an allocation.
const PAGE: usize = 4096;
const REGION: Layout = match Layout::from_size_align(2 * HALF, PAGE) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};
/// How often a full arena is tried again, a millisecond apart. Other calls are about to end and to free
/// their allocations.
const TRIES: usize = 2000;

/// The region. NULL until [`init_reserve`]; never freed.
static START: AtomicPtr<u8> = AtomicPtr::new(null_mut());
/// How often an allocation of the system has failed.
static SHORTAGES: AtomicUsize = AtomicUsize::new(0);

/// A part of the region, divided into blocks of 64 units. An allocation is a run of units in one block.
struct Arena<Bitmaps: ?Sized = [AtomicU64]> {
    /// Where it begins in the region.
    start: usize,
    /// The size of a unit in bytes.
    unit: usize,
    /// A bitmap for each block: the units in use.
    used: Bitmaps,
}

/// Blocks of a page each.
static SMALL: Arena<[AtomicU64; HALF / PAGE]> =
    Arena { start: 0, unit: PAGE / 64, used: [const { AtomicU64::new(0) }; HALF / PAGE] };
/// Blocks of 128 KiB each. A call needs no larger allocation, except for texts of the caller, and those
/// are fallible.
static LARGE: Arena<[AtomicU64; HALF / (32 * PAGE)]> =
    Arena { start: HALF, unit: PAGE / 2, used: [const { AtomicU64::new(0) }; HALF / (32 * PAGE)] };

impl Arena {
    /// The arena for a layout. None if it is too large for both.
    fn of(layout: Layout) -> Option<&'static Arena> {
        let all: [&Arena; 2] = [&SMALL, &LARGE];
        let fits = |arena: &&Arena| layout.size() <= 64 * arena.unit;
        all.into_iter().find(fits).filter(|_| layout.align() <= PAGE)
    }

    fn units(&self, layout: Layout) -> usize {
        layout.size().div_ceil(self.unit)
    }

    /// Allocates, and returns the offset in the region. None if there is no room.
    fn alloc(&self, layout: Layout) -> Option<usize> {
        let units = self.units(layout);
        let positions = (0..=64 - units).step_by(layout.align().div_ceil(self.unit));
        self.used.iter().enumerate().find_map(|(block, bitmap)| {
            let mut at = 0;
            let free = bitmap.fetch_update(Ordering::Acquire, Ordering::Relaxed, |used| {
                at = positions.clone().find(|&at| used & run(at, units) == 0)?;
                Some(used | run(at, units))
            });
            free.ok().map(|_| self.start + (64 * block + at) * self.unit)
        })
    }

    fn free(&self, offset: usize, layout: Layout) {
        let unit = (offset - self.start) / self.unit;
        let run = run(unit % 64, self.units(layout));
        self.used[unit / 64].fetch_and(!run, Ordering::Release);
    }
}

/// A bitmap with `count` bits set from bit `at` on.
fn run(at: usize, count: usize) -> u64 {
    u64::MAX >> (64 - count) << at
}

/// Allocates the region, unless it exists. Returns whether it exists now. Without it there is no reserve.
pub(crate) fn init_reserve() -> bool {
    if !START.load(Ordering::Acquire).is_null() {
        return true;
    }
    // SAFETY: the size of the layout is not 0.
    let region = unsafe { System.alloc(REGION) };
    if region.is_null() {
        return false;
    }
    let exists =
        START.compare_exchange(null_mut(), region, Ordering::AcqRel, Ordering::Acquire).is_err();
    // seldom covered: two threads make the first call of the process at the same instant.
    if exists {
        // SAFETY: allocated above with this layout, and not shared.
        unsafe { System.dealloc(region, REGION) };
    }
    true
}

/// How often an allocation of the system has failed so far.
pub(super) fn shortages() -> usize {
    SHORTAGES.load(Ordering::Relaxed)
}

/// Allocates from the reserve, or from the system if it has memory again. NULL if neither has.
#[cold]
pub(super) fn alloc(layout: Layout) -> *mut u8 {
    alloc_counted(layout, &SHORTAGES)
}

/// The same, with the shortage counted in `shortages`.
fn alloc_counted(layout: Layout, shortages: &AtomicUsize) -> *mut u8 {
    let start = START.load(Ordering::Acquire);
    let Some(arena) = Arena::of(layout).filter(|_| !start.is_null()) else { return null_mut() };
    shortages.fetch_add(1, Ordering::Relaxed);
    let from_system = || {
        std::thread::sleep(Duration::from_millis(1));
        // SAFETY: the layout comes from a caller of the allocator.
        let block = unsafe { System.alloc(layout) };
        (!block.is_null()).then_some(block)
    };
    let from_reserve = || arena.alloc(layout).map(|offset| start.wrapping_add(offset));
    (0..TRIES).find_map(|_| from_reserve().or_else(from_system)).unwrap_or(null_mut())
}

/// Frees a block, if it is from the reserve. Returns whether it is.
pub(super) fn free(block: *mut u8, layout: Layout) -> bool {
    let start = START.load(Ordering::Relaxed);
    let offset = block.addr().wrapping_sub(start.addr());
    let is_ours = !start.is_null() && offset < REGION.size();
    if let (true, Some(arena)) = (is_ours, Arena::of(layout)) {
        arena.free(offset, layout);
    }
    is_ours
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// Held by each test, because it uses up the region.
    static ALONE: Mutex<()> = Mutex::new(());

    /// Allocates blocks of all kinds until there is no room, fills each with `own`, and frees them.
    fn use_up(own: u8) -> usize {
        assert!(init_reserve());
        let start = START.load(Ordering::Acquire);
        let sizes = [1, 64, 65, 200, 1000, PAGE, PAGE + 1, 50_000, 64 * LARGE.unit];
        let mut blocks = Vec::new();
        for (&size, &alignment) in
            sizes.iter().cycle().zip([1, 8, 64, 128, 1024, PAGE].iter().cycle())
        {
            let layout = Layout::from_size_align(size, alignment).expect("a layout");
            let arena = Arena::of(layout).expect("it is small enough");
            let Some(offset) = arena.alloc(layout) else { break };
            let block = start.wrapping_add(offset);
            assert_eq!(block.addr() % alignment, 0);
            // SAFETY: a block of this size that was just allocated.
            unsafe { block.write_bytes(own, size) };
            blocks.push((block, layout));
        }
        for &(block, layout) in &blocks {
            // SAFETY: a block of this size that is not freed yet.
            let written = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            assert!(written.iter().all(|&byte| byte == own), "somebody else has this block too");
            assert!(free(block, layout));
        }
        blocks.len()
    }

    #[test]
    fn every_block_has_one_owner_and_can_be_used_again() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = use_up(1);
        assert!(alone > 20, "{alone}");
        std::thread::scope(|scope| {
            for own in 2..6 {
                scope.spawn(move || (0..20).for_each(|_| assert!(use_up(own) > 0)));
            }
        });
        let words = SMALL.used.iter().chain(&LARGE.used);
        assert!(words.map(|word| word.load(Ordering::Relaxed)).all(|used| used == 0));
        assert_eq!(use_up(1), alone);
    }

    #[test]
    fn the_system_is_asked_again_when_there_is_no_room() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(init_reserve());
        // Its own: one in the process's count would end the calls of the tests beside this one.
        let (layout, counted) = (Layout::new::<u64>(), AtomicUsize::new(0));
        SMALL.used.iter().for_each(|word| word.store(u64::MAX, Ordering::Relaxed));
        let block = alloc_counted(layout, &counted);
        SMALL.used.iter().for_each(|word| word.store(0, Ordering::Relaxed));
        assert!(!block.is_null());
        assert!(!free(block, layout));
        assert_eq!(counted.into_inner(), 1);
        // SAFETY: a block that the system gave for this layout.
        unsafe { System.dealloc(block, layout) };
    }

    #[test]
    fn what_is_too_large_is_refused_at_once_and_no_shortage() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(init_reserve());
        let before = shortages();
        for (size, alignment) in [(64 * LARGE.unit + 1, 1), (1, 2 * PAGE)] {
            assert!(alloc(Layout::from_size_align(size, alignment).expect("a layout")).is_null());
        }
        assert_eq!(shortages(), before);
    }
}
