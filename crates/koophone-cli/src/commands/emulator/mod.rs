//! `koophone emulator`

mod announce;
mod background;
mod shell;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;
use koophone::{Error, Result};
use koophone_emulator::{Edition, Emulator, Fault, Mode, Options, OptionsError, Quirk, StartError};

use crate::failure::RunResult;
use crate::output::complain;
use crate::session::Session;
use announce::{Announcement, announce};
use background::{Parent, PidFile};
use shell::Dialect;

const EXAMPLES: &str = "\
Examples:
  koophone emulator --phones 8
  # in a script or a CI step: it is ready when the first line returns, and the last one ends it
  eval \"$(koophone emulator --detach --export --pid-file emulator.pid)\"
  kill \"$(cat emulator.pid)\"
  koophone emulator --host 0.0.0.0 --port 8080 --control-token-file /run/secrets/control-token";

/// Run a local KooPhone service to test against, until Ctrl-C
///
/// IAM and KooPhone share one port. The first phones are a44uhlf7 and efjy72gs, as in the service's documents. Phones
/// keep state, and a small shell runs their commands. GET /_emulator/journal lists what each phone really ran, POST
/// /_emulator/faults adds faults, and POST /_emulator/stop stops it. It accepts the IAM user emulator-user (password
/// emulator-password, account emulator-domain) and the access key EMULATORACCESSKEY000 (secret key
/// emulator-secret-key-not-a-real-one-00000), unless --options says otherwise.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EmulatorArgs {
    /// Number of phones [default: 3]
    #[arg(long, value_name = "N")]
    phones: Option<usize>,
    /// Seed of generated ids: same seed, same phones [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Port to listen on [default: a free one]
    #[arg(long)]
    port: Option<u16>,
    /// Address to listen on; if other machines can reach it, /_emulator requires a token, which is printed [default:
    /// 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    host: Option<IpAddr>,
    /// File with that token, 16 characters or more
    #[arg(long, value_name = "FILE")]
    control_token_file: Option<PathBuf>,
    /// Quirks to enable, separated by commas (koophone help quirks)
    #[arg(long = "quirk", value_name = "NAME", value_delimiter = ',')]
    #[arg(value_parser = quirk_names(), hide_possible_values = true)]
    quirks: Vec<String>,
    /// Edition of the documents: 2024 or 2026 [default: 2026]
    #[arg(long, value_name = "YEAR", value_parser = ["2024", "2026"], hide_possible_values = true)]
    edition: Option<String>,
    /// Follow the strictest reading of the documents
    #[arg(long)]
    strict: bool,
    /// JSON or TOML file with options; the command line overrides it
    #[arg(long, value_name = "FILE")]
    options: Option<PathBuf>,
    /// JSON or TOML file with responses to commands
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// JSON file with faults to queue at the start
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Print only lines for a shell to evaluate
    #[arg(long, conflicts_with = "json")]
    export: bool,
    /// Shell of those lines: posix, powershell or cmd [default: the likely one]
    #[arg(long, value_enum, hide_possible_values = true)]
    shell: Option<Dialect>,
    /// Run in the background: returns when it is ready
    #[arg(long)]
    detach: bool,
    /// File to write its process id to, removed when it ends
    #[arg(long, value_name = "FILE")]
    pid_file: Option<PathBuf>,
    /// End with the process that started it (Windows: standard input)
    #[arg(long, conflicts_with = "detach")]
    with_parent: bool,
    /// Set by --detach for the background process
    #[arg(long, hide = true, conflicts_with_all = ["detach", "with_parent"])]
    detached: bool,
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
        options.address = self.host.unwrap_or(options.address);
        if let Some(path) = &self.control_token_file {
            let token = session.input.text(path, "control_token_file", "the control token")?;
            options.control_token = Some(token.trim().to_owned().into());
        }
        options.edition = self.edition.as_deref().and_then(Edition::from_name).unwrap_or(options.edition);
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

pub(crate) fn run(args: &EmulatorArgs, session: &Session) -> RunResult {
    let parent = args.with_parent.then(Parent::of_this_process);
    let mut options = args.to_options(session)?;
    let is_public = !options.address.is_loopback();
    if is_public && !args.detached {
        complain("warning: other machines can reach this emulator, and its credentials are public");
    }
    if args.detach {
        return background::detach(session);
    }
    let made_token = (is_public && options.control_token.is_none()).then(announce::random_token).transpose()?;
    if let Some(token) = &made_token {
        options.control_token = Some(token.clone().into());
    }
    let emulator = Arc::new(Emulator::start(options).map_err(start_error)?);
    let pid_file = args.pid_file.as_deref().map(PidFile::write).transpose()?;
    // The signal that ends it may arrive as soon as it is announced.
    session.interrupt.during(|cancel| {
        let stopped = emulator.clone();
        let stopper = koophone::binding_support::spawn(async move {
            cancel.cancelled().await;
            stopped.stop();
        })?;
        if let Some(parent) = parent {
            background::end_with(parent, &emulator)?;
        }
        let how = Announcement {
            export: args.export,
            shell: args.shell.unwrap_or_else(Dialect::likely),
            detached: args.detached,
            token: made_token.as_deref(),
        };
        announce(&emulator, how, session)?;
        if session.output.is_broken() {
            // Its address is not known to anyone.
            emulator.stop();
        }
        emulator.wait();
        stopper.abort();
        Ok::<_, Error>(())
    })?;
    drop(pid_file);
    session.output.note("the emulator has stopped");
    Ok(())
}

fn start_error(error: StartError) -> Error {
    match &error {
        StartError::Options(_) => Error::invalid("options", error.to_string()),
        StartError::Listen { .. } => {
            Error::configuration("port", format!("{error}; choose another port, or omit --port"))
        }
        StartError::System(_) => Error::configuration("emulator", error.to_string()),
    }
}
