//! `settings.ts`: the settings of a client and the fields of a credential.

use koophone::CREDENTIAL_FIELDS;
use koophone::settings::{SETTINGS, Setting, SettingKind};
use minijinja::{Value, context};
use serde::Serialize;

use super::super::template::render;
use super::{camel, prose, sentence};

#[derive(Serialize)]
struct SettingView {
    name: String,
    doc: String,
    /// Its type in TypeScript.
    of: &'static str,
    /// The check.
    kind: &'static str,
}

#[derive(Serialize)]
struct CredentialView {
    name: String,
    doc: String,
    of: &'static str,
}

pub(super) fn settings() -> Result<String, String> {
    render("settings.ts.j2", include_str!("../../../templates/node/settings.ts.j2"), checks()?)
}

/// The settings and fields, with their checks.
pub(super) fn checks() -> Result<Value, String> {
    let settings = SETTINGS.iter().map(view).collect::<Result<Vec<_>, _>>()?;
    let credentials: Vec<CredentialView> = CREDENTIAL_FIELDS
        .iter()
        .map(|field| CredentialView {
            name: camel(field.name),
            doc: sentence(field.meaning),
            of: if field.name == "scope" { "'project' | 'domain'" } else { "string" },
        })
        .collect();
    let verbs = super::super::operations::verbs();
    let durations = verbs.iter().flat_map(|verb| &verb.params).filter(|param| param.kind == "duration");
    let mut durations: Vec<String> = durations.map(|param| camel(param.name) + "Ms").collect();
    durations.sort_unstable();
    durations.dedup();
    Ok(context! { settings, credentials, durations })
}

/// A setting's name in JavaScript. Times are in milliseconds, and their names end in `Ms`.
pub(super) fn name(setting: &Setting) -> String {
    let name = camel(setting.name);
    match setting.kind() {
        SettingKind::Duration | SettingKind::Limit => name + "Ms",
        _ => name,
    }
}

/// The check of a setting.
pub(super) fn checked(setting: &Setting) -> &'static str {
    match setting.kind() {
        SettingKind::Bool => "boolean",
        SettingKind::Count => "number",
        SettingKind::Duration => "milliseconds",
        SettingKind::Limit => "limit",
        _ => "string",
    }
}

fn view(setting: &Setting) -> Result<SettingView, String> {
    let kind = checked(setting);
    let (of, unit) = match kind {
        "milliseconds" => ("number", " In milliseconds."),
        "limit" => ("number", " In milliseconds; `Infinity` disables it."),
        plain => (plain, ""),
    };
    let default = if unit.is_empty() { setting.default.to_owned() } else { milliseconds(setting)? };
    let meaning = prose(&sentence(setting.meaning)) + unit;
    let doc = format!("{meaning}\n\nEnvironment variable `{}`; default: {default}.", setting.variable);
    Ok(SettingView { name: name(setting), doc, of, kind })
}

/// The default of a time, which is in seconds in the core's table.
fn milliseconds(setting: &Setting) -> Result<String, String> {
    let seconds = setting.default.strip_suffix('s').and_then(|number| number.parse::<u32>().ok());
    let seconds = seconds.ok_or_else(|| format!("the default of {} is not a number of seconds", setting.name))?;
    Ok(format!("{seconds},000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_name_and_kind() {
        let text = settings().unwrap();
        for setting in SETTINGS {
            assert!(text.contains(&format!("  readonly {}?: ", name(setting))), "{}", setting.name);
        }
        assert!(text.contains("TIMES: readonly string[] = ['timeoutMs', 'attemptTimeoutMs', "), "{text}");
        assert!(text.contains("default: 300,000.") && !text.contains("readonly timeout?"));
        assert!(CREDENTIAL_FIELDS.iter().all(|field| text.contains(&format!("  readonly {}?: ", camel(field.name)))));
    }
}
