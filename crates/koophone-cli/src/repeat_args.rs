//! The word of the caller that a repeat does no harm.

use clap::Args;
use koophone::Call;

/// The option of commands that are not repeated by themselves.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct RepeatArgs {
    /// Twice does no harm: repeat it even when its outcome is unknown
    #[arg(long)]
    repeatable: bool,
}

impl RepeatArgs {
    /// The call, which may be repeated if that was said.
    pub fn on<T: Send + 'static>(self, call: Call<T>) -> Call<T> {
        call.repeatable(self.repeatable)
    }
}
