//! A face under test: something that takes lines and gives answers.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;

use crate::line::Line;

/// Takes a line, gives the answer.
pub trait Face {
    /// Does what the line says.
    fn tell(&mut self, line: &Line) -> Result<Value, String>;

    /// Whether every call is a process of its own, which knows nothing of the one before.
    fn forgets(&self) -> bool {
        false
    }

    /// Whether the face has this call. The command line has a command only for operations that deserve one.
    fn makes(&self, _call: &str) -> bool {
        true
    }
}

/// No answer takes longer than this on the slowest machine, under valgrind too.
const PATIENCE: Duration = Duration::from_secs(120);

/// A runner in a process of its own.
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Process {
    /// Starts a command, given as words with blanks between, in a bare environment.
    pub fn start(command: &str) -> Result<Self, String> {
        let mut words = command.split_whitespace();
        let program = words.next().ok_or("the command is empty")?;
        let mut process = Command::new(program);
        process.args(words).env_remove("RUST_LOG").stdin(Stdio::piped()).stdout(Stdio::piped());
        for (name, _) in std::env::vars_os() {
            let ours =
                name.to_str().is_some_and(|name| name.starts_with("KOOPHONE_") || name.starts_with("HUAWEICLOUD_"));
            if ours {
                process.env_remove(name);
            }
        }
        let mut child = process.spawn().map_err(|e| format!("{program} cannot be started: {e}"))?;
        let output = child.stdout.take().ok_or("no standard output")?;
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Ok(Self { child, input, answers })
    }
}

impl Face for Process {
    fn tell(&mut self, line: &Line) -> Result<Value, String> {
        let input = self.input.as_mut().ok_or("the runner's input is closed")?;
        writeln!(input, "{line}").and_then(|()| input.flush()).map_err(|e| format!("the runner has gone: {e}"))?;
        let answer = self.answers.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("no answer within {PATIENCE:?}"),
            RecvTimeoutError::Disconnected => "the runner ended without an answer".to_owned(),
        })?;
        serde_json::from_str(&answer).map_err(|e| format!("the answer is not JSON ({e}): {answer}"))
    }
}

impl Process {
    /// Closes the runner's input; it must end with 0.
    pub fn finish(mut self) -> Result<(), String> {
        drop(self.input.take());
        let status = self.child.wait().map_err(|e| e.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the runner ended with {status}")) }
    }
}
