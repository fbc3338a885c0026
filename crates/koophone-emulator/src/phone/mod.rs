//! The phones: each has a state, video settings and its user's data.

pub(crate) mod apps;
pub(crate) mod boot;
pub(crate) mod contract;
pub(crate) mod factory;
pub(crate) mod files;
pub(crate) mod fleet;
pub(crate) mod life;
pub(crate) mod snapshot;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use apps::Package;
use boot::{Boot, PhoneFaults};
use files::Files;
use life::{Life, Work, WorkKind};

/// The number of a running phone: "running" on the scale of 2024, "data loaded" on that of 2025.
pub(crate) const RUNNING: i64 = 2;

/// State numbers as in 2024, and again in 2026 (docs/spec/wire-notes.md#40).
mod state_2024 {
    pub(super) const STOPPED: i64 = 1;
    pub(super) const GOING_OFFLINE: i64 = 3;
    pub(super) const STARTING: i64 = 4;
}

/// State numbers as in the table of 2025-12.
mod state_2025 {
    pub(super) const IDLE: i64 = 0;
    pub(super) const RESTORING: i64 = 1;
    pub(super) const STREAMING: i64 = 3;
    pub(super) const BACKING_UP: i64 = 4;
    pub(super) const BACKUP_FAILED: i64 = 5;
    pub(super) const RESTORE_FAILED: i64 = 6;
}

/// Maximum number of events and log lines that a phone keeps.
const LINES_KEPT: usize = 10_000;

/// A process on a phone.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) user: String,
    pub(crate) name: String,
    /// When it crashes.
    pub(crate) ends_ms: Option<i64>,
}

/// Something that reached the screen or the input system.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PhoneEvent {
    /// When, in milliseconds since 1970 on the emulator's clock.
    pub time_ms: i64,
    /// "tap", "swipe", "text", "keyevent", "start", "stop", "screencap" and the like.
    pub kind: String,
    /// The arguments of the command.
    pub arguments: Vec<String>,
}

/// Everything that a reset restores. Shared with the factory image until something is written.
#[derive(Clone, Debug)]
pub(crate) struct UserData {
    pub(crate) files: Arc<Files>,
    pub(crate) properties: Arc<BTreeMap<String, String>>,
    /// Namespace and key of `settings`.
    pub(crate) settings: Arc<BTreeMap<(String, String), String>>,
    pub(crate) packages: Arc<BTreeMap<String, Package>>,
    pub(crate) processes: Arc<Vec<Process>>,
    pub(crate) next_pid: u32,
    /// Component on the screen.
    pub(crate) focus: Option<String>,
    pub(crate) is_screen_on: bool,
    pub(crate) size_override: Option<String>,
    pub(crate) density_override: Option<String>,
    pub(crate) events: VecDeque<PhoneEvent>,
    pub(crate) log: VecDeque<String>,
    /// Network type and codec, and the groups that were set for them.
    pub(crate) video: BTreeMap<(String, String), Value>,
}

impl UserData {
    pub(crate) fn set_property(&mut self, key: &str, value: &str) {
        Arc::make_mut(&mut self.properties).insert(key.to_owned(), value.to_owned());
    }

    pub(crate) fn event(&mut self, time_ms: i64, kind: &str, arguments: &[String]) {
        let event = PhoneEvent { time_ms, kind: kind.to_owned(), arguments: arguments.to_vec() };
        push_bounded(&mut self.events, event);
    }

    /// A line for `logcat`.
    pub(crate) fn log(&mut self, time_ms: i64, pid: u32, tag: &str, text: &str) {
        let time = crate::clock::format(time_ms, "%m-%d %H:%M:%S%.3f");
        push_bounded(&mut self.log, format!("{time} {pid:5} {pid:5} I {tag}: {text}"));
    }

    /// Starts a process unless it runs, and returns its id.
    pub(crate) fn spawn(&mut self, name: &str, user: &str, ends_ms: Option<i64>) -> u32 {
        if let Some(process) = self.processes.iter().find(|process| process.name == name) {
            return process.pid;
        }
        let pid = self.next_pid;
        self.next_pid = self.next_pid.wrapping_add(1).max(1000);
        Arc::make_mut(&mut self.processes).push(Process { pid, user: user.to_owned(), name: name.to_owned(), ends_ms });
        pid
    }

