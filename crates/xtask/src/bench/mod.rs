//! `cargo xtask bench [FACE]...`: koophone beside what its users would otherwise pick, in one run, as ratios.
//!
//! Clients run on one processor and the server on another, one program at a time. The contenders take turns, so that
//! whatever the machine does meanwhile falls on all of them; ratios are taken within a round, and medians over the
//! rounds.

mod build;
mod contenders;
mod fleet;
mod goals;
mod instructions;
mod processes;
mod programs;
mod report;
mod server;
mod statistics;

pub use instructions::{VALGRIND, accept as accept_instructions, check as check_instructions};

use std::fs;

use serde::Serialize;

use crate::repository::Repository;
use build::Built;
use contenders::{CONTENDERS, Contender, Face};
use programs::{Sample, sample};
use server::Server;

/// The payloads, and how they are called in tables.
pub const PAYLOADS: [(&str, &str); 2] = [("statuses", "32 statuses"), ("results", "32 results, 35 KB")];

/// Calls that are open at once where throughput is measured.
pub const IN_FLIGHT: usize = 64;

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Rounds of the contenders.
    pub rounds: usize,
    /// Calls are divided by this.
    pub divisor: usize,
}

const FULL: Effort = Effort { rounds: 7, divisor: 1 };
const QUICK: Effort = Effort { rounds: 2, divisor: 5 };

/// A contender's repetitions with one payload, one of each round.
#[derive(Serialize)]
pub struct Row {
    /// The face it belongs to.
    pub face: &'static str,
    /// The contender.
    pub name: &'static str,
    /// The payload.
    pub payload: &'static str,
    /// Calls open at once.
    pub in_flight: usize,
    /// Calls of one repetition.
    pub calls: usize,
    /// One per round.
    pub samples: Vec<Sample>,
}

/// Everything that was measured of some faces.
#[derive(Serialize)]
pub struct Measured {
    /// Calls.
    pub rows: Vec<Row>,
    /// Processes from start to end.
    pub processes: Vec<processes::ProcessRow>,
    /// Thousands of phones.
    pub fleets: Vec<fleet::FleetRow>,
    /// Requests per second that wrk gets from the same server.
    pub wrk: f64,
    /// One signature.
    pub signature: processes::Signature,
    /// Bytes of what is shipped.
    pub artefacts: Vec<(&'static str, &'static str, u64)>,
}

/// The names that the command line takes.
pub fn names() -> Vec<&'static str> {
    Face::ALL.iter().map(|face| face.name()).chain(["all"]).collect()
}

/// Measures the faces named, or all; prints a table, keeps JSON in `target/bench`, and after a full run of all faces
/// writes docs/benchmarks.md.
pub fn run(repository: &Repository, wanted: &[String], quick: bool) -> Result<(), String> {
    let all = wanted.is_empty() || wanted.iter().any(|name| name == "all");
    let faces: Vec<Face> =
        Face::ALL.into_iter().filter(|face| all || wanted.iter().any(|name| name == face.name())).collect();
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return Err("measuring needs two processors: one for the clients, one for the server".to_owned());
    }
    fleet::need_wrk(repository)?;
    let built = build::build(repository, &faces)?;
    let effort = if quick { QUICK } else { FULL };
    let machine = report::Machine::look(&built)?;
    let measured = measure(&built, &faces, effort)?;
    for face in &faces {
        let path = built.folder().join(format!("{}.json", face.name()));
        let of_face = |row: &&Row| row.face == face.name();
        let text = serde_json::to_string_pretty(&serde_json::json!({
            "machine": machine,
            "rows": measured.rows.iter().filter(of_face).collect::<Vec<_>>(),
            "processes": measured.processes.iter().filter(|row| row.face == face.name()).collect::<Vec<_>>(),
            "fleets": measured.fleets.iter().filter(|row| row.face == face.name()).collect::<Vec<_>>(),
            "wrk_requests_per_s": measured.wrk,
            "signature": measured.signature,
            "artefacts": measured.artefacts.iter().filter(|(of, ..)| *of == face.name()).collect::<Vec<_>>(),
        }));
        let text = text.map_err(|error| error.to_string())?;
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("wrote {}", path.display());
    }
    let goals = goals::judge(&measured, &faces);
    let tables = report::tables(&machine, &faces, &measured, &goals, effort);
    println!("\n{tables}");
    if all && !quick {
        report::keep(repository, &tables)?;
    }
    Ok(())
}

fn measure(built: &Built, faces: &[Face], effort: Effort) -> Result<Measured, String> {
    let server = Server::start(built)?;
    let contenders: Vec<&Contender> = CONTENDERS.iter().filter(|one| faces.contains(&one.face)).collect();
    let mut rows: Vec<Row> = Vec::new();
    for round in 0..effort.rounds {
        let mut place = rows.iter_mut();
        let mut fresh = Vec::new();
        for (payload, _) in PAYLOADS {
            for in_flight in [1, IN_FLIGHT] {
                for contender in &contenders {
                    let calls = (contender.calls / effort.divisor).max(IN_FLIGHT);
                    let taken = sample(built, contender, &[], &server.url, payload, calls, in_flight)?;
                    match place.next() {
                        Some(row) => row.samples.push(taken),
                        None => {
                            let (face, name) = (contender.face.name(), contender.name);
                            fresh.push(Row { face, name, payload, in_flight, calls, samples: vec![taken] });
                        }
                    }
                }
            }
        }
        rows.extend(fresh);
        println!("round {} of {}", round + 1, effort.rounds);
    }
    let processes = processes::measure(built, &contenders, faces, &server.url, effort)?;
    let wrk = fleet::wrk(built, &server.url)?;
    let fleets = fleet::measure(built, &contenders, &server.url, effort)?;
    let signature = processes::signature(built)?;
    let artefacts = built.artefacts.iter().map(|(face, what, bytes)| (face.name(), *what, *bytes)).collect();
    Ok(Measured { rows, processes, fleets, wrk, signature, artefacts })
}
