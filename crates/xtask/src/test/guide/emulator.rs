//! The emulator that a page starts.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde::Deserialize;

use super::clean;
use crate::pages::Page;
use crate::process::command;

/// What `koophone emulator --json` prints first.
#[derive(Deserialize)]
struct Announcement {
    environment: BTreeMap<String, String>,
}

/// The running emulator, or none if the page starts none.
pub(super) struct PageEmulator {
    running: Option<(Child, Announcement)>,
    /// The folder of the `koophone` command.
    programs: String,
    folder: std::path::PathBuf,
}

/// The line of a page that starts an emulator in a separate terminal.
pub(super) fn is_start(line: &str) -> bool {
    arguments(line).is_some()
}

/// The arguments of such a line; a line that starts it in the background belongs to the program like any other.
fn arguments(line: &str) -> Option<Vec<&str>> {
    let command = line.strip_prefix("cargo run -p koophone-cli -- ").or(line.strip_prefix("koophone "))?;
    let mut words = command.split('#').next()?.split_whitespace();
    (words.next() == Some("emulator")).then(|| words.collect::<Vec<_>>()).filter(|words| !words.contains(&"--detach"))
}

impl PageEmulator {
    /// Starts what the page starts, with the page's own arguments.
    pub(super) fn of(page: &Page, koophone: &Path, folder: &Path) -> Result<Self, String> {
        let shell = page.blocks.iter().filter(|block| block.runs() && block.language == "sh");
        let lines: Vec<Vec<&str>> = shell.flat_map(|block| block.text.lines().filter_map(arguments)).collect();
        let programs = koophone.parent().unwrap_or(Path::new(".")).to_string_lossy().into_owned();
        let running = match &lines[..] {
            [] => None,
            [line] => Some(start(koophone, line, folder)?),
            _ => return Err(format!("{}: a page may start only one emulator", page.path)),
        };
        Ok(Self { running, programs, folder: folder.to_owned() })
    }

    /// Adds the variables that it prints, and the command, to the environment of a program.
    pub(super) fn be_in(&self, command: &mut Command) {
        clean(command, &self.folder);
        if let Some((_, announcement)) = &self.running {
            command.envs(&announcement.environment);
        }
        let set = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path);
        let path = set.map(|path| path.to_string_lossy().into_owned()).or(std::env::var("PATH").ok());
        command.env("PATH", format!("{}:{}", self.programs, path.unwrap_or_default()));
    }
}

fn start(koophone: &Path, line: &[&str], folder: &Path) -> Result<(Child, Announcement), String> {
    let mut emulator = command(&koophone.to_string_lossy(), &["emulator"], folder);
    emulator.args(line).args(["--json", "--with-parent"]).stdout(Stdio::piped());
    clean(&mut emulator, folder);
    let mut child = emulator.spawn().map_err(|error| format!("the emulator cannot be started: {error}"))?;
    let stdout = child.stdout.take().ok_or("the emulator has no output")?;
    let mut first = String::new();
    BufReader::new(stdout).read_line(&mut first).map_err(|error| format!("the emulator prints nothing: {error}"))?;
    match serde_json::from_str(&first) {
        Ok(announcement) => Ok((child, announcement)),
        Err(error) => Err(format!("the emulator does not start with {line:?}: {error}")),
    }
}

impl Drop for PageEmulator {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_starts_an_emulator_is_recognised() {
        assert_eq!(arguments("koophone emulator --phones 8   # leave it running"), Some(vec!["--phones", "8"]));
        assert_eq!(arguments("cargo run -p koophone-cli -- emulator"), Some(vec![]));
        assert!(!is_start("koophone emulator --detach --export"));
        assert!(!is_start("eval \"$(koophone emulator --detach --export)\""));
        assert!(!is_start("koophone status a44uhlf7"));
    }
}
