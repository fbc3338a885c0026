//! What verbs give.

use serde::{Deserialize, Serialize};

use crate::model::{Error, InstanceId, PhoneResult};

/// What a verb gave on one phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VerbResult<T> {
    /// The phone.
    pub instance_id: InstanceId,
    /// What was read from the output; none where there is an error.
    pub value: Option<T>,
    /// What the command printed, at most 1,024 bytes.
    pub raw: String,
    /// Whether the output is so long that the service probably cut it.
    pub truncated: bool,
    /// The request id of the request that this phone was part of; none where nothing was sent.
    pub request_id: Option<String>,
    /// Why there is no value.
    pub error: Option<Error>,
}

impl<T> PhoneResult for VerbResult<T> {
    fn instance_id(&self) -> Option<&str> {
        Some(self.instance_id.as_str())
    }
    fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
    fn output(&self) -> Option<&str> {
        Some(&self.raw)
    }
}

/// The size of a phone's screen in pixels, as it is held upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct WindowSize {
    /// Pixels from left to right.
    pub width: i64,
    /// Pixels from top to bottom.
    pub height: i64,
}

/// The battery as Android sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Battery {
    /// Percent, 0 to 100.
    pub level: i64,
    /// Whether it is connected to power.
    pub powered: bool,
}

/// The application on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AppOnScreen {
    /// Its package, for example com.example.game.
    pub package: String,
    /// Its activity, for example com.example.game.MainActivity; none for a window that is no activity.
    pub activity: Option<String>,
}

/// An installed application.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AppInfo {
    /// Its package, for example com.example.game.
    pub package: String,
    /// Where its base package is on the phone.
    pub path: String,
    /// Its version code.
    pub version_code: i64,
}
