//! The main job through real servers between client and service: nginx, HAProxy and Apache as reverse proxies, with and
//! without TLS, and squid as a forward proxy. Every case has its own emulator, whose journal shows how often each phone
//! ran a command.
//!
//! `koophone-interop --only WORD` runs the cases whose line contains the word. The last line is `N passed, N failed, N
//! skipped`; a case is skipped, with a message, if a server that it needs is not installed.

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

/// Cases that run concurrently; they spend most of their time waiting.
const THREADS: usize = 4;

/// Runs the main job through real servers.
#[derive(Parser)]
struct Arguments {
    /// Run only the cases whose line contains this text.
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

/// Runs all cases; the outcomes are in the order of the cases.
fn run_all(scene: &Scene, cases: &[Case]) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes: Vec<_> = cases.iter().map(|_| Mutex::new(Outcome::Failed("it did not finish".to_owned()))).collect();
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

/// Runs one case; `place` is its index in the table.
fn run(scene: &Scene, case: &Case, place: usize) -> Outcome {
    if let Some(missing) = scene.missing(case) {
        return Outcome::Skipped(missing);
    }
    let place = &scene.places[place];
    let result = match &case.expected {
        Expected::Done => job::check_done(place),
        Expected::Refused(kind, words) => job::check_refused(place, *kind, words),
    };
    result.map_or_else(Outcome::Failed, |()| Outcome::Passed)
}
