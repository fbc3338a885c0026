//! `koophone delete`

use clap::Args;
use koophone::PhoneResults;

use crate::confirm::{About, ConfirmArgs};
use crate::failure::RunResult;
use crate::outcomes;
use crate::phone_args::PhoneArgs;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  # asks for confirmation
  koophone delete a44uhlf7
  # in a script: does not ask
  koophone delete --file phones.txt --yes";

/// Delete phones (删除云手机) with all their data, and end their subscription
///
/// Cannot be undone; only for phones that are paid by the month or year. Asks for confirmation on a terminal; elsewhere
/// --yes is required.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
}

pub(crate) fn run(args: &DeleteArgs, session: &Session) -> RunResult {
    let ids = args.phones.read(session)?;
    let client = session.client_for("delete_instances", &About::Phones(&ids), args.confirm)?;
    let phones = session.call(args.repeat.on(client.delete_instances(ids)))?;
    outcomes::show(session, &phones, "DELETE", "accepted")?;
    Ok(phones.raise_for_errors()?)
}
