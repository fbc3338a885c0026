//! The command line face: every line of the protocol is one run of `koophone ... --json`.
//!
//! Settings become options; secrets become files, so that they do not appear in the process list. A client is a list of
//! options here, and a token cache in its own folder. The output is passed on unchanged, except where the protocol and
//! the command line divide it differently (a task, the progress of a wait).

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use koophone::{CREDENTIAL_FIELDS, Operation, Param, ParamKind, VERBS, WAITS};
use serde_json::{Value, json};

use crate::call::operation_of;
use crate::example::example;
use crate::face::Face;
use crate::folder::Folder;
use crate::line::Line;
use crate::operations;

/// A run that is to be cancelled must report within this time that it handles signals.
const LISTENS_WITHIN: Duration = Duration::from_secs(5);

/// The command line as a face.
pub struct CliFace {
    program: PathBuf,
    folder: Folder,
    /// Clients created so far; each has its own folder.
    clients: usize,
    /// The options of the current client, except the timeout.
    options: Vec<String>,
    /// Its `timeout` setting, used when a line does not have its own.
    timeout: Option<String>,
    /// The saved form of the task.
    task: Option<String>,
    /// The statistics of the last run.
    stats: Cell<Value>,
}

/// The result of one run.
struct Run {
    stdout: Option<Value>,
    /// The report of a failure.
    report: Option<Value>,
    progress: Vec<Value>,
    code: i32,
}

impl CliFace {
    /// A face that runs the program at `path`.
    pub fn new(path: &str) -> Result<Self, String> {
        let program = std::fs::canonicalize(path).map_err(|e| format!("{path}: {e}"))?;
        let folder = Folder::new()?;
        Ok(Self { program, folder, clients: 0, options: Vec::new(), timeout: None, task: None, stats: Cell::default() })
    }

    /// Remembers the options and validates them with a command that creates a client and sends nothing: an invalid task
    /// id is rejected only after the client's settings have been accepted.
    fn make_client(&mut self, line: &Line) -> Result<Value, String> {
        self.clients += 1;
        let folder = self.folder.path.join(self.clients.to_string());
        std::fs::create_dir(&folder).map_err(|e| e.to_string())?;
        self.timeout = None;
        self.options = vec!["--token-cache".into(), folder.join("tokens").display().to_string()];
        for (name, value) in &line.fields {
            let option = |name: &str| format!("--{}", name.replace('_', "-"));
            match name.strip_prefix("credential.") {
                Some(field) if is_secret(field) => {
                    let file = folder.join(field);
                    std::fs::write(&file, value).map_err(|e| e.to_string())?;
                    self.options.extend([format!("{}-file", option(field)), file.display().to_string()]);
                }
                Some(field) => self.options.extend([option(field), value.clone()]),
                None if name == "timeout" => self.timeout = Some(value.clone()),
                None => self.options.extend([option(name), value.clone()]),
            }
        }
        let run = self.run(&words(["task", "show", "/"]), &Line::default())?;
        let error = run.report.ok_or("a task id with a slash was accepted")?["error"].take();
        if error["argument"] == "task_id" { Ok(json!({"ok": true})) } else { Ok(json!({"error": error})) }
    }

    fn call(&mut self, line: &Line) -> Result<Value, String> {
        let name = line.words.get(1).map_or("", String::as_str);
        if name == "stats" {
            // Every process is a new client, so these are the statistics of the last call.
            return Ok(json!({"stats": self.stats.take()}));
        }
        if name == "login" {
            return self.reply(&words(["whoami"]), line, "identity");
        }
        let arguments = self.arguments(name, line)?;
        let (field, _) = operations::reply(name).unwrap_or(("ok", ""));
        if field == "task" { self.start(&arguments, line) } else { self.reply(&arguments, line, field) }
    }

