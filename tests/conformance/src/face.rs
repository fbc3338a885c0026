//! A face under test: it takes lines and returns replies.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;

use crate::line::Line;

/// Executes lines of the protocol.
pub trait Face {
    /// Executes a line and returns the reply.
    fn execute(&mut self, line: &Line) -> Result<Value, String>;

    /// Whether every call runs in a new process, without the state of earlier calls.
    fn is_stateless(&self) -> bool {
        false
    }

    /// Whether the face supports this call. The command line does not have a command for every operation.
    fn supports(&self, _call: &str) -> bool {
        true
    }
}

/// Enough for any reply, even on a slow machine under valgrind.
const PATIENCE: Duration = Duration::from_secs(120);

/// A runner in a separate process.
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    replies: Receiver<String>,
}

impl Process {
    /// Starts a command line, split at spaces, without the environment variables of koophone.
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
        let (sender, replies) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Ok(Self { child, input, replies })
    }
}

impl Face for Process {
    fn execute(&mut self, line: &Line) -> Result<Value, String> {
        let input = self.input.as_mut().ok_or("the runner's input is closed")?;
        writeln!(input, "{line}")
            .and_then(|()| input.flush())
            .map_err(|e| format!("the runner does not accept input: {e}"))?;
        let reply = self.replies.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("no reply within {PATIENCE:?}"),
            RecvTimeoutError::Disconnected => "the runner ended without an reply".to_owned(),
        })?;
        serde_json::from_str(&reply).map_err(|e| format!("the reply is not JSON ({e}): {reply}"))
    }
}

impl Process {
    /// Closes the runner's input and checks that it exits with 0.
    pub fn finish(mut self) -> Result<(), String> {
        drop(self.input.take());
        let status = self.child.wait().map_err(|e| e.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the runner ended with {status}")) }
    }
}
