//! Why a command ended badly.

use koophone::Error;

/// What went wrong, and the task that goes on nevertheless.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The core's error.
    Call {
        error: Error,
        /// A saved task that can be taken up again.
        saved_task: Option<String>,
    },
    /// Another process has already said why; the exit code.
    Told(u8),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call { error, saved_task: None }
    }
}

/// How commands end.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;
