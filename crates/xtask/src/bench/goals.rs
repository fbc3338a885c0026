//! The performance goals (issue 16), and whether they are met.

use super::contenders::{CONTENDERS, Role};
use super::face::Face;
use super::scenes::{
    BATCH, CLIENTS, CONNECTIONS, Calls, FLEETS, IN_FLIGHT, RESPONSE_US, SLOW_PHONES, Scene, Wire, Work,
};
use super::statistics::Median;
use super::{Measured, Row};

/// A goal and what was measured.
pub struct Verdict {
    /// The face that the goal is for.
    pub face: Face,
    /// The goal, in words.
    pub goal: String,
    /// What was measured.
    pub measured: String,
    /// Whether the limit holds.
    pub met: bool,
}

/// A goal for a contender, relative to another one.
struct Ratio {
    face: Face,
    of: &'static str,
    beside: &'static str,
    figure: Figure,
    scenes: &'static [Scene],
    limit: Limit,
}

enum Figure {
    /// CPU per call.
    Cpu,
    /// Calls per second.
    Rate,
    /// Time of a call or a process.
    Time,
}
use Figure::{Cpu, Rate, Time};

enum Limit {
    AtMost(f64),
    /// At most one part in this many.
    OneIn(f64),
    AtLeast(f64),
}
use Limit::{AtLeast, AtMost, OneIn};

const fn one(wire: Wire, work: Work) -> Scene {
    Scene::Calls(Calls::new(wire, work, 1))
}

const fn many(wire: Wire, work: Work) -> Scene {
    Scene::Calls(Calls::new(wire, work, IN_FLIGHT))
}

const fn cold(wire: Wire, work: Work) -> Scene {
    Scene::Calls(Calls::cold(wire, work))
}

use Wire::{Plain, Tls};
use Work::{Results, Statuses};
const TLS: &[Scene] = &[one(Tls, Statuses), one(Tls, Results)];
const BOTH: &[Scene] = &[one(Tls, Statuses), one(Tls, Results), one(Plain, Statuses), one(Plain, Results)];
const MANY_TLS: &[Scene] = &[many(Tls, Statuses), many(Tls, Results)];
const MANY: &[Scene] = &[many(Tls, Statuses), many(Tls, Results), many(Plain, Statuses), many(Plain, Results)];
const COLD: &[Scene] = &[cold(Tls, Statuses), cold(Tls, Results), cold(Plain, Statuses), cold(Plain, Results)];

