//! All options of the emulator in one struct.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::ClockOptions;
use crate::edition::Edition;
use crate::error::OptionsError;
use crate::fault::Fault;
use crate::json::from_json;
use crate::quirk::{Quirk, Quirks};
use crate::rule::Rule;
use crate::sku::Sku;

/// How closely the emulator follows the documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As the documents say or clearly imply.
    #[default]
    Default,
    /// The documented limits are enforced: the quirks `strict_limit_32`, `strict_video` and `strict_request_id`.
    Strict,
}

/// Minimum length of a control token, so that it cannot be guessed.
const SHORTEST_TOKEN: usize = 16;

/// The secret that authorises control requests. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ControlToken(String);

impl ControlToken {
    /// Compares in constant time.
    pub(crate) fn matches(&self, given: &str) -> bool {
        let pairs = self.0.bytes().zip(given.bytes());
        self.0.len() == given.len() && pairs.fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

impl From<String> for ControlToken {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl fmt::Debug for ControlToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ControlToken(***)")
    }
}

/// A rate limit, counted per operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Number of calls
    pub calls: u32,
    /// per this many seconds.
    pub seconds: u32,
}

/// The settings of an emulator. Every field has a default; unknown keys are refused.
///
/// ```
/// # use koophone_emulator::Options;
/// let options = Options::from_toml("phones = 8\nseed = 7\nquirks = ['any_character']\n[clock]\nmode = 'manual'")?;
/// assert_eq!(options.phones, 8);
/// assert!(Options::from_json(r#"{"fones": 8}"#).unwrap_err().to_string().contains("fones"));
/// # Ok::<(), koophone_emulator::OptionsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Address to listen on. If other machines can reach it, such as `0.0.0.0` in a container, `control_token` is
    /// required.
    pub address: IpAddr,
    /// Requests to `/_emulator` must have `Authorization: Bearer TOKEN` with this token. At least 16 characters.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub control_token: Option<ControlToken>,
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// Number of phones, if `instance_ids` is empty.
    pub phones: usize,
    /// Ids of the phones; empty for `phones` generated ones.
    pub instance_ids: Vec<String>,
    /// Seed of all generated ids.
    pub seed: u64,
    /// Default or strict.
    pub mode: Mode,
    /// Edition of the service's documents to follow.
    pub edition: Edition,
    /// Quirks to enable.
    pub quirks: Vec<Quirk>,
    /// Faults that are queued at the start.
    pub faults: Vec<Fault>,
    /// Responses to commands, which take precedence over the built-in commands.
    pub rules: Vec<Rule>,
    /// A file with more rules, in JSON or TOML according to its extension.
    pub rules_file: Option<PathBuf>,
    /// The clock.
    pub clock: ClockOptions,

    /// Name of the account (domain).
    pub account_domain: String,
    /// Name of the IAM user.
    pub user: String,
    /// The user's password.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub password: String,
    /// Access key.
    pub access_key: String,
    /// Secret key.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub secret_key: String,
    /// Makes the access key a temporary one: signed requests must carry this `X-Security-Token`.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub security_token: Option<String>,
    /// Region, and with it the name of the project.
    pub region: String,
    /// Project id; derived from the seed by default.
    pub project_id: Option<String>,
    /// More project names of the same account. Their tokens are refused by KooPhone with 0307, as those of another
    /// region. A name may be listed twice (or be the region's) to make the lookup by name ambiguous.
    pub other_projects: Vec<String>,

    /// Lifetime of a token.
    pub token_lifetime_seconds: u64,
    /// Length of a token; real ones have several thousand characters.
    pub token_length: usize,
    /// Number of wrong passwords until the user is locked.
    pub password_attempts: u32,
    /// Duration of that lock.
    pub password_lock_seconds: u64,
    /// Tolerance for `X-Sdk-Date`.
    pub signature_window_seconds: u64,
    /// Number of failed signatures in a row that locks the access key; by default 6, because more than five lock it
    /// (docs/spec/auth.md).
    pub access_key_attempts: u32,
    /// Duration of that lock.
    pub access_key_lock_seconds: u64,

    /// State of every phone at the start (2 is running on the default scale, 1 is in storage).
    pub initial_state: i64,
    /// How many of the phones, counted from the last one, are paid for by usage instead of by the month.
    pub pay_per_use_phones: usize,
    /// Number of machines for phones that are restored from storage; enough for all by default.
    pub free_machines: Option<usize>,
    /// What can be ordered.
    pub skus: Vec<Sku>,
    /// How long a phone takes to reset.
    pub reset_duration_ms: u64,
    /// How long a phone takes to restart.
    pub reboot_duration_ms: u64,
    /// How long it takes to unassign a phone from its user.
    pub unassign_duration_ms: u64,
    /// How long it takes to back a phone up to storage.
    pub backup_duration_ms: u64,
    /// How long it takes to restore a phone from storage.
    pub restore_duration_ms: u64,
    /// How long an installation takes.
    pub install_duration_ms: u64,
    /// How long a session remains after its stream has ended.
    pub session_duration_ms: u64,
    /// How long an asynchronous job takes, in addition to the sleeps of its command.
    pub job_duration_ms: u64,
    /// How long a task can be read; 0 for no limit.
    pub task_retention_ms: u64,
    /// The gateway's rate limit, if any.
    pub rate_limit: Option<RateLimit>,
    /// A synchronous command that takes longer gets a 504 after this time, although it runs; 0 for no limit.
    pub gateway_timeout_ms: u64,
    /// Longer request headers get a 494; 0 for no limit.
    pub max_header_bytes: usize,
    /// Properties that every phone has in addition to the built-in ones.
    pub properties: BTreeMap<String, String>,
    /// Files that every phone has in addition to the built-in ones: path and text.
    pub files: BTreeMap<String, String>,

    /// Maximum number of journal entries; the oldest are dropped first.
    pub journal_limit: usize,
    /// Maximum number of entries in the request log; the oldest are dropped first.
    pub request_log_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: IpAddr::from([127, 0, 0, 1]),
            control_token: None,
            port: 0,
            phones: 3,
            instance_ids: Vec::new(),
            seed: 1,
            mode: Mode::Default,
            edition: Edition::default(),
            quirks: Vec::new(),
            faults: Vec::new(),
            rules: Vec::new(),
            rules_file: None,
            clock: ClockOptions::default(),
            account_domain: "emulator-domain".to_owned(),
            user: "emulator-user".to_owned(),
            password: "emulator-password".to_owned(),
            access_key: "EMULATORACCESSKEY000".to_owned(),
            secret_key: "emulator-secret-key-not-a-real-one-00000".to_owned(),
            security_token: None,
            region: "cn-north-4".to_owned(),
            project_id: None,
            other_projects: Vec::new(),
            token_lifetime_seconds: 24 * 60 * 60,
            token_length: 512,
            password_attempts: 5,
            password_lock_seconds: 15 * 60,
            signature_window_seconds: 15 * 60,
            access_key_attempts: 6,
            access_key_lock_seconds: 5 * 60,
            initial_state: 2,
            pay_per_use_phones: 0,
            free_machines: None,
            skus: Sku::defaults(),
            reset_duration_ms: 200,
            reboot_duration_ms: 200,
            unassign_duration_ms: 200,
            backup_duration_ms: 200,
            restore_duration_ms: 200,
            install_duration_ms: 200,
            session_duration_ms: 5 * 60 * 1000,
            job_duration_ms: 100,
            task_retention_ms: 0,
            rate_limit: None,
            gateway_timeout_ms: 0,
            max_header_bytes: 0,
            properties: BTreeMap::new(),
            files: BTreeMap::new(),
            journal_limit: 1_000_000,
            request_log_limit: 1_000_000,
        }
    }
}

