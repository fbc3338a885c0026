//! `async-command`: start a command and get a task to follow.

use http::Method;
use serde::Deserialize;

use super::body;
use super::run_command::CommandRequest;
use crate::batch::{self, Item};
use crate::call::{CallContext, Trace};
use crate::envelope::{self, WireId};
use crate::error::{Error, Result};
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
}

#[derive(Deserialize)]
pub(crate) struct WireJob {
    #[serde(deserialize_with = "envelope::id")]
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
        |chunk| async move {
            let body = body::over_phones(chunk, &CommandRequest { command })?;
            let (data, trace) = context.send::<TaskData>(&OPERATION, None, Some(body)).await?;
            Ok(join(chunk, data, |task| match task {
                Some(_) => None,
                None => Some(trace.missing(&OPERATION)),
            }))
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
    let (task_id, jobs) =
        data.map_or((None, Vec::new()), |data| (data.task_id.filter(|id| !id.is_empty()), data.cmd_jobs));
    let phone = |instance_id, job_id: Option<String>| {
        let error = if task_id.is_some() && job_id.is_some() { None } else { no_job(task_id.as_deref()) };
        TaskPhone { instance_id, task_id: task_id.clone(), job_id, error }
    };
    batch::join(chunk, jobs, |id, job| phone(id, job.job_id), |id| phone(id, None))
}

pub(crate) fn failed(instance_id: InstanceId, error: &Error) -> TaskPhone {
    TaskPhone { instance_id, task_id: None, job_id: None, error: Some(error.clone()) }
}

/// Marks a phone that the answer does not name.
impl Trace {
    pub fn missing(&self, operation: &Operation) -> Error {
        let kind = if operation.changes { crate::ErrorKind::OutcomeUnknown } else { crate::ErrorKind::Protocol };
        let what = if operation.changes { "; look at the phone before you repeat it" } else { "" };
        self.sign(Error::new(kind, format!("the answer of {} does not name this phone{what}", operation.service_name)))
    }
}
