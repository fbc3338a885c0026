//! The end of the log: written into a file on the phone, read in pages, and removed.

use serde::{Deserialize, Serialize};

use super::files::ReadFile;
use super::pages::{Limits, MAX_CALLS, Next, PageOptions, Pages, random_name};
use super::{Effect, Output, Step, Verb, integer, row};
use crate::model::{Error, Operation, Result};
use crate::operations::validate;

/// Most lines that are asked for.
const MOST_LINES: i64 = 10_000;

/// A repeat appends the lines to the file once more, of which only the last ones are taken.
pub(crate) const LOGCAT_TAIL: Operation = row(
    "logcat_tail",
    "Reads the last lines of the log, in pages. The client's timeout is for each of its requests, a timeout of the \
     call for all of them.",
    Effect::SameState,
    &[integer("lines", "How many lines: 1 to 10,000"), MAX_CALLS],
    "LogTailResult",
);

/// The end of the log of a phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LogTail {
    /// The lines, the newest last.
    pub lines: Vec<String>,
    /// How many commands were sent to this phone. The phones of a list share their calls.
    pub calls: u32,
}

pub(crate) struct LogcatTail {
    lines: i64,
    /// On the phone, for this call only.
    file: String,
    limits: Limits,
}

impl LogcatTail {
    pub fn new(lines: i64, options: PageOptions) -> Result<Self> {
        let file = format!("/data/local/tmp/koophone-{}.log", random_name()?);
        Ok(Self { lines, file, limits: Limits::new(options) })
    }

    fn read_log(&self, log: &mut Log, output: &Output<'_>) -> Result<()> {
        let next = match log.pages.read(&self.file, &self.limits, output)? {
            Next::Begin => log.pages.begin(&self.file, &self.limits, Vec::new())?,
            next => next,
        };
        log.is_over = matches!(next, Next::Complete);
        Ok(())
    }
}

/// What is known of the log of a phone.
#[derive(Default)]
pub(crate) struct Log {
    is_written: bool,
    pages: Pages,
    /// Whether only the file is still to be removed.
    is_over: bool,
    failure: Option<Error>,
}

impl Verb for LogcatTail {
    const OPERATION: &'static Operation = &LOGCAT_TAIL;
    const LONG: bool = true;
    type Value = LogTail;
    type Known = Log;

    fn validate(&self) -> Result<()> {
        self.limits.validate()?;
        validate::number("lines", self.lines, 1, MOST_LINES)
    }

    fn next(&self, log: &Log) -> Step {
        let file = &self.file;
        let act = |command| Step { operation: Self::OPERATION, command };
        match log {
            Log { is_written: false, .. } => act(format!("logcat -d -t {} -f {file}", self.lines)),
            Log { is_over: true, .. } => act(format!("rm -f {file}")),
            _ => log.pages.next(file, ReadFile::OPERATION),
        }
    }

    fn read(&self, log: &mut Log, output: &Output<'_>) -> Result<Option<LogTail>> {
        if !log.is_written {
            log.is_written = true;
        } else if !log.is_over {
            self.read_log(log, output)?;
        } else {
            return log.failure.clone().map_or_else(|| Ok(Some(self.tail(log))), Err);
        }
        Ok(None)
    }

    /// Whatever failed, the file is removed.
    fn clean_up(&self, log: &mut Log, failure: Error) -> Option<Error> {
        if log.is_written && !log.is_over {
            (log.is_over, log.failure) = (true, Some(failure));
            return None;
        }
        log.failure.take().or(Some(failure))
    }
}

impl LogcatTail {
    fn tail(&self, log: &Log) -> LogTail {
        let text = String::from_utf8_lossy(&log.pages.bytes);
        // `--------- beginning of main`
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("--------- ")).collect();
        let first = lines.len().saturating_sub(usize::try_from(self.lines).unwrap_or(usize::MAX));
        // Writing and removing are calls too.
        LogTail { lines: lines[first..].iter().map(|&line| line.to_owned()).collect(), calls: log.pages.calls + 2 }
    }
}
