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
mod json;
mod operations;
mod player;
mod source;
mod verbs;

/// The name that was probably meant, whatever its case.
#[napi_derive::napi]
pub fn nearest(name: String, known: Vec<String>) -> Option<String> {
    let lower: Vec<String> = known.iter().map(|name| name.to_lowercase()).collect();
    koophone::binding_support::nearest(&name.to_lowercase(), lower.iter().map(String::as_str).zip(known))
}
