//! Runs verbs: the phones whose next command is the same are in one request.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, stream};

use super::{Output, Step, Verb, VerbResult};
use crate::model::{Error, ErrorKind, InstanceId, JobState, Result};
use crate::operations::run_command::{CommandRequest, Data, WireResult};
use crate::pipeline::{CallContext, Parts, Phones, Trace, batch};
use crate::wire::json;

/// Runs a verb on every phone. A phone that fails is left out of the rest.
pub(crate) async fn run<V: Verb>(context: &CallContext, phones: Phones, verb: &V) -> Result<Vec<VerbResult<V::Value>>> {
    verb.validate()?;
    let ended = on_each(context, &phones.unique, verb).await;
    batch::call_results(context, &phones, ended.into_iter().map(|(result, _)| result).collect())
}

/// The same with one result for each phone whatever happens, and how many commands were sent to it.
pub(crate) async fn on_each<V: Verb>(
    context: &CallContext,
    phones: &[InstanceId],
    verb: &V,
) -> Vec<(VerbResult<V::Value>, u32)> {
    let mut all = OnPhones { verb, phones: phones.iter().map(|&id| OnPhone::new(id, verb.begin(id))).collect() };
    // In a box, so that this is compiled once and not for every verb.
    drive(context, &mut all, V::LONG).boxed().await;
    all.phones.into_iter().map(|phone| (phone.result, phone.commands)).collect()
}

/// Sends commands until no phone has another one.
async fn drive(context: &CallContext, all: &mut dyn Commands, is_long: bool) {
    loop {
        let groups = groups(all.next());
        if groups.is_empty() {
            return;
        }
        let renewed = is_long.then(|| context.renewed());
        let round = renewed.as_ref().unwrap_or(context);
        let requests: Vec<_> =
            groups.iter().map(|group| async move { (group, send(round, &group.step, &group.ids).await) }).collect();
        let done: Vec<_> = stream::iter(requests).buffer_unordered(context.settings().concurrency).collect().await;
        for (group, results) in done {
            for (&at, result) in group.places.iter().zip(results) {
                all.take(at, &group.step, result);
            }
        }
    }
}

/// A verb on some phones, whichever verb it is.
trait Commands: Send {
    /// The next command of each phone that has one, with the phone's place.
    fn next(&self) -> Vec<(usize, InstanceId, Step)>;

    /// Reads the result of a command on the phone at this place.
    fn take(&mut self, at: usize, step: &Step, received: StepResult);
}

struct OnPhones<'a, V: Verb> {
    verb: &'a V,
    phones: Vec<OnPhone<V>>,
}

impl<V: Verb> Commands for OnPhones<'_, V> {
    fn next(&self) -> Vec<(usize, InstanceId, Step)> {
        let open = self.phones.iter().enumerate().filter(|(_, phone)| phone.is_open);
        open.map(|(at, phone)| (at, phone.result.instance_id, self.verb.next(&phone.known))).collect()
    }

    fn take(&mut self, at: usize, step: &Step, received: StepResult) {
        self.phones[at].take(self.verb, step, received);
    }
}

/// Phones with the same next command.
struct Group {
    step: Step,
    ids: Vec<InstanceId>,
    places: Vec<usize>,
}

fn groups(next: Vec<(usize, InstanceId, Step)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (at, id, step) in next {
        let place = *known.entry(step.command.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { step, ids: Vec::new(), places: Vec::new() });
        }
        groups[place].ids.push(id);
        groups[place].places.push(at);
    }
    groups
}

/// The result of one command on one phone.
enum StepResult {
    Received(WireResult, Arc<Trace>),
    Failed(Error),
}

async fn send(context: &CallContext, step: &Step, phones: &[InstanceId]) -> Vec<StepResult> {
    let request = |batch| {
        async move {
            let request = CommandRequest { instance_ids: batch, command: step.command.as_str().into() };
            let parts = Parts { body: Some(json::to_bytes(&request)?), ..Parts::default() };
            let (data, trace) = context.send::<Data>(step.operation, parts).await?;
            let items = data.map(|data| data.cmd_results).unwrap_or_default();
            let trace = Arc::new(trace);
            let missing = |id| StepResult::Failed(trace.missing(step.operation).about(id));
            Ok(batch::join(batch, items, |_, item| StepResult::Received(item, trace.clone()), missing))
        }
        .boxed()
    };
    let failed = |id, error: &Error| StepResult::Failed(error.clone().about(id));
    batch::each_batch(context, step.operation, phones, request, failed).await
}

/// A verb on one phone.
struct OnPhone<V: Verb> {
    known: V::Known,
    result: VerbResult<V::Value>,
    is_open: bool,
    commands: u32,
    /// Whether a command succeeded that does not only read.
    has_acted: bool,
}

impl<V: Verb> OnPhone<V> {
    fn new(instance_id: InstanceId, known: V::Known) -> Self {
        let result = VerbResult {
            instance_id,
            value: None,
            raw: String::new(),
            truncated: false,
            request_id: None,
            error: None,
        };
        Self { known, result, is_open: true, commands: 0, has_acted: false }
    }

    fn take(&mut self, verb: &V, step: &Step, received: StepResult) {
        let is_sent = !matches!(&received, StepResult::Failed(error) if error.attempts() == 0);
        self.commands = self.commands.saturating_add(u32::from(is_sent));
        let error = match received {
            StepResult::Received(item, trace) => match self.read(verb, step, item, &trace) {
                Ok(None) => {
                    self.has_acted |= !step.operation.read_only;
                    return;
                }
                Ok(value) => {
                    self.result.value = value;
                    self.is_open = false;
                    return;
                }
                Err(error) => error.about(self.result.instance_id),
            },
            StepResult::Failed(error) => {
                // What the last command printed has nothing to do with this failure.
                (self.result.raw, self.result.truncated) = (String::new(), false);
                self.result.request_id = error.request_id().map(str::to_owned);
                error
            }
        };
        let Some(error) = verb.clean_up(&mut self.known, error) else { return };
        self.result.error = Some(error.with(|error| {
            if let Some(done) = verb.done_so_far(&self.known) {
                error.message = format!("{} ({done})", error.message);
            }
            error.maybe_executed |= self.has_acted;
            error.retryable &= V::OPERATION.idempotent || !self.has_acted;
        }));
        self.is_open = false;
    }

    fn read(&mut self, verb: &V, step: &Step, item: WireResult, trace: &Trace) -> Result<Option<V::Value>> {
        let output = Output { text: &item.execute_msg, truncated: item.is_cut(), operation: step.operation };
        let value = match item.state() {
            JobState::Succeeded => verb.read(&mut self.known, &output).map_err(|error| trace.attach_to(error)),
            JobState::Failed => {
                let error = failure(step, &item, trace);
                // A phone that ran nothing has failed too, and has printed nothing either.
                let ran = error.kind() == ErrorKind::CommandFailed;
                ran.then(|| verb.read_failed(&output)).flatten().map(Some).ok_or(error)
            }
            _ => Err(trace.unreadable(step.operation)),
        };
        self.result.truncated = item.is_cut();
        self.result.request_id = Some(trace.request_id().to_owned());
        self.result.raw = item.execute_msg;
        value
    }
}

fn failure(step: &Step, item: &WireResult, trace: &Trace) -> Error {
    let unreadable = || trace.unreadable(step.operation);
    let nothing_changed = step.operation.read_only;
    item.error(trace).unwrap_or_else(unreadable).with(|error| error.maybe_executed &= !nothing_changed)
}
