//! libkoophone: the C interface. `include/koophone.h` is made from this crate; its top (`conventions.txt`) says how the
//! functions behave, and every function's comment is the one a C programmer reads.
//!
//! - Every entry point is one call of `guard`, which fills the error, or of `quietly`, for getters and frees. Nothing
//!   unwinds past them.
//! - What may be NULL is an `Option`; every other pointer argument goes through `input`; every result is an `owned`
//!   structure.
//! - No product logic: a call is made by one line of the core's client.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(clippy::missing_safety_doc, reason = "the conventions at the top of the header are the contract")]

mod call;
mod callback;
mod client;
mod config;
#[cfg(feature = "emulator")]
mod emulator;
mod generated;
mod guard;
mod input;
mod listing;
mod log;
mod options;
mod owned;
mod panic;
mod player;
mod queue;
mod shared;
mod task;
mod text;
mod video;

/// The types for tests/fuzz, which compiles these sources into a Rust program and calls the functions as C does.
#[cfg(fuzzing)]
pub mod entry_points {
    pub use crate::callback::koophone_release_function;
    pub use crate::client::*;
    pub use crate::config::*;
    #[cfg(feature = "emulator")]
    pub use crate::emulator::*;
    pub use crate::generated::{arguments::*, enums::*, listings::*, structs::*};
    pub use crate::log::*;
    pub use crate::options::*;
    pub use crate::owned::*;
    pub use crate::queue::*;
    pub use crate::shared::koophone_call;
    pub use crate::task::*;
    pub use crate::text::*;
    pub use crate::video::*;
}
