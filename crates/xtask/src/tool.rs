//! Prerequisites: programs that a check or a suite needs, how to detect them, and what to do if they are missing.

use std::path::Path;

use regex::Regex;

use crate::process::{capture, command};

/// A program on the PATH that something needs.
#[derive(Clone, Copy)]
pub struct Tool {
    program: &'static str,
    question: &'static str,
    remedy: &'static str,
    at_least: (u64, u64),
}

/// A program and what to do if it is missing: `tool("cmake", "install CMake 3.20 or newer").at_least(3, 20)`.
pub const fn tool(program: &'static str, remedy: &'static str) -> Tool {
    Tool { program, question: "--version", remedy, at_least: (0, 0) }
}

impl Tool {
    /// The option that prints the version, if it is not `--version`.
    pub const fn asked(self, question: &'static str) -> Self {
        Self { question, ..self }
    }

    /// The oldest version that is sufficient.
    pub const fn at_least(self, major: u64, minor: u64) -> Self {
        Self { at_least: (major, minor), ..self }
    }

    /// Checks that the program is installed and recent enough; an error says in one line what to do.
    pub fn check(&self) -> Result<(), String> {
        let Self { program, question, remedy, at_least } = self;
        let output = capture(&mut command(program, &[question], Path::new("."))).map_err(|error| {
            let reason = error.lines().next().unwrap_or_default();
            format!("{reason}; {remedy}")
        })?;
        match version_in(&output) {
            _ if *at_least == (0, 0) => Ok(()),
            Some(found) if found >= *at_least => Ok(()),
            Some((major, minor)) => Err(format!("{program} is {major}.{minor}, which is too old; {remedy}")),
            None => Err(format!("{program} does not print its version; {remedy}")),
        }
    }
}

/// Checks all tools; returns the first error.
pub fn check_all(tools: &[Tool]) -> Result<(), String> {
    tools.iter().try_for_each(Tool::check)
}

/// The first `major.minor` in a program's version output.
fn version_in(text: &str) -> Option<(u64, u64)> {
    let found = Regex::new(r"(\d+)\.(\d+)").ok()?.captures(text)?;
    Some((found[1].parse().ok()?, found[2].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_the_output_of_programs() {
        assert_eq!(version_in("cmake version 3.25.1\n\nCMake suite"), Some((3, 25)));
        assert_eq!(version_in("v20.20.2"), Some((20, 20)));
        assert_eq!(version_in("Python 3.11.2"), Some((3, 11)));
        assert_eq!(version_in("no number"), None);
    }

    #[test]
    fn a_missing_tool_is_one_line_with_the_remedy() {
        let error = tool("koophone-no-such-tool", "install CMake 3.20 or newer").check().unwrap_err();
        assert!(
            error.starts_with("koophone-no-such-tool is not installed") && error.ends_with("3.20 or newer"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1);
    }

    #[test]
    fn an_old_tool_is_rejected_and_a_new_one_accepted() {
        let error = tool("cargo", "update Rust").at_least(999, 0).check().unwrap_err();
        assert!(error.contains("too old; update Rust"), "{error}");
        assert_eq!(tool("cargo", "update Rust").at_least(1, 80).check(), Ok(()));
        assert!(check_all(&[tool("cargo", ""), tool("koophone-no-such-tool", "")]).is_err());
    }
}
