//! The call that a run makes.

use koophone::{Client, OPERATIONS, Operation, Result, Target};
use koophone_conformance::example::{example, make_ready};
use koophone_emulator::{Emulator, JournalKind};

/// A call to test.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    /// An operation of the core.
    Operation(&'static Operation),
    /// Waiting for a task that was started without disturbance.
    WaitForTask,
}

impl Call {
    /// Every call.
    pub fn all() -> impl Iterator<Item = Self> {
        OPERATIONS.iter().map(|operation| Self::Operation(operation)).chain([Self::WaitForTask])
    }

    /// The operation's name in the core.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operation(operation) => operation.name,
            Self::WaitForTask => "wait",
        }
    }

    /// Whether a task must have been started beforehand.
    pub fn needs_task(self) -> bool {
        match self {
            Self::Operation(operation) => operation.target == Target::Task,
            Self::WaitForTask => true,
        }
    }

    /// Sets up what the call needs, without disturbance.
    pub fn make_ready(self, emulator: &Emulator) -> Result<()> {
        let Self::Operation(operation) = self else { return Ok(()) };
        let client = Client::builder().environment(emulator.environment()).build()?;
        make_ready(&client, operation, &emulator.instance_ids())
    }

    /// The journal entry that proves execution, for calls that must not run twice.
    pub fn recorded(self) -> Option<JournalKind> {
        match self {
            Self::Operation(operation) if !operation.idempotent => example(operation.name).journal,
            _ => None,
        }
    }
}