    /// The command for an operation, taken from its example.
    fn arguments(&self, name: &str, line: &Line) -> Result<Vec<String>, String> {
        let operation = operation_of(name).ok_or_else(|| format!("unknown call {name:?}"))?;
        let command = command_of(operation).ok_or_else(|| format!("the command line has no command for {name}"))?;
        // A command for a verb may not take all of its arguments.
        let is_taken =
            |param: &Param| line.get(param.name).is_none() || command.contains(&format!("{{{}}}", param.name));
        let command =
            if is_verb(operation) && !operation.params.iter().all(is_taken) { any_verb(operation) } else { command };
        // With this option, commands that list something read a single page.
        let one_page = if name == operation.name { [].as_slice() } else { &["--page", "{page_no}"] };
        let mut arguments = Vec::new();
        for word in command.split(' ').chain(one_page.iter().copied()) {
            match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
                None => arguments.push(word.to_owned()),
                Some("instance_ids" | "instance_id") => arguments.extend(line.all("instance_id")),
                Some("pairs") => arguments.extend(pairs(operation, line)),
                Some("repeatable") => arguments.extend(repeatable(line)),
                Some(field) if field.ends_with(".*") => arguments.extend(options(field.trim_end_matches('*'), line)),
                Some(field) => {
                    let param = operation.params.iter().find(|param| param.name == field);
                    let default = param.and_then(|param| param.default);
                    let text = line.get(field).or(default).unwrap_or_default();
                    // Structures are passed in a file.
                    match param.map(|param| param.kind) {
                        Some(ParamKind::Struct(_) | ParamKind::StructList(_)) => {
                            arguments.push(self.file(field, text)?)
                        }
                        _ => arguments.push(text.to_owned()),
                    }
                }
            }
        }
        Ok(arguments)
    }

    fn task(&mut self, line: &Line) -> Result<Value, String> {
        let verb = line.words.get(1).map(String::as_str);
        if verb == Some("resume") {
            let saved = line.get("saved").unwrap_or_default().to_owned();
            let file = self.file("task", &saved)?;
            return self.start(&words(["task", "describe", "--file", &file]), line);
        }
        let saved = self.task.clone().ok_or("no task yet")?;
        let file = self.file("task", &saved)?;
        match verb {
            Some("save") => Ok(json!({"saved": saved})),
            Some("poll") => self.reply(&words(["task", "show", "--file", &file]), line, "status"),
            Some("wait") => {
                let run = self.run(&words(["task", "wait", "--file", &file]), line)?;
                let progress = json!(run.progress);
                let mut reply = run.reply(line, "results")?;
                if reply.get("results").is_some() {
                    reply["progress"] = progress;
                }
                Ok(reply)
            }
            other => Err(format!("unknown task verb {other:?}")),
        }
    }

    /// Writes a file in the face's folder and returns its path.
    fn file(&self, name: &str, text: &str) -> Result<String, String> {
        let file = self.folder.path.join(name);
        std::fs::write(&file, text).map_err(|e| e.to_string())?;
        Ok(file.display().to_string())
    }

    fn reply(&self, arguments: &[String], line: &Line, name: &str) -> Result<Value, String> {
        self.run(arguments, line)?.reply(line, name)
    }

    /// Runs a command that returns a task, which becomes the current task.
    fn start(&mut self, arguments: &[String], line: &Line) -> Result<Value, String> {
        let mut reply = self.reply(arguments, line, "task")?;
        if let Some(task) = reply.get_mut("task").and_then(Value::as_object_mut) {
            let saved = task.remove("saved_task").ok_or("the task has no saved form")?;
            self.task = saved.as_str().map(str::to_owned);
        }
        Ok(reply)
    }

    /// Runs the program with the options of the client and of the line.
    fn run(&self, arguments: &[String], line: &Line) -> Result<Run, String> {
        let mut command = Command::new(&self.program);
        command.env_clear().env("HOME", &self.folder.path).args(["--json", "-v"]).args(&self.options);
        let limit = line.get("timeout_ms").map(|milliseconds| format!("{milliseconds}ms"));
        if let Some(limit) = limit.as_ref().or(self.timeout.as_ref()) {
            command.args(["--timeout", limit]);
        }
        if let Some(traceparent) = line.get("traceparent") {
            command.args(["--traceparent", traceparent]);
        }
        let cancel: Option<u64> = line.get("cancel_after_ms").and_then(|text| text.parse().ok());
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("{}: {e}", self.program.display()))?;
        let (said, heard) = channel();
        let stderr = child.stderr.take().ok_or("no standard error")?;
        let reports = std::thread::spawn(move || read_reports(stderr, &said));
        if let Some(after) = cancel {
            // The first output shows that the program is running; from then on it handles signals.
            heard.recv_timeout(LISTENS_WITHIN).map_err(|e| format!("nothing to cancel: {e}"))?;
            std::thread::sleep(Duration::from_millis(after));
            interrupt(&child)?;
        }
        let mut text = String::new();
        let mut stdout = child.stdout.take().ok_or("no standard output")?;
        stdout.read_to_string(&mut text).map_err(|e| e.to_string())?;
        let status = child.wait().map_err(|e| e.to_string())?;
        let reports = reports.join().map_err(|_| "the reader of standard error failed")??;
        let code = status.code().ok_or_else(|| format!("koophone was terminated: {status}"))?;
        let mut run = Run { stdout: None, report: None, progress: Vec::new(), code };
        if !text.is_empty() {
            run.stdout = Some(serde_json::from_str(&text).map_err(|e| format!("not JSON ({e}): {text}"))?);
        }
        for mut report in reports {
            if report.get("error").is_some() {
                run.report = Some(report);
            } else if report.get("progress").is_some() {
                run.progress.push(report["progress"].take());
            } else if report.get("stats").is_some() {
                self.stats.set(report["stats"].take());
            }
        }
        run.check()?;
        Ok(run)
    }
}