impl Options {
    /// Reads a JSON object.
    pub fn from_json(text: &str) -> Result<Self, OptionsError> {
        from_json(text).map_err(|error| OptionsError::new(format!("emulator options: {error}")))
    }

    /// Reads a TOML document.
    pub fn from_toml(text: &str) -> Result<Self, OptionsError> {
        toml::from_str(text).map_err(|error| OptionsError::new(format!("emulator options: {error}")))
    }

    /// The effective quirks: the given ones, those of the mode and those of the edition.
    pub(crate) fn all_quirks(&self) -> Quirks {
        let strict: &[Quirk] = match self.mode {
            Mode::Default => &[],
            Mode::Strict => &[Quirk::StrictLimit32, Quirk::StrictVideo, Quirk::StrictRequestId],
        };
        let by_edition = match self.edition {
            Edition::Of2024 => Quirk::ResetWithoutTask,
            Edition::Of2026 => Quirk::NewerFields,
        };
        Quirks::new(self.quirks.iter().chain(strict).chain([&by_edition]).copied())
    }

    /// Refuses invalid options.
    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let refuse = |text: String| Err(OptionsError::new(text));
        if !self.address.is_loopback() && self.control_token.is_none() {
            return refuse(format!(
                "address {} can be reached by other machines, so control_token must be set",
                self.address
            ));
        }
        if self.control_token.as_ref().is_some_and(|token| token.0.len() < SHORTEST_TOKEN) {
            return refuse(format!("control_token must have at least {SHORTEST_TOKEN} characters"));
        }
        let mut seen = HashSet::new();
        for id in &self.instance_ids {
            if id.is_empty() || id.len() > 32 {
                return refuse(format!("instance id `{id}` must have 1 to 32 bytes"));
            }
            if !seen.insert(id) {
                return refuse(format!("instance id `{id}` is given twice"));
            }
        }
        if self.token_length < 32 || self.token_length > 100_000 {
            return refuse(format!("token_length {} is not in 32..=100000", self.token_length));
        }
        if self.rate_limit.is_some_and(|limit| limit.seconds == 0) {
            return refuse("rate_limit.seconds must be at least 1".to_owned());
        }
        for (name, value) in
            [("region", &self.region), ("access_key", &self.access_key), ("secret_key", &self.secret_key)]
        {
            if value.is_empty() {
                return refuse(format!("{name} must not be empty"));
            }
        }
        if let Some(path) = self.files.keys().find(|path| !path.starts_with('/')) {
            return refuse(format!("file `{path}` must have an absolute path"));
        }
        Ok(())
    }
}
