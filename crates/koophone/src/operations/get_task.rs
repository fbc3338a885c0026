//! `tasks/{id}`: the state of every job of one task.

use http::Method;
use serde::Deserialize;

use super::run_command::WireResult;
use crate::call::CallContext;
use crate::envelope;
use crate::error::Result;
use crate::model::JobResult;
use crate::operation::Operation;
use crate::validate;

pub(crate) const OPERATION: Operation = Operation {
    name: "get_task",
    service_name: "the task query",
    method: Method::GET,
    path: "/v1/instances/tasks/{}",
    changes: false,
    read_only: true,
    destroys: false,
    max_batch: 0,
};

#[derive(Deserialize)]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "envelope::list")]
    jobs: Vec<WireResult>,
}

pub(crate) async fn run(context: &CallContext, task_id: &str) -> Result<Vec<JobResult>> {
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
