//! The results of calls: plain data, with the same fields in every language.
//!
//! This file and its neighbours are the only declaration of these types; `cargo xtask generate` derives those of every
//! language from it.

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::error_kind::ErrorKind;
use super::instance_id::InstanceId;

/// The state of a command or job (任务状态).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobState {
    /// Unknown: no response for this phone, or a number that this version does not know.
    #[default]
    Unknown,
    /// Accepted, not started.
    Pending,
    /// Running.
    Running,
    /// Completed successfully.
    Succeeded,
    /// Failed.
    Failed,
}

impl JobState {
    /// The state for the service's number. Numbers added later are [`JobState::Unknown`], not a failure.
    pub fn from_status(status: i64) -> Self {
        match status {
            0 => Self::Pending,
            1 => Self::Running,
            2 => Self::Succeeded,
            3 | -1 => Self::Failed,
            _ => Self::Unknown,
        }
    }

    /// Whether the state is final.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// The state of a phone (云手机状态), as defined by the original API reference. Later documents define the same numbers
/// differently, which is why results also have the number itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InstanceState {
    /// 0, a number that this version does not know, or no response for this phone.
    #[default]
    Unknown,
    /// 1: stopped (停止).
    Stopped,
    /// 2: running (运行中).
    Running,
    /// 3: going offline.
    GoingOffline,
    /// 4: starting.
    Starting,
    /// 5: powered off.
    PoweredOff,
}

impl InstanceState {
    /// The state for the service's number.
    pub fn from_status(status: i64) -> Self {
        match status {
            1 => Self::Stopped,
            2 => Self::Running,
            3 => Self::GoingOffline,
            4 => Self::Starting,
            5 => Self::PoweredOff,
            _ => Self::Unknown,
        }
    }
}

/// The result of a synchronous command on one phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CommandResult {
    /// The phone.
    pub instance_id: InstanceId,
    /// How the command ended.
    pub state: JobState,
    /// The service's number for the state; none if there is no response for this phone.
    pub status: Option<i64>,
    /// What the command printed, at most 1,024 bytes: the service truncates it.
    pub output: String,
    /// Whether the output is so long that the service probably truncated it.
    pub output_truncated: bool,
    /// The error, if it did not succeed: the phone's own, or that of the request it was part of.
    pub error: Option<Error>,
}

/// The result of a task's job on one phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct JobResult {
    /// The phone; unknown if the task was resumed from its bare id, because the service's responses name only jobs.
    pub instance_id: Option<InstanceId>,
    /// The job; unknown if the request for this phone was refused.
    pub job_id: Option<String>,
    /// The state of the job.
    pub state: JobState,
    /// The service's number for the state; none if no response names this job.
    pub status: Option<i64>,
    /// What the command printed, at most 1,024 bytes.
    pub output: String,
    /// Whether the output is so long that the service probably truncated it.
    pub output_truncated: bool,
    /// The error, if it failed.
    pub error: Option<Error>,
}

/// The state of one phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct InstanceStatus {
    /// The phone.
    pub instance_id: InstanceId,
    /// The state, as defined by the original API reference.
    pub state: InstanceState,
    /// The service's number; none if there is no response for this phone.
    pub status: Option<i64>,
    /// The error, if the state could not be read.
    pub error: Option<Error>,
}

/// Whether a call succeeded on one phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct InstanceOutcome {
    /// The phone.
    pub instance_id: InstanceId,
    /// The error, if it failed.
    pub error: Option<Error>,
}

/// A phone of a task, with its job: the only record of which job belongs to which phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TaskPhone {
    /// The phone.
    pub instance_id: InstanceId,
    /// The task that the service created for the request this phone was part of, if any.
    pub task_id: Option<String>,
    /// The phone's job in that task.
    pub job_id: Option<String>,
    /// The error, if this phone has no job or it is unknown whether it has one.
    pub error: Option<Error>,
}

/// The progress of a long call: of the jobs of a task, the phones of a wait, or the pages of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Progress {
    /// Jobs, phones or pages that completed successfully.
    pub succeeded: u64,
    /// Those that failed, or were never accepted.
    pub failed: u64,
    /// Those that have not finished.
    pub running: u64,
    /// The total number. While files are read, it grows until the size of each is known.
    pub total: u64,
}

/// The state of a task when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TaskStatus {
    /// One entry per phone, in the order asked; for a bare task id one per job, in the service's order.
    pub jobs: Vec<JobResult>,
    /// The counts of `jobs`.
    pub progress: Progress,
    /// Whether all jobs have finished.
    pub finished: bool,
}

