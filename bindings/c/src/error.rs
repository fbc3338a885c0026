//! The error handle. Its fields are read by generated getters.

use std::ffi::{CString, c_char};
use std::ptr;

use koophone::Error;

use crate::generated::structs::ErrorFields;
use crate::guard::quietly;
use crate::owned::{Keep, View, c_string};

/// A failure. Functions that fail hand one out through `err`, to be freed with `koophone_error_free`; those inside
/// results belong to the result.
pub struct koophone_error {
    fields: ErrorFields,
    text: CString,
    source: Error,
    // What `fields` points to.
    _keep: Keep,
}

impl koophone_error {
    pub(crate) fn of(source: &Error) -> Self {
        let mut keep = Keep::default();
        let fields = ErrorFields::of(source.details(), &mut keep);
        Self { fields, text: c_string(&format!("{source:#}")), source: source.clone(), _keep: keep }
    }

    /// In a box that the caller frees.
    pub(crate) fn new(source: &Error) -> *mut Self {
        Box::into_raw(Box::new(Self::of(source)))
    }

    pub(crate) fn fields(&self) -> &ErrorFields {
        &self.fields
    }
}

/// The whole error in one line for logs: message, kind, service code, HTTP status, request ids, first cause. Holds no
/// secret. NULL for NULL. Valid as long as the error.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_error_text(error: Option<&koophone_error>) -> *const c_char {
    quietly(ptr::null(), || error.map_or(ptr::null(), |error| error.text.as_ptr()))
}

/// A copy with a life of its own, to keep an error that belongs to a result. NULL for NULL. Free it with
/// `koophone_error_free`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_error_clone(error: Option<&koophone_error>) -> *mut koophone_error {
    quietly(ptr::null_mut(), || error.map_or(ptr::null_mut(), |error| koophone_error::new(&error.source)))
}

/// Frees an error. NULL is fine. Not for errors that belong to a result.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_error_free(error: Option<Box<koophone_error>>) {
    quietly((), || drop(error))
}
