//! A heap that wipes what is freed: no copy of a secret outlives its owner, whoever made it.
//!
//! Answers and requests pass through libraries that wipe nothing, and a vector that grows leaves its
//! old place as it was. Knows nothing of what is a secret.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::mem::MaybeUninit;

use super::reserve;

/// The system's allocator, with every block wiped when it is freed or moved.
///
/// The C library, the Python package and the command have it. A Rust program that wants the same of
/// its own memory, and of what TLS and HTTP leave in there, says so:
/// ```ignore
/// #[global_allocator]
/// static HEAP: verifysms::WipingAllocator = verifysms::WipingAllocator;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WipingAllocator;

// SAFETY: the system's allocator or the reserve does the work, and a block goes back to the one that it
// came from; wiping touches it before that only.
// `realloc` is the trait's own, a new block and a copy: the system's might leave the old one unwiped.
// Not inlined, for what calls these functions is everywhere: they would be a tenth of the library.
unsafe impl GlobalAlloc for WipingAllocator {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        let block = unsafe { System.alloc(layout) };
        if block.is_null() { reserve::take(layout) } else { block }
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        let mut block = unsafe { System.alloc_zeroed(layout) };
        if block.is_null() {
            block = reserve::take(layout);
            if !block.is_null() {
                // SAFETY: a block of this size that nobody else has.
                unsafe { block.write_bytes(0, layout.size()) };
            }
        }
        block
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block has this size, and by the caller's promise nobody uses it any more.
        unsafe {
            wipe(std::slice::from_raw_parts_mut(block.cast(), layout.size()));
            if !reserve::give_back(block, layout) {
                System.dealloc(block, layout);
            }
        }
    }
}

/// Overwrites bytes, as `zeroize` does, but a word at a time.
pub(crate) fn wipe_bytes(bytes: &mut [u8]) {
    // SAFETY: what may be uninitialised holds initialised bytes as well, and wiping leaves such.
    let bytes = unsafe { &mut *(&raw mut *bytes as *mut [MaybeUninit<u8>]) };
    wipe(bytes);
}

/// Overwrites memory. Nobody reads it afterwards, which is why the compiler would leave this out if
/// the writes were not volatile.
fn wipe(block: &mut [MaybeUninit<u8>]) {
    // SAFETY: any bytes make a number whose bytes need not be initialised.
    let (head, words, tail) = unsafe { block.align_to_mut::<MaybeUninit<u64>>() };
    for word in words {
        // SAFETY: the place is borrowed and aligned.
        unsafe { std::ptr::write_volatile(word, MaybeUninit::new(0)) };
    }
    for byte in head.iter_mut().chain(tail) {
        // SAFETY: as above.
        unsafe { std::ptr::write_volatile(byte, MaybeUninit::new(0)) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_block_is_wiped_and_no_other() {
        for begin in 0..9 {
            for end in begin..40 {
                let mut bytes = [MaybeUninit::new(b'x'); 48];
                wipe(&mut bytes[begin..end]);
                // SAFETY: all of them were and are initialised.
                let left = bytes.map(|byte| unsafe { byte.assume_init() });
                for (at, byte) in left.into_iter().enumerate() {
                    assert_eq!(byte == 0, (begin..end).contains(&at), "{at} of {begin}..{end}");
                }
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "it ends at what no machine has")]
    fn what_no_machine_has_is_refused() {
        let layout = Layout::from_size_align(isize::MAX as usize - 4096, 1).unwrap();
        // SAFETY: the size is not 0.
        assert!(unsafe { WipingAllocator.alloc(layout) }.is_null());
        // SAFETY: the same.
        assert!(unsafe { WipingAllocator.alloc_zeroed(layout) }.is_null());
    }

    #[test]
    fn what_moves_stays_as_it_was() {
        let layout = Layout::array::<u8>(3).unwrap();
        // SAFETY: the block has the layout's size, then the new one, and is freed once.
        unsafe {
            let block = WipingAllocator.alloc(layout);
            block.copy_from_nonoverlapping(b"abc".as_ptr(), 3);
            let moved = WipingAllocator.realloc(block, layout, 5000);
            assert_eq!(std::slice::from_raw_parts(moved, 3), b"abc");
            WipingAllocator.dealloc(moved, Layout::array::<u8>(5000).unwrap());
        }
    }
}
