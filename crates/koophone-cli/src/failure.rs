//! Why a command failed.

use koophone::Error;

/// The error, and the task that continues nevertheless.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The core's error.
    Call {
        error: Error,
        /// A saved task that can be waited for again.
        saved_task: Option<String>,
    },
    /// Another process has already reported the reason; the exit code.
    Reported(u8),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call { error, saved_task: None }
    }
}

/// The result of a command.
pub(crate) type RunResult = Result<(), Failure>;
