//! Debian packages that a developer command needs in addition to the usual tools. Installs them if apt exists and the
//! user is root; otherwise the error says in one line what to install.

use std::path::Path;

use crate::process::{capture, command, stream};

/// Ensures that these programs are installed; each has the name of its package.
pub fn need(programs: &[(&str, &str)]) -> Result<(), String> {
    let missing: Vec<_> = programs.iter().filter(|(program, _)| !is_there(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    // A program may need several packages.
    let names: Vec<&str> = missing.iter().flat_map(|(_, packages)| packages.split(' ')).collect();
    let words = |why: &str| {
        let programs: Vec<&str> = missing.iter().map(|(program, _)| *program).collect();
        format!(
            "{} not found: {why}; on Debian or Ubuntu run: apt-get install {}",
            programs.join(", "),
            names.join(" ")
        )
    };
    if !is_there("apt-get") {
        return Err(words("it cannot be installed automatically without apt-get"));
    }
    if !is_administrator() {
        return Err(words("only root can install packages"));
    }
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    let run = |arguments: &[&str]| {
        stream(command("apt-get", arguments, Path::new("/")).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    // Update the package lists only if needed: that takes longer than the rest.
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
    fn installed_programs_are_not_installed_again() {
        assert_eq!(need(&[("cargo", "koophone-no-such-package")]), Ok(()));
        assert!(!is_there("koophone-no-such-program"));
    }
}
