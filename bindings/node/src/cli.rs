//! The `koophone` command, as `npx koophone` runs it: the same code as the binary's, on a thread made for it.

use std::ffi::OsString;

use napi::bindgen_prelude::Object;
use napi::{Env, Result};
use napi_derive::napi;

use crate::off_the_loop::off_the_loop;

/// Runs a command line, the program's name first; the Promise gives the exit code.
#[napi(ts_return_type = "Promise<number>")]
pub fn run_cli(env: &Env, args: Vec<String>) -> Result<Object<'_>> {
    off_the_loop(env, move || Ok(koophone_cli::run(args.into_iter().map(OsString::from))), u32::from)
}
