//! `async-command`: start a command and get a task to follow.

use std::borrow::Cow;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::per_phone::PerPhone;
use super::run_command::{COMMAND, CommandRequest};
use super::validate;
use crate::model::{Error, InstanceId, Operation, Result, Returns, Target, TaskPhone};
use crate::pipeline::Trace;
use crate::pipeline::batch::{self, Item};
use crate::settings::Settings;
use crate::wire::envelope::{self, WireId};

pub(crate) const OPERATION: Operation = Operation {
    name: "start_command",
    service_name: "async-command",
    method: Method::POST,
    path: "/v1/instances/async-command",
    doc: "Starts a shell command on every phone. The task that it returns has the job of every phone; wait for it to \
        get the results.",
    idempotent: false,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: COMMAND,
    returns: Returns::Task { otherwise: "query_status" },
    payload: &["task_id", "cmd_jobs"],
};

pub(crate) struct StartCommand {
    pub command: String,
}

/// The data of every response that starts a task.
#[derive(Deserialize)]
pub(crate) struct TaskData {
    #[serde(default, deserialize_with = "envelope::opaque_id")]
    pub task_id: Option<String>,
    #[serde(default, deserialize_with = "envelope::list")]
    pub cmd_jobs: Vec<WireJob>,
    /// docs/spec/wire-notes.md#65: the task of a reset may be one level deeper. Of any type, like every field that is
    /// not used.
    #[serde(default)]
    data: Value,
}

impl TaskData {
    /// Itself, or the task one level deeper if it has none.
    fn flattened(mut self) -> Self {
        let inner = self.data.take();
        if self.task_id.is_some() || !inner.is_object() {
            return self;
        }
        serde_json::from_value(inner).unwrap_or(self)
    }
}

#[derive(Deserialize)]
pub(crate) struct WireJob {
    #[serde(default, deserialize_with = "envelope::id")]
    pub instance_id: WireId,
    #[serde(default, deserialize_with = "envelope::opaque_id")]
    pub job_id: Option<String>,
}

impl Item for WireJob {
    fn instance_id(&self) -> &str {
        &self.instance_id
    }
}

impl PerPhone for StartCommand {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = TaskData;
    type Result = TaskPhone;

    fn validate(&self, settings: &Settings) -> Result<()> {
        validate::command(&self.command, settings.strict_commands)
    }

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(CommandRequest { instance_ids: phones, command: Cow::Borrowed(&self.command) })
    }

    fn results(&self, phones: &[InstanceId], data: Option<TaskData>, trace: &Trace) -> Vec<TaskPhone> {
        join(phones, data, || Some(trace.missing(&OPERATION)))
    }

    fn failed(instance_id: InstanceId, error: Error) -> TaskPhone {
        failed(instance_id, error)
    }
}

/// Joins the jobs of a new task to the phones asked. `no_job` is the error of a phone that no job names, if that is
/// one.
pub(super) fn join(chunk: &[InstanceId], data: Option<TaskData>, no_job: impl Fn() -> Option<Error>) -> Vec<TaskPhone> {
    let data = data.map(TaskData::flattened);
    let (task_id, jobs) = data.map_or((None, Vec::new()), |data| (data.task_id, data.cmd_jobs));
    let phone = |instance_id, job_id: Option<String>| {
        let has_job = task_id.is_some() && job_id.is_some();
        let error = if has_job { None } else { no_job().map(|error| error.about(instance_id)) };
        TaskPhone { instance_id, task_id: task_id.clone(), job_id, error }
    };
    batch::join(chunk, jobs, |id, job| phone(id, job.job_id), |id| phone(id, None))
}

pub(super) fn failed(instance_id: InstanceId, error: Error) -> TaskPhone {
    TaskPhone { instance_id, task_id: None, job_id: None, error: Some(error) }
}
