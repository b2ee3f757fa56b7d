//! Phone numbers, without a client and without I/O.

use std::ffi::{c_char, c_int};

use zeroize::Zeroizing;

use super::panic_boundary;
use super::text;
use crate::error::Error;
use crate::memory;
use crate::phone::{Phone, PhoneKind};
use crate::rule::Rule;

/// Brings a phone number to the service's form: 0501234567 for "+972 (0)50-123-4567". Calls accept every
/// spelling; use this form where you count calls for a number or keep it.
///
/// @param text   A number as people write it, in UTF-8.
/// @param buffer Where to store the number with a NUL byte; "" is stored if there is none.
/// @param size   The size of the buffer in bytes; VERIFYSMS_PHONE_SIZE is enough.
/// @return 0, or the VERIFYSMS_RULE_ number of the rule that the text or the buffer breaks, also for
///         NULL; -1 for a defect of the library, or no memory.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_phone_normalize(
    text: *const c_char,
    buffer: *mut c_char,
    size: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { store(text, buffer, size, |phone| Zeroizing::new(phone.as_str().to_owned())) }
}

/// Brings a phone number to its international form, as databases and other services want it:
/// +972501234567 (ITU-T E.164).
///
/// @param text   A number as people write it, in UTF-8.
/// @param buffer Where to store the number with a NUL byte; "" is stored if there is none.
/// @param size   The size of the buffer in bytes; VERIFYSMS_PHONE_SIZE is enough.
/// @return As verifysms_phone_normalize(), also for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_phone_e164(
    text: *const c_char,
    buffer: *mut c_char,
    size: c_int,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { store(text, buffer, size, |phone| Zeroizing::new(phone.e164())) }
}

/// The kind of a phone number, by its first digits. Numbers are ported, so it is a hint; the service
/// accepts every kind.
///
/// @param text A number as people write it, in UTF-8.
/// @return One of the VERIFYSMS_PHONE_ kinds, or one of a later version; VERIFYSMS_PHONE_UNKNOWN for
///         NULL and what is no number.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_phone_kind(text: *const c_char) -> c_int {
    let unknown = PhoneKind::Unknown.number();
    panic_boundary::enter(
        || unknown,
        || {
            memory::wiping_stack(|| {
                // SAFETY: the module's promise.
                let phone = unsafe { read(text) };
                phone.map_or(unknown, |phone| phone.kind().number())
            })
        },
    )
}

/// Reads a number.
///
/// # Safety
/// The module's promise.
unsafe fn read(text: *const c_char) -> Result<Phone, Error> {
    if !memory::init_reserve() {
        return Err(memory::out_of_memory());
    }
    // SAFETY: the module's promise.
    Phone::parse(unsafe { text::required("to", text) }?)
}

/// Stores a form of a number, and returns 0 or the rule that is broken.
///
/// # Safety
/// The module's promise, and `buffer` is NULL or has `size` bytes.
unsafe fn store(
    text: *const c_char,
    buffer: *mut c_char,
    size: c_int,
    form: impl FnOnce(&Phone) -> Zeroizing<String>,
) -> c_int {
    const DEFECT: c_int = -1;
    // SAFETY: the caller's promise.
    let put = |form: &str| unsafe { put(form, buffer, size) };
    panic_boundary::enter(
        || {
            put("");
            DEFECT
        },
        || {
            memory::wiping_stack(|| {
                // SAFETY: the module's promise. The text is read before anything is stored: it may be in the
                // buffer.
                let phone = unsafe { read(text) };
                match phone.map(|phone| put(&form(&phone))) {
                    Ok(true) => 0,
                    Ok(false) => Rule::BufferTooSmall.number(),
                    Err(error) => {
                        put("");
                        error.rule().map_or(DEFECT, Rule::number)
                    }
                }
            })
        },
    )
}

/// Stores a text of ASCII with a NUL byte. If it does not fit, stores "" and returns false: a part of a
/// number is another number.
///
/// # Safety
/// `buffer` is NULL or has `size` bytes.
unsafe fn put(text: &str, buffer: *mut c_char, size: c_int) -> bool {
    if buffer.is_null() || size < 1 {
        return false;
    }
    let fits = usize::try_from(size).is_ok_and(|size| text.len() < size);
    let text = if fits { text } else { "" };
    // SAFETY: the buffer has at least `text.len() + 1` bytes.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr().cast(), buffer, text.len());
        *buffer.add(text.len()) = 0;
    }
    fits
}
