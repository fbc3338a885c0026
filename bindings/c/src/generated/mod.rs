//! What `cargo xtask generate` writes from the core's tables and its descriptions of types.

pub(crate) mod arguments;
#[cfg(feature = "emulator")]
pub(crate) mod emulator;
pub(crate) mod enums;
pub(crate) mod errors;
pub(crate) mod handles;
pub(crate) mod listings;
pub(crate) mod operations;
pub(crate) mod results;
pub(crate) mod structs;
pub(crate) mod take;
pub(crate) mod verbs;
