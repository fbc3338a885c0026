//! Who makes the calls: the core itself, or a program of another language (`program.rs`).

use std::time::Duration;

use koophone::{Client, Error, PhoneResult, Task, WaitOptions};
use koophone_conformance::call::{Returned, Waiting};
use koophone_conformance::example::{arguments, start_task};
use koophone_conformance::operations;
use koophone_emulator::Emulator;

use crate::call::Call;
use crate::proxy::Way;

/// Two phones in one request and one in the next.
const BATCH: &str = "2";

/// How long a call may take.
#[derive(Clone, Copy)]
pub struct Limits {
    /// All of it.
    pub deadline: Duration,
    /// One request. Only a stall is waited out; anything else is noticed at once, on a slow machine a little later.
    pub attempt: Duration,
}

/// A call to make.
pub struct Asked<'a> {
    /// What is called.
    pub call: Call,
    /// How a chunk fails.
    pub way: Way,
    /// Whose phones are asked, and by whose credentials.
    pub emulator: &'a Emulator,
    /// Where the service is said to be.
    pub url: &'a str,
    /// Where the identity service is said to be.
    pub iam: &'a str,
    /// The task that was started beforehand, for operations that need one.
    pub prepared: Option<Task>,
}

impl Asked<'_> {
    /// The settings of the client, apart from region and credentials.
    pub fn settings(&self, limits: Limits) -> Vec<(&'static str, String)> {
        let seconds = |time: Duration| time.as_secs_f64().to_string();
        vec![
            ("endpoint", self.url.to_owned()),
            ("iam_endpoint", self.iam.to_owned()),
            ("timeout", seconds(limits.deadline)),
            ("attempt_timeout", seconds(limits.attempt)),
            ("proxy", "none".to_owned()),
            ("batch_size", BATCH.to_owned()),
            ("concurrency", "1".to_owned()),
        ]
    }
}

/// Makes calls.
pub trait Caller {
    /// How long its calls may take.
    fn limits(&self, way: Way) -> Limits;

    /// Does, undisturbed, what must be done before the operation.
    fn prepare(&mut self, emulator: &Emulator, call: Call) -> koophone::Result<Option<Task>>;

    /// Makes the call: one error or none per phone.
    fn call(&mut self, asked: &Asked<'_>) -> koophone::Result<Vec<Option<Error>>>;
}

/// The core, in this process.
pub struct Core;

impl Caller for Core {
    fn limits(&self, way: Way) -> Limits {
        let attempt = Duration::from_millis(if way == Way::Stall { 700 } else { 2500 });
        Limits { deadline: Duration::from_secs(3), attempt }
    }

    fn prepare(&mut self, emulator: &Emulator, call: Call) -> koophone::Result<Option<Task>> {
        if !call.follows() {
            return Ok(None);
        }
        let (url, prepared) = (emulator.endpoint(), None);
        let undisturbed = Asked { call, way: Way::Close, emulator, url, iam: url, prepared };
        start_task(&self.client(&undisturbed)?, &emulator.instance_ids()).map(Some)
    }

    fn call(&mut self, asked: &Asked<'_>) -> koophone::Result<Vec<Option<Error>>> {
        let client = self.client(asked)?;
        let ids = asked.emulator.instance_ids();
        let operation = match asked.call {
            Call::Operation(operation) => operation,
            Call::WaitForTask => {
                let task = asked.prepared.as_ref().ok_or_else(|| Error::internal("no task"))?;
                let timeout = Some(self.limits(asked.way).deadline);
                let wait = client.resume_task(&task.save())?.wait(WaitOptions::new().timeout(timeout));
                return Ok(errors(&wait.wait()?));
            }
        };
        let task_id = asked.prepared.as_ref().and_then(|task| task.task_ids().first()).map_or("", String::as_str);
        let given = arguments(operation, &ids, task_id);
        match operations::call(&client, operation.name, &given, &Waiting)? {
            Returned::PerPhone(phones, _) => Ok(phones.into_iter().map(|phone| end(phone.error, phone.ok)).collect()),
            other => Ok(other.errors()),
        }
    }
}

impl Core {
    fn client(&self, asked: &Asked<'_>) -> koophone::Result<Client> {
        let mut builder = Client::builder().environment(asked.emulator.environment());
        for (name, value) in asked.settings(self.limits(asked.way)) {
            builder = builder.setting(name, value);
        }
        builder.build()
    }
}

fn errors<T: PhoneResult>(results: &[T]) -> Vec<Option<Error>> {
    results.iter().map(|result| end(result.error().cloned(), result.ok())).collect()
}

fn end(error: Option<Error>, ok: bool) -> Option<Error> {
    error.or_else(|| (!ok).then(|| Error::internal("no state and no error")))
}