impl Run {
    /// Checks that the exit code is the error's number, or 0 without an error.
    fn check(&self) -> Result<(), String> {
        let reported = self.report.as_ref().map_or(json!(0), |report| report["exit_code"].clone());
        if reported == json!(self.code) { Ok(()) } else { Err(format!("exit code {}, not {reported}", self.code)) }
    }

    /// Results are on standard output even if a phone failed; `raise_for_errors` corresponds to the exit code.
    fn reply(self, line: &Line, name: &str) -> Result<Value, String> {
        let all_or_nothing = line.get("raise_for_errors").is_some();
        match (self.stdout, self.report) {
            (Some(value), None) => Ok(json!({name: value})),
            (Some(value), Some(_)) if !all_or_nothing => Ok(json!({name: value})),
            (_, Some(mut report)) => Ok(json!({"error": report["error"].take()})),
            (None, None) => Err("neither a result nor an error".into()),
        }
    }
}

/// Reads the lines of standard error, which are all JSON. `said` is notified of every line.
fn read_reports(stderr: impl Read, said: &Sender<()>) -> Result<Vec<Value>, String> {
    let mut reports = Vec::new();
    for line in BufReader::new(stderr).lines() {
        let line = line.map_err(|e| e.to_string())?;
        // There is no receiver unless the run is to be cancelled.
        let _ = said.send(());
        reports.push(serde_json::from_str(&line).map_err(|e| format!("not JSON ({e}): {line}"))?);
    }
    Ok(reports)
}

/// Sends SIGINT, as Ctrl-C does.
fn interrupt(child: &Child) -> Result<(), String> {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("kill: {status}")) }
}

/// Turns the fields of a structure into options: `filter.pool_name=x` becomes `--pool-name x`.
fn options(prefix: &str, line: &Line) -> Vec<String> {
    let field = |(name, value): &(String, String)| {
        Some([format!("--{}", name.strip_prefix(prefix)?.replace('_', "-")), value.clone()])
    };
    line.fields.iter().filter_map(field).flatten().collect()
}

fn is_secret(name: &str) -> bool {
    CREDENTIAL_FIELDS.iter().any(|field| field.name == name && field.secret)
}

fn repeatable(line: &Line) -> Vec<String> {
    if line.get("repeatable") == Some("true") { words(["--repeatable"]) } else { Vec::new() }
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// The commands for verbs; arguments are in braces.
const VERB_COMMANDS: &[(&str, &str)] = &[
    ("getprop", "getprop {name} {instance_ids}"),
    ("app_stop", "stop {package} {instance_ids}"),
    ("app_start", "start {package} {instance_ids}"),
    ("click", "tap {x} {y} {instance_ids}"),
    ("long_click", "tap {x} {y} {instance_ids} --hold {duration}"),
    ("swipe", "swipe {x1} {y1} {x2} {y2} {instance_ids} --ms {duration}"),
    ("keyevent", "key {key} {instance_ids}"),
    ("send_keys", "type {text} {instance_ids}"),
    ("pull", "pull {path} {local} {instance_ids} --max-calls {max_calls}"),
    ("logcat_tail", "logcat --lines {lines} {instance_ids} --max-calls {max_calls}"),
];

/// The command for an operation, if the command line has one. For a verb without a dedicated command it is
/// `koophone phone`.
fn command_of(operation: &Operation) -> Option<Cow<'static, str>> {
    if is_verb(operation) {
        let own = VERB_COMMANDS.iter().find(|(verb, _)| *verb == operation.name);
        return Some(own.map_or_else(|| any_verb(operation), |(_, command)| Cow::from(*command)));
    }
    example(operation.name).command_line.as_deref().map(Cow::from)
}

fn is_verb(operation: &Operation) -> bool {
    VERBS.iter().chain(WAITS).any(|verb| verb.name == operation.name)
}

fn any_verb(operation: &Operation) -> Cow<'static, str> {
    format!("phone {} {{pairs}} {{instance_ids}} --yes", operation.name).into()
}

/// The arguments of a verb as words NAME=VALUE; of a list, one for each item.
fn pairs(operation: &Operation, line: &Line) -> Vec<String> {
    let values = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| vec![text.to_owned()]);
    let words = operation.params.iter().filter_map(|param| {
        let text = line.get(param.name)?;
        let texts = if matches!(param.kind, ParamKind::TextPerPhone(_)) { values(text) } else { vec![text.to_owned()] };
        Some(texts.into_iter().map(|text| format!("{}={text}", param.name)))
    });
    words.flatten().collect()
}

impl Face for CliFace {
    fn execute(&mut self, line: &Line) -> Result<Value, String> {
        match line.words.first().map(String::as_str) {
            Some("client") => self.make_client(line),
            Some("call") => self.call(line),
            Some("task") => self.task(line),
            other => Err(format!("unknown line {other:?}")),
        }
    }

    fn is_stateless(&self) -> bool {
        true
    }

    fn supports(&self, call: &str) -> bool {
        operation_of(call).is_none_or(|operation| command_of(operation).is_some())
    }
}
