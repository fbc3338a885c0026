//! Measures wrk against the same server: the upper bound for calls with thousands of phones.

use super::build::{Built, write};
use super::processor::{CLIENT_CPU, pinned};
use super::scenes::CONNECTIONS;
use crate::process::{capture, command};
use crate::repository::Repository;

/// wrk sends the same requests as the floor.
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

/// Checks that wrk is installed, without `Tool`: no option of wrk prints its version and exits with 0.
pub fn need(repository: &Repository) -> Result<(), String> {
    capture(&mut command("sh", &["-c", "command -v wrk"], &repository.root)).map(drop).map_err(|_| {
        "wrk is not installed (nothing of that name is on the PATH); install it (on Debian: wrk)".to_owned()
    })
}

/// Requests per second that wrk gets from the server with as many connections as one of our calls.
pub fn rate(built: &Built, url: &str) -> Result<f64, String> {
    let script = built.folder().join("post.lua");
    write(&script, SCRIPT)?;
    let (script, connections) = (script.to_string_lossy(), CONNECTIONS.to_string());
    let words = ["wrk", "--threads", "1", "--connections", &connections, "--duration", "2s", "--script", &script, url];
    let output = capture(&mut pinned(Some(CLIENT_CPU), &words, &built.root))?;
    if output.contains("Non-2xx") {
        return Err(format!("the server refuses what wrk sends: {output}"));
    }
    rate_in(&output).ok_or_else(|| format!("wrk's output has no request rate: {output}"))
}

fn rate_in(output: &str) -> Option<f64> {
    output.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found_in_the_output_of_wrk() {
        let output =
            "Running 4s test\n  2 requests in 4.00s, 1.00MB read\nRequests/sec:  32101.50\nTransfer/sec: 1.00MB\n";
        assert_eq!(rate_in(output), Some(32101.5));
        assert_eq!(rate_in("nothing"), None);
    }
}
