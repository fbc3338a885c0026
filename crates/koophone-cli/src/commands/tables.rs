//! `koophone settings` and `koophone errors`: the core's tables.

use clap::Args;
use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, ErrorKind};
use serde_json::{Value, json};

use super::help::OTHER_VARIABLES;
use crate::failure::RunResult;
use crate::output::{OUTPUT_LOST, OUTPUT_LOST_MEANING, OUTPUT_LOST_REMEDY};
use crate::session::Session;
use crate::setting_args::option;
use crate::table::Table;

const SETTINGS_EXAMPLES: &str = "\
Examples:
  koophone settings
  koophone settings --json";

const ERRORS_EXAMPLES: &str = "\
Examples:
  koophone errors
  # what to do about one
  koophone errors 11
  koophone status a44uhlf7 || koophone errors $?";

/// Show every setting with its option, environment variable and default
#[derive(Args, Debug)]
#[command(after_help = SETTINGS_EXAMPLES)]
pub(crate) struct SettingsArgs {}

/// Show the kinds of errors with their exit codes, and what to do about them
#[derive(Args, Debug)]
#[command(after_help = ERRORS_EXAMPLES)]
pub(crate) struct ErrorsArgs {
    /// Only the error with this exit code or of this kind
    #[arg(value_name = "ERROR")]
    only: Option<String>,
}

pub(crate) fn settings(session: &Session) -> RunResult {
    if session.output.style.json {
        let settings = SETTINGS.iter().map(|setting| {
            json!({
                "name": setting.name,
                "option": format!("--{}", option(setting.name)),
                "variable": setting.variable,
                "default": setting.default,
                "meaning": setting.about_text(),
            })
        });
        let credentials = CREDENTIAL_FIELDS.iter().map(|field| {
            json!({
                "name": field.name,
                "option": credential_option(field),
                "variable": field.variable,
                "secret": field.secret,
                "meaning": field.meaning,
            })
        });
        let value = json!({
            "settings": settings.collect::<Vec<Value>>(),
            "credentials": credentials.collect::<Vec<Value>>(),
        });
        return Ok(session.output.json(&value)?);
    }
    let mut table = Table::new(["OPTION", "VARIABLE", "DEFAULT", "MEANING"]);
    for setting in SETTINGS {
        let option = format!("--{}", option(setting.name));
        table.row([option.into(), setting.variable.into(), setting.default.into(), setting.about_text().into()]);
    }
    for field in CREDENTIAL_FIELDS {
        table.row([credential_option(field).into(), field.variable.into(), "".into(), field.meaning.into()]);
    }
    for (variable, meaning) in OTHER_VARIABLES {
        table.row(["".into(), variable.into(), "".into(), meaning.into()]);
    }
    session.output.table(&table);
    Ok(())
}

fn credential_option(field: &koophone::CredentialField) -> String {
    format!("--{}{}", option(field.name), if field.secret { "-file" } else { "" })
}

pub(crate) fn errors(args: &ErrorsArgs, session: &Session) -> RunResult {
    let kinds = ErrorKind::ALL.map(|kind| (kind.number(), kind.name(), kind.meaning(), kind.remedy()));
    // Not a kind of the core: an error of the command itself.
    let lost = (OUTPUT_LOST, "output_lost", OUTPUT_LOST_MEANING, OUTPUT_LOST_REMEDY);
    let mut all = [&kinds[..], &[lost]].concat();
    if let Some(only) = &args.only {
        all.retain(|(code, kind, ..)| only == kind || *only == code.to_string());
        if all.is_empty() {
            let why = format!("there is no error {only:?}; koophone errors lists them");
            return Err(koophone::Error::invalid("error", why).into());
        }
    }
    let rows: Vec<Value> = all
        .iter()
        .map(|(code, kind, meaning, remedy)| {
            json!({ "exit_code": code, "kind": kind, "meaning": meaning, "what_to_do": remedy })
        })
        .collect();
    Ok(session.output.show(&rows, || {
        let mut table = Table::new(["EXIT CODE", "KIND", "MEANING", "WHAT TO DO"]);
        for (code, kind, meaning, remedy) in &all {
            table.row([code.to_string().into(), (*kind).into(), (*meaning).into(), (*remedy).into()]);
        }
        table
    })?)
}
