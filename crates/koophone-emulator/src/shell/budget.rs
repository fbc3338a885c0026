//! Limits for one command line, which keep every line short.

use std::time::{Duration, Instant};

/// Maximum number of commands that a line may run.
const MOST_COMMANDS: u32 = 2000;

/// Maximum number of bytes that its commands may read, write and pass on in total.
const MOST_BYTES: usize = 32 << 20;

/// Maximum time, for what costs neither commands nor bytes. `sleep` uses none of it.
const MOST_TIME: Duration = Duration::from_secs(2);

/// What is left.
#[derive(Debug)]
pub(super) struct Budget {
    commands: u32,
    bytes: usize,
    until: Instant,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { commands: MOST_COMMANDS, bytes: MOST_BYTES, until: Instant::now() + MOST_TIME }
    }

    /// Pays for one more command; false if the budget is used up.
    pub(super) fn command(&mut self) -> bool {
        if self.commands == 0 || self.bytes == 0 || Instant::now() >= self.until {
            return false;
        }
        self.commands -= 1;
        true
    }

    /// Pays for bytes that were moved. False if they cost more than what was left; then nothing is left.
    pub(super) fn bytes(&mut self, count: usize) -> bool {
        let enough = count <= self.bytes;
        self.bytes = self.bytes.saturating_sub(count);
        if !enough {
            self.bytes = 0;
        }
        enough
    }
}
