//! The tables, and docs/benchmarks.md.

use std::fs;

use serde::Serialize;

use super::build::Built;
use super::contenders::{Face, PLAIN};
use super::fleet::FleetRow;
use super::goals::Verdict;
use super::processes::{IMPORT, ONE_CALL, ProcessRow};
use super::programs::Sample;
use super::statistics::Median;
use super::{Effort, IN_FLIGHT, Measured, PAYLOADS, Row};
use crate::process::{capture, command};
use crate::repository::Repository;

const FILE: &str = "docs/benchmarks.md";

/// From here on the file is written by people, and kept.
const NOTES: &str = "## What was tried";

/// Where and when.
#[derive(Serialize)]
pub struct Machine {
    processor: String,
    processors: usize,
    system: String,
    date: String,
    load: String,
    versions: Vec<String>,
}

impl Machine {
    /// This machine, now.
    pub fn look(built: &Built) -> Result<Self, String> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let says = |program: &str, argument: &str| -> String {
            let said = capture(&mut command(program, &[argument], &built.root)).unwrap_or_default();
            said.lines().next().unwrap_or_default().trim().to_owned()
        };
        let cpuinfo = read("/proc/cpuinfo");
        let processor = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let python = built.python();
        Ok(Self {
            processor: processor.map(|(_, name)| name.to_owned()).unwrap_or_default(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("Linux {}", says("uname", "-r")),
            date: capture(&mut command("date", &["-u", "+%Y-%m-%d %H:%M UTC"], &built.root))?.trim().to_owned(),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
            versions: vec![
                says("rustc", "--version"),
                says("cc", "--version"),
                says("curl-config", "--version"),
                says(&python, "--version"),
                format!("Node {}", says("node", "--version")),
            ],
        })
    }
}

/// Everything that was measured, as Markdown.
pub fn tables(machine: &Machine, faces: &[Face], measured: &Measured, goals: &[Verdict], effort: Effort) -> String {
    let mut text = String::new();
    let missed = goals.iter().filter(|goal| !goal.met).count();
    let Machine { processor, processors, system, date, load, versions } = machine;
    line(
        &mut text,
        &format!("Measured {date} on {processor}, {processors} processors, {system}; load at the start {load}."),
    );
    line(&mut text, &format!("{}.", versions.join("; ")));
    line(
        &mut text,
        &format!(
            "{} rounds, the contenders in turn; medians, ± half the distance between the quartiles.",
            effort.rounds
        ),
    );
    line(&mut text, &format!("\n## Goals\n\n{missed} of {} missed; misses first.\n", goals.len()));
    line(&mut text, "| face | goal | aim | measured | |\n|---|---|---|---|---|");
    for Verdict { face, goal, aim, measured, met } in goals {
        let word = if *met { "met" } else { "**missed**" };
        line(&mut text, &format!("| {} | {goal} | {aim} | {measured} | {word} |", face.title()));
    }
    for face in faces {
        line(&mut text, &format!("\n## {}\n", face.title()));
        calls(&mut text, *face, measured);
        processes(&mut text, *face, measured);
        fleets(&mut text, *face, measured);
        for (_, what, bytes) in measured.artefacts.iter().filter(|(of, ..)| *of == face.name()) {
            line(&mut text, &format!("\nSize of the {what}: {:.2} MB.", *bytes as f64 / 1e6));
        }
    }
    text
}

