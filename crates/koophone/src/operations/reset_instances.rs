//! `batch-reset`: factory state. Destroys user data.

use futures_util::FutureExt;
use http::Method;

use super::body::{self, NothingElse};
use super::start_command::{TaskData, failed, join};
use crate::batch;
use crate::call::CallContext;
use crate::error::Result;
use crate::model::TaskPhone;
use crate::operation::Operation;
use crate::validate::Phones;

pub(crate) const OPERATION: Operation = Operation {
    name: "reset_instances",
    service_name: "batch-reset",
    method: Method::POST,
    path: "/v1/instances/batch-reset",
    changes: true,
    read_only: false,
    destroys: true,
    max_batch: 100,
};

pub(crate) async fn run(context: &CallContext, phones: Phones) -> Result<Vec<TaskPhone>> {
    batch::over_phones(
        context,
        &OPERATION,
        &phones,
        |chunk| {
            async move {
                let body = body::over_phones(chunk, &NothingElse {})?;
                let (data, _) = context.send::<TaskData>(&OPERATION, None, Some(body)).await?;
                // docs/spec/wire-notes.md#9: an accepted reset may have no task, or a task without its jobs.
                Ok(join(chunk, data, |_| None))
            }
            .boxed()
        },
        failed,
    )
    .await
}
