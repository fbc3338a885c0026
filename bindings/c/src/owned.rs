//! Results: plain C structures that point into memory which one handle owns.

use std::any::Any;
use std::ffi::{CString, c_char};
use std::ptr;

use koophone::Secret;

/// A C structure made of a value of the core.
pub(crate) trait View: Sized {
    /// The core's type.
    type Source;
    /// The structure; what it points to is kept in `keep`.
    fn of(source: &Self::Source, keep: &mut Keep) -> Self;
}

/// Bytes of a block of texts: the texts of a usual result fit into a few blocks.
const BLOCK: usize = 2 << 10;

/// The memory that views point into.
#[derive(Default)]
pub(crate) struct Keep {
    /// Blocks never grow: pointers into them stay valid.
    texts: Vec<Vec<u8>>,
    secrets: Vec<Secret>,
    // Vectors, whose elements do not move when the box moves.
    lists: Vec<Box<dyn Any>>,
}

impl Keep {
    /// NUL-terminated text, and its length without the NUL.
    pub fn text(&mut self, text: &(impl AsRef<str> + ?Sized)) -> (*const c_char, usize) {
        let text = text.as_ref();
        let size = text.len() + 1;
        if self.texts.last().is_none_or(|block| block.capacity() - block.len() < size) {
            self.texts.push(Vec::with_capacity(size.max(BLOCK)));
        }
        let last = self.texts.len() - 1;
        let block = &mut self.texts[last];
        let start = block.len();
        block.extend_from_slice(text.as_bytes());
        block.push(0);
        (block[start..].as_ptr().cast(), text.len())
    }

    /// Text that is wiped from memory when it is freed.
    pub fn secret(&mut self, text: &str) -> (*const c_char, usize) {
        let secret = Secret::new(format!("{text}\0"));
        let pointer = secret.expose().as_ptr().cast();
        self.secrets.push(secret);
        (pointer, text.len())
    }

    /// Text, or NULL.
    pub fn optional_text(&mut self, text: Option<&(impl AsRef<str> + ?Sized)>) -> (*const c_char, usize) {
        text.map_or((ptr::null(), 0), |text| self.text(text))
    }

    /// Several texts.
    pub fn texts(&mut self, texts: &[String]) -> (*const *const c_char, usize) {
        let pointers: Vec<*const c_char> = texts.iter().map(|text| self.text(text).0).collect();
        self.list(pointers)
    }

    /// Several numbers.
    pub fn numbers<T: Copy + 'static>(&mut self, numbers: &[T]) -> (*const T, usize) {
        self.list(numbers.to_vec())
    }

    /// One value.
    pub fn one<T: 'static>(&mut self, value: T) -> *const T {
        self.list(vec![value]).0
    }

    /// Views of several values.
    pub fn views<V: View + 'static>(&mut self, sources: &[V::Source]) -> (*const V, usize) {
        let views: Vec<V> = sources.iter().map(|source| V::of(source, self)).collect();
        self.list(views)
    }

    fn list<T: 'static>(&mut self, list: Vec<T>) -> (*const T, usize) {
        let found = (list.as_ptr(), list.len());
        self.lists.push(Box::new(list));
        found
    }
}

/// A structure that C gets and frees. The structure is the first field, so its address is the address of the whole.
#[repr(C)]
pub(crate) struct Owned<V: View> {
    view: V,
    source: V::Source,
    keep: Keep,
}

impl<V: View> Owned<V> {
    /// Makes the structure; it belongs to C until [`Owned::free`].
    pub fn hand_out(source: V::Source) -> *mut V {
        let mut keep = Keep::default();
        let view = V::of(&source, &mut keep);
        Box::into_raw(Box::new(Self { view, source, keep })).cast()
    }

    /// What it was made of.
    ///
    /// # Safety
    ///
    /// `view` is NULL or comes from [`Owned::hand_out`], and is not freed as long as `'a`.
    pub unsafe fn source<'a>(view: *const V) -> Option<&'a V::Source>
    where
        V: 'a,
    {
        // SAFETY: as the caller says; the view is the first field of the whole.
        unsafe { view.cast::<Self>().as_ref() }.map(|owned| &owned.source)
    }

    /// Frees it.
    ///
    /// # Safety
    ///
    /// `view` is NULL or comes from [`Owned::hand_out`], and is not used again.
    pub unsafe fn free(view: *mut V) {
        if !view.is_null() {
            // SAFETY: as the caller says; the view is the first field of the whole.
            drop(unsafe { Box::from_raw(view.cast::<Self>()) });
        }
    }
}

/// Text that a call returned, with its length. Free it with `koophone_string_free`.
#[repr(C)]
pub struct koophone_string {
    /// NUL-terminated UTF-8.
    pub data: *const c_char,
    /// Bytes without the NUL.
    pub length: usize,
}

impl View for koophone_string {
    type Source = String;

    fn of(source: &String, keep: &mut Keep) -> Self {
        let (data, length) = keep.text(source);
        Self { data, length }
    }
}

/// Text for a getter, which ends at the first NUL inside it, if there is one.
pub(crate) fn c_string(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}
