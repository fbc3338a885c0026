//! Arguments: every pointer is checked here before anything reads it.
//!
//! A parameter that is a single value, NULL or valid by the header's conventions, has the Rust type that says so:
//! `Option<&T>` for a handle, `Option<&mut MaybeUninit<*mut T>>` for the place of a result, `Option<Box<T>>` for what
//! is freed. Texts and lists are pointers to the first of several elements; reading them is unsafe, which is only done
//! here.

use std::ffi::{CStr, c_char};
use std::fmt::Display;
use std::mem::MaybeUninit;
use std::time::Duration;

use koophone::{Error, Result};

/// No list of phones is longer; a larger count is a mistake (an uninitialised variable, a negative number).
const LONGEST_LIST: usize = 1 << 20;

/// A place for a result, checked, and NULL until it is set.
pub(crate) struct Out<'a, T>(&'a mut MaybeUninit<*mut T>);

impl<'a, T> Out<'a, T> {
    pub fn new(place: Option<&'a mut MaybeUninit<*mut T>>, name: &str) -> Result<Self> {
        let place = place.ok_or_else(|| {
            Error::invalid(name, format!("{name} is NULL; pass the address of a pointer for the result"))
        })?;
        place.write(std::ptr::null_mut());
        Ok(Self(place))
    }

    /// Returns what `value` points to, which the caller will free.
    pub fn set(self, value: *mut T) {
        self.0.write(value);
    }

    /// Returns `value` in a box.
    pub fn set_box(self, value: T) {
        self.set(Box::into_raw(Box::new(value)));
    }
}

/// A handle or structure that is required.
pub(crate) fn required<T>(handle: Option<T>, name: &str) -> Result<T> {
    handle.ok_or_else(|| Error::invalid(name, format!("{name} is NULL")))
}

/// Writes a count if the caller wants one.
pub(crate) fn set_count(place: Option<&mut MaybeUninit<usize>>, count: usize) {
    if let Some(place) = place {
        place.write(count);
    }
}

/// Required text: NUL-terminated UTF-8. The name is formatted only if something is wrong.
///
/// # Safety
///
/// `pointer` is NULL or points to bytes that end with NUL and do not change during `'a`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, name: impl Display) -> Result<&'a str> {
    if pointer.is_null() {
        return Err(Error::invalid(name.to_string(), format!("{name} is NULL; pass a NUL-terminated text")));
    }
    // SAFETY: the caller's text ends with NUL, and was checked not to be NULL.
    let bytes = unsafe { CStr::from_ptr(pointer) }.to_bytes();
    if bytes.is_ascii() {
        // SAFETY: ASCII is UTF-8. Checking for ASCII takes a sixth of the instructions for texts as short as ids, which
        // most arguments are.
        return Ok(unsafe { str::from_utf8_unchecked(bytes) });
    }
    str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to();
        Error::invalid(name.to_string(), format!("{name} is not UTF-8: the byte at offset {place} is invalid"))
    })
}

/// Optional text.
///
/// # Safety
///
/// As for [`text`].
pub(crate) unsafe fn optional_text<'a>(pointer: *const c_char, name: impl Display) -> Result<Option<&'a str>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller says.
    unsafe { text(pointer, name) }.map(Some)
}

/// A length of time in milliseconds; 0 is the default.
pub(crate) fn duration(milliseconds: i64, default: u64, name: &str) -> Result<Duration> {
    let given = u64::try_from(milliseconds)
        .map_err(|_| Error::invalid(name, format!("{name} is {milliseconds} ms; it must not be negative")))?;
    Ok(Duration::from_millis(if given == 0 { default } else { given }))
}

/// `count` elements one after the other.
///
/// # Safety
///
/// `first` is NULL or points to that many elements, which do not change during `'a`.
pub(crate) unsafe fn slice<'a, T>(first: *const T, count: usize, name: impl Display) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if first.is_null() {
        return Err(Error::invalid(name.to_string(), format!("{name} is NULL although its count is {count}")));
    }
    if count > LONGEST_LIST {
        let message = format!("{name} cannot have {count} elements; pass their number, at most {LONGEST_LIST}");
        return Err(Error::invalid(name.to_string(), message));
    }
    // SAFETY: as the caller says; the count was checked to be one that memory can hold.
    Ok(unsafe { std::slice::from_raw_parts(first, count) })
}

/// Texts one after the other.
///
/// # Safety
///
/// As for [`slice`], and each element as for [`text`].
pub(crate) unsafe fn texts<'a>(first: *const *const c_char, count: usize, name: &str) -> Result<Vec<&'a str>> {
    // SAFETY: as the caller says.
    let pointers = unsafe { slice(first, count, name)? };
    // SAFETY: as the caller says.
    let read = |(number, one): (usize, &*const c_char)| unsafe { text(*one, format_args!("{name}[{number}]")) };
    pointers.iter().enumerate().map(read).collect()
}

/// A C structure that represents a value of the core.
pub(crate) trait Argument {
    /// The core's type.
    type Core;

    /// Converts it to the core's type. `place` is its path in the arguments, for errors.
    ///
    /// # Safety
    ///
    /// The pointers in it are NULL or valid.
    unsafe fn read(&self, place: &dyn Display) -> Result<Self::Core>;
}

/// A list of structures.
///
/// # Safety
///
/// As for [`slice`], and each element as for [`Argument::read`].
pub(crate) unsafe fn list<A: Argument>(first: *const A, count: usize, name: impl Display) -> Result<Vec<A::Core>> {
    // SAFETY: as the caller says.
    let structures = unsafe { slice(first, count, &name)? };
    // SAFETY: as the caller says.
    let read = |(number, one): (usize, &A)| unsafe { one.read(&format_args!("{name}[{number}]")) };
    structures.iter().enumerate().map(read).collect()
}

/// An error for a number outside an enumeration. The argument is the last word of `place`.
pub(crate) fn no_enumerator(place: impl Display, number: i32, of: &str) -> Error {
    let place = place.to_string();
    let argument = place.rsplit('.').next().unwrap_or(&place);
    Error::invalid(argument, format!("{place} is {number}, which is none of {of}"))
}
