//! The server of benches/rust, on a processor of its own, for as long as this value lives.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::build::Built;
use super::programs::{SERVER_CPU, pinned};

/// A running server.
pub struct Server {
    process: Child,
    /// Its address, without a path.
    pub url: String,
}

impl Server {
    /// Starts it and waits until it listens.
    pub fn start(built: &Built) -> Result<Self, String> {
        let mut command = pinned(SERVER_CPU, &[&built.rust("bench-server")], &built.root);
        let mut process =
            command.stdout(Stdio::piped()).spawn().map_err(|error| format!("the server cannot be started: {error}"))?;
        let mut url = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut url).map_err(|error| format!("the server says nothing: {error}"))?;
        let url = url.trim().to_owned();
        let server = Self { process, url };
        if server.url.is_empty() { Err("the server ended at once".to_owned()) } else { Ok(server) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It holds nothing that ending it could spoil.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
