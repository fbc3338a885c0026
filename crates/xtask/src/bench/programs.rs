//! Running measured programs: on a processor of their own, in an environment that changes nothing for anybody.

use std::path::Path;
use std::process::Command;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::build::Built;
use super::contenders::{Contender, Face};
use crate::process::{capture, command};

/// Where the clients run.
pub const CLIENT_CPU: &str = "0";
/// Where the server runs.
pub const SERVER_CPU: &str = "1";

/// One repetition of one program.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Sample {
    /// User and system time of all threads of the client, in µs, for all calls.
    pub cpu_us: f64,
    /// Median time of a call, in µs.
    pub wall_us: f64,
    /// Calls per second over the whole repetition.
    pub calls_per_s: f64,
    /// The most memory the process had, in kB.
    pub rss_kb: f64,
}

/// A whole process, from start to end.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ProcessSample {
    /// From start to end, in µs.
    pub wall_us: f64,
    /// User and system time, in µs.
    pub cpu_us: f64,
    /// The most memory it had, in kB.
    pub rss_kb: f64,
}

/// A command on one processor.
pub fn pinned(cpu: &str, words: &[&str], folder: &Path) -> Command {
    let mut pinned = command("taskset", &[&["-c", cpu], words].concat(), folder);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        // No proxy may come between, and nothing of the developer's own may configure anybody.
        let upper = name.to_ascii_uppercase();
        if upper.ends_with("_PROXY")
            || ["KOOPHONE_", "HUAWEICLOUD_", "PYTHON", "NODE_"].iter().any(|p| upper.starts_with(p))
        {
            pinned.env_remove(name);
        }
    }
    // The vendor's SDK writes into the home folder when it is imported.
    pinned.env("HOME", folder.join("target/bench/home"));
    pinned
}

/// Makes a program trust the server's certificate: the first variable is read by rustls, OpenSSL and curl, the others
/// by requests and Node.
pub fn trust<'a>(command: &'a mut Command, built: &Built) -> &'a mut Command {
    for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        command.env(name, built.certificate());
    }
    command
}

/// The words that start a contender's program.
pub fn words(built: &Built, contender: &Contender) -> Vec<String> {
    match contender.face {
        Face::Core => vec![built.rust(contender.program)],
        Face::C => vec![built.c(contender.program)],
        Face::Python => vec![built.python(), built.source("python", contender.program)],
        Face::Node => vec!["node".to_owned(), built.source("node", contender.program)],
    }
}

/// One repetition. `flags` are for the interpreter, where there is one.
pub fn sample(
    built: &Built,
    contender: &Contender,
    flags: &[&str],
    url: &str,
    payload: &str,
    calls: usize,
    in_flight: usize,
) -> Result<Sample, String> {
    let mut line = words(built, contender);
    line.splice(1..1, flags.iter().map(|flag| (*flag).to_owned()));
    line.extend([url.to_owned(), payload.to_owned(), calls.to_string(), in_flight.to_string()]);
    line.extend(contender.signed.then(|| "signed".to_owned()));
    figures(&line, built)
}

/// Start and end of a process.
pub fn process(built: &Built, line: &[String]) -> Result<ProcessSample, String> {
    figures(&[&[built.rust("bench-process")], line].concat(), built)
}

/// The figures that a program prints as a line of JSON.
pub fn figures<T: DeserializeOwned>(line: &[String], built: &Built) -> Result<T, String> {
    let words: Vec<&str> = line.iter().map(String::as_str).collect();
    let mut program = pinned(CLIENT_CPU, &words, &built.root);
    if words.iter().any(|word| word.starts_with("https://")) {
        trust(&mut program, built);
    }
    let said = capture(&mut program)?;
    serde_json::from_str(said.trim()).map_err(|error| format!("{} printed no figures: {error}", words.join(" ")))
}
