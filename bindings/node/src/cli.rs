//! The `koophone` command, as `npx koophone` runs it: the same code as the binary's.

use std::ffi::OsString;

use napi_derive::napi;

use crate::calls::Calls;

/// Runs a command line, the program's name first; the result is the exit code.
#[napi]
pub fn run_cli(calls: &Calls, id: u32, args: Vec<String>) -> napi::Result<()> {
    calls.0.start_blocking(id, || Ok(koophone_cli::run(args.into_iter().map(OsString::from))))
}