/// The identity that a client's credential belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct Identity {
    /// `token`, `password` or `access_key`.
    pub method: String,
    /// Where the credential was found: `code`, `environment`, `profile` or `metadata`.
    pub source: String,
    /// Name of the IAM user, where known.
    pub user: Option<String>,
    /// Name of the account.
    pub domain: Option<String>,
    /// Id of the project.
    pub project_id: Option<String>,
    /// Name of the project, which is its region's.
    pub project_name: Option<String>,
    /// The access key, without its secret.
    pub access_key: Option<String>,
    /// When the token expires, as the identity service writes it.
    pub expires_at: Option<String>,
}

impl std::fmt::Display for Identity {
    /// The identity in one line; contains no secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            ("IAM user", &self.user),
            ("account", &self.domain),
            ("access key", &self.access_key),
            ("project", &self.project_name),
            ("project id", &self.project_id),
            ("token valid until", &self.expires_at),
        ];
        let known = parts.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)));
        let known: Vec<String> = known.collect();
        match known.is_empty() {
            true => write!(f, "a {} of unknown owner", self.method),
            false => f.write_str(&known.join(", ")),
        }
    }
}

/// The result for one phone, of any call.
pub trait PhoneResult {
    /// The phone, where known.
    fn instance_id(&self) -> Option<&str>;
    /// The error, if it failed.
    fn error(&self) -> Option<&Error>;
    /// Whether it succeeded on this phone.
    fn ok(&self) -> bool {
        self.error().is_none()
    }
    /// What the command printed on this phone, for calls that run one.
    fn output(&self) -> Option<&str> {
        None
    }
}

impl PhoneResult for CommandResult {
    fn instance_id(&self) -> Option<&str> {
        Some(self.instance_id.as_str())
    }
    fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
    fn ok(&self) -> bool {
        self.state == JobState::Succeeded && self.error.is_none()
    }
    fn output(&self) -> Option<&str> {
        Some(&self.output)
    }
}

impl PhoneResult for JobResult {
    fn instance_id(&self) -> Option<&str> {
        self.instance_id.as_ref().map(InstanceId::as_str)
    }
    fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
    fn ok(&self) -> bool {
        self.state == JobState::Succeeded && self.error.is_none()
    }
    fn output(&self) -> Option<&str> {
        Some(&self.output)
    }
}

/// Result types that are a success if they have no error.
macro_rules! phone_results {
    ($($result:ty),+) => {$(
        impl PhoneResult for $result {
            fn instance_id(&self) -> Option<&str> {
                Some(self.instance_id.as_str())
            }
            fn error(&self) -> Option<&Error> {
                self.error.as_ref()
            }
        }
    )+};
}

phone_results!(InstanceStatus, InstanceOutcome, TaskPhone);

/// The results of all phones together.
pub trait PhoneResults {
    /// Whether every phone succeeded.
    ///
    /// ```no_run
    /// # let client = koophone::blocking::Client::from_env()?;
    /// use koophone::PhoneResults;
    ///
    /// if !client.query_status(["a44uhlf7", "efjy72gs"])?.all_ok() {
    ///     println!("not every state could be read");
    /// }
    /// # koophone::Result::<()>::Ok(())
    /// ```
    fn all_ok(&self) -> bool;

    /// Returns the first failed phone's error as the error of the call, for callers that want all or nothing. The
    /// message says how many phones failed.
    ///
    /// # Errors
    ///
    /// The error of the first phone that failed.
    ///
    /// ```no_run
    /// # let client = koophone::blocking::Client::from_env()?;
    /// use koophone::PhoneResults;
    ///
    /// client.run_command(["a44uhlf7", "efjy72gs"], "pm clear com.example.game")?.raise_for_errors()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    fn raise_for_errors(&self) -> Result<()>;
}

impl<T: PhoneResult> PhoneResults for [T] {
    fn all_ok(&self) -> bool {
        self.iter().all(PhoneResult::ok)
    }

    fn raise_for_errors(&self) -> Result<()> {
        let Some(first) = self.iter().find(|result| !result.ok()) else { return Ok(()) };
        let failed = self.iter().filter(|result| !result.ok()).count();
        let error = first.error().cloned().unwrap_or_else(|| {
            let message =
                "the command had not finished when the service responded; check the phone before you repeat it";
            Error::new(ErrorKind::OutcomeUnknown, message).with(|details| details.maybe_executed = true)
        });
        Err(error.with(|details| {
            let phone = first.instance_id().unwrap_or("(id unknown)");
            details.message =
                format!("{failed} of {} phones failed; the first is {phone}: {}", self.len(), details.message);
            details.instance_id = first.instance_id().map(str::to_owned);
            details.output = first.output().filter(|output| !output.is_empty()).map(str::to_owned);
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_with_an_error_is_no_success_whatever_its_state() {
        let result = |error| CommandResult {
            instance_id: InstanceId::try_from("a44uhlf7").unwrap(),
            state: JobState::Succeeded,
            status: Some(2),
            output: String::new(),
            output_truncated: false,
            error,
        };
        assert!(result(None).ok());
        assert!(!result(Some(Error::cancelled())).ok());
    }
}
