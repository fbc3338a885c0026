//! The hosted workflows: what zizmor and actionlint say about them. `cargo xtask check workflows` checks the rest.

use std::fs;

use regex::Regex;

use super::{Outcome, Release};
use crate::packages::is_there;
use crate::process::{command, stream};
use crate::python::Venv;

/// The linter of syntax, expressions and inputs. It is a Go program that no other registry packages.
const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

pub(super) fn run(release: &Release) -> Result<Outcome, String> {
    let root = &release.repository.root;
    let venv = Venv::filled(release.repository, super::TOOLS, super::REQUIREMENTS)?;
    // Offline: without audits that ask GitHub. What it assumes about newer versions of actions is of low confidence.
    let limits = ["--offline", "--no-progress", "--min-severity", "medium", "--min-confidence", "medium"];
    stream(&mut venv.run("zizmor", &[&limits[..], &[".github/workflows"]].concat()))?;
    let folder = root.join(".tools/go");
    let actionlint = folder.join("actionlint");
    if !actionlint.exists() {
        if !is_there("go") {
            return Ok(Outcome::NotDone("zizmor finds nothing; actionlint requires go to be installed".to_owned()));
        }
        stream(command("go", &["install", ACTIONLINT], root).env("GOBIN", &folder))?;
    }
    // It knows the inputs of actions by their tags, so it reads copies in which the tags replace the commits.
    let work = release.repository.metadata()?.target_directory.as_std_path().join("release-dry-run/workflows");
    fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    let pinned = Regex::new(r"@[0-9a-f]{40} # (v\d+)\S*").map_err(|error| error.to_string())?;
    let mut lint = command(&actionlint.to_string_lossy(), &["-no-color"], &work);
    for file in release.repository.files()?.iter().filter(|file| file.path.starts_with(".github/workflows/")) {
        let copy = work.join(file.path.rsplit('/').next().unwrap_or_default());
        fs::write(&copy, &*pinned.replace_all(&file.text, "@$1"))
            .map_err(|error| format!("{}: {error}", copy.display()))?;
        lint.arg(copy);
    }
    stream(&mut lint)?;
    Ok(Outcome::Done("zizmor and actionlint find nothing".to_owned()))
}
