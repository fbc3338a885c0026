//! What was aimed at (issue 7), and what came of it.

use super::contenders::{Face, PLAIN};
use super::fleet::{FLEETS, FleetRow};
use super::processes::{BARE, IMPORT, ONE_CALL, ProcessRow};
use super::programs::{ProcessSample, Sample};
use super::statistics::Median;
use super::{IN_FLIGHT, Measured, PAYLOADS, Row};

/// A goal and what was measured.
pub struct Verdict {
    /// Whose goal.
    pub face: Face,
    /// What is asked.
    pub goal: String,
    /// What the limit was hoped to be.
    pub aim: String,
    /// What was measured.
    pub measured: String,
    /// Whether the limit holds.
    pub met: bool,
}

/// What a contender is asked beside another.
struct Ratio {
    face: Face,
    of: &'static str,
    beside: &'static str,
    measure: Measure,
    limit: f64,
    aim: Option<f64>,
}

enum Measure {
    /// CPU of one call after the other; at most the limit.
    Cpu,
    /// Calls per second with many in flight; at least the limit.
    Rate,
}
use Measure::{Cpu, Rate};

const RATIOS: &[Ratio] = &[
    Ratio { face: Face::Core, of: "koophone, blocking", beside: "floor", measure: Cpu, limit: 1.4, aim: Some(1.2) },
    Ratio { face: Face::Core, of: "koophone, async", beside: "reqwest + serde", measure: Rate, limit: 1.0, aim: None },
    Ratio { face: Face::C, of: "koophone", beside: "libcurl + cJSON", measure: Cpu, limit: 0.65, aim: Some(0.5) },
    Ratio { face: Face::C, of: "koophone", beside: "libcurl + cJSON", measure: Rate, limit: 2.0, aim: None },
    Ratio {
        face: Face::Python,
        of: "koophone, signed",
        beside: "huaweicloudsdkcore",
        measure: Cpu,
        limit: 1.0 / 10.0,
        aim: Some(1.0 / 14.0),
    },
    Ratio { face: Face::Python, of: "koophone", beside: "urllib3", measure: Cpu, limit: 1.0 / 3.0, aim: None },
    Ratio { face: Face::Python, of: "koophone, asyncio", beside: "aiohttp", measure: Rate, limit: 2.0, aim: None },
    Ratio {
        face: Face::Node,
        of: "koophone, signed",
        beside: "huaweicloud-sdk-core",
        measure: Cpu,
        limit: 1.0 / 4.0,
        aim: Some(1.0 / 5.0),
    },
    Ratio { face: Face::Node, of: "koophone", beside: "undici.request", measure: Cpu, limit: 0.9, aim: Some(0.6) },
    Ratio { face: Face::Node, of: "koophone", beside: "undici.request", measure: Rate, limit: 0.9, aim: Some(1.2) },
];

/// Microseconds that a signature may take.
const SIGNATURE: f64 = 2.5;
/// What importing may add: milliseconds and megabytes.
const IMPORTS: [(Face, f64, f64); 2] = [(Face::Python, 15.0, 6.0), (Face::Node, 10.0, 5.0)];
/// What a C program with one call may take in all: milliseconds and megabytes.
const C_PROGRAM: (f64, f64) = (10.0, 7.0);
/// How large shipped files may be, in MB.
const SIZES: [(&str, f64); 3] = [("libkoophone.so", 6.0), ("wheel", 4.0), ("addon", 8.0)];
/// Kilobytes that one more phone of a call may take: its id twice and its answer are about half of that. In Node they
/// are counted from what [`PLAIN`] takes, and so is the next; with it they are what is hoped for.
const FLEET_MEMORY: f64 = 1.0;
/// How much more time a request of ten times the phones may take.
const FLEET_TIME: f64 = 1.1;

