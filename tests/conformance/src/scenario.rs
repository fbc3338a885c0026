//! A scenario from tests/vectors/scenarios: the emulator's options, the calls, and the expected results.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// One scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The name of its file.
    #[serde(skip)]
    pub name: String,
    /// What it tests, in a sentence.
    pub about: String,
    /// The notes of docs/spec/wire-notes.md that it covers.
    #[serde(default)]
    pub notes: Vec<u8>,
    /// The emulator's options.
    #[serde(default)]
    pub emulator: Value,
    /// The first client.
    #[serde(default)]
    pub client: ClientSpec,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What each phone must have run by the end, in order. Phones that are not named must have run nothing.
    #[serde(default)]
    pub journal: Journal,
    /// The number of phones of each order, in order of arrival. There may be no other orders.
    #[serde(default)]
    pub orders: Vec<usize>,
    /// Texts that no reply may contain, such as part of a signed URL.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// The expected number of requests, by operation.
    #[serde(default)]
    pub requests: BTreeMap<String, usize>,
    /// Different numbers for a face that runs every call in a new process, the command line: it loses what a client
    /// keeps in memory (a project id, the clock offset, a refused password; not a token, which is cached on disk).
    #[serde(default)]
    pub requests_if_forgetful: BTreeMap<String, usize>,
}

impl Scenario {
    /// The names of the calls that it makes.
    pub fn calls(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Call(step) => Some(step.call.as_str()),
            _ => None,
        })
    }
}

/// How to create a client: by default with the emulator's endpoint, user and region, ignoring the environment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSpec {
    /// Which of the emulator's credentials to use.
    #[serde(default)]
    pub credentials: CredentialChoice,
    /// Additional or replaced settings; null removes one.
    #[serde(default)]
    pub settings: BTreeMap<String, Option<String>>,
    /// Additional or replaced credential fields; null removes one.
    #[serde(default)]
    pub fields: BTreeMap<String, Option<String>>,
    /// The expected reply, by default `{"ok": true}`.
    pub expect: Option<Value>,
}

/// Which of the emulator's credentials a client uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialChoice {
    /// User name and password.
    #[default]
    Password,
    /// Access key and secret key.
    AccessKey,
    /// None, apart from `fields`.
    None,
}

/// A step of a scenario.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// A call of the client.
    Call(CallStep),
    /// An action on the last task.
    Task(TaskStep),
    /// An action on the emulator.
    Emulator(EmulatorStep),
    /// A new client.
    Client {
        /// How to create it.
        client: ClientSpec,
    },
}

/// A call.
#[derive(Debug, Deserialize)]
pub struct CallStep {
    /// The operation.
    pub call: String,
    /// Which phones.
    #[serde(default)]
    pub phones: Phones,
    /// The user of all of them, for the operations that take phones and their users.
    pub assign_to: Option<String>,
    /// More fields of the line: `task_id`, the operation's own arguments, `timeout_ms`, `repeatable`,
    /// `cancel_after_ms`, ...
    #[serde(flatten)]
    pub fields: BTreeMap<String, Value>,
}

/// An action on the last task.
#[derive(Debug, Deserialize)]
pub struct TaskStep {
    /// `poll`, `wait`, `save` or `resume`.
    pub task: String,
    /// More fields of the line.
    #[serde(flatten)]
    pub fields: BTreeMap<String, Value>,
}

/// An action on the emulator between calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmulatorStep {
    /// What, by its name.
    pub emulator: EmulatorAction,
}

/// What is done to the emulator.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmulatorAction {
    /// Adds faults.
    AddFaults(Value),
    /// Moves its clock.
    AdvanceMs(u64),
    /// Ends the life of every token.
    ExpireTokens,
    /// Empties the journal.
    ClearJournal,
    /// Sets the state of a phone.
    SetState {
        /// Index of the phone.
        phone: usize,
        /// The service's number.
        state: i64,
    },
    /// A viewer opens the stream of the phone with this index.
    StartStream(usize),
    /// Freezes the phone with this index.
    Freeze(usize),
    /// So many machines are free.
    FreeMachines(usize),
    /// Pays all orders that wait for it.
    PayOrders,
}

/// Phones of the emulator, by index, or ids as they stand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(untagged)]
pub enum Phones {
    /// None: the call takes no phone.
    #[default]
    Absent,
    /// `"all"`.
    Word(String),
    /// The first so many.
    First {
        /// How many.
        first: usize,
    },
    /// One by one.
    List(Vec<Value>),
}

/// What each phone must have run.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
pub enum Journal {
    /// Nothing is said.
    #[default]
    Unsaid,
    /// The same on every phone.
    Each {
        /// What every phone must have run.
        each: Vec<String>,
    },
    /// By index of the phone.
    ByPhone(BTreeMap<String, Vec<String>>),
}

/// Reads every scenario of a folder, by name.
pub fn load(folder: &Path) -> Result<Vec<Scenario>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut scenarios = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| e.to_string())?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
        let mut scenario: Scenario = serde_json::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
        scenario.name = name;
        scenarios.push(scenario);
    }
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scenarios)
}

/// The scenarios that make a call, or cover a note, that no scenario before them does.
pub fn short(scenarios: Vec<Scenario>) -> Vec<Scenario> {
    let (mut calls, mut notes) = (HashSet::new(), HashSet::new());
    let is_new = |scenario: &Scenario| {
        let before = calls.len() + notes.len();
        calls.extend(scenario.calls().map(str::to_owned));
        notes.extend(scenario.notes.iter().copied());
        calls.len() + notes.len() > before
    };
    scenarios.into_iter().filter(is_new).collect()
}
