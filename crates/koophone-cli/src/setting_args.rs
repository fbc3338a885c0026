//! One option per setting of the core, generated from the core's table.

use std::time::Duration;

use clap::error::Error;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use koophone::Result;
use koophone::binding_support;
use koophone::settings::{SETTINGS, Setting};

/// The settings that were given, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettingArgs {
    given: Vec<(&'static str, String)>,
}

impl SettingArgs {
    /// Name and text of every setting given.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.given.iter().map(|(name, text)| (*name, text.as_str()))
    }

    /// The text of one, if it was given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given().find(|(given, _)| *given == name).map(|(_, text)| text)
    }

    /// How long a wait may take: the timeout, if it was given.
    pub fn time_limit(&self) -> Result<Option<Duration>> {
        Ok(self.get("timeout").map(binding_support::time_limit).transpose()?.flatten())
    }
}

/// The option's name of a setting.
pub(crate) fn option(name: &str) -> String {
    name.replace('_', "-")
}

/// The text with a capital first letter, for help texts.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An option of every command, shown only on its own help page.
pub(crate) fn everywhere(argument: Arg) -> Arg {
    argument.global(true).hide_short_help(true).hide_long_help(true)
}

/// The option of a setting, for its help page.
pub(crate) fn argument(setting: &'static Setting) -> Arg {
    Arg::new(setting.name).long(option(setting.name)).value_name("VALUE").help(format!(
        "{} [env: {}] [default: {}]",
        sentence(&setting.about_text()),
        setting.variable,
        setting.default
    ))
}

impl Args for SettingArgs {
    fn augment_args(command: Command) -> Command {
        command.args(SETTINGS.iter().map(|setting| everywhere(argument(setting))))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let text = |setting: &Setting| Some((setting.name, matches.get_one::<String>(setting.name)?.clone()));
        Ok(Self { given: SETTINGS.iter().filter_map(text).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
