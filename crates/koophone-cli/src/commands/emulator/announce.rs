//! The announcement of a ready emulator.

use std::collections::BTreeMap;

use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, Error, Result};
use koophone_emulator::Emulator;
use serde_json::json;

use super::background::END_OF_ANNOUNCEMENT;
use super::shell::Dialect;
use crate::session::Session;

/// Maximum number of phones listed for people.
const MOST_SHOWN: usize = 100;

/// How an emulator is announced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Announcement<'a> {
    /// Only as lines for a shell.
    pub(super) export: bool,
    /// Who reads these lines.
    pub(super) shell: Dialect,
    /// By the background process.
    pub(super) detached: bool,
    /// A control token that was generated here, so it must be shown.
    pub(super) token: Option<&'a str>,
}

/// Prints how to reach the emulator, in one write: a reader that waits for the first byte gets all of it.
pub(super) fn announce(emulator: &Emulator, how: Announcement<'_>, session: &Session) -> Result<()> {
    let mut text = match session.output.style.json {
        true => for_programs(emulator, how.token)?,
        false => for_people(emulator, how),
    };
    if how.detached {
        text.push(END_OF_ANNOUNCEMENT);
        session.output.needs_reader();
    }
    session.output.text(&text);
    Ok(())
}

fn for_programs(emulator: &Emulator, token: Option<&str>) -> Result<String> {
    let set: BTreeMap<String, String> = emulator.environment().into_iter().collect();
    let mut value = json!({
        "endpoint": emulator.endpoint(),
        "credentials": emulator.credentials(),
        "instance_ids": emulator.instance_ids(),
        "environment": set,
        "process_id": std::process::id(),
    });
    if let Some(token) = token {
        value["control_token"] = token.into();
    }
    Ok(format!("{value}\n"))
}

fn for_people(emulator: &Emulator, how: Announcement<'_>) -> String {
    let set = emulator.environment();
    let ids = emulator.instance_ids();
    let process = std::process::id();
    let (shell, comment) = (how.shell, how.shell.comment());
    let mut lines = String::new();
    if !how.export {
        let endpoint = emulator.endpoint();
        lines.push_str(&match how.detached {
            true => format!("KooPhone and IAM emulator at {endpoint}, until: {}\n\n", shell.kill(process)),
            false => format!("KooPhone and IAM emulator at {endpoint}, until Ctrl-C. In another terminal:\n\n"),
        });
    }
    for (variable, value) in &set {
        lines.push_str(&format!("{}\n", shell.set(&[(variable, value)])));
    }
    let unset: Vec<&str> = in_the_way().into_iter().filter(|name| set.iter().all(|(other, _)| other != name)).collect();
    lines.push_str(&format!("{}\n", shell.unset(&unset)));
    if how.export && how.detached {
        lines.push_str(&format!("{comment} process {process}; {} ends it\n", shell.kill(process)));
    }
    if let Some(token) = how.token {
        lines.push_str(&format!("{comment} requests to /_emulator need the header Authorization: Bearer {token}\n"));
    }
    lines.push_str(&format!("{comment} to sign instead: {}\n", access_key(emulator, shell)));
    let shown = ids.len().min(MOST_SHOWN);
    lines.push_str(&format!("{comment} {} phones: {}", ids.len(), ids[..shown].join(" ")));
    lines.push_str(if shown < ids.len() { " ...\n" } else { "\n" });
    lines
}

/// Sets the variables that replace user, password and account when requests are signed.
fn access_key(emulator: &Emulator, shell: Dialect) -> String {
    let own = emulator.credentials();
    let token = own.security_token.as_deref();
    let parts = [("HUAWEICLOUD_SDK_AK", Some(own.access_key.as_str())), ("HUAWEICLOUD_SDK_SK", Some(&own.secret_key))];
    let parts = parts.into_iter().chain([("HUAWEICLOUD_SDK_SECURITY_TOKEN", token)]);
    let parts: Vec<_> = parts.filter_map(|(name, value)| value.map(|value| (name, value))).collect();
    shell.set(&parts)
}

/// Variables that would select another address or account if they were set.
fn in_the_way() -> Vec<&'static str> {
    let settings = SETTINGS.iter().filter(|setting| setting.name == "project_id").map(|setting| setting.variable);
    settings.chain(CREDENTIAL_FIELDS.iter().map(|field| field.variable)).collect()
}

/// A random token.
pub(super) fn random_token() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|cause| Error::internal(format!("the system provides no random bytes: {cause}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_the_emulator_are_those_of_the_core() {
        let emulator = Emulator::builder().phones(0).start().unwrap();
        let settings = SETTINGS.iter().map(|setting| setting.variable);
        let known: Vec<&str> = settings.chain(CREDENTIAL_FIELDS.iter().map(|field| field.variable)).collect();
        for (name, _) in emulator.environment() {
            assert!(known.contains(&name.as_str()), "{name}");
        }
    }
}
