//! No panic crosses from Rust into C.

pub(crate) use koophone::binding_support::catch;

/// Runs the body of a function that cannot fail (getters, frees); `otherwise` is returned if it panics nevertheless.
pub(crate) fn quietly<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch(body).unwrap_or(otherwise)
}
