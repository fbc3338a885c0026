//! The hosted workflows: what zizmor and actionlint say about them. `cargo xtask check workflows` checks the rest.

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
    stream(&mut command(&actionlint.to_string_lossy(), &["-no-color"], root))?;
    Ok(Outcome::Done("zizmor and actionlint find nothing".to_owned()))
}
