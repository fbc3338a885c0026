//! The emulator. Options, arguments and results cross as JSON text in the emulator's own snake_case: JavaScript
//! converts names.

use std::sync::{Arc, OnceLock};

use koophone_emulator::{Emulator, Options, StartError};
use napi_derive::napi;

use crate::calls::Calls;
use crate::json;

/// An emulator. It runs on a separate thread and stops when it is dropped.
#[napi]
pub struct NativeEmulator(Arc<OnceLock<Emulator>>);

#[napi]
impl NativeEmulator {
    /// One that has started when the call with this number has ended.
    #[napi(factory)]
    pub fn start(calls: &Calls, id: u32, options: String) -> napi::Result<Self> {
        let started = Self(Arc::default());
        let running = started.0.clone();
        calls.0.start_blocking(id, move || {
            let options = Options::from_json(&options).map_err(StartError::Options);
            let started = options.and_then(Emulator::start).map_err(|error| match error {
                StartError::System(_) => koophone::Error::configuration("emulator", error.to_string()),
                _ => refused(error),
            })?;
            running.get_or_init(|| started);
            Ok(())
        })?;
        Ok(started)
    }

    /// Stops it and waits until the port is free.
    #[napi]
    pub fn stop(&self, calls: &Calls, id: u32) -> napi::Result<()> {
        let running = self.0.clone();
        calls.0.start_blocking(id, move || Ok(running.get().map(Emulator::stop)))
    }

    /// Calls a method by its name in Rust, with a JSON list of arguments.
    #[napi]
    pub fn call(&self, method: String, args: String) -> napi::Result<String> {
        let running = self.0.get().ok_or_else(|| json::exception(&refused("the emulator has not been started")))?;
        running.call(&method, &args).map_err(|error| json::exception(&refused(error)))
    }
}

/// A refusal in the emulator's own words, as the same error that the core's refusals are.
fn refused(why: impl ToString) -> koophone::Error {
    koophone::Error::invalid("emulator", why.to_string())
}
