//! What help texts have in common: exit codes and environment variables, from the core's tables.

use std::fmt::Write;

use clap::Command;
use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, ErrorKind};

use crate::output::{OUTPUT_LOST, OUTPUT_LOST_MEANING};

/// Variables that are neither settings nor fields of credentials.
pub(crate) const OTHER_VARIABLES: &[(&str, &str)] = &[
    ("HUAWEICLOUD_SDK_PROJECT_ID", "project id that belongs to the keys"),
    ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "identity service that belongs to the keys, unless a setting names one"),
    ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "profile file with keys; otherwise ~/.huaweicloud/credentials"),
    ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "proxy, unless the setting proxy says otherwise"),
    ("NO_COLOR", "any text in it: no colours"),
];

const CODES_IN_BRIEF: &str = "Exit codes: 0 all well; otherwise the number of the error's kind (koophone errors); when only some phones \
failed, that of the first one that did; 74 when only the output could not be written.\nCredentials, settings and environment: koophone --help.";

/// Completes the texts of the whole tree.
pub(crate) fn complete(command: Command) -> Command {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let text = format!("{text}\n\n{}\n{}", exit_codes(), environment());
    let command = command.after_long_help(text);
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, brief))
}

fn brief(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command = names.into_iter().fold(command, |command, name| command.mut_subcommand(name, brief));
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let longer = command.get_after_long_help().map(|longer| format!("{longer}\n{CODES_IN_BRIEF}"));
    let command = command.after_help(format!("{text}\n\n{CODES_IN_BRIEF}"));
    match longer {
        Some(longer) => command.after_long_help(longer),
        None => command,
    }
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n   0  all well\n");
    for kind in ErrorKind::ALL {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:2}  {}: {}", kind.number(), kind.name(), kind.meaning());
    }
    let _ = writeln!(text, "  {OUTPUT_LOST:2}  output_lost: {OUTPUT_LOST_MEANING}");
    text + "When only some phones failed, the number is that of the first one that did.\n"
}

fn environment() -> String {
    let settings = SETTINGS.iter().map(|setting| (setting.variable, format!("setting {}", setting.name)));
    let fields = CREDENTIAL_FIELDS.iter().map(|field| (field.variable, field.meaning.to_owned()));
    let others = OTHER_VARIABLES.iter().map(|(variable, meaning)| (*variable, (*meaning).to_owned()));
    let mut text = String::from("Environment:\n");
    for (variable, meaning) in settings.chain(fields).chain(others) {
        let _ = writeln!(text, "  {variable:32}  {meaning}");
    }
    text
}
