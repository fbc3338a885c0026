//! The Rust faces: the same lines through the blocking client and through the async one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use koophone::{
    Call, CallOptions, CancelToken, Client, Credentials, Error, PhoneResults, Task, VideoSettings, WaitOptions,
    blocking,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::face::Face;
use crate::line::Line;

/// How calls are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `koophone::blocking::Client`.
    Blocking,
    /// `koophone::Client`, awaited in a foreign runtime.
    Async,
}

/// A Rust face.
pub struct RustFace {
    style: Style,
    client: Option<Client>,
    task: Option<Task>,
}

type Answer = Result<Value, Error>;

impl RustFace {
    /// A face without a client yet.
    pub fn new(style: Style) -> Self {
        Self { style, client: None, task: None }
    }

    fn make_client(&mut self, line: &Line) -> Answer {
        let mut builder = Client::builder().environment([]);
        let mut credentials = Vec::new();
        for (name, value) in &line.fields {
            match name.strip_prefix("credential.") {
                Some(field) => credentials.push((field, value.as_str())),
                None => builder = builder.setting(name, value),
            }
        }
        if !credentials.is_empty() {
            builder = builder.credentials(Credentials::from_fields(credentials)?);
        }
        self.client = Some(builder.build()?);
        Ok(json!({"ok": true}))
    }

    /// Makes a call in this face's style.
    fn make<T: Send + 'static>(
        &self,
        line: &Line,
        asynchronous: impl FnOnce(&Client) -> Call<T>,
        blocking: impl FnOnce(&blocking::Client) -> koophone::Result<T>,
    ) -> koophone::Result<T> {
        let client = self.client.clone().ok_or_else(|| Error::internal("no client yet"))?;
        let options = options(line);
        match self.style {
            Style::Blocking => blocking(&blocking::Client::from(client).with(options)),
            Style::Async => drive(asynchronous(&client).options(options)),
        }
    }

    fn call(&mut self, line: &Line) -> Answer {
        let ids = line.all("instance_id");
        let id = || line.get("instance_id").unwrap_or_default();
        let command = line.get("command").unwrap_or_default();
        let task_id = line.get("task_id").unwrap_or_default();
        match line.words.get(1).map(String::as_str) {
            Some("run_command") => {
                results(line, self.make(line, |c| c.run_command(&ids, command), |c| c.run_command(&ids, command))?)
            }
            Some("query_status") => results(line, self.make(line, |c| c.query_status(&ids), |c| c.query_status(&ids))?),
            Some("set_video_settings") => {
                let video = VideoSettings::from_json(line.get("video").unwrap_or_default())?;
                let again = video.clone();
                results(
                    line,
                    self.make(line, |c| c.set_video_settings(&ids, video), |c| c.set_video_settings(&ids, again))?,
                )
            }
            Some("start_command") => {
                let task = self.make(
                    line,
                    |c| c.start_command(&ids, command),
                    |c| c.start_command(&ids, command).map(|task| task.inner().clone()),
                )?;
                Ok(self.keep(task))
            }
            Some("reset_instances") => {
                let task = self.make(
                    line,
                    |c| c.reset_instances(&ids),
                    |c| c.reset_instances(&ids).map(|task| task.inner().clone()),
                )?;
                Ok(self.keep(task))
            }
            Some("get_task") => {
                Ok(json!({"status": self.make(line, |c| c.get_task(task_id), |c| c.get_task(task_id))?}))
            }
            Some("get_device_token") => {
                let token = self.make(line, |c| c.get_device_token(id()), |c| c.get_device_token(id()))?;
                Ok(json!({"authorization": token}))
            }
            Some("login") => Ok(json!({"identity": self.make(line, |c| c.login(), |c| c.login())?})),
            other => Err(Error::internal(format!("unknown call {other:?}"))),
        }
    }

    fn keep(&mut self, task: Task) -> Value {
        let shown = json!({"operation": task.operation(), "task_ids": task.task_ids(), "phones": task.phones()});
        self.task = Some(task);
        json!({"task": shown})
    }

    fn task(&mut self, line: &Line) -> Answer {
        let verb = line.words.get(1).map(String::as_str);
        if verb == Some("resume") {
            let client = self.client.clone().ok_or_else(|| Error::internal("no client yet"))?;
            let task = client.resume_task(line.get("saved").unwrap_or_default())?;
            return Ok(self.keep(task));
        }
        let task = self.task.clone().ok_or_else(|| Error::internal("no task yet"))?;
        let run = |call: Call<Vec<koophone::JobResult>>| match self.style {
            Style::Blocking => call.wait(),
            Style::Async => drive(call),
        };
        match verb {
            Some("save") => Ok(json!({"saved": task.save()})),
            Some("poll") => {
                let call = task.poll().options(options(line));
                let status = if self.style == Style::Blocking { call.wait() } else { drive(call) }?;
                Ok(json!({"status": status}))
            }
            Some("wait") => {
                let seen = Arc::new(Mutex::new(Vec::new()));
                let progress = seen.clone();
                let mut options = options(line);
                let wait = WaitOptions::new()
                    .timeout(options.timeout.take())
                    .on_progress(move |p| progress.lock().expect("not poisoned").push(p));
                let jobs = run(task.wait(wait).options(options))?;
                if line.get("raise_for_errors").is_some() {
                    jobs.raise_for_errors()?;
                }
                let progress = seen.lock().expect("not poisoned").clone();
                Ok(json!({"results": jobs, "progress": progress}))
            }
            other => Err(Error::internal(format!("unknown task verb {other:?}"))),
        }
    }
}

/// Awaits a call in a runtime that is not the core's.
fn drive<T: Send + 'static>(call: Call<T>) -> koophone::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|e| Error::internal(e.to_string()))?;
    runtime.block_on(async { call.await })
}

fn options(line: &Line) -> CallOptions {
    let milliseconds = |name: &str| line.get(name).and_then(|text| text.parse().ok()).map(Duration::from_millis);
    let mut options =
        CallOptions::new().timeout(milliseconds("timeout_ms")).repeatable(line.get("repeatable") == Some("true"));
    if let Some(after) = milliseconds("cancel_after_ms") {
        let token = CancelToken::new();
        options = options.cancel_with(token.clone());
        std::thread::spawn(move || {
            std::thread::sleep(after);
            token.cancel();
        });
    }
    options
}

fn results<T: koophone::PhoneResult + Serialize>(line: &Line, results: Vec<T>) -> Answer {
    if line.get("raise_for_errors").is_some() {
        results.raise_for_errors()?;
    }
    Ok(json!({"results": results}))
}

impl Face for RustFace {
    fn tell(&mut self, line: &Line) -> Result<Value, String> {
        let answer = match line.words.first().map(String::as_str) {
            Some("client") => self.make_client(line),
            Some("call") => self.call(line),
            Some("task") => self.task(line),
            other => return Err(format!("unknown line {other:?}")),
        };
        Ok(answer.unwrap_or_else(|error| json!({"error": error})))
    }
}
