//! What phones are waited for: a row of the table [`WAITS`](super::WAITS) each, and when a phone is ready.

use super::apps::{PACKAGE, Pidof};
use super::boot::{Before, NewBoot};
use super::system::Getprop;
use super::waits::Goal;
use super::{Effect, param, row, text, words};
use crate::model::{Operation, ParamKind, Result};
use crate::pipeline::Phones;

pub(crate) const WAIT_FOR_BOOT: Operation = row(
    "wait_for_boot",
    "Waits until a phone is in another boot than before, and that boot is complete; gives the new boot_id. A phone \
     that is not there yet, or refuses commands, is waited for.",
    Effect::Reads,
    &[param(
        "before",
        ParamKind::TextPerPhone("Before"),
        "What boot_id gave before the restart, for each phone in order; the boot before never counts then, however \
         long it keeps responding. Without it, any complete boot counts",
        Some("null"),
    )],
    "WaitedTextResult",
);

/// A new boot that is complete.
pub(crate) fn is_booted(before: Before, phones: &Phones) -> Result<Goal<NewBoot, String>> {
    let missing = "the phone has no new, complete boot".to_owned();
    Ok(Goal { verb: NewBoot::new(before, phones)?, ready: Box::new(|boot| boot), missing, is_patient: true })
}

pub(crate) const APP_WAIT: Operation = row(
    "app_wait",
    "Waits until an application runs; gives its process ids.",
    Effect::Reads,
    &[PACKAGE],
    "WaitedNumberListResult",
);

/// An application that runs.
pub(crate) fn app_runs(package: String) -> Result<Goal<Pidof, Vec<i64>>> {
    words::package("package", &package)?;
    let missing = format!("{package} does not run");
    let ready = Box::new(|ids: Vec<i64>| (!ids.is_empty()).then_some(ids));
    Ok(Goal { verb: Pidof { name: package }, ready, missing, is_patient: false })
}

pub(crate) const APP_WAIT_GONE: Operation = row(
    "app_wait_gone",
    "Waits until an application does not run any more.",
    Effect::Reads,
    &[PACKAGE],
    "WaitedDoneResult",
);

/// An application that does not run.
pub(crate) fn app_is_gone(package: String) -> Result<Goal<Pidof, ()>> {
    words::package("package", &package)?;
    let missing = format!("{package} still runs");
    let ready = Box::new(|ids: Vec<i64>| ids.is_empty().then_some(()));
    Ok(Goal { verb: Pidof { name: package }, ready, missing, is_patient: false })
}

pub(crate) const WAIT_PROP: Operation = row(
    "wait_prop",
    "Waits until a property has a value.",
    Effect::Reads,
    &[
        text("name", "Name of the property, for example debug.game.level"),
        text("value", "The value that is waited for, for example 3"),
    ],
    "WaitedDoneResult",
);

/// A property that has a value.
pub(crate) fn prop_is(name: String, value: String) -> Goal<Getprop, ()> {
    let missing = format!("{name} is not {value}");
    let ready = Box::new(move |is: String| (is == value).then_some(()));
    Goal { verb: Getprop { name }, ready, missing, is_patient: false }
}
