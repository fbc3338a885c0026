//! Prints the results of calls that only succeed or fail for each phone.

use koophone::{PhoneResult, Result};
use serde::Serialize;

use crate::output::brief;
use crate::session::Session;
use crate::table::{Cell, Table, Tone};

/// One row per phone under the header `what`: `done`, or failed.
pub(crate) fn show<T: PhoneResult + Serialize>(
    session: &Session,
    phones: &[T],
    what: &'static str,
    done: &str,
) -> Result<()> {
    session.output.show(&phones, || {
        let mut table = Table::new(["PHONE", what, "ERROR"]);
        for phone in phones {
            let result = match phone.error() {
                None => Cell::toned(done, Tone::Good),
                Some(_) => Cell::toned("failed", Tone::Bad),
            };
            table.row([phone.instance_id().unwrap_or_default().into(), result, brief(phone.error()).into()]);
        }
        table
    })
}
