//! Runs programs built for other systems: Windows programs under wine, those of other processors under qemu.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::packages;
use crate::process::{self, stream};
use crate::repository::Repository;
use crate::target::Target;

/// The function that Rust's standard library imports from bcryptprimitives.dll, which wine lacks before version 9. It
/// calls wine's other source of random bytes.
const PRIMITIVES: &str = "\
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) {
    return RtlGenRandom(bytes, (ULONG)count);
}
";

/// A program that hangs is killed after this time.
const LONGEST: &[&str] = &["--kill-after=10s", "2m"];

/// A command that runs a program of `target`; the caller adds the arguments.
pub fn command(repository: &Repository, target: &Target, program: &Path) -> Result<Command, String> {
    let program = program.to_string_lossy();
    Ok(match launcher(repository, target)? {
        None => process::command(&program, &[], Path::new(".")),
        Some(launcher) => watched(&launcher, &[&program]),
    })
}

/// A script that runs a program of `target` with its arguments; `None` if this machine can run it directly. Installs
/// missing Debian packages if it is allowed to.
pub fn launcher(repository: &Repository, target: &Target) -> Result<Option<PathBuf>, String> {
    let processor = target.triple.split('-').next().unwrap_or_default();
    let is_native = processor == std::env::consts::ARCH && std::env::consts::OS == "linux";
    if target.is_host || is_native && (target.is_glibc() || target.is_musl()) {
        return Ok(None);
    }
    let folder = repository.metadata()?.target_directory.as_std_path().join("emulation");
    fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be created: {error}", folder.display()))?;
    if target.is_windows() {
        return wine(&folder, target).map(Some);
    }
    let qemu = format!("qemu-{processor}-static");
    packages::need(&[(&qemu, "qemu-user-static")])?;
    // Debian installs the libraries for another processor together with its compiler.
    let words = format!("exec {qemu} -L /usr/{processor}-linux-gnu \"$@\"");
    script(&folder.join(&qemu), &words).map(Some)
}

/// A command that is killed if it hangs.
fn watched(program: &Path, arguments: &[&str]) -> Command {
    let program = program.to_string_lossy();
    process::command("timeout", &[LONGEST, &[&*program], arguments].concat(), Path::new("."))
}

/// wine with its own prefix, separate from the user's.
fn wine(folder: &Path, target: &Target) -> Result<PathBuf, String> {
    packages::need(&[("wine", "wine wine64")])?;
    let prefix = folder.join("wine");
    let quiet = "WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe='";
    // Keep wine's server between programs, also while one is compiled: starting it and its services takes longer than
    // most programs.
    let server = "wineserver -p600 >/dev/null 2>&1 </dev/null";
    let words = format!("export WINEPREFIX='{}' {quiet}\n{server}\nexec wine \"$@\"", prefix.display());
    let launcher = script(&folder.join("run-wine"), &words)?;
    let done = prefix.join("made-by-xtask");
    if done.exists() {
        return start_services(&launcher).map(|()| launcher);
    }
    stream(watched(&launcher, &["wineboot", "--init"]).env_remove("DISPLAY"))?;
    // Wine 8 says that it is Windows 7, on which node.exe does not start.
    stream(&mut watched(&launcher, &["reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"]))?;
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    if !library.exists() {
        target.make_ready()?;
        let source = folder.join("primitives.c");
        write(&source, PRIMITIVES)?;
        let mut gcc = process::command(&target.tool("gcc"), &["-shared", "-O2", "-s"], folder);
        stream(gcc.arg(&source).arg("-ladvapi32").arg("-o").arg(&library))?;
    }
    write(&done, "")?;
    start_services(&launcher)?;
    Ok(launcher)
}

/// Starts wine's services, which inherit the pipes of the program that starts them and keep them open: whoever reads
/// that program's output to its end would wait until the services end.
fn start_services(launcher: &Path) -> Result<(), String> {
    let mut nothing = watched(launcher, &["cmd", "/c", "exit"]);
    let status = nothing.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("wine cannot start its services: {status}")),
        Err(error) => Err(format!("wine cannot be started: {error}")),
    }
}

/// Writes an executable script.
pub fn script(path: &Path, words: &str) -> Result<PathBuf, String> {
    write(path, &format!("#!/bin/sh\n{words}\n"))?;
    stream(&mut process::command("chmod", &["+x", &path.to_string_lossy()], Path::new(".")))?;
    Ok(path.to_owned())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}
