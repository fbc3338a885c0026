//! The fault matrix: every operation and verb under every fault in every phase. Each cell has one asserted outcome: the
//! error's kind, the attempts made, and how often the phone ran the call. The conditions of a second table have one for
//! each phone of a fleet.
//!
//! `koophone-faults --write docs/fault-matrix.md` writes it down; `--check` compares the file with this run. The last
//! line is `N passed, N failed, N skipped`.

mod address;
mod cell;
mod condition_page;
mod conditions;
mod gateways;
mod page;
mod table;
mod verbs;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;

use self::address::Addresses;
use self::cell::Came;
use self::table::{Fault, Operation, Phase, Place};

/// Cells that run at the same time. They mostly wait.
const THREADS: usize = 16;

/// Runs the fault matrix.
#[derive(Parser)]
struct Arguments {
    /// Writes the matrix to this file.
    #[arg(long)]
    write: Option<PathBuf>,
    /// Fails if this file differs from what would be written.
    #[arg(long)]
    check: Option<PathBuf>,
    /// Makes this call for this many phones, for a matrix that started this process with few file descriptors.
    #[arg(long, hide = true, num_args = 2)]
    in_child: Option<Vec<String>>,
}

/// A cell to run.
struct Cell<'a> {
    fault: &'a Fault,
    operation: &'a Operation,
    phase: Phase,
}

impl Cell<'_> {
    fn makes_sense(&self) -> bool {
        if self.fault.only_ordering && !self.operation.costs_money {
            return false;
        }
        match (&self.fault.place, self.phase) {
            // A wrong address affects every request.
            (Place::Address(_), phase) => phase == Phase::Every,
            // A pause, or a refused credential, also affects the next commands of the other batches.
            (_, Phase::SecondOfThree) if verbs::continues(self.operation) && self.fault.concerns_next_calls() => false,
            (_, Phase::SecondOfThree) if verbs::uses_all_time(self.operation, &self.fault.name) => false,
            (_, Phase::SecondOfThree) => self.operation.max_batch().is_some(),
            _ => true,
        }
    }

    fn expected(&self) -> Came {
        let outcome = verbs::outcome(self.operation, self.fault.expected(self.operation, self.phase));
        Came { outcome, runs: cell::expected_runs(self.fault, self.operation, self.phase) }
    }

    fn problem(&self, addresses: &Addresses) -> Option<String> {
        let place = format!("{} × {} × {}", self.operation.name, self.fault.name, self.phase.name());
        match cell::run(self.fault, self.operation, self.phase, addresses) {
            Ok(came) if came == self.expected() => None,
            Ok(came) => Some(format!("{place}: expected {:?}, came {came:?}", self.expected())),
            Err(why) => Some(format!("{place}: {why}")),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some([call, phones]) = arguments.in_child.as_deref() {
        return match conditions::run_in_child(call, phones) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let faults: Vec<_> = table::faults().into_iter().chain(gateways::faults()).collect();
    let conditions = conditions::all();
    let addresses = match Addresses::new() {
        Ok(addresses) => addresses,
        Err(error) => {
            println!("{error}\n0 passed, 1 failed, 0 skipped");
            return ExitCode::FAILURE;
        }
    };
    let cells: Vec<Cell<'_>> = faults
        .iter()
        .flat_map(|fault| table::operations().flat_map(move |op| Phase::ALL.map(|phase| (fault, op, phase))))
        .map(|(fault, operation, phase)| Cell { fault, operation, phase })
        .filter(Cell::makes_sense)
        .collect();
    let addresses = &addresses;
    let of_faults = cells.iter().map(|cell| Box::new(move || cell.problem(addresses)) as Check<'_>);
    let of_conditions = conditions.iter().map(|condition| Box::new(move || condition.problem()) as Check<'_>);
    let checks: Vec<_> = of_faults.chain(of_conditions).collect();
    let mut problems = run_all(&checks);
    problems.sort();
    let page = page::of(&faults) + &condition_page::of(&conditions);
    if let Some(path) = &arguments.write
        && let Err(error) = std::fs::write(path, &page)
    {
        problems.push(format!("{}: {error}", path.display()));
    }
    if let Some(path) = &arguments.check
        && std::fs::read_to_string(path).ok().as_deref() != Some(page.as_str())
    {
        problems.push(format!("{} is out of date; run cargo xtask matrix", path.display()));
    }
    problems.iter().for_each(|problem| println!("{problem}"));
    println!(
        "{} cells: {} of {} operations and {} faults, {} conditions",
        checks.len(),
        cells.len(),
        table::operations().count(),
        faults.len(),
        conditions.len()
    );
    println!("{} passed, {} failed, 0 skipped", checks.len().saturating_sub(problems.len()), problems.len());
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a cell, and reports what differs from the expectation.
type Check<'a> = Box<dyn Fn() -> Option<String> + Send + Sync + 'a>;

fn run_all(checks: &[Check<'_>]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(check) = checks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(problem) = check() {
                        problems.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(problem);
                    }
                }
            });
        }
    });
    problems.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
}
