//! `sync-command`: run a short command and wait for every phone's result.

use std::borrow::Cow;

use http::Method;
use serde::{Deserialize, Serialize};

use super::per_phone::PerPhone;
use super::validate;
use crate::model::{CommandResult, Error, InstanceId, JobState, Operation, Param, ParamKind, Result, Returns, Target};
use crate::outcome;
use crate::pipeline::Trace;
use crate::pipeline::batch::{self, Item};
use crate::settings::Settings;
use crate::wire::envelope::{self, WireId};

pub(crate) const OPERATION: Operation = Operation {
    name: "run_command",
    service_name: "sync-command",
    method: Method::POST,
    path: "/v1/instances/sync-command",
    doc: "Runs a shell command on every phone and waits for every result. For short commands: the gateway stops \
        waiting after a time, and then the outcome is unknown.",
    idempotent: false,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: COMMAND,
    returns: Returns::PerPhone("CommandResult"),
    payload: &["cmd_results"],
};

/// The argument of run_command and start_command.
pub(super) const COMMAND: &[Param] = &[Param {
    name: "command",
    kind: ParamKind::Text,
    doc: "The shell command: 1 to 1,024 bytes. The service documents letters, digits, space and `_ . / : -` and may \
        refuse others; with the setting strict_commands they are refused before anything is sent",
    default: None,
    secret: false,
}];

pub(crate) struct RunCommand {
    pub command: String,
}

/// The request body of sync-command and async-command.
#[derive(Serialize)]
pub(crate) struct CommandRequest<'a> {
    pub instance_ids: &'a [InstanceId],
    pub command: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "envelope::list")]
    pub cmd_results: Vec<WireResult>,
}

/// The result of a command on the wire; results name the phone, jobs of a task name only the job.
#[derive(Deserialize)]
pub(crate) struct WireResult {
    #[serde(default, deserialize_with = "envelope::id")]
    pub instance_id: WireId,
    #[serde(default, deserialize_with = "envelope::opaque_id")]
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

impl PerPhone for RunCommand {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = Data;
    type Result = CommandResult;

    fn validate(&self, settings: &Settings) -> Result<()> {
        validate::command(&self.command, settings.strict_commands)
    }

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(CommandRequest { instance_ids: phones, command: Cow::Borrowed(&self.command) })
    }

    fn results(&self, phones: &[InstanceId], data: Option<Data>, trace: &Trace) -> Vec<CommandResult> {
        let items = data.map(|data| data.cmd_results).unwrap_or_default();
        let missing = |id| Self::failed(id, trace.missing(&OPERATION).about(id));
        batch::join(phones, items, |id, item| result(id, item, trace), missing)
    }

    fn failed(instance_id: InstanceId, error: Error) -> CommandResult {
        CommandResult {
            instance_id,
            state: JobState::Unknown,
            status: None,
            output: String::new(),
            output_truncated: false,
            error: Some(error),
        }
    }
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

impl Item for WireResult {
    fn instance_id(&self) -> &str {
        &self.instance_id
    }
}

impl WireResult {
    pub fn state(&self) -> JobState {
        self.status.map_or(JobState::Unknown, JobState::from_status)
    }

    /// docs/spec/wire-notes.md#46: the service truncates at 1,024 bytes, possibly inside a character.
    pub fn is_cut(&self) -> bool {
        self.execute_msg.len() >= 1021
    }

    /// docs/spec/wire-notes.md#4: the state decides whether there is an error, not the code.
    pub fn error(&self, trace: &Trace) -> Option<Error> {
        let failed = self.state() == JobState::Failed;
        failed.then(|| trace.attach_to(outcome::phone_failure(&self.error_code, &self.error_msg, &self.execute_msg)))
    }
}

/// Id, status and output of every result in a response.
#[cfg(test)]
pub(crate) fn outputs(body: &[u8]) -> Option<Vec<(String, Option<i64>, String)>> {
    let envelope::Reading::Success(data) = envelope::read::<Data>(body, OPERATION.payload, OPERATION.results()) else {
        return None;
    };
    Some(data?.cmd_results.into_iter().map(|one| (one.instance_id.to_string(), one.status, one.execute_msg)).collect())
}
