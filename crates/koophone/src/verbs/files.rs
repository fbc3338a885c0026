//! Files of a phone: read into memory, or pulled into a local file, which a later call can resume.

use std::fs;
use std::io::{self, Write};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::pages::{Limits, MAX_CALLS, Next, PageOptions, Pages, random_name};
use super::{Effect, Output, Step, Verb, param, row, text, words};
use crate::model::{Error, InstanceId, Operation, Param, ParamKind, Result};
use crate::pipeline::Phones;

const PATH: Param = text("path", "The file on the phone, for example /sdcard/game.log");

const LOCAL: Param = param(
    "local",
    ParamKind::LocalPath,
    "A local directory, in which the file is named ID-NAME, or the local file, for example screen.png",
    None,
);

pub(crate) const READ_FILE: Operation = row(
    "read_file",
    "Reads a file in pages. The client's timeout is for each of its requests, a timeout of the \
     call for all of them.",
    Effect::Reads,
    &[PATH, MAX_CALLS],
    "FileContentResult",
);

pub(crate) const PULL: Operation = row(
    "pull",
    "Copies a file of the phone into a local one, in pages. The client's timeout is for each of its requests, a \
     timeout of the call for all of them.",
    Effect::Reads,
    &[PATH, LOCAL, MAX_CALLS],
    "PulledFileResult",
);

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FileContent {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Its SHA-256 in hexadecimal digits, as the phone computed it; the bytes have the same.
    pub sha256: String,
    /// How many commands were sent to this phone. The phones of a list share their calls.
    pub calls: u32,
}

/// A file that was copied.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PulledFile {
    /// The path of the local file.
    pub local: String,
    /// Its bytes.
    pub size: u64,
    /// Its SHA-256 in hexadecimal digits, as the phone computed it; the local file has the same.
    pub sha256: String,
    /// How many commands were sent to this phone. The phones of a list share their calls.
    pub calls: u32,
}

pub(crate) struct ReadFile {
    path: String,
    limits: Limits,
}

impl ReadFile {
    pub fn new(path: String, options: PageOptions) -> Self {
        Self { path, limits: Limits::new(options) }
    }
}

impl Verb for ReadFile {
    const OPERATION: &'static Operation = &READ_FILE;
    const LONG: bool = true;
    type Value = FileContent;
    type Known = Pages;

    fn validate(&self) -> Result<()> {
        self.limits.validate()?;
        words::path("path", &self.path)
    }

    fn next(&self, pages: &Pages) -> Step {
        pages.next(&self.path, Self::OPERATION)
    }

    fn read(&self, pages: &mut Pages, output: &Output<'_>) -> Result<Option<FileContent>> {
        let next = match pages.read(&self.path, &self.limits, output)? {
            Next::Begin => pages.begin(&self.path, &self.limits, Vec::new())?,
            next => next,
        };
        Ok(matches!(next, Next::Complete).then(|| FileContent {
            sha256: pages.hash().to_owned(),
            calls: pages.calls,
            bytes: std::mem::take(&mut pages.bytes),
        }))
    }
}

pub(crate) struct Pull {
    path: String,
    local: PathBuf,
    is_directory: bool,
    limits: Limits,
}

impl Pull {
    /// For these phones: several need a directory.
    pub fn new(path: String, local: PathBuf, options: PageOptions, phones: &Phones) -> Result<Self> {
        let is_directory = local.is_dir();
        let wrong = |what: &str| Err(Error::invalid("local", format!("local is {}, {what}", local.display())));
        if phones.unique.len() > 1 && !is_directory {
            return wrong("which is not a directory; create one for several phones, in which each has its own file");
        }
        let text = local.to_string_lossy();
        if text.contains('\0') || (!is_directory && text.ends_with(['/', MAIN_SEPARATOR])) {
            return wrong("which cannot be the name of a file; create the directory first");
        }
        let above = local.parent().map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
        if !is_directory && fs::metadata(&local).is_ok_and(|about| !about.is_file()) {
            return wrong("which is neither a file nor a directory, and would be replaced");
        }
        if !is_directory && !above.is_some_and(Path::is_dir) {
            return wrong("whose directory does not exist; create it first");
        }
        Ok(Self { path, local, is_directory, limits: Limits::new(options) })
    }

