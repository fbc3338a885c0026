//! The `koophone` command, as `npx koophone` runs it: the same code as the binary's, on a thread of libuv's.

use std::ffi::OsString;

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Result, Task};
use napi_derive::napi;

/// Runs a command line, the program's name first; the Promise gives the exit code.
#[napi(ts_return_type = "Promise<number>")]
pub fn run_cli(args: Vec<String>) -> AsyncTask<Run> {
    AsyncTask::new(Run(args))
}

/// A command line.
pub struct Run(Vec<String>);

impl Task for Run {
    type Output = u8;
    type JsValue = u32;

    fn compute(&mut self) -> Result<u8> {
        Ok(koophone_cli::run(std::mem::take(&mut self.0).into_iter().map(OsString::from)))
    }

    fn resolve(&mut self, _: Env, code: u8) -> Result<u32> {
        Ok(u32::from(code))
    }
}
