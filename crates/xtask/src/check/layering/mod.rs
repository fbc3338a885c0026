//! Checks the rules of ARCHITECTURE.md, "Layout": dependencies point inward only. [`dependencies`] checks `cargo
//! metadata`, [`modules`] the imports in the sources, and [`sources`] their text. Each part is a table of rules and a
//! small engine.

mod dependencies;
mod modules;
mod sources;

use super::{Outcome, Problems};
use crate::repository::Repository;

pub(super) fn run(repository: &Repository) -> Outcome {
    let mut problems = dependencies::problems(repository)?;
    problems.extend(modules::problems(repository)?);
    problems.extend(sources::problems(repository)?);
    Problems::none(problems)
}
