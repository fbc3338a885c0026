//! No panic passes from Rust to C.

pub(crate) use koophone::binding_support::catch;

/// Runs the body of a function that cannot fail (getters, frees); `otherwise` is the answer if it panics all the same.
pub(crate) fn quietly<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch(body).unwrap_or(otherwise)
}
