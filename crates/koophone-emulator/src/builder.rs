//! The most used options as methods.

use std::time::Duration;

use crate::clock::ClockMode;
use crate::edition::Edition;
use crate::emulator::{Emulator, StartError};
use crate::fault::Fault;
use crate::options::{Mode, Options};
use crate::quirk::Quirk;
use crate::rule::Rule;

impl Emulator {
    /// Starts from default options and changes some.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// Sets the most used options. [`options`](Self::options) sets all others.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder(Options);

impl Builder {
    /// The number of phones.
    pub fn phones(mut self, count: usize) -> Self {
        self.0.phones = count;
        self
    }

    /// Phones with these ids.
    pub fn instance_ids<T: Into<String>>(mut self, ids: impl IntoIterator<Item = T>) -> Self {
        self.0.instance_ids = ids.into_iter().map(Into::into).collect();
        self
    }

    /// The seed of generated ids.
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// A fixed port.
    pub fn port(mut self, port: u16) -> Self {
        self.0.port = port;
        self
    }

    /// Enforces the documented limits.
    pub fn strict(mut self) -> Self {
        self.0.mode = Mode::Strict;
        self
    }

    /// The edition of the service's documents to follow.
    pub fn edition(mut self, edition: Edition) -> Self {
        self.0.edition = edition;
        self
    }

    /// Adds a quirk.
    pub fn quirk(mut self, quirk: Quirk) -> Self {
        self.0.quirks.push(quirk);
        self
    }

    /// Adds a fault.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.0.faults.push(fault);
        self
    }

    /// Adds a rule.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.0.rules.push(rule);
        self
    }

    /// A clock that moves only when the test moves it.
    pub fn manual_clock(mut self) -> Self {
        self.0.clock.mode = ClockMode::Manual;
        self
    }

    /// A manual clock that advances by this with every request.
    pub fn tick(mut self, time: Duration) -> Self {
        self.0.clock.mode = ClockMode::Manual;
        self.0.clock.tick_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// The offset of the service's clock; negative is behind.
    pub fn skew_ms(mut self, skew_ms: i64) -> Self {
        self.0.clock.skew_ms = skew_ms;
        self
    }

    /// Changes any option.
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.0);
        self
    }

    /// Starts the emulator, and returns when it is listening.
    pub fn start(self) -> Result<Emulator, StartError> {
        Emulator::start(self.0)
    }
}
