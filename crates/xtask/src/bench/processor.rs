//! Pins programs to processors.

use std::path::Path;
use std::process::Command;

use crate::process::command;

/// The processor of the clients.
pub const CLIENT_CPU: &str = "0";
/// The processor of the server.
pub const SERVER_CPU: &str = "1";

/// A command pinned to one processor, or to none.
pub fn pinned(cpu: Option<&str>, words: &[&str], folder: &Path) -> Command {
    let mut pinned = match (cpu, words) {
        (None, [program, rest @ ..]) => command(program, rest, folder),
        (cpu, words) => command("taskset", &[&["-c", cpu.unwrap_or_default()], words].concat(), folder),
    };
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        // The developer's proxies and settings must not affect any contender.
        let upper = name.to_ascii_uppercase();
        if upper.ends_with("_PROXY")
            || ["KOOPHONE_", "HUAWEICLOUD_", "PYTHON", "NODE_"].iter().any(|p| upper.starts_with(p))
        {
            pinned.env_remove(name);
        }
    }
    // The vendor's SDK writes to the home folder when it is imported.
    pinned.env("HOME", folder.join("target/bench/home"));
    pinned
}
