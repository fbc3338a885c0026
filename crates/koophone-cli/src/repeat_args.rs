//! The option which declares that a repeat is harmless.

use clap::Args;
use koophone::Call;

/// The option of commands that are not retried automatically.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct RepeatArgs {
    /// Repeating is harmless: retry even when the outcome is unknown
    #[arg(long)]
    repeatable: bool,
}

impl RepeatArgs {
    /// The call, repeatable if the option was given.
    pub fn on<T: Send + 'static>(self, call: Call<T>) -> Call<T> {
        call.repeatable(self.repeatable)
    }
}
