//! `koophone reboot`

use clap::Args;
use koophone::PhoneResults;

use crate::failure::RunResult;
use crate::outcomes;
use crate::phone_args::PhoneArgs;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  koophone reboot a44uhlf7
  koophone reboot --name 'grid-*'";

/// Restart phones (重启云手机)
///
/// The service only says whether it accepted the restart: koophone status shows when a phone is running again, and may
/// still report running for a moment. All phones of a request must be running.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RebootArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
}

pub(crate) fn run(args: &RebootArgs, session: &Session) -> RunResult {
    let ids = args.phones.read(session)?;
    let phones = session.call(args.repeat.on(session.client()?.reboot_instances(ids)))?;
    outcomes::show(session, &phones, "REBOOT", "accepted")?;
    session.output.note("koophone status shows when the phones are running again");
    Ok(phones.raise_for_errors()?)
}
