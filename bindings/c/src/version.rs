//! Which library this is.

use std::ffi::{CStr, c_char};


const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version has no NUL inside"),
};
use crate::panic::quietly;

/// The version of the library at run time; compare it with `KOOPHONE_VERSION`, the header's. Valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_version() -> *const c_char {
    quietly(std::ptr::null(), || VERSION.as_ptr())
}
