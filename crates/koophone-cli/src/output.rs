//! What a command says: results on standard output, everything else on standard error.

use std::cell::RefCell;
use std::env;
use std::io::{self, ErrorKind as IoErrorKind, IsTerminal, Write};

use koophone::{Error, ErrorKind, LogLevel, LogRecord, Result};
use serde::Serialize;
use serde_json::json;

use crate::failure::Failure;
use crate::table::{Table, harmless};

/// How to say it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
    /// False: no colour even on a terminal.
    pub color: bool,
}

/// Says it.
pub(crate) struct Output {
    pub style: Style,
    /// The first reason why standard output could not be written; a reader that has gone away is none.
    broken: RefCell<Option<io::Error>>,
}

impl Output {
    pub fn new(style: Style) -> Self {
        Self { style, broken: RefCell::new(None) }
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
        let text = text.map_err(|cause| Error::internal(format!("the result cannot be written as JSON: {cause}")))?;
        self.text(&format!("{text}\n"));
        Ok(())
    }

    pub fn table(&self, table: &Table) {
        let terminal = io::stdout().is_terminal();
        let width = comfy_table::Table::new().width().filter(|_| terminal);
        self.text(&table.render(terminal && self.color(), width));
    }

    /// Text as it is.
    pub fn text(&self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&self, bytes: &[u8]) {
        let mut stdout = io::stdout().lock();
        if let Err(cause) = stdout.write_all(bytes).and_then(|()| stdout.flush())
            && cause.kind() != IoErrorKind::BrokenPipe
        {
            self.broken.borrow_mut().get_or_insert(cause);
        }
    }

    /// Fails when a result got lost on its way, in a full disk for example.
    pub fn check(&self) -> Result<()> {
        match self.broken.take() {
            None => Ok(()),
            Some(cause) => Err(Error::invalid("stdout", format!("the result cannot be written: {cause}"))),
        }
    }

    /// A hint for people.
    pub fn note(&self, text: &str) {
        if !self.style.quiet && !self.style.json {
            complain(&harmless(text));
        }
    }

    /// Tells about the failure, and gives the exit code.
    pub fn failure(&self, failure: &Failure) -> u8 {
        let Failure { error, saved_task } = failure;
        let code = error.kind.number();
        if self.style.json {
            let report = Report { error, exit_code: code, saved_task: saved_task.as_deref() };
            // What is made of text and numbers can always be written.
            complain(&serde_json::to_string(&report).unwrap_or_default());
            return code;
        }
        let text = match self.style.verbose {
            0 => error.to_string(),
            // With the whole chain of causes.
            _ => format!("{error:?}"),
        };
        complain(&format!("error: {}", harmless(&text)));
        if let Some(task) = saved_task {
            complain(&format!("the task goes on; to take it up again: koophone task wait {task}"));
        }
        code
    }

    /// How much of the core's log to show.
    pub fn log_level(&self) -> Option<LogLevel> {
        match self.style.verbose {
            0 => None,
            1 => Some(LogLevel::Info),
            _ => Some(LogLevel::Debug),
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
struct Report<'a> {
    error: &'a Error,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_task: Option<&'a str>,
}

/// One line or more on standard error. When that is closed there is nobody left to tell.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// The word that stands for `value` in JSON: `running`, `h264`.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// An error in a cell of a table.
pub(crate) fn brief(error: Option<&Error>) -> String {
    error.map(|error| format!("{}: {}", error.kind, error.message)).unwrap_or_default()
}

/// A usage error, in the form that was asked for.
pub(crate) fn usage_error(style: Style, argument: &str, text: &str) -> u8 {
    if !style.json {
        let _ = write!(io::stderr().lock(), "{text}");
        return ErrorKind::InvalidArgument.number();
    }
    let text = text.trim_start_matches("error: ").trim();
    Output::new(style).failure(&Error::invalid(argument, text).into())
}
