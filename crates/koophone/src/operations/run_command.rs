//! `sync-command`: run a short command and wait for every phone's result.

use futures_util::FutureExt;
use http::Method;
use serde::{Deserialize, Serialize};

use super::body;
use crate::batch::{self, Item};
use crate::call::{CallContext, Trace};
use crate::envelope::{self, WireId};
use crate::error::{Error, Result};
use crate::instance_id::InstanceId;
use crate::model::{CommandResult, JobState};
use crate::operation::Operation;
use crate::outcome;
use crate::validate::{self, Phones};

pub(crate) const OPERATION: Operation = Operation {
    name: "run_command",
    service_name: "sync-command",
    method: Method::POST,
    path: "/v1/instances/sync-command",
    changes: true,
    read_only: false,
    destroys: false,
    max_batch: 100,
};

/// What sync-command and async-command say besides the phones.
#[derive(Serialize)]
pub(crate) struct CommandRequest<'a> {
    pub command: &'a str,
}

#[derive(Deserialize)]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "envelope::list")]
    pub cmd_results: Vec<WireResult>,
}

/// How a command ended, in the wire's words; results name the phone, jobs of a task name only the job.
#[derive(Deserialize)]
pub(crate) struct WireResult {
    #[serde(default, deserialize_with = "envelope::id")]
    pub instance_id: WireId,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    pub job_id: Option<String>,
    #[serde(default, deserialize_with = "envelope::number")]
    pub status: Option<i64>,
    #[serde(default, deserialize_with = "envelope::text")]
    pub error_code: String,
    #[serde(default, deserialize_with = "envelope::text")]
    pub error_msg: String,
    #[serde(default, deserialize_with = "envelope::text")]
    pub execute_msg: String,
}

pub(crate) async fn run(context: &CallContext, phones: Phones, command: &str) -> Result<Vec<CommandResult>> {
    validate::command(command, context.settings().strict_commands)?;
    batch::over_phones(
        context,
        &OPERATION,
        &phones,
        |chunk| {
            async move {
                let body = body::over_phones(chunk, &CommandRequest { command })?;
                let (data, trace) = context.send::<Data>(&OPERATION, None, Some(body)).await?;
                let items = data.map(|data| data.cmd_results).unwrap_or_default();
                Ok(batch::join(
                    chunk,
                    items,
                    |id, item| result(id, item, &trace),
                    |id| failed(id, &trace.missing(&OPERATION)),
                ))
            }
            .boxed()
        },
        failed,
    )
    .await
}

fn result(instance_id: InstanceId, item: WireResult, trace: &Trace) -> CommandResult {
    let unreadable = || item.status.is_none().then(|| trace.unreadable(&OPERATION));
    CommandResult {
        instance_id,
        state: item.state(),
        status: item.status,
        output_truncated: item.is_cut(),
        error: item.error(trace).or_else(unreadable).map(|error| error.about(instance_id)),
        output: item.execute_msg,
    }
}

fn failed(instance_id: InstanceId, error: &Error) -> CommandResult {
    CommandResult {
        instance_id,
        state: JobState::Unknown,
        status: None,
        output: String::new(),
        output_truncated: false,
        error: Some(error.clone().about(instance_id)),
    }
}

impl Item for WireResult {
    fn instance_id(&self) -> &str {
        &self.instance_id
    }
}

impl WireResult {
    pub fn state(&self) -> JobState {
        self.status.map_or(JobState::Unknown, JobState::from_status)
    }

    /// docs/spec/wire-notes.md#46: the service cuts at 1,024 bytes, perhaps inside a character of up to four.
    pub fn is_cut(&self) -> bool {
        self.execute_msg.len() >= 1021
    }

    /// docs/spec/wire-notes.md#4: the state decides whether there is an error, not the code.
    pub fn error(&self, trace: &Trace) -> Option<Error> {
        let failed = self.state() == JobState::Failed;
        failed.then(|| trace.attach_to(outcome::phone_failure(&self.error_code, &self.error_msg, &self.execute_msg)))
    }
}
