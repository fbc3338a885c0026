//! What phones are waited for: a row of the table [`WAITS`](super::WAITS) each, and when a phone is ready.

use super::apps::{PACKAGE, Pidof};
use super::waits::Goal;
use super::{Effect, row, words};
use crate::model::{Operation, Result};

pub(crate) const APP_WAIT: Operation = row(
    "app_wait",
    "Waits until an application runs; gives its process ids.",
    Effect::Reads,
    &[PACKAGE],
    "WaitedNumberListResult",
);

/// An application that runs.
pub(crate) fn app_runs(package: String) -> Result<Goal<Pidof, Vec<i64>>> {
    words::word("package", &package)?;
    let missing = format!("{package} does not run");
    let ready = Box::new(|ids: Vec<i64>| (!ids.is_empty()).then_some(ids));
    Ok(Goal { verb: Pidof { name: package }, ready, missing, is_patient: false })
}
