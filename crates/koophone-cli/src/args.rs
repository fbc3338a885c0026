//! The command line's grammar.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser};

use crate::commands::{self, Command};
use crate::credential_args::CredentialArgs;
use crate::help;
use crate::output::{Output, Style, complain, usage_error};
use crate::setting_args::SettingArgs;

/// Drive Huawei Cloud KooPhone cloud phones (云手机) from a shell
///
/// n phones in, n rows out, in order. A command that may have run is never sent again (exit code 11).
#[derive(Parser, Debug)]
#[command(name = "koophone", bin_name = "koophone", version, after_help = EXAMPLES, max_term_width = 120)]
#[command(subcommand_required = true, disable_help_flag = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    output: OutputArgs,
    /// Print help
    #[arg(short, long, global = true, action = clap::ArgAction::HelpShort, display_order = 1000)]
    help: Option<bool>,
    /// Send this W3C trace context with every request to the service
    #[arg(long, global = true, value_name = "TRACEPARENT", hide_short_help = true, hide_long_help = true)]
    pub traceparent: Option<String>,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub settings: SettingArgs,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  koophone emulator
  koophone status a44uhlf7 efjy72gs --region cn-north-4
  koophone exec --file phones.txt -- getprop ro.product.model";

/// Shown when the command is run without arguments.
const FIRST_STEPS: &str = "\
koophone drives Huawei Cloud KooPhone cloud phones (云手机) from a shell. First steps:

Without an account, start a local emulator of the service, and paste the lines that it prints into another terminal:
  koophone emulator

With an account, provide credentials in one of these ways (koophone help credentials lists all):
  export HUAWEICLOUD_SDK_AK=... HUAWEICLOUD_SDK_SK=...
  export KOOPHONE_USERNAME=iam-user KOOPHONE_PASSWORD=... KOOPHONE_DOMAIN=account KOOPHONE_REGION=cn-north-4

Then check the set-up, and call a phone:
  koophone doctor
  koophone exec a44uhlf7 -- getprop ro.product.model

All commands: koophone --help
";

/// Output options, which every command has.
#[derive(Args, Debug)]
struct OutputArgs {
    /// Print JSON: results on standard output, an error as {"error": {...}, "exit_code": N} on standard error
    #[arg(long, global = true, hide_short_help = true, hide_long_help = true)]
    json: bool,
    /// Report progress on standard error; given twice, every request. Never shows secrets, commands or their output
    #[arg(short, long, global = true, action = clap::ArgAction::Count, hide_short_help = true, hide_long_help = true)]
    verbose: u8,
    /// No progress and no hints
    #[arg(short, long, global = true, hide_short_help = true, hide_long_help = true)]
    quiet: bool,
    /// No colours; NO_COLOR in the environment does the same
    #[arg(long, global = true, hide_short_help = true, hide_long_help = true)]
    no_color: bool,
}

impl Cli {
    pub fn output(&self) -> Output {
        let OutputArgs { json, verbose, quiet, no_color } = self.output;
        Output::new(Style { json, quiet, verbose, color: !no_color })
    }
}

/// The grammar with complete help texts.
pub(crate) fn command() -> clap::Command {
    help::grouped(help::complete(Cli::command()))
}

/// Parses `args`; returns the exit code if there is nothing to run: help, version, or a usage error.
pub(crate) fn parse(args: &[OsString]) -> Result<Cli, u8> {
    // After a usage error there are no matches, so the output options are read from the arguments.
    let said = |option: &str| args.iter().take_while(|arg| *arg != "--").any(|arg| arg == option);
    let style = Style { json: said("--json"), quiet: said("--quiet"), verbose: 0, color: !said("--no-color") };
    let color = if style.color { ColorChoice::Auto } else { ColorChoice::Never };
    if args.len() < 2 {
        complain(FIRST_STEPS.trim_end());
        return Err(koophone::ErrorKind::InvalidArgument.number());
    }
    let parsed = command().color(color).try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(with_verb).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let output = Output::new(style);
            if let Err(cause) = error.print().and_then(|()| io::stdout().flush()) {
                output.not_written(cause);
            }
            output.finish()
        }
        _ if style.json => usage_error(style, &at_fault(&error), &error.render().to_string()),
        _ => {
            let _ = error.print();
            koophone::ErrorKind::InvalidArgument.number()
        }
    })
}

/// For an unknown command that is the name of a verb, suggests `koophone phone VERB`.
fn with_verb(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    if let Ok(verb) = commands::phone::named(name) {
        let suggestion = vec![format!("phone {}", verb.name)];
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(suggestion));
    }
    error
}

/// The argument that a usage error is about, by the core's name.
fn at_fault(error: &clap::Error) -> String {
    let Some(ContextValue::String(usage)) = error.get(ContextKind::InvalidArg) else { return "arguments".into() };
    // As in a usage line: `--batch-size <VALUE>`.
    let option = usage.split([' ', '=']).next().unwrap_or_default();
    option.strip_prefix("--").map_or_else(|| "arguments".into(), |name| name.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_command(command: &clap::Command, path: &str, seen: &mut Vec<(String, clap::Command)>) {
        let path = format!("{path} {}", command.get_name()).trim().to_owned();
        for sub in command.get_subcommands() {
            every_command(sub, &path, seen);
        }
        seen.push((path, command.clone()));
    }

    fn all() -> Vec<(String, clap::Command)> {
        let mut seen = Vec::new();
        let mut root = command();
        // Adds the global options to every command.
        root.build();
        every_command(&root, "", &mut seen);
        seen
    }

    /// The words of the `koophone` part of a shell line.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        for c in line.chars() {
            match (quote, c) {
                (Some(q), c) if q == c => quote = None,
                (None, '\'' | '"') => {
                    word.get_or_insert_default();
                    quote = Some(c);
                }
                (None, ' ') => words.extend(word.take()),
                (None, '|' | '>' | '<' | '&' | ';' | ')') => break,
                (_, c) => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        words
    }

    #[test]
    fn the_grammar_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_that_the_grammar_accepts() {
        for (path, command) in all() {
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(text.starts_with("Examples:\n"), "{path} has no examples");
            let mut examples = 0;
            // A shell operator ends the command.
            for line in text.replace("\\\n", "").lines().filter(|line| !line.trim_start().starts_with('#')) {
                let Some(at) = line.find("koophone ").filter(|_| line.starts_with("  ")) else { continue };
                examples += 1;
                let mut parser = super::command();
                if let Err(error) = parser.try_get_matches_from_mut(words(&line[at..])) {
                    panic!("{path}: the example {line:?} is wrong: {error}");
                }
            }
            assert!(examples > 0, "{path} has no example line");
        }
    }

    #[test]
    fn every_command_says_what_its_exit_codes_are() {
        for (path, mut command) in all() {
            assert!(command.render_help().to_string().contains("Exit codes: "), "{path}");
        }
    }

    #[test]
    fn no_option_takes_a_secret_but_the_one_of_the_signing_tool() {
        for (path, command) in all() {
            for argument in command.get_arguments() {
                let name = argument.get_long().unwrap_or_default();
                let secret = koophone::CREDENTIAL_FIELDS
                    .iter()
                    .any(|field| field.secret && name == field.name.replace('_', "-"));
                assert!(!secret, "{path} --{name}");
            }
        }
    }
}