    fn local(&self, instance_id: InstanceId) -> PathBuf {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        if self.is_directory { self.local.join(format!("{instance_id}-{name}")) } else { self.local.clone() }
    }
}

/// What is known of a file that is pulled.
#[derive(Default)]
pub(crate) struct Pulling {
    local: PathBuf,
    pages: Pages,
    /// How many bytes are in the partial file.
    written: usize,
}

impl Pulling {
    /// The beginning of the file, until it is complete. Its name has the hash, so that it never belongs to another
    /// content.
    fn part(&self) -> PathBuf {
        let mut name = self.local.clone().into_os_string();
        name.push(format!(".{}.part", self.pages.hash().get(..16).unwrap_or_default()));
        name.into()
    }

    fn have(&self) -> Result<Vec<u8>> {
        match fs::read(self.part()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|error| local_error(&self.part(), &error)),
        }
    }

    /// Writes what is not yet in the partial file.
    fn keep(&mut self) -> Result<()> {
        let part = self.part();
        let write = || {
            let mut options = fs::OpenOptions::new();
            // More bytes than the file has are of no use.
            let is_new = self.written == 0;
            let mut file = options.create(true).append(!is_new).write(true).truncate(is_new).open(&part)?;
            file.write_all(&self.pages.bytes[self.written..])
        };
        write().map_err(|error| local_error(&part, &error))?;
        self.written = self.pages.bytes.len();
        Ok(())
    }

    /// Puts the verified bytes in place, from a file of this call only: another call may be writing the partial file.
    fn finish(&self) -> Result<PulledFile> {
        let mut whole = self.local.clone().into_os_string();
        // Not longer than the name of the partial file, which the system has accepted.
        whole.push(format!(".{}.part", random_name()?));
        let replace = || {
            fs::File::create_new(&whole)?.write_all(&self.pages.bytes)?;
            fs::rename(&whole, &self.local)
        };
        replace().map_err(|error| {
            let _ = fs::remove_file(&whole);
            local_error(&self.local, &error)
        })?;
        let _ = fs::remove_file(self.part());
        let Pages { calls, .. } = self.pages;
        let sha256 = self.pages.hash().to_owned();
        let local = self.local.to_string_lossy().into_owned();
        Ok(PulledFile { local, size: self.pages.size(), sha256, calls })
    }
}

fn local_error(path: &Path, error: &io::Error) -> Error {
    Error::invalid("local", format!("{} cannot be used: {error}", path.display())).caused_by(error)
}

impl Verb for Pull {
    const OPERATION: &'static Operation = &PULL;
    const LONG: bool = true;
    type Value = PulledFile;
    type Known = Pulling;

    fn validate(&self) -> Result<()> {
        self.limits.validate()?;
        words::path("path", &self.path)
    }

    fn begin(&self, instance_id: InstanceId) -> Pulling {
        Pulling { local: self.local(instance_id), ..Pulling::default() }
    }

    fn next(&self, pulling: &Pulling) -> Step {
        pulling.pages.next(&self.path, Self::OPERATION)
    }

    fn read(&self, pulling: &mut Pulling, output: &Output<'_>) -> Result<Option<PulledFile>> {
        let Pulling { pages, .. } = pulling;
        let next = match pages.read(&self.path, &self.limits, output) {
            Ok(Next::Begin) => {
                let have = pulling.have()?;
                let next = pulling.pages.begin(&self.path, &self.limits, have)?;
                pulling.written = pulling.pages.bytes.len();
                next
            }
            // Whole and wrong: of no use for a later call.
            Err(error) if pages.is_whole() => {
                let _ = fs::remove_file(pulling.part());
                return Err(error);
            }
            next => next?,
        };
        if pulling.written < pulling.pages.bytes.len() || pulling.pages.size() == 0 {
            pulling.keep()?;
        }
        matches!(next, Next::Complete).then(|| pulling.finish()).transpose()
    }
}
