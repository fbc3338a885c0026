//! The client. Its methods for operations are in `operations.rs`, which is generated.

use std::sync::Arc;

use koophone::{Call, Credentials, LogLevel, LogSwitch, PhoneResult, Task, TaskPhone, VideoSettings, WaitOptions};
use napi_derive::napi;
use serde::Serialize;

use crate::calls::{Calls, EventKind, Open, Options};
use crate::crossing::{self, Printed};
use crate::json;

/// Who calls. Its fields stay on this side: JavaScript never sees them again.
#[napi]
pub struct NativeCredentials(Credentials);

#[napi]
impl NativeCredentials {
    /// From name, value, name, value, ...
    #[napi(constructor)]
    pub fn new(fields: Vec<String>) -> napi::Result<Self> {
        let pairs = fields.chunks_exact(2).map(|pair| (pair[0].as_str(), pair[1].as_str()));
        Credentials::from_fields(pairs).map(Self).map_err(|error| json::exception(&error))
    }

    /// The provider chain.
    #[napi(factory)]
    pub fn chain() -> Self {
        Self(Credentials::chain())
    }

    /// One word for what it is.
    #[napi(getter)]
    pub fn method(&self) -> String {
        self.0.to_string()
    }
}

/// A client. Every method that starts a call takes its number, its deadline in milliseconds and its flags (see
/// [`Options`]). Lists of ids come as JSON text: one string crosses faster than many.
#[napi]
pub struct NativeClient {
    client: koophone::Client,
    open: Arc<Open>,
    log: LogSwitch,
}

#[napi]
impl NativeClient {
    /// `settings` and `environment` are name, value, name, value, ... The log's lines carry the number `log_id`.
    #[napi(constructor)]
    pub fn new(
        calls: &Calls,
        settings: Vec<String>,
        credentials: Option<&NativeCredentials>,
        environment: Vec<String>,
        log_id: u32,
        log_level: Option<String>,
    ) -> napi::Result<Self> {
        let environment = environment.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
        let mut builder = koophone::Client::builder().environment(environment);
        for pair in settings.chunks_exact(2) {
            builder = builder.setting(&pair[0], &pair[1]);
        }
        if let Some(credentials) = credentials {
            builder = builder.credentials(credentials.0.clone());
        }
        let (open, log) = (calls.open().clone(), LogSwitch::default());
        log.set(level_of(log_level.as_deref()));
        let sender = open.clone();
        let builder = builder.log(log.clone(), move |record| {
            let line = Line { level: record.level.name(), message: &record.message };
            sender.report(log_id, EventKind::Log, json::text(&line));
        });
        let client = builder.build().map_err(|error| json::exception(&error))?;
        Ok(Self { client, open, log })
    }

    /// Reports the log's lines up to a level from now on, or none.
    #[napi]
    pub fn set_log_level(&self, level: Option<String>) {
        self.log.set(level_of(level.as_deref()));
    }

    /// See [`koophone::Client::stats`]: as JSON.
    #[napi]
    pub fn stats(&self) -> String {
        json::text(&self.client.stats())
    }

    /// See [`koophone::Client::resume_task`]: the text of a task.
    #[napi]
    pub fn resume_task(&self, saved: String) -> napi::Result<String> {
        self.task(&saved).map(|task| task_text(&task))
    }

    /// See [`koophone::Task::poll`].
    #[napi]
    pub fn poll_task(
        &self,
        id: u32,
        timeout_ms: Option<f64>,
        flags: u32,
        traceparent: Option<String>,
        saved: String,
    ) -> napi::Result<()> {
        let options = Options { id, timeout_ms, flags, traceparent };
        self.start_plain(self.task(&saved)?.poll(), options)
    }

    /// See [`koophone::Task::wait`]; with `progress` every change is reported.
    #[napi]
    pub fn wait_for_task(
        &self,
        id: u32,
        timeout_ms: Option<f64>,
        flags: u32,
        traceparent: Option<String>,
        saved: String,
        progress: bool,
    ) -> napi::Result<()> {
        let mut wait = WaitOptions::default();
        if progress {
            let open = self.open.clone();
            wait.on_progress =
                Some(Box::new(move |progress| open.report(id, EventKind::Progress, json::text(&progress))));
        }
        let options = Options { id, timeout_ms, flags, traceparent };
        self.start_results(self.task(&saved)?.wait(wait), options)
    }

    fn task(&self, saved: &str) -> napi::Result<Task> {
        self.client.resume_task(saved).map_err(|error| json::exception(&error))
    }
}

impl NativeClient {
    pub(crate) fn client(&self) -> &koophone::Client {
        &self.client
    }

    pub(crate) fn open(&self) -> &Arc<Open> {
        &self.open
    }

    /// Starts a call whose result is data.
    pub(crate) fn start_plain<T: Serialize + Send + 'static>(
        &self,
        call: Call<T>,
        options: Options,
    ) -> napi::Result<()> {
        self.open.start(call, options, |value| Ok(json::text(&value).into()))
    }

    /// Starts a call with one result per phone.
    pub(crate) fn start_results<T: PhoneResult + Printed + Serialize + Send + 'static>(
        &self,
        call: Call<Vec<T>>,
        options: Options,
    ) -> napi::Result<()> {
        let check = options.check();
        self.open.start(call, options, move |mut results| {
            if check {
                crossing::check(&results)?;
            }
            Ok(crossing::results(&mut results))
        })
    }

    /// Starts a call that gives a task.
    pub(crate) fn start_task(&self, call: Call<Task>, options: Options) -> napi::Result<()> {
        let check = options.check();
        self.open.start(call, options, move |task| {
            if check {
                crossing::check(task.phones())?;
            }
            Ok(task_text(&task).into())
        })
    }
}

fn level_of(name: Option<&str>) -> Option<LogLevel> {
    LogLevel::ALL.into_iter().find(|level| Some(level.name()) == name)
}

/// A line of the log.
#[derive(Serialize)]
struct Line<'a> {
    level: &'a str,
    message: &'a str,
}

/// All of a task that travels: the facade's `Task` holds it and gives `saved` back, so there is no native handle to
/// keep.
fn task_text(task: &Task) -> String {
    #[derive(Serialize)]
    struct TaskText<'a> {
        operation: &'a str,
        task_ids: &'a [String],
        phones: &'a [TaskPhone],
        can_be_followed: bool,
        saved: String,
    }
    json::text(&TaskText {
        operation: task.operation(),
        task_ids: task.task_ids(),
        phones: task.phones(),
        can_be_followed: task.can_be_followed(),
        saved: task.save(),
    })
}

/// The JSON form of [`VideoSettings::default`].
#[napi]
pub fn default_video_settings() -> napi::Result<String> {
    serde_json::to_string(&VideoSettings::default()).map_err(|error| napi::Error::from_reason(error.to_string()))
}
