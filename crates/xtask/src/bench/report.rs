//! The tables, and docs/benchmarks.md.

use std::fs;

use serde::{Deserialize, Serialize};

use super::build::Built;
use super::contenders::{CONTENDERS, Role};
use super::face::Face;
use super::goals::{Verdict, ideal, judge, shares};
use super::programs::Sample;
use super::scenes::{CLIENTS, Calls, FLEETS, IN_FLIGHT, Scene, Wire, Work};
use super::statistics::Median;
use super::{Effort, Measured, Row};
use crate::process::{capture, command};
use crate::repository::Repository;

const FILE: &str = "docs/benchmarks.md";

/// From this heading on, the file is written by hand and kept.
const NOTES: &str = "## What was tried";

/// Where and when the measurements were made.
#[derive(Default, Deserialize, Serialize)]
pub struct Machine {
    processor: String,
    processors: usize,
    system: String,
    date: String,
    load: String,
    commit: String,
    rounds: usize,
    versions: Vec<String>,
}

impl Machine {
    /// This machine, now.
    pub fn look(built: &Built, effort: Effort) -> Result<Self, String> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let says = |program: &str, arguments: &[&str]| -> String {
            let output = capture(&mut command(program, arguments, &built.root)).unwrap_or_default();
            output.lines().next().unwrap_or_default().trim().to_owned()
        };
        let cpuinfo = read("/proc/cpuinfo");
        let processor = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let python = built.python();
        Ok(Self {
            processor: processor.map(|(_, name)| name.to_owned()).unwrap_or_default(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("Linux {}", says("uname", &["-r"])),
            date: says("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
            commit: says("git", &["describe", "--always", "--dirty", "--exclude=*"]),
            rounds: effort.rounds,
            versions: vec![
                says("rustc", &["--version"]),
                says("cc", &["--version"]),
                says("curl", &["--version"]),
                says(&python, &["--version"]),
                format!("Node {}", says("node", &["--version"])),
            ],
        })
    }
}

/// The measurements of some faces as Markdown: goals, missed ones first, then the figures.
pub fn tables(faces: &[&Measured]) -> String {
    let mut text = String::new();
    if let Some(Machine { processor, processors, system, versions, .. }) = faces.first().map(|first| &first.machine) {
        line(&mut text, &format!("Measured on {processor}, {processors} processors, {system}."));
        let versions: Vec<&str> = versions.iter().map(String::as_str).filter(|version| !version.is_empty()).collect();
        line(&mut text, &format!("{}.", versions.join("; ")));
        line(
            &mut text,
            "Medians of the rounds, in which contenders take turns, ± half the distance between the quartiles.",
        );
    }
    let missing = Face::ALL.into_iter().filter(|face| !faces.iter().any(|measured| measured.face == *face));
    let missing: Vec<&str> = missing.map(Face::title).collect();
    if !missing.is_empty() {
        line(&mut text, &format!("\nNot measured in this run: {}.", missing.join(", ")));
    }
    let mut verdicts: Vec<Verdict> = faces.iter().flat_map(|measured| judge(measured)).collect();
    verdicts.sort_by_key(|verdict| verdict.met);
    let missed = verdicts.iter().filter(|verdict| !verdict.met).count();
    line(&mut text, &format!("\n## Goals\n\n{missed} of {} missed; misses first.\n", verdicts.len()));
    table(&mut text, &["face", "goal", "measured", ""]);
    for Verdict { face, goal, measured, met } in verdicts {
        let word = if met { "met" } else { "**missed**" };
        cells(&mut text, &[face.title(), &goal, &measured, word]);
    }
    for measured in faces {
        of_face(&mut text, measured);
    }
    text
}

fn of_face(text: &mut String, measured: &Measured) {
    let Machine { date, load, commit, rounds, .. } = &measured.machine;
    line(text, &format!("\n## {}\n", measured.face.title()));
    line(text, &format!("{date}, commit {commit}, {rounds} rounds; load at the start {load}.\n"));
    for (wire, over) in [(Wire::Tls, "over TLS 1.3"), (Wire::Plain, "over plain HTTP")] {
        for work in [Work::Statuses, Work::Results] {
            let [one, many] = [1, IN_FLIGHT].map(|in_flight| Calls::new(wire, work, in_flight));
            calls(text, measured, &format!("{} {over}", work.title()), one, Some(many));
        }
    }
    let [one, many] = [1, IN_FLIGHT].map(Calls::anywhere);
    calls(text, measured, "32 statuses over TLS 1.3, on whichever processor the system chooses", one, Some(many));
    for (wire, over) in [(Wire::Tls, "over TLS 1.3"), (Wire::Plain, "over plain HTTP")] {
        for work in [Work::Statuses, Work::Results] {
            let title = format!("{} {over}, the first 2,000 calls of a program", work.title());
            calls(text, measured, &title, Calls::cold(wire, work), None);
        }
    }
    processes(text, measured, Scene::Import, "Starting the interpreter and importing");
    processes(text, measured, Scene::OneCall, "A process with one call over TLS, 32 statuses");
    clients(text, measured);
    fleets(text, measured);
    slow(text, measured);
    for (what, bytes) in &measured.artefacts {
        line(text, &format!("Size of the {what}: {:.2} MB.\n", *bytes as f64 / 1e6));
    }
}

fn rows(measured: &Measured, scene: Scene) -> impl Iterator<Item = &Row> {
    measured.rows.iter().filter(move |row| row.scene == scene)
}

fn calls(text: &mut String, measured: &Measured, title: &str, one: Calls, many: Option<Calls>) {
    let mut found = rows(measured, Scene::Calls(one)).peekable();
    if found.peek().is_none() {
        return;
    }
    line(text, &format!("{title}:\n"));
    let alone = ["", "CPU µs per call", "wall µs", "memory MB"];
    match many {
        Some(_) => table(text, &[&alone[..], &["calls/s, 64 in flight", "CPU µs, 64 in flight", "memory MB"]].concat()),
        None => table(text, &alone),
    }
    let cpu = |row: &Row| figure(row, |s| s.cpu_us / row.calls as f64, 1);
    for row in found {
        let mut values = vec![row.name.clone(), cpu(row), figure(row, |s| s.wall_us, 1), memory(row)];
        if let Some(row) = many.and_then(|many| measured.row(Scene::Calls(many), &row.name)) {
            values.extend([figure(row, |s| s.calls_per_s, 0), cpu(row), memory(row)]);
        }
        cells(text, &values);
    }
    line(text, "");
}

fn processes(text: &mut String, measured: &Measured, scene: Scene, title: &str) {
    let mut found = rows(measured, scene).peekable();
    if found.peek().is_none() {
        return;
    }
    line(text, &format!("{title}:\n"));
    table(text, &["", "ms", "CPU ms", "memory MB"]);
    for row in found {
        cells(text, &[row.name.clone(), milliseconds(row, 1), plain(row, |s| s.cpu_us / 1e3, 1), memory(row)]);
    }
    line(text, "");
}

fn clients(text: &mut String, measured: &Measured) {
    line(text, "Making clients, and the process's memory then, and after a call over TLS with each:\n");
    table(text, &["", "clients", "ms", "memory MB", "memory MB after a call with each"]);
    for count in [1, CLIENTS] {
        for row in rows(measured, Scene::Clients { count, used: false }) {
            let used = measured.row(Scene::Clients { count, used: true }, &row.name).map(memory).unwrap_or_default();
            cells(text, &[row.name.clone(), count.to_string(), milliseconds(row, 2), memory(row), used]);
        }
    }
    line(text, "");
}

fn fleets(text: &mut String, measured: &Measured) {
    let wrk = Median::of(measured.wrk.iter().copied()).value;
    line(
        text,
        &format!(
            "`query_status` of thousands of phones in one call over plain HTTP, 32 in a request, 8 requests at a \
             time. wrk with 8 \
             connections gets {wrk:.0} requests/s from the same server.\n"
        ),
    );
    if measured.face == Face::Node {
        line(text, "V8's young generation has its full size from the start; see the notes.\n");
    }
    table(text, &["", "phones", "ms", "share of wrk", "memory MB"]);
    let language = |row: &&Row| CONTENDERS.iter().any(|one| one.role == Role::Language && one.name == row.name);
    let all =
        || FLEETS.into_iter().flat_map(|phones| rows(measured, Scene::Fleet { phones }).map(move |row| (phones, row)));
    for (phones, row) in all().filter(|(_, row)| !language(row)) {
        let share = format!("{:.0} %", Median::of(shares(measured, row)).value * 100.0);
        cells(text, &[row.name.clone(), phones.to_string(), milliseconds(row, 1), share, memory(row)]);
    }
    line(text, "");
}

fn slow(text: &mut String, measured: &Measured) {
    line(
        text,
        &format!(
            "The first call of a process over 10,000 phones, over TLS, where every response takes 50 ms; the ideal \
             is {:.0} ms:\n",
            ideal() / 1e3
        ),
    );
    table(text, &["", "ms", "× ideal", "memory MB"]);
    for row in rows(measured, Scene::Slow) {
        cells(text, &[row.name.clone(), milliseconds(row, 0), plain(row, |s| s.wall_us / ideal(), 3), memory(row)]);
    }
    line(text, "");
}

fn figure(row: &Row, value: impl Fn(&Sample) -> f64, digits: usize) -> String {
    let Median { value, spread } = Median::of(row.samples.iter().map(value));
    format!("{value:.digits$} ± {:.0} %", spread * 100.0)
}

fn plain(row: &Row, value: impl Fn(&Sample) -> f64, digits: usize) -> String {
    format!("{:.digits$}", Median::of(row.samples.iter().map(value)).value)
}

fn milliseconds(row: &Row, digits: usize) -> String {
    figure(row, |sample| sample.wall_us / 1e3, digits)
}

fn memory(row: &Row) -> String {
    plain(row, |sample| sample.rss_kb / 1e3, 1)
}

fn table(text: &mut String, titles: &[&str]) {
    cells(text, titles);
    line(text, &format!("|{}", "---|".repeat(titles.len())));
}

fn cells(text: &mut String, values: &[impl AsRef<str>]) {
    let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
    line(text, &format!("| {} |", values.join(" | ")));
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Writes the file: its introduction, the new tables, and the existing notes.
pub fn keep(repository: &Repository, tables: &str) -> Result<(), String> {
    let before = repository.read(FILE).ok_or_else(|| format!("{FILE} is missing"))?;
    let text = renewed(&before, tables)
        .ok_or_else(|| format!("{FILE} has lost its heading `{NOTES}`, which ends the tables"))?;
    fs::write(repository.root.join(FILE), text).map_err(|error| format!("{FILE}: {error}"))?;
    println!("wrote {FILE}");
    Ok(())
}

/// The line before the tables.
const TABLES: &str = "<!-- `cargo xtask bench` writes from here to the notes -->";

fn renewed(before: &str, tables: &str) -> Option<String> {
    let (head, rest) = before.split_once(TABLES)?;
    let notes = &rest[rest.find(NOTES)?..];
    Some(format!("{head}{TABLES}\n\n{}\n\n{notes}", tables.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_renewed_and_the_rest_is_kept() {
        let before = format!("# Benchmarks\n\n{TABLES}\n\nold\n\n{NOTES}\n\nmuch\n");
        let after = format!("# Benchmarks\n\n{TABLES}\n\nnew\n\n{NOTES}\n\nmuch\n");
        assert_eq!(renewed(&before, "new\n"), Some(after.clone()));
        assert_eq!(renewed(&after, "new\n"), Some(after));
        assert_eq!(renewed("nothing", "new"), None);
    }

    #[test]
    fn the_file_can_be_renewed() {
        let text = Repository::find().unwrap().read(FILE).unwrap();
        assert!(renewed(&text, "new").is_some());
    }
}
