//! Runs one cell of the matrix.

use koophone::{Client, Error, Target};
use koophone_conformance::call::Waiting;
use koophone_conformance::example::{arguments, example, make_ready, start_task};
use koophone_conformance::operations;
use koophone_emulator::{Emulator, JournalKind, Options};
use serde_json::{Value, json};

use crate::address::Addresses;
use crate::table::{Fault, Operation, Outcome, Phase, Place};
use crate::verbs;

/// Phones in one request of the phase with three.
const BATCH: usize = 2;

/// Phones of each request of an operation.
fn batch(operation: &Operation) -> usize {
    BATCH.min(operation.max_batch().unwrap_or(BATCH))
}
/// The limit of attempts that nothing slows down.
const LONG: &str = "30s";
/// Seconds, longer than a call's deadline.
const RETRY_AFTER: u32 = 120;

/// The result of a cell: the outcome, and how often each phone that the fault could strike ran the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Came {
    /// As the caller saw it.
    pub outcome: Outcome,
    /// As in the phone's journal; for an order, how often it was accepted.
    pub runs: usize,
}

/// Runs the call under the fault, and reports what differs from the expectation.
pub fn run(fault: &Fault, operation: &Operation, phase: Phase, addresses: &Addresses) -> Result<Came, String> {
    let batch = batch(operation);
    let count = if phase == Phase::SecondOfThree { 3 * batch } else { 1 };
    let ids: Vec<String> = (0..count).map(|n| format!("phone{n}")).collect();
    let files = json!({verbs::PACKAGE: "PK"});
    let options = json!({"instance_ids": ids, "files": files, "job_duration_ms": 0, "reset_duration_ms": 0});
    let options = Options::from_json(&options.to_string()).map_err(|e| e.to_string())?;
    let emulator = Emulator::start(options).map_err(|e| e.to_string())?;
    let endpoint = match &fault.place {
        Place::Emulator(_) => emulator.endpoint().to_owned(),
        Place::Address(address) => addresses.url(*address),
    };
    let client = client(&emulator, &endpoint, attempt_timeout(fault)).map_err(|e| e.to_string())?;
    // A task to read, started without a fault.
    let fine = self::client(&emulator, emulator.endpoint(), LONG).map_err(|e| e.to_string())?;
    let task = match operation.target {
        Target::Task => start_task(&fine, &ids).map_err(|e| e.to_string())?.task_ids()[0].clone(),
        _ => String::new(),
    };
    let ready =
        if verbs::is_verb(operation) { verbs::make_ready(&fine, &ids) } else { make_ready(&fine, operation, &ids) };
    ready.map_err(|e| e.to_string())?;
    emulator.clear_journal();
    if let Place::Emulator(action) = &fault.place {
        emulator.add_faults(faults_of(action.clone(), operation, phase)?).map_err(|e| e.to_string())?;
    }
    let results = verbs::call(&client, operation, &ids).unwrap_or_else(|| {
        let given = arguments(operation, &ids, &task);
        operations::call(&client, operation.name, &given, &Waiting).map(|returned| returned.errors())
    });
    let said = said(&results);
    let outcome = match phase {
        Phase::SecondOfThree => outcome_of_second(results, batch, fault.single)?,
        _ => outcome_of_whole(results),
    };
    let struck = ids[if phase == Phase::SecondOfThree { batch } else { 0 }].as_str();
    let journal = journal(operation);
    let entries = |id: &str| if operation.costs_money { emulator.journal() } else { emulator.journal_of(id) };
    let (begin, _) = verbs::struck_command(operation);
    let is_it = |command: &Option<String>| begin.is_empty() || command.as_ref().is_some_and(|it| it.starts_with(begin));
    let of = |id: &str| entries(id).iter().filter(|entry| Some(entry.kind) == journal && is_it(&entry.command)).count();
    // What the fault did not strike ran once, whatever else happened.
    let recorded = journal.is_some();
    if phase == Phase::SecondOfThree && recorded {
        // A refusal about one phone does not affect the other phones of its request.
        let end = if fault.single { batch + 1 } else { 2 * batch };
        let others = ids[..batch].iter().chain(&ids[end..]);
        if let Some(wrong) = others.into_iter().find(|id| of(id) != 1) {
            return Err(format!("{wrong}, which the fault did not strike, ran it {} times", of(wrong)));
        }
    }
    // A read changes nothing, whether it ran or not.
    if recorded && !operation.read_only && of(struck) > 0 && said == Some(false) {
        return Err(format!("{struck} ran it, but its error says that nothing was executed"));
    }
    Ok(Came { outcome, runs: of(struck) })
}

