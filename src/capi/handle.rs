//! Opaque handles: the pointers that C holds and what stands behind them.

/// A type that C knows by name only, and the Rust value that its pointers really lead to.
pub(super) trait Handle: Sized {
    type Inner;

    /// Gives a value away to C.
    fn give(inner: Self::Inner) -> *mut Self {
        Box::into_raw(Box::new(inner)).cast()
    }
}

/// The value behind a handle, unless the handle is NULL.
///
/// # Safety
/// `handle` is NULL or came from [`Handle::give`] and was not freed, and nobody has it mutably.
pub(super) unsafe fn borrow<'a, H: Handle>(handle: *const H) -> Option<&'a H::Inner> {
    // SAFETY: by the caller's promise; `give` made the pointer from a box of this very type.
    unsafe { handle.cast::<H::Inner>().as_ref() }
}

/// The same, to change it.
///
/// # Safety
/// As [`borrow`], and nobody else has it at all.
pub(super) unsafe fn borrow_mut<'a, H: Handle>(handle: *mut H) -> Option<&'a mut H::Inner> {
    // SAFETY: by the caller's promise; `give` made the pointer from a box of this very type.
    unsafe { handle.cast::<H::Inner>().as_mut() }
}

/// Takes a value back from C and drops it.
///
/// # Safety
/// As [`borrow_mut`], and the handle is not used again.
pub(super) unsafe fn free<H: Handle>(handle: *mut H) {
    if !handle.is_null() {
        // SAFETY: by the caller's promise; `give` made the pointer from a box of this very type.
        drop(unsafe { Box::from_raw(handle.cast::<H::Inner>()) });
    }
}
