//! The native part of the npm package `koophone`: calls of the core, and the emulator, as the TypeScript facade in
//! `ts/` uses them. Not an interface for users.

mod calls;
#[cfg(feature = "cli")]
mod cli;
mod client;
mod crossing;
#[cfg(feature = "emulator")]
mod emulator;
mod json;
mod listing;
mod nearest;
#[cfg(any(feature = "cli", feature = "emulator"))]
mod off_the_loop;
mod operations;
mod player;
