//! Each case's own service.

use std::path::PathBuf;

use koophone_emulator::{Emulator, Options};

/// Phones per emulator.
pub const PHONES: usize = 40;

/// What a case's client needs to reach its service.
pub struct Place {
    /// The service.
    pub emulator: Emulator,
    /// The endpoint that the client uses.
    pub endpoint: String,
    /// The client's `proxy` setting.
    pub proxy: String,
    /// The password that no error may show.
    pub secret: Option<&'static str>,
    /// The file with the certificate authority.
    pub authority: PathBuf,
}

/// Starts the service of one case.
pub fn service() -> Result<Emulator, String> {
    let options = Options { phones: PHONES, job_duration_ms: 0, ..Options::default() };
    Emulator::start(options).map_err(|error| format!("the emulator: {error}"))
}
