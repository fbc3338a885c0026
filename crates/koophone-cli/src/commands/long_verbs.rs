//! Verbs that take a long time: `koophone wait-boot`, `pull`, `logcat`.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use koophone::{Before, Error, PageOptions, PhoneResult, PhoneResults, Result};

use crate::failure::RunResult;
use crate::output::brief;
use crate::phone_args::PhoneArgs;
use crate::session::Session;
use crate::table::{Table, harmless};

/// Wait until phones have booted (等待开机)
///
/// After a reboot or reset, the previous boot may keep responding for a while. With --before, only a new boot ends the
/// wait. Waits at most five minutes, or --timeout.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone getprop ro.boottime.init --all > before.txt
  koophone reboot --all
  koophone wait-boot --all --before before.txt --timeout 10m
  # any boot, also the current one
  koophone wait-boot a44uhlf7")]
pub(crate) struct WaitBootArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    /// What `koophone getprop ro.boottime.init` printed before the restart: a line for each phone, its id and its boot
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
}

pub(crate) fn wait_boot(args: &WaitBootArgs, session: &Session) -> RunResult {
    let ids = args.phones.read(session)?;
    let before = match &args.before {
        None => Before::Unknown,
        Some(path) => Before::Boots(boots(&session.input.text(path, "before", "the list of previous boots")?, &ids)?),
    };
    let phones = session.client()?.phones(ids);
    let results = session.call(phones.wait_for_boot(before, session.wait_options()?))?;
    session.output.show(&results, || {
        let mut table = Table::new(["PHONE", "BOOT", "CALLS", "ERROR"]);
        for result in &results {
            let (boot, calls) = result.value.as_ref().map(|it| (it.value.clone(), it.calls.to_string())).unzip();
            table.row([
                result.instance_id.as_str().into(),
                boot.unwrap_or_default().into(),
                calls.unwrap_or_default().into(),
                brief(result.error.as_ref()).into(),
            ]);
        }
        table
    })?;
    Ok(results.raise_for_errors()?)
}

/// The boot of each phone, from lines with id and boot.
fn boots(text: &str, ids: &[String]) -> Result<Vec<String>> {
    let lines = text.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
    let known: HashMap<&str, &str> = lines.map(|(id, boot)| (id, boot.trim())).collect();
    let boot = |id: &String| match known.get(id.as_str()) {
        Some(boot) => Ok((*boot).to_owned()),
        None => {
            let message = format!("the file has no line for {id}; a line is the id, a space and the boot");
            Err(Error::invalid("before", message))
        }
    };
    ids.iter().map(boot).collect()
}

/// How long a file may be.
#[derive(Args, Debug)]
struct PageArgs {
    /// Maximum number of calls for each phone, of 495 bytes each [default: 20]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    max_calls: Option<i64>,
}

impl PageArgs {
    fn options(&self, session: &Session) -> PageOptions {
        let options = PageOptions::new().on_progress(session.progress("calls"));
        match self.max_calls {
            Some(max_calls) => options.max_calls(max_calls),
            None => options,
        }
    }
}

/// Copy a file from phones (拉取文件)
///
/// The service limits output to 1,024 bytes, so a file is read in calls of 495 bytes; the phones share the calls. The
/// file is verified with its hash. After a failure, the same command resumes where it stopped.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone pull /sdcard/game.log game.log a44uhlf7
  koophone pull /sdcard/screen.png . a44uhlf7 efjy72gs --max-calls 200")]
pub(crate) struct PullArgs {
    /// The file on the phone
    path: String,
    /// The local file, or a directory, in which the file is named ID-NAME; several phones need a directory
    local: PathBuf,
    #[command(flatten)]
    phones: PhoneArgs,
    #[command(flatten)]
    pages: PageArgs,
}

pub(crate) fn pull(args: &PullArgs, session: &Session) -> RunResult {
    let phones = session.client()?.phones(args.phones.read(session)?);
    let results = session.call(phones.pull(&args.path, &args.local, args.pages.options(session)))?;
    session.output.show(&results, || {
        let mut table = Table::new(["PHONE", "FILE", "BYTES", "CALLS", "ERROR"]);
        for result in &results {
            let pulled = result.value.as_ref();
            table.row([
                result.instance_id.as_str().into(),
                pulled.map(|file| file.local.clone()).unwrap_or_default().into(),
                pulled.map(|file| file.size.to_string()).unwrap_or_default().into(),
                pulled.map(|file| file.calls.to_string()).unwrap_or_default().into(),
                brief(result.error.as_ref()).into(),
            ]);
        }
        table
    })?;
    Ok(results.raise_for_errors()?)
}

/// Show the end of the log of phones (查看日志)
///
/// The log is written to a file on the phone, which is read in calls of 495 bytes and then removed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone logcat a44uhlf7
  koophone logcat --lines 200 --max-calls 60 a44uhlf7 efjy72gs")]
pub(crate) struct LogcatArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    /// How many lines, 1 to 10,000
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true)]
    lines: i64,
    #[command(flatten)]
    pages: PageArgs,
}

pub(crate) fn logcat(args: &LogcatArgs, session: &Session) -> RunResult {
    let phones = session.client()?.phones(args.phones.read(session)?);
    let results = session.call(phones.logcat_tail(args.lines, args.pages.options(session)))?;
    if session.output.style.json {
        session.output.json(&results)?;
    } else {
        let one = results.len() == 1;
        for result in &results {
            let id = result.instance_id;
            for line in result.value.iter().flat_map(|tail| &tail.lines) {
                let line = harmless(line);
                session.output.text(&if one { format!("{line}\n") } else { format!("{id}: {line}\n") });
            }
            if let Some(error) = result.error().filter(|_| !one) {
                session.output.note(&format!("{id}: {error}"));
            }
        }
    }
    Ok(results.raise_for_errors()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boots_are_found_by_the_id_of_their_phone() {
        let ids = ["b", "a"].map(str::to_owned);
        assert_eq!(boots("a  11\nb 22\n\nc\n", &ids).unwrap(), ["22", "11"]);
        let error = boots("a 11", &ids).unwrap_err();
        assert!(error.argument() == Some("before") && error.message().contains("no line for b"), "{error}");
    }
}
