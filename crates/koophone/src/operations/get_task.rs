//! `tasks/{id}`: the state of every job of one task.

use http::Method;
use serde::Deserialize;

use super::run_command::WireResult;
use crate::call::CallContext;
use crate::client::Client;
use crate::envelope;
use crate::error::Result;
use crate::model::{JobResult, TaskStatus};
use crate::operation::{Operation, Returns, Target};
use crate::request::Call;
use crate::task;
use crate::validate;

pub(crate) const OPERATION: Operation = Operation {
    name: "get_task",
    service_name: "the task query",
    method: Method::GET,
    path: "/v1/instances/tasks/{}",
    doc: "Reads the state of all jobs of one task. The service's response names jobs, not phones; a task knows which is \
          which.",
    idempotent: true,
    read_only: true,
    destructive: false,
    costs_money: false,
    target: Target::Task,
    params: &[],
    returns: Returns::Value("TaskStatus"),
    payload: &["jobs"],
};

impl Client {
    /// Reads the state of all jobs of one task: `tasks/{task_id}` (`GET /v1/instances/tasks/{task_id}`).
    ///
    /// The service's response names jobs, not phones; a [`Task`](crate::Task) knows which is which.
    ///
    /// # Errors
    ///
    /// `not_found` if the service does not know the task.
    pub fn get_task(&self, task_id: impl Into<String>) -> Call<TaskStatus> {
        let task_id = task_id.into();
        self.call(async move |context| jobs(&context, &task_id).await.map(task::status_of))
    }
}

#[derive(Deserialize)]
pub(super) struct Data {
    #[serde(default, deserialize_with = "envelope::list")]
    jobs: Vec<WireResult>,
}

/// The jobs of one task, in the order of the service.
pub(crate) async fn jobs(context: &CallContext, task_id: &str) -> Result<Vec<JobResult>> {
    validate::task_id(task_id)?;
    let (data, trace) = context.send::<Data>(&OPERATION, Some(task_id), None).await?;
    let items = data.map(|data| data.jobs).unwrap_or_default();
    let job = |item: WireResult| JobResult {
        // docs/spec/wire-notes.md#38: the answer names no phone; the task that kept the jobs adds it.
        instance_id: None,
        state: item.state(),
        status: item.status,
        output_truncated: item.is_cut(),
        error: item.error(&trace),
        job_id: item.job_id,
        output: item.execute_msg,
    };
    Ok(items.into_iter().map(job).collect())
}
