//! The main job in Python.

use koophone_emulator::Emulator;

use super::{Step, steps_of};
use crate::python::Venv;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, emulator: &Emulator) -> Result<Vec<Step>, String> {
    let venv = Venv::of(repository)?;
    venv.develop()?;
    steps_of(venv.python(&["examples/python/main_job.py"]), emulator)
}
