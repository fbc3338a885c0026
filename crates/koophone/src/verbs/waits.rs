//! Waiting until phones are ready: one verb that reads, repeated for all phones that are not.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::run::on_each;
use super::{Effect, OneCommand, Output, Verb, VerbResult, Waited, row};
use crate::call::{CallOptions, Report, WaitOptions};
use crate::model::{Error, ErrorKind, InstanceId, Operation, PhoneResult, Progress, Result};
use crate::operations::validate;
use crate::pipeline::{CallContext, Phones, batch};
use crate::retry;

const FIRST_INTERVAL: Duration = Duration::from_secs(1);
const LONGEST_INTERVAL: Duration = Duration::from_secs(5);
/// Where the caller gives no timeout.
const USUAL_TIMEOUT: Duration = Duration::from_secs(300);

/// What is waited for.
pub(crate) struct Goal<V: Verb, T> {
    /// What is read again and again.
    pub verb: V,
    /// The value, where the phone is ready.
    pub ready: Box<dyn Fn(V::Value) -> Option<T> + Send + Sync>,
    /// In words: "the phone has not ...".
    pub missing: String,
    /// Whether a phone that cannot be asked may still become ready.
    pub is_patient: bool,
}

/// Waits until every phone is ready, or the time is up.
pub(crate) async fn wait<V: Verb, T: Clone + Send + 'static>(
    context: &CallContext,
    phones: Phones,
    goal: Goal<V, T>,
    options: WaitOptions,
) -> Result<Vec<VerbResult<Waited<T>>>> {
    goal.verb.validate()?;
    let timeout = options.timeout.or(context.options().timeout).unwrap_or(USUAL_TIMEOUT);
    let poll = |open: Vec<InstanceId>, left| {
        let CallOptions { cancel, traceparent, .. } = context.options().clone();
        let options = CallOptions { timeout: Some(left), cancel, traceparent, ..CallOptions::default() };
        let (round, verb) = (CallContext::new(context.inner().clone(), options), &goal.verb);
        async move { on_each(&round, &open, verb).await }.boxed()
    };
    let mut all: Vec<Waiting<T>> = phones.unique.iter().map(|&id| Waiting::new(id)).collect();
    let end = follow(context, &mut all, &goal, timeout, Report::new(options.on_progress), poll).await;
    let results: Vec<_> = all.into_iter().map(|phone| phone.result(&goal.missing, &end)).collect();
    // A list that was waited for comes back, with the last answers in it; not so if no phone could be asked at all.
    let waited = |error: &Error| matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Cancelled);
    if results.iter().any(|result| result.error().is_none_or(waited)) {
        context.count_errors(&results);
        return Ok(phones.spread(results));
    }
    batch::whole(context, &phones, results)
}

/// Why waiting ended with phones that are not ready.
enum End {
    TimeUp(Duration),
    Cancelled,
}

type Polled<V> = Vec<(VerbResult<V>, u32)>;

async fn follow<'a, V: Verb, T>(
    context: &CallContext,
    all: &mut [Waiting<T>],
    goal: &Goal<V, T>,
    timeout: Duration,
    mut report: Report,
    poll: impl Fn(Vec<InstanceId>, Duration) -> BoxFuture<'a, Polled<V::Value>>,
) -> End {
    let begin = Instant::now();
    let left = || timeout.saturating_sub(begin.elapsed());
    let mut interval = FIRST_INTERVAL;
    report.progress(progress(all));
    loop {
        let open: Vec<usize> = (0..all.len()).filter(|&at| all[at].ended.is_none()).collect();
        let ids = open.iter().map(|&at| all[at].instance_id).collect();
        for (at, (result, commands)) in open.into_iter().zip(poll(ids, left()).await) {
            all[at].take(goal, result, commands);
        }
        report.progress(progress(all));
        let time_up = End::TimeUp(timeout);
        if context.is_cancelled() {
            return End::Cancelled;
        }
        if all.iter().all(|phone| phone.ended.is_some()) || left().is_zero() {
            return time_up;
        }
        let pause = interval.mul_f64(1.0 + 0.2 * retry::random()).min(left());
        interval = (interval * 3 / 2).min(LONGEST_INTERVAL);
        if context.unless_cancelled(tokio::time::sleep(pause)).await.is_err() {
            return End::Cancelled;
        }
        if left().is_zero() {
            return time_up;
        }
    }
}

