//! Tasks: detached, or followed to their end.

use clap::Args;
use koophone::{ErrorKind, JobResult, JobState, PhoneResults, Result, Task};
use serde_json::json;

use crate::failure::{Failure, RunResult};
use crate::outcomes;
use crate::output::{brief_without_output, word};
use crate::session::Session;
use crate::table::{Cell, Table, Tone};

/// What to do with a task that was started.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct FollowArgs {
    /// Wait until every phone has finished (the default), at most --timeout
    #[arg(long, conflicts_with = "detach")]
    wait: bool,
    /// Do not wait: print the task, for koophone task wait
    #[arg(long)]
    detach: bool,
}

impl FollowArgs {
    /// Prints the task, or waits for it and prints the results.
    pub fn finish(&self, session: &Session, task: &Task) -> RunResult {
        if self.detach {
            return detach(session, task);
        }
        wait(session, task)
    }

    /// The same for older services that return no task. Then `what` is the header of the column of accepted phones, and
    /// `note` says how to see the result.
    pub fn finish_or_accepted(&self, session: &Session, task: &Task, what: &'static str, note: &str) -> RunResult {
        // For programs --detach has one format, whatever the service returned.
        if task.can_be_followed() || (self.detach && session.output.style.json) {
            return self.finish(session, task);
        }
        outcomes::show(session, task.phones(), what, "accepted")?;
        session.output.note(&format!("the service returned no task to follow; {note}"));
        Ok(task.phones().raise_for_errors()?)
    }

    /// Whether one of the two was given.
    pub fn given(&self) -> bool {
        self.wait || self.detach
    }
}

/// Waits for the end of `task` and prints one row per phone.
pub(crate) fn wait(session: &Session, task: &Task) -> RunResult {
    let jobs = session.call(task.wait(session.wait_options()?)).map_err(|error| {
        // The commands continue after an aborted wait, and only the saved task knows which job belongs to which phone.
        let continues = !matches!(error.kind(), ErrorKind::InvalidArgument | ErrorKind::NotFound);
        Failure::Call { error, saved_task: continues.then(|| task.save()) }
    })?;
    // The results can be read again if the output is lost.
    session.output.keep_task(task.save());
    show_jobs(session, &jobs, &jobs)?;
    Ok(jobs.raise_for_errors()?)
}

fn detach(session: &Session, task: &Task) -> RunResult {
    let output = &session.output;
    // The task is stored nowhere else.
    output.keep_task(task.save());
    output.needs_reader();
    if output.style.json {
        output.json(&description(task))?;
    } else {
        // Alone on standard output, so that TASK=$(koophone exec ...) contains nothing else.
        output.text(&format!("{}\n", task.save()));
        output.note("to resume it: koophone task wait TASK, or koophone task show TASK");
    }
    let refused = task.phones().iter().find_map(|phone| phone.error.clone());
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// A task as JSON.
pub(crate) fn description(task: &Task) -> serde_json::Value {
    json!({
        "saved_task": task.save(),
        "operation": task.operation(),
        "task_ids": task.task_ids(),
        "phones": task.phones(),
    })
}

/// Prints jobs, or `value` as JSON.
pub(crate) fn show_jobs(session: &Session, value: &impl serde::Serialize, jobs: &[JobResult]) -> Result<()> {
    session.output.show(value, || {
        let mut table = Table::new(["PHONE", "JOB", "STATE", "OUTPUT", "ERROR"]);
        for job in jobs {
            let refused = job.job_id.is_none() && job.error.as_ref().is_some_and(|error| !error.maybe_executed());
            table.row([
                job.instance_id.map(String::from).unwrap_or_default().into(),
                job.job_id.as_deref().unwrap_or("").into(),
                job_state(job.state, refused),
                cut(&job.output, job.output_truncated).into(),
                brief_without_output(job.error.as_ref()).into(),
            ]);
        }
        table
    })
}

/// The state of a command in a table. `refused`: certainly nothing ran, unlike "unknown".
pub(crate) fn job_state(state: JobState, refused: bool) -> Cell {
    let tone = match state {
        JobState::Unknown if refused => return Cell::toned("not run", Tone::Bad),
        JobState::Succeeded => Tone::Good,
        JobState::Failed => Tone::Bad,
        _ => Tone::Plain,
    };
    Cell::toned(word(&state), tone)
}

/// Output, marked if the service truncated it.
pub(crate) fn cut(output: &str, truncated: bool) -> String {
    match truncated {
        true => format!("{output} [truncated by the service]"),
        false => output.to_owned(),
    }
}