/// Everything that was aimed at for these faces, misses first.
pub fn judge(measured: &Measured, faces: &[Face]) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = RATIOS
        .iter()
        .filter(|ratio| faces.contains(&ratio.face))
        .flat_map(|ratio| PAYLOADS.iter().filter_map(|(payload, title)| ratio_verdict(measured, ratio, payload, title)))
        .collect();
    if faces.contains(&Face::Core) {
        for (cost, over) in [
            (measured.signature.with_body_us, "over the 1.1 KB that name 32 phones"),
            (measured.signature.without_body_us, "over a request without a body"),
        ] {
            verdicts.push(at_most(Face::Core, format!("one signature {over}"), cost, SIGNATURE, "µs"));
        }
    }
    for (face, milliseconds, megabytes) in IMPORTS.into_iter().filter(|(face, ..)| faces.contains(face)) {
        let more = |figure: fn(&ProcessSample) -> f64| {
            let (with, without) = (starts(measured, face, IMPORT, "koophone")?, starts(measured, face, IMPORT, BARE)?);
            // Between neighbours: what the machine did meanwhile fell on both.
            Some(Median::of(with.iter().zip(without).map(|(with, without)| figure(with) - figure(without))).value)
        };
        verdicts.extend(
            more(|s| s.wall_us / 1e3)
                .map(|ms| at_most(face, "import, more than nothing".into(), ms, milliseconds, "ms")),
        );
        verdicts.extend(
            more(|s| s.rss_kb / 1e3).map(|mb| at_most(face, "import, more than nothing".into(), mb, megabytes, "MB")),
        );
    }
    let one_call = |figure: fn(&ProcessSample) -> f64| {
        let starts = starts(measured, Face::C, ONE_CALL, "koophone")?;
        Some(Median::of(starts.iter().map(figure)).value)
    };
    verdicts.extend(
        one_call(|s| s.wall_us / 1e3)
            .map(|ms| at_most(Face::C, "a process with one call".into(), ms, C_PROGRAM.0, "ms")),
    );
    verdicts.extend(
        one_call(|s| s.rss_kb / 1e3)
            .map(|mb| at_most(Face::C, "a process with one call".into(), mb, C_PROGRAM.1, "MB")),
    );
    for (what, limit) in SIZES {
        let found = measured.artefacts.iter().find(|(_, name, _)| *name == what);
        let face = found.and_then(|(face, ..)| Face::ALL.into_iter().find(|one| one.name() == *face));
        if let (Some((.., bytes)), Some(face)) = (found, face) {
            verdicts.push(at_most(face, format!("size of the {what}"), *bytes as f64 / 1e6, limit, "MB"));
        }
    }
    verdicts.extend(fleet_verdicts(&measured.fleets, faces));
    verdicts.sort_by_key(|verdict| verdict.met);
    verdicts
}

fn ratio_verdict(measured: &Measured, ratio: &Ratio, payload: &str, title: &str) -> Option<Verdict> {
    let in_flight = if matches!(ratio.measure, Rate) { IN_FLIGHT } else { 1 };
    let row = |name: &str| -> Option<&Row> {
        measured.rows.iter().find(|row| {
            (row.face, row.name, row.payload, row.in_flight) == (ratio.face.name(), name, payload, in_flight)
        })
    };
    let (of, beside) = (row(ratio.of)?, row(ratio.beside)?);
    let figure = |row: &Row, sample: &Sample| match ratio.measure {
        Cpu => sample.cpu_us / row.calls as f64,
        Rate => sample.calls_per_s,
    };
    // Within a round: what the machine did meanwhile fell on both.
    let pairs = of.samples.iter().zip(&beside.samples);
    let Median { value, spread } = Median::of(pairs.map(|(a, b)| figure(of, a) / figure(beside, b)));
    let (what, sign, met) = match ratio.measure {
        Cpu => ("CPU per call", "≤", value <= ratio.limit),
        Rate => ("calls/s, 64 in flight", "≥", value >= ratio.limit),
    };
    Some(Verdict {
        face: ratio.face,
        goal: format!("{what}, {title}: {} {sign} {} × {}", ratio.of, share(ratio.limit), ratio.beside),
        aim: ratio.aim.map(|aim| format!("{sign} {} ×", share(aim))).unwrap_or_default(),
        measured: format!("{value:.3} × ± {:.0} %", spread * 100.0),
        met,
    })
}

/// A share as it was written in the goal.
fn share(value: f64) -> String {
    let whole = (1.0 / value).round();
    if value < 0.4 { format!("1/{whole}") } else { format!("{value}") }
}

fn at_most(face: Face, goal: String, value: f64, limit: f64, unit: &str) -> Verdict {
    let (goal, measured) = (format!("{goal}: ≤ {limit} {unit}"), format!("{value:.2} {unit}"));
    Verdict { face, goal, aim: String::new(), measured, met: value <= limit }
}

fn starts<'a>(measured: &'a Measured, face: Face, what: &str, name: &str) -> Option<&'a [ProcessSample]> {
    let found = |row: &&ProcessRow| (row.face, row.what, row.name.as_str()) == (face.name(), what, name);
    Some(&measured.processes.iter().find(found)?.samples)
}

/// What is asked of calls over ever more phones.
struct Growth {
    what: &'static str,
    figure: fn(&FleetRow, &Sample) -> f64,
    /// What is judged, of how much the figure rises, what it is for few phones, and how many phones come on top.
    judged: fn(f64, f64, f64) -> f64,
    limit: f64,
    unit: &'static str,
}

const GROWTHS: [Growth; 2] = [
    Growth {
        what: "memory of one more phone",
        figure: |_, sample| sample.rss_kb,
        judged: |rise, _, phones| rise / phones,
        limit: FLEET_MEMORY,
        unit: "kB",
    },
    Growth {
        what: "CPU per request",
        // Of the processor: whatever else the machine does shows in times from start to end.
        figure: |row, sample| sample.cpu_us / (row.calls * row.requests) as f64,
        judged: |rise, few, _| 1.0 + rise / few,
        limit: FLEET_TIME,
        unit: "×",
    },
];

