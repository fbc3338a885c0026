//! Runs every scenario through every face and prints a table of scenarios by faces.
//!
//! `koophone-conformance --face rust-async --face rust-blocking --face python="COMMAND"`. The last line is
//! `N passed, N failed, N skipped`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use koophone_conformance::face::Face;
use koophone_conformance::faces;
use koophone_conformance::judge::Judge;
use koophone_conformance::scenario::{self, Scenario};

/// Runs the scenarios of tests/vectors through every face and judges the replies.
#[derive(Parser)]
struct Arguments {
    /// A face: rust-async, rust-blocking, cli=PATH of the koophone command, or NAME=COMMAND for a runner.
    #[arg(long = "face", required = true)]
    faces: Vec<String>,
    /// The folder of the scenarios.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/scenarios"))]
    scenarios: PathBuf,
    /// Run only scenarios whose name contains this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Run only a selection: those that make a call, or cover a note, that no scenario before them does.
    #[arg(long)]
    short: bool,
    /// A failure with this text is one of wine or qemu itself: the scenario is run once more.
    #[arg(long = "excuse", value_name = "TEXT")]
    excuses: Vec<String>,
    /// How many scenarios run at once on a face that starts a program per call.
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
}

/// The result of a scenario on one face.
enum Verdict {
    Passed,
    Failed(String),
    /// Not run, because the face does not support every call of the scenario.
    Absent,
}

/// The results of all scenarios on one face.
struct Column {
    name: String,
    verdicts: Vec<Verdict>,
    end: Result<(), String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (scenarios, judge) = match scenario::load(&arguments.scenarios).map(|all| (all, Judge::new())) {
        Ok((scenarios, Ok(judge))) => (scenarios, judge),
        Ok((_, Err(error))) => return broken(&error.to_string()),
        Err(why) => return broken(&why),
    };
    let scenarios: Vec<Scenario> = scenarios.into_iter().filter(|s| s.name.contains(&arguments.only)).collect();
    let scenarios = if arguments.short { scenario::short(scenarios) } else { scenarios };
    if scenarios.is_empty() {
        return broken("no scenario matches");
    }
    let columns: Vec<Column> = std::thread::scope(|scope| {
        let (scenarios, judge, arguments) = (&scenarios, &judge, &arguments);
        let threads: Vec<_> =
            arguments.faces.iter().map(|face| scope.spawn(|| column(face, scenarios, judge, arguments))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    report(&scenarios, &columns, arguments.faces.len())
}

fn broken(why: &str) -> ExitCode {
    println!("{why}\n0 passed, 1 failed, 0 skipped");
    ExitCode::FAILURE
}

fn column(spec: &str, scenarios: &[Scenario], judge: &Judge, arguments: &Arguments) -> Column {
    // A runner keeps its clients from call to call, and takes one line at a time.
    let jobs = if faces::name(spec) == "cli" { arguments.jobs.get() } else { 1 };
    let size = scenarios.len().div_ceil(jobs);
    let ran: Vec<(Vec<Verdict>, Result<(), String>)> = std::thread::scope(|scope| {
        let work = |part| scope.spawn(move || verdicts(spec, part, judge, &arguments.excuses));
        let threads: Vec<_> = scenarios.chunks(size).map(|part| (part, work(part))).collect();
        let joined = threads.into_iter().map(|(part, thread)| {
            thread.join().unwrap_or_else(|_| (not_run(part), Err("a thread of the judge failed".to_owned())))
        });
        joined.collect()
    });
    let mut column = Column { name: faces::name(spec).to_owned(), verdicts: Vec::new(), end: Ok(()) };
    for (verdicts, end) in ran {
        column.verdicts.extend(verdicts);
        column.end = column.end.and(end);
    }
    column
}

/// The results of some scenarios with a separate face, and how it ended.
fn verdicts(
    spec: &str,
    scenarios: &[Scenario],
    judge: &Judge,
    excuses: &[String],
) -> (Vec<Verdict>, Result<(), String>) {
    let tried = |scenario: &Scenario, face: &mut dyn Face| match judge.run(scenario, face) {
        Err(why) if excuses.iter().any(|excuse| why.contains(excuse)) => {
            println!("{} on {} is run once more: {why}", scenario.name, faces::name(spec));
            judge.run(scenario, face)
        }
        done => done,
    };
    let judged = |scenario: &Scenario, face: &mut dyn Face| match scenario.calls().all(|call| face.supports(call)) {
        true => tried(scenario, face).map_or_else(Verdict::Failed, |()| Verdict::Passed),
        false => Verdict::Absent,
    };
    let run =
        |face: &mut dyn Face| -> Vec<Verdict> { scenarios.iter().map(|scenario| judged(scenario, face)).collect() };
    faces::with(spec, run).unwrap_or_else(|why| (not_run(scenarios), Err(why)))
}

fn not_run(scenarios: &[Scenario]) -> Vec<Verdict> {
    scenarios.iter().map(|_| Verdict::Failed("not run".to_owned())).collect()
}

fn report(scenarios: &[Scenario], columns: &[Column], faces: usize) -> ExitCode {
    let width = scenarios.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let heads: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    println!("{:width$}  {}", "scenario", heads.join("  "));
    let (mut passed, mut failed, mut absent) = (0, 0, 0);
    for (row, scenario) in scenarios.iter().enumerate() {
        print!("{:width$}", scenario.name);
        for column in columns {
            let (count, word) = match column.verdicts[row] {
                Verdict::Passed => (&mut passed, "ok"),
                Verdict::Failed(_) => (&mut failed, "FAILED"),
                Verdict::Absent => (&mut absent, "-"),
            };
            *count += 1;
            print!("  {word:<0$}", column.name.len());
        }
        println!();
    }
    for column in columns {
        for (scenario, verdict) in scenarios.iter().zip(&column.verdicts) {
            if let Verdict::Failed(why) = verdict {
                println!("\n{} on {}\n   ({})\n   {why}", scenario.name, column.name, scenario.about);
            }
        }
        if let Err(why) = &column.end {
            failed += 1;
            println!("\n{}: {why}", column.name);
        }
    }
    failed += faces - columns.len();
    let mut notes: Vec<u8> = scenarios.iter().flat_map(|scenario| scenario.notes.iter().copied()).collect();
    notes.sort_unstable();
    notes.dedup();
    println!("\n{} scenarios on {faces} faces; notes of docs/spec/wire-notes.md covered: {notes:?}", scenarios.len());
    if absent > 0 {
        println!("{absent} scenarios were not run on a face: the command line does not have a command for every call");
    }
    println!("{passed} passed, {failed} failed, 0 skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
