//! Common parts of the help texts of all commands, and the list of commands.

use std::fmt::Write;

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

/// The commands by purpose, several in a row, so that the list and the examples fit on a screen.
const GROUPS: &[(&str, &[(&str, &str)])] = &[
    (
        "Use phones (使用云手机)",
        &[
            ("list, status", "List the phones; show the state of phones"),
            ("exec, explain", "Run a shell command; explain the limits of commands"),
            ("tap, swipe, key, type", "Touch the screen, press a key, type a text"),
            ("start, stop, phone", "Start or stop an application; use any other verb"),
            ("getprop, logcat, pull", "Read a property or the log; copy a file from phones"),
            ("task, wait-boot", "Show tasks or wait for them; wait for booting phones"),
        ],
    ),
    (
        "Manage phones (管理云手机)",
        &[
            ("reboot, reset", "Restart phones; return them to factory state"),
            ("install, apps", "Install an app; list the apps of a phone"),
            ("assign, unassign", "Assign phones to users; take them back (data is lost)"),
            ("prepare, backup", "Make phones ready to stream; save them to storage"),
            ("video, device-token", "Set bit and frame rates; get a token to stream"),
            ("stream, session", "End streams; end the sessions that they leave behind"),
            ("skus, create, delete", "List what can be ordered; order (costs money); delete"),
        ],
    ),
    (
        "Set up and test (配置与测试)",
        &[
            ("login, whoami", "Log in; show which credential is used"),
            ("doctor, sign", "Find out why calls fail; sign a request"),
            ("settings, errors", "Show all settings; explain errors"),
            ("emulator", "Run a local KooPhone service to test against"),
            ("completions, help", "Print a completion script for a shell; show help"),
        ],
    ),
];

/// Replaces the list of commands, which clap prints one to a row.
pub(crate) fn grouped(command: Command) -> Command {
    let heading = *command.get_styles().get_header();
    let mut list = String::new();
    for (title, rows) in GROUPS {
        // Writing to a String cannot fail.
        let _ = writeln!(list, "{heading}{title}:{heading:#}");
        for (names, about) in *rows {
            let _ = writeln!(list, "  {names:22}  {about}");
        }
    }
    command.help_template(format!(
        "{{before-help}}{{usage-heading}} {{usage}}\n\n{list}\n{heading}Options:{heading:#}\n{{options}}{{after-help}}"
    ))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_the_list_once() {
        let rows = GROUPS.iter().flat_map(|(_, rows)| *rows);
        let mut listed: Vec<&str> = rows.flat_map(|(names, _)| names.split(", ")).collect();
        let grammar = crate::args::command();
        let mut commands: Vec<&str> = grammar.get_subcommands().map(Command::get_name).collect();
        listed.sort_unstable();
        commands.sort_unstable();
        assert_eq!(listed, commands);
    }

    #[test]
    fn the_list_fits_in_80_columns() {
        for (names, about) in GROUPS.iter().flat_map(|(_, rows)| *rows) {
            assert!(names.len() <= 22 && about.len() <= 54, "{names}: {about}");
        }
    }
}
