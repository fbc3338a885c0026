//! A snapshot of a phone, for tests.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::phone::fleet::serial_number;
use crate::phone::{Phone, PhoneEvent};

/// A file or directory of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileSnapshot {
    /// True for a directory.
    pub directory: bool,
    /// Length in bytes (4,096 for a directory).
    pub size: usize,
    /// The content, if it is UTF-8.
    pub text: Option<String>,
}

/// The complete state of one phone at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhoneSnapshot {
    /// Its id.
    pub instance_id: String,
    /// The state number, as the status query would return it.
    pub state: i64,
    /// The user it is assigned to.
    pub user: Option<String>,
    /// Whether it is frozen.
    pub frozen: bool,
    /// The stream that is running.
    pub stream_id: Option<String>,
    /// When the session that a stream has left ends, in milliseconds since 1970 on the emulator's clock.
    pub session_end_ms: Option<i64>,
    /// The video settings in force, in the form of `instance_settings`.
    pub video_settings: Vec<Value>,
    /// Files and directories by path.
    pub files: BTreeMap<String, FileSnapshot>,
    /// The property table.
    pub properties: BTreeMap<String, String>,
    /// Values of `settings`, as `namespace/key`.
    pub settings: BTreeMap<String, String>,
    /// Names of the installed packages.
    pub packages: Vec<String>,
    /// Names of the running processes.
    pub processes: Vec<String>,
    /// Taps, texts, started applications and the like, oldest first.
    pub events: Vec<PhoneEvent>,
    /// Lines of `logcat`.
    pub log: Vec<String>,
}

impl Phone {
    pub(crate) fn snapshot(&self, now_ms: i64, new_scale: bool) -> PhoneSnapshot {
        let data = &self.data;
        let file = |node: &crate::phone::files::Node| FileSnapshot {
            directory: node.is_directory(),
            size: node.size(),
            text: node.content.as_ref().and_then(|content| String::from_utf8(content.as_ref().clone()).ok()),
        };
        PhoneSnapshot {
            instance_id: self.instance_id.clone(),
            state: self.state_at(now_ms, new_scale),
            user: self.life.user.clone(),
            frozen: self.life.is_frozen,
            stream_id: self.life.stream.clone(),
            session_end_ms: self.life.session_end_ms.filter(|end| now_ms < *end),
            video_settings: data
                .video
                .iter()
                .map(|((network, codec), groups)| {
                    json!({"network_type": network, "encoding_type": codec, "video_spec_groups": groups})
                })
                .collect(),
            files: data.files.iter().map(|(path, node)| (path.clone(), file(node))).collect(),
            properties: self.properties(now_ms),
            settings: data
                .settings
                .iter()
                .map(|((space, key), value)| (format!("{space}/{key}"), value.clone()))
                .collect(),
            packages: data.packages.keys().cloned().collect(),
            processes: data.processes.iter().map(|process| process.name.clone()).collect(),
            events: data.events.iter().cloned().collect(),
            log: data.log.iter().cloned().collect(),
        }
    }

    /// All properties, the phone's own serial number and those of its boot among them.
    pub(crate) fn properties(&self, now_ms: i64) -> BTreeMap<String, String> {
        let mut all = self.data.properties.as_ref().clone();
        all.entry("ro.serialno".to_owned()).or_insert_with(|| serial_number(&self.instance_id));
        all.entry("ro.boottime.init".to_owned()).or_insert_with(|| self.boot.evidence());
        if !self.has_booted(now_ms) {
            all.retain(|name, _| name != "sys.boot_completed" && name != "dev.bootcomplete");
        }
        all
    }
}
