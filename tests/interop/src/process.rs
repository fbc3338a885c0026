//! A server process that is killed with the suite, however the suite ends.

use std::fs;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// The shell starts the server and reads from a pipe held by the suite. When the pipe is closed, which also happens if
/// the suite is killed, the shell kills its process group, and the server with it.
const WATCH: &str = r#"{ "$@"; echo "ended with status $?"; } >"$0" 2>&1 & read -r _; kill -9 0"#;
const ENDED: &str = "ended with status";

/// A running server.
pub struct Running {
    shell: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a server in its folder and waits until it listens on all these ports.
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
