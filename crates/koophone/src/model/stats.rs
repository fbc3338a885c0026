//! Statistics of a client, for its operators.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error_kind::ErrorKind;

/// Statistics of a client and its clones in this process since it was created. Numbers never decrease, apart from
/// `connections_open` and `connections_idle`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Stats {
    /// Calls started: operations, logins, and reading and waiting for tasks.
    pub calls: u64,
    /// Attempts: how often a request was sent, those to the identity service included. A call may need many.
    pub attempts: u64,
    /// How many of `attempts` were retries.
    pub retries: u64,
    /// Tokens that the identity service issued.
    pub logins: u64,
    /// How often a request waited for a connection because `max_connections` were in use.
    pub connection_waits: u64,
    /// How long these waits took together, in milliseconds.
    pub connection_wait_ms: u64,
    /// How often a request waited for its turn, because the service limits the number of calls.
    pub pacing_waits: u64,
    /// How long these waits took together, in milliseconds.
    pub pacing_wait_ms: u64,
    /// How often a request waited for a credential: for a login, its own or another call's.
    pub token_waits: u64,
    /// How long these waits took together, in milliseconds.
    pub token_wait_ms: u64,
    /// Connections that are open now, idle ones included.
    pub connections_open: u64,
    /// How many of `connections_open` are idle.
    pub connections_idle: u64,
    /// Errors of failed calls, by kind.
    pub errors: ErrorCounts,
}

/// Errors by kind: one for each call that failed, and one for each phone that failed in the results of a call that did
/// not. Failures that a retry resolved are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ErrorCounts {
    /// Errors of kind `invalid_argument`.
    pub invalid_argument: u64,
    /// Errors of kind `configuration`.
    pub configuration: u64,
    /// Errors of kind `authentication`.
    pub authentication: u64,
    /// Errors of kind `permission_denied`.
    pub permission_denied: u64,
    /// Errors of kind `not_found`.
    pub not_found: u64,
    /// Errors of kind `throttled`.
    pub throttled: u64,
    /// Errors of kind `rejected`.
    pub rejected: u64,
    /// Errors of kind `unavailable`.
    pub unavailable: u64,
    /// Errors of kind `network`.
    pub network: u64,
    /// Errors of kind `timeout`.
    pub timeout: u64,
    /// Errors of kind `outcome_unknown`.
    pub outcome_unknown: u64,
    /// Errors of kind `protocol`.
    pub protocol: u64,
    /// Errors of kind `cancelled`.
    pub cancelled: u64,
    /// Errors of kind `internal`.
    pub internal: u64,
    /// Errors of kind `command_failed`.
    pub command_failed: u64,
}

impl ErrorCounts {
    /// Counts from `count`, for each kind.
    pub(crate) fn of(count: impl Fn(ErrorKind) -> u64) -> Self {
        Self {
            invalid_argument: count(ErrorKind::InvalidArgument),
            configuration: count(ErrorKind::Configuration),
            authentication: count(ErrorKind::Authentication),
            permission_denied: count(ErrorKind::PermissionDenied),
            not_found: count(ErrorKind::NotFound),
            throttled: count(ErrorKind::Throttled),
            rejected: count(ErrorKind::Rejected),
            unavailable: count(ErrorKind::Unavailable),
            network: count(ErrorKind::Network),
            timeout: count(ErrorKind::Timeout),
            outcome_unknown: count(ErrorKind::OutcomeUnknown),
            protocol: count(ErrorKind::Protocol),
            cancelled: count(ErrorKind::Cancelled),
            internal: count(ErrorKind::Internal),
            command_failed: count(ErrorKind::CommandFailed),
        }
    }

    /// The number of errors of one kind.
    pub fn get(&self, kind: ErrorKind) -> u64 {
        match kind {
            ErrorKind::InvalidArgument => self.invalid_argument,
            ErrorKind::Configuration => self.configuration,
            ErrorKind::Authentication => self.authentication,
            ErrorKind::PermissionDenied => self.permission_denied,
            ErrorKind::NotFound => self.not_found,
            ErrorKind::Throttled => self.throttled,
            ErrorKind::Rejected => self.rejected,
            ErrorKind::Unavailable => self.unavailable,
            ErrorKind::Network => self.network,
            ErrorKind::Timeout => self.timeout,
            ErrorKind::OutcomeUnknown => self.outcome_unknown,
            ErrorKind::Protocol => self.protocol,
            ErrorKind::Cancelled => self.cancelled,
            ErrorKind::Internal => self.internal,
            ErrorKind::CommandFailed => self.command_failed,
        }
    }

    /// The number of errors of all kinds.
    pub fn total(&self) -> u64 {
        ErrorKind::ALL.into_iter().map(|kind| self.get(kind)).sum()
    }
}

impl fmt::Display for Stats {
    /// One line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, attempts, retries, logins, connections_open, .. } = self;
        write!(
            f,
            "calls {calls}, attempts {attempts}, retries {retries}, logins {logins}, connections {connections_open}"
        )?;
        let waits = [
            ("a connection", self.connection_waits, self.connection_wait_ms),
            ("pacing", self.pacing_waits, self.pacing_wait_ms),
            ("a credential", self.token_waits, self.token_wait_ms),
        ];
        for (what, count, milliseconds) in waits.into_iter().filter(|(_, count, _)| *count > 0) {
            write!(f, ", waits for {what} {count} ({milliseconds} ms)")?;
        }
        for kind in ErrorKind::ALL.into_iter().filter(|kind| self.errors.get(*kind) > 0) {
            write!(f, ", errors {kind} {}", self.errors.get(kind))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_is_counted_under_its_name() {
        let counts = ErrorCounts::of(|kind| kind.number().into());
        let fields = serde_json::to_value(counts).unwrap();
        for kind in ErrorKind::ALL {
            assert_eq!(fields[kind.name()], kind.number(), "{kind}");
            assert_eq!(counts.get(kind), u64::from(kind.number()), "{kind}");
        }
        assert_eq!(fields.as_object().unwrap().len(), ErrorKind::ALL.len());
        assert_eq!(counts.total(), 120);
    }

    #[test]
    fn the_line_for_people_omits_zeros() {
        let errors = ErrorCounts { outcome_unknown: 2, ..ErrorCounts::default() };
        let stats =
            Stats { calls: 3, attempts: 4, retries: 1, token_waits: 1, token_wait_ms: 12, errors, ..Stats::default() };
        let line = "calls 3, attempts 4, retries 1, logins 0, connections 0, waits for a credential 1 (12 ms), \
                    errors outcome_unknown 2";
        assert_eq!(stats.to_string(), line);
    }
}
