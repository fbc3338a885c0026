//! The core's table of settings, with the C++ type of each.

use koophone::settings::{SETTINGS, Setting, SettingKind};
use serde::Serialize;

/// A setting.
#[derive(Serialize)]
pub struct SettingView {
    name: &'static str,
    meaning: String,
    default: &'static str,
    /// The C++ type, with what precedes the argument's name.
    argument: &'static str,
}

/// All of them.
pub fn settings() -> Vec<SettingView> {
    SETTINGS.iter().map(view).collect()
}

fn view(setting: &Setting) -> SettingView {
    let argument = match setting.kind() {
        SettingKind::Bool => "bool ",
        SettingKind::Count => "std::int64_t ",
        SettingKind::Duration | SettingKind::Limit => "std::chrono::milliseconds ",
        _ => "const Text &",
    };
    SettingView { name: setting.name, meaning: setting.about_text(), default: setting.default, argument }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_type() {
        for (name, argument) in [
            ("concurrency", "std::int64_t "),
            ("timeout", "std::chrono::milliseconds "),
            ("allow_http", "bool "),
            ("region", "const Text &"),
        ] {
            assert!(settings().iter().any(|one| one.name == name && one.argument == argument), "{name}");
        }
    }
}
