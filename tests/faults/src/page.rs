//! The matrix as a page to read.

use std::fmt::Write;

use koophone::WAITS;

use crate::table::{Fault, Operation, Outcome, Phase, Place, operations};

const HEAD: &str = "# The fault matrix

Written by `cargo xtask matrix`; every cell is run and asserted by `cargo xtask test faults`, against the \
emulator, with two attempts allowed.
A 429 at every attempt asks for a pause that ends after the deadline; a shorter one is waited for and does not \
count as an attempt.
A cell says what the caller sees, and after how many attempts. \"done\" means done once, whatever went wrong at first.

";

/// The page.
pub fn of(faults: &[Fault]) -> String {
    let names = |wanted: &dyn Fn(&Operation) -> bool| {
        let names: Vec<_> = operations().filter(|op| wanted(op)).map(|op| format!("`{}`", op.name)).collect();
        names.join(", ")
    };
    let mut page = HEAD.to_owned();
    let _ = writeln!(
        page,
        "* *Changing* calls are {}: never sent again once they may have run.",
        names(&|op| !op.idempotent)
    );
    let changes = |op: &Operation| op.idempotent && !op.read_only;
    let _ = writeln!(
        page,
        "* *Other* calls are {}: repeating them does no harm. Where changing calls end as `outcome_unknown`, so do, \
            after their attempts, those of them that do not only read: {}.",
        names(&|op| op.idempotent),
        names(&changes)
    );
    let _ = writeln!(
        page,
        "* Waits are {}: what may pass, they wait out. Where other calls end as `network`, `protocol`, `throttled`, \
            `timeout` or `unavailable`, they end as `timeout`; so does `wait_for_boot` where those end as \
            `command_failed`, `not_found` or `rejected`.",
        names(&|op| WAITS.iter().any(|wait| wait.name == op.name))
    );
    let _ = writeln!(
        page,
        "* *Ordering* is {}, where it differs from other changing calls: nothing but a known code says that no order \
         was taken.",
        names(&|op| op.costs_money)
    );
    page.push_str(
        "* With the fault in the second of three requests (calls that take a list), the phones of that request have \
         the outcome of\n  \
         \"every attempt\", and the others their results.\n\n\
         | fault | executed by the service | changing, first attempt | changing, every attempt \
         | other, first attempt | other, every attempt |\n\
         |---|---|---|---|---|---|\n",
    );
    for fault in faults {
        let only_every = matches!(fault.place, Place::Address(_));
        let cell = |column: &[Outcome; 2], phase: Phase| match phase {
            _ if fault.only_ordering => "–".to_owned(),
            Phase::First if only_every => "–".to_owned(),
            Phase::First => shown(column[0]),
            _ => shown(column[1]),
        };
        let changing = |phase: Phase| match &fault.ordering {
            None => cell(&fault.changing, phase),
            Some(ordering) => {
                let outcome = shown(ordering[usize::from(phase != Phase::First)]);
                format!("{}; ordering: {outcome}", cell(&fault.changing, phase))
            }
        };
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            fault.name,
            if fault.executes { "yes" } else { "no" },
            changing(Phase::First),
            changing(Phase::Every),
            cell(&fault.other, Phase::First),
            cell(&fault.other, Phase::Every),
        );
    }
    page
}

fn shown(outcome: Outcome) -> String {
    match outcome.kind {
        None => "done".to_owned(),
        Some(kind) => format!("`{kind}` after {}", outcome.attempts),
    }
}
