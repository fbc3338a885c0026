//! Makes every single I/O operation between client and service fail, one after the other, in several ways: for each
//! operation, chunk 0 fails in one run, chunk 1 in another, and so on up to a run that is not disturbed any more.
//!
//! Every run must end within its deadline, in success or in one of the error kinds, and with as many results as phones;
//! no phone may run a command twice, and a call that says "nothing was executed" must be right. The last line is
//! `N passed, N failed, N skipped`.

mod proxy;
mod run;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;

use self::proxy::Way;
use self::run::{Came, Ended, OPERATIONS, Operation};

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
}

/// One operation, one way to fail, one chunk.
struct Run {
    operation: Operation,
    way: Way,
    /// Whether the log-in is disturbed as well.
    with_log_in: bool,
    fails: usize,
    /// The last of its series must be undisturbed, or not every chunk has had its turn.
    last: bool,
}

#[derive(Default)]
struct Tally {
    successes: usize,
    kinds: BTreeMap<&'static str, usize>,
    problems: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let operations: Vec<Operation> =
        OPERATIONS.into_iter().filter(|operation| operation.name().contains(&arguments.only)).collect();
    let (mut runs, mut tally) = (Vec::new(), Tally::default());
    for operation in operations {
        for with_log_in in [false, true] {
            match run::chunks(operation, with_log_in) {
                Ok(chunks) => runs.extend(series(operation, with_log_in, chunks)),
                Err(why) => tally.problems.push(format!("{} undisturbed: {why}", operation.name())),
            }
        }
    }
    let next = AtomicUsize::new(0);
    let shared = Mutex::new(&mut tally);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let came = run::run(run.operation, run.way, run.fails, run.with_log_in);
                    shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take(run, came);
                }
            });
        }
    });
    tally.problems.iter().for_each(|problem| println!("{problem}"));
    println!("{} runs; {} succeeded, the others ended as {:?}", runs.len(), tally.successes, tally.kinds);
    let failed = tally.problems.len();
    println!("{} passed, {failed} failed, 0 skipped", runs.len().saturating_sub(failed));
    if failed == 0 && !runs.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn series(operation: Operation, with_log_in: bool, chunks: usize) -> impl Iterator<Item = Run> {
    let last = chunks + MORE;
    let of_way =
        move |way| (0..=last).map(move |fails| Run { operation, way, with_log_in, fails, last: fails == last });
    Way::ALL.into_iter().flat_map(of_way)
}

impl Tally {
    fn take(&mut self, run: &Run, came: Result<Came, String>) {
        let place = || format!("{}, {:?} of chunk {}", run.operation.name(), run.way, run.fails);
        match came {
            Ok(Came { struck: true, .. }) if run.last => {
                self.problems.push(format!("{}: calls have more chunks than were tried", place()));
            }
            Ok(Came { ended: Ended::Well, .. }) => self.successes += 1,
            Ok(Came { ended: Ended::As(kind), .. }) => *self.kinds.entry(kind.name()).or_default() += 1,
            Err(why) => self.problems.push(format!("{}: {why}", place())),
        }
    }
}
