//! The emulator without a terminal: in the background, with its process id in a file, and ending with its parent.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{env, fs, io, process, thread};

use koophone::{Error, Result};
use koophone_emulator::Emulator;

use crate::failure::{Failure, RunResult};
use crate::output::complain;
use crate::session::Session;

/// Ends the announcement of a detached emulator, whose pipe stays open.
pub(super) const END_OF_ANNOUNCEMENT: char = '\0';

/// Starts this command again in the background, and prints its announcement when it is ready.
pub(super) fn detach(session: &Session) -> RunResult {
    let mut child = command(session)?.spawn().map_err(|cause| problem("no process can be started", &cause))?;
    let (Some(stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Error::internal("the process in the background has no pipes").into());
    };
    let mut said = Vec::new();
    let mut stdout = BufReader::new(stdout);
    stdout.read_until(END_OF_ANNOUNCEMENT as u8, &mut said).map_err(|cause| problem("it printed nothing", &cause))?;
    if said.pop() != Some(END_OF_ANNOUNCEMENT as u8) {
        // It has ended, and its standard error has the reason.
        let mut why = String::new();
        let _ = stderr.read_to_string(&mut why);
        complain(why.trim_end());
        let status = child.wait().map_err(|cause| problem("its exit code is not known", &cause))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0);
        return Err(Failure::Reported(code.unwrap_or(koophone::ErrorKind::Internal.number())));
    }
    session.output.text(&String::from_utf8_lossy(&said));
    if session.output.is_broken() {
        // Its address is not known to anyone.
        let _ = child.kill();
        let _ = child.wait();
    }
    Ok(())
}

fn problem(what: &str, cause: &io::Error) -> Error {
    Error::configuration("emulator", format!("the emulator cannot run in the background: {what}: {cause}"))
}

/// The command line of this process again, in a new process group, where no Ctrl-C of this terminal reaches it.
fn command(session: &Session) -> Result<Command> {
    let own: Vec<OsString> = env::args_os().collect();
    let given = session.arguments.get(1..).unwrap_or_default();
    // Called as a library, for example in a test, the command line belongs to that program.
    if !own.ends_with(given) || own.len() <= given.len() {
        return Err(Error::invalid("detach", "--detach works where koophone is a command, not where it is called"));
    }
    let program = env::current_exe().map_err(|cause| problem("the path of this program is not known", &cause))?;
    let (before, given) = own.split_at(own.len() - given.len());
    let mut command = Command::new(program);
    // Python finds its virtual environment by its own program name.
    #[cfg(unix)]
    if let Some(name) = before.first() {
        std::os::unix::process::CommandExt::arg0(&mut command, name);
    }
    command.args(before.iter().skip(1));
    command.args(given.iter().map(|arg| if arg == "--detach" { "--detached".into() } else { arg.clone() }));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(windows)]
    {
        const DETACHED_PROCESS: u32 = 0x8;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
        std::os::windows::process::CommandExt::creation_flags(
            &mut command,
            DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP,
        );
        keep_streams();
    }
    Ok(command)
}

/// Keeps child processes from inheriting the standard streams of this process. Windows passes on every inheritable
/// handle, and the reader of a pipe waits until its last holder has ended.
#[cfg(windows)]
fn keep_streams() {
    use std::os::windows::io::{AsRawHandle, RawHandle};
    use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};
    let streams: [RawHandle; 3] =
        [io::stdin().as_raw_handle(), io::stdout().as_raw_handle(), io::stderr().as_raw_handle()];
    for stream in streams {
        // SAFETY: the call accepts any value; for one that is not a handle it fails, and then nothing is inherited.
        unsafe { SetHandleInformation(stream, HANDLE_FLAG_INHERIT, 0) };
    }
}

/// A file with the process id, removed when dropped.
pub(super) struct PidFile(PathBuf);

impl PidFile {
    pub(super) fn write(path: &Path) -> Result<Self> {
        fs::write(path, format!("{}\n", process::id()))
            .map_err(|cause| Error::invalid("pid_file", format!("{} cannot be written: {cause}", path.display())))?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // It may have been removed.
        let _ = fs::remove_file(&self.0);
    }
}

/// The process that started this one.
pub(super) struct Parent {
    #[cfg(unix)]
    id: u32,
}

impl Parent {
    /// Must be read before anything else: once the parent has ended, another process is the parent.
    pub fn of_this_process() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }
}

/// Stops the emulator when the process that started this one has ended.
pub(super) fn end_with(parent: Parent, emulator: &Arc<Emulator>) -> Result<()> {
    let emulator = Arc::downgrade(emulator);
    let watch = move || {
        // On Windows it is standard input that ends.
        let _parent = &parent;
        #[cfg(unix)]
        while std::os::unix::process::parent_id() == parent.id {
            // There is no portable notification of a parent's exit, so it is polled.
            thread::sleep(std::time::Duration::from_millis(100));
            if emulator.strong_count() == 0 {
                return;
            }
        }
        #[cfg(windows)]
        {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        }
        if let Some(emulator) = emulator.upgrade() {
            emulator.stop();
        }
    };
    let started = thread::Builder::new().name("koophone-parent".to_owned()).spawn(watch);
    started.map(|_| ()).map_err(|cause| problem("the system refuses a thread", &cause))
}
