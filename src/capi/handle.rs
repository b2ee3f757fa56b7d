//! Opaque handles: the pointers that C holds, and the Rust values that they point to.

/// An opaque C type, and the Rust type that its pointers really point to.
pub(super) trait Handle: Sized {
    type Inner;

    /// Passes the ownership of a value to C.
    fn into_raw(inner: Self::Inner) -> *mut Self {
        Box::into_raw(Box::new(Target { inner, mark: ALIVE })).cast()
    }
}

/// What a pointer of C points to. The mark goes when it is freed: a host that still reads the result of a
/// check then, which is an error of the host, must not find a zero, which says that a number is verified.
struct Target<T> {
    inner: T,
    mark: u64,
}

/// A number that memory does not have by chance.
const ALIVE: u64 = 0x9d5c_37e2_41f8_b60b;

/// What a handle points to. None for NULL, and for one that was freed if the memory was not used again.
///
/// # Safety
/// `handle` is NULL, or came from [`Handle::into_raw`].
unsafe fn target<H: Handle>(handle: *const H) -> Option<*mut Target<H::Inner>> {
    let target = handle.cast_mut().cast::<Target<H::Inner>>();
    // SAFETY: as the caller promises; `into_raw` made the pointer from a box of this type.
    let is_alive =
        !handle.is_null() && unsafe { (&raw const (*target).mark).read_volatile() } == ALIVE;
    is_alive.then_some(target)
}

/// Borrows the value of a handle. None for NULL.
///
/// # Safety
/// `handle` is NULL, or came from [`Handle::into_raw`] and was not freed, and nobody borrows it mutably.
pub(super) unsafe fn borrow<'a, H: Handle>(handle: *const H) -> Option<&'a H::Inner> {
    // SAFETY: as the caller promises.
    unsafe { target(handle).map(|target| &(*target).inner) }
}

/// Borrows the value of a handle mutably. None for NULL.
///
/// # Safety
/// As [`borrow`], and nobody else borrows it.
pub(super) unsafe fn borrow_mut<'a, H: Handle>(handle: *mut H) -> Option<&'a mut H::Inner> {
    // SAFETY: as the caller promises.
    unsafe { target(handle).map(|target| &mut (*target).inner) }
}

/// Takes the ownership back from C, and drops the value.
///
/// # Safety
/// As [`borrow_mut`], and the handle is not used again.
pub(super) unsafe fn free<H: Handle>(handle: *mut H) {
    // SAFETY: as the caller promises.
    if let Some(target) = unsafe { target(handle) } {
        // SAFETY: the same. The box takes the pointer that `into_raw` gave away.
        unsafe {
            (&raw mut (*target).mark).write_volatile(0);
            drop(Box::from_raw(target));
        }
    }
}
