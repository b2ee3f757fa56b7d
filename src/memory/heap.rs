//! An allocator that wipes every block that is freed, so that no copy of a secret outlives its owner.
//!
//! Requests and responses pass through libraries that wipe nothing, and a vector that grows does not wipe its
//! old block. The allocator does not know what is a secret: it wipes everything.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::mem::MaybeUninit;

use super::reserve;

/// The system's allocator, with every block wiped when it is freed or moved.
///
/// The C library, the Python package and the command use it. A Rust program that wants the same for its
/// own memory, including what TLS and HTTP leave there, declares it:
/// ```ignore
/// #[global_allocator]
/// static HEAP: verifysms::WipingAllocator = verifysms::WipingAllocator;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WipingAllocator;

// SAFETY: the system's allocator or the reserve does the work, and a block is freed by the one that
// allocated it. It is wiped before that.
// `realloc` is the default one, which copies to a new block: the system's might not wipe the old one.
// Not inlined: their callers are everywhere, and they would be a tenth of the library.
unsafe impl GlobalAlloc for WipingAllocator {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let block = unsafe { System.alloc(layout) };
        if block.is_null() { reserve::alloc(layout) } else { block }
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let mut block = unsafe { System.alloc_zeroed(layout) };
        if block.is_null() {
            block = reserve::alloc(layout);
            if !block.is_null() {
                // SAFETY: a new block of this size.
                unsafe { block.write_bytes(0, layout.size()) };
            }
        }
        block
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises, the block has this size and is not used any more.
        unsafe {
            wipe(std::slice::from_raw_parts_mut(block.cast(), layout.size()));
            if !reserve::free(block, layout) {
                System.dealloc(block, layout);
            }
        }
    }
}

/// Overwrites bytes, as `zeroize` does, but a word at a time.
pub(crate) fn wipe_bytes(bytes: &mut [u8]) {
    // SAFETY: initialised bytes are valid as `MaybeUninit`, and wiping leaves them initialised.
    let bytes = unsafe { &mut *(&raw mut *bytes as *mut [MaybeUninit<u8>]) };
    wipe(bytes);
}

/// Overwrites memory. The writes are volatile: the compiler would remove others, since nobody reads the
/// memory afterwards.
fn wipe(block: &mut [MaybeUninit<u8>]) {
    // SAFETY: any bytes are a valid `MaybeUninit<u64>`.
    let (head, words, tail) = unsafe { block.align_to_mut::<MaybeUninit<u64>>() };
    for word in words {
        // SAFETY: the reference is valid and aligned.
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
        // An address space of 32 bits may have room for one such block, but for no second.
        // SAFETY: the size is not 0.
        let taken = std::hint::black_box(unsafe { System.alloc(layout) });
        // SAFETY: the same.
        assert!(unsafe { WipingAllocator.alloc(layout) }.is_null());
        // SAFETY: the same.
        assert!(unsafe { WipingAllocator.alloc_zeroed(layout) }.is_null());
        if !taken.is_null() {
            // SAFETY: the block has this layout and is freed once.
            unsafe { System.dealloc(taken, layout) };
        }
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
