//! `koophone doctor`

use clap::Args;
use koophone::diagnose::{Finding, FindingState, diagnose};

use crate::failure::RunResult;
use crate::output::word;
use crate::phone_args::NamedArgs;
use crate::session::Session;
use crate::table::{Cell, Table, Tone};

const EXAMPLES: &str = "\
Examples:
  koophone doctor
  # with the permission for certain phones
  koophone doctor a44uhlf7 --region cn-north-4
  koophone doctor --json";

/// Find out why calls fail
///
/// Checks the settings, the credentials and where they were found, DNS, TCP and TLS, the clock against the server's,
/// the login, and the permission to query. Changes nothing. The exit code is that of the first failed check.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    phones: NamedArgs,
}

pub(crate) fn run(args: &DoctorArgs, session: &Session) -> RunResult {
    let ids = args.phones.given(session)?;
    let findings = session.call(diagnose(session.builder()?, ids))?;
    session.output.show(&findings, || table(&findings))?;
    match findings.into_iter().find_map(|finding| finding.error) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new(["CHECK", "RESULT", "FOUND"]);
    for finding in findings {
        let tone = match finding.state {
            FindingState::Passed => Tone::Good,
            FindingState::Warning => Tone::Warning,
            FindingState::Failed => Tone::Bad,
            _ => Tone::Plain,
        };
        let advice = finding.advice.as_ref().map(|advice| format!("\n-> {advice}")).unwrap_or_default();
        table.row([
            finding.check.as_str().into(),
            Cell::toned(word(&finding.state), tone),
            format!("{}{advice}", finding.message).into(),
        ]);
    }
    table
}
