//! The calls that are made under the conditions, in one form: how they ended for every phone.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use koophone::{CancelToken, Client, Error, JobResult, PhoneResult, TaskPhone, VideoSettings, WaitOptions};
use koophone_emulator::JournalKind;

use super::End;

/// A call about many phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `run_command`
    Run,
    /// `start_command`
    Start,
    /// `reset_instances`
    Reset,
    /// `set_video_settings`
    Video,
    /// `query_status`
    Status,
    /// One reading of a task that was started before, without the condition.
    Poll,
    /// Waiting for the end of such a task.
    Wait,
    /// `get_device_token`, for one phone after the other.
    DeviceToken,
}

/// How it ended for one phone, and whether the error rules out that it was executed.
pub type Answered = (End, bool);

/// How it ended for every phone, or as a whole.
pub type PhoneResults = koophone::Result<Vec<Answered>>;

/// What a call is given beside the phones.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// On the client's runtime instead of the calling thread.
    pub started: bool,
    /// Cancels it.
    pub cancel: Option<CancelToken>,
    /// Its deadline.
    pub timeout: Option<Duration>,
    /// Counts how often the progress callback was called, which then panics.
    pub panics: Option<Arc<AtomicUsize>>,
}

impl Call {
    /// The calls that take a list of phones.
    pub const FLEET: [Call; 5] = [Self::Run, Self::Start, Self::Reset, Self::Video, Self::Status];
    /// One of each operation.
    pub const OPERATIONS: [Call; 7] =
        [Self::Run, Self::Start, Self::Reset, Self::Video, Self::Status, Self::Poll, Self::DeviceToken];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Poll => "task.poll",
            Self::Wait => "task.wait",
            _ => self.operation(),
        }
    }

    /// The operation that is sent.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Run => "run_command",
            Self::Start => "start_command",
            Self::Reset => "reset_instances",
            Self::Video => "set_video_settings",
            Self::Status => "query_status",
            Self::Poll | Self::Wait => "get_task",
            Self::DeviceToken => "get_device_token",
        }
    }

    /// The call of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::OPERATIONS.into_iter().find(|call| call.name() == name)
    }

    /// Whether doing it twice changes something twice.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Run | Self::Start | Self::Reset)
    }

    /// Whether it follows a task.
    pub const fn follows(self) -> bool {
        matches!(self, Self::Poll | Self::Wait)
    }

    /// What a phone writes into its journal when it executes the call, or what started the task.
    pub const fn journal(self) -> JournalKind {
        match self {
            Self::Reset => JournalKind::Reset,
            Self::Video => JournalKind::VideoSettings,
            _ => JournalKind::Command,
        }
    }

    /// How often a phone has run something after the call was executed once.
    pub const fn runs(self) -> usize {
        !matches!(self, Self::Status | Self::DeviceToken) as usize
    }

    /// How often a phone has run something before the call.
    pub const fn runs_before(self) -> usize {
        self.follows() as usize
    }

    /// Makes the call. `saved` is the task to follow.
    pub fn make(self, client: &Client, ids: &[String], saved: &str, way: &Way) -> PhoneResults {
        match self {
            Self::Run => finish(client.run_command(ids, "echo x"), way, answers),
            Self::Start => finish(client.start_command(ids, "echo x"), way, |task| phones(task.phones())),
            Self::Reset => finish(client.reset_instances(ids), way, |task| phones(task.phones())),
            Self::Video => finish(client.set_video_settings(ids, VideoSettings::default()), way, answers),
            Self::Status => finish(client.query_status(ids), way, answers),
            Self::Poll => finish(client.resume_task(saved)?.poll(), way, |status| jobs(status.jobs)),
            Self::Wait => {
                let wait = WaitOptions { timeout: None, on_progress: None };
                let wait = match way.panics.clone() {
                    Some(calls) => WaitOptions { on_progress: Some(Box::new(move |_| panic_in(&calls))), ..wait },
                    None => wait,
                };
                finish(client.resume_task(saved)?.wait(wait), way, jobs)
            }
            Self::DeviceToken => {
                ids.iter().map(|id| finish(client.get_device_token(id), way, |_| (End::Done, false))).collect()
            }
        }
    }
}

/// Panics without the message of the panic hook.
pub fn panic_in(calls: &AtomicUsize) {
    calls.fetch_add(1, Ordering::Relaxed);
    resume_unwind(Box::new("on purpose"));
}

fn finish<T: Send + 'static, R>(call: koophone::Call<T>, way: &Way, read: impl FnOnce(T) -> R) -> koophone::Result<R> {
    let call = way.cancel.iter().fold(call, |call, token| call.cancel_with(token.clone()));
    let call = way.timeout.iter().fold(call, |call, timeout| call.timeout(*timeout));
    if !way.started {
        return call.wait().map(read);
    }
    let ended = call.start()?.wait(None)?;
    ended.map(read).ok_or_else(|| Error::internal("a call that was waited for has not ended"))
}

fn answered(error: Option<&Error>, ended: bool) -> Answered {
    match error {
        Some(error) => (End::Failed(error.kind()), !error.maybe_executed()),
        None => (if ended { End::Done } else { End::Open }, false),
    }
}

fn answers<T: PhoneResult>(list: Vec<T>) -> Vec<Answered> {
    list.iter().map(|answer| answered(answer.error(), answer.ok())).collect()
}

fn phones(list: &[TaskPhone]) -> Vec<Answered> {
    list.iter().map(|phone| answered(phone.error.as_ref(), true)).collect()
}

fn jobs(list: Vec<JobResult>) -> Vec<Answered> {
    list.iter().map(|job| answered(job.error.as_ref(), job.state.is_final())).collect()
}