fn progress<T>(all: &[Waiting<T>]) -> Progress {
    let count = |what: fn(&Waiting<T>) -> bool| all.iter().filter(|phone| what(phone)).count() as u64;
    Progress {
        succeeded: count(|phone| matches!(phone.ended, Some(Ok(_)))),
        failed: count(|phone| matches!(phone.ended, Some(Err(_)))),
        running: count(|phone| phone.ended.is_none()),
        total: all.len() as u64,
    }
}

/// A phone that is waited for.
struct Waiting<T> {
    instance_id: InstanceId,
    calls: u32,
    /// What it printed when it was last asked with success.
    last: Option<String>,
    /// Why it could not be asked the last time.
    failure: Option<Error>,
    request_id: Option<String>,
    ended: Option<Result<T>>,
}

impl<T> Waiting<T> {
    fn new(instance_id: InstanceId) -> Self {
        Self { instance_id, calls: 0, last: None, failure: None, request_id: None, ended: None }
    }

    fn take<V: Verb>(&mut self, goal: &Goal<V, T>, result: VerbResult<V::Value>, commands: u32) {
        self.calls = self.calls.saturating_add(commands);
        self.request_id = result.request_id.or(self.request_id.take());
        self.failure = result.error;
        match (result.value, &self.failure) {
            (Some(value), _) => {
                self.last = Some(result.raw);
                self.ended = (goal.ready)(value).map(Ok);
            }
            (None, Some(error)) if may_pass(error.kind(), goal.is_patient) => {}
            (None, Some(error)) => self.ended = Some(Err(error.clone())),
            (None, None) => {}
        }
    }

    fn result(self, missing: &str, end: &End) -> VerbResult<Waited<T>> {
        let Self { instance_id, calls, last, failure, request_id, ended } = self;
        let raw = last.clone().unwrap_or_default();
        let (value, error) = match ended {
            Some(Ok(value)) => (Some(Waited { value, calls }), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, Some(not_ready(missing, end, calls, last, failure).about(instance_id))),
        };
        let truncated = raw.len() >= super::output::SHORTEST_CUT;
        VerbResult { instance_id, value, raw, truncated, request_id, error }
    }
}

/// Whether a failure to ask is no reason to stop.
fn may_pass(kind: ErrorKind, is_patient: bool) -> bool {
    use ErrorKind::{Cancelled, CommandFailed, Network, NotFound, Protocol, Rejected, Throttled, Timeout, Unavailable};
    match kind {
        Network | Protocol | Throttled | Timeout | Unavailable | Cancelled => true,
        // A phone that restarts is not there, and its services come one after the other.
        CommandFailed | NotFound | Rejected => is_patient,
        _ => false,
    }
}

fn not_ready(missing: &str, end: &End, calls: u32, last: Option<String>, failure: Option<Error>) -> Error {
    let (kind, when) = match end {
        End::TimeUp(timeout) => (ErrorKind::Timeout, format!("after {timeout:?}")),
        End::Cancelled => (ErrorKind::Cancelled, "when its caller cancelled the wait".to_owned()),
    };
    let last_failure = failure.as_ref().filter(|error| error.kind() != ErrorKind::Cancelled);
    let said = match (last_failure, &last) {
        (Some(error), _) => format!("the last reading failed: {}", error.message()),
        (None, Some(text)) if text.trim().is_empty() => "it last printed nothing".to_owned(),
        (None, Some(text)) => format!("it last printed: {}", text.lines().last().unwrap_or_default()),
        (None, None) => "it was never asked".to_owned(),
    };
    Error::new(kind, format!("{missing} {when} and {calls} calls; {said}")).with(|error| {
        error.retryable = true;
        error.attempts = calls;
        error.output = last.filter(|text| !text.is_empty());
        error.request_id = failure.and_then(|failure| failure.request_id().map(str::to_owned));
    })
}

const WAIT_UNTIL: Operation = row(
    "wait_until",
    "Repeats a command that only reads, until what it prints is as wanted.",
    Effect::Reads,
    &[],
    "TextResult",
);

/// Any command that only reads. A command that fails has no answer yet.
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