const fn ratio(
    face: Face,
    [of, beside]: [&'static str; 2],
    figure: Figure,
    scenes: &'static [Scene],
    limit: Limit,
) -> Ratio {
    Ratio { face, of, beside, figure, scenes, limit }
}

const FLOOR: [&str; 2] = ["koophone, blocking", "floor"];
const UNDICI: [&str; 2] = ["koophone", "undici.request"];

const RATIOS: &[Ratio] = &[
    ratio(Face::Core, FLOOR, Cpu, &[one(Plain, Statuses)], AtMost(1.5)),
    ratio(Face::Core, FLOOR, Cpu, &[one(Plain, Results)], AtMost(1.3)),
    ratio(Face::Core, FLOOR, Cpu, TLS, AtMost(1.3)),
    ratio(Face::C, ["koophone", "libcurl + cJSON"], Cpu, BOTH, AtMost(0.7)),
    ratio(Face::C, ["koophone", "libcurl + cJSON"], Rate, MANY, AtLeast(1.7)),
    ratio(Face::Python, ["koophone", "urllib3"], Cpu, TLS, OneIn(7.0)),
    ratio(Face::Python, ["koophone", "requests"], Cpu, TLS, OneIn(15.0)),
    ratio(Face::Python, ["koophone, asyncio", "aiohttp"], Rate, MANY_TLS, AtLeast(3.5)),
    ratio(Face::Python, ["koophone, signed", "huaweicloudsdkcore"], Cpu, BOTH, OneIn(10.0)),
    ratio(Face::Python, ["koophone", "requests"], Time, &[Scene::OneCall], AtMost(0.6)),
    ratio(Face::Node, UNDICI, Cpu, BOTH, AtMost(0.75)),
    ratio(Face::Node, UNDICI, Rate, MANY, AtLeast(1.5)),
    ratio(Face::Node, UNDICI, Cpu, COLD, AtMost(0.45)),
    ratio(Face::Node, ["koophone, signed", "huaweicloud-sdk-core"], Cpu, BOTH, OneIn(7.0)),
    ratio(Face::Node, UNDICI, Time, &[Scene::OneCall], AtMost(0.5)),
];

/// How many milliseconds a C program with one call may take more than the curl command.
const BEYOND_CURL: f64 = 3.0;
/// How much more 100 clients may take than one: milliseconds and megabytes.
const MORE_CLIENTS: (f64, f64) = (15.0, 4.0);
/// The limit for a call with slow responses, relative to the ideal time.
const SLOW: f64 = 1.05;
/// The share of wrk's rate that a call over thousands of phones must reach.
const SHARE: f64 = 0.6;
/// Kilobytes that each additional phone of a call may take; its id twice and its result are about half of that. In
/// Node, what the language itself takes for such a list is subtracted.
const FLEET_MEMORY: f64 = 1.0;
/// Size limits of shipped files, in MB.
const SIZES: [(&str, f64); 3] = [("libkoophone.so", 6.0), ("wheel", 4.0), ("addon", 8.0)];

/// Judges all goals of a face.
pub fn judge(measured: &Measured) -> Vec<Verdict> {
    let ratios = RATIOS.iter().filter(|ratio| ratio.face == measured.face);
    let ratios = ratios.flat_map(|ratio| ratio.scenes.iter().filter_map(|scene| beside(measured, ratio, *scene)));
    let ours = CONTENDERS.iter().filter(|one| one.face == measured.face && one.is_measured_in(Scene::Slow));
    let mut verdicts: Vec<Verdict> = ratios.collect();
    verdicts.extend(beyond_curl(measured));
    for name in ours.map(|one| one.name) {
        verdicts.extend(more_clients(measured, name));
        verdicts.extend(slow(measured, name));
        verdicts.extend(share_of_wrk(measured, name));
        verdicts.extend(growth(measured, name));
    }
    for (what, limit) in SIZES {
        let found = measured.artefacts.iter().find(|(name, _)| name == what);
        verdicts.extend(
            found.map(|(_, bytes)| {
                at_most(measured.face, format!("size of the {what}"), *bytes as f64 / 1e6, limit, "MB")
            }),
        );
    }
    verdicts
}

fn beside(measured: &Measured, ratio: &Ratio, scene: Scene) -> Option<Verdict> {
    let (of, beside) = (measured.row(scene, ratio.of)?, measured.row(scene, ratio.beside)?);
    let Median { value, spread } = Median::of(match ratio.figure {
        Cpu => paired(of, beside, |row, at| row.samples[at].cpu_us / row.calls as f64, |a, b| a / b),
        Rate => paired(of, beside, |row, at| row.samples[at].calls_per_s, |a, b| a / b),
        Time => paired(of, beside, |row, at| row.samples[at].wall_us, |a, b| a / b),
    });
    let (bound, met) = match ratio.limit {
        AtMost(limit) => (format!("≤ {limit}"), value <= limit),
        OneIn(parts) => (format!("≤ 1/{parts}"), value <= 1.0 / parts),
        AtLeast(limit) => (format!("≥ {limit}"), value >= limit),
    };
    let what = match (&ratio.figure, scene) {
        (_, Scene::Calls(Calls { warm: false, .. })) => "CPU per call, the first 2,000 calls",
        (Rate, _) => "calls/s, 64 in flight",
        (Time, _) => "a process with one call",
        (Cpu, _) => "CPU per call",
    };
    let over = match scene {
        Scene::Calls(Calls { wire, work, .. }) => {
            format!("{}, {}", if wire == Tls { "TLS" } else { "plain" }, work.title())
        }
        _ => "TLS".to_owned(),
    };
    Some(Verdict {
        face: ratio.face,
        goal: format!("{what}, {over}: {} {bound} × {}", ratio.of, ratio.beside),
        measured: format!("{value:.3} × ± {:.0} %", spread * 100.0),
        met,
    })
}

/// Combines a figure of two rows round by round, because the machine's load in a round affects both.
fn paired(one: &Row, other: &Row, figure: impl Fn(&Row, usize) -> f64, together: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let rounds = 0..one.samples.len().min(other.samples.len());
    rounds.map(|at| together(figure(one, at), figure(other, at))).collect()
}

fn milliseconds(row: &Row, at: usize) -> f64 {
    row.samples[at].wall_us / 1e3
}

fn kilobytes(row: &Row, at: usize) -> f64 {
    row.samples[at].rss_kb
}

fn at_most(face: Face, goal: String, value: f64, limit: f64, unit: &str) -> Verdict {
    let (goal, measured) = (format!("{goal}: ≤ {limit} {unit}"), format!("{value:.2} {unit}"));
    Verdict { face, goal, measured, met: value <= limit }
}

fn beyond_curl(measured: &Measured) -> Option<Verdict> {
    let row = |name| measured.row(Scene::OneCall, name);
    let more = paired(row("koophone")?, row("curl, the command")?, milliseconds, |ours, theirs| ours - theirs);
    let goal = "a process with one call, TLS, beyond curl, the command".to_owned();
    Some(at_most(measured.face, goal, Median::of(more).value, BEYOND_CURL, "ms"))
}

fn more_clients(measured: &Measured, name: &str) -> Vec<Verdict> {
    let row = |count| measured.row(Scene::Clients { count, used: false }, name);
    let (Some(many), Some(one)) = (row(CLIENTS), row(1)) else { return Vec::new() };
    let more = |figure: fn(&Row, usize) -> f64| Median::of(paired(many, one, figure, |many, one| many - one)).value;
    let goal = || format!("{name}: {CLIENTS} clients beyond one");
    vec![
        at_most(measured.face, goal(), more(milliseconds), MORE_CLIENTS.0, "ms"),
        at_most(measured.face, goal(), more(kilobytes) / 1e3, MORE_CLIENTS.1, "MB"),
    ]
}

/// The ideal time in µs of a call whose batches take [`RESPONSE_US`] each, [`CONNECTIONS`] at a time.
pub fn ideal() -> f64 {
    SLOW_PHONES.div_ceil(BATCH).div_ceil(CONNECTIONS) as f64 * RESPONSE_US
}

fn slow(measured: &Measured, name: &str) -> Option<Verdict> {
    let row = measured.row(Scene::Slow, name)?;
    let times = Median::of(row.samples.iter().map(|sample| sample.wall_us / ideal())).value;
    let (goal, measured_text) =
        (format!("{name}: {SLOW_PHONES} phones at 50 ms ≤ {SLOW} × ideal"), format!("{times:.3} ×"));
    Some(Verdict { face: measured.face, goal, measured: measured_text, met: times <= SLOW })
}

/// Requests per second for thousands of phones, as a share of wrk's rate in the same round.
pub fn shares(measured: &Measured, row: &Row) -> Vec<f64> {
    let Scene::Fleet { phones } = row.scene else { return Vec::new() };
    let rate = |wall_us: f64| (phones / BATCH) as f64 * 1e6 / wall_us;
    row.samples.iter().zip(&measured.wrk).map(|(sample, wrk)| rate(sample.wall_us) / wrk).collect()
}

fn share_of_wrk(measured: &Measured, name: &str) -> Option<Verdict> {
    let phones = FLEETS[FLEETS.len() - 1];
    let row = measured.row(Scene::Fleet { phones }, name)?;
    let share = Median::of(shares(measured, row)).value * 100.0;
    let asked = matches!(measured.face, Face::Core | Face::C);
    asked.then(|| Verdict {
        face: measured.face,
        goal: format!("{name}: {phones} phones without delay ≥ {:.0} % of wrk", SHARE * 100.0),
        measured: format!("{share:.0} %"),
        met: share >= SHARE * 100.0,
    })
}

/// The memory that each additional phone of a call takes.
fn growth(measured: &Measured, name: &str) -> Option<Verdict> {
    let [small, .., large] = FLEETS;
    let rise = |name: &str| {
        let row = |phones| measured.row(Scene::Fleet { phones }, name);
        let each = |many: f64, few: f64| (many - few) / (large - small) as f64;
        Some(paired(row(large)?, row(small)?, kilobytes, each))
    };
    let whole = rise(name)?;
    let goal = format!("{name}: memory of one more phone, {large} phones beside {small}");
    let language = CONTENDERS.iter().find(|one| one.face == measured.face && one.role == Role::Language);
    let Some((language, theirs)) = language.and_then(|one| Some((one.name, rise(one.name)?))) else {
        return Some(at_most(measured.face, goal, Median::of(whole).value, FLEET_MEMORY, "kB"));
    };
    // Any list of that length has a cost in this language; only what exceeds it is ours.
    let own = Median::of(whole.iter().zip(theirs).map(|(whole, theirs)| whole - theirs)).value;
    let own = at_most(measured.face, format!("{goal}, beyond {language}"), own, FLEET_MEMORY, "kB");
    Some(Verdict { measured: format!("{}; {:.2} kB with it", own.measured, Median::of(whole).value), ..own })
}

#[cfg(test)]
mod tests {
    use super::super::programs::Sample;
    use super::super::report::Machine;
    use super::*;

    #[test]
    fn goals_name_contenders_that_are_measured() {
        for ratio in RATIOS {
            for (name, scene) in
                [ratio.of, ratio.beside].iter().flat_map(|name| ratio.scenes.iter().map(move |s| (name, s)))
            {
                let is = |one: &&super::super::Contender| {
                    one.face == ratio.face && one.name == *name && one.is_measured_in(*scene)
                };
                assert_eq!(CONTENDERS.iter().filter(is).count(), 1, "{name}");
                assert!(Scene::of(ratio.face).contains(scene), "{scene:?}");
            }
        }
    }

    fn measured(face: Face, rows: &[(Scene, &str, [f64; 2])]) -> Measured {
        let row = |(scene, name, [wall_us, rss_kb]): &(Scene, &str, [f64; 2])| Row {
            scene: *scene,
            name: (*name).to_owned(),
            calls: 10,
            samples: vec![
                Sample {
                    cpu_us: *wall_us * 10.0,
                    wall_us: *wall_us,
                    calls_per_s: 1e6 / wall_us,
                    rss_kb: *rss_kb
                };
                3
            ],
        };
        let rows = rows.iter().map(row).collect();
        Measured {
            face,
            machine: Machine::default(),
            rows,
            wrk: vec![1e5; 3],
            artefacts: vec![("wheel".to_owned(), 4_100_000)],
        }
    }

    fn found(measured: &Measured) -> Vec<(String, bool)> {
        judge(measured).into_iter().map(|one| (one.measured, one.met)).collect()
    }

    #[test]
    fn ratios_are_judged_both_ways() {
        let rows = [
            (one(Tls, Statuses), "koophone", [71.0, 0.0]),
            (one(Tls, Statuses), "libcurl + cJSON", [100.0, 0.0]),
            (many(Plain, Results), "koophone", [10.0, 0.0]),
            (many(Plain, Results), "libcurl + cJSON", [17.0, 0.0]),
        ];
        assert_eq!(
            found(&measured(Face::C, &rows)),
            [("0.710 × ± 0 %".into(), false), ("1.700 × ± 0 %".into(), true), ("4.10 MB".into(), false)]
        );
    }

    #[test]
    fn ten_thousand_phones_are_forty_rounds_of_batches() {
        assert_eq!(ideal(), 2_000_000.0);
        let rows = [
            (Scene::Slow, "koophone, blocking", [2_100_000.0, 0.0]),
            (Scene::Slow, "koophone, async", [2_110_000.0, 0.0]),
        ];
        let found = found(&measured(Face::Core, &rows));
        assert_eq!(found[..2], [("1.050 ×".into(), true), ("1.055 ×".into(), false)]);
    }

    #[test]
    fn the_language_s_own_cost_of_a_list_is_subtracted() {
        let [small, .., large] = FLEETS;
        let more = (large - small) as f64;
        let fleet = |phones, name, rss_kb| (Scene::Fleet { phones }, name, [1.0, rss_kb]);
        let rows = [
            fleet(small, "koophone", 100.0),
            fleet(large, "koophone", 100.0 + 2.5 * more),
            fleet(small, "JSON.parse of such a list", 50.0),
            fleet(large, "JSON.parse of such a list", 50.0 + 2.0 * more),
        ];
        assert_eq!(found(&measured(Face::Node, &rows))[0], ("0.50 kB; 2.50 kB with it".into(), true));
    }
}
