//! No panic passes from Rust to C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use koophone::{Error, Result};

/// Runs the body of a function that cannot fail (getters, frees); `otherwise` is the answer if it panics all the same.
pub(crate) fn quietly<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch(body).unwrap_or(otherwise)
}

/// Runs `body`; a panic becomes an error of kind `internal`.
pub(crate) fn catch<T>(body: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(body)).map_err(panicked)
}

/// A caught panic as an error.
fn panicked(payload: Box<dyn Any + Send>) -> Error {
    let error = koophone::binding_support::panic_error(&*payload);
    // Dropping the payload may panic as well; what that one carries is leaked.
    if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        std::mem::forget(second);
    }
    error
}
