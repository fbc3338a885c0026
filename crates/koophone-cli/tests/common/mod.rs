//! Runs the built command against an emulator in this process, in a separate environment, and checks that it prints no
//! secret.

#![allow(dead_code)] // every test file uses a different part

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use koophone_emulator::{Builder, Emulator, JournalKind, Operation};
use serde_json::Value;

/// An emulator, and a directory for files.
pub struct World {
    pub emulator: Emulator,
    pub phones: Vec<String>,
    dir: PathBuf,
}

/// What a command did.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    /// The result as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error as JSON.
    #[track_caller]
    pub fn error(&self) -> Value {
        serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same; the exit code must be `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Rows of a table, without its head.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let words = |line: &str| line.split("  ").map(str::trim).filter(|s| !s.is_empty()).map(String::from).collect();
        self.stdout.lines().skip(1).map(words).collect()
    }
}

/// A fresh directory.
pub fn directory() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// The command with an empty environment.
pub fn bare(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_koophone"));
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Tests must not find the metadata service of a cloud server.
    command.env("KOOPHONE_METADATA", "false");
    command
}

/// Runs it with `input` on standard input.
#[track_caller]
pub fn run(mut command: Command, input: Option<&str>) -> Done {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    if let Some(input) = input {
        // A command that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    }
    finish(child)
}

/// Waits for the end.
#[track_caller]
pub fn finish(child: Child) -> Done {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Waits until `happened`. The only sign of another process's progress is what it did.
#[track_caller]
pub fn until(what: &str, happened: impl Fn() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Sends a signal.
#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status().unwrap();
    assert!(status.success());
}

impl World {
    pub fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        let emulator = change(Emulator::builder().phones(3)).start().unwrap();
        Self { phones: emulator.instance_ids(), emulator, dir: directory() }
    }

    /// The command, with the emulator in its environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = bare(args);
        command.envs(self.emulator.environment()).current_dir(&self.dir);
        command
    }

    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Done {
        self.check(run(self.command(args), None))
    }

    #[track_caller]
    pub fn run_with_input(&self, args: &[&str], input: &str) -> Done {
        self.check(run(self.command(args), Some(input)))
    }

    /// Checks that it printed no secret.
    #[track_caller]
    pub fn check(&self, done: Done) -> Done {
        let credentials = self.emulator.credentials();
        for secret in [&credentials.password, &credentials.secret_key] {
            assert!(!done.stdout.contains(secret) && !done.stderr.contains(secret), "a secret was printed: {done:?}");
        }
        done
    }

    /// `before`, all phones, `after`.
    pub fn args<'a>(&'a self, before: &[&'a str], after: &[&'a str]) -> Vec<&'a str> {
        before.iter().copied().chain(self.phones.iter().map(String::as_str)).chain(after.iter().copied()).collect()
    }

    /// Writes a file and returns its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.dir.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn dir(&self) -> &PathBuf {
        &self.dir
    }

    /// The commands that phone number `at` really ran.
    pub fn ran(&self, at: usize) -> Vec<String> {
        let entries = self.emulator.journal_of(&self.phones[at]);
        entries.into_iter().filter_map(|entry| entry.command).collect()
    }

    /// How often `kind` is in the journal.
    pub fn count(&self, kind: JournalKind) -> usize {
        self.emulator.journal().iter().filter(|entry| entry.kind == kind).count()
    }

    /// How many requests of `operation` arrived.
    pub fn requests(&self, operation: Operation) -> usize {
        self.emulator.requests().iter().filter(|request| request.operation == operation).count()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}
