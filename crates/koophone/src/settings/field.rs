//! The types of settings, and how values are assigned to them.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::proxy::{ProxySetting, ProxyUrl};
use super::{Settings, parse};

/// The type of a setting, for code that shows or generates settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettingKind {
    /// A URL; `proxy` also takes `none`. Never shown in errors: it may contain a password.
    Url,
    /// Text.
    Text,
    /// A duration: a number of seconds, or text like `250ms` or `2m`.
    Duration,
    /// A duration as in [`Duration`](Self::Duration), or `none` for no limit.
    Limit,
    /// A whole number.
    Count,
    /// True or false.
    Bool,
    /// A path in the file system.
    Path,
}

/// The place where a setting is stored, by its type.
pub(super) enum Field {
    Url(fn(&mut Settings, Url)),
    Proxy(fn(&mut Settings, ProxySetting)),
    /// With its validation.
    Text(fn(&str) -> Result<String, String>, fn(&mut Settings, String)),
    Duration(fn(&mut Settings, Duration)),
    /// A time, or none.
    Limit(fn(&mut Settings, Option<Duration>)),
    Count(RangeInclusive<usize>, fn(&mut Settings, usize)),
    Bool(fn(&mut Settings, bool)),
    Path(fn(&mut Settings, PathBuf)),
}

/// A value as the caller gave it.
#[derive(Clone)]
pub(crate) enum Value {
    /// Text for any setting, as in its environment variable.
    Text(String),
    Duration(Option<Duration>),
    Count(usize),
    Bool(bool),
    Path(PathBuf),
}

impl Field {
    pub const fn kind(&self) -> SettingKind {
        match self {
            Self::Url(_) | Self::Proxy(_) => SettingKind::Url,
            Self::Text(..) => SettingKind::Text,
            Self::Duration(_) => SettingKind::Duration,
            Self::Limit(_) => SettingKind::Limit,
            Self::Count(..) => SettingKind::Count,
            Self::Bool(_) => SettingKind::Bool,
            Self::Path(_) => SettingKind::Path,
        }
    }

    /// The error completes the sentence "it ...".
    pub fn set(&self, settings: &mut Settings, value: Value) -> Result<(), String> {
        match (self, value) {
            (_, Value::Text(text)) => return self.read(settings, text.trim()),
            (Self::Duration(set), Value::Duration(Some(time))) => set(settings, parse::long_enough(time)?),
            (Self::Limit(set), Value::Duration(time)) => set(settings, time.map(parse::long_enough).transpose()?),
            (Self::Count(range, set), Value::Count(number)) => set(settings, parse::within(number, range)?),
            (Self::Bool(set), Value::Bool(yes)) => set(settings, yes),
            (Self::Path(set), Value::Path(path)) => set(settings, parse::path(path)?),
            _ => return Err("must be given as text".into()),
        }
        Ok(())
    }

    fn read(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        match self {
            Self::Url(set) => set(settings, parse::url(text)?),
            Self::Proxy(set) if text == "none" => set(settings, ProxySetting::None),
            Self::Proxy(set) => set(settings, ProxySetting::Url(ProxyUrl::parse(text)?)),
            Self::Text(check, set) => set(settings, check(text)?),
            Self::Duration(set) => set(settings, parse::duration(text)?),
            Self::Limit(set) => set(settings, parse::limit(text)?),
            Self::Count(range, set) => set(settings, parse::count(text, range)?),
            Self::Bool(set) => set(settings, parse::boolean(text)?),
            Self::Path(set) => set(settings, parse::path(text.into())?),
        }
        Ok(())
    }
}

impl Value {
    /// The value for an error; empty where it must not be shown.
    pub fn shown(&self, kind: SettingKind) -> String {
        match self {
            _ if kind == SettingKind::Url => String::new(),
            Self::Text(text) => format!(" {text:?}"),
            Self::Duration(time) => time.map_or_else(|| " none".into(), |time| format!(" {time:?}")),
            Self::Count(number) => format!(" {number}"),
            Self::Bool(yes) => format!(" {yes}"),
            Self::Path(path) => format!(" {:?}", path.display()),
        }
    }
}
