//! The rules of ARCHITECTURE.md, "The house": arrows point inward only. [`dependencies`] reads them off `cargo
//! metadata`, and [`sources`] off the text of the sources. Each half is a table of rules and a small engine.

mod dependencies;
mod sources;

use super::{Outcome, Problems};
use crate::repository::Repository;

pub(super) fn run(repository: &Repository) -> Outcome {
    let mut problems = dependencies::problems(repository)?;
    problems.extend(sources::problems(repository)?);
    Problems::none(problems)
}
