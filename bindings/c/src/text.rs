//! Checks texts that have a length, and numbers.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use koophone::{Error, Result};

use crate::generated::enums::koophone_kind;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::text as read;

/// Checks a text with a length before it is passed on as a NUL-terminated string: a NUL inside would truncate it, and
/// the part before the NUL would be executed. `name` is the name of the text in the error, such as `command`.
///
/// Fails with `KOOPHONE_INVALID_ARGUMENT` if there is a NUL in the first `length` bytes; `koophone_error_argument` is
/// `name`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_text_check(
    text: *const c_char,
    length: usize,
    name: *const c_char,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_kind {
    // SAFETY: by the conventions, `name` ends with NUL and `text` has `length` bytes.
    guard(err, || unsafe { check(text, length, read(name, "name")?) })
}

/// A number whose default in C is written as 0.
pub(crate) fn not_zero(number: i64, name: &str) -> Result<()> {
    let refused = || Error::invalid(name, format!("{name} is 0; it must be at least 1, or be left out"));
    if number == 0 { Err(refused()) } else { Ok(()) }
}

/// # Safety
///
/// `text` is NULL or points to `length` bytes.
unsafe fn check(text: *const c_char, length: usize, name: &str) -> Result<()> {
    if length == 0 {
        return Ok(());
    }
    if text.is_null() || isize::try_from(length).is_err() {
        let message = format!("{name} is no text of {length} bytes; pass its first byte and its length");
        return Err(Error::invalid(name, message));
    }
    // SAFETY: as the caller says; both were checked above.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), length) };
    bytes.iter().position(|byte| *byte == 0).map_or(Ok(()), |place| {
        Err(Error::invalid(name, format!("{name} has a NUL at offset {place}; pass text without NUL")))
    })
}
