//! `include/koophone/settings.hpp`: a typed setter for each row of the core's table of settings.

use std::fmt::Write;

use koophone::settings::{SETTINGS, Setting, SettingKind};

use super::names::MARK;

const TOP: &str = r#"//
// A typed setter for each setting. Part of koophone.hpp.
#ifndef KOOPHONE_SETTINGS_HPP
#define KOOPHONE_SETTINGS_HPP

#include <chrono>
#include <cstdint>

#include "arguments.hpp"

namespace koophone {

/// The setters of `Config`. Values are checked when the client is made.
template <class Owner>
class Settings {
public:
"#;

const END: &str = r#"
private:
    Owner &owner() noexcept { return static_cast<Owner &>(*this); }
};

} // namespace koophone

#endif // KOOPHONE_SETTINGS_HPP
"#;

/// The header.
pub fn setters() -> String {
    let mut text = format!("// {MARK}\n{TOP}");
    for (number, setting) in SETTINGS.iter().enumerate() {
        let (name, meaning, default) = (setting.name, setting.about_text(), setting.default);
        if number > 0 {
            text += "\n";
        }
        let _ = writeln!(text, "    /// {}. Default: {default}.", super::rust::sentence(&meaning));
        let _ = writeln!(
            text,
            "    Owner &set_{name}({}value) {{ return owner().set(KOOPHONE_SETTING_{}, value); }}",
            argument(setting),
            name.to_uppercase()
        );
    }
    text + END
}

/// The C++ type of a setting, with what stands before the argument's name.
fn argument(setting: &Setting) -> &'static str {
    match setting.kind() {
        SettingKind::Bool => "bool ",
        SettingKind::Count => "std::int64_t ",
        SettingKind::Duration | SettingKind::Limit => "std::chrono::milliseconds ",
        _ => "const Text &",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_setter_of_its_type() {
        let text = setters();
        for setting in SETTINGS {
            assert!(text.contains(&format!("Owner &set_{}(", setting.name)), "{}", setting.name);
        }
        for setter in [
            "set_concurrency(std::int64_t value)",
            "set_timeout(std::chrono::milliseconds value)",
            "set_allow_http(bool value)",
            "set_region(const Text &value)",
        ] {
            assert!(text.contains(setter), "{setter} is missing:\n{text}");
        }
    }
}
