//! The main job for shell users: one `koophone` command per step.

use std::time::Instant;

use koophone_emulator::Emulator;
use serde_json::Value;

use super::{Step, use_emulator};
use crate::process::{capture_lines, command, stream};
use crate::repository::Repository;

/// The name of the step, the arguments before the phones, and those after them.
type Words = (&'static str, &'static [&'static str], &'static [&'static str]);

const STEPS: &[Words] = &[
    ("query status", &["status"], &[]),
    ("set video", &["video", "set"], &["--p540", "3000:30", "--p720", "5000:30", "--p1080", "8000:60"]),
    ("run command", &["exec"], &["--", "getprop", "ro.product.model"]),
    ("start and wait", &["exec", "--async", "--wait"], &["--", "sleep", "1"]),
    ("reset and wait", &["reset", "--yes", "--wait"], &[]),
];

pub(super) fn run(repository: &Repository, emulator: &Emulator) -> Result<Vec<Step>, String> {
    stream(&mut command("cargo", &["build", "--quiet", "--locked", "--package", "koophone-cli"], &repository.root))?;
    let program = repository.metadata()?.target_directory.join("debug").join("koophone");
    let koophone = |words: &[&str], phones: &[String], more: &[&str]| {
        let mut process = command(program.as_str(), words, &repository.root);
        process.arg("--json").args(phones).args(more);
        use_emulator(&mut process, emulator);
        let start = Instant::now();
        let output = capture_lines(&mut process)?.join("\n");
        let results: Value = serde_json::from_str(&output).map_err(|e| format!("{words:?} printed no JSON: {e}"))?;
        Ok::<_, String>((results, start.elapsed().as_secs_f64() * 1000.0))
    };
    let phones = emulator.instance_ids();
    let mut steps = Vec::new();
    let mut done = |step: &str, ok: usize, asked: usize, ms: f64| {
        println!("{step}: {ok} of {asked}");
        steps.push(Step { step: step.to_owned(), ok, phones: asked, ms });
    };
    let (_, ms) = koophone(&["login"], &[], &[])?;
    done("log in", 1, 1, ms);
    for (step, words, more) in STEPS {
        let (results, ms) = koophone(words, &phones, more)?;
        let rows = results.as_array().map(Vec::as_slice).unwrap_or_default();
        done(step, rows.iter().filter(|row| row["error"].is_null()).count(), rows.len(), ms);
    }
    let start = Instant::now();
    for phone in &phones {
        koophone(&["device-token"], std::slice::from_ref(phone), &[])?;
    }
    done("device token", phones.len(), phones.len(), start.elapsed().as_secs_f64() * 1000.0);
    Ok(steps)
}
