//! The emulator's image: built from the static command with packaging/docker/Dockerfile, then run, with a health check.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;

use super::{Outcome, Release, VERSION};
use crate::packages::is_there;
use crate::process::{self, capture, stream};

/// Name of the container and the image.
const NAME: &str = "koophone-emulator-test";

pub(super) fn run(release: &Release) -> Result<Outcome, String> {
    let root = &release.repository.root;
    let (processor, here) = (std::env::consts::ARCH, Path::new("."));
    let system = format!("{processor}-linux-musl");
    if !root.join(format!("dist/koophone-{VERSION}-{system}/koophone")).exists() {
        let verb = format!("cargo xtask dist command --target {processor}-unknown-linux-musl");
        return Ok(Outcome::NotDone(format!("the static command is missing; run {verb}")));
    }
    if !is_there("buildah") || capture(&mut process::command("id", &["-u"], here))?.trim() != "0" {
        return Ok(Outcome::NotDone("requires buildah (Debian: buildah) and root".to_owned()));
    }
    // The health check connects to this port, and the container shares this machine's network.
    if TcpListener::bind(("127.0.0.1", 8080)).is_err() {
        return Ok(Outcome::NotDone("port 8080 is in use; stop the program that uses it".to_owned()));
    }
    let work = release.repository.metadata()?.target_directory.as_std_path().join("release-dry-run/image");
    let buildah = Buildah { work };
    fs::create_dir_all(&buildah.work).map_err(|error| format!("{}: {error}", buildah.work.display()))?;
    let (version, system) = (format!("VERSION={VERSION}"), format!("SYSTEM={system}"));
    let file = root.join("packaging/docker/Dockerfile");
    let build =
        ["build", "--isolation", "chroot", "--format", "docker", "--build-arg", &version, "--build-arg", &system];
    let mut build = buildah.command(&build);
    build.arg("--tag").arg(NAME).arg("--file").arg(&file).arg(root.join("dist"));
    stream(&mut build)?;
    let outcome = buildah.try_out();
    // Clean up, whatever the outcome.
    stream(&mut buildah.command(&["rm", "--all"]))?;
    outcome
}

/// buildah, with its own storage.
struct Buildah {
    work: PathBuf,
}

impl Buildah {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::command("buildah", &["--storage-driver", "vfs"], &self.work);
        command.arg("--root").arg(self.work.join("root")).arg("--runroot").arg(self.work.join("run")).args(arguments);
        command
    }

    /// Runs a program in the container.
    fn inside(&self, program: &[String]) -> Command {
        let mut command = self.command(&["run", "--isolation", "chroot", NAME, "--"]);
        command.args(program);
        command
    }

    fn try_out(&self) -> Result<Outcome, String> {
        let described = capture(&mut self.command(&["inspect", "--type", "image", NAME]))?;
        let image: Value = serde_json::from_str(&described).map_err(|error| format!("buildah inspect: {error}"))?;
        let config = &image["Docker"]["config"];
        let words = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let start = words(&config["Entrypoint"]);
        let health = words(&config["Healthcheck"]["Test"]);
        let Some(("CMD", check)) = health.split_first().map(|(how, check)| (how.as_str(), check)) else {
            return Ok(Outcome::Failed(vec![format!("the image has no health check: {}", config["Healthcheck"])]));
        };
        let mut problems = Vec::new();
        if !config["User"].as_str().is_some_and(|user| !user.is_empty() && !user.starts_with('0')) {
            problems.push(format!("the image's user is {}; it must not be root", config["User"]));
        }
        stream(&mut self.command(&["from", "--name", NAME, NAME]))?;
        if capture(&mut self.inside(check)).is_ok() {
            problems.push("the health check succeeds although no emulator is running".to_owned());
        }
        let log = self.work.join("log");
        let output = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut emulator = self.inside(&start);
        emulator.stdout(output);
        let mut running = Running(emulator.spawn().map_err(|error| format!("buildah: {error}"))?);
        let healthy = (0..20).any(|_| {
            std::thread::sleep(Duration::from_millis(500));
            capture(&mut self.inside(check)).is_ok()
        });
        let ended = running.end()?;
        let printed = fs::read_to_string(&log).unwrap_or_default();
        print!("{printed}");
        if !healthy {
            problems.push(format!("the health check fails:\n{printed}"));
        }
        if !printed.contains("Authorization: Bearer") {
            problems.push(format!("the emulator prints no token:\n{printed}"));
        }
        if !ended {
            problems.push("the emulator does not stop with its container".to_owned());
        }
        let note = format!("user {}, healthy; run with buildah", config["User"]);
        Ok(if problems.is_empty() { Outcome::Done(note) } else { Outcome::Failed(problems) })
    }
}

/// The running emulator.
struct Running(Child);

impl Running {
    /// Terminates it; false if it is still running after ten seconds.
    fn end(&mut self) -> Result<bool, String> {
        stream(&mut process::command("kill", &[&self.0.id().to_string()], Path::new(".")))?;
        for _ in 0..100 {
            if self.0.try_wait().map_err(|error| error.to_string())?.is_some() {
                return Ok(TcpListener::bind(("127.0.0.1", 8080)).is_ok());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(false)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails if it has already exited, which is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
