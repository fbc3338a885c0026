//! `koophone backup`

use clap::Args;

use crate::failure::RunResult;
use crate::follow::FollowArgs;
use crate::phone_args::PhoneArgs;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  koophone backup a44uhlf7
  koophone backup --file phones.txt --timeout 30m
  # start it now, check later
  TASK=$(koophone backup --all --detach)
  koophone task wait \"$TASK\"";

/// Save phones to storage and release their machines (备份云手机)
///
/// Afterwards nothing runs on a phone until koophone prepare has restored it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    #[command(flatten)]
    follow: FollowArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
}

pub(crate) fn run(args: &BackupArgs, session: &Session) -> RunResult {
    let ids = args.phones.read(session)?;
    let task = session.call(args.repeat.on(session.client()?.back_up_instances(ids)))?;
    let note = "koophone list --json shows when it has finished (backup_status)";
    args.follow.finish_or_accepted(session, &task, "BACKUP", note)
}
