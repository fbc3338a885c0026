//! `koophone reset`

use clap::Args;

use crate::confirm::{About, ConfirmArgs};
use crate::failure::RunResult;
use crate::follow::FollowArgs;
use crate::phone_args::PhoneArgs;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  # asks for confirmation
  koophone reset a44uhlf7
  # in a script: does not ask
  koophone reset --file phones.txt --yes --timeout 15m";

/// Return phones to factory state (重置云手机). Everything on them is lost
///
/// The user's apps, files, accounts and settings are lost. Asks for confirmation on a terminal; elsewhere --yes is
/// required.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    follow: FollowArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
}

pub(crate) fn run(args: &ResetArgs, session: &Session) -> RunResult {
    let ids = args.phones.read(session)?;
    let client = session.client_for("reset_instances", &About::Phones(&ids), args.confirm)?;
    let task = session.call(args.repeat.on(client.reset_instances(ids)))?;
    args.follow.finish_or_accepted(session, &task, "RESET", "koophone status shows when the phones are running again")
}
