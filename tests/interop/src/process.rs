//! A server's process: it ends with the suite, however that ends.

use std::fs;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// The shell starts the server and reads from a pipe that the suite holds. When that is closed, which the system does
/// for a suite that was killed too, it kills the group of processes in which it and the server are.
const WATCH: &str = r#"{ "$@"; echo "ended with status $?"; } >"$0" 2>&1 & read -r _; kill -9 0"#;
const ENDED: &str = "ended with status";

/// A server that runs.
pub struct Running {
    shell: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a server in a folder of its own, and waits until it listens on all these ports.
    pub fn start(program: &Path, arguments: &[&str], folder: &Path, ports: &[u16]) -> Result<Self, String> {
        let log = folder.join("log");
        let mut command = Command::new("sh");
        command.args(["-c", WATCH]).arg(&log).arg(program).args(arguments).current_dir(folder);
        let shell = command.stdin(Stdio::piped()).process_group(0).spawn();
        let shell = shell.map_err(|error| format!("sh cannot be run: {error}"))?;
        let running = Self { shell, log };
        let start = Instant::now();
        for &port in ports {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let said = fs::read_to_string(&running.log).unwrap_or_default();
                if said.contains(ENDED) || start.elapsed() > PATIENCE {
                    return Err(format!("{} does not listen on port {port}: {said}", program.display()));
                }
                std::thread::sleep(PAUSE);
            }
        }
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        drop(self.shell.wait());
    }
}
