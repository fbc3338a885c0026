//! The wheel and the source distribution. Both are then installed and used.

use std::fs;
use std::path::{Path, PathBuf};

use super::{check_size, portable};
use crate::process::{capture, stream};
use crate::python::{BINDING, REQUIREMENTS, Venv};
use crate::repository::Repository;
use crate::target::Target;

/// The oldest glibc that the wheel runs on.
const COMPATIBILITY: &str = "manylinux_2_28";

/// Maximum size of the wheel in bytes.
const LARGEST_WHEEL: u64 = 4_000_000;

/// Compresses a wheel again: the same entries in the same format, but a few per cent smaller, because zopfli is the
/// most thorough deflate compressor.
const SQUEEZE: &str = "\
import os, sys, zipfile, zopfli
wheel, squeezed = sys.argv[1], sys.argv[1] + '.squeezed'
with zipfile.ZipFile(wheel) as old, zopfli.ZipFile(squeezed, 'w', block_splitting_max=0, iterations=60) as new:
    for entry in old.infolist():
        new.writestr(entry, old.read(entry))
os.replace(squeezed, wheel)";

/// A program that uses everything in the wheel.
const PROGRAM: &str = "\
import asyncio, koophone
async def main(emulator):
    async with emulator.async_client() as client:
        return (await (await client.start_command(emulator.instance_ids, 'true'))).all_ok
with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
    assert client.run_command(emulator.instance_ids, 'true').all_ok
    assert asyncio.run(main(emulator))
print(koophone.__version__)";

pub(super) fn make(repository: &Repository) -> Result<Vec<PathBuf>, String> {
    let venv = Venv::of(repository)?;
    let out = repository.root.join("dist").join("python");
    let wheel = wheel(repository, &out)?;
    check_size(&wheel, LARGEST_WHEEL)?;
    let (folder, manifest) = (out.to_string_lossy(), format!("{BINDING}/Cargo.toml"));
    stream(&mut venv.run("maturin", &["sdist", "--manifest-path", &manifest, "--out", &folder]))?;
    let sdist = only(&out, ".tar.gz")?;
    let names = [wheel.to_string_lossy(), sdist.to_string_lossy()];
    stream(&mut venv.run("twine", &["check", "--strict", &names[0], &names[1]]))?;
    let installed = try_out(repository, "wheel", &wheel, &[])?;
    test_host(repository, &installed)?;
    // This only tests that it builds from source; the optimiser would take longer than everything else.
    try_out(repository, "sdist", &sdist, &["--config-settings", "build-args=--profile dev"])?;
    Ok(vec![wheel, sdist])
}

/// Builds the wheel as it is shipped. Deletes the previous contents of the folder `out`.
pub(crate) fn wheel(repository: &Repository, out: &Path) -> Result<PathBuf, String> {
    let venv = Venv::of(repository)?;
    if out.exists() {
        fs::remove_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    }
    let (folder, manifest) = (out.to_string_lossy(), format!("{BINDING}/Cargo.toml"));
    let host = Target::host(repository)?;
    // zig provides the C library that the wheel is linked against, so that it can be built on any Linux.
    let wheel = ["build", "--locked", "--zig", "--target", &host.triple, "--compatibility", COMPATIBILITY];
    let rest = ["--manifest-path", &manifest, "--out", &folder];
    let unwinder = format!("-Clink-arg={}", portable::unwinder(repository, &host)?);
    let mut build = venv.run("maturin", &[&wheel[..], &rest[..], &["--", &unwinder]].concat());
    // maturin searches for zig in the Python installation on the PATH.
    venv.on_path(&mut build);
    build.env("RUSTFLAGS", portable::flags());
    stream(&mut build)?;
    let wheel = only(out, ".whl")?;
    stream(&mut venv.python(&["-W", "error", "-c", SQUEEZE, &wheel.to_string_lossy()]))?;
    Ok(wheel)
}

fn only(folder: &Path, ending: &str) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries.flatten().map(|entry| entry.path());
    paths
        .find(|path| path.to_string_lossy().ends_with(ending))
        .ok_or(format!("maturin wrote no {ending} file to {}", folder.display()))
}

/// Installs a package in an empty environment, and runs a program and the command.
fn try_out(repository: &Repository, name: &str, file: &Path, how: &[&str]) -> Result<Venv, String> {
    let venv = Venv::empty(repository, &format!("python-{name}"))?;
    venv.pip(&[&["install", "--quiet", "--no-cache-dir"], how, &[&*file.to_string_lossy()]].concat())?;
    let version = venv.ask(PROGRAM)?;
    let output = capture(&mut venv.run("koophone", &["--version"]))?;
    if output.trim() != format!("koophone {version}") {
        return Err(format!("the package has version {version}, but its command prints {output}"));
    }
    println!("{name}: installed in an empty environment, and used");
    Ok(venv)
}

/// Tests the shipped wheel with threads, signals, forks and the exit of Python. The linker can break these, so passing
/// tests of a developer's build prove little.
fn test_host(repository: &Repository, venv: &Venv) -> Result<(), String> {
    let pinned = ["--constraint", REQUIREMENTS, "pytest", "pytest-asyncio"];
    venv.pip(&[&["install", "--quiet"][..], &pinned].concat())?;
    let folder = repository.root.join(BINDING);
    stream(venv.python(&["-W", "error", "-m", "pytest", "-q", "tests/test_host.py"]).current_dir(folder))
}
