//! The wheel and the source distribution. Both are then installed and used.

use std::fs;
use std::path::{Path, PathBuf};

use super::{check_size, portable};
use crate::process::{capture, command, stream};
use crate::python::{BINDING, REQUIREMENTS, Venv};
use crate::repository::Repository;
use crate::target::Target;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A wheel may not grow beyond this.
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

/// Unpacks a wheel, and prints its tag and the libraries in it.
const READ: &str = "\
import shutil, sys, zipfile
wheel, folder = sys.argv[1:]
shutil.rmtree(folder, ignore_errors=True)
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder)
    names = archive.namelist()
    [about] = [name for name in names if name.endswith('.dist-info/WHEEL')]
    lines = archive.read(about).decode().splitlines()
tags = [line.removeprefix('Tag: ') for line in lines if line.startswith('Tag: ')]
libraries = [name for name in names if name.endswith(('.so', '.pyd', '.dll', '.dylib')) or '.so.' in name]
print('.'.join(tags), ','.join(libraries))";

/// A first program: it needs everything in the wheel.
pub(crate) const PROGRAM: &str = "\
import asyncio, koophone
async def main(emulator):
    async with emulator.async_client() as client:
        return (await (await client.start_command(emulator.instance_ids, 'true'))).all_ok
with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
    assert client.run_command(emulator.instance_ids, 'true').all_ok
    assert asyncio.run(main(emulator))
print(koophone.__version__)";

/// `cargo xtask dist python`: the wheel and the source distribution, tried out. For another target the wheel only.
pub(super) fn make(repository: &Repository, target: &Target) -> Result<Vec<PathBuf>, String> {
    let venv = Venv::of(repository)?;
    let out = repository.root.join("dist").join("python");
    let wheel = wheel(repository, target, &out)?;
    check_size(&wheel, LARGEST_WHEEL)?;
    let twine = |file: &Path| stream(&mut venv.run("twine", &["check", "--strict", &file.to_string_lossy()]));
    twine(&wheel)?;
    if !target.is_host {
        return Ok(vec![wheel]);
    }
    let (folder, manifest) = (out.to_string_lossy(), format!("{BINDING}/Cargo.toml"));
    stream(&mut venv.run("maturin", &["sdist", "--manifest-path", &manifest, "--out", &folder]))?;
    let sdist = out.join(format!("koophone-{VERSION}.tar.gz"));
    twine(&sdist)?;
    let installed = try_out(repository, "wheel", &wheel, &[])?;
    test_host(repository, &installed)?;
    // This only tests that it builds from source; the optimiser would take longer than everything else.
    try_out(repository, "sdist", &sdist, &["--config-settings", "build-args=--profile dev"])?;
    Ok(vec![wheel, sdist])
}

/// The wheel's name: one for every CPython from 3.10.
pub fn file_name(target: &Target) -> Result<String, String> {
    Ok(format!("koophone-{VERSION}-cp310-abi3-{}.whl", target.wheel()?))
}

/// Makes the wheel as users get it, in the folder `out`.
pub(crate) fn wheel(repository: &Repository, target: &Target, out: &Path) -> Result<PathBuf, String> {
    let wheel = wheel_of(repository, target, "dist", out)?;
    stream(&mut Venv::of(repository)?.python(&["-W", "error", "-c", SQUEEZE, &wheel.to_string_lossy()]))?;
    Ok(wheel)
}

/// Makes a wheel with a profile, and reads what came out.
pub(crate) fn wheel_of(repository: &Repository, target: &Target, profile: &str, out: &Path) -> Result<PathBuf, String> {
    let (venv, wheel) = (Venv::of(repository)?, out.join(file_name(target)?));
    target.make_ready()?;
    let (folder, manifest) = (out.to_string_lossy(), format!("{BINDING}/Cargo.toml"));
    let mut arguments = vec!["build", "--locked", "--target", &target.triple, "--manifest-path", &manifest];
    arguments.extend(["--out", &folder, "--profile", profile]);
    let (oldest, unwinder);
    if target.is_glibc() || target.is_musl() {
        // zig brings the C library that the wheel is linked against, so any Linux can build it. maturin wants the
        // compatibility without the processor.
        oldest = target.wheel()?.split('_').take(3).collect::<Vec<_>>().join("_");
        arguments.extend(["--zig", "--compatibility", &oldest]);
    }
    if target.is_glibc() {
        unwinder = format!("-Clink-arg={}", portable::unwinder(repository, target)?);
        arguments.extend(["--", &unwinder]);
    }
    let mut build = venv.run("maturin", &arguments);
    // maturin looks for zig in the Python on the PATH.
    venv.on_path(&mut build);
    stream(build.env("RUSTFLAGS", portable::flags(target, true)))?;
    let unpacked = repository.metadata()?.target_directory.as_std_path().join("wheel").join(target.name());
    let library = library_in(&wheel, target, &unpacked)?;
    // python3.dll is the stable interface of every CPython.
    portable::check_needs(target, &library, &["python3.dll"])?;
    Ok(wheel)
}

