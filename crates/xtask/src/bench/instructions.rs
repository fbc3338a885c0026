//! Guards against gradual regressions: compares instruction counts, which do not depend on the machine's load, with a
//! checked-in baseline.
//!
//! A count is the difference between a long and a short run, which removes the cost of start-up and warm-up.

use std::collections::BTreeMap;
use std::fs;

use super::build::{self, Built};
use super::contenders::{CONTENDERS, Contender};
use super::face::Face;
use super::programs::{trust, words};
use super::scenes::{Wire, Work};
use super::server::Server;
use crate::process::{capture_errors, command};
use crate::repository::Repository;
use crate::tool::{Tool, tool};

/// The tool that counts instructions.
pub const VALGRIND: Tool = tool("valgrind", "install valgrind 3.19 or newer").at_least(3, 19);

const BASELINE: &str = "benches/instructions.json";

/// A count may differ from the baseline by one part in this many, in either direction: if it becomes much smaller, the
/// baseline is too lax to be useful.
const TOLERANCE: u64 = 20;

/// The number of calls in the short run and in the long run.
const CALLS: [u64; 2] = [100, 600];

/// A call whose instructions are counted.
struct Counted {
    name: &'static str,
    face: Face,
    contender: &'static str,
    work: Work,
    wire: Wire,
}

const COUNTED: [Counted; 4] = [
    Counted {
        name: "one signed call, 32 statuses",
        face: Face::Core,
        contender: "koophone, blocking, signed",
        work: Work::Statuses,
        wire: Wire::Plain,
    },
    Counted {
        name: "one signed call over TLS, 32 statuses",
        face: Face::Core,
        contender: "koophone, blocking, signed",
        work: Work::Statuses,
        wire: Wire::Tls,
    },
    Counted {
        name: "one call, 32 results, 35 KB",
        face: Face::Core,
        contender: "koophone, blocking",
        work: Work::Results,
        wire: Wire::Plain,
    },
    Counted {
        name: "one call of libkoophone, 32 statuses",
        face: Face::C,
        contender: "koophone",
        work: Work::Statuses,
        wire: Wire::Plain,
    },
];

type Counts = BTreeMap<String, u64>;

/// The counts that differ from the baseline by more than the tolerance, one message each.
pub fn check(repository: &Repository) -> Result<Vec<String>, String> {
    let text = repository.read(BASELINE).ok_or_else(|| format!("{BASELINE} is missing; {REMEDY}"))?;
    let baseline: Counts = serde_json::from_str(&text).map_err(|error| format!("{BASELINE}: {error}"))?;
    Ok(compare(&baseline, &count(repository)?))
}

/// Writes the current counts as the new baseline.
pub fn accept(repository: &Repository) -> Result<(), String> {
    let counts = count(repository)?;
    let text = serde_json::to_string_pretty(&counts).map_err(|error| error.to_string())?;
    fs::write(repository.root.join(BASELINE), text + "\n").map_err(|error| format!("{BASELINE}: {error}"))?;
    println!("wrote {BASELINE}");
    Ok(())
}

const REMEDY: &str =
    "look for the cause, or accept it with `cargo xtask bench --accept-instructions` and commit the file";

fn compare(baseline: &Counts, counts: &Counts) -> Vec<String> {
    let differs = |(name, now): (&String, &u64)| {
        let Some(before) = baseline.get(name) else { return Some(format!("{name} has no baseline; {REMEDY}")) };
        let change = (*now as f64 / *before as f64 - 1.0) * 100.0;
        (now.abs_diff(*before) * TOLERANCE > *before)
            .then(|| format!("{name}: {now} instructions, {change:+.1} % from the baseline of {before}; {REMEDY}"))
    };
    counts.iter().filter_map(differs).collect()
}

fn count(repository: &Repository) -> Result<Counts, String> {
    let built = build::build(repository, &[Face::C])?;
    let server = Server::start(&built)?;
    let mut counts = Counts::new();
    for one in &COUNTED {
        let contender = CONTENDERS.iter().find(|other| other.face == one.face && other.name == one.contender);
        let contender = contender.ok_or_else(|| format!("no contender is called {}", one.contender))?;
        let [short, long] = CALLS.map(|calls| run(&built, &server, one, contender, calls));
        let each = (long?.saturating_sub(short?)) / (CALLS[1] - CALLS[0]);
        println!("{:45} {each:>9} instructions", one.name);
        counts.insert(one.name.to_owned(), each);
    }
    Ok(counts)
}

/// The instructions of a whole run.
fn run(built: &Built, server: &Server, one: &Counted, contender: &Contender, calls: u64) -> Result<u64, String> {
    let calls = calls.to_string();
    let program = words(built, contender.program);
    let mut line = vec!["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    line.extend(program.iter().map(String::as_str));
    let url = if one.wire == Wire::Tls { &server.tls_url } else { &server.url };
    line.extend([url, one.work.payload(), &calls, "1", "0"]);
    line.extend(contender.signed.then_some("signed"));
    let output = capture_errors(trust(&mut command("valgrind", &line, &built.root), built))?;
    collected(&output).ok_or_else(|| format!("valgrind's output has no count: {output}"))
}

fn collected(output: &str) -> Option<u64> {
    output.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_may_differ_by_the_tolerance_and_no_more() {
        let counts = |value| Counts::from([("a call".to_owned(), value)]);
        assert!(compare(&counts(1000), &counts(1050)).is_empty());
        assert!(compare(&counts(1000), &counts(950)).is_empty());
        assert!(compare(&counts(1000), &counts(1051))[0].starts_with("a call: 1051 instructions, +5.1 %"));
        assert_eq!(compare(&counts(1000), &counts(949)).len(), 1);
        assert_eq!(compare(&Counts::new(), &counts(1)).len(), 1);
    }

    #[test]
    fn the_count_is_found_in_the_output_of_valgrind() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 240561\n==7== \n"), Some(240_561));
        assert_eq!(collected("==7== nothing"), None);
    }

    #[test]
    fn everything_counted_has_a_contender() {
        for one in &COUNTED {
            assert!(
                CONTENDERS.iter().any(|other| other.face == one.face && other.name == one.contender),
                "{}",
                one.name
            );
        }
    }
}
