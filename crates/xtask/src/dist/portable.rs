//! Builds for systems older than this machine: zig provides the C library to link against, so that packages can be
//! built on any Linux.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::process::{capture, command, stream};
use crate::python::Venv;
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::{check_all, tool};

/// The oldest glibc to run on: Debian 10, Ubuntu 18.10, RHEL 8.
const OLDEST_GLIBC: (u32, u32) = (2, 28);

/// zig and cargo-zigbuild.
const REQUIREMENTS: &str = "crates/xtask/requirements-dist.txt";

/// Builds a package with a profile, for a target that may be another system, and returns the folder with the result.
/// `file` is checked for what it needs of the C library.
pub(crate) fn build_for(
    repository: &Repository,
    target: &Target,
    package: &str,
    profile: &str,
    file: &str,
) -> Result<PathBuf, String> {
    target.make_ready()?;
    let all = repository.metadata()?.target_directory.as_std_path();
    let folder = if profile == "dev" { "debug" } else { profile };
    let build = ["--locked", "--package", package, "--profile", profile];
    if !target.is_glibc() && !target.is_musl() {
        let mut cargo = command("cargo", &["build"], &repository.root);
        if target.is_host {
            stream(cargo.args(build))?;
            return Ok(all.join(folder));
        }
        if target.is_windows() {
            cargo.env("LIBNODE_PATH", stand_in_for_node(repository, target)?);
        }
        stream(cargo.args(build).args(["--target", &target.triple]).env("RUSTFLAGS", flags()))?;
        return Ok(all.join(&target.triple).join(folder));
    }
    let mut cargo = command("cargo", &["zigbuild"], &repository.root);
    cargo.args(build).arg("--target");
    // cargo finds its subcommand on the PATH, and the subcommand finds zig in the Python installation next to it.
    zig(repository)?.on_path(&mut cargo);
    let folder = all.join(&target.triple).join(folder);
    if target.is_musl() {
        let is_library = file.ends_with(".so");
        // By default Rust links statically for musl, and builds no shared library.
        let dynamic = if is_library { " -Ctarget-feature=-crt-static" } else { "" };
        stream(cargo.arg(&target.triple).env("RUSTFLAGS", flags() + dynamic))?;
        let check = if is_library { check_musl } else { check_static };
        check(&folder.join(file))?;
        return Ok(folder);
    }
    cargo.arg(format!("{}.{}.{}", target.triple, OLDEST_GLIBC.0, OLDEST_GLIBC.1));
    // The unwinder needs this machine's C library; in programs the linker allows that only with this flag.
    let unwinder = format!("-Clink-arg=-Wl,--allow-shlib-undefined -Clink-arg={}", unwinder(repository, target)?);
    stream(cargo.env("RUSTFLAGS", format!("{} {unwinder}", flags())))?;
    check_glibc(&folder.join(file))?;
    Ok(folder)
}

/// The folder of a `libnode.dll` for napi-rs' build script, which asks for one to link with. It is empty: the addon
/// finds Node's functions when it is loaded (napi's feature `dyn-symbols`), in whatever program loads it.
fn stand_in_for_node(repository: &Repository, target: &Target) -> Result<PathBuf, String> {
    let folder = repository.metadata()?.target_directory.as_std_path().join("libnode");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text);
    fs::create_dir_all(&folder)
        .and_then(|()| write("libnode.dll", ""))
        .and_then(|()| write("libnode.def", "LIBRARY node.exe\nEXPORTS\n"))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    stream(&mut command(&target.tool("dlltool"), &["-d", "libnode.def", "-l", "libnode.dll.a"], &folder))?;
    Ok(folder)
}

/// zig, and what puts it behind cargo.
pub(crate) fn zig(repository: &Repository) -> Result<Venv, String> {
    Venv::filled(repository, ".tools/zig", REQUIREMENTS)
}

/// Flags of rustc for every crate: packages must not contain paths of this machine.
pub(super) fn flags() -> String {
    format!("--remap-path-prefix={}=", sources().display())
}

/// Where cargo keeps the sources of dependencies.
fn sources() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default().join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from).join("registry/src/")
}

