//! The service of a case.

use std::path::PathBuf;

use koophone_emulator::{Emulator, Options};

/// Phones of an emulator.
pub const PHONES: usize = 40;

/// Where a case's client finds its service.
pub struct Place {
    /// The service.
    pub emulator: Emulator,
    /// The address by which the client knows it.
    pub endpoint: String,
    /// The client's setting.
    pub proxy: String,
    /// What no error may show.
    pub secret: Option<&'static str>,
    /// The file of authorities.
    pub authority: PathBuf,
}

/// A service for one case.
pub fn service() -> Result<Emulator, String> {
    let options = Options { phones: PHONES, job_duration_ms: 0, ..Options::default() };
    Emulator::start(options).map_err(|error| format!("the emulator: {error}"))
}
