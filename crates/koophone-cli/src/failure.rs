//! Why a command ended badly.

use koophone::Error;

/// The core's error, and the task that goes on nevertheless.
#[derive(Debug)]
pub(crate) struct Failure {
    pub error: Error,
    /// A saved task that can be taken up again.
    pub saved_task: Option<String>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, saved_task: None }
    }
}

/// How commands end.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;
