//! Memory for when the system has none: Rust ends a process that gets no memory, and this library is
//! a guest in it.
//!
//! A small allocator stands in for the system's until the call that noticed has ended. It takes no
//! lock, so that no fork and no thread can leave it locked, and has all back once what a call made is
//! freed. Knows nothing of who allocates.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// The unit of small pieces, and of their alignment, in bytes.
const GRAIN: usize = 64;
/// The unit of large pieces: as many grains as a word has bits.
const PAGE: usize = 64 * GRAIN;
/// How many pages the reserve has.
const PAGES: usize = 2048;
/// The largest piece. A call of ours needs none that is larger, unless the caller's own texts are:
/// room for those is asked for in a way that may fail.
const LARGEST: usize = 256 * 1024;
/// How often a piece is asked for that the reserve has no room for, a millisecond apart: other calls
/// are about to end and to give theirs back.
const TRIES: usize = 2000;

/// The allocator of a process's guest: the system's, and a reserve for when that one has nothing.
pub(super) struct Reserve;

#[repr(align(4096))]
struct Room(UnsafeCell<[u8; PAGE * PAGES]>);

// SAFETY: whoever takes a piece of the room has it alone, by the bits in `TAKEN`.
unsafe impl Sync for Room {}

/// All zeros, so that it is no part of a file, and no part of the memory in use until it is needed.
static ROOM: Room = Room(UnsafeCell::new([0; PAGE * PAGES]));

/// A word a page, a bit a grain.
static TAKEN: [AtomicU64; PAGES] = [const { AtomicU64::new(0) }; PAGES];

/// Where the current thread keeps whether it took from the reserve: a key of the C library and one
/// more, or 0 as long as nobody asked. Unlike Rust's it needs no memory once a call has begun.
static KEY: AtomicUsize = AtomicUsize::new(0);

// SAFETY: each function passes on what the system's allocator or the reserve promises, and a piece
// goes back to the one that it came from. `realloc` is the trait's own, a new piece and a copy.
unsafe impl GlobalAlloc for Reserve {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let piece = unsafe { System.alloc(layout) };
        if piece.is_null() { scarce(layout) } else { piece }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let mut piece = unsafe { System.alloc_zeroed(layout) };
        if piece.is_null() {
            piece = scarce(layout);
            if !piece.is_null() {
                // SAFETY: a piece of this size that nobody else has.
                unsafe { piece.write_bytes(0, layout.size()) };
            }
        }
        piece
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        match place(piece) {
            // SAFETY: the caller's promise.
            None => unsafe { System.dealloc(piece, layout) },
            Some(at) => give_back(at, layout),
        }
    }
}

