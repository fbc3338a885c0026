//! One run: one call, one chunk of which fails.

use std::time::{Duration, Instant};

use koophone::blocking::Client;
use koophone::{Answer, Credentials, Error, ErrorKind, VideoSettings};
use koophone_emulator::{Emulator, JournalKind, Options};

use crate::proxy::{Proxy, Way};

/// The deadline of the call.
const DEADLINE: Duration = Duration::from_secs(3);
/// What a slow machine may take on top of it.
const GRACE: Duration = Duration::from_secs(5);
/// Two phones in one request and one in the next.
const PHONES: usize = 3;
const BATCH: &str = "2";

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `run_command`
    RunCommand,
    /// `start_command`
    StartCommand,
    /// `start_command`, undisturbed, then `Task::wait`
    WaitForTask,
    /// `get_task`
    GetTask,
    /// `set_video_settings`
    SetVideoSettings,
    /// `query_status`
    QueryStatus,
    /// `reset_instances`
    ResetInstances,
    /// `get_device_token`
    GetDeviceToken,
}

/// All of them.
pub const OPERATIONS: [Operation; 8] = [
    Operation::RunCommand,
    Operation::StartCommand,
    Operation::WaitForTask,
    Operation::GetTask,
    Operation::SetVideoSettings,
    Operation::QueryStatus,
    Operation::ResetInstances,
    Operation::GetDeviceToken,
];

