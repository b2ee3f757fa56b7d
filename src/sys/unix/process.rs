//! Which process this is, also after a fork.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Identifies a process, so that a forked child differs from its parent.
///
/// Consists of the process id and of a number on a page that the kernel wipes in a child
/// (`MADV_WIPEONFORK`, Linux 4.14). The id alone may be reused by a grandchild. The number alone does not
/// change in a child of vfork(2), which shares its parent's memory. Neither needs a fork handler, so
/// `_Fork`, `clone` and raw system calls are noticed like fork(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    id: u32,
    number: u32,
}

/// The page that is zero in a child. NULL if the system has no such page.
static PAGE: AtomicPtr<AtomicU32> = AtomicPtr::new(null_mut());
/// The last number that this process or an ancestor took.
static LAST: AtomicU32 = AtomicU32::new(0);

impl Process {
    pub(crate) fn current() -> Process {
        let page = PAGE.load(Ordering::Acquire);
        // SAFETY: the page is never unmapped, and an all-zero page is a valid atomic.
        let number =
            unsafe { page.as_ref() }.map_or(0, |number| match number.load(Ordering::Relaxed) {
                0 => {
                    let own = LAST.fetch_add(1, Ordering::Relaxed) + 1;
                    let order = Ordering::Relaxed;
                    number
                        .compare_exchange(0, own, order, order)
                        .map_or_else(|other| other, |_| own)
                }
                number => number,
            });
        Process { id: std::process::id(), number }
    }
}

/// Sets up fork detection. Called before the first client is made.
pub(crate) fn init() {
    #[cfg(target_os = "linux")]
    // uncovered: only Miri, which does not support fork, sees the other side.
    if !cfg!(miri) && PAGE.load(Ordering::Acquire).is_null() {
        // SAFETY: a new mapping. It is unmapped only if it was not published.
        unsafe {
            let size = libc::sysconf(libc::_SC_PAGESIZE).max(4096) as usize;
            let (access, kind) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            let page = libc::mmap(null_mut(), size, access, kind, -1, 0);
            if page == libc::MAP_FAILED {
                return;
            }
            let order = Ordering::AcqRel;
            if libc::madvise(page, size, libc::MADV_WIPEONFORK) != 0
                // seldom covered: two threads make the first clients of the process at the same instant.
                || PAGE.compare_exchange(null_mut(), page.cast(), order, Ordering::Acquire).is_err()
            {
                libc::munmap(page, size);
            }
        }
    }
}
