//! What comes in: every pointer is checked here before anything reads it.

use std::ffi::{CStr, c_char};
use std::fmt::Display;

use koophone::{Error, Result};

/// No list of phones is longer; a larger count is a mistake (an uninitialised variable, a negative number).
const LONGEST_LIST: usize = 1 << 20;

/// A place for a result, checked, and NULL until it is set.
pub(crate) struct Out<T>(*mut *mut T);

impl<T> Out<T> {
    pub unsafe fn new(place: *mut *mut T, name: &str) -> Result<Self> {
        if place.is_null() {
            return Err(Error::invalid(name, format!("{name} is NULL; pass the address of a pointer for the result")));
        }
        unsafe { place.write(std::ptr::null_mut()) };
        Ok(Self(place))
    }

    /// Hands over what `value` points to, which the caller will free.
    pub fn set(self, value: *mut T) {
        unsafe { self.0.write(value) }
    }

    /// Hands over `value` in a box.
    pub fn set_box(self, value: T) {
        self.set(Box::into_raw(Box::new(value)));
    }
}

/// A handle or structure that must be there.
pub(crate) unsafe fn reference<'a, T>(pointer: *const T, name: &str) -> Result<&'a T> {
    unsafe { pointer.as_ref() }.ok_or_else(|| Error::invalid(name, format!("{name} is NULL")))
}

/// A handle that must be there and that the function changes.
pub(crate) unsafe fn reference_mut<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T> {
    unsafe { pointer.as_mut() }.ok_or_else(|| Error::invalid(name, format!("{name} is NULL")))
}

/// Text that must be there: NUL-terminated UTF-8. The name is written out only when something is wrong.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, name: impl Display) -> Result<&'a str> {
    if pointer.is_null() {
        return Err(Error::invalid(name.to_string(), format!("{name} is NULL; pass a NUL-terminated text")));
    }
    let bytes = unsafe { CStr::from_ptr(pointer) }.to_bytes();
    if bytes.is_ascii() {
        // SAFETY: ASCII is UTF-8. Telling so takes a sixth of the instructions for texts as short as ids, which most calls are made of.
        return Ok(unsafe { str::from_utf8_unchecked(bytes) });
    }
    str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to();
        Error::invalid(name.to_string(), format!("{name} is not UTF-8: the byte at offset {place} cannot stand there"))
    })
}

/// Text that may be left out.
#[cfg(feature = "emulator")]
pub(crate) unsafe fn optional_text<'a>(pointer: *const c_char, name: &str) -> Result<Option<&'a str>> {
    if pointer.is_null() { Ok(None) } else { unsafe { text(pointer, name) }.map(Some) }
}

/// `count` elements one after the other.
pub(crate) unsafe fn slice<'a, T>(first: *const T, count: usize, name: &str) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if first.is_null() {
        return Err(Error::invalid(name, format!("{name} is NULL although its count is {count}")));
    }
    if count > LONGEST_LIST {
        return Err(Error::invalid(
            name,
            format!("{name} cannot have {count} elements; pass their number, at most {LONGEST_LIST}"),
        ));
    }
    Ok(unsafe { std::slice::from_raw_parts(first, count) })
}

/// Ids of phones.
pub(crate) unsafe fn instance_ids<'a>(first: *const *const c_char, count: usize) -> Result<Vec<&'a str>> {
    let pointers = unsafe { slice(first, count, stringify!(instance_ids))? };
    let mut ids = Vec::with_capacity(count);
    for (number, id) in pointers.iter().enumerate() {
        ids.push(unsafe { text(*id, format_args!("instance_ids[{number}]"))? });
    }
    Ok(ids)
}

/// Frees a box that [`Out::set_box`] handed out. NULL is fine.
pub(crate) unsafe fn free_box<T>(pointer: *mut T) {
    if !pointer.is_null() {
        drop(unsafe { Box::from_raw(pointer) });
    }
}