impl Operation {
    /// Its name in the core.
    pub fn name(self) -> &'static str {
        match self {
            Self::RunCommand => "run_command",
            Self::StartCommand => "start_command",
            Self::WaitForTask => "wait",
            Self::GetTask => "get_task",
            Self::SetVideoSettings => "set_video_settings",
            Self::QueryStatus => "query_status",
            Self::ResetInstances => "reset_instances",
            Self::GetDeviceToken => "get_device_token",
        }
    }

    /// What the journal shows of it, where doing it twice does harm.
    fn recorded(self) -> Option<JournalKind> {
        match self {
            Self::RunCommand | Self::StartCommand => Some(JournalKind::Command),
            Self::ResetInstances => Some(JournalKind::Reset),
            _ => None,
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub enum Ended {
    /// Every phone did well.
    Well,
    /// In this error, of the call or of the first phone that failed.
    As(ErrorKind),
}

/// What came of a run.
pub struct Came {
    /// How it ended.
    pub ended: Ended,
    /// Whether the chunk that should fail came at all.
    pub struck: bool,
    /// How many there were.
    pub chunks: usize,
}

/// How many chunks an undisturbed call has.
pub fn chunks(operation: Operation, with_log_in: bool) -> Result<usize, String> {
    run(operation, Way::Close, usize::MAX, with_log_in).map(|came| came.chunks)
}

/// Makes the call, and says what is not as it must be. `with_log_in`: the log-in is disturbed as well.
pub fn run(operation: Operation, way: Way, fails: usize, with_log_in: bool) -> Result<Came, String> {
    let options = Options { phones: PHONES, job_duration_ms: 0, reset_duration_ms: 0, ..Options::default() };
    let emulator = Emulator::start(options).map_err(|e| e.to_string())?;
    let upstream = emulator.endpoint().trim_start_matches("http://").parse().map_err(|e| format!("{e}"))?;
    let ids = emulator.instance_ids();
    let undisturbed = client(&emulator, emulator.endpoint(), emulator.endpoint(), way).map_err(|e| e.to_string())?;
    let task = match operation {
        Operation::GetTask | Operation::WaitForTask => {
            Some(undisturbed.start_command(&ids, "echo x").map_err(|e| e.to_string())?)
        }
        _ => None,
    };
    emulator.clear_journal();
    let proxy = Proxy::start(upstream, way, fails).map_err(|e| e.to_string())?;
    let url = proxy.url();
    let iam = if with_log_in { url.as_str() } else { emulator.endpoint() };
    let client = client(&emulator, &url, iam, way).map_err(|e| e.to_string())?;
    let begin = Instant::now();
    let answers = call(&client, operation, &ids, task.as_ref());
    let took = begin.elapsed();
    let (struck, chunks) = (proxy.has_struck(), proxy.chunks());
    if took > DEADLINE + GRACE {
        return Err(format!("it took {took:?}, and the deadline was {DEADLINE:?}"));
    }
    // What is still on its way to the phones arrives before the journal is read.
    drop(proxy);
    drop(client);
    let answers = answers.unwrap_or_else(|error| vec![Some(error); ids.len()]);
    if answers.len() != ids.len() {
        return Err(format!("{} phones were asked and {} answered", ids.len(), answers.len()));
    }
    settle(&emulator);
    for (id, error) in ids.iter().zip(&answers) {
        check(&emulator, operation, id, error.as_ref())?;
    }
    let ended = answers.iter().flatten().next().map_or(Ended::Well, |error| Ended::As(error.kind));
    if !struck && !matches!(ended, Ended::Well) {
        return Err(format!("nothing disturbed it and it ended as {ended:?}"));
    }
    Ok(Came { ended, struck, chunks })
}

/// Waits until no request is being worked on.
fn settle(emulator: &Emulator) {
    let begin = Instant::now();
    while begin.elapsed() < GRACE {
        let open = |request: &koophone_emulator::RequestEntry| request.status == koophone_emulator::RequestStatus::Open;
        if !emulator.requests().iter().any(open) {
            return;
        }
        std::thread::yield_now();
    }
}

/// What the caller was told of a phone is what the phone did.
fn check(emulator: &Emulator, operation: Operation, id: &str, error: Option<&Error>) -> Result<(), String> {
    if let Some(error) = error
        && matches!(error.kind, ErrorKind::Internal | ErrorKind::Cancelled | ErrorKind::InvalidArgument)
    {
        return Err(format!("it ended as {error}"));
    }
    let Some(kind) = operation.recorded() else { return Ok(()) };
    let runs = emulator.journal_of(id).iter().filter(|entry| entry.kind == kind).count();
    match error.map(|error| error.kind) {
        _ if runs > 1 => Err(format!("phone {id} ran it {runs} times")),
        None if runs == 0 => Err(format!("phone {id} is said to have done it, and did not")),
        None | Some(ErrorKind::OutcomeUnknown) => Ok(()),
        Some(kind) if runs == 1 => Err(format!("phone {id} ran it, but the caller is told {kind}")),
        Some(_) => Ok(()),
    }
}

/// Only a stall is waited out; anything else is noticed at once, on a slow machine a little later.
fn attempt_timeout(way: Way) -> &'static str {
    if way == Way::Stall { "700ms" } else { "2500ms" }
}

fn client(emulator: &Emulator, endpoint: &str, iam: &str, way: Way) -> koophone::Result<Client> {
    let own = emulator.credentials();
    let builder = koophone::Client::builder()
        .environment([])
        .endpoint(endpoint)
        .iam_endpoint(iam)
        .region(&own.region)
        .credentials(Credentials::password(&own.user, &own.password, &own.account_domain))
        .timeout(DEADLINE)
        .setting("proxy", "none")
        .setting("attempt_timeout", attempt_timeout(way))
        .setting("batch_size", BATCH)
        .setting("concurrency", "1");
    builder.build().map(Client::from)
}

/// One error or none per phone.
fn call(
    client: &Client,
    operation: Operation,
    ids: &[String],
    task: Option<&koophone::blocking::Task>,
) -> koophone::Result<Vec<Option<Error>>> {
    fn errors<T: Answer>(answers: Vec<T>) -> Vec<Option<Error>> {
        let lost = || Error::new(ErrorKind::Internal, "no state and no error");
        answers.iter().map(|answer| answer.error().cloned().or_else(|| (!answer.ok()).then(lost))).collect()
    }
    let phones =
        |task: koophone::blocking::Task| task.inner().phones().iter().map(|phone| phone.error.clone()).collect();
    let of_task = || task.ok_or_else(|| Error::new(ErrorKind::Internal, "no task"));
    Ok(match operation {
        Operation::RunCommand => errors(client.run_command(ids, "echo x")?),
        Operation::StartCommand => phones(client.start_command(ids, "echo x")?),
        Operation::WaitForTask => errors(client.resume_task(&of_task()?.save())?.wait(Some(DEADLINE))?),
        Operation::GetTask => client.get_task(&of_task()?.inner().task_ids()[0]).map(|_| vec![None; ids.len()])?,
        Operation::SetVideoSettings => errors(client.set_video_settings(ids, VideoSettings::default())?),
        Operation::QueryStatus => errors(client.query_status(ids)?),
        Operation::ResetInstances => phones(client.reset_instances(ids)?),
        Operation::GetDeviceToken => client.get_device_token(&ids[0]).map(|_| vec![None; ids.len()])?,
    })
}
