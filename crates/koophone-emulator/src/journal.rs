//! What really happened: the phones' journal and the log of requests.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize, Serializer};

use crate::operation::Operation;

/// What a journal entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    /// A command that a phone ran.
    Command,
    /// A phone was reset.
    Reset,
    /// The video settings of a phone were set.
    VideoSettings,
    /// A phone was assigned to a user.
    Assign,
    /// A phone was taken from its user, and the user's data wiped.
    Unassign,
    /// A phone was restarted.
    Reboot,
    /// A phone was backed up to storage.
    BackUp,
    /// A phone in storage was restored to a machine.
    Prepare,
    /// A stream was to be stopped.
    StopStreaming,
    /// The session that a stream had left was to be released.
    ReleaseSession,
    /// A phone was ordered.
    Create,
    /// A phone was deleted.
    Delete,
    /// An app was to be installed on a phone.
    InstallApp,
}

/// One thing that one phone really did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct JournalEntry {
    /// Counts from 1 over all phones and is never reused, even after clearing.
    pub sequence: u64,
    /// When it began, in milliseconds since 1970 on the emulator's clock.
    pub time_ms: i64,
    /// What it was.
    pub kind: JournalKind,
    /// The phone.
    pub instance_id: String,
    /// The command as it arrived; null for the other kinds.
    pub command: Option<String>,
    /// "sync" or "async"; null for the other kinds.
    #[cfg_attr(feature = "describe", schemars(extend("enum" = ["sync", "async", null])))]
    pub via: Option<&'static str>,
    /// The task it belongs to, if any.
    pub task_id: Option<String>,
    /// The job it belongs to, if any.
    pub job_id: Option<String>,
    /// The `x-request-id` of the request that caused it.
    pub x_request_id: Option<String>,
    /// Exit status of a command. Known at once, also for a job that is still running by the clock.
    pub exit_status: Option<i32>,
    /// Further details: the user of an assignment, the package and version of an installation, the order of a new
    /// phone, or that there was nothing to do.
    pub detail: Option<String>,
}

/// How a request was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuthKind {
    /// Without a credential.
    None,
    /// `X-Auth-Token`.
    Token,
    /// A signature.
    Aksk,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStatus {
    /// No response yet; null in JSON.
    Open,
    /// A response with this HTTP status; the number in JSON. Also for responses that are damaged on the way.
    Responded(u16),
    /// No response was sent, because of a fault or because the client disconnected; "cut" in JSON.
    Cut,
}

impl Serialize for RequestStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Open => serializer.serialize_none(),
            Self::Responded(status) => serializer.serialize_u16(*status),
            Self::Cut => serializer.serialize_str("cut"),
        }
    }
}

/// How a status is written.
#[cfg(feature = "describe")]
fn request_status(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"anyOf": [{"type": "integer"}, {"const": "cut"}, {"type": "null"}]})
}

/// One HTTP request that arrived completely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct RequestEntry {
    /// Counts from 1 and is never reused.
    pub sequence: u64,
    /// When it arrived, in milliseconds since 1970 on the emulator's clock.
    pub time_ms: i64,
    /// The operation.
    pub operation: Operation,
    /// HTTP method.
    pub method: String,
    /// Path and query as received.
    pub path: String,
    /// The client's `x-request-id`.
    pub x_request_id: Option<String>,
    /// The trace it belongs to, as the client sent it.
    pub traceparent: Option<String>,
    /// The kind of its credential, valid or not.
    pub auth: AuthKind,
    /// How it ended.
    #[cfg_attr(feature = "describe", schemars(schema_with = "request_status"))]
    pub status: RequestStatus,
    /// Whether the operation was executed.
    pub executed: bool,
    /// How many instance ids it named.
    pub instances: usize,
}

/// A list that numbers its entries and forgets the oldest when full.
#[derive(Debug)]
pub(crate) struct Log<T> {
    entries: VecDeque<T>,
    limit: usize,
    next: u64,
}

impl<T: Clone> Log<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: VecDeque::new(), limit, next: 1 }
    }

    /// Adds what `make` returns for the next number, and returns the number.
    pub(crate) fn add(&mut self, make: impl FnOnce(u64) -> T) -> u64 {
        let sequence = self.next;
        self.next += 1;
        self.entries.push_back(make(sequence));
        while self.entries.len() > self.limit {
            self.entries.pop_front();
        }
        sequence
    }

    /// The entry with that number, unless it has been dropped.
    pub(crate) fn get_mut(&mut self, sequence: u64) -> Option<&mut T> {
        let first = self.next - self.entries.len() as u64;
        let index = usize::try_from(sequence.checked_sub(first)?).ok()?;
        self.entries.get_mut(index)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_keeps_its_numbers() {
        let mut log = Log::new(2);
        for _ in 0..3 {
            log.add(|number| number);
        }
        assert_eq!(log.iter().copied().collect::<Vec<_>>(), [2, 3]);
        assert_eq!(log.get_mut(1), None);
        assert_eq!(log.get_mut(3), Some(&mut 3));
        assert_eq!(log.get_mut(4), None);
        log.clear();
        assert_eq!(log.add(|number| number), 4);
        assert_eq!(log.get_mut(4), Some(&mut 4));
    }
}
