//! What a verb's command printed.

use crate::model::{Error, ErrorKind, Operation, Result};

/// An output of so many bytes was probably cut: the service cuts at 1,024, perhaps inside a character of up to four.
pub(super) const SHORTEST_CUT: usize = 1021;

/// What a command printed on one phone, to be read by its verb.
pub(crate) struct Output<'a> {
    pub text: &'a str,
    /// Whether the service probably cut it.
    pub truncated: bool,
    pub operation: &'static Operation,
}

impl<'a> Output<'a> {
    /// The text after `label`, up to the end of its line.
    pub fn after(&self, label: &str) -> Option<&'a str> {
        let (_, rest) = self.text.split_once(label)?;
        Some(rest.lines().next().unwrap_or_default().trim())
    }

    /// Its lines. The last one is left out where the service cut the output.
    pub fn lines(&self) -> impl Iterator<Item = &'a str> {
        let whole = match self.truncated {
            true => self.text.rfind('\n').map_or("", |end| &self.text[..end]),
            false => self.text,
        };
        whole.lines().map(str::trim).filter(|line| !line.is_empty())
    }

    /// Success of a command that prints nothing unless it fails.
    pub fn nothing(&self) -> Result<()> {
        if self.text.trim().is_empty() { Ok(()) } else { Err(self.failed()) }
    }

    /// Success of a command that prints a line which begins with `word` when it has done its work. A line that only
    /// contains it may be an error that names a file.
    pub fn says(&self, word: &str) -> Result<()> {
        let is_said = self.text.lines().any(|line| line.trim_start().starts_with(word));
        if is_said { Ok(()) } else { Err(self.failed()) }
    }

    /// The phone says why it did not do it.
    pub fn failed(&self) -> Error {
        let said = self.lines().last().unwrap_or("nothing");
        let message = format!("{}: the phone printed: {said}", self.operation.name);
        self.error(ErrorKind::CommandFailed, message)
    }

    /// The output does not hold what the verb reads.
    pub fn unreadable(&self, expected: &str) -> Error {
        let cut = if self.truncated { ", which was cut at 1,024 bytes" } else { "" };
        let message = format!("{}: there is no {expected} in the output{cut}; see `output`", self.operation.name);
        self.error(ErrorKind::CommandFailed, message)
    }

    /// The service cut the output, so that the value would not be whole.
    pub fn cut(&self, missing: &str) -> Error {
        let message = format!("{}: the output was cut at 1,024 bytes: {missing}; see `output`", self.operation.name);
        self.error(ErrorKind::CommandFailed, message)
    }

    fn error(&self, kind: ErrorKind, message: String) -> Error {
        Error::new(kind, message).with(|error| {
            error.maybe_executed = !self.operation.read_only;
            error.output = (!self.text.is_empty()).then(|| self.text.to_owned());
        })
    }
}
