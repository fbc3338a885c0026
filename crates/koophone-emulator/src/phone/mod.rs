//! The phones: each has a state, video settings and what its user left on it.

pub(crate) mod factory;
pub(crate) mod files;
pub(crate) mod fleet;
pub(crate) mod snapshot;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use files::Files;

/// The number of a running phone on the scale of 2024.
pub(crate) const RUNNING: i64 = 2;

/// Most events and log lines a phone keeps.
const LINES_KEPT: usize = 10_000;

/// An application on a phone.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) path: String,
    pub(crate) system: bool,
}

/// A process on a phone.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) user: String,
    pub(crate) name: String,
}

/// Something that reached the screen or the input system.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PhoneEvent {
    /// When, in milliseconds since 1970 on the emulator's clock.
    pub time_ms: i64,
    /// "tap", "swipe", "text", "keyevent", "start", "stop", "screencap" and the like.
    pub kind: String,
    /// What the command was given.
    pub arguments: Vec<String>,
}

/// All that a reset brings back to what it was. Shared with the factory until something is written.
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
    pub(crate) fn spawn(&mut self, name: &str, user: &str) -> u32 {
        if let Some(process) = self.processes.iter().find(|process| process.name == name) {
            return process.pid;
        }
        let pid = self.next_pid;
        self.next_pid = self.next_pid.wrapping_add(1).max(1000);
        Arc::make_mut(&mut self.processes).push(Process { pid, user: user.to_owned(), name: name.to_owned() });
        pid
    }

    /// Ends all processes that fit.
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
    /// Set state, on whichever scale is in use.
    state: i64,
    /// Begin and end of a reset that may still be running.
    resetting: Option<(i64, i64)>,
    pub(crate) data: UserData,
}

impl Phone {
    pub(crate) fn new(instance_id: String, state: i64, data: UserData) -> Self {
        Self { instance_id, state, resetting: None, data }
    }

    pub(crate) fn set_state(&mut self, state: i64) {
        self.state = state;
        self.resetting = None;
    }

    /// The user's data is gone at once; the phone is back when the time is over.
    pub(crate) fn reset(&mut self, factory: UserData, now_ms: i64, duration_ms: i64) {
        self.data = factory;
        self.state = RUNNING;
        self.resetting = Some((now_ms, now_ms.saturating_add(duration_ms)));
    }

    /// The state number at this moment. A reset goes through 3 (going offline) and 4 (starting), or 1 (restoring) on the new scale.
    pub(crate) fn state_at(&self, now_ms: i64, new_scale: bool) -> i64 {
        match self.resetting {
            Some((begin, end)) if now_ms < end => {
                let second_half = now_ms.saturating_sub(begin) >= (end - begin) / 2;
                match (new_scale, second_half) {
                    (true, _) => 1,
                    (false, false) => 3,
                    (false, true) => 4,
                }
            }
            _ => self.state,
        }
    }

    /// Whether commands run on it. On the new scale 2 and 7 are "data loaded" and 3 is "streaming".
    pub(crate) fn is_running_at(&self, now_ms: i64, new_scale: bool) -> bool {
        let state = self.state_at(now_ms, new_scale);
        state == RUNNING || (new_scale && matches!(state, 3 | 7))
    }
}
