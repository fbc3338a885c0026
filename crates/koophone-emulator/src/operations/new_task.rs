//! The task of an operation: its jobs, their journal entries, and the response.

use serde_json::json;

use crate::ids::IdKind;
use crate::journal::JournalKind;
use crate::operations::envelope::{success, task_data};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::Reply;
use crate::world::{Job, Outcome, Task, TaskKind, World};

/// A task under construction.
#[derive(Debug)]
pub(super) struct NewTask {
    id: String,
    kind: TaskKind,
    jobs: Vec<Job>,
    /// Whether the response names the task.
    is_returned: bool,
}

impl NewTask {
    pub(super) fn new(world: &mut World, kind: TaskKind) -> Self {
        let mut id = world.ids.hex32(IdKind::Task);
        match kind {
            TaskKind::Reset if world.has(Quirk::RmTaskIds) => id.insert_str(0, "RM_"),
            TaskKind::Install => id.insert_str(0, "ZGCA"),
            _ => {}
        }
        // docs/spec/wire-notes.md#9: an installation always had its task.
        let is_returned = kind == TaskKind::Install || !world.has(Quirk::ResetWithoutTask);
        Self { id, kind, jobs: Vec::new(), is_returned }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// An id for the next job. Those of installations contain more than digits.
    pub(super) fn job_id(&self, world: &mut World) -> String {
        let id = world.ids.hex32(IdKind::Job);
        if self.kind == TaskKind::Install { format!("{id}_{}", self.jobs.len() + 1) } else { id }
    }

    /// Adds a job, and writes into the journal what the phone does.
    pub(super) fn add(
        &mut self,
        world: &mut World,
        received: &Received,
        kind: JournalKind,
        detail: Option<&str>,
        job: Job,
    ) {
        let ids = self.is_returned.then_some((self.id.as_str(), job.job_id.as_str()));
        world.record(kind, &job.instance_id, detail, ids, received.x_request_id());
        self.jobs.push(job);
    }

    /// Keeps the task and makes the response.
    pub(super) fn response(self, world: &mut World, listed: &[String]) -> Reply {
        if !self.is_returned {
            return success(world.quirks, None);
        }
        let mut data = task_data(world, &self.id, &self.jobs, listed);
        if world.has(Quirk::ResetTaskNested) {
            data = json!({"data": data});
        }
        let created_ms = world.clock.now_ms();
        world.tasks.add(self.id, Task { created_ms, kind: self.kind, jobs: self.jobs });
        success(world.quirks, Some(data))
    }
}

/// The outcome of a job that is not a command.
pub(super) fn outcome(fails: bool) -> Outcome {
    if fails { Outcome::job_failed() } else { Outcome::good(None) }
}
