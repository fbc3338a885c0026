//! A program that makes the calls under valgrind; `tests/c/torture.c` documents its protocol.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use koophone::{Error, ErrorKind, Task};
use koophone_emulator::Emulator;

use crate::call::Call;
use crate::caller::{CallRequest, Caller, Limits};
use crate::proxy::FailureMode;

/// The calls that such programs support: a command, and a call that fails as a whole. More would take hours under
/// valgrind.
pub fn supports(call: Call) -> bool {
    matches!(call.name(), "run_command" | "query_status")
}

/// A running program, waiting for the next call.
pub struct Program {
    child: Child,
    requests: Option<ChildStdin>,
    replies: Lines<BufReader<ChildStdout>>,
    /// What valgrind had found before the last call: bytes leaked, and errors.
    before: (u64, u64),
    /// Whether a call was made before; valgrind takes seconds to translate the code of the first one.
    warm: bool,
}

/// Limits of the first call.
const COLD: Limits = Limits { deadline: Duration::from_secs(120), attempt: Duration::from_secs(110) };

impl Program {
    /// Starts the program; fails if it does not run under valgrind.
    pub fn start(command: &[String]) -> Result<Self, String> {
        let [program, arguments @ ..] = command else { return Err("no program".into()) };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program} cannot be started: {error}"))?;
        let mut replies = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let requests = child.stdin.take();
        let on = replies.next().and_then(Result::ok).is_some_and(|line| line == "1");
        let started = Self { child, requests, replies, before: (0, 0), warm: false };
        if on { Ok(started) } else { Err(format!("{program} does not run under valgrind")) }
    }

    /// Stops the program; errors that valgrind reports at exit count too.
    pub fn end(mut self) -> Result<(), String> {
        // The program exits at the end of its input.
        drop(self.requests.take());
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the program ended with {status}")) }
    }

    fn ask(&mut self, request: &str) -> Option<String> {
        let requests = self.requests.as_mut()?;
        writeln!(requests, "{request}").and_then(|()| requests.flush()).ok()?;
        self.replies.next()?.ok()
    }
}

impl Caller for Program {
    fn limits(&self, mode: FailureMode) -> Limits {
        if !self.warm {
            return COLD;
        }
        let attempt = Duration::from_millis(if mode == FailureMode::Stall { 1500 } else { 10_000 });
        Limits { deadline: Duration::from_secs(20), attempt }
    }

    fn prepare(&mut self, _: &Emulator, _: Call) -> koophone::Result<Option<Task>> {
        Ok(None)
    }

    fn call(&mut self, request: &CallRequest<'_>) -> koophone::Result<Vec<Option<Error>>> {
        let own = request.emulator.credentials();
        let ids = request.emulator.instance_ids().join(",");
        let mut line = [request.call.name(), &own.user, &own.password, &own.account_domain, &ids].join("\t");
        let mut settings = request.settings(self.limits(request.mode));
        // Without retries more calls fail, so that more error paths are exercised.
        settings.push(("max_attempts", "1".to_owned()));
        settings.push(("region", own.region.clone()));
        if request.call.name() == "query_status" {
            // A single request for all phones makes the whole call fail, instead of single phones.
            settings.push(("batch_size", request.emulator.instance_ids().len().to_string()));
        }
        for (name, value) in settings {
            line += &format!("\t{name}\t{value}");
        }
        self.warm = true;
        let reply = self.ask(&line).ok_or_else(|| internal("the program did not reply"))?;
        let reply = Reply::parse(&reply)
            .ok_or_else(|| internal(&format!("the program printed an invalid reply: {reply:?}")))?;
        let before = std::mem::replace(&mut self.before, reply.found);
        if reply.found.0 > before.0 || reply.found.1 > before.1 {
            let message = format!(
                "valgrind reported (bytes leaked, errors) {before:?} before the call and {:?} after it",
                reply.found
            );
            return Err(internal(&message));
        }
        reply.kinds.into_iter().map(|kind| error_of(kind, &reply.text)).collect()
    }
}

/// A parsed reply.
struct Reply {
    found: (u64, u64),
    kinds: Vec<i64>,
    text: String,
}

impl Reply {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(4, '\t');
        let found = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let kinds = fields.next()?.split(',').map(|kind| kind.parse().ok()).collect::<Option<_>>()?;
        Some(Self { found, kinds, text: fields.next()?.to_owned() })
    }
}

/// The error for a kind's number: 0 means success, and an unknown number is a bug in the library.
fn error_of(kind: i64, text: &str) -> koophone::Result<Option<Error>> {
    if kind == 0 {
        return Ok(None);
    }
    let found = ErrorKind::ALL.into_iter().find(|one| i64::from(one.number()) == kind);
    let found = found.ok_or_else(|| internal(&format!("{kind} is no error kind")))?;
    Ok(Some(Error::new(found, text)))
}

fn internal(text: &str) -> Error {
    Error::new(ErrorKind::Internal, text)
}