/// A piece of the reserve, or NULL; the thread that asks has been short of memory.
#[cold]
fn scarce(layout: Layout) -> *mut u8 {
    remember();
    if layout.size() > LARGEST || layout.align() > PAGE {
        return null_mut();
    }
    for _ in 0..TRIES {
        if let Some(at) = take(layout) {
            return ROOM.0.get().cast::<u8>().wrapping_add(at);
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

/// Where in the room a piece begins, if it is one of the room's.
fn place(piece: *mut u8) -> Option<usize> {
    let at = piece.addr().wrapping_sub(ROOM.0.get().addr());
    (at < PAGE * PAGES).then_some(at)
}

/// Takes a piece out of a page, or several pages in a row.
fn take(layout: Layout) -> Option<usize> {
    if layout.size() > PAGE {
        return take_pages(layout.size().div_ceil(PAGE));
    }
    let grains = layout.size().div_ceil(GRAIN).max(1);
    TAKEN.iter().enumerate().find_map(|(page, word)| {
        let taken = word.fetch_update(Ordering::Acquire, Ordering::Relaxed, |taken| {
            Some(taken | bits(free_at(taken, grains, layout.align())?, grains))
        });
        Some(page * PAGE + free_at(taken.ok()?, grains, layout.align())? * GRAIN)
    })
}

/// The first grain of so many in a row that are free.
fn free_at(taken: u64, grains: usize, alignment: usize) -> Option<usize> {
    (0..=64 - grains).step_by(alignment.div_ceil(GRAIN)).find(|&at| taken & bits(at, grains) == 0)
}

/// So many bits in a row.
fn bits(at: usize, count: usize) -> u64 {
    u64::MAX >> (64 - count) << at
}

/// Large pieces come from the end, where no small one stands in their way.
fn take_pages(pages: usize) -> Option<usize> {
    let is_taken = |word: &AtomicU64| {
        word.compare_exchange(0, u64::MAX, Ordering::Acquire, Ordering::Relaxed).is_err()
    };
    let mut first = PAGES.checked_sub(pages)?;
    loop {
        let Some(obstacle) = (first..first + pages).rev().find(|&page| is_taken(&TAKEN[page]))
        else {
            return Some(first * PAGE);
        };
        give_back_pages(obstacle + 1, first + pages);
        first = obstacle.checked_sub(pages)?;
    }
}

#[cold]
fn give_back(at: usize, layout: Layout) {
    if layout.size() > PAGE {
        let first = at / PAGE;
        return give_back_pages(first, first + layout.size().div_ceil(PAGE));
    }
    let grains = layout.size().div_ceil(GRAIN).max(1);
    TAKEN[at / PAGE].fetch_and(!bits(at % PAGE / GRAIN, grains), Ordering::Release);
}

fn give_back_pages(from: usize, to: usize) {
    for word in &TAKEN[from..to] {
        word.store(0, Ordering::Release);
    }
}

/// Notes that this thread was short of memory.
fn remember() {
    set((&raw const KEY).cast());
}

/// Forgets that this thread was ever short of memory.
pub(super) fn forget() {
    // The C library's place for what a thread keeps may need memory when it is used first, and there
    // is some now.
    remember();
    set(null());
}

/// Whether this thread was short of memory since it forgot.
pub(super) fn is_in_use() -> bool {
    // SAFETY: the key was made, and is never deleted.
    key().is_some_and(|key| !unsafe { libc::pthread_getspecific(key) }.is_null())
}

/// Without a key nobody learns of it, and the call goes on with what the reserve has.
fn set(value: *const c_void) {
    if let Some(key) = key() {
        // SAFETY: the key was made, and is never deleted; nobody looks behind the pointer.
        unsafe { libc::pthread_setspecific(key, value) };
    }
}

/// The key, made by whoever asks first.
fn key() -> Option<libc::pthread_key_t> {
    let made = KEY.load(Ordering::Acquire);
    if made != 0 {
        return Some((made - 1) as libc::pthread_key_t);
    }
    let mut key: libc::pthread_key_t = 0;
    // SAFETY: the pointer is that of a live variable; there is no destructor.
    if unsafe { libc::pthread_key_create(&mut key, None) } != 0 {
        return None;
    }
    let made = key as usize + 1;
    if let Err(other) = KEY.compare_exchange(0, made, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: the key is this thread's alone.
        unsafe { libc::pthread_key_delete(key) };
        key = (other - 1) as libc::pthread_key_t;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// Held by a test that takes all of the room.
    static ALONE: Mutex<()> = Mutex::new(());

    /// Takes pieces of all kinds until there is no room, marks each as its own, and gives them back.
    fn use_up(own: u8) -> usize {
        let sizes = [1, 64, 65, 200, 1000, PAGE, PAGE + 1, 50_000, LARGEST];
        let mut pieces = Vec::new();
        for (size, alignment) in
            sizes.iter().cycle().zip([1, 8, 64, 128, 1024, PAGE].iter().cycle())
        {
            let layout = Layout::from_size_align(*size, *alignment).expect("a layout");
            let Some(at) = take(layout) else { break };
            let piece = ROOM.0.get().cast::<u8>().wrapping_add(at);
            assert_eq!(piece.addr() % alignment, 0);
            assert_eq!(place(piece), Some(at));
            // SAFETY: a piece of this size that was just taken.
            unsafe { piece.write_bytes(own, *size) };
            pieces.push((at, layout));
        }
        for &(at, layout) in &pieces {
            let piece = ROOM.0.get().cast::<u8>().wrapping_add(at);
            // SAFETY: a piece of this size that is not given back yet.
            let written = unsafe { std::slice::from_raw_parts(piece, layout.size()) };
            assert!(written.iter().all(|&byte| byte == own), "somebody else has this piece too");
            give_back(at, layout);
        }
        pieces.len()
    }

    #[test]
    fn every_piece_is_somebodys_alone_and_comes_back() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = use_up(1);
        assert!(alone > 100);
        std::thread::scope(|scope| {
            for own in 2..6 {
                scope.spawn(move || (0..20).for_each(|_| assert!(use_up(own) > 0)));
            }
        });
        assert!(TAKEN.iter().all(|word| word.load(Ordering::Relaxed) == 0));
        assert_eq!(use_up(1), alone);
    }

    #[test]
    fn what_is_larger_than_any_need_is_refused_and_remembered() {
        for (size, alignment) in [(LARGEST + 1, 1), (1, 2 * PAGE)] {
            let layout = Layout::from_size_align(size, alignment).expect("a layout");
            forget();
            assert!(!is_in_use());
            assert!(scarce(layout).is_null());
            assert!(is_in_use());
        }
        forget();
    }

    #[test]
    #[cfg_attr(miri, ignore = "it ends at what no machine has")]
    fn what_no_machine_has_is_refused() {
        let layout = Layout::from_size_align(isize::MAX as usize - PAGE, 1).expect("a layout");
        // SAFETY: the size is not 0.
        assert!(unsafe { Reserve.alloc(layout) }.is_null());
        // SAFETY: the same.
        assert!(unsafe { Reserve.alloc_zeroed(layout) }.is_null());
    }

    #[test]
    fn the_system_is_asked_again_when_there_is_no_room() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let all = take_pages(PAGES).expect("nobody has any");
        let layout = Layout::new::<u64>();
        let piece = scarce(layout);
        forget();
        give_back_pages(all / PAGE, PAGES);
        assert!(!piece.is_null());
        assert_eq!(place(piece), None);
        // SAFETY: a piece that the system gave for this layout.
        unsafe { System.dealloc(piece, layout) };
    }

    #[test]
    fn a_thread_that_was_short_knows_until_it_forgets() {
        forget();
        assert!(!is_in_use());
        remember();
        assert!(is_in_use());
        assert!(!std::thread::spawn(is_in_use).join().expect("no panic"));
        forget();
        assert!(!is_in_use());
    }
}
