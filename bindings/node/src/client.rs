//! The client: one method per operation, each of which starts a call.

use koophone::{ClientBuilder, Credentials, LogLevel, Task, TaskPhone, VideoSettings, WaitOptions};
use napi_derive::napi;
use serde::Serialize;

use crate::calls::{Calls, Options, What};
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

/// Where the lines of a client's log go.
#[napi(object)]
pub struct LogTarget {
    /// The number they are told with.
    pub id: u32,
    /// The name of the least important level.
    pub level: String,
}

/// A client.
#[napi]
pub struct NativeClient(koophone::Client);

#[napi]
impl NativeClient {
    /// `settings` and `environment` are name, value, name, value, ...
    #[napi(constructor)]
    pub fn new(
        calls: &Calls,
        settings: Vec<String>,
        credentials: Option<&NativeCredentials>,
        environment: Vec<String>,
        log: Option<LogTarget>,
    ) -> napi::Result<Self> {
        let environment = environment.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
        let mut builder = koophone::Client::builder().environment(environment);
        for pair in settings.chunks_exact(2) {
            builder = builder.setting(&pair[0], &pair[1]);
        }
        if let Some(credentials) = credentials {
            builder = builder.credentials(credentials.0.clone());
        }
        if let Some(log) = log {
            builder = with_log(builder, calls, &log)?;
        }
        builder.build().map(Self).map_err(|error| json::exception(&error))
    }

    /// See [`koophone::Client::run_command`].
    #[napi]
    pub fn run_command(
        &self,
        calls: &Calls,
        options: Options,
        instance_ids: Vec<String>,
        command: String,
    ) -> napi::Result<()> {
        calls.open().start_answers(self.0.run_command(instance_ids, command), &options)
    }

    /// See [`koophone::Client::start_command`].
    #[napi]
    pub fn start_command(
        &self,
        calls: &Calls,
        options: Options,
        instance_ids: Vec<String>,
        command: String,
    ) -> napi::Result<()> {
        calls.open().start(self.0.start_command(instance_ids, command), &options, task_text)
    }

    /// See [`koophone::Client::get_task`].
    #[napi]
    pub fn get_task(&self, calls: &Calls, options: Options, task_id: String) -> napi::Result<()> {
        calls.open().start_plain(self.0.get_task(task_id), &options)
    }

    /// See [`koophone::Client::set_video_settings`]; `video` is the JSON form of the settings.
    #[napi]
    pub fn set_video_settings(
        &self,
        calls: &Calls,
        options: Options,
        instance_ids: Vec<String>,
        video: String,
    ) -> napi::Result<()> {
        let video = VideoSettings::from_json(&video).map_err(|error| json::exception(&error))?;
        calls.open().start_answers(self.0.set_video_settings(instance_ids, video), &options)
    }

    /// See [`koophone::Client::query_status`].
    #[napi]
    pub fn query_status(&self, calls: &Calls, options: Options, instance_ids: Vec<String>) -> napi::Result<()> {
        calls.open().start_answers(self.0.query_status(instance_ids), &options)
    }

    /// See [`koophone::Client::reset_instances`].
    #[napi]
    pub fn reset_instances(&self, calls: &Calls, options: Options, instance_ids: Vec<String>) -> napi::Result<()> {
        calls.open().start(self.0.reset_instances(instance_ids), &options, task_text)
    }

    /// See [`koophone::Client::get_device_token`].
    #[napi]
    pub fn get_device_token(&self, calls: &Calls, options: Options, instance_id: String) -> napi::Result<()> {
        calls.open().start_plain(self.0.get_device_token(instance_id), &options)
    }

    /// See [`koophone::Client::login`].
    #[napi]
    pub fn login(&self, calls: &Calls, options: Options) -> napi::Result<()> {
        calls.open().start_plain(self.0.login(), &options)
    }

    /// See [`koophone::Client::resume_task`]: the text of a task.
    #[napi]
    pub fn resume_task(&self, saved: String) -> napi::Result<String> {
        self.0.resume_task(&saved).and_then(|task| task_text(&task)).map_err(|error| json::exception(&error))
    }

    /// See [`koophone::Task::poll`].
    #[napi]
    pub fn poll_task(&self, calls: &Calls, options: Options, saved: String) -> napi::Result<()> {
        calls.open().start_plain(self.task(&saved)?.poll(), &options)
    }

    /// See [`koophone::Task::wait`]; with `progress` every change is told.
    #[napi]
    pub fn wait_for_task(&self, calls: &Calls, options: Options, saved: String, progress: bool) -> napi::Result<()> {
        let (open, id) = (calls.open().clone(), options.id);
        let mut wait = WaitOptions::default();
        if progress {
            wait.on_progress = Some(Box::new(move |progress| open.tell(id, What::Progress, json::text(&progress))));
        }
        calls.open().start_answers(self.task(&saved)?.wait(wait), &options)
    }

    fn task(&self, saved: &str) -> napi::Result<Task> {
        self.0.resume_task(saved).map_err(|error| json::exception(&error))
    }
}

fn with_log(builder: ClientBuilder, calls: &Calls, log: &LogTarget) -> napi::Result<ClientBuilder> {
    let Some(level) = LogLevel::ALL.into_iter().find(|level| level.name() == log.level) else {
        let names = LogLevel::ALL.map(LogLevel::name).join(", ");
        let message = format!("there is no log level {:?}; the levels are {names}", log.level);
        return Err(json::exception(&koophone::Error::invalid("log_level", message)));
    };
    #[derive(Serialize)]
    struct Line<'a> {
        level: &'a str,
        message: &'a str,
    }
    let (open, id) = (calls.open().clone(), log.id);
    Ok(builder.log(level, move |record| {
        let line = Line { level: record.level.name(), message: &record.message };
        open.tell(id, What::Log, json::text(&line));
    }))
}

/// All of a task that travels: the facade's `Task` holds it and gives `saved` back, so there is no native handle to keep.
fn task_text(task: &Task) -> koophone::Result<String> {
    #[derive(Serialize)]
    struct TaskText<'a> {
        operation: &'a str,
        task_ids: &'a [String],
        phones: &'a [TaskPhone],
        can_be_followed: bool,
        saved: String,
    }
    Ok(json::text(&TaskText {
        operation: task.operation(),
        task_ids: task.task_ids(),
        phones: task.phones(),
        can_be_followed: task.can_be_followed(),
        saved: task.save(),
    }))
}

/// The JSON form of [`VideoSettings::default`].
#[napi]
pub fn default_video_settings() -> napi::Result<String> {
    serde_json::to_string(&VideoSettings::default()).map_err(|error| napi::Error::from_reason(error.to_string()))
}

/// The text of an error of kind `invalid_argument`, for arguments that Node-API itself refuses.
#[napi]
pub fn invalid_argument(message: String) -> String {
    json::text(&koophone::Error::new(koophone::ErrorKind::InvalidArgument, message))
}
