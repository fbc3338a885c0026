//! `koophone reset`

use clap::Args;
use koophone::Task;

use crate::confirm::ConfirmArgs;
use crate::failure::RunResult;
use crate::follow::FollowArgs;
use crate::output::brief;
use crate::phone_args::PhoneArgs;
use crate::session::Session;
use crate::table::{Cell, Table, Tone};

const EXAMPLES: &str = "\
Examples:
  # asks first
  koophone reset a44uhlf7
  # in a script: does not ask
  koophone reset --file phones.txt --yes --timeout 15m";

/// Return phones to factory state (重置云手机). Everything on them is lost
///
/// Apps, files, accounts and settings of the user are gone for good. Asks first on a terminal; anywhere else --yes is
/// needed.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    follow: FollowArgs,
    /// Resetting twice does no harm: repeat it even when its outcome is unknown
    #[arg(long)]
    repeatable: bool,
}

pub(crate) fn run(args: &ResetArgs, session: &Session) -> RunResult {
    let ids = args.phones.read(session)?;
    let client = session.client_for("reset_instances", &ids, args.confirm)?;
    let task = session.call(client.reset_instances(ids).repeatable(args.repeatable))?;
    // For programs --detach has one form, whatever the service gave.
    if task.can_be_followed() || (args.follow.detaches() && session.output.style.json) {
        return args.follow.finish(session, &task);
    }
    accepted(&task, session)
}

/// Older services accept a reset and say no more.
fn accepted(task: &Task, session: &Session) -> RunResult {
    session.output.show(&task.phones(), || {
        let mut table = Table::new(["PHONE", "RESET", "ERROR"]);
        for phone in task.phones() {
            let result = match phone.error {
                None => Cell::toned("accepted", Tone::Good),
                Some(_) => Cell::toned("failed", Tone::Bad),
            };
            table.row([phone.instance_id.as_str().into(), result, brief(phone.error.as_ref()).into()]);
        }
        table
    })?;
    session.output.note("the service gave no task to follow; koophone status tells when the phones are running again");
    match task.phones().iter().find_map(|phone| phone.error.clone()) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}
