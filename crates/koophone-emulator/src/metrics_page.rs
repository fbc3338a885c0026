//! Counters and state of the emulator in Prometheus's text format: `GET /metrics`.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde_json::Value;

use crate::world::World;

pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The current numbers.
pub(crate) fn text(world: &World) -> String {
    let mut text = Text(String::new());
    let metrics = &world.metrics;
    text.family(
        "requests_total",
        "counter",
        "Requests that arrived completely, by operation, HTTP status (or cut) and whether they were executed.",
        ["operation", "status", "executed"],
        &metrics.requests,
    );
    text.family(
        "faults_injected_total",
        "counter",
        "Faults that have hit a request, by operation and action.",
        ["operation", "action"],
        &metrics.faults,
    );
    text.family(
        "faults_pending",
        "gauge",
        "Faults that wait for a request.",
        [],
        &BTreeMap::from([([], world.faults.pending().len() as u64)]),
    );
    let now = world.clock.now_ms();
    let states = world.fleet.ids().iter().filter_map(|id| world.fleet.state(id, now));
    let mut phones = BTreeMap::new();
    states.for_each(|state| *phones.entry([state.to_string()]).or_default() += 1);
    text.family("phones", "gauge", "Phones, by the number of their state.", ["state"], &phones);
    let mut jobs = BTreeMap::from(["running", "succeeded", "failed"].map(|state| ([state.to_owned()], 0)));
    for job in world.tasks.jobs() {
        let state = match job.outcome.status {
            _ if job.done_at_ms > now => "running",
            1 => "running",
            2 => "succeeded",
            _ => "failed",
        };
        *jobs.entry([state.to_owned()]).or_default() += 1;
    }
    text.family("jobs", "gauge", "Jobs of the tasks that are still known, by state.", ["state"], &jobs);
    text.0
}

struct Text(String);

impl Text {
    /// A metric with its values, one line for each set of labels.
    fn family<const N: usize>(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        labels: [&str; N],
        values: &BTreeMap<[String; N], u64>,
    ) {
        let name = format!("koophone_emulator_{name}");
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (of, value) in values {
            let labels: Vec<String> =
                labels.iter().zip(of).map(|(name, of)| format!("{name}={}", Quoted(of))).collect();
            let labels = if N == 0 { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }
}

/// The value of a label.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The escapes of the format are JSON's, and nothing else in our names needs one.
        fmt::Display::fmt(&Value::from(self.0), f)
    }
}