fn calls(text: &mut String, face: Face, measured: &Measured) {
    for (payload, title) in PAYLOADS {
        line(text, &format!("{title}:\n"));
        line(
            text,
            "| | CPU µs per call | wall µs | memory MB | calls/s, 64 in flight | CPU µs, 64 in flight | memory MB |",
        );
        line(text, "|---|---|---|---|---|---|---|");
        let rows = |in_flight: usize| {
            measured
                .rows
                .iter()
                .filter(move |row| (row.face, row.payload, row.in_flight) == (face.name(), payload, in_flight))
        };
        for (one, many) in rows(1).zip(rows(IN_FLIGHT)) {
            let cpu = |row: &Row| figure(&row.samples, |s| s.cpu_us / row.calls as f64, 1);
            let memory = |row: &Row| plain(&row.samples, |s| s.rss_kb / 1e3, 1);
            let cells = [
                one.name.to_owned(),
                cpu(one),
                figure(&one.samples, |s| s.wall_us, 1),
                memory(one),
                figure(&many.samples, |s| s.calls_per_s, 0),
                cpu(many),
                memory(many),
            ];
            line(text, &format!("| {} |", cells.join(" | ")));
        }
        line(text, "");
    }
}

fn processes(text: &mut String, face: Face, measured: &Measured) {
    for (what, title) in
        [(IMPORT, "Starting the interpreter and importing"), (ONE_CALL, "A process with one call, 32 statuses")]
    {
        let rows: Vec<&ProcessRow> =
            measured.processes.iter().filter(|row| (row.face, row.what) == (face.name(), what)).collect();
        if rows.is_empty() {
            continue;
        }
        line(text, &format!("{title}:\n\n| | ms | CPU ms | memory MB |\n|---|---|---|---|"));
        for row in rows {
            let cells = [
                row.name.clone(),
                figure(&row.samples, |s| s.wall_us / 1e3, 1),
                plain(&row.samples, |s| s.cpu_us / 1e3, 1),
                plain(&row.samples, |s| s.rss_kb / 1e3, 1),
            ];
            line(text, &format!("| {} |", cells.join(" | ")));
        }
        line(text, "");
    }
}

fn fleets(text: &mut String, face: Face, measured: &Measured) {
    let rows: Vec<&FleetRow> =
        measured.fleets.iter().filter(|row| row.face == face.name() && row.name != PLAIN.name).collect();
    if rows.is_empty() {
        return;
    }
    line(
        text,
        &format!(
            "`query_status` of thousands of phones in one call, 32 in a request, 8 requests at a time. wrk with 8 \
                connections gets {:.0} requests/s from the same server.\n",
            measured.wrk
        ),
    );
    if face == PLAIN.face {
        line(text, "V8's young generation has its full size from the start; see the notes.\n");
    }
    line(text, "| | phones | ms | requests/s | share of wrk | memory MB |\n|---|---|---|---|---|---|");
    for row in rows {
        let rate = |sample: &Sample| row.requests as f64 * 1e6 / sample.wall_us;
        let share = Median::of(row.samples.iter().map(|sample| rate(sample) / measured.wrk)).value;
        let cells = [
            row.name.to_owned(),
            row.phones.to_string(),
            figure(&row.samples, |s| s.wall_us / 1e3, 1),
            plain(&row.samples, rate, 0),
            format!("{:.0} %", share * 100.0),
            plain(&row.samples, |s| s.rss_kb / 1e3, 1),
        ];
        line(text, &format!("| {} |", cells.join(" | ")));
    }
}

fn figure<S>(samples: &[S], value: impl Fn(&S) -> f64, digits: usize) -> String {
    let Median { value, spread } = Median::of(samples.iter().map(value));
    format!("{value:.digits$} ± {:.0} %", spread * 100.0)
}

fn plain<S>(samples: &[S], value: impl Fn(&S) -> f64, digits: usize) -> String {
    format!("{:.digits$}", Median::of(samples.iter().map(value)).value)
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Writes the file: what it says about itself, the tables, and the notes that are there.
pub fn keep(repository: &Repository, tables: &str) -> Result<(), String> {
    let before = repository.read(FILE).ok_or_else(|| format!("{FILE} is missing"))?;
    let text = renewed(&before, tables)
        .ok_or_else(|| format!("{FILE} has lost its heading `{NOTES}`, which ends the tables"))?;
    fs::write(repository.root.join(FILE), text).map_err(|error| format!("{FILE}: {error}"))?;
    println!("wrote {FILE}");
    Ok(())
}

/// Where the tables begin: with a line of this.
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
