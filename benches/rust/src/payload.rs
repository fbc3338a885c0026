//! The two payloads that every contender works on, as the wire has them.

use serde::{Deserialize, Serialize};

/// Phones of one request.
pub const PHONES: usize = 32;
/// What stands in `x-auth-token`.
pub const TOKEN: &str = "a-token";
/// For signed calls; nobody checks it.
pub const ACCESS_KEY: &str = "AKEXAMPLE0000000TEST";
/// For signed calls; nobody checks it.
pub const SECRET_KEY: &str = "SKEXAMPLEsecretNOTREAL";
/// For signed calls.
pub const PROJECT_ID: &str = "0123456789abcdef0123456789abcdef";
/// What is run on the phones.
pub const COMMAND: &str = "logcat -d";
/// Path of the small payload: 32 statuses.
pub const STATUSES: &str = "/v1/instances/batch-query-status";
/// Path of the large payload: 32 results of 1,000 bytes, 35 KB.
pub const RESULTS: &str = "/v1/instances/sync-command";

/// What a measured program is asked to do again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Query the status of 32 phones.
    Statuses,
    /// Run a command on 32 phones.
    Results,
    /// Query the status of so many phones; only koophone can.
    Fleet(usize),
    /// Make so many clients, then the small call once with each where calls are asked for; only koophone can.
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
            _ => Err(format!("{text} is no payload: statuses, results, fleet:N or clients:N")),
        }
    }
}

/// Phone number n is its number in 32 hexadecimal digits: the server reads it.
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

/// What is around every answer.
#[derive(Deserialize)]
pub struct Envelope<D> {
    /// The answer.
    pub data: D,
    /// "0" where all went well.
    pub error_code: String,
}

/// The small answer.
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
    /// Its state's number.
    pub status: i64,
}

/// The large answer.
#[derive(Deserialize)]
pub struct Results {
    /// One per phone.
    pub cmd_results: Vec<CommandResult>,
}

/// What a command did on a phone.
#[derive(Deserialize)]
pub struct CommandResult {
    /// The phone.
    pub instance_id: String,
    /// The state's number.
    pub status: i64,
    /// Empty where all went well.
    pub error_code: String,
    /// Empty where all went well.
    pub error_msg: String,
    /// Output of the command.
    pub execute_msg: String,
}
