//! Credentials: options for values that are not secret; files, the environment or a prompt for secrets. Built from the
//! core's table of fields, so that no secret gets an option by mistake.

use std::env;
use std::path::PathBuf;

use clap::error::Error as ClapError;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};
use koophone::{CREDENTIAL_FIELDS, CredentialField, Credentials, Error, Result, Secret};

use crate::input::Input;
use crate::setting_args::{everywhere, option, sentence};

/// The credential fields that were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct CredentialArgs {
    plain: Vec<(&'static CredentialField, String)>,
    files: Vec<(&'static CredentialField, PathBuf)>,
}

type Fields = Vec<(&'static CredentialField, Secret)>;

impl CredentialArgs {
    /// The credential from the options, completed from the environment and, on a terminal, by a prompt. None if there
    /// is no such option and the environment is complete: then the core searches its provider chain.
    pub fn resolve(&self, input: &Input) -> Result<Option<Credentials>> {
        let mut fields = self.given(input)?;
        let asked_for = !fields.is_empty();
        add_from_environment(&mut fields);
        let missing = missing_secret(&fields);
        if !asked_for && (missing.is_none() || !input.is_interactive()) {
            return Ok(None);
        }
        if let Some(field) = missing.filter(|_| input.is_interactive()) {
            fields.push((field, Secret::new(input.secret(field.meaning)?)));
        }
        let texts = fields.iter().map(|(field, secret)| (field.name, secret.expose()));
        Credentials::from_fields(texts).map(Some).map_err(|error| explain(error, &fields))
    }

    /// Access key and secret key for `koophone sign`, where `access_key` and `secret_key` are its own options.
    pub fn key_pair(&self, input: &Input, given: [Option<&str>; 2]) -> Result<(String, Secret)> {
        let names = ["access_key", "secret_key"];
        let mut fields: Fields = Vec::new();
        let both = CREDENTIAL_FIELDS.iter().filter(|field| names.contains(&field.name));
        for (field, given) in both.zip(given) {
            fields.extend(given.map(|text| (field, Secret::new(text))));
        }
        let own = self.given(input)?.into_iter().filter(|(field, _)| names.contains(&field.name));
        for (field, secret) in own {
            if has(&fields, field) {
                return Err(Error::invalid(field.name, format!("{} is given twice; keep one", field.name)));
            }
            fields.push((field, secret));
        }
        let environment = CREDENTIAL_FIELDS.iter().filter(|field| names.contains(&field.name));
        for field in environment {
            if !has(&fields, field) {
                fields.extend(variable(field).map(|secret| (field, secret)));
            }
        }
        if let Some(field) = missing_secret(&fields).filter(|_| input.is_interactive()) {
            fields.push((field, Secret::new(input.secret(field.meaning)?)));
        }
        let text = |name: &str| fields.iter().find(|(field, _)| field.name == name).map(|(_, secret)| secret.clone());
        match (text(names[0]), text(names[1])) {
            (Some(access_key), Some(secret_key)) => Ok((access_key.expose().to_owned(), secret_key)),
            (None, _) => Err(explain(Error::invalid(names[0], "there is no access key to sign with"), &fields)),
            (_, None) => Err(explain(Error::invalid(names[1], "there is no secret key to sign with"), &fields)),
        }
    }

    fn given(&self, input: &Input) -> Result<Fields> {
        let mut fields: Fields = self.plain.iter().map(|(field, text)| (*field, Secret::new(text.as_str()))).collect();
        for (field, path) in &self.files {
            fields.push((field, Secret::of_line(input.text(path, field.name, field.meaning)?)));
        }
        Ok(fields)
    }
}

fn has(fields: &Fields, wanted: &CredentialField) -> bool {
    fields.iter().any(|(field, _)| field.name == wanted.name)
}

fn variable(field: &CredentialField) -> Option<Secret> {
    env::var(field.variable).ok().filter(|text| !text.is_empty()).map(Secret::of_line)
}

/// Adds the environment's fields of the methods that options use; of all methods if they use none.
fn add_from_environment(fields: &mut Fields) {
    let methods: Vec<&str> = fields.iter().map(|(field, _)| field.method).collect();
    for field in CREDENTIAL_FIELDS {
        let wanted = methods.is_empty() || methods.contains(&field.method);
        if wanted && !has(fields, field) {
            fields.extend(variable(field).map(|secret| (field, secret)));
        }
    }
}

/// The required secret that is missing, if `fields` are of one method.
fn missing_secret(fields: &Fields) -> Option<&'static CredentialField> {
    let method = fields.first()?.0.method;
    if fields.iter().any(|(field, _)| field.method != method) {
        return None;
    }
    let mut needed = CREDENTIAL_FIELDS.iter().filter(|field| field.method == method && field.secret && field.required);
    needed.find(|field| !has(fields, field))
}

/// Adds how to provide a missing field.
fn explain(error: Error, fields: &Fields) -> Error {
    let missing = CREDENTIAL_FIELDS.iter().find(|field| error.argument() == Some(field.name));
    let Some(field) = missing.filter(|field| !has(fields, field)) else { return error };
    let name = option(field.name);
    let how = match field.secret {
        true => format!("set {}, give --{name}-file FILE, or run on a terminal to be prompted", field.variable),
        false => format!("give --{name} or set {}", field.variable),
    };
    Error::invalid(field.name, format!("{}; {how}", error.message()))
}

/// The option of a field, as the help page of credentials has it.
pub(crate) fn argument(field: &'static CredentialField) -> Arg {
    match field.secret {
        true => Arg::new(file_id(field))
            .long(format!("{}-file", option(field.name)))
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help(format!(
                "File with: {}; - is standard input [env: {} contains the secret itself]",
                field.meaning, field.variable
            )),
        false => Arg::new(field.name).long(option(field.name)).value_name("NAME").help(format!(
            "{} [env: {}]",
            sentence(field.meaning),
            field.variable
        )),
    }
}

fn file_id(field: &CredentialField) -> String {
    format!("{}_file", field.name)
}

impl Args for CredentialArgs {
    fn augment_args(command: Command) -> Command {
        command.args(CREDENTIAL_FIELDS.iter().map(|field| everywhere(argument(field))))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for CredentialArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, ClapError> {
        let (secret, plain): (Vec<_>, Vec<_>) = CREDENTIAL_FIELDS.iter().partition(|field| field.secret);
        let text = |field: &'static CredentialField| Some((field, matches.get_one::<String>(field.name)?.clone()));
        let file =
            |field: &'static CredentialField| Some((field, matches.get_one::<PathBuf>(&file_id(field))?.clone()));
        Ok(Self {
            plain: plain.into_iter().filter_map(text).collect(),
            files: secret.into_iter().filter_map(file).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), ClapError> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
