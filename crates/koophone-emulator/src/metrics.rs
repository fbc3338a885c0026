//! Counters of the emulator.

use std::collections::BTreeMap;

use crate::action::Action;
use crate::journal::RequestStatus;
use crate::operation::Operation;

/// Counters by the values of their labels; clearing the logs does not reset them.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) requests: BTreeMap<[String; 3], u64>,
    pub(crate) faults: BTreeMap<[String; 2], u64>,
}

impl Metrics {
    /// Counts a finished request.
    pub(crate) fn request(&mut self, operation: Operation, status: RequestStatus, executed: bool) {
        let status = match status {
            RequestStatus::Responded(status) => status.to_string(),
            RequestStatus::Open | RequestStatus::Cut => "cut".to_owned(),
        };
        *self.requests.entry([operation.name().to_owned(), status, executed.to_string()]).or_default() += 1;
    }

    /// Counts a fault that affected a request.
    pub(crate) fn fault(&mut self, operation: Operation, action: &Action) {
        let described = serde_json::to_value(action).unwrap_or_default();
        let name = described["action"].as_str().unwrap_or_default().to_owned();
        *self.faults.entry([operation.name().to_owned(), name]).or_default() += 1;
    }
}
