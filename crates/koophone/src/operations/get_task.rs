//! `tasks/{id}`: the state of every job of one task.

use http::Method;
use serde::Deserialize;

use super::run_command::WireResult;
use super::validate;
use crate::model::{JobResult, Operation, Result, Returns, Target};
use crate::pipeline::{CallContext, Parts};
use crate::wire::envelope;

pub(crate) const OPERATION: Operation = Operation {
    name: "get_task",
    service_name: "the task query",
    method: Method::GET,
    path: "/v1/instances/tasks/{}",
    doc: "Reads the state of all jobs of one task. The service's response names jobs, not phones; a task knows which \
        job which.",
    idempotent: true,
    read_only: true,
    destructive: false,
    costs_money: false,
    target: Target::Task,
    params: &[],
    returns: Returns::Value("TaskStatus"),
    payload: &["jobs"],
};

#[derive(Deserialize)]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "envelope::list")]
    jobs: Vec<WireResult>,
}

/// The jobs of one task, in the order of the service.
pub(crate) async fn jobs(context: &CallContext, task_id: &str) -> Result<Vec<JobResult>> {
    validate::task_id(task_id)?;
    let (data, trace) = context.send::<Data>(&OPERATION, Parts { id: Some(task_id), ..Parts::default() }).await?;
    let items = data.map(|data| data.jobs).unwrap_or_default();
    let job = |item: WireResult| JobResult {
        // docs/spec/wire-notes.md#38: the response names no phone; the task that recorded the jobs adds it.
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
