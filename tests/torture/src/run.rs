//! One run: a call during which one chunk fails.

use std::time::{Duration, Instant};

use koophone::{Error, ErrorKind};
use koophone_emulator::{Emulator, Options};

use crate::call::Call;
use crate::caller::{CallRequest, Caller};
use crate::proxy::{FailureMode, Proxy};

/// Extra time for slow machines, on top of the deadline.
const GRACE: Duration = Duration::from_secs(5);
/// How often a run is repeated because it was too slow to be conclusive.
const TOO_SLOW: usize = 5;
/// With two phones per request, the third is in a second request.
const PHONES: usize = 3;

/// One call, one failure mode, one chunk.
pub struct Run {
    /// The call.
    pub call: Call,
    /// How the chunk fails.
    pub mode: FailureMode,
    /// Whether the login is disturbed as well.
    pub disturb_login: bool,
    /// Which chunk fails.
    pub fails: usize,
    /// Whether it is the last of its series, which must be undisturbed: otherwise not every chunk was tried.
    pub last: bool,
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// Every phone succeeded.
    Success,
    /// With this error, of the call or of the first phone that failed.
    Error(ErrorKind),
}

/// The result of a run.
pub struct RunResult {
    /// How it ended.
    pub ended: Ending,
    /// Whether the chunk that was to fail was reached.
    pub reached: bool,
    /// The number of chunks.
    pub chunks: usize,
}

/// The number of chunks of an undisturbed call.
pub fn chunks(caller: &mut dyn Caller, call: Call, disturb_login: bool) -> Result<usize, String> {
    let undisturbed = Run { call, mode: FailureMode::Close, disturb_login, fails: usize::MAX, last: true };
    run(caller, &undisturbed).map(|result| result.chunks)
}

/// Makes the call and checks the result; an error says what is wrong.
///
/// If the call failed undisturbed because an attempt timed out, the machine was too busy. That proves nothing, so the
/// run is repeated.
pub fn run(caller: &mut dyn Caller, run: &Run) -> Result<RunResult, String> {
    for _ in 0..TOO_SLOW {
        let begin = Instant::now();
        let result = run_once(caller, run)?;
        if result.reached || matches!(result.ended, Ending::Success) {
            return Ok(result);
        }
        if begin.elapsed() < caller.limits(run.mode).attempt {
            return Err(format!("it was not disturbed, but ended as {:?}", result.ended));
        }
    }
    Err(format!("it was not disturbed, but exceeded the attempt timeout {TOO_SLOW} times"))
}

fn run_once(caller: &mut dyn Caller, run: &Run) -> Result<RunResult, String> {
    let Run { call, mode, disturb_login, fails, .. } = *run;
    let options = Options { phones: PHONES, job_duration_ms: 0, reset_duration_ms: 0, ..Options::default() };
    let emulator = Emulator::start(options).map_err(|e| e.to_string())?;
    let upstream = emulator.endpoint().trim_start_matches("http://").parse().map_err(|e| format!("{e}"))?;
    // Taken before the call: a deleted phone is gone after it.
    let ids = emulator.instance_ids();
    call.make_ready(&emulator).map_err(|e| e.to_string())?;
    let prepared = caller.prepare(&emulator, call).map_err(|e| e.to_string())?;
    emulator.clear_journal();
    let proxy = Proxy::start(upstream, mode, fails).map_err(|e| e.to_string())?;
    let url = proxy.url();
    let iam = if disturb_login { url.as_str() } else { emulator.endpoint() };
    let deadline = caller.limits(mode).deadline;
    let begin = Instant::now();
    let replies = caller.call(&CallRequest { call, mode, emulator: &emulator, url: &url, iam, prepared });
    let took = begin.elapsed();
    let (reached, chunks) = (proxy.reached_failing_chunk(), proxy.chunks());
    if took > deadline + GRACE {
        return Err(format!("it took {took:?}, and the deadline was {deadline:?}"));
    }
    // Let everything still in flight arrive before the journal is read.
    drop(proxy);
    let replies = match replies {
        // A call without a list of phones has one result for all.
        Ok(replies) if replies.len() == 1 => vec![replies[0].clone(); ids.len()],
        Ok(replies) => replies,
        Err(error) => vec![Some(error); ids.len()],
    };
    if replies.len() != ids.len() {
        return Err(format!("{} phones were asked, {} results were returned", ids.len(), replies.len()));
    }
    settle(&emulator);
    for (id, error) in ids.iter().zip(&replies) {
        check(&emulator, call, id, error.as_ref())?;
    }
    let ended = replies.iter().flatten().next().map_or(Ending::Success, |error| Ending::Error(error.kind()));
    Ok(RunResult { ended, reached, chunks })
}

/// Waits until no request is in progress.
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

/// Checks that the result for a phone matches what the phone did.
fn check(emulator: &Emulator, call: Call, id: &str, error: Option<&Error>) -> Result<(), String> {
    if let Some(error) = error
        && matches!(error.kind(), ErrorKind::Internal | ErrorKind::Cancelled | ErrorKind::InvalidArgument)
    {
        return Err(format!("it ended as {error}"));
    }
    let Some(kind) = call.recorded() else { return Ok(()) };
    let runs = emulator.journal_of(id).iter().filter(|entry| entry.kind == kind).count();
    match error.map(|error| error.kind()) {
        _ if runs > 1 => Err(format!("phone {id} ran it {runs} times")),
        None if runs == 0 => Err(format!("the result says that phone {id} ran it, but it did not")),
        None | Some(ErrorKind::OutcomeUnknown) => Ok(()),
        Some(kind) if runs == 1 => Err(format!("phone {id} ran it, but the result is {kind}")),
        Some(_) => Ok(()),
    }
}
