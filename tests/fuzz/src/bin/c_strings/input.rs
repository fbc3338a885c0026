//! Arguments taken from the fuzzer's bytes.

use std::ffi::{CStr, c_char};
use std::ptr;

/// Bits of the second byte. `@` sets none of them, `A` the first, `B` the second and so on.
const NO_HANDLE: u8 = 1;
const NO_TEXT: u8 = 2;
const NO_LIST: u8 = 4;
const NO_RESULT: u8 = 8;
const NO_ERROR: u8 = 16;
const STARTED: u8 = 32;
const TOO_MANY: u8 = 128;

/// More elements than any list may have: refused before any element is read.
const TOO_LARGE: usize = usize::MAX / 2;

/// The remaining arguments.
pub struct Input<'a> {
    flags: u8,
    texts: &'a [u8],
}

impl<'a> Input<'a> {
    /// `texts` must end with NUL.
    pub fn new(flags: u8, texts: &'a [u8]) -> Self {
        Self { flags, texts }
    }

    /// Whether there is another text.
    pub fn has_more(&self) -> bool {
        !self.texts.is_empty()
    }

    /// The next text; NULL after the last.
    pub fn text(&mut self) -> *const c_char {
        self.next().map_or(ptr::null(), CStr::as_ptr)
    }

    /// The next text, or NULL if the flags say so.
    pub fn text_or_null(&mut self) -> *const c_char {
        let text = self.text();
        if self.has(NO_TEXT) { ptr::null() } else { text }
    }

    /// The next text, if there is one.
    pub fn next(&mut self) -> Option<&'a CStr> {
        let text = CStr::from_bytes_until_nul(self.texts).ok()?;
        self.texts = &self.texts[text.count_bytes() + 1..];
        Some(text)
    }

    /// All remaining texts.
    pub fn list(&mut self) -> Vec<*const c_char> {
        std::iter::from_fn(|| self.next()).map(CStr::as_ptr).collect()
    }

    /// A list as C passes it: a pointer, and a count that may be wrong.
    pub fn counted<T>(&self, list: &[T]) -> (*const T, usize) {
        let first = if self.has(NO_LIST) { ptr::null() } else { list.as_ptr() };
        (first, if self.has(TOO_MANY) { TOO_LARGE } else { list.len() })
    }

    /// The next bytes as a number; 0 after the last.
    pub fn number(&mut self) -> i64 {
        let (bytes, rest) = self.texts.split_at(self.texts.len().min(size_of::<i64>()));
        self.texts = rest;
        bytes.iter().rev().fold(0, |number, byte| number << 8 | i64::from(*byte))
    }

    /// `handle`, or NULL if the flags say so.
    pub fn handle<T>(&self, handle: *mut T) -> *mut T {
        if self.has(NO_HANDLE) { ptr::null_mut() } else { handle }
    }

    /// A place for a result, or NULL if the flags say so.
    pub fn result<T>(&self, place: &mut *mut T) -> *mut *mut T {
        if self.has(NO_RESULT) { ptr::null_mut() } else { place }
    }

    /// The same for an error.
    pub fn error<T>(&self, place: &mut *mut T) -> *mut *mut T {
        if self.has(NO_ERROR) { ptr::null_mut() } else { place }
    }

    /// Whether a call is started instead of waited for.
    pub fn is_started(&self) -> bool {
        self.has(STARTED)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}
