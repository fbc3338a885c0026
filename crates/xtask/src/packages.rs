//! Debian's packages that a verb needs beside what every developer has. They are installed where that is allowed: by
//! the administrator, where there is apt. Elsewhere the answer is one line that says what to install.

use std::path::Path;

use crate::process::{capture, command, stream};

/// Sees to it that these programs are there, each with the package that brings it.
pub fn need(programs: &[(&str, &str)]) -> Result<(), String> {
    let missing: Vec<_> = programs.iter().filter(|(program, _)| !is_there(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    // A program may come in several packages.
    let names: Vec<&str> = missing.iter().flat_map(|(_, packages)| packages.split(' ')).collect();
    let words = |why: &str| {
        let programs: Vec<&str> = missing.iter().map(|(program, _)| *program).collect();
        format!("{} missing: {why}; on Debian or Ubuntu: apt-get install {}", programs.join(", "), names.join(" "))
    };
    if !is_there("apt-get") {
        return Err(words("this system has no apt-get, and what its packages are called is not known here"));
    }
    if !is_administrator() {
        return Err(words("only the administrator can install"));
    }
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    let run = |arguments: &[&str]| {
        stream(command("apt-get", arguments, Path::new("/")).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    // The lists of a fresh machine are empty or old; where they are good, fetching them takes longer than the rest.
    let all = [&install[..], &names].concat();
    run(&all).or_else(|_| run(&["update", "--quiet"]).and_then(|()| run(&all))).map_err(|error| words(&error))
}

/// Whether a program of this name is on the PATH.
pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).any(|folder| folder.join(&file).is_file())
}

fn is_administrator() -> bool {
    capture(&mut command("id", &["-u"], Path::new("/"))).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed_again() {
        assert_eq!(need(&[("cargo", "koophone-no-such-package")]), Ok(()));
        assert!(!is_there("koophone-no-such-program"));
    }
}
