//! The emulator. Options, faults and rules come as JSON text, and what it knows goes back as JSON text, both in the
//! emulator's own snake_case: the facade turns names.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use koophone_emulator::{Emulator, Fault, Options, Rule, StartError};
use napi::bindgen_prelude::Object;
use napi::{Env, Error, Result};
use napi_derive::napi;
use serde::Serialize;

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

    /// The environment variables that make a client use it and log in.
    #[napi]
    pub fn environment(&self) -> HashMap<String, String> {
        self.0.environment().into_iter().collect()
    }

    /// What to log in with.
    #[napi]
    pub fn credentials(&self) -> Result<String> {
        text(self.0.credentials())
    }

    /// Ids of all phones.
    #[napi]
    pub fn instance_ids(&self) -> Vec<String> {
        self.0.instance_ids()
    }

    /// Adds faults.
    #[napi]
    pub fn add_faults(&self, faults: String) -> Result<()> {
        Fault::list_from_json(&faults).and_then(|faults| self.0.add_faults(faults)).map_err(refused)
    }

    /// Empties the queue of faults.
    #[napi]
    pub fn clear_faults(&self) {
        self.0.clear_faults();
    }

    /// Faults that are not used up.
    #[napi]
    pub fn pending_faults(&self) -> Result<String> {
        text(&self.0.pending_faults())
    }

    /// Adds rules.
    #[napi]
    pub fn add_rules(&self, rules: String) -> Result<()> {
        Rule::list_from_json(&rules).and_then(|rules| self.0.add_rules(rules)).map_err(refused)
    }

    /// Removes all rules.
    #[napi]
    pub fn clear_rules(&self) {
        self.0.clear_rules();
    }

    /// What all phones, or one, really did.
    #[napi]
    pub fn journal(&self, instance_id: Option<String>) -> Result<String> {
        text(&instance_id.map_or_else(|| self.0.journal(), |id| self.0.journal_of(&id)))
    }

    /// Empties the journal.
    #[napi]
    pub fn clear_journal(&self) {
        self.0.clear_journal();
    }

    /// Every request that arrived.
    #[napi]
    pub fn requests(&self) -> Result<String> {
        text(&self.0.requests())
    }

    /// Empties the log of requests.
    #[napi]
    pub fn clear_requests(&self) {
        self.0.clear_requests();
    }

    /// Moves the clock.
    #[napi]
    pub fn advance(&self, milliseconds: f64) -> Result<()> {
        let time = Duration::try_from_secs_f64(milliseconds / 1000.0);
        self.0.advance(time.map_err(|_| refused("the clock moves forward only, by a number of milliseconds"))?);
        Ok(())
    }

    /// The clock: milliseconds since 1970.
    #[napi]
    pub fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }

    /// Ends the life of every token.
    #[napi]
    pub fn expire_tokens(&self) {
        self.0.expire_tokens();
    }

    /// Gives a phone any state number; false if there is no such phone.
    #[napi]
    pub fn set_phone_state(&self, instance_id: String, state: i64) -> bool {
        self.0.set_phone_state(&instance_id, state)
    }

    /// All there is to know about a phone.
    #[napi]
    pub fn phone(&self, instance_id: String) -> Result<Option<String>> {
        self.0.phone(&instance_id).map(|phone| text(&phone)).transpose()
    }
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::from_reason(error.to_string()))
}

/// A refusal in the emulator's own words, as the same exception that the core's refusals are.
fn refused(why: impl ToString) -> Error {
    crate::json::exception(&koophone::Error::invalid("emulator", why.to_string()))
}
