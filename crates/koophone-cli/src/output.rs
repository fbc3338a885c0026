//! Output of commands: results on standard output, everything else on standard error.

use std::cell::{Cell, RefCell};
use std::env;
use std::io::{self, ErrorKind as IoErrorKind, IsTerminal, Write};

use koophone::{Error, ErrorKind, LogLevel, LogRecord, Result, Stats};
use serde::Serialize;
use serde_json::json;

use crate::failure::Failure;
use crate::table::{Table, harmless, is_invisible};

/// The output format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
    /// False: no colour even on a terminal.
    pub color: bool,
}

/// Writes the output.
pub(crate) struct Output {
    pub style: Style,
    /// The first reason why standard output could not be written; a closed pipe counts only if the reader is needed.
    broken: RefCell<Option<io::Error>>,
    needs_reader: Cell<bool>,
    /// Whether nothing more can be written.
    closed: Cell<bool>,
    /// A saved task that would be lost with the output.
    task: RefCell<Option<String>>,
}

/// A smaller reported width is treated as unknown.
const NARROWEST: u16 = 20;

/// The exit code if a command did its work, but its output could not be written: EX_IOERR of sysexits.h.
pub(crate) const OUTPUT_LOST: u8 = 74;

/// What that code means.
pub(crate) const OUTPUT_LOST_MEANING: &str = "the command did its work; only its output could not be written";
/// What to do about it.
pub(crate) const OUTPUT_LOST_REMEDY: &str = "Do not repeat a command that changes something: it was executed. \
    Check the disk, or the program that reads the pipe.";

impl Output {
    pub fn new(style: Style) -> Self {
        let (broken, task) = (RefCell::default(), RefCell::default());
        Self { style, broken, needs_reader: Cell::default(), closed: Cell::default(), task }
    }

    /// A result: the table for people, the value for programs.
    pub fn show(&self, value: &impl Serialize, table: impl FnOnce() -> Table) -> Result<()> {
        if self.style.json {
            return self.json(value);
        }
        self.table(&table());
        Ok(())
    }

    /// One JSON value: on one line for programs, spread out on a terminal.
    pub fn json(&self, value: &impl Serialize) -> Result<()> {
        let text = match io::stdout().is_terminal() {
            true => serde_json::to_string_pretty(value),
            false => serde_json::to_string(value),
        };
        let text = text.map_err(|cause| Error::internal(format!("the result cannot be encoded as JSON: {cause}")))?;
        self.text(&format!("{}\n", visible(&text)));
        Ok(())
    }

    pub fn table(&self, table: &Table) {
        let terminal = io::stdout().is_terminal();
        let width = terminal.then(terminal_width).flatten();
        self.text(&table.render(terminal && self.color(), width));
    }

    /// Text, unchanged.
    pub fn text(&self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&self, bytes: &[u8]) {
        let mut stdout = io::stdout().lock();
        if let Err(cause) = stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            self.not_written(cause);
        }
    }

    /// Standard output could not be written.
    pub fn not_written(&self, cause: io::Error) {
        self.closed.set(true);
        if self.needs_reader.get() || cause.kind() != IoErrorKind::BrokenPipe {
            self.broken.borrow_mut().get_or_insert(cause);
        }
    }

    /// From now on a closed pipe is an error: the output is stored nowhere else.
    pub fn needs_reader(&self) {
        self.needs_reader.set(true);
    }

    /// A saved task, to be printed on standard error should standard output fail.
    pub fn keep_task(&self, saved: String) {
        self.task.replace(Some(saved));
    }

    /// Whether nothing more can be written, also because the reader has closed the pipe.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Whether output was lost, for example because the disk is full.
    pub fn is_broken(&self) -> bool {
        self.broken.borrow().is_some()
    }

    /// The exit code of a successful command, unless its output was lost.
    pub fn finish(&self) -> u8 {
        let Some(why) = self.lost() else { return 0 };
        let saved_task = self.task.take();
        if self.style.json {
            let error = json!({ "kind": "output_lost", "message": why });
            let report = Report { error, exit_code: OUTPUT_LOST, saved_task: saved_task.as_deref(), output_lost: None };
            report.print();
        } else {
            complain(&format!("error: {why}"));
            again(saved_task.as_deref());
        }
        OUTPUT_LOST
    }

    fn lost(&self) -> Option<String> {
        let cause = self.broken.take()?;
        Some(format!("the command did its work; only its output could not be written: {cause}"))
    }

    /// A hint for people.
    pub fn note(&self, text: &str) {
        if !self.style.quiet && !self.style.json {
            complain(&harmless(text));
        }
    }

    /// Reports the failure, and returns the exit code.
    pub fn failure(&self, failure: &Failure) -> u8 {
        let (error, saved_task) = match failure {
            Failure::Call { error, saved_task } => (error, saved_task.clone().or_else(|| self.kept_task())),
            Failure::Reported(code) => return *code,
        };
        let code = error.kind().number();
        let output_lost = self.lost();
        if self.style.json {
            Report { error, exit_code: code, saved_task: saved_task.as_deref(), output_lost }.print();
            return code;
        }
        let text = match self.style.verbose {
            0 => format!("{error:#}"),
            // With the whole chain of causes.
            _ => format!("{error:?}"),
        };
        complain(&format!("error: {}", harmless(&text)));
        if let Some(why) = output_lost {
            complain(&format!("error: {why}"));
        }
        again(saved_task.as_deref());
        code
    }

    /// The task, if the output that should contain it was lost.
    fn kept_task(&self) -> Option<String> {
        self.is_broken().then(|| self.task.take()).flatten()
    }

    /// How much of the core's log to show.
    pub fn log_level(&self) -> Option<LogLevel> {
        match self.style.verbose {
            0 => None,
            1 => Some(LogLevel::Info),
            _ => Some(LogLevel::Debug),
        }
    }

    /// Statistics of a client, with --verbose.
    pub fn stats(&self, stats: &Stats) {
        let (level, message) = (LogLevel::Info.name(), stats.to_string());
        match self.style {
            Style { verbose: 0, .. } => {}
            Style { json: true, .. } => {
                complain(&json!({ "level": level, "message": message, "stats": stats }).to_string())
            }
            _ => complain(&format!("{level}: {message}")),
        }
    }

    /// The sink for the core's log.
    pub fn log_sink(&self) -> impl Fn(&LogRecord) + Send + Sync + 'static {
        let json = self.style.json;
        move |record| {
            let (level, message) = (record.level.name(), &record.message);
            match json {
                true => complain(&json!({ "level": level, "message": message }).to_string()),
                false => complain(&format!("{level}: {}", harmless(message))),
            }
        }
    }

    fn color(&self) -> bool {
        self.style.color && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }
}

