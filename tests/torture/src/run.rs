//! One run: one call, one chunk of which fails.

use std::time::{Duration, Instant};

use koophone::{Error, ErrorKind};
use koophone_emulator::{Emulator, Options};

use crate::call::Call;
use crate::caller::{Asked, Caller};
use crate::proxy::{Proxy, Way};

/// What a slow machine may take on top of the deadline.
const GRACE: Duration = Duration::from_secs(5);
/// How often a run may be too slow to say anything.
const TOO_SLOW: usize = 5;
/// With two in a request, the last is in another than the first.
const PHONES: usize = 3;

/// One operation, one way to fail, one chunk.
pub struct Run {
    /// What is called.
    pub call: Call,
    /// How the chunk fails.
    pub way: Way,
    /// Whether the login is disturbed as well.
    pub with_log_in: bool,
    /// Which chunk fails.
    pub fails: usize,
    /// The last of its series must be undisturbed, or not every chunk has had its turn.
    pub last: bool,
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
pub fn chunks(caller: &mut dyn Caller, call: Call, with_log_in: bool) -> Result<usize, String> {
    let undisturbed = Run { call, way: Way::Close, with_log_in, fails: usize::MAX, last: true };
    run(caller, &undisturbed).map(|came| came.chunks)
}

/// Makes the call, and says what is not as it must be.
///
/// Where nothing was to be disturbed any more, and an attempt took all its time even so, the machine was busy with
/// something else; that says nothing, and the call is made again.
pub fn run(caller: &mut dyn Caller, run: &Run) -> Result<Came, String> {
    for _ in 0..TOO_SLOW {
        let begin = Instant::now();
        let came = once(caller, run)?;
        if came.struck || matches!(came.ended, Ended::Well) {
            return Ok(came);
        }
        if begin.elapsed() < caller.limits(run.way).attempt {
            return Err(format!("nothing disturbed it and it ended as {:?}", came.ended));
        }
    }
    Err(format!("nothing disturbed it, and {TOO_SLOW} times it took longer than an attempt may"))
}

fn once(caller: &mut dyn Caller, run: &Run) -> Result<Came, String> {
    let Run { call, way, with_log_in, fails, .. } = *run;
    let options = Options { phones: PHONES, job_duration_ms: 0, reset_duration_ms: 0, ..Options::default() };
    let emulator = Emulator::start(options).map_err(|e| e.to_string())?;
    let upstream = emulator.endpoint().trim_start_matches("http://").parse().map_err(|e| format!("{e}"))?;
    // As they are before the call: a deleted phone is gone after it.
    let ids = emulator.instance_ids();
    call.make_ready(&emulator).map_err(|e| e.to_string())?;
    let prepared = caller.prepare(&emulator, call).map_err(|e| e.to_string())?;
    emulator.clear_journal();
    let proxy = Proxy::start(upstream, way, fails).map_err(|e| e.to_string())?;
    let url = proxy.url();
    let iam = if with_log_in { url.as_str() } else { emulator.endpoint() };
    let deadline = caller.limits(way).deadline;
    let begin = Instant::now();
    let answers = caller.call(&Asked { call, way, emulator: &emulator, url: &url, iam, prepared });
    let took = begin.elapsed();
    let (struck, chunks) = (proxy.has_struck(), proxy.chunks());
    if took > deadline + GRACE {
        return Err(format!("it took {took:?}, and the deadline was {deadline:?}"));
    }
    // What is still on its way to the phones arrives before the journal is read.
    drop(proxy);
    let answers = match answers {
        // What is not about a list of phones has one end for all.
        Ok(answers) if answers.len() == 1 => vec![answers[0].clone(); ids.len()],
        Ok(answers) => answers,
        Err(error) => vec![Some(error); ids.len()],
    };
    if answers.len() != ids.len() {
        return Err(format!("{} phones were asked and {} answered", ids.len(), answers.len()));
    }
    settle(&emulator);
    for (id, error) in ids.iter().zip(&answers) {
        check(&emulator, call, id, error.as_ref())?;
    }
    let ended = answers.iter().flatten().next().map_or(Ended::Well, |error| Ended::As(error.kind()));
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
        None if runs == 0 => Err(format!("phone {id} is said to have done it, and did not")),
        None | Some(ErrorKind::OutcomeUnknown) => Ok(()),
        Some(kind) if runs == 1 => Err(format!("phone {id} ran it, but the caller is told {kind}")),
        Some(_) => Ok(()),
    }
}
