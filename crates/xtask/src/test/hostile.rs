//! A hostile service, through every face: `tests/hostile` makes 2,000 seeded exchanges with each.

use super::{Results, conformance, counted};
use crate::repository::Repository;

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    counted::run(repository, "koophone-hostile", &conformance::faces(repository)?)
}
