//! The emulator. Options and arguments come as JSON text, and what it knows goes back as JSON text, both in the
//! emulator's own snake_case: the facade turns names.

use std::sync::Arc;

use koophone_emulator::{Emulator, Options, StartError};
use napi::bindgen_prelude::Object;
use napi::{Env, Error, Result};
use napi_derive::napi;

use crate::calls::no_thread;
use crate::off_the_loop::off_the_loop;

/// A running emulator. It has a thread of its own, and stops when it is dropped.
#[napi]
pub struct NativeEmulator(Arc<Emulator>);

#[napi]
impl NativeEmulator {
    /// Starts one, off the event loop.
    #[napi(ts_return_type = "Promise<NativeEmulator>")]
    pub fn start(env: &Env, options: String) -> Result<Object<'_>> {
        let start = move || {
            let options = Options::from_json(&options).map_err(refused)?;
            Emulator::start(options).map_err(|error| match error {
                StartError::System(error) => crate::json::exception(&no_thread(&error.to_string())),
                other => refused(other),
            })
        };
        off_the_loop(env, start, |emulator| Self(Arc::new(emulator)))
    }

    /// Stops it and waits until the port is free, off the event loop.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn stop<'a>(&self, env: &'a Env) -> Result<Object<'a>> {
        let emulator = self.0.clone();
        let stop = move || {
            emulator.stop();
            Ok(())
        };
        off_the_loop(env, stop, |()| ())
    }

    /// Address of both services.
    #[napi(getter)]
    pub fn endpoint(&self) -> String {
        self.0.endpoint().to_owned()
    }

    /// Whether it still serves.
    #[napi(getter)]
    pub fn is_running(&self) -> bool {
        self.0.is_running()
    }

    /// Calls a method by its name in Rust, with a JSON list of arguments.
    #[napi]
    pub fn call(&self, method: String, args: String) -> Result<String> {
        self.0.call(&method, &args).map_err(refused)
    }
}

/// A refusal in the emulator's own words, as the same exception that the core's refusals are.
fn refused(why: impl ToString) -> Error {
    crate::json::exception(&koophone::Error::invalid("emulator", why.to_string()))
}
