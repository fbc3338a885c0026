//! `koophone emulator`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;
use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, Error, ErrorKind, Result};
use koophone_emulator::{Emulator, Fault, Mode, Options, OptionsError, Quirk, StartError};
use serde_json::json;

use crate::failure::Outcome;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  koophone emulator --phones 8 --seed 7
  # in a script: wait until the file is there, then take over the variables
  koophone emulator --export > emulator.env &
  until [ -s emulator.env ]; do sleep 0.1; done; . ./emulator.env
  koophone doctor
  # answers of your own, and a service that refuses more than 32 phones in a request
  koophone emulator --rules rules.toml --quirk strict_limit_32";

/// Run a local KooPhone service to test against, until Ctrl-C
///
/// IAM and KooPhone listen on one port of this machine and on loopback only. Phones keep state, a small shell runs
/// their commands, and /_emulator/journal tells what each phone really ran. Faults can be added while it runs, by POST
/// /_emulator/faults; POST /_emulator/stop ends it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EmulatorArgs {
    /// Number of phones [default: 3]
    #[arg(long, value_name = "N")]
    phones: Option<usize>,
    /// Where generated ids start from: the same seed gives the same phones [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Port to listen on [default: one that is free]
    #[arg(long)]
    port: Option<u16>,
    /// Odd behaviour to switch on; may be given often, or with commas. A wrong name lists all of them
    #[arg(long = "quirk", value_name = "NAME", value_delimiter = ',', value_parser = quirk_names(), hide_possible_values = true)]
    quirks: Vec<String>,
    /// Refuse whatever the strictest reading of the documents refuses
    #[arg(long)]
    strict: bool,
    /// File with all options of the emulator, JSON or TOML by its ending; the other options come on top
    #[arg(long, value_name = "FILE")]
    options: Option<PathBuf>,
    /// File with answers to commands, JSON or TOML by its ending
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// JSON file with faults that wait from the start
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Print nothing but lines for a POSIX shell to evaluate
    #[arg(long, conflicts_with = "json")]
    export: bool,
}

fn quirk_names() -> PossibleValuesParser {
    Quirk::ALL.iter().map(|quirk| quirk.name()).into()
}

impl EmulatorArgs {
    fn to_options(&self, session: &Session) -> Result<Options> {
        let mut options = match &self.options {
            Some(path) => {
                let text = session.input.text(path, "options", "the options of the emulator")?;
                let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
                let read = if json { Options::from_json(&text) } else { Options::from_toml(&text) };
                read.map_err(|why| in_file("options", path, &why))?
            }
            None => Options::default(),
        };
        options.phones = self.phones.unwrap_or(options.phones);
        options.seed = self.seed.unwrap_or(options.seed);
        options.port = self.port.unwrap_or(options.port);
        options.quirks.extend(self.quirks.iter().filter_map(|name| Quirk::from_name(name)));
        if self.strict {
            options.mode = Mode::Strict;
        }
        if let Some(path) = &self.rules {
            options.rules_file = Some(path.clone());
        }
        if let Some(path) = &self.faults {
            let text = session.input.text(path, "faults", "the faults of the emulator")?;
            options.faults.extend(Fault::list_from_json(&text).map_err(|why| in_file("faults", path, &why))?);
        }
        Ok(options)
    }
}

fn in_file(argument: &str, path: &Path, why: &OptionsError) -> Error {
    Error::invalid(argument, format!("{}: {why}", path.display()))
}

pub(crate) fn run(args: &EmulatorArgs, session: &Session) -> Outcome {
    let emulator = Arc::new(Emulator::start(args.to_options(session)?).map_err(start_error)?);
    // The signal that ends it may come as soon as anybody knows that it runs.
    session.interrupt.during(|cancel| {
        let stopped = emulator.clone();
        let stopper = koophone::runtime::spawn(async move {
            cancel.cancelled().await;
            stopped.stop();
        })?;
        announce(&emulator, args, session)?;
        emulator.wait();
        stopper.abort();
        Ok::<_, Error>(())
    })?;
    session.output.note("the emulator has stopped");
    Ok(())
}

fn start_error(error: StartError) -> Error {
    match &error {
        StartError::Options(_) => Error::invalid("options", error.to_string()),
        StartError::Listen { .. } => Error::configuration("port", format!("{error}; choose another port, or none")),
        StartError::System(_) => Error::new(ErrorKind::Internal, error.to_string()),
    }
}

/// Says where it is, in one write: who waits for the first byte gets all.
fn announce(emulator: &Emulator, args: &EmulatorArgs, session: &Session) -> Result<()> {
    let (set, unset) = environment(emulator);
    let ids = emulator.instance_ids();
    if session.output.style.json {
        return session.output.json(&json!({
            "endpoint": emulator.endpoint(),
            "credentials": emulator.credentials(),
            "instance_ids": ids,
            "environment": set,
        }));
    }
    let mut lines = String::new();
    if !args.export {
        let endpoint = emulator.endpoint();
        lines.push_str(&format!("KooPhone and IAM emulator at {endpoint}, until Ctrl-C. In another terminal:\n\n"));
    }
    for (variable, value) in &set {
        lines.push_str(&format!("export {variable}={}\n", quote(value)));
    }
    lines.push_str(&format!("unset {}\n", unset.join(" ")));
    let shown = ids.len().min(100);
    lines.push_str(&format!("# {} phones: {}", ids.len(), ids[..shown].join(" ")));
    lines.push_str(if shown < ids.len() { " ...\n" } else { "\n" });
    session.output.text(&lines);
    Ok(())
}

/// The variables that make every command work against the emulator, and those that would be in their way.
fn environment(emulator: &Emulator) -> (BTreeMap<&'static str, String>, Vec<&'static str>) {
    let credentials = emulator.credentials();
    let mut set = BTreeMap::new();
    let mut unset = Vec::new();
    for setting in SETTINGS {
        match setting.name {
            "endpoint" | "iam_endpoint" => drop(set.insert(setting.variable, emulator.endpoint().to_owned())),
            "region" => drop(set.insert(setting.variable, credentials.region.clone())),
            "project_id" => unset.push(setting.variable),
            _ => {}
        }
    }
    for field in CREDENTIAL_FIELDS {
        match field.name {
            "username" => drop(set.insert(field.variable, credentials.user.clone())),
            "password" => drop(set.insert(field.variable, credentials.password.clone())),
            "domain" => drop(set.insert(field.variable, credentials.account_domain.clone())),
            _ => unset.push(field.variable),
        }
    }
    (set, unset)
}

/// `text` as one word of a POSIX shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_quoted_word_stays_one_word() {
        assert_eq!(super::quote("it's $HOME"), r"'it'\''s $HOME'");
    }
}
