//! The Rust faces: the blocking client and the async client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use koophone::{
    Call, CallOptions, CancelToken, Client, Credentials, Error, Listing, PhoneResults, Task, WaitOptions, blocking,
};
use serde_json::{Value, json};

use crate::call::{Arguments, Make, Returned, operation_of};
use crate::face::Face;
use crate::line::Line;
use crate::operations;

/// How calls are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `koophone::blocking::Client`.
    Blocking,
    /// `koophone::Client`, awaited in a runtime of the caller.
    Async,
}

/// A Rust face.
pub struct RustFace {
    style: Style,
    client: Option<Client>,
    task: Option<Task>,
}

type Reply = Result<Value, Error>;

impl RustFace {
    /// A face that has no client yet.
    pub fn new(style: Style) -> Self {
        Self { style, client: None, task: None }
    }

    fn make_client(&mut self, line: &Line) -> Reply {
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

    fn call(&mut self, line: &Line) -> Reply {
        let client = self.client.clone().ok_or_else(|| Error::internal("no client yet"))?;
        let way = Way { style: self.style, options: options(line) };
        let name = line.words.get(1).map_or("", String::as_str);
        if name == "login" {
            return Ok(json!({"identity": way.make(client.login())?}));
        }
        if name == "stats" {
            return Ok(json!({"stats": client.stats()}));
        }
        let operation = operation_of(name).ok_or_else(|| Error::internal(format!("unknown call {name:?}")))?;
        let arguments = Arguments::of_line(operation, line);
        let returned = match self.style {
            Style::Blocking => {
                operations::call_blocking(&blocking::Client::from(client).with(way.options), name, &arguments)
            }
            Style::Async => operations::call(&client, name, &arguments, &way),
        }?;
        let raised = line.get("raise_for_errors").is_some();
        Ok(match returned {
            Returned::PerPhone(_, Some(error)) if raised => return Err(error),
            Returned::PerPhone(phones, _) => {
                json!({"results": phones.into_iter().map(|phone| phone.json).collect::<Value>()})
            }
            Returned::Task(task) => self.keep(task),
            Returned::Value(value) => json!({operations::reply(name).map_or("", |(field, _)| field): value}),
            Returned::Nothing => json!({"ok": true}),
        })
    }

    fn keep(&mut self, task: Task) -> Value {
        let shown = json!({"operation": task.operation(), "task_ids": task.task_ids(), "phones": task.phones()});
        self.task = Some(task);
        json!({"task": shown})
    }

    fn task(&mut self, line: &Line) -> Reply {
        let verb = line.words.get(1).map(String::as_str);
        if verb == Some("resume") {
            let client = self.client.clone().ok_or_else(|| Error::internal("no client yet"))?;
            let task = client.resume_task(line.get("saved").unwrap_or_default())?;
            return Ok(self.keep(task));
        }
        let task = self.task.clone().ok_or_else(|| Error::internal("no task yet"))?;
        let mut way = Way { style: self.style, options: options(line) };
        match verb {
            Some("save") => Ok(json!({"saved": task.save()})),
            Some("poll") => Ok(json!({"status": way.make(task.poll())?})),
            Some("wait") => {
                let seen = Arc::new(Mutex::new(Vec::new()));
                let progress = seen.clone();
                let wait = WaitOptions::new()
                    .timeout(way.options.timeout.take())
                    .on_progress(move |p| progress.lock().expect("not poisoned").push(p));
                let jobs = way.make(task.wait(wait))?;
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

/// How this face makes a call.
struct Way {
    style: Style,
    options: CallOptions,
}

impl Make for Way {
    fn make<T: Send + 'static>(&self, call: Call<T>) -> koophone::Result<T> {
        let call = call.options(self.options.clone());
        match self.style {
            Style::Blocking => call.wait(),
            Style::Async => drive(async { call.await }),
        }
    }

    /// Only for the async client: the blocking client has its own iterators.
    fn list<T: Send + 'static>(&self, listing: Listing<T>) -> koophone::Result<Vec<T>> {
        let mut listing = listing.options(self.options.clone());
        drive(async move {
            let mut all = Vec::new();
            while let Some(item) = listing.next().await {
                all.push(item?);
            }
            Ok(all)
        })
    }
}

/// Runs a future in a runtime that is not the core's.
fn drive<T>(work: impl Future<Output = koophone::Result<T>>) -> koophone::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|e| Error::internal(e.to_string()))?;
    runtime.block_on(work)
}

fn options(line: &Line) -> CallOptions {
    let milliseconds = |name: &str| line.get(name).and_then(|text| text.parse().ok()).map(Duration::from_millis);
    let mut options =
        CallOptions::new().timeout(milliseconds("timeout_ms")).repeatable(line.get("repeatable") == Some("true"));
    if let Some(traceparent) = line.get("traceparent") {
        options = options.traceparent(traceparent);
    }
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

impl Face for RustFace {
    fn execute(&mut self, line: &Line) -> Result<Value, String> {
        let reply = match line.words.first().map(String::as_str) {
            Some("client") => self.make_client(line),
            Some("call") => self.call(line),
            Some("task") => self.task(line),
            other => return Err(format!("unknown line {other:?}")),
        };
        Ok(reply.unwrap_or_else(|error| json!({"error": error})))
    }
}
