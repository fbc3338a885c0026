//! The conditions as a section to read.

use std::fmt::Write;

use crate::conditions::{BATCH, Call, Condition, End, PHONES, Phone};

const TABLE_HEAD: &str = "| conditions | calls | outcome | failed signatures | logins |\n|---|---|---|---|---|\n";

/// The section.
pub fn of(conditions: &[Condition]) -> String {
    let mut page = format!(
        "
## Conditions

What goes wrong around a fleet of {PHONES} phones, numbered from 0, in three requests of {BATCH}, unless a condition \
says
otherwise. Run and asserted in the same way, with the number of executions on every phone:

* \"done\" means that the call returned the phone's result, and that the phone executed it exactly once.
* A kind of failure means that the phone did not execute the call, unless the table says that it did. When all phones
  have the same failure and none executed the call, the call fails as a whole.
* `task.poll` and `task.wait` follow a task that was started before; \"open\" means neither a result nor an error yet.
* Failed signatures and logins are the most that the whole fleet may cost.
"
    );
    let rows = rows(conditions);
    let mut group = "";
    for row in &rows {
        if row.group != group {
            group = row.group;
            let _ = write!(page, "\n### {group}\n\n{TABLE_HEAD}");
        }
        let calls: Vec<_> = row.calls.iter().map(|call| format!("`{call}`")).collect();
        let Row { outcome, failed_signatures, logins, .. } = row;
        let (names, calls) = (row.names.join("; "), calls.join(", "));
        let _ = writeln!(page, "| {names} | {calls} | {outcome} | {failed_signatures} | {logins} |");
    }
    page
}

/// Conditions with the same outcome under the same calls.
#[derive(PartialEq)]
struct Row<'a> {
    group: &'a str,
    names: Vec<&'a str>,
    calls: Vec<&'a str>,
    outcome: String,
    failed_signatures: usize,
    logins: usize,
}

impl<'a> Row<'a> {
    fn of(condition: &'a Condition) -> Self {
        Self {
            group: condition.group,
            names: vec![&condition.name],
            calls: vec![condition.call.name()],
            outcome: outcome(condition.call, &condition.expected.phones),
            failed_signatures: condition.expected.failed_signatures,
            logins: condition.expected.logins,
        }
    }

    fn same_outcome(&self, other: &Self) -> bool {
        let key = |row: &Self| (row.group.to_owned(), row.outcome.clone(), row.failed_signatures, row.logins);
        key(self) == key(other)
    }
}

/// First the calls of one condition are grouped, then the conditions of the same calls.
fn rows(conditions: &[Condition]) -> Vec<Row<'_>> {
    let mut by_name: Vec<Row<'_>> = Vec::new();
    for row in conditions.iter().map(Row::of) {
        match by_name.iter_mut().find(|other| other.names == row.names && other.same_outcome(&row)) {
            Some(other) => other.calls.extend(row.calls),
            None => by_name.push(row),
        }
    }
    let mut rows: Vec<Row<'_>> = Vec::new();
    for row in by_name {
        match rows.iter_mut().find(|other| other.calls == row.calls && other.same_outcome(&row)) {
            Some(other) => other.names.extend(row.names),
            None => rows.push(row),
        }
    }
    // The rows of a group are adjacent, in the order in which the groups first occur.
    let mut groups: Vec<&str> = Vec::new();
    rows.iter().for_each(|row| {
        if !groups.contains(&row.group) {
            groups.push(row.group);
        }
    });
    rows.sort_by_key(|row| groups.iter().position(|group| *group == row.group));
    rows
}

/// The outcomes with the phones that have them; the most common one is last.
fn outcome(call: Call, phones: &[Phone]) -> String {
    let mut kinds: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, &phone) in phones.iter().enumerate() {
        let shown = shown(call, phone);
        match kinds.iter_mut().find(|(other, _)| *other == shown) {
            Some((_, of)) => of.push(index),
            None => kinds.push((shown, vec![index])),
        }
    }
    if let [(shown, _)] = kinds.as_slice() {
        return format!("all phones: {shown}");
    }
    let are_most = |of: &[usize]| of.len() > phones.len() / 2;
    kinds.sort_by_key(|(_, of)| (are_most(of), of[0]));
    let parts = kinds.iter().map(|(shown, of)| match are_most(of) {
        true => format!("the others: {shown}"),
        false => format!("{}: {shown}", numbers(of)),
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn numbers(indexes: &[usize]) -> String {
    let runs = indexes.chunk_by(|one, next| one + 1 == *next);
    let shown = |run: &[usize]| match run {
        [first, .., last] => format!("{first} to {last}"),
        other => other.iter().map(usize::to_string).collect(),
    };
    let ranges: Vec<_> = runs.map(shown).collect();
    format!("phone{} {}", if indexes.len() == 1 { "" } else { "s" }, ranges.join(", "))
}

fn shown(call: Call, Phone { end, runs }: Phone) -> String {
    match end {
        End::Done => "done".to_owned(),
        End::Open => "open".to_owned(),
        End::Failed(kind) if runs > call.runs_before() => format!("`{kind}`, executed once"),
        End::Failed(kind) => format!("`{kind}`"),
    }
}