/// The system's unwinder, for libraries that zig links. zig would link its own unwinder into them; but Python, when it
/// exits, unwinds daemon threads with the system's, and two unwinders on one stack crash.
pub(super) fn unwinder(repository: &Repository, target: &Target) -> Result<String, String> {
    let path = capture(&mut command(&target.tool("gcc"), &["-print-file-name=libgcc_s.so.1"], &repository.root))?;
    Ok(path.trim().to_owned())
}

/// Checks that a static program needs no loader and no library.
fn check_static(file: &Path) -> Result<(), String> {
    check_all(&[tool("readelf", "install binutils")])?;
    let output = capture(command("readelf", &["--wide", "--program-headers", "--dynamic"], Path::new(".")).arg(file))?;
    if output.contains("INTERP") || output.contains("(NEEDED)") {
        return Err(format!("{} must be static, but needs a loader or a library:\n{output}", file.display()));
    }
    println!("{} is static", file.display());
    Ok(())
}

/// A shared library for musl asks for nothing but musl's C library, by the name that Alpine's loader answers to.
fn check_musl(file: &Path) -> Result<(), String> {
    check_all(&[tool("readelf", "install binutils")])?;
    let said = capture(command("readelf", &["--wide", "--dynamic"], Path::new(".")).arg(file))?;
    let needs = needs_in(&said);
    if needs != ["libc.so"] {
        return Err(format!("{} should need musl's libc.so only; it needs {needs:?}", file.display()));
    }
    println!("{} needs libc.so", file.display());
    Ok(())
}

/// The libraries in what `readelf --dynamic` prints.
fn needs_in(dynamic: &str) -> Vec<&str> {
    let needed = dynamic.lines().filter(|line| line.contains("(NEEDED)"));
    needed.filter_map(|line| line.split_once('[')?.1.split(']').next()).collect()
}

/// Reads the versions of the C library that a file's symbols need.
pub(super) fn check_glibc(file: &Path) -> Result<(), String> {
    check_all(&[tool("objdump", "install binutils")])?;
    let symbols = capture(command("objdump", &["-T"], Path::new(".")).arg(file))?;
    let (newest, symbol) = newest_glibc(&symbols)
        .ok_or(format!("objdump lists no glibc symbols of {}; one at least is expected", file.display()))?;
    let needs = format!("{} needs glibc {}.{} ({symbol})", file.display(), newest.0, newest.1);
    if newest > OLDEST_GLIBC {
        return Err(format!("{needs}; it must run with {}.{}", OLDEST_GLIBC.0, OLDEST_GLIBC.1));
    }
    println!("{needs}");
    Ok(())
}

/// The newest version in the output of `objdump -T`, and a symbol that requires it.
fn newest_glibc(symbols: &str) -> Option<((u32, u32), String)> {
    let version = Regex::new(r"\(?GLIBC_(\d+)\.(\d+)[0-9.]*\)?\s+(\S+)$").ok()?;
    let found = symbols.lines().filter_map(|line| version.captures(line));
    found.filter_map(|found| Some(((found[1].parse().ok()?, found[2].parse().ok()?), found[3].to_owned()))).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_is_found_by_number_not_by_text() {
        let symbols = "\
0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.2.5) malloc
0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.28) statx
0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.9)  epoll_create1
0000000000000000  w   D  *UND*  0000000000000000              __gmon_start__
00000000001f0a40 g    DF .text  0000000000000059  Base        napi_register_module_v1";
        assert_eq!(newest_glibc(symbols), Some(((2, 28), "statx".to_owned())));
        assert_eq!(newest_glibc(""), None);
    }

    #[test]
    fn needed_libraries_are_read() {
        let dynamic = "\
Dynamic section at offset 0x4f2c38 contains 25 entries:
 0x0000000000000001 (NEEDED)             Shared library: [libc.so]
 0x0000000000000001 (NEEDED)             Shared library: [libgcc_s.so.1]
 0x000000000000000e (SONAME)             Library soname: [libkoophone.so]";
        assert_eq!(needs_in(dynamic), ["libc.so", "libgcc_s.so.1"]);
    }
}
