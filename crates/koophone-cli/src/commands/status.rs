//! `koophone status`

use clap::Args;
use koophone::{InstanceState, PhoneResults};

use crate::failure::RunResult;
use crate::output::{brief, word};
use crate::phone_args::PhoneArgs;
use crate::session::Session;
use crate::table::{Cell, Table, Tone};

const EXAMPLES: &str = "\
Examples:
  koophone status a44uhlf7 efjy72gs
  koophone status --file phones.txt
  koophone status --name 'grid-*'
  # ids from another program
  cut -d, -f1 fleet.csv | koophone status --json";

/// Show the state of phones (查询云手机状态)
///
/// The word in STATE is as defined by the original API reference; later documents define some numbers differently, so
/// the service's number is shown as well.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    phones: PhoneArgs,
}

pub(crate) fn run(args: &StatusArgs, session: &Session) -> RunResult {
    let ids = args.phones.read(session)?;
    let phones = session.call(session.client()?.query_status(ids))?;
    session.output.show(&phones, || {
        let mut table = Table::new(["PHONE", "STATE", "NUMBER", "ERROR"]);
        for phone in &phones {
            let tone = match phone.state {
                InstanceState::Running => Tone::Good,
                _ if phone.error.is_some() => Tone::Bad,
                _ => Tone::Plain,
            };
            table.row([
                phone.instance_id.as_str().into(),
                Cell::toned(word(&phone.state), tone),
                phone.status.map(|number| number.to_string()).unwrap_or_default().into(),
                brief(phone.error.as_ref()).into(),
            ]);
        }
        table
    })?;
    Ok(phones.raise_for_errors()?)
}
