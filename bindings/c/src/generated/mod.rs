//! What `cargo xtask generate` writes from the core's description of its types.
#![allow(unsafe_op_in_unsafe_fn)]

pub(crate) mod enums;
pub(crate) mod error_getters;
pub(crate) mod structs;
