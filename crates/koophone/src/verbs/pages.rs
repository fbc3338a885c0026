//! A file of a phone, read in pages that fit into the output of a command, and verified by its hash.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::{Output, Step, param};
use crate::auth::signing;
use crate::call::Report;
use crate::model::{Error, ErrorKind, Operation, Param, ParamKind, Progress, Result};

/// Bytes of a page. `xxd -p` prints two digits for each, and a blank or line end for every 16 to 30 of them: 1,024
/// bytes at most.
const PAGE: u64 = 495;
/// Most calls for the content of a file without the caller's word.
const MOST_CALLS: i64 = 20;

pub(crate) const MAX_CALLS: Param = param(
    "max_calls",
    ParamKind::MaxCalls,
    "Maximum number of calls for the content of one file, which are its bytes divided by 495. A longer file is refused \
     when its size is known",
    Some("20"),
);

/// How to read a file in pages.
///
/// ```
/// use koophone::PageOptions;
///
/// let options = PageOptions::new().max_calls(100).on_progress(|p| println!("{} of {}", p.succeeded, p.total));
/// assert_eq!(options.max_calls, Some(100));
/// ```
#[derive(Default)]
#[non_exhaustive]
pub struct PageOptions {
    /// Most calls for the content of one file: its bytes divided by 495. Without it a file of more than 20 calls is
    /// refused when its size is known.
    pub max_calls: Option<i64>,
    /// Called on every change with the calls for the content of all files: made, to be made, and together. It runs
    /// between two calls, so it should be quick. If it panics, it is not called again.
    pub on_progress: Option<Box<dyn FnMut(Progress) + Send>>,
}

impl PageOptions {
    /// The defaults: 20 calls, without reporting progress.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows so many calls for the content of one file.
    #[must_use]
    pub fn max_calls(mut self, max_calls: i64) -> Self {
        self.max_calls = Some(max_calls);
        self
    }

    /// Calls `on_progress` on every change with the pages read, still to be read, and all, of all phones together.
    #[must_use]
    pub fn on_progress(mut self, on_progress: impl FnMut(Progress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(on_progress));
        self
    }
}

impl fmt::Debug for PageOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageOptions").field("max_calls", &self.max_calls).finish_non_exhaustive()
    }
}

/// What files in pages are read under.
pub(crate) struct Limits {
    most: i64,
    /// The progress of all files of the call.
    progress: Mutex<(Report, Progress)>,
}

impl Limits {
    pub fn new(options: PageOptions) -> Self {
        let report = Report::new(options.on_progress);
        let progress = Mutex::new((report, Progress::default()));
        Self { most: options.max_calls.unwrap_or(MOST_CALLS), progress }
    }

    /// Checks the limit itself, before anything is sent.
    pub fn validate(&self) -> Result<()> {
        if self.most < 1 {
            let message = format!("max_calls is {}; it must be 1 or more", self.most);
            return Err(Error::invalid("max_calls", message));
        }
        Ok(())
    }

    fn report(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut progress.1);
        let now = progress.1;
        progress.0.progress(now);
    }

    /// Whether the calls for the rest of a file are allowed.
    fn allow(&self, path: &str, left: u64) -> Result<()> {
        let calls = left.div_ceil(PAGE);
        if i128::from(calls) > self.most.into() {
            let message = format!(
                "{path}: {left} bytes are {calls} calls of {PAGE} bytes, and max_calls is {}; pass a max_calls of \
                 {calls} or more",
                self.most
            );
            return Err(Error::invalid("max_calls", message));
        }
        self.report(|progress| {
            progress.total += calls;
            progress.running += calls;
        });
        Ok(())
    }

    fn one_done(&self) {
        self.report(|progress| {
            progress.succeeded += 1;
            progress.running -= 1;
        });
    }
}

/// What is known of a file on a phone.
#[derive(Default)]
pub(crate) struct Pages {
    size: Option<u64>,
    hash: Option<String>,
    pub bytes: Vec<u8>,
    /// Commands so far.
    pub calls: u32,
    /// Whether all bytes are there and are not those of the hash.
    is_wrong: bool,
}

