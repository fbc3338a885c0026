//! The native part of the npm package `koophone`: calls of the core, and the emulator, as the TypeScript in `ts/` uses
//! them. Not an interface for users. `cargo xtask generate` reads the `#[napi]` items for TypeScript.
#![allow(clippy::too_many_arguments, reason = "the arguments are those of JavaScript")]

mod calls;
#[cfg(feature = "cli")]
mod cli;
mod client;
mod crossing;
#[cfg(feature = "emulator")]
mod emulator;
mod functions;
mod json;
mod operations;
mod source;
mod verbs;
