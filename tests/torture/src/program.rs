//! A program that makes the calls, under valgrind: `tests/c/torture.c` says how it is asked and how it answers.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use koophone::{Error, ErrorKind, Task};
use koophone_emulator::Emulator;

use crate::call::Call;
use crate::caller::{Asked, Caller, Limits};
use crate::proxy::Way;

/// What such programs can do: a command, and a call whose requests fail as a whole. Under valgrind more would take
/// hours.
pub fn can(call: Call) -> bool {
    matches!(call.name(), "run_command" | "query_status")
}

/// The program, which waits for the next call.
pub struct Program {
    child: Child,
    requests: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    /// What valgrind had found before the last call: bytes lost, and findings.
    before: (u64, u64),
    /// Whether a call was made already: valgrind takes seconds to translate the code of the first.
    warm: bool,
}

/// For the first call.
const COLD: Limits = Limits { deadline: Duration::from_secs(120), attempt: Duration::from_secs(110) };

impl Program {
    /// Starts it. One that valgrind does not watch is none.
    pub fn start(command: &[String]) -> Result<Self, String> {
        let [program, arguments @ ..] = command else { return Err("no program".into()) };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program} does not start: {error}"))?;
        let mut answers = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let requests = child.stdin.take();
        let on = answers.next().and_then(Result::ok).is_some_and(|line| line == "1");
        let started = Self { child, requests, answers, before: (0, 0), warm: false };
        if on { Ok(started) } else { Err(format!("{program} is not watched by valgrind")) }
    }

    /// Ends it; what valgrind finds at the end counts as well.
    pub fn end(mut self) -> Result<(), String> {
        // It reads to the end of its input.
        drop(self.requests.take());
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the program ended with {status}")) }
    }

    fn ask(&mut self, request: &str) -> Option<String> {
        let requests = self.requests.as_mut()?;
        writeln!(requests, "{request}").and_then(|()| requests.flush()).ok()?;
        self.answers.next()?.ok()
    }
}

impl Caller for Program {
    fn limits(&self, way: Way) -> Limits {
        if !self.warm {
            return COLD;
        }
        let attempt = Duration::from_millis(if way == Way::Stall { 1500 } else { 10_000 });
        Limits { deadline: Duration::from_secs(20), attempt }
    }

    fn prepare(&mut self, _: &Emulator, _: Call) -> koophone::Result<Option<Task>> {
        Ok(None)
    }

    fn call(&mut self, asked: &Asked<'_>) -> koophone::Result<Vec<Option<Error>>> {
        let own = asked.emulator.credentials();
        let ids = asked.emulator.instance_ids().join(",");
        let mut request = [asked.call.name(), &own.user, &own.password, &own.account_domain, &ids].join("\t");
        let mut settings = asked.settings(self.limits(asked.way));
        // More calls fail, and more ways of failing free what they hold.
        settings.push(("max_attempts", "1".to_owned()));
        settings.push(("region", own.region.clone()));
        if asked.call.name() == "query_status" {
            // One request for all phones: where it fails, so does the call; elsewhere single phones do.
            settings.push(("batch_size", asked.emulator.instance_ids().len().to_string()));
        }
        for (name, value) in settings {
            request += &format!("\t{name}\t{value}");
        }
        self.warm = true;
        let answer = self.ask(&request).ok_or_else(|| internal("the program gave no answer"))?;
        let told = Told::parse(&answer).ok_or_else(|| internal(&format!("the program says {answer:?}")))?;
        let before = std::mem::replace(&mut self.before, told.found);
        if told.found.0 > before.0 || told.found.1 > before.1 {
            let message = format!("valgrind had (bytes lost, findings) {before:?} before and {:?} after", told.found);
            return Err(internal(&message));
        }
        told.kinds.into_iter().map(|kind| error_of(kind, &told.text)).collect()
    }
}

/// An answer, read.
struct Told {
    found: (u64, u64),
    kinds: Vec<i64>,
    text: String,
}

impl Told {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(4, '\t');
        let found = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let kinds = fields.next()?.split(',').map(|kind| kind.parse().ok()).collect::<Option<_>>()?;
        Some(Self { found, kinds, text: fields.next()?.to_owned() })
    }
}

/// The error of a number: 0 is none, and what is no kind is a mistake of the library's.
fn error_of(kind: i64, text: &str) -> koophone::Result<Option<Error>> {
    if kind == 0 {
        return Ok(None);
    }
    let found = ErrorKind::ALL.into_iter().find(|one| i64::from(one.number()) == kind);
    let found = found.ok_or_else(|| internal(&format!("{kind} is none of the kinds")))?;
    Ok(Some(Error::new(found, text)))
}

fn internal(text: &str) -> Error {
    Error::new(ErrorKind::Internal, text)
}
