//! Opaque handles: the pointers that C holds, and the Rust values that they point to.

/// An opaque C type, and the Rust type that its pointers really point to.
pub(super) trait Handle: Sized {
    type Inner;

    /// Passes the ownership of a value to C.
    fn into_raw(inner: Self::Inner) -> *mut Self {
        Box::into_raw(Box::new(inner)).cast()
    }
}

/// Borrows the value of a handle. None for NULL.
///
/// # Safety
/// `handle` is NULL, or came from [`Handle::into_raw`] and was not freed, and nobody borrows it mutably.
pub(super) unsafe fn borrow<'a, H: Handle>(handle: *const H) -> Option<&'a H::Inner> {
    // SAFETY: as the caller promises; `into_raw` made the pointer from a box of this type.
    unsafe { handle.cast::<H::Inner>().as_ref() }
}

/// Borrows the value of a handle mutably. None for NULL.
///
/// # Safety
/// As [`borrow`], and nobody else borrows it.
pub(super) unsafe fn borrow_mut<'a, H: Handle>(handle: *mut H) -> Option<&'a mut H::Inner> {
    // SAFETY: as the caller promises; `into_raw` made the pointer from a box of this type.
    unsafe { handle.cast::<H::Inner>().as_mut() }
}

/// Takes the ownership back from C, and drops the value.
///
/// # Safety
/// As [`borrow_mut`], and the handle is not used again.
pub(super) unsafe fn free<H: Handle>(handle: *mut H) {
    if !handle.is_null() {
        // SAFETY: as the caller promises; `into_raw` made the pointer from a box of this type.
        drop(unsafe { Box::from_raw(handle.cast::<H::Inner>()) });
    }
}
