//! `cargo xtask fuzz TARGET`: libFuzzer on the stable toolchain.
//!
//! The flags are those of cargo-fuzz with `--sanitizer none`: coverage counters work on stable Rust, sanitizers do not.

use std::time::Duration;

use crate::process::{capture, command, stream};
use crate::repository::Repository;

/// The targets: one file or folder each in tests/fuzz/src/bin.
pub const TARGETS: &[&str] = &["c_strings", "profile", "response", "text"];

const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Runs one target for the given time and leaves findings in target/fuzz. The seeds in tests/fuzz/seeds are not
/// modified.
pub fn run(repository: &Repository, target: &str, time: Duration) -> Result<(), String> {
    let target_directory = repository.metadata()?.target_directory.join("fuzz");
    let output = capture(&mut command("rustc", &["-vV"], &repository.root))?;
    let host = output.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not print its host")?;
    let folder = repository.root.join("tests/fuzz");
    // With --target the flags do not apply to build scripts, which are not linked with the engine.
    let arguments = ["build", "--release", "--locked", "--target", host, "--bin", target, "--target-dir"];
    let mut build = command("cargo", &[&arguments[..], &[target_directory.as_str()]].concat(), &folder);
    stream(build.env("RUSTFLAGS", FLAGS))?;
    let corpus = target_directory.join("corpus").join(target);
    let findings = format!("{}/", target_directory.join("findings").join(target));
    for path in [corpus.as_str(), &findings] {
        std::fs::create_dir_all(path).map_err(|e| format!("{path}: {e}"))?;
    }
    let program = target_directory.join(host).join("release").join(target);
    let limits = [
        format!("-max_total_time={}", time.as_secs()),
        "-timeout=10".to_owned(),
        "-max_len=8192".to_owned(),
        // Ten times what a target needs.
        "-rss_limit_mb=512".to_owned(),
        "-print_final_stats=1".to_owned(),
        format!("-artifact_prefix={findings}"),
    ];
    let seeds = format!("seeds/{target}");
    let mut arguments = vec![corpus.as_str(), seeds.as_str()];
    arguments.extend(limits.iter().map(String::as_str));
    stream(&mut command(program.as_str(), &arguments, &folder))
}
