//! `koophone exec`

use clap::Args;
use koophone::{CommandResult, PhoneResults};

use crate::failure::RunResult;
use crate::follow::{FollowArgs, cut, job_state};
use crate::output::brief_without_output;
use crate::phone_args::PhoneArgs;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;
use crate::table::Table;

const EXAMPLES: &str = "\
Examples:
  koophone exec a44uhlf7 efjy72gs -- getprop ro.product.model
  koophone exec --all -- getprop ro.product.model
  # only what the command printed
  koophone exec a44uhlf7 --raw -- ls -l /sdcard
  # a long command: as a task, with a progress bar
  koophone exec --file phones.txt --async -- pm install /sdcard/game.apk
  # start it now, check later
  TASK=$(koophone exec --file phones.txt --async --detach -- sleep 600)
  koophone task wait \"$TASK\"";

/// Run a shell command on phones (执行命令)
///
/// Without --async one request waits for every phone's result (sync-command), which is for short commands: the gateway
/// gives up after a while, and it is then unknown whether the command ran (exit code 11). The service limits output to
/// 1,024 bytes.
///
/// Words after -- are joined with spaces. Only letters, digits, space and _ . / : - are documented.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExecArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    /// The command
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
    /// Start it as a task (async-command), then wait for the task
    #[arg(long = "async")]
    asynchronous: bool,
    #[command(flatten)]
    follow: FollowArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
    /// Print only the command's output, phone after phone
    #[arg(long, conflicts_with_all = ["asynchronous", "json"])]
    raw: bool,
}

pub(crate) fn run(args: &ExecArgs, session: &Session) -> RunResult {
    if args.follow.given() && !args.asynchronous {
        let message = "--wait and --detach apply to tasks; add --async";
        return Err(koophone::Error::invalid("async", message).into());
    }
    let ids = args.phones.read(session)?;
    let client = session.client()?;
    let command = args.command.join(" ");
    if args.asynchronous {
        let task = session.call(args.repeat.on(client.start_command(ids, command)))?;
        return args.follow.finish(session, &task);
    }
    let results = session.call(args.repeat.on(client.run_command(ids, command)))?;
    if args.raw {
        results.iter().for_each(|result| raw(session, result));
    } else {
        session.output.show(&results, || table(&results))?;
    }
    Ok(results.raise_for_errors()?)
}

fn raw(session: &Session, result: &CommandResult) {
    session.output.text(&result.output);
    if !result.output.is_empty() && !result.output.ends_with('\n') {
        session.output.text("\n");
    }
}

fn table(results: &[CommandResult]) -> Table {
    let mut table = Table::new(["PHONE", "STATE", "OUTPUT", "ERROR"]);
    for result in results {
        let refused = result.error.as_ref().is_some_and(|error| !error.maybe_executed());
        table.row([
            result.instance_id.as_str().into(),
            job_state(result.state, refused),
            cut(&result.output, result.output_truncated).into(),
            brief_without_output(result.error.as_ref()).into(),
        ]);
    }
    table
}