    /// Ends all matching processes.
    pub(crate) fn end_processes(&mut self, ends: impl Fn(&Process) -> bool) -> bool {
        if !self.processes.iter().any(&ends) {
            return false;
        }
        Arc::make_mut(&mut self.processes).retain(|process| !ends(process));
        true
    }
}

fn push_bounded<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() >= LINES_KEPT {
        list.pop_front();
    }
    list.push_back(item);
}

/// One phone.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) instance_id: String,
    /// State number of a phone that is on a machine and has no job, on whichever scale is in use.
    state: i64,
    pub(crate) life: Life,
    pub(crate) data: UserData,
    pub(crate) boot: Boot,
    pub(crate) faults: PhoneFaults,
}

impl Phone {
    pub(crate) fn new(instance_id: String, state: i64, new_scale: bool, data: UserData) -> Self {
        let (life, boot, faults) = (Life::default(), Boot::default(), PhoneFaults::default());
        let mut phone = Self { instance_id, state, life, data, boot, faults };
        phone.set_state(state, new_scale);
        phone
    }

    /// Sets the state, whatever the phone was doing. Stopped, or idle on the new scale, is in storage; otherwise it is
    /// on a machine.
    pub(crate) fn set_state(&mut self, state: i64, new_scale: bool) {
        let stored = if new_scale { state_2025::IDLE } else { state_2024::STOPPED };
        self.life.is_stored = state == stored;
        self.life.work = None;
        self.state = if self.life.is_stored { RUNNING } else { state };
    }

    /// It is on a machine and runs from now on.
    pub(crate) fn start(&mut self) {
        self.life.is_stored = false;
        self.switch_on();
    }

    /// On its machine, if it has one, it runs from now on.
    pub(crate) fn switch_on(&mut self) {
        self.state = RUNNING;
    }

    /// Removes the user's data and ends the stream.
    pub(crate) fn wipe(&mut self, factory: UserData) {
        self.data = factory;
        self.life.end_session();
    }

    /// The state number at this moment.
    pub(crate) fn state_at(&self, now_ms: i64, new_scale: bool) -> i64 {
        if new_scale { self.state_of_2025() } else { self.state_of_2024(now_ms) }
    }

    fn state_of_2024(&self, now_ms: i64) -> i64 {
        use state_2024::{GOING_OFFLINE, STARTING, STOPPED};
        match self.life.work {
            _ if self.life.is_stored => STOPPED,
            Some(work @ Work { kind: WorkKind::Resetting, .. }) if !work.is_in_second_half(now_ms) => GOING_OFFLINE,
            Some(Work { kind: WorkKind::Resetting | WorkKind::Rebooting, .. }) => STARTING,
            _ => self.state,
        }
    }

    fn state_of_2025(&self) -> i64 {
        use state_2025::{BACKING_UP, BACKUP_FAILED, IDLE, RESTORE_FAILED, RESTORING, STREAMING};
        let failed = |ended: Option<life::Ended>| ended.is_some_and(|ended| !ended.good);
        match self.life.work.map(|work| work.kind) {
            Some(WorkKind::Resetting | WorkKind::Rebooting | WorkKind::Restoring) => RESTORING,
            Some(WorkKind::BackingUp) => BACKING_UP,
            _ if self.life.is_stored && failed(self.life.restore) => RESTORE_FAILED,
            _ if self.life.is_stored => IDLE,
            _ if self.state == RUNNING && self.life.stream.is_some() => STREAMING,
            _ if self.state == RUNNING && failed(self.life.backup) => BACKUP_FAILED,
            _ => self.state,
        }
    }

    /// Whether commands run on it. On the new scale 2 and 7 are "data loaded" and 3 is "streaming".
    pub(crate) fn is_running(&self, new_scale: bool) -> bool {
        let restarts = self.life.does(WorkKind::Resetting) || self.life.does(WorkKind::Rebooting);
        let runs = self.state == RUNNING || (new_scale && matches!(self.state, state_2025::STREAMING | 7));
        runs && !restarts && !self.life.is_stored
    }
}
