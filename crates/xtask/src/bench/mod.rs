//! `cargo xtask bench [FACE]...`: compares koophone with its alternatives in one run, as ratios.
//!
//! Clients run on one processor and the server on another, one program at a time. The contenders take turns, so that
//! other load on the machine affects all of them; ratios are taken within a round, and medians over the rounds.

mod build;
mod contenders;
mod face;
mod goals;
mod instructions;
mod processor;
mod programs;
mod report;
mod scenes;
mod server;
mod statistics;
mod wrk;

pub use instructions::{VALGRIND, accept as accept_instructions, check as check_instructions};

use std::fs;

use serde::{Deserialize, Serialize};

use crate::repository::Repository;
use build::Built;
use contenders::{CONTENDERS, Contender};
use face::Face;
use programs::{Sample, sample};
use report::Machine;
use scenes::Scene;
use server::Server;

/// How thoroughly to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    /// The number of rounds.
    pub rounds: usize,
    /// The divisor for the number of calls.
    pub divisor: usize,
}

/// A contender's repetitions of one scene, one per round.
#[derive(Deserialize, Serialize)]
pub struct Row {
    /// What was measured.
    pub scene: Scene,
    /// The contender.
    pub name: String,
    /// Calls of one repetition.
    pub calls: usize,
    /// One per round.
    pub samples: Vec<Sample>,
}

/// All measurements of a face, as kept in `target/bench`.
#[derive(Deserialize, Serialize)]
pub struct Measured {
    /// The face.
    pub face: Face,
    /// Where and when.
    pub machine: Machine,
    /// The rows, ordered by scene and then by contender.
    pub rows: Vec<Row>,
    /// Requests per second that wrk gets from the same server, one per round.
    pub wrk: Vec<f64>,
    /// Shipped files and their sizes in bytes.
    pub artefacts: Vec<(String, u64)>,
}

impl Measured {
    /// The repetitions of one contender.
    pub fn row(&self, scene: Scene, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.scene == scene && row.name == name)
    }
}

/// The names that the command line accepts.
pub fn names() -> Vec<&'static str> {
    Face::ALL.iter().map(|face| face.name()).chain(["all"]).collect()
}

/// Measures the named faces, or all, and prints tables. Unless `quick`, keeps the results in `target/bench` and writes
/// docs/benchmarks.md from everything kept there.
pub fn run(repository: &Repository, wanted: &[String], quick: bool, rounds: Option<usize>) -> Result<(), String> {
    let all = wanted.is_empty() || wanted.iter().any(|name| name == "all");
    let faces: Vec<Face> =
        Face::ALL.into_iter().filter(|face| all || wanted.iter().any(|name| name == face.name())).collect();
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return Err("measuring needs two processors: one for the clients, one for the server".to_owned());
    }
    wrk::need(repository)?;
    let built = build::build(repository, &faces)?;
    if faces.contains(&Face::C) {
        build::build_command(repository)?;
    }
    for face in faces {
        let effort = if quick {
            Effort { rounds: 1, divisor: 20 }
        } else {
            Effort { rounds: rounds.unwrap_or(face.rounds()), divisor: 1 }
        };
        let measured = measure(&built, face, effort)?;
        println!("\n{}", report::tables(&[&measured]));
        if !quick {
            keep(&built, &measured)?;
        }
    }
    let kept: Vec<Measured> = Face::ALL.into_iter().filter_map(|face| kept(&built, face)).collect();
    if !quick {
        report::keep(repository, &report::tables(&kept.iter().collect::<Vec<_>>()))?;
    }
    Ok(())
}

/// Measures a face: round by round, scene by scene, one contender after the other.
fn measure(built: &Built, face: Face, effort: Effort) -> Result<Measured, String> {
    let machine = Machine::look(built, effort)?;
    let server = Server::start(built)?;
    let mut rows: Vec<(&Contender, Row)> = Vec::new();
    for scene in Scene::of(face) {
        for one in CONTENDERS.iter().filter(|one| one.face == face && one.is_measured_in(scene)) {
            let [calls, _] = one.calls_of(scene, effort);
            rows.push((one, Row { scene, name: one.name.to_owned(), calls, samples: Vec::new() }));
        }
    }
    let mut wrk = Vec::new();
    for (contender, row) in rows.iter().filter(|(_, row)| row.scene.is_process()) {
        // The first start reads files that are cached for later ones.
        sample(built, &server, contender, row.scene, effort)?;
    }
    for round in 0..effort.rounds {
        for (contender, row) in rows.iter_mut() {
            for _ in 0..row.scene.repetitions(round) {
                row.samples.push(sample(built, &server, contender, row.scene, effort)?);
            }
        }
        wrk.push(wrk::rate(built, &server.url)?);
        println!("{}: round {} of {}", face.name(), round + 1, effort.rounds);
    }
    let artefacts = built.artefacts.iter().filter(|(of, ..)| *of == face);
    let artefacts = artefacts.map(|(_, what, bytes)| ((*what).to_owned(), *bytes)).collect();
    Ok(Measured { face, machine, rows: rows.into_iter().map(|(_, row)| row).collect(), wrk, artefacts })
}

fn file_of(built: &Built, face: Face) -> std::path::PathBuf {
    built.folder().join(format!("{}.json", face.name()))
}

fn keep(built: &Built, measured: &Measured) -> Result<(), String> {
    let path = file_of(built, measured.face);
    build::write(&path, &serde_json::to_string_pretty(measured).map_err(|error| error.to_string())?)?;
    println!("wrote {}", path.display());
    Ok(())
}

/// The kept measurements of a face, if there are any that can still be read.
fn kept(built: &Built, face: Face) -> Option<Measured> {
    serde_json::from_str(&fs::read_to_string(file_of(built, face)).ok()?).ok()
}
