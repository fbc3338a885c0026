//! The main job in Node.

use koophone_emulator::Emulator;

use super::{Step, steps_of};
use crate::process::{command, stream};
use crate::repository::Repository;
use crate::{node, test};

pub(super) fn run(repository: &Repository, emulator: &Emulator) -> Result<Vec<Step>, String> {
    test::build_node(repository)?;
    let folder = repository.root.join("examples/node");
    node::install(&folder)?;
    stream(&mut node::tsc(&folder, &["--project", "tsconfig.json"]))?;
    steps_of(command("node", &["examples/node/dist/main_job.js"], &repository.root), emulator)
}
