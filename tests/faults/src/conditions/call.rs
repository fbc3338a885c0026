//! The calls that are made under the conditions, in one form: how they ended for every phone.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use koophone::{CancelToken, Client, Error, JobResult, OPERATIONS, Operation, Target, WaitOptions};
use koophone_conformance::call::{Make, Returned};
use koophone_conformance::example::{Example, arguments, example, task_starter};
use koophone_conformance::operations;
use koophone_emulator::JournalKind;

use super::{BATCH, End};

/// A call about many phones.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    /// An operation: of the list of phones, or of one phone after the other.
    Operation(&'static Operation),
    /// One reading of a task that was started before the condition applied.
    Poll,
    /// Waiting for the end of such a task.
    Wait,
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

/// How it ended for one phone, and whether the error rules out that it was executed.
pub type PhoneEnd = (End, bool);

/// How it ended for every phone, or as a whole.
pub type PhoneResults = koophone::Result<Vec<PhoneEnd>>;

/// The options of a call.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// On the client's runtime instead of the calling thread.
    pub started: bool,
    /// Cancels it.
    pub cancel: Option<CancelToken>,
    /// Its deadline.
    pub timeout: Option<Duration>,
    /// Counts the calls of the progress callback, which then panics.
    pub panics: Option<Arc<AtomicUsize>>,
}

impl Call {
    /// One of each operation. A task makes the calls that read it, because it knows which job belongs to which phone.
    pub fn operations() -> impl Iterator<Item = Self> {
        OPERATIONS.iter().map(|operation| match operation.target {
            Target::Task => Self::Poll,
            _ => Self::Operation(operation),
        })
    }

    /// The calls that take a list of phones.
    pub fn fleet() -> impl Iterator<Item = Self> {
        Self::operations().filter(|call| call.max_batch().is_some())
    }

    /// The calls that are made for one phone after the other.
    pub fn one_by_one() -> impl Iterator<Item = Self> {
        Self::operations().filter(|call| call.sent().target == Target::Phone)
    }

    fn max_batch(self) -> Option<usize> {
        self.sent().max_batch()
    }

    /// Phones of each of its requests.
    pub fn batch(self) -> usize {
        BATCH.min(self.max_batch().unwrap_or(BATCH))
    }

    /// The phones of the request that is about this one.
    pub fn request_of(self, phone: usize) -> Range<usize> {
        let first = phone / self.batch() * self.batch();
        first..first + self.batch()
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operation(operation) => operation.name,
            Self::Poll => "task.poll",
            Self::Wait => "task.wait",
        }
    }

    /// The operation that is sent.
    pub fn sent(self) -> &'static Operation {
        let reads_a_task = |operation: &&&Operation| operation.target == Target::Task;
        match self {
            Self::Operation(operation) => operation,
            Self::Poll | Self::Wait => OPERATIONS.iter().find(reads_a_task).expect("an operation that reads a task"),
        }
    }

    /// What the suites know about it.
    pub fn example(self) -> &'static Example {
        example(self.sent().name)
    }

    /// The call of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::operations().find(|call| call.name() == name)
    }

    /// Whether it follows a task.
    pub fn follows(self) -> bool {
        matches!(self, Self::Poll | Self::Wait)
    }

    /// What a phone writes into its journal when it executes the call, or what started the task.
    pub fn journal(self) -> Option<JournalKind> {
        match self {
            Self::Operation(operation) => example(operation.name).journal,
            Self::Poll | Self::Wait => example(task_starter().name).journal,
        }
    }

    /// How many entries a phone's journal has after the call was executed once.
    pub fn runs(self) -> usize {
        usize::from(self.journal().is_some())
    }

    /// How many entries a phone's journal has before the call.
    pub fn runs_before(self) -> usize {
        if self.follows() { self.runs() } else { 0 }
    }

    /// Makes the call. `saved` is the task to follow.
    pub fn make(self, client: &Client, ids: &[String], saved: &str, way: &Way) -> PhoneResults {
        let operation = match self {
            Self::Poll => return way.make(client.resume_task(saved)?.poll()).map(|status| jobs(&status.jobs)),
            Self::Wait => {
                let wait = WaitOptions::new();
                let wait = match way.panics.clone() {
                    Some(calls) => wait.on_progress(move |_| panic_in(&calls)),
                    None => wait,
                };
                return way.make(client.resume_task(saved)?.wait(wait)).map(|list| jobs(&list));
            }
            Self::Operation(operation) => operation,
        };
        let call = |ids: &[String]| operations::call(client, operation.name, &arguments(operation, ids, ""), way);
        if operation.target == Target::Phone {
            return ids.iter().map(|id| call(std::slice::from_ref(id)).map(|_| (End::Done, false))).collect();
        }
        Ok(match call(ids)? {
            Returned::PerPhone(phones, _) => {
                phones.iter().map(|phone| phone_end(phone.error.as_ref(), phone.ok)).collect()
            }
            Returned::Task(task) => task.phones().iter().map(|phone| phone_end(phone.error.as_ref(), true)).collect(),
            // About no phone: its outcome is the same for all of them.
            Returned::Value(_) | Returned::Nothing => vec![(End::Done, false); ids.len()],
        })
    }
}

impl Make for Way {
    fn make<T: Send + 'static>(&self, call: koophone::Call<T>) -> koophone::Result<T> {
        let call = self.cancel.iter().fold(call, |call, token| call.cancel_with(token.clone()));
        let call = self.timeout.iter().fold(call, |call, timeout| call.timeout(*timeout));
        if !self.started {
            return call.wait();
        }
        call.start()?.wait(None)?.ok_or_else(|| Error::internal("a call that was waited for has not ended"))
    }
}

/// Panics without the message of the panic hook.
pub fn panic_in(calls: &AtomicUsize) {
    calls.fetch_add(1, Ordering::Relaxed);
    resume_unwind(Box::new("on purpose"));
}

fn phone_end(error: Option<&Error>, ended: bool) -> PhoneEnd {
    match error {
        Some(error) => (End::Failed(error.kind()), !error.maybe_executed()),
        None => (if ended { End::Done } else { End::Open }, false),
    }
}

fn jobs(list: &[JobResult]) -> Vec<PhoneEnd> {
    list.iter().map(|job| phone_end(job.error.as_ref(), job.state.is_final())).collect()
}
