//! Waiting until phones are ready: one verb that reads, repeated for all phones that are not.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::run::on_each;
use super::{Verb, VerbResult, Waited};
use crate::call::{Report, WaitOptions};
use crate::model::{Error, ErrorKind, InstanceId, PhoneResult, Progress, Result};
use crate::pipeline::{CallContext, Phones, batch};
use crate::retry;

const FIRST_INTERVAL: Duration = Duration::from_secs(1);
const LONGEST_INTERVAL: Duration = Duration::from_secs(5);
/// Used if the caller sets no timeout.
const USUAL_TIMEOUT: Duration = Duration::from_secs(300);

/// What is waited for.
pub(crate) struct Goal<V: Verb, T> {
    /// What is read again and again.
    pub verb: V,
    /// Which phones are ready.
    pub ready: Ready<V::Value, T>,
    /// In words: "the phone has not ...".
    pub missing: String,
    /// Whether a phone that cannot be asked may still become ready.
    pub is_patient: bool,
}

/// Decides from what was read of some phones, in order, which of them are ready. An error ends the wait.
pub(crate) type Ready<V, T> = Box<dyn Fn(Vec<V>) -> BoxFuture<'static, Result<Vec<Option<T>>>> + Send + Sync>;

/// Decides for each phone alone, and at once.
pub(crate) fn each<V, T: Send + 'static>(ready: impl Fn(V) -> Option<T> + Send + Sync + 'static) -> Ready<V, T> {
    Box::new(move |values| std::future::ready(Ok(values.into_iter().map(&ready).collect())).boxed())
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
        let (round, verb) = (context.reading(Some(left)), &goal.verb);
        async move { on_each(&round, &open, verb).await }.boxed()
    };
    let mut all: Vec<Waiting<T>> = phones.unique.iter().map(|&id| Waiting::new(id)).collect();
    let end = follow(context, &mut all, &goal, timeout, Report::new(options.on_progress), poll).await;
    let results: Vec<_> = all.into_iter().map(|phone| phone.result(&goal.missing, &end)).collect();
    // A wait returns the list, with the last output of each phone, unless no phone could be asked at all.
    let waited = |error: &Error| matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Cancelled);
    if results.iter().any(|result| result.error().is_none_or(waited)) {
        context.count_errors(&results);
        return Ok(phones.spread(results));
    }
    batch::call_results(context, &phones, results)
}

/// Why waiting ended with phones that are not ready.
enum End {
    TimeUp(Duration),
    Cancelled,
    /// It is unknown which phones are ready.
    Failed(Error),
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
        let polled = open.into_iter().zip(poll(ids, left()).await);
        let read = polled.filter_map(|(at, (result, commands))| {
            all[at].take(result, commands, goal.is_patient).map(|value| (at, value))
        });
        let (places, values): (Vec<_>, Vec<_>) = read.unzip();
        let time_up = End::TimeUp(timeout);
        let decided = tokio::select! {
            biased;
            decided = (goal.ready)(values) => decided,
            () = context.cancelled() => return End::Cancelled,
            () = tokio::time::sleep(left()) => return time_up,
        };
        match decided {
            Ok(decided) => places.into_iter().zip(decided).for_each(|(at, ready)| all[at].ended = ready.map(Ok)),
            Err(error) => return End::Failed(error),
        }
        report.progress(progress(all));
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

    /// What was read, if it was.
    fn take<V>(&mut self, result: VerbResult<V>, commands: u32, is_patient: bool) -> Option<V> {
        self.calls = self.calls.saturating_add(commands);
        self.request_id = result.request_id.or(self.request_id.take());
        self.failure = result.error;
        match (result.value, &self.failure) {
            (Some(value), _) => {
                self.last = Some(result.raw);
                return Some(value);
            }
            (None, Some(error)) if !may_pass(error.kind(), is_patient) => self.ended = Some(Err(error.clone())),
            (None, _) => {}
        }
        None
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
        End::Failed(error) => return error.clone(),
    };
    let last_failure = failure.as_ref().filter(|error| error.kind() != ErrorKind::Cancelled);
    let said = match (last_failure, &last) {
        (Some(error), _) => format!("the last reading failed: {}", error.message()),
        (None, Some(text)) if text.trim().is_empty() => "it last printed nothing".to_owned(),
        (None, Some(text)) => format!("it last printed: {}", text.lines().last().unwrap_or_default()),
        (None, None) => "it was never asked".to_owned(),
    };
    let plural = if calls == 1 { "" } else { "s" };
    Error::new(kind, format!("{missing} {when} and {calls} call{plural}; {said}")).with(|error| {
        error.retryable = true;
        error.attempts = calls;
        error.output = last.filter(|text| !text.is_empty());
        error.request_id = failure.and_then(|failure| failure.request_id().map(str::to_owned));
    })
}
