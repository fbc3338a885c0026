//! The fifteen kinds of error with their frozen numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of failure this is. The numbers are frozen: they are the values of the C enum and the exit codes of the
/// command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[repr(u8)]
pub enum ErrorKind {
    /// Refused before anything was sent; the message says which argument, what is wrong and what would be right.
    InvalidArgument = 1,
    /// No credentials, a bad endpoint, a bad CA file; the message lists what was searched.
    Configuration = 2,
    /// The identity service or the gateway refused the credential.
    Authentication = 3,
    /// Authenticated, but not authorised (`KOOPHONE.API.1001`, HTTP 403).
    PermissionDenied = 4,
    /// Unknown task, API or resource.
    NotFound = 5,
    /// Still throttled after the retries.
    Throttled = 6,
    /// Any other refusal by the service; its code is kept unchanged.
    Rejected = 7,
    /// A 5xx which means that nothing was executed.
    Unavailable = 8,
    /// DNS, connect, TLS or proxy: nothing was executed.
    Network = 9,
    /// The deadline passed and nothing was executed, or the call only reads.
    Timeout = 10,
    /// Sent without a usable response, and the call changes something: it may or may not have run.
    OutcomeUnknown = 11,
    /// A response that cannot be understood; an excerpt is kept.
    Protocol = 12,
    /// Cancelled by the caller.
    Cancelled = 13,
    /// A bug in koophone.
    Internal = 14,
    /// The phone ran the command and reports a failure; the command's output is in `output`.
    CommandFailed = 15,
}

impl ErrorKind {
    /// Every kind, in the order of its number.
    pub const ALL: [ErrorKind; 15] = [
        Self::InvalidArgument,
        Self::Configuration,
        Self::Authentication,
        Self::PermissionDenied,
        Self::NotFound,
        Self::Throttled,
        Self::Rejected,
        Self::Unavailable,
        Self::Network,
        Self::Timeout,
        Self::OutcomeUnknown,
        Self::Protocol,
        Self::Cancelled,
        Self::Internal,
        Self::CommandFailed,
    ];

    /// The frozen number, 1 to 15.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name, which every language has in its own spelling: `outcome_unknown`, `OutcomeUnknownError`,
    /// `KOOPHONE_OUTCOME_UNKNOWN`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Configuration => "configuration",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Throttled => "throttled",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Protocol => "protocol",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
            Self::CommandFailed => "command_failed",
        }
    }

    /// One sentence for tables and help texts.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InvalidArgument => "refused before anything was sent: an argument is wrong",
            Self::Configuration => "credentials, endpoint or another setting is missing or wrong",
            Self::Authentication => "the credential was refused",
            Self::PermissionDenied => "the credential is valid but lacks the permission",
            Self::NotFound => "unknown task, API or resource",
            Self::Throttled => "still throttled after the retries; nothing was executed",
            Self::Rejected => "refused by the service for another reason; see the service's code",
            Self::Unavailable => "the service is unavailable; nothing was executed",
            Self::Network => "the service could not be reached; nothing was executed",
            Self::Timeout => "the deadline passed; nothing was executed, or the call only reads",
            Self::OutcomeUnknown => {
                "sent, but no usable response arrived; it may have run: check the phones before you repeat it"
            }
            Self::Protocol => "the response could not be understood",
            Self::Cancelled => "cancelled by the caller",
            Self::Internal => "a bug in koophone; please report it",
            Self::CommandFailed => "the phone ran the command and reports a failure; see its output",
        }
    }

    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::InvalidArgument => "Correct the argument that the message names. Nothing was sent.",
            Self::Configuration => {
                "Run `koophone doctor`. Set what the message names: credentials, region or endpoint."
            }
            Self::Authentication => {
                "Check user, account and password, or AK and SK, and the machine's clock. A HUAWEI ID cannot log \
                 in: create an IAM user. A refused secret is not tried again for 30 seconds."
            }
            Self::PermissionDenied => {
                "Check the phone ids, the region, and the IAM user's role (KooPhone Administrator). An unknown \
                 phone causes this too, and so does a phone's name in place of its id: `koophone list` shows both."
            }
            Self::NotFound => "Check the task id, and the endpoint. Tasks expire.",
            Self::Throttled => {
                "Wait, then call again: nothing was executed. Lower `concurrency`, or share one client instead \
                 of making many."
            }
            Self::Rejected => "Look up the service's code in the table of the guide's page Errors by number.",
            Self::Unavailable => "Call again later: nothing was executed.",
            Self::Network => {
                "Check DNS, proxy, firewall and certificates; `koophone doctor` shows which one fails. Nothing was \
                 executed."
            }
            Self::Timeout => "Call again, or raise `timeout`. Nothing was executed, or the call only reads.",
            Self::OutcomeUnknown => {
                "Check the phones before you repeat it. If repeating is harmless, set `repeatable`."
            }
            Self::Protocol => {
                "Check that the endpoint is KooPhone's and that no proxy alters responses; then report it."
            }
            Self::Cancelled => "The caller cancelled it. `maybe_executed` says whether anything may have run.",
            Self::Internal => "Report it with the full text of the error.",
            Self::CommandFailed => "Read the phone's `output`: the command itself failed.",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_frozen_and_complete() {
        let numbers: Vec<u8> = ErrorKind::ALL.iter().map(|kind| kind.number()).collect();
        assert_eq!(numbers, (1..=15).collect::<Vec<u8>>());
        for kind in ErrorKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.name()));
        }
    }
}
