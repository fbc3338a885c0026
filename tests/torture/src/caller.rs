//! Who makes the calls: the core itself, or a program in another language (`program.rs`).

use std::time::Duration;

use koophone::{Client, Error, PhoneResult, Task, WaitOptions};
use koophone_conformance::call::{Returned, Waiting};
use koophone_conformance::example::{arguments, start_task};
use koophone_conformance::operations;
use koophone_emulator::Emulator;

use crate::call::Call;
use crate::proxy::FailureMode;

/// With three phones: two in the first request, one in the second.
const BATCH: &str = "2";

/// How long a call may take.
#[derive(Clone, Copy)]
pub struct Limits {
    /// The whole call.
    pub deadline: Duration,
    /// One attempt. Only a stall lasts this long; every other failure is noticed at once.
    pub attempt: Duration,
}

/// A call to make.
pub struct CallRequest<'a> {
    /// The call.
    pub call: Call,
    /// How the chunk fails.
    pub mode: FailureMode,
    /// The emulator whose phones and credentials are used.
    pub emulator: &'a Emulator,
    /// The service's URL as the client is configured.
    pub url: &'a str,
    /// The identity service's URL as the client is configured.
    pub iam: &'a str,
    /// The task started beforehand, for calls that need one.
    pub prepared: Option<Task>,
}

impl CallRequest<'_> {
    /// The client's settings, except region and credentials.
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
    /// How long a call may take.
    fn limits(&self, mode: FailureMode) -> Limits;

    /// Does what must precede the call, without disturbance.
    fn prepare(&mut self, emulator: &Emulator, call: Call) -> koophone::Result<Option<Task>>;

    /// Makes the call; returns one entry per phone, with its error if it failed.
    fn call(&mut self, request: &CallRequest<'_>) -> koophone::Result<Vec<Option<Error>>>;
}

/// The core, in this process.
pub struct Core;

impl Caller for Core {
    fn limits(&self, mode: FailureMode) -> Limits {
        let attempt = Duration::from_millis(if mode == FailureMode::Stall { 700 } else { 2500 });
        Limits { deadline: Duration::from_secs(3), attempt }
    }

    fn prepare(&mut self, emulator: &Emulator, call: Call) -> koophone::Result<Option<Task>> {
        if !call.needs_task() {
            return Ok(None);
        }
        let (url, prepared) = (emulator.endpoint(), None);
        let undisturbed = CallRequest { call, mode: FailureMode::Close, emulator, url, iam: url, prepared };
        start_task(&self.client(&undisturbed)?, &emulator.instance_ids()).map(Some)
    }

    fn call(&mut self, request: &CallRequest<'_>) -> koophone::Result<Vec<Option<Error>>> {
        let client = self.client(request)?;
        let ids = request.emulator.instance_ids();
        let operation = match request.call {
            Call::Operation(operation) => operation,
            Call::WaitForTask => {
                let task = request.prepared.as_ref().ok_or_else(|| Error::internal("no task"))?;
                let timeout = Some(self.limits(request.mode).deadline);
                let wait = client.resume_task(&task.save())?.wait(WaitOptions::new().timeout(timeout));
                return Ok(errors(&wait.wait()?));
            }
        };
        let task_id = request.prepared.as_ref().and_then(|task| task.task_ids().first()).map_or("", String::as_str);
        let given = arguments(operation, &ids, task_id);
        match operations::call(&client, operation.name, &given, &Waiting)? {
            Returned::PerPhone(phones, _) => Ok(phones.into_iter().map(|phone| end(phone.error, phone.ok)).collect()),
            other => Ok(other.errors()),
        }
    }
}

impl Core {
    fn client(&self, request: &CallRequest<'_>) -> koophone::Result<Client> {
        let mut builder = Client::builder().environment(request.emulator.environment());
        for (name, value) in request.settings(self.limits(request.mode)) {
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
