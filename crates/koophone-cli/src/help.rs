//! Common parts of the help texts of all commands.

use clap::Command;

/// Refers to the other help topics.
const EVERYWHERE: &str = "\
Options of all commands (--json, --quiet, ...): koophone help output, settings, credentials.
Exit codes: koophone help exit-codes.";

/// The same for commands that do not call the service.
const LOCAL: &str = "\
Options of all commands (--json, ...): koophone help output. Exit codes: koophone help exit-codes.";

/// Commands that use no settings and credentials.
const LOCAL_COMMANDS: &[&str] = &["emulator", "settings", "errors", "completions", "help", "show-defaults"];

/// First the description, then the usage; with the full description, which clap reserves for the long help.
const TEMPLATE: &str = "{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// Completes the texts of the whole tree.
pub(crate) fn complete(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command = names.into_iter().fold(command, |command, name| command.mut_subcommand(name, complete));
    let more = if LOCAL_COMMANDS.contains(&command.get_name()) { LOCAL } else { EVERYWHERE };
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let command = command.after_help(format!("{text}\n\n{more}"));
    match command.get_long_about().cloned() {
        Some(about) => command.before_help(about).help_template(TEMPLATE),
        None => command,
    }
}
