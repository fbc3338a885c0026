//! The two payloads that every contender works on, in their wire form.

use serde::{Deserialize, Serialize};

/// Phones per request.
pub const PHONES: usize = 32;
/// The value of `x-auth-token`.
pub const TOKEN: &str = "a-token";
/// For signed calls; it is not checked.
pub const ACCESS_KEY: &str = "AKEXAMPLE0000000TEST";
/// For signed calls; it is not checked.
pub const SECRET_KEY: &str = "SKEXAMPLEsecretNOTREAL";
/// For signed calls.
pub const PROJECT_ID: &str = "0123456789abcdef0123456789abcdef";
/// The command to run on the phones.
pub const COMMAND: &str = "logcat -d";
/// Path of the small payload: 32 statuses.
pub const STATUSES: &str = "/v1/instances/batch-query-status";
/// Path of the large payload: 32 results of 1,000 bytes, 35 KB.
pub const RESULTS: &str = "/v1/instances/sync-command";

/// What a measured program does in each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Query the status of 32 phones.
    Statuses,
    /// Run a command on 32 phones.
    Results,
    /// Query the status of this many phones; only supported by koophone.
    Fleet(usize),
    /// Create this many clients, and make the small call once with each if calls are requested; only supported by
    /// koophone.
    Clients(usize),
}

impl Payload {
    /// The phones to name.
    pub fn phones(self) -> Vec<String> {
        phones(if let Self::Fleet(count) = self { count } else { PHONES })
    }
}

impl std::str::FromStr for Payload {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, count) = text.split_once(':').unwrap_or((text, ""));
        match (name, count.parse()) {
            ("statuses", _) => Ok(Self::Statuses),
            ("results", _) => Ok(Self::Results),
            ("fleet", Ok(count)) => Ok(Self::Fleet(count)),
            ("clients", Ok(count)) => Ok(Self::Clients(count)),
            _ => Err(format!("{text} is not a payload: statuses, results, fleet:N or clients:N")),
        }
    }
}

/// The id of phone n is n in 32 hexadecimal digits, which the server parses.
pub fn phones(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{n:032x}")).collect()
}

/// The body of the small payload's request.
#[derive(Serialize)]
pub struct Ids<'a> {
    /// The phones.
    pub instance_ids: &'a [String],
}

/// The body of the large payload's request.
#[derive(Serialize)]
pub struct Command<'a> {
    /// What to run.
    pub command: &'a str,
    /// The phones.
    pub instance_ids: &'a [String],
}

/// The envelope of every response.
#[derive(Deserialize)]
pub struct Envelope<D> {
    /// The data.
    pub data: D,
    /// "0" on success.
    pub error_code: String,
}

/// The data of the small response.
#[derive(Deserialize)]
pub struct Statuses {
    /// One per phone.
    pub status_results: Vec<Status>,
}

/// The state of a phone.
#[derive(Deserialize)]
pub struct Status {
    /// The phone.
    pub instance_id: String,
    /// The number of its state.
    pub status: i64,
}

/// The data of the large response.
#[derive(Deserialize)]
pub struct Results {
    /// One per phone.
    pub cmd_results: Vec<CommandResult>,
}

/// The result of a command on a phone.
#[derive(Deserialize)]
pub struct CommandResult {
    /// The phone.
    pub instance_id: String,
    /// The number of the state.
    pub status: i64,
    /// Empty where all went well.
    pub error_code: String,
    /// Empty where all went well.
    pub error_msg: String,
    /// Output of the command.
    pub execute_msg: String,
}
