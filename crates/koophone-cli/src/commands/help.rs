//! `koophone help`: for a command, or for what all commands have in common.

use std::fmt::Write;

use clap::{Arg, Args, Command};
use koophone::binding_support::APP_URL_VARIABLE;
use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, Error, ErrorKind};
use koophone_emulator::Quirk;

use crate::failure::RunResult;
use crate::output::{OUTPUT_LOST, OUTPUT_LOST_MEANING};
use crate::session::Session;
use crate::{credential_args, setting_args};

const EXAMPLES: &str = "\
Examples:
  koophone help exec
  koophone help task wait
  koophone help settings";

/// Variables without an option.
pub(super) const OTHER_VARIABLES: &[(&str, &str)] = &[
    ("HUAWEICLOUD_SDK_PROJECT_ID", "project id that belongs to the keys"),
    ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "identity service that belongs to the keys, unless a setting names one"),
    ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "profile file with keys; otherwise ~/.huaweicloud/credentials"),
    ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "proxy, unless the setting proxy says otherwise"),
    (APP_URL_VARIABLE, "address of the app to install"),
    ("NO_COLOR", "if set and not empty: no colours"),
];

/// Where credentials are searched.
const LOOKED_FOR: &str = "\
Looked for in this order: these options, the environment, the profile file (HUAWEICLOUD_SDK_CREDENTIALS_FILE or
~/.huaweicloud/credentials), the metadata service of a cloud server. Secrets have no option, because other users see the
command line: they come from the environment, from a file, or from a prompt on a terminal.";

/// Show help for a command, or for what all commands have in common
///
/// Topics: settings, credentials, environment, output, exit-codes, quirks (of the emulator).
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HelpArgs {
    /// A topic, or a command with its subcommand
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

pub(crate) fn run(args: &HelpArgs, grammar: Command, session: &Session) -> RunResult {
    let words: Vec<&str> = args.topic.iter().map(String::as_str).collect();
    let text = match words[..] {
        ["settings"] => options("Settings of every command:", SETTINGS.iter().map(setting_args::argument)),
        ["credentials"] => {
            let options = options("Options:", CREDENTIAL_FIELDS.iter().map(credential_args::argument));
            format!("{LOOKED_FOR}\n\n{options}")
        }
        ["environment"] => environment(),
        ["output"] => options("Options of every command:", others(&grammar).into_iter()),
        ["exit-codes"] => exit_codes(),
        ["quirks"] => quirks(),
        _ => of_command(grammar, &words)?,
    };
    session.output.text(&text);
    Ok(())
}

/// The options, formatted by clap.
fn options(title: &str, arguments: impl Iterator<Item = Arg>) -> String {
    let shown = arguments.map(|argument| argument.hide_short_help(false).hide_long_help(false).help_heading(None));
    let command = Command::new("help").disable_help_flag(true).args(shown).max_term_width(120);
    format!("{title}\n{}\n", command.help_template("{options}").render_long_help().to_string().trim_end())
}

/// Options of all commands that are neither settings nor credential fields.
fn others(grammar: &Command) -> Vec<Arg> {
    let settings = SETTINGS.iter().map(setting_args::argument);
    let known: Vec<Arg> = settings.chain(CREDENTIAL_FIELDS.iter().map(credential_args::argument)).collect();
    let is_other = |argument: &&Arg| {
        argument.is_global_set()
            && argument.get_id() != "help"
            && known.iter().all(|arg| arg.get_id() != argument.get_id())
    };
    grammar.get_arguments().filter(is_other).cloned().collect()
}

fn of_command(grammar: Command, words: &[&str]) -> Result<String, Error> {
    let mut command = grammar;
    // Adds to every command its full name and the global options.
    command.build();
    let mut found = &mut command;
    for word in words {
        let unknown = || Error::invalid("topic", format!("there is no command or topic {word:?}; see koophone --help"));
        found = found.find_subcommand_mut(word).ok_or_else(unknown)?;
    }
    Ok(found.render_help().to_string())
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n   0  success\n");
    for kind in ErrorKind::ALL {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:2}  {}: {}", kind.number(), kind.name(), kind.meaning());
    }
    let _ = writeln!(text, "  {OUTPUT_LOST:2}  output_lost: {OUTPUT_LOST_MEANING}");
    text + "If only some phones failed, the code is that of the first one that failed.\n\
            For what to do about an error: koophone errors 11.\n"
}

fn environment() -> String {
    let settings = SETTINGS.iter().map(|setting| (setting.variable, format!("setting {}", setting.name)));
    let fields = CREDENTIAL_FIELDS.iter().map(|field| (field.variable, field.meaning.to_owned()));
    let others = OTHER_VARIABLES.iter().map(|(variable, meaning)| (*variable, (*meaning).to_owned()));
    let mut text = String::from("Environment (options override it):\n");
    for (variable, meaning) in settings.chain(fields).chain(others) {
        let _ = writeln!(text, "  {variable:32}  {meaning}");
    }
    text
}

fn quirks() -> String {
    let mut text = String::from(
        "Odd behaviour that the documents of the service describe, for koophone emulator --quirk NAME.\n\
         The number is that of the note in docs/spec/wire-notes.md of the repository.\n",
    );
    for quirk in Quirk::ALL {
        let _ = writeln!(text, "  {}: {}", quirk.name(), quirk.meaning());
    }
    text
}
