//! The main job through nginx, HAProxy, Apache and squid: tests/interop starts those that are installed.

use super::{Results, counted};
use crate::repository::Repository;
use crate::tool::{Tool, tool};

/// It makes the keys and passwords of the servers.
pub(super) const NEEDS: &[Tool] = &[tool("openssl", "install openssl").asked("version")];

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    counted::run(repository, "koophone-interop", &[])
}
