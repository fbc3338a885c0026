//! Properties, settings and the battery.

use super::{Effect, OneCommand, Output, row, text, words};
use crate::model::{Error, Operation, Result};
use crate::verbs::Battery;

pub(crate) const GETPROP: Operation = row(
    "getprop",
    "Reads a property. A property that is not set is empty.",
    Effect::Reads,
    &[text("name", "Name of the property, for example ro.product.model")],
    "TextResult",
);

pub(crate) struct Getprop {
    pub name: String,
}

impl OneCommand for Getprop {
    const OPERATION: &'static Operation = &GETPROP;
    type Value = String;

    fn validate(&self) -> Result<()> {
        words::word("name", &self.name)
    }

    fn command(&self) -> String {
        format!("getprop {}", self.name)
    }

    fn read(&self, output: &Output<'_>) -> Result<String> {
        // No property is so long: something else is in front of it.
        if output.truncated {
            return Err(output.unreadable(&self.name));
        }
        Ok(output.text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

pub(crate) const BATTERY: Operation = row(
    "battery",
    "Reads the battery as Android sees it; a cloud phone pretends to have one.",
    Effect::Reads,
    &[],
    "BatteryResult",
);

pub(crate) struct ReadBattery;

impl OneCommand for ReadBattery {
    const OPERATION: &'static Operation = &BATTERY;
    type Value = Battery;

    fn command(&self) -> String {
        "dumpsys battery".to_owned()
    }

    fn read(&self, output: &Output<'_>) -> Result<Battery> {
        let number = |label| output.after(label).and_then(|text| text.parse::<i64>().ok());
        let level = number(" level: ").ok_or_else(|| output.unreadable("level"))?;
        let scale = number(" scale: ").filter(|scale| *scale > 0).unwrap_or(100);
        let level = level.saturating_mul(100) / scale;
        if !(0..=100).contains(&level) {
            return Err(output.unreadable("level"));
        }
        Ok(Battery { level, powered: output.text.contains("powered: true") })
    }
}

pub(crate) const SETTINGS_PUT: Operation = row(
    "settings_put",
    "Changes a setting of Android.",
    Effect::SameState,
    &[
        text("namespace", "system, secure or global"),
        text("key", "The setting, for example screen_off_timeout"),
        text("value", "Its value: letters, digits and `_ . / : -`"),
    ],
    "DoneResult",
);

pub(crate) struct SettingsPut {
    pub namespace: String,
    pub key: String,
    pub value: String,
}

impl OneCommand for SettingsPut {
    const OPERATION: &'static Operation = &SETTINGS_PUT;
    type Value = ();

    fn validate(&self) -> Result<()> {
        if !["system", "secure", "global"].contains(&self.namespace.as_str()) {
            let message = format!("namespace is {:?}; it must be system, secure or global", self.namespace);
            return Err(Error::invalid("namespace", message));
        }
        words::word("key", &self.key)?;
        words::value("value", &self.value)
    }

    fn command(&self) -> String {
        format!("settings put {} {} {}", self.namespace, self.key, self.value)
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}
