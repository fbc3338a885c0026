//! The main job through real servers, as they stand between a client and the service: nginx, HAProxy and Apache as
//! reverse proxies and in front of TLS, squid as the proxy that leads out. Behind each is an emulator of its own, whose
//! journal says how often a phone ran what.
//!
//! `koophone-interop --only WORD` runs the cases that have the word in their line. The last line is `N passed, N
//! failed, N skipped`; a case is skipped where a server that it needs is not installed, and says so.

mod case;
mod certificates;
mod job;
mod place;
mod process;
mod program;
mod servers;
mod table;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;

use self::case::{Case, Expected, Outcome};
use self::servers::Scene;

/// Cases that run at the same time. They wait more than they work.
const THREADS: usize = 4;

/// Runs the main job through real servers.
#[derive(Parser)]
struct Arguments {
    /// Only the cases with this text in their line.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    let Arguments { only } = Arguments::parse();
    let cases: Vec<Case> = table::cases().into_iter().filter(|case| case.title().contains(&only)).collect();
    let outcomes = match Scene::set(&cases) {
        Ok(scene) => run_all(&scene, &cases),
        Err(problem) => cases.iter().map(|_| Outcome::Failed(problem.clone())).collect(),
    };
    let mut counts = [0; 3];
    for (case, outcome) in cases.iter().zip(&outcomes) {
        println!("{}  {outcome}", case.title());
        counts[outcome.place()] += 1;
    }
    let [passed, failed, skipped] = counts;
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One outcome for each case, in their order.
fn run_all(scene: &Scene, cases: &[Case]) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes: Vec<_> = cases.iter().map(|_| Mutex::new(Outcome::Failed("it did not end".to_owned()))).collect();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((place, case)) = cases.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(scene, case, place);
                    *outcomes[place].lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = outcome;
                }
            });
        }
    });
    outcomes.into_iter().map(|one| one.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())).collect()
}

/// Runs a case with the servers of the scene; `place` is its place in the table.
fn run(scene: &Scene, case: &Case, place: usize) -> Outcome {
    if let Some(missing) = scene.missing(case) {
        return Outcome::Skipped(missing);
    }
    let place = &scene.places[place];
    let came = match &case.expected {
        Expected::Done => job::is_done(place),
        Expected::Refused(kind, words) => job::is_refused(place, *kind, words),
    };
    came.map_or_else(Outcome::Failed, |()| Outcome::Passed)
}
