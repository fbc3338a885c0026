//! Thousands of phones in one call, beside what wrk gets from the same server.

use std::fs;

use serde::Serialize;

use super::Effort;
use super::build::Built;
use super::contenders::{Contender, Face, PLAIN};
use super::programs::{CLIENT_CPU, Sample, pinned, sample};
use crate::process::{capture, command};
use crate::repository::Repository;

/// Phones in one call: multiples of a batch, as near as they come to 1,000 and 10,000.
pub const FLEETS: [usize; 4] = [1_024, 2_048, 5_120, 10_240];

/// Phones in one request, which is the core's default.
const BATCH: usize = 32;

/// As many as the core has under way at once by default.
const CONNECTIONS: &str = "8";

/// The requests that wrk sends are those of the floor.
const SCRIPT: &str = r#"
wrk.method = "POST"
wrk.path = "/v1/instances/batch-query-status"
wrk.headers["content-type"] = "application/json"
wrk.headers["x-request-id"] = "36969153b5ab7c47180fd155f1481012"
wrk.headers["x-auth-token"] = "a-token"
local ids = {}
for n = 0, 31 do ids[n + 1] = string.format('"%032x"', n) end
wrk.body = '{"instance_ids":[' .. table.concat(ids, ",") .. "]}"
"#;

/// The size to which V8 lets its young generation grow, when and if it sees fit. Held there from the start, memory
/// tells what is kept and not when V8 cleaned up, and is the same in each round.
const YOUNG: &[&str] = &["--min-semi-space-size=16", "--max-semi-space-size=16"];

/// One client's calls over so many phones.
#[derive(Serialize)]
pub struct FleetRow {
    /// The face.
    pub face: &'static str,
    /// The contender.
    pub name: &'static str,
    /// Phones in each call.
    pub phones: usize,
    /// Requests that one call is.
    pub requests: usize,
    /// Calls of one repetition.
    pub calls: usize,
    /// One per round.
    pub samples: Vec<Sample>,
}

/// Every client of ours over every fleet, and [`PLAIN`] beside Node's.
pub fn measure(built: &Built, contenders: &[&Contender], url: &str, effort: Effort) -> Result<Vec<FleetRow>, String> {
    let ours = contenders.iter().copied().filter(|contender| contender.ours && !contender.signed);
    let plain = contenders.iter().any(|contender| contender.face == PLAIN.face).then_some(&PLAIN);
    let mut rows: Vec<(&Contender, FleetRow)> = ours
        .chain(plain)
        .flat_map(|contender| {
            FLEETS.map(|phones| {
                let (face, name, requests) = (contender.face.name(), contender.name, phones / BATCH);
                // About as many requests for each fleet; enough that all memory that is to be used has been.
                let calls = (120 * FLEETS[FLEETS.len() - 1] / phones / effort.divisor).max(2);
                (contender, FleetRow { face, name, phones, requests, calls, samples: Vec::new() })
            })
        })
        .collect();
    for _ in 0..effort.rounds.min(5) {
        for (contender, row) in &mut rows {
            let flags = if contender.face == Face::Node { YOUNG } else { &[] };
            let payload = format!("fleet:{}", row.phones);
            row.samples.push(sample(built, contender, flags, url, &payload, row.calls, 1)?);
        }
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// One line that says what to do where wrk is missing. It has no option that tells its version and ends well.
pub fn need_wrk(repository: &Repository) -> Result<(), String> {
    capture(&mut command("sh", &["-c", "command -v wrk"], &repository.root)).map(drop).map_err(|_| {
        "wrk is not installed (nothing of that name is on the PATH); install it (on Debian: wrk)".to_owned()
    })
}

/// Requests per second that wrk gets from the server with as many connections as a call of ours uses.
pub fn wrk(built: &Built, url: &str) -> Result<f64, String> {
    let script = built.folder().join("post.lua");
    fs::write(&script, SCRIPT).map_err(|error| format!("{}: {error}", script.display()))?;
    let script = script.to_string_lossy();
    let words = ["wrk", "--threads", "1", "--connections", CONNECTIONS, "--duration", "4s", "--script", &script, url];
    let said = capture(&mut pinned(CLIENT_CPU, &words, &built.root))?;
    if said.contains("Non-2xx") {
        return Err(format!("the server refuses what wrk sends: {said}"));
    }
    rate_in(&said).ok_or_else(|| format!("wrk does not say how many requests it made: {said}"))
}

fn rate_in(said: &str) -> Option<f64> {
    said.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found_in_what_wrk_says() {
        let said =
            "Running 4s test\n  2 requests in 4.00s, 1.00MB read\nRequests/sec:  32101.50\nTransfer/sec: 1.00MB\n";
        assert_eq!(rate_in(said), Some(32101.5));
        assert_eq!(rate_in("nothing"), None);
    }
}
