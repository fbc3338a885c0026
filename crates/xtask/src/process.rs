//! Runs other programs. Every command of xtask uses this module, so that command lines are printed before they run, a
//! missing program is reported in one line, and the environment of the outer `cargo run` does not leak.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, PipeReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// A command that runs in `folder`, without standard input.
///
/// The variables that `cargo run` sets for xtask are removed. Some build scripts depend on them (ring's does), and
/// would run again, with everything that depends on them, whenever cargo runs alternately inside and outside xtask.
pub fn command(program: &str, arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command that inherits our standard output and standard error.
pub fn stream(command: &mut Command) -> Result<(), String> {
    announce(command);
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(failed(command, status)) }
}

/// Runs a command quietly and returns its standard output; an error contains its standard error.
pub fn capture(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}\n{}", failed(command, output.status), errors.trim_end()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command quietly and returns its standard error, where some tools write their report.
pub fn capture_errors(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| not_started(command, &error))?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(errors)
    } else {
        Err(format!("{}\n{}", failed(command, output.status), errors.trim_end()))
    }
}

/// Runs a command and returns the lines of its standard output; it inherits our standard error.
pub fn capture_lines(command: &mut Command) -> Result<Vec<String>, String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(failed(command, output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// A finished command's output and status.
pub struct Finished {
    /// Whether it exited with 0.
    pub success: bool,
    /// One line with the command line and the exit status.
    pub ending: String,
    /// Standard output and standard error, in the order written.
    pub output: String,
}

/// Runs a command, shows its output as it is written, and returns it.
pub fn tee(mut command: Command) -> Result<Finished, String> {
    announce(&command);
    // One pipe for both streams keeps the order of their lines.
    let (reader, writer) = io::pipe().map_err(|error| format!("cannot create a pipe: {error}"))?;
    let second = writer.try_clone().map_err(|error| format!("cannot create a pipe: {error}"))?;
    command.stdout(writer).stderr(second);
    let mut child = command.spawn().map_err(|error| not_started(&command, &error))?;
    // `Command` keeps the write ends open until they are replaced; the reader would never reach the end of the output.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let output = forward(reader).map_err(|error| format!("the output of {} is lost: {error}", line_of(&command)))?;
    let status = child.wait().map_err(|error| format!("{} cannot be waited for: {error}", line_of(&command)))?;
    Ok(Finished { success: status.success(), ending: failed(&command, status), output })
}

fn forward(reader: PipeReader) -> io::Result<String> {
    let (mut reader, mut kept) = (BufReader::new(reader), Vec::new());
    loop {
        let start = kept.len();
        if reader.by_ref().read_until(b'\n', &mut kept)? == 0 {
            return Ok(String::from_utf8_lossy(&kept).into_owned());
        }
        print!("{}", String::from_utf8_lossy(&kept[start..]));
        io::stdout().flush()?;
    }
}

fn announce(command: &Command) {
    println!("$ {}", line_of(command));
}

fn not_started(command: &Command, error: &io::Error) -> String {
    let program = command.get_program().to_string_lossy();
    match error.kind() {
        ErrorKind::NotFound => format!("{program} is not installed (nothing of that name is on the PATH)"),
        _ => format!("{program} cannot be started: {error}"),
    }
}

fn failed(command: &Command, status: ExitStatus) -> String {
    format!("`{}` ended with {status}", line_of(command))
}

fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn shell(script: &str) -> Command {
        command("sh", &["-c", script], Path::new("."))
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = stream(&mut command("koophone-no-such-program", &[], Path::new("."))).unwrap_err();
        assert_eq!(error, "koophone-no-such-program is not installed (nothing of that name is on the PATH)");
    }

    #[test]
    #[cfg(unix)]
    fn an_error_contains_the_command_and_its_standard_error() {
        let error = capture(&mut shell("echo wrong >&2; exit 3")).unwrap_err();
        assert!(error.contains("sh -c") && error.contains("exit status: 3") && error.ends_with("wrong"), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn both_streams_are_kept_in_the_order_written() {
        let finished = tee(shell("echo one; echo two >&2; echo three; printf four; exit 1")).unwrap();
        assert!(!finished.success);
        assert_eq!(finished.output, "one\ntwo\nthree\nfour");
    }

    #[test]
    #[cfg(unix)]
    fn variables_of_the_outer_cargo_do_not_leak() {
        assert!(env::var_os("CARGO_PKG_NAME").is_some(), "the test proves nothing outside cargo");
        assert_eq!(capture(&mut shell("echo \"[$CARGO_PKG_NAME$CARGO_MANIFEST_DIR]\"")).unwrap().trim(), "[]");
    }
}
