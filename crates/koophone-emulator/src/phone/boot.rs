//! When a phone was switched on, and what is wrong with it.

use serde::{Deserialize, Serialize};

use crate::phone::Phone;
use crate::phone::factory::LAUNCHER;

/// What is wrong with a phone. All of it is off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhoneFaults {
    /// It does not finish booting: `sys.boot_completed` is empty, and Android's services are missing.
    pub not_booted: bool,
    /// How long its next boots take after it was switched on, in milliseconds.
    pub boot_ms: u64,
    /// Applications that are started from now on crash after this time.
    pub crash_after_ms: Option<u64>,
    /// The title of a window in front of everything, for example `Application Not Responding: com.android.systemui`.
    pub dialog: Option<String>,
    /// Every command prints warnings of this many bytes before its own output.
    pub noise_bytes: usize,
}

/// The current boot of a phone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boot {
    number: i64,
    begin_ms: i64,
    end_ms: i64,
}

impl Default for Boot {
    fn default() -> Self {
        Self { number: 0, begin_ms: 1411, end_ms: 0 }
    }
}

impl Boot {
    /// `ro.boottime.init`: nanoseconds, different in every boot.
    pub(crate) fn evidence(self) -> String {
        self.begin_ms.saturating_mul(1_000_000).saturating_add(self.number).to_string()
    }
}

impl Phone {
    /// It is switched on.
    pub(crate) fn begin_boot(&mut self, now_ms: i64) {
        let duration_ms = i64::try_from(self.faults.boot_ms).unwrap_or(i64::MAX);
        self.boot = Boot { number: self.boot.number + 1, begin_ms: now_ms, end_ms: now_ms.saturating_add(duration_ms) };
    }

    pub(crate) fn has_booted(&self, now_ms: i64) -> bool {
        !self.faults.not_booted && self.boot.end_ms <= now_ms
    }

    /// The window in front.
    pub(crate) fn focus(&self) -> &str {
        self.faults.dialog.as_deref().or(self.data.focus.as_deref()).unwrap_or("null")
    }

    /// Ends the processes whose time has come.
    pub(crate) fn crash_due(&mut self, now_ms: i64) {
        let is_due = |ends_ms: Option<i64>| ends_ms.is_some_and(|end| end <= now_ms);
        let due: Vec<(String, u32, i64)> = self
            .data
            .processes
            .iter()
            .filter(|process| is_due(process.ends_ms))
            .map(|process| (process.name.clone(), process.pid, process.ends_ms.unwrap_or(now_ms)))
            .collect();
        for (name, pid, end_ms) in due {
            self.data.end_processes(|process| process.pid == pid);
            self.data.log(end_ms, pid, "AndroidRuntime", &format!("FATAL EXCEPTION: main, process {name}"));
            self.data.event(end_ms, "crash", std::slice::from_ref(&name));
            if self.data.focus.as_ref().is_some_and(|focus| focus.split('/').next() == Some(name.as_str())) {
                self.data.focus = Some(LAUNCHER.to_owned());
            }
        }
    }
}