fn fleet_verdicts(fleets: &[FleetRow], faces: &[Face]) -> Vec<Verdict> {
    let [small, .., large] = FLEETS;
    let of = |phones: usize| fleets.iter().filter(move |row| row.phones == phones);
    let (plain, ours): (Vec<_>, Vec<_>) = of(small).zip(of(large)).partition(|(few, _)| few.name == PLAIN.name);
    let mut verdicts = Vec::new();
    for (few, many) in ours {
        let Some(face) = faces.iter().copied().find(|face| face.name() == few.face) else { continue };
        let plain = plain.iter().find(|(plain, _)| plain.face == few.face);
        for Growth { what, figure, judged, limit, unit } in GROWTHS {
            let judge = |rises: &[f64]| {
                let rounds = rises.iter().zip(&few.samples);
                Median::of(rounds.map(|(rise, sample)| judged(*rise, figure(few, sample), (large - small) as f64)))
                    .value
            };
            let goal = format!("{}: {what}, {large} phones beside {small}", few.name);
            let whole = rises(few, many, figure);
            verdicts.push(match plain {
                None => at_most(face, goal, judge(&whole), limit, unit),
                // A list of that length has its price in this language, whoever makes it: what is ours is what comes on
                // top.
                Some((least, most)) => {
                    let theirs = rises(least, most, figure);
                    let own: Vec<f64> = whole.iter().zip(theirs).map(|(whole, theirs)| whole - theirs).collect();
                    let own = at_most(face, format!("{goal}, beyond {}", PLAIN.name), judge(&own), limit, unit);
                    let measured = format!("{}; {:.2} {unit} with it", own.measured, judge(&whole));
                    Verdict { aim: format!("≤ {limit} {unit} with it"), measured, ..own }
                }
            });
        }
    }
    verdicts
}

/// By how much a figure rises from a call over few phones to one over many, in each round: what the machine did
/// meanwhile fell on both.
fn rises(few: &FleetRow, many: &FleetRow, figure: fn(&FleetRow, &Sample) -> f64) -> Vec<f64> {
    few.samples.iter().zip(&many.samples).map(|(one, other)| figure(many, other) - figure(few, one)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::contenders::CONTENDERS;
    use super::*;

    #[test]
    fn goals_name_contenders_that_exist() {
        for ratio in RATIOS {
            for name in [ratio.of, ratio.beside] {
                let found = CONTENDERS.iter().filter(|one| one.face == ratio.face && one.name == name).count();
                assert_eq!(found, 1, "{name}");
            }
        }
    }

    #[test]
    fn limits_are_limits() {
        assert!(at_most(Face::C, "size".into(), 4.5, 4.5, "MB").met);
        assert!(!at_most(Face::C, "size".into(), 4.51, 4.5, "MB").met);
        assert_eq!((share(0.1), share(1.0 / 3.0), share(1.4)), ("1/10".into(), "1/3".into(), "1.4".into()));
    }

    #[test]
    fn what_a_list_costs_whoever_makes_it_is_no_fault_of_ours() {
        let [small, .., large] = FLEETS;
        let row = |face: Face, name, phones, rss_kb, request_us| {
            let (calls, requests) = (10, phones / 32);
            let sample =
                Sample { cpu_us: request_us * (calls * requests) as f64, wall_us: 0.0, calls_per_s: 0.0, rss_kb };
            FleetRow { face: face.name(), name, phones, requests, calls, samples: vec![sample; 3] }
        };
        let more = (large - small) as f64;
        let rust = [row(Face::Core, "koophone", small, 100.0, 10.0), row(Face::Core, "koophone", large, 100.0, 12.0)];
        let node = [
            row(Face::Node, "koophone", small, 100.0, 40.0),
            row(Face::Node, "koophone", large, 100.0 + 2.5 * more, 46.0),
            row(Face::Node, PLAIN.name, small, 50.0, 2.0),
            row(Face::Node, PLAIN.name, large, 50.0 + 2.0 * more, 6.0),
        ];
        let verdicts = fleet_verdicts(&rust.into_iter().chain(node).collect::<Vec<_>>(), &Face::ALL);
        let found: Vec<_> = verdicts.iter().map(|one| (one.face, one.measured.as_str(), one.met)).collect();
        assert_eq!(
            found,
            [
                (Face::Core, "0.00 kB", true),
                (Face::Core, "1.20 ×", false),
                (Face::Node, "0.50 kB; 2.50 kB with it", true),
                (Face::Node, "1.05 ×; 1.15 × with it", true),
            ]
        );
    }
}
