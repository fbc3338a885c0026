//! What phones are waited for: a row of the table [`WAITS`](super::WAITS) each, and when a phone is ready.

use futures_util::FutureExt;

use super::apps::{PACKAGE, Pidof};
use super::boot::{Before, NewBoot};
use super::system::Getprop;
use super::waits::{Goal, each};
use super::{Effect, OneCommand, Output, Predicate, param, row, text, words};
use crate::model::{Operation, ParamKind, Result};
use crate::operations::validate;
use crate::pipeline::Phones;

pub(crate) const WAIT_FOR_BOOT: Operation = row(
    "wait_for_boot",
    "Waits until a phone is in another boot than before, and that boot is complete. Returns the new boot_id. A phone \
     that is not there yet, or refuses commands, is waited for.",
    Effect::Reads,
    &[param(
        "before",
        ParamKind::TextPerPhone("Before"),
        "The value of boot_id before the restart; for a list of phones, one value for each, in the same order. That \
         boot never counts then, however long it keeps responding. Without it, any complete boot counts",
        Some("null"),
    )],
    "WaitedTextResult",
);

/// A new boot that is complete.
pub(crate) fn is_booted(before: Before, phones: &Phones) -> Result<Goal<NewBoot, String>> {
    let missing = "the phone has no new, complete boot".to_owned();
    Ok(Goal { verb: NewBoot::new(before, phones)?, ready: each(|boot| boot), missing, is_patient: true })
}

pub(crate) const APP_WAIT: Operation = row(
    "app_wait",
    "Waits until an application runs. Returns its process ids.",
    Effect::Reads,
    &[PACKAGE],
    "WaitedNumberListResult",
);

/// An application that runs.
pub(crate) fn app_runs(package: String) -> Result<Goal<Pidof, Vec<i64>>> {
    words::package("package", &package)?;
    let missing = format!("{package} does not run");
    let ready = each(|ids: Vec<i64>| (!ids.is_empty()).then_some(ids));
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
    let ready = each(|ids: Vec<i64>| ids.is_empty().then_some(()));
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
    let ready = each(move |is: String| (is == value).then_some(()));
    Goal { verb: Getprop { name }, ready, missing, is_patient: false }
}

pub(crate) const WAIT_UNTIL: Operation = row(
    "wait_until",
    "Repeats a command that only reads until a predicate accepts what it prints. Returns that text. A command that \
     fails is repeated too.",
    Effect::Reads,
    &[
        text("command", "The command, for example ls /sdcard"),
        param(
            "predicate",
            ParamKind::Predicate,
            "Decides from what the command printed whether the phone is ready",
            None,
        ),
    ],
    "WaitedTextResult",
);

/// A command that prints what a predicate accepts.
pub(crate) fn prints(command: String, predicate: Predicate) -> Goal<Reading, String> {
    let missing = format!("{command} did not print what is waited for");
    let ready = Box::new(move |texts| predicate.clone().choose(texts).boxed());
    Goal { verb: Reading { command }, ready, missing, is_patient: false }
}

/// Any command that only reads. A command that fails has no result yet.
pub(crate) struct Reading {
    pub command: String,
}

impl OneCommand for Reading {
    const OPERATION: &'static Operation = &WAIT_UNTIL;
    type Value = Option<String>;

    fn validate(&self) -> Result<()> {
        validate::command(&self.command, true)
    }

    fn command(&self) -> String {
        self.command.clone()
    }

    fn read(&self, output: &Output<'_>) -> Result<Option<String>> {
        Ok(Some(output.text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn read_failed(&self, _output: &Output<'_>) -> Option<Option<String>> {
        Some(None)
    }
}
