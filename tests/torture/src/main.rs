//! Makes every single I/O operation between client and service fail, one at a time, in several ways: for each
//! operation, chunk 0 fails in the first run, chunk 1 in the next, and so on until a run completes undisturbed.
//!
//! Every run must end within its deadline, with success or one of the error kinds, and with one result per phone; no
//! phone may run a command twice, and an error that says "nothing was executed" must be right. The calls are made by
//! the core, or by a C program under valgrind, which must then find nothing. The last line is `N passed, N failed, N
//! skipped`.

mod call;
mod caller;
mod program;
mod proxy;
mod run;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use clap::Parser;

use self::call::Call;
use self::caller::Core;
use self::program::Program;
use self::proxy::FailureMode;
use self::run::{Ending, Run, RunResult};

/// Concurrent runs; they spend most of their time waiting.
const THREADS: usize = 64;
/// A disturbed call may need this many more chunks than an undisturbed one.
const EXTRA_CHUNKS: usize = 8;

/// Makes every I/O operation fail, one at a time.
#[derive(Parser)]
struct Arguments {
    /// Only operations whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// A program that makes the calls under valgrind, and its arguments; by default the core makes them in this
    /// process.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<String>,
}

#[derive(Default)]
struct Tally {
    tests: usize,
    successes: usize,
    kinds: BTreeMap<&'static str, usize>,
    problems: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted = |call: &Call| call.name().contains(&arguments.only);
    let tally = Mutex::new(Tally::default());
    if arguments.program.is_empty() {
        by_core(Call::all().filter(wanted), &tally);
    } else {
        by_program(&arguments.program, Call::all().filter(|call| program::supports(*call)).filter(wanted), &tally);
    }
    tally.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()).print()
}

/// Runs every operation, with and without a disturbed login, many at a time.
fn by_core(calls: impl Iterator<Item = Call>, tally: &Mutex<Tally>) {
    let mut runs = Vec::new();
    for call in calls {
        for disturb_login in [false, true] {
            match run::chunks(&mut Core, call, disturb_login) {
                Ok(chunks) => {
                    runs.extend(FailureMode::ALL.iter().flat_map(|mode| series(call, *mode, disturb_login, chunks)))
                }
                Err(why) => lock(tally).problem(format!("{} undisturbed: {why}", call.name())),
            }
        }
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = run::run(&mut Core, run);
                    lock(tally).record(run, result);
                }
            });
        }
    });
}

/// Starts two processes per operation, one of them for stalls, which take until the attempt times out.
fn by_program(command: &[String], calls: impl Iterator<Item = Call>, tally: &Mutex<Tally>) {
    std::thread::scope(|scope| {
        for call in calls {
            for modes in [&[FailureMode::Reset, FailureMode::Close, FailureMode::Half][..], &[FailureMode::Stall]] {
                scope.spawn(move || {
                    let result = several_series(command, call, modes, tally);
                    lock(tally).end(&format!("{}, {modes:?}", call.name()), result);
                });
            }
        }
    });
}

fn several_series(command: &[String], call: Call, modes: &[FailureMode], tally: &Mutex<Tally>) -> Result<(), String> {
    let mut program = Program::start(command)?;
    let chunks = run::chunks(&mut program, call, true)?;
    for run in modes.iter().flat_map(|mode| series(call, *mode, true, chunks)) {
        let result = run::run(&mut program, &run);
        lock(tally).record(&run, result);
    }
    program.end()
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn series(call: Call, mode: FailureMode, disturb_login: bool, chunks: usize) -> impl Iterator<Item = Run> {
    let last = chunks + EXTRA_CHUNKS;
    (0..=last).map(move |fails| Run { call, mode, disturb_login, fails, last: fails == last })
}

impl Tally {
    fn record(&mut self, run: &Run, result: Result<RunResult, String>) {
        self.tests += 1;
        let place = || format!("{}, {:?} of chunk {}", run.call.name(), run.mode, run.fails);
        match result {
            Ok(RunResult { reached: true, .. }) if run.last => {
                self.problem(format!("{}: the call has more chunks than were tried", place()));
            }
            Ok(RunResult { ended: Ending::Success, .. }) => self.successes += 1,
            Ok(RunResult { ended: Ending::Error(kind), .. }) => *self.kinds.entry(kind.name()).or_default() += 1,
            Err(why) => self.problem(format!("{}: {why}", place())),
        }
    }

    /// How a program exits is a test too: valgrind must have found nothing.
    fn end(&mut self, place: &str, result: Result<(), String>) {
        self.tests += 1;
        if let Err(why) = result {
            self.problem(format!("{place}: {why}"));
        }
    }

    fn problem(&mut self, problem: String) {
        println!("{problem}");
        self.problems += 1;
    }

    fn print(&self) -> ExitCode {
        println!("{} tests; {} calls succeeded, the others ended as {:?}", self.tests, self.successes, self.kinds);
        println!("{} passed, {} failed, 0 skipped", self.tests.saturating_sub(self.problems), self.problems);
        if self.problems == 0 && self.tests > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