/// What follows after a command.
pub(crate) enum Next {
    /// Size and hash are known: perhaps the caller has the beginning of the file.
    Begin,
    /// There are more bytes.
    More,
    /// The file is complete and verified.
    Complete,
}

impl Pages {
    pub fn hash(&self) -> &str {
        self.hash.as_deref().unwrap_or_default()
    }

    pub fn size(&self) -> u64 {
        self.size.unwrap_or_default()
    }

    /// Whether all bytes are there, right or wrong.
    pub fn is_whole(&self) -> bool {
        self.hash.is_some() && self.have() >= self.size()
    }

    fn have(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub fn next(&self, path: &str, operation: &'static Operation) -> Step {
        let command = match (&self.size, &self.hash) {
            (None, _) => format!("wc -c {path}"),
            (Some(_), None) => format!("sha256sum {path}"),
            _ if self.is_wrong => format!("sha256sum {path}"),
            _ => format!("xxd -p -s {} -l {PAGE} {path}", self.have()),
        };
        Step { operation, command }
    }

    pub fn read(&mut self, path: &str, limits: &Limits, output: &Output<'_>) -> Result<Next> {
        self.calls = self.calls.saturating_add(1);
        let word = output.text.split_whitespace().next().unwrap_or_default();
        if self.size.is_none() {
            self.size = Some(word.parse().map_err(|_| output.unreadable("size"))?);
            return Ok(Next::More);
        }
        let read_hash = || {
            if is_hash(word) { Ok(word.to_owned()) } else { Err(output.unreadable("hash")) }
        };
        let Some(hash) = &self.hash else {
            self.hash = Some(read_hash()?);
            return Ok(Next::Begin);
        };
        if self.is_wrong {
            let (kind, what) = match read_hash()? == *hash {
                true => (ErrorKind::Protocol, "did not arrive as it is on the phone"),
                false => (ErrorKind::CommandFailed, "changed while it was read"),
            };
            let error = Error::new(kind, format!("{path} {what}; read it again"));
            return Err(error.with(|error| error.retryable = true));
        }
        let wanted = PAGE.min(self.size().saturating_sub(self.have()));
        let page = bytes_of(output.text).filter(|page| page.len() as u64 == wanted);
        let page = page.ok_or_else(|| output.unreadable(&format!("{wanted} bytes from {}", self.have())))?;
        self.bytes.extend(page);
        limits.one_done();
        Ok(self.judge())
    }

    /// Continues after the bytes that the caller has, if any, if the number of calls for the rest is allowed.
    pub fn begin(&mut self, path: &str, limits: &Limits, have: Vec<u8>) -> Result<Next> {
        self.bytes = if have.len() as u64 <= self.size() { have } else { Vec::new() };
        limits.allow(path, self.size() - self.have())?;
        Ok(self.judge())
    }

    fn judge(&mut self) -> Next {
        if self.have() < self.size() {
            return Next::More;
        }
        self.is_wrong = signing::hex(&Sha256::digest(&self.bytes)) != self.hash();
        if self.is_wrong { Next::More } else { Next::Complete }
    }
}

/// A name that nothing else has.
pub(super) fn random_name() -> Result<String> {
    let mut name = [0; 8];
    getrandom::fill(&mut name).map_err(|cause| Error::internal("no random bytes").caused_by(&cause))?;
    Ok(signing::hex(&name))
}

/// Whether a word is a SHA-256, as `sha256sum` prints it.
pub(super) fn is_hash(word: &str) -> bool {
    word.len() == 64 && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The bytes of `xxd -p`.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bytes_and_nothing_else_is() {
        assert_eq!(bytes_of("00ff 10\n7A"), Some(vec![0, 255, 16, 122]));
        assert_eq!(bytes_of(""), Some(vec![]));
        for text in ["0", "0g", "xxd: /a: No such file", "é0"] {
            assert_eq!(bytes_of(text), None, "{text}");
        }
    }
}
