//! The state of a task: which phone has which job, and the state of each.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::model::{JobResult, JobState, Progress, TaskPhone, TaskStatus};

/// The part of a task that can be saved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub operation: String,
    pub task_ids: Vec<String>,
    pub phones: Vec<TaskPhone>,
}

impl Saved {
    /// Whether the service returned anything to follow.
    pub fn can_be_followed(&self) -> bool {
        !self.task_ids.is_empty()
    }
}

/// Counts jobs.
pub(crate) fn progress_of(jobs: &[JobResult]) -> Progress {
    let mut progress = Progress { total: jobs.len() as u64, ..Progress::default() };
    for job in jobs {
        match job.state {
            JobState::Succeeded => progress.succeeded += 1,
            JobState::Failed => progress.failed += 1,
            _ if job.error.is_some() => progress.failed += 1,
            _ => progress.running += 1,
        }
    }
    progress
}

pub(crate) fn status_of(jobs: Vec<JobResult>) -> TaskStatus {
    let progress = progress_of(&jobs);
    TaskStatus { finished: progress.running == 0 && progress.total > 0, jobs, progress }
}

/// The known jobs of a task, with an index.
pub(crate) struct Jobs {
    pub list: Vec<JobResult>,
    place: HashMap<String, usize>,
    /// Entries for the same job as an earlier one, because the caller named a phone twice.
    repeats: Vec<(usize, usize)>,
    /// The task each entry belongs to; none if nothing was started.
    pub task_of: Vec<Option<String>>,
}

impl Jobs {
    pub fn of(phones: &[TaskPhone]) -> Self {
        let mut jobs = Self { list: Vec::new(), place: HashMap::new(), repeats: Vec::new(), task_of: Vec::new() };
        for phone in phones {
            if let Some(job) = &phone.job_id {
                let at = jobs.list.len();
                let first = *jobs.place.entry(job.clone()).or_insert(at);
                if first != at {
                    jobs.repeats.push((at, first));
                }
            }
            jobs.task_of.push(phone.task_id.clone());
            jobs.list.push(JobResult {
                instance_id: Some(phone.instance_id),
                job_id: phone.job_id.clone(),
                state: JobState::Unknown,
                status: None,
                output: String::new(),
                output_truncated: false,
                error: phone.error.clone(),
            });
        }
        jobs
    }

    /// Applies a reading of task `task_id`. Jobs that it does not name keep their last state; for a task resumed from
    /// its bare id, unknown jobs are added.
    pub fn update(&mut self, task_id: &str, reading: Vec<JobResult>, bare: bool) {
        for job in reading {
            let Some(job_id) = job.job_id.clone() else { continue };
            match self.place.get(&job_id) {
                Some(&at) => {
                    let instance_id = self.list[at].instance_id;
                    let error = match (job.error, instance_id) {
                        (Some(error), Some(id)) => Some(error.about(id)),
                        (error, _) => error,
                    };
                    self.list[at] = JobResult { instance_id, error, ..job };
                }
                None if bare => {
                    self.place.insert(job_id, self.list.len());
                    self.task_of.push(Some(task_id.to_owned()));
                    self.list.push(job);
                }
                None => {}
            }
        }
        for &(at, first) in &self.repeats {
            self.list[at] = self.list[first].clone();
        }
    }

    /// The entries of one task that have not ended.
    pub fn open(&mut self, task_id: &str) -> impl Iterator<Item = &mut JobResult> {
        let of_task = self.task_of.iter().map(move |of| of.as_deref() == Some(task_id));
        self.list.iter_mut().zip(of_task).filter_map(|(job, mine)| mine.then_some(job)).filter(|job| !has_ended(job))
    }
}

pub(crate) fn has_ended(job: &JobResult) -> bool {
    job.state.is_final() || job.error.is_some()
}
