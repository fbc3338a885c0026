//! Conditions: what else can go wrong around a fleet, and how every phone's call must end. Each condition is one setup
//! of emulator and client, one call, and its expected end; `run.rs` runs them all in the same way.

mod call;
mod child;
mod credentials;
mod identity;
mod items;
mod limits;
mod refusals;
mod run;
mod surroundings;

use std::panic::{AssertUnwindSafe, catch_unwind};

use koophone::ErrorKind;
use koophone::binding_support::panic_error;
use serde_json::{Value, json};

pub use self::call::Call;
pub use self::child::run_in_child;

/// Phones of most fleets.
pub const PHONES: usize = 3 * BATCH;
/// Phones in one request.
pub const BATCH: usize = 4;
/// A phone of the second batch, neither its first nor its last.
pub const STRUCK: usize = BATCH + 1;

/// How a call ended for one phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It has its result.
    Done,
    /// No error, and no end so far: a later reading of the task may show it.
    Open,
    /// It has an error of this kind.
    Failed(ErrorKind),
}

/// The end for one phone, and how often it ran the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phone {
    /// As the caller saw it.
    pub end: End,
    /// As in the phone's journal.
    pub runs: usize,
}

/// The expected end of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// One entry per phone. A call that fails as a whole counts as this failure of every phone.
    pub phones: Vec<Phone>,
    /// The maximum number of refused signatures.
    pub failed_signatures: usize,
    /// The maximum number of logins.
    pub logins: usize,
}

impl Expected {
    /// Every phone has its result, having run the call once.
    pub fn done(call: Call) -> Self {
        Self::all(Phone { end: End::Done, runs: call.runs() })
    }

    /// The call fails as a whole, and no phone has run anything.
    pub fn nothing_executed(call: Call, kind: ErrorKind) -> Self {
        Self::all(Phone { end: End::Failed(kind), runs: call.runs_before() })
    }

    fn all(phone: Phone) -> Self {
        Self { phones: vec![phone; PHONES], failed_signatures: 0, logins: 1 }
    }

    /// Other phones than the usual ones of a fleet.
    pub fn of_phones(mut self, count: usize) -> Self {
        self.phones = vec![self.phones[0]; count];
        self
    }

    /// Something else for some phones.
    pub fn except(mut self, phones: impl IntoIterator<Item = usize>, phone: Phone) -> Self {
        phones.into_iter().for_each(|index| self.phones[index] = phone);
        self
    }

    /// Other limits.
    pub fn at_most(mut self, failed_signatures: usize, logins: usize) -> Self {
        (self.failed_signatures, self.logins) = (failed_signatures, logins);
        self
    }
}

/// Who calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credential {
    /// The correct password.
    #[default]
    Password,
    /// A wrong one.
    WrongPassword,
    /// The correct access key, with the region: the project is looked up first.
    Key,
    /// The correct access key, with the id of the project: nothing is looked up before the first request.
    KeyOfProject,
    /// A key with a wrong secret, with the region.
    WrongKey,
    /// A key with a wrong secret, with the id of the project.
    WrongKeyOfProject,
}

/// How the call is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Once, blocking, for all phones.
    #[default]
    Once,
    /// Blocking, on a thread for each phone, all at the same time.
    Threads,
    /// Started on the runtime of the client, one call for each phone.
    Started,
    /// Cancelled when the service has received the second request, to which it does not respond.
    CancelledInFlight,
    /// With a deadline that passes while the second request has no response.
    Deadline,
    /// With a log sink that panics at every record.
    PanickingLog,
    /// With a progress callback that panics when it is called.
    PanickingProgress,
    /// In a process that has few file descriptors left.
    FewDescriptors,
}

/// A directory for tokens that is not usable as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// It cannot be created.
    ReadOnly,
    /// There is a file in its place.
    FileInTheWay,
    /// Every user may write to it.
    #[cfg(unix)]
    OpenToOthers,
}

/// What a condition needs.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Options of the emulator besides the phones.
    pub emulator: Value,
    /// Faults of the emulator.
    pub faults: Vec<Value>,
    /// Who calls.
    pub credential: Credential,
    /// Settings of the client besides the usual ones.
    pub settings: Vec<(&'static str, String)>,
    /// How the call is made.
    pub manner: Manner,
    /// Where tokens are cached.
    pub cache: Option<Cache>,
}

impl Setup {
    /// One fault, in the emulator's own form.
    pub fn fault(fault: Value) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    /// With one more setting of the client.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.settings.push((name, value.to_string()));
        self
    }
}

/// A setup, a call, and its expected end.
pub struct Condition {
    /// What kind of thing goes wrong.
    pub group: &'static str,
    /// What goes wrong.
    pub name: String,
    /// The call.
    pub call: Call,
    /// How it is made.
    pub setup: Setup,
    /// The expected end.
    pub expected: Expected,
}

impl Condition {
    fn new(group: &'static str, name: impl Into<String>, call: Call, setup: Setup, expected: Expected) -> Self {
        Self { group, name: name.into(), call, setup, expected }
    }

    /// Runs it, and reports what differs from the expectation.
    pub fn problem(&self) -> Option<String> {
        // A panic of the client in this thread is reported like any other failure.
        let problem = catch_unwind(AssertUnwindSafe(|| run::problem(self)));
        let problem = problem.unwrap_or_else(|panic| Some(panic_error(&*panic).message().to_owned()))?;
        Some(format!("{} × {}: {}: {problem}", self.call.name(), self.group, self.name))
    }
}

/// Every condition.
pub fn all() -> Vec<Condition> {
    [
        items::conditions(),
        refusals::conditions(),
        credentials::conditions(),
        identity::conditions(),
        limits::conditions(),
        surroundings::conditions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The name of a phone.
pub fn id(index: usize) -> String {
    format!("phone{index}")
}

/// A fault of every request of `call` that names the phone at `index`, and of no other.
pub fn of_phone(index: usize, call: Call, action: &Value) -> Value {
    let mut fault = json!({"operation": call.sent().name, "instance_id": id(index), "times": 0});
    if let (Some(fault), Some(action)) = (fault.as_object_mut(), action.as_object()) {
        fault.extend(action.clone());
    }
    fault
}
