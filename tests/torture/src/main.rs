//! Makes every single I/O operation between client and service fail, one after the other, in several ways: for each
//! operation, chunk 0 fails in one run, chunk 1 in another, and so on up to a run that is not disturbed any more.
//!
//! Every run must end within its deadline, in success or in one of the error kinds, and with as many results as phones;
//! no phone may run a command twice, and a call that says "nothing was executed" must be right. The core makes the
//! calls, or a program in C under valgrind, which must then find nothing. The last line is `N passed, N failed, N
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
use self::proxy::Way;
use self::run::{Came, Ended, Run};

/// Runs at the same time. They wait more than they work.
const THREADS: usize = 64;
/// A disturbed call may need more chunks than an undisturbed one.
const MORE: usize = 8;

/// Makes every I/O operation fail, one after the other.
#[derive(Parser)]
struct Arguments {
    /// Only operations whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// A program that makes the calls, under valgrind, with its arguments; without one the core makes them here.
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
        by_program(&arguments.program, Call::all().filter(|call| program::can(*call)).filter(wanted), &tally);
    }
    tally.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()).tell()
}

/// Every operation, with the login disturbed and not, many at a time.
fn by_core(calls: impl Iterator<Item = Call>, tally: &Mutex<Tally>) {
    let mut runs = Vec::new();
    for call in calls {
        for with_log_in in [false, true] {
            match run::chunks(&mut Core, call, with_log_in) {
                Ok(chunks) => runs.extend(Way::ALL.iter().flat_map(|way| series(call, *way, with_log_in, chunks))),
                Err(why) => lock(tally).problem(format!("{} undisturbed: {why}", call.name())),
            }
        }
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let came = run::run(&mut Core, run);
                    lock(tally).take(run, came);
                }
            });
        }
    });
}

/// Two processes for every operation, each of which makes the calls of its series: stalls are waited out meanwhile.
fn by_program(command: &[String], calls: impl Iterator<Item = Call>, tally: &Mutex<Tally>) {
    std::thread::scope(|scope| {
        for call in calls {
            for ways in [&[Way::Reset, Way::Close, Way::Half][..], &[Way::Stall]] {
                scope.spawn(move || {
                    let came = several_series(command, call, ways, tally);
                    lock(tally).end(&format!("{}, {ways:?}", call.name()), came);
                });
            }
        }
    });
}

fn several_series(command: &[String], call: Call, ways: &[Way], tally: &Mutex<Tally>) -> Result<(), String> {
    let mut program = Program::start(command)?;
    let chunks = run::chunks(&mut program, call, true)?;
    for run in ways.iter().flat_map(|way| series(call, *way, true, chunks)) {
        let came = run::run(&mut program, &run);
        lock(tally).take(&run, came);
    }
    program.end()
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn series(call: Call, way: Way, with_log_in: bool, chunks: usize) -> impl Iterator<Item = Run> {
    let last = chunks + MORE;
    (0..=last).map(move |fails| Run { call, way, with_log_in, fails, last: fails == last })
}

impl Tally {
    fn take(&mut self, run: &Run, came: Result<Came, String>) {
        self.tests += 1;
        let place = || format!("{}, {:?} of chunk {}", run.call.name(), run.way, run.fails);
        match came {
            Ok(Came { struck: true, .. }) if run.last => {
                self.problem(format!("{}: calls have more chunks than were tried", place()));
            }
            Ok(Came { ended: Ended::Well, .. }) => self.successes += 1,
            Ok(Came { ended: Ended::As(kind), .. }) => *self.kinds.entry(kind.name()).or_default() += 1,
            Err(why) => self.problem(format!("{}: {why}", place())),
        }
    }

    /// A program's end is a test as well: valgrind was on, and has found nothing.
    fn end(&mut self, place: &str, came: Result<(), String>) {
        self.tests += 1;
        if let Err(why) = came {
            self.problem(format!("{place}: {why}"));
        }
    }

    fn problem(&mut self, problem: String) {
        println!("{problem}");
        self.problems += 1;
    }

    fn tell(&self) -> ExitCode {
        println!("{} tests; {} calls succeeded, the others ended as {:?}", self.tests, self.successes, self.kinds);
        println!("{} passed, {} failed, 0 skipped", self.tests.saturating_sub(self.problems), self.problems);
        if self.problems == 0 && self.tests > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
