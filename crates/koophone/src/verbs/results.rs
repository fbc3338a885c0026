//! What verbs return.

use std::any::TypeId;

use serde::{Deserialize, Serialize};

use super::{FileContent, LogTail, PulledFile};
use crate::model::{Error, InstanceId, PhoneResult};

/// The result of a verb on one phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(bound(serialize = "T: Serialize + 'static"))]
#[non_exhaustive]
pub struct VerbResult<T> {
    /// The phone.
    pub instance_id: InstanceId,
    /// What was read from the output; none where there is an error.
    #[serde(skip_serializing_if = "is_of_nothing")]
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

/// The result of a verb without a value on one phone.
pub type DoneResult = VerbResult<()>;
/// A text of one phone.
pub type TextResult = VerbResult<String>;
/// A number of one phone.
pub type NumberResult = VerbResult<i64>;
/// A yes or no of one phone.
pub type FlagResult = VerbResult<bool>;
/// A list of texts of one phone.
pub type TextListResult = VerbResult<Vec<String>>;
/// A list of numbers of one phone.
pub type NumberListResult = VerbResult<Vec<i64>>;
/// The size of the screen of one phone.
pub type WindowSizeResult = VerbResult<WindowSize>;
/// The battery of one phone.
pub type BatteryResult = VerbResult<Battery>;
/// The application on the screen of one phone.
pub type AppOnScreenResult = VerbResult<AppOnScreen>;
/// An installed application of one phone.
pub type AppInfoResult = VerbResult<AppInfo>;

/// A file of one phone that was read.
pub type FileContentResult = VerbResult<FileContent>;
/// A file of one phone that was copied.
pub type PulledFileResult = VerbResult<PulledFile>;
/// The last lines of the log of one phone.
pub type LogTailResult = VerbResult<LogTail>;
/// The value of a wait on a phone that is ready.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "describe", schemars(bound = "T: schemars::JsonSchema + Serialize + Default + 'static"))]
#[serde(bound(serialize = "T: Serialize + 'static", deserialize = "T: Deserialize<'de> + Default"))]
#[non_exhaustive]
pub struct Waited<T> {
    /// What was waited for.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub value: T,
    /// How many commands were sent to this phone. The phones of a list share their calls.
    pub calls: u32,
}

/// Some waits have nothing to say but that the phone is ready.
fn is_nothing<T: 'static>(_: &T) -> bool {
    TypeId::of::<T>() == TypeId::of::<()>()
}

/// The result on one phone of a wait that only succeeds or fails.
pub type WaitedDoneResult = VerbResult<WaitedDone>;
/// The result of a wait for a text on one phone.
pub type WaitedTextResult = VerbResult<WaitedText>;
/// The result of a wait for a list of numbers on one phone.
pub type WaitedNumberListResult = VerbResult<WaitedNumberList>;

/// A wait that has nothing more to say than how many calls it took.
pub type WaitedDone = Waited<()>;
/// A text that was waited for.
pub type WaitedText = Waited<String>;
/// Numbers that were waited for.
pub type WaitedNumberList = Waited<Vec<i64>>;

/// A verb that only acts has nothing to say but whether it did.
fn is_of_nothing<T: 'static>(_: &Option<T>) -> bool {
    TypeId::of::<T>() == TypeId::of::<()>()
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

/// The results of verbs as JSON Schemas by the names that the table has for them, for the generator of the language
/// bindings.
#[cfg(feature = "describe")]
pub(crate) fn describe() -> Vec<(&'static str, serde_json::Value)> {
    use crate::model::described;

    vec![
        described::<WindowSize>("WindowSize"),
        described::<Battery>("Battery"),
        described::<AppOnScreen>("AppOnScreen"),
        described::<AppInfo>("AppInfo"),
        described::<FileContent>("FileContent"),
        described::<PulledFile>("PulledFile"),
        described::<LogTail>("LogTail"),
        without_value(described::<DoneResult>("DoneResult")),
        described::<TextResult>("TextResult"),
        described::<NumberResult>("NumberResult"),
        described::<FlagResult>("FlagResult"),
        described::<TextListResult>("TextListResult"),
        described::<NumberListResult>("NumberListResult"),
        described::<WindowSizeResult>("WindowSizeResult"),
        described::<BatteryResult>("BatteryResult"),
        described::<AppOnScreenResult>("AppOnScreenResult"),
        described::<AppInfoResult>("AppInfoResult"),
        described::<FileContentResult>("FileContentResult"),
        described::<PulledFileResult>("PulledFileResult"),
        described::<LogTailResult>("LogTailResult"),
        without_value(described::<WaitedDone>("WaitedDone")),
        with_value(described::<WaitedDoneResult>("WaitedDoneResult"), "WaitedDone"),
        described::<WaitedText>("WaitedText"),
        with_value(described::<WaitedTextResult>("WaitedTextResult"), "WaitedText"),
        described::<WaitedNumberList>("WaitedNumberList"),
        with_value(described::<WaitedNumberListResult>("WaitedNumberListResult"), "WaitedNumberList"),
    ]
}

/// With the name that the table has for the type of its value.
#[cfg(feature = "describe")]
fn with_value(
    (name, mut schema): (&'static str, serde_json::Value),
    value: &'static str,
) -> (&'static str, serde_json::Value) {
    if let Some(reference) = schema.pointer_mut("/properties/value/anyOf/0/$ref") {
        *reference = format!("#/$defs/{value}").into();
    }
    (name, schema)
}

/// As it is serialized.
#[cfg(feature = "describe")]
fn without_value((name, mut schema): (&'static str, serde_json::Value)) -> (&'static str, serde_json::Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
        properties.retain(|name, _| name != "value");
    }
    (name, schema)
}