/// Unpacks a wheel into `folder` and returns its library. Refuses one that pip would install elsewhere, or whose
/// library is not of its system.
fn library_in(wheel: &Path, target: &Target, folder: &Path) -> Result<PathBuf, String> {
    let (from, to) = (wheel.to_string_lossy(), folder.to_string_lossy());
    let said = capture(&mut command("python3", &["-c", READ, &from, &to], Path::new(".")))?;
    let name = wheel.file_name().unwrap_or_default().to_string_lossy();
    let (tag, library) = said.trim().split_once(' ').unwrap_or_default();
    if name != file_name(target)? || !name.ends_with(&format!("-{tag}.whl")) {
        return Err(format!("{name} says of itself that it is for {tag}; it should be {}", file_name(target)?));
    }
    let wanted = if target.is_windows() { "koophone/_koophone.pyd" } else { "koophone/_koophone.abi3.so" };
    if library != wanted {
        return Err(format!("{name} has the libraries {library:?}; it should have {wanted}"));
    }
    let library = folder.join(library);
    let bytes = fs::read(&library).map_err(|error| format!("{}: {error}", library.display()))?;
    target.check_kind(&bytes).map_err(|problem| format!("{name}: {problem}"))?;
    Ok(library)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::library;

    #[test]
    fn a_wheel_has_the_tag_and_the_library_of_its_system() {
        let folder = std::env::temp_dir().join(format!("koophone-wheel-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let checked = |triple: &str, tag: &str, library: (&str, &[u8])| {
            let target = Target { triple: triple.to_owned(), is_host: false };
            let (wheel, content) = (folder.join(file_name(&target).unwrap()), folder.join("content"));
            fs::write(&content, library.1).unwrap();
            let make = "import sys, zipfile\nwheel, tag, name, content = sys.argv[1:]\n\
                archive = zipfile.ZipFile(wheel, 'w')\narchive.write(content, 'koophone/' + name)\n\
                archive.writestr('koophone-0.dist-info/WHEEL', f'Wheel-Version: 1.0\\nTag: {tag}\\n')\narchive.close()";
            let mut python = command("python3", &["-c", make], &folder);
            capture(python.arg(&wheel).arg(tag).arg(library.0).arg(&content)).unwrap();
            library_in(&wheel, &target, &folder.join("unpacked")).map(|path| path.exists())
        };
        let (windows, arm64) = (library("windows", 0x8664), library("linux", 183));
        let (of_windows, of_arm64) = (("_koophone.pyd", &windows[..]), ("_koophone.abi3.so", &arm64[..]));
        let (win, linux) = ("x86_64-pc-windows-gnu", "aarch64-unknown-linux-gnu");
        assert_eq!(checked(win, "cp310-abi3-win_amd64", of_windows), Ok(true));
        assert_eq!(checked(linux, "cp310-abi3-manylinux_2_28_aarch64", of_arm64), Ok(true));
        for (triple, tag, library, why) in [
            (win, "cp310-abi3-win32", of_windows, "is for cp310-abi3-win32"),
            (win, "cp310-abi3-win_amd64", of_arm64, "should have koophone/_koophone.pyd"),
            (win, "cp310-abi3-win_amd64", ("_koophone.pyd", &arm64[..]), "is for aarch64-linux"),
            (linux, "cp310-abi3-linux_aarch64", of_arm64, "is for cp310-abi3-linux_aarch64"),
        ] {
            let problem = checked(triple, tag, library).unwrap_err();
            assert!(problem.contains(why), "{problem}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