/// What the journal shows of the call. An order is recorded with the phone that it creates.
fn journal(operation: &Operation) -> Option<JournalKind> {
    match operation {
        _ if operation.costs_money => Some(JournalKind::Create),
        _ if verbs::is_verb(operation) => Some(JournalKind::Command),
        _ => example(operation.name).journal,
    }
}

/// How often the struck phone must have run the call, or how many orders there must be.
pub fn expected_runs(fault: &Fault, operation: &Operation, phase: Phase) -> usize {
    let outcome = fault.expected(operation, phase);
    if journal(operation).is_none() || matches!(fault.place, Place::Address(_)) {
        return 0;
    }
    let struck = match outcome {
        // Done in spite of it: at the first attempt if the fault does no harm, otherwise at the second.
        Outcome { kind: None, .. } if fault.other == [Outcome { kind: None, attempts: 0 }; 2] => 0,
        Outcome { kind: None, .. } => 1,
        Outcome { attempts, .. } => attempts as usize,
    };
    struck * usize::from(fault.executes) + usize::from(outcome.kind.is_none())
}

/// Short if a response never arrives, otherwise so long that no busy machine reaches it.
fn attempt_timeout(fault: &Fault) -> &'static str {
    match &fault.place {
        Place::Emulator(action) if action["action"] == "no_response" || action["action"] == "drip" => "500ms",
        _ => LONG,
    }
}

fn client(emulator: &Emulator, endpoint: &str, attempt_timeout: &str) -> koophone::Result<Client> {
    let builder = Client::builder()
        .environment(emulator.environment())
        .endpoint(endpoint)
        .setting("allow_http", "true")
        .setting("proxy", "none")
        .setting("max_attempts", "2")
        .setting("retry_delay", "20ms")
        .setting("timeout", "60s")
        .setting("attempt_timeout", attempt_timeout)
        .setting("batch_size", BATCH.to_string());
    builder.build()
}

fn faults_of(mut fault: Value, operation: &Operation, phase: Phase) -> Result<Vec<koophone_emulator::Fault>, String> {
    // A verb is a command to the service.
    fault["operation"] = json!(if verbs::is_verb(operation) { "run_command" } else { operation.name });
    fault["times"] = json!(u32::from(phase == Phase::First));
    fault["after"] = json!(verbs::struck_command(operation).1);
    if phase == Phase::SecondOfThree {
        fault["instance_id"] = json!(format!("phone{}", batch(operation)));
    }
    // A throttled call continues until its deadline. Here it is certain that the deadline is reached first.
    let lasts = phase != Phase::First;
    match (fault["action"].as_str(), fault["status"].as_u64()) {
        (Some("throttle"), _) if lasts => fault["retry_after"] = json!(RETRY_AFTER),
        (Some("response"), Some(429)) if lasts => fault["headers"] = json!({"retry-after": RETRY_AFTER.to_string()}),
        _ => {}
    }
    koophone_emulator::Fault::list_from_json(&fault.to_string()).map_err(|e| e.to_string())
}

type Results = koophone::Result<Vec<Option<Error>>>;

fn outcome_of(error: Option<&Error>) -> Outcome {
    match error {
        None => Outcome { kind: None, attempts: 0 },
        Some(error) => Outcome { kind: Some(error.kind()), attempts: error.attempts() },
    }
}

/// Whether anything was executed according to the errors: true if one of them does not rule it out; none without an
/// error.
fn said(results: &Results) -> Option<bool> {
    match results {
        Ok(results) => results.iter().flatten().map(|error| error.maybe_executed()).reduce(|one, other| one || other),
        Err(error) => Some(error.maybe_executed()),
    }
}

fn outcome_of_whole(results: Results) -> Outcome {
    match results {
        Ok(results) => outcome_of(results.iter().flatten().next()),
        Err(error) => outcome_of(Some(&error)),
    }
}

/// The first and third batch must succeed; the phones of the second must all be alike, or all but the first succeed.
fn outcome_of_second(results: Results, batch: usize, single: bool) -> Result<Outcome, String> {
    let results = results.map_err(|e| format!("the whole call failed: {e}"))?;
    if results.len() != 3 * batch {
        return Err(format!("{} phones were asked and there are {} results", 3 * batch, results.len()));
    }
    let batches: Vec<Vec<Outcome>> =
        results.chunks(batch).map(|batch| batch.iter().map(|error| outcome_of(error.as_ref())).collect()).collect();
    if batches[0].iter().chain(&batches[2]).any(|outcome| outcome.kind.is_some()) {
        return Err(format!("a batch that the fault did not strike failed: {batches:?}"));
    }
    let others = &batches[1][1..];
    if others.iter().any(|outcome| if single { outcome.kind.is_some() } else { *outcome != batches[1][0] }) {
        return Err(format!("phones of one request have different outcomes: {batches:?}"));
    }
    Ok(batches[1][0])
}
