//! `koophone phone`: every verb of the core's table, also those without their own command.

mod given;
mod run;
mod verbs;

use clap::Args;
use koophone::{Error, Operation, Result, VERBS, WAITS};

use self::given::Given;
use self::run::Run;
use crate::confirm::{self, About, ConfirmArgs};
use crate::failure::RunResult;
use crate::phone_args::PhoneArgs;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;

/// Use any verb on phones (手机操作)
///
/// The verbs are those of `client.phone(id)` in the other languages. Their arguments are written as NAME=VALUE among
/// the phones; a verb whose arguments are missing says which it takes. A predicate is a text that the output must
/// contain; a duration is in milliseconds.
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub(crate) struct VerbArgs {
    /// The verb
    #[arg(value_parser = named)]
    verb: &'static Operation,
    #[command(flatten)]
    phones: PhoneArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
}

pub(crate) fn run(args: &VerbArgs, session: &Session) -> RunResult {
    let (phones, given) = args.phones.without_pairs();
    let given = Given::new(args.verb, given)?;
    let ids = phones.read(session)?;
    let client = session.client()?;
    confirm::before(args.verb, &About::Phones(&ids), args.confirm, session.input.is_interactive())?;
    verbs::call(args.verb.name, &client.phones(ids), &given, &Run::new(session, args.repeat))
}

fn all() -> impl Iterator<Item = &'static Operation> {
    VERBS.iter().chain(WAITS).copied()
}

/// The verb of a name, which may have hyphens.
pub(crate) fn named(name: &str) -> Result<&'static Operation> {
    let name = name.replace('-', "_");
    let found = all().find(|verb| verb.name == name);
    found.ok_or_else(|| {
        let nearest = koophone::binding_support::nearest(&name, all().map(|verb| (verb.name, verb.name)));
        let hint =
            nearest.map_or_else(|| "see the list in the help".to_owned(), |near| format!("did you mean {near}?"));
        Error::invalid("verb", format!("there is no verb {name}; {hint}"))
    })
}

fn after_help() -> String {
    let mut lines = vec!["Verbs:".to_owned()];
    for verb in all() {
        match lines.last_mut() {
            Some(line) if line.starts_with(' ') && line.len() + verb.name.len() < 98 => {
                line.push_str(", ");
                line.push_str(verb.name);
            }
            _ => lines.push(format!("  {}", verb.name)),
        }
    }
    let examples = "\
Examples:
  koophone phone battery --all
  koophone phone click_ratio x=0.5 y=0.9 a44uhlf7
  koophone phone app_wait package=com.example.game a44uhlf7 efjy72gs --timeout 2m
  koophone phone wait_until 'command=ls /sdcard' predicate=done.txt a44uhlf7";
    format!("{examples}\n\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_has_its_name_with_hyphens_too_and_a_misspelt_one_is_recognized() {
        assert_eq!(named("app-info").unwrap().name, "app_info");
        let error = named("app_inf").unwrap_err();
        assert!(error.message().contains("did you mean app_info?"), "{error}");
    }

    #[test]
    fn the_help_lists_every_verb_on_short_lines() {
        let help = after_help();
        assert!(all().all(|verb| help.contains(verb.name)), "{help}");
        assert!(help.lines().all(|line| line.len() <= 100), "{help}");
    }
}
