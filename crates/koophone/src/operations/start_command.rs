//! `async-command`: start a command and get a task to follow.

use futures_util::FutureExt;
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::body;
use super::run_command::CommandRequest;
use crate::batch::{self, Item};
use crate::call::{CallContext, Trace};
use crate::envelope::{self, WireId};
use crate::error::{Error, ErrorKind, Result};
use crate::instance_id::InstanceId;
use crate::model::TaskPhone;
use crate::operation::Operation;
use crate::validate::{self, Phones};

pub(crate) const OPERATION: Operation = Operation {
    name: "start_command",
    service_name: "async-command",
    method: Method::POST,
    path: "/v1/instances/async-command",
    changes: true,
    read_only: false,
    destroys: false,
    max_batch: 100,
};

/// The data of every answer that starts a task.
#[derive(Deserialize)]
pub(crate) struct TaskData {
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    pub task_id: Option<String>,
    #[serde(default, deserialize_with = "envelope::list")]
    pub cmd_jobs: Vec<WireJob>,
    /// docs/spec/wire-notes.md#65: the task of a reset may be one level deeper. Of any type, like every field we do not need.
    #[serde(default)]
    data: Value,
}

impl TaskData {
    /// Itself, or the task one level deeper where it has none.
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
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    pub job_id: Option<String>,
}

impl Item for WireJob {
    fn instance_id(&self) -> &str {
        &self.instance_id
    }
}

pub(crate) async fn run(context: &CallContext, phones: Phones, command: &str) -> Result<Vec<TaskPhone>> {
    validate::command(command, context.settings().strict_commands)?;
    batch::over_phones(
        context,
        &OPERATION,
        &phones,
        |chunk| {
            async move {
                let body = body::over_phones(chunk, &CommandRequest { command })?;
                let (data, trace) = context.send::<TaskData>(&OPERATION, None, Some(body)).await?;
                Ok(join(chunk, data, |task| match task {
                    Some(_) => None,
                    None => Some(trace.missing(&OPERATION)),
                }))
            }
            .boxed()
        },
        failed,
    )
    .await
}

/// Joins the jobs of a new task to the phones asked. `no_job` says what it means for a phone that no job names.
pub(crate) fn join(
    chunk: &[InstanceId],
    data: Option<TaskData>,
    no_job: impl Fn(Option<&str>) -> Option<Error>,
) -> Vec<TaskPhone> {
    let data = data.map(TaskData::flattened);
    let (task_id, jobs) =
        data.map_or((None, Vec::new()), |data| (data.task_id.filter(|id| !id.is_empty()), data.cmd_jobs));
    let phone = |instance_id, job_id: Option<String>| {
        let error = if task_id.is_some() && job_id.is_some() { None } else { no_job(task_id.as_deref()) };
        TaskPhone { instance_id, task_id: task_id.clone(), job_id, error }
    };
    batch::join(chunk, jobs, |id, job| phone(id, job.job_id), |id| phone(id, None))
}

pub(crate) fn failed(instance_id: InstanceId, error: &Error) -> TaskPhone {
    TaskPhone { instance_id, task_id: None, job_id: None, error: Some(error.clone().about(instance_id)) }
}

impl Trace {
    /// The error of a phone that the response does not name.
    pub fn missing(&self, operation: &Operation) -> Error {
        self.unusable_item(operation, "does not name this phone")
    }

    /// The error of a phone whose part of the response makes no sense.
    pub fn unreadable(&self, operation: &Operation) -> Error {
        self.unusable_item(operation, "has no readable state for this phone")
    }

    fn unusable_item(&self, operation: &Operation, what: &str) -> Error {
        let (kind, advice) = match operation.changes {
            true => (ErrorKind::OutcomeUnknown, "; check the phone before you repeat it"),
            false => (ErrorKind::Protocol, ""),
        };
        let message = format!("the response of {} {what}{advice}", operation.service_name);
        self.attach_to(Error::new(kind, message).with(|error| error.maybe_executed = !operation.read_only))
    }
}