/// An error for programs.
#[derive(Serialize)]
struct Report<'a, E> {
    error: E,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_task: Option<&'a str>,
    /// Why output was lost as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    output_lost: Option<String>,
}

impl<E: Serialize> Report<'_, E> {
    fn print(&self) {
        // Text and numbers can always be encoded.
        complain(&visible(&serde_json::to_string(self).unwrap_or_default()));
    }
}

/// How to wait for a continuing task.
fn again(saved_task: Option<&str>) {
    if let Some(task) = saved_task {
        complain(&format!("the task continues; to wait for it: koophone task wait {task}"));
    }
}

/// JSON with escapes for the characters that would change how a terminal shows the rest. They only occur in strings.
fn visible(json: &str) -> String {
    if !json.contains(is_invisible) {
        return json.to_owned();
    }
    let escaped = |c: char| if is_invisible(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    // The line breaks of pretty-printed JSON are control characters too, and the only ones between its strings.
    json.split('\n').map(|line| line.chars().map(escaped).collect()).collect::<Vec<String>>().join("\n")
}

/// Columns of the terminal.
fn terminal_width() -> Option<u16> {
    usable_width(env::var("COLUMNS").ok().as_deref(), comfy_table::Table::new().width())
}

/// The width from COLUMNS, or else the terminal; none if neither is usable, as in a container whose terminal has no
/// size (`docker run -t`).
fn usable_width(variable: Option<&str>, terminal: Option<u16>) -> Option<u16> {
    let usable = |width: &u16| *width >= NARROWEST;
    let given = variable.and_then(|columns| columns.trim().parse().ok());
    given.filter(usable).or(terminal.filter(usable))
}

/// Writes to standard error; errors are ignored, because there is nowhere else to report them.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// The JSON name of `value`: `running`, `h264`.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// An error in a cell of a table.
pub(crate) fn brief(error: Option<&Error>) -> String {
    error.map(|error| format!("{}: {}", error.kind(), error.message())).unwrap_or_default()
}

/// The same in a table with a column for the output, which the message of a failed command would repeat.
pub(crate) fn brief_without_output(error: Option<&Error>) -> String {
    match error.map(|error| (error.kind(), error.code())) {
        Some((kind @ ErrorKind::CommandFailed, Some(code))) => format!("{kind}: {code}"),
        _ => brief(error),
    }
}

/// A usage error, in the requested format.
pub(crate) fn usage_error(style: Style, argument: &str, text: &str) -> u8 {
    if !style.json {
        let _ = write!(io::stderr().lock(), "{text}");
        return ErrorKind::InvalidArgument.number();
    }
    let text = text.trim_start_matches("error: ").trim();
    Output::new(style).failure(&Error::invalid(argument, text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_without_a_size_is_not_wrapped() {
        for (variable, terminal, width) in [
            (None, Some(80), Some(80)),
            (None, Some(0), None),
            (None, None, None),
            (Some("120"), Some(0), Some(120)),
            (Some("120"), Some(80), Some(120)),
            (Some("0"), Some(80), Some(80)),
            (Some("wide"), Some(1), None),
        ] {
            assert_eq!(usable_width(variable, terminal), width, "{variable:?} {terminal:?}");
        }
    }

    #[test]
    fn json_escapes_what_a_terminal_would_hide() {
        let text = serde_json::to_string_pretty(&json!({ "a": "x\u{202e}y\u{9b}z\nw" })).unwrap();
        assert_eq!(visible(&text), "{\n  \"a\": \"x\\u202ey\\u009bz\\nw\"\n}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&visible(&text)).unwrap()["a"], "x\u{202e}y\u{9b}z\nw");
    }
}
