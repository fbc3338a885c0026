//! Commands: validation, execution on each phone, and the two ways to get the results.

use serde_json::{Value, json};

use crate::command::check_command;
use crate::ids::IdKind;
use crate::journal::{JournalEntry, JournalKind};
use crate::operations::envelope::{arrange, success, task_data};
use crate::operations::fields::json_object;
use crate::operations::targets::{MOST_PHONES, Targets, targets};
use crate::quirk::Quirk;
use crate::shell::{self, Finished};
use crate::text::response_text;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Job, Outcome, Task, TaskKind, World};

/// The cause of a command, for the journal.
struct Cause<'a> {
    via: &'static str,
    task_id: Option<&'a str>,
    job_id: Option<&'a str>,
    x_request_id: Option<String>,
}

pub(super) fn run_command(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let (command, Targets { unique, listed }) = read(world, received)?;
    let mut longest_ms = 0;
    let mut results = Vec::new();
    for id in &unique {
        let cause = Cause { via: "sync", task_id: None, job_id: None, x_request_id: received.x_request_id() };
        let (outcome, duration_ms) = run_on(world, id, &command, cause);
        longest_ms = longest_ms.max(duration_ms);
        results.push((id, outcome.to_json(world.quirks, "instance_id", id)));
    }
    let listed: Vec<Value> = listed
        .iter()
        .filter_map(|id| results.iter().find(|(other, _)| *other == id).map(|(_, result)| result.clone()))
        .collect();
    let listed = arrange(world, listed, Quirk::MissingInstances);
    let mut reply = success(world.quirks, Some(json!({"cmd_results": listed})));
    reply.hold_ms = longest_ms;
    Ok(reply)
}

pub(super) fn start_command(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let (command, Targets { unique, listed }) = read(world, received)?;
    let task_id = world.ids.hex32(IdKind::Task);
    let now = world.clock.now_ms();
    let mut jobs = Vec::new();
    for id in &unique {
        let job_id = world.ids.hex32(IdKind::Job);
        let cause = Cause {
            via: "async",
            task_id: Some(&task_id),
            job_id: Some(&job_id),
            x_request_id: received.x_request_id(),
        };
        let (outcome, duration_ms) = run_on(world, id, &command, cause);
        let duration_ms = duration_ms.saturating_add(world.options.job_duration_ms);
        let done_at_ms = now.saturating_add(i64::try_from(duration_ms).unwrap_or(i64::MAX));
        jobs.push(Job { job_id, instance_id: id.clone(), done_at_ms, outcome });
    }
    let data = task_data(world, &task_id, &jobs, &listed);
    world.tasks.add(task_id, Task { created_ms: now, kind: TaskKind::Command, jobs });
    Ok(success(world.quirks, Some(data)))
}

fn read(world: &World, received: &Received) -> Result<(String, Targets), Refusal> {
    let body = json_object(received)?;
    let command =
        body.get("command").and_then(Value::as_str).ok_or_else(|| Refusal::parameter("command is not text"))?;
    check_command(world.quirks, command).map_err(Refusal::parameter)?;
    Ok((command.to_owned(), targets(world, &body, "instance_ids", MOST_PHONES)?))
}

/// Runs the command on one phone and writes it into the journal. A phone that is not running runs nothing.
fn run_on(world: &mut World, instance_id: &str, command: &str, cause: Cause<'_>) -> (Outcome, u64) {
    if !world.fleet.is_running(instance_id) {
        return (Outcome::no_phone(), 0);
    }
    let now = world.clock.now_ms();
    let finished = match world.rules.take(instance_id, command) {
        Some(rule) => {
            Finished { output: rule.stdout.into_bytes(), exit_status: rule.exit_status, duration_ms: rule.duration_ms }
        }
        None => match (world.fleet.get_mut(instance_id), world.ahead.remove(instance_id)) {
            (Some(phone), Some((finished, data))) => {
                phone.data = data;
                finished
            }
            (Some(phone), None) => shell::run(phone, now, command),
            (None, _) => return (Outcome::no_phone(), 0),
        },
    };
    world.journal.add(|sequence| JournalEntry {
        sequence,
        time_ms: now,
        kind: JournalKind::Command,
        instance_id: instance_id.to_owned(),
        command: Some(command.to_owned()),
        via: Some(cause.via),
        task_id: cause.task_id.map(str::to_owned),
        job_id: cause.job_id.map(str::to_owned),
        x_request_id: cause.x_request_id,
        exit_status: Some(finished.exit_status),
        detail: None,
    });
    let text = response_text(&finished.output, world.quirks);
    let outcome = if finished.exit_status == 0 { Outcome::good(Some(text)) } else { Outcome::command_failed(text) };
    (outcome, finished.duration_ms)
}
