//! `koophone prepare`

use clap::Args;
use koophone::{PhoneResults, PrepareProgress, PrepareStage, PrepareState, PreparedInstance};

use crate::failure::RunResult;
use crate::output::{brief, word};
use crate::phone_args::PhoneArgs;
use crate::session::Session;
use crate::table::{Cell, Table, Tone};

const EXAMPLES: &str = "\
Examples:
  koophone prepare a44uhlf7 --user tester-07
  koophone prepare a44uhlf7 --user tester-07 --progress";

/// Make the phones of a user ready to stream (准备云手机), and show the state of each
///
/// Phones that were backed up are restored. Call it again until they are ready; waiting does not help in the states
/// waiting_for_assignment, being_exchanged, restore_failed and maintenance.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PrepareArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    /// The user who has the phones
    #[arg(short, long, value_name = "USER")]
    user: String,
    /// Only show the progress of an earlier preparation (查询准备进度): one request per phone
    #[arg(long)]
    progress: bool,
}

pub(crate) fn run(args: &PrepareArgs, session: &Session) -> RunResult {
    let ids = args.phones.read(session)?;
    let client = session.client()?;
    if args.progress {
        let phones = session.call(client.get_prepare_progress(ids, &args.user))?;
        session.output.show(&phones, || progress(&phones))?;
        return Ok(phones.raise_for_errors()?);
    }
    let phones = session.call(client.prepare_instances(ids, &args.user))?;
    session.output.show(&phones, || states(&phones))?;
    Ok(phones.raise_for_errors()?)
}

fn states(phones: &[PreparedInstance]) -> Table {
    let mut table = Table::new(["PHONE", "STATE", "NUMBER", "ERROR"]);
    for phone in phones {
        let tone = match phone.state {
            PrepareState::Ready => Tone::Good,
            PrepareState::WaitingForAssignment | PrepareState::BeingExchanged => Tone::Bad,
            PrepareState::RestoreFailed | PrepareState::Maintenance => Tone::Bad,
            _ if phone.error.is_some() => Tone::Bad,
            _ => Tone::Plain,
        };
        table.row([
            phone.instance_id.as_str().into(),
            Cell::toned(word(&phone.state), tone),
            number(phone.status),
            brief(phone.error.as_ref()).into(),
        ]);
    }
    table
}

fn progress(phones: &[PrepareProgress]) -> Table {
    let mut table = Table::new(["PHONE", "STAGE", "NUMBER", "WAITING", "ERROR"]);
    for phone in phones {
        let tone = match phone.stage {
            PrepareStage::Ready => Tone::Good,
            PrepareStage::Failed => Tone::Bad,
            _ if phone.error.is_some() => Tone::Bad,
            _ => Tone::Plain,
        };
        table.row([
            phone.instance_id.as_str().into(),
            Cell::toned(word(&phone.stage), tone),
            number(phone.status),
            number(phone.waiting_count),
            brief(phone.error.as_ref()).into(),
        ]);
    }
    table
}

fn number(number: Option<i64>) -> Cell {
    number.map(|number| number.to_string()).unwrap_or_default().into()
}
