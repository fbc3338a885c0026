//! The tarball, unpacked in an empty folder: the examples are built against it with CMake and with pkg-config, shared
//! and static, and run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{cmake, stage, work};
use super::{Results, gtest, shown};
use crate::dist;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::target::Target;

pub fn run(repository: &Repository, tally: &mut Results) -> Result<(), String> {
    let package = unpacked(repository)?;
    let prefix = [format!("-DCMAKE_PREFIX_PATH={}", package.display())];
    let examples = package.join("share/koophone/examples");
    let (c, cpp) = (package.join("build-c"), package.join("build-cpp"));
    tally.one("find_package builds the C examples", cmake(&examples.join("c"), &c, &prefix));
    tally.one("find_package builds the C++ example", cmake(&examples.join("cpp"), &cpp, &prefix));
    tally.one("the C harness runs a command on phones", harness(&c.join("harness"), &[]));
    tally.one("every call of the frame loop succeeds", frame_loop(&c.join("frame_loop")));
    smoke_test(&cpp, tally)?;
    tally.one("pkg-config builds a program with the shared library", pkg_config(&package, false));
    tally.one("pkg-config builds a program with the static library", pkg_config(&package, true));
    tally.one("find_package finds the static library", cmake_static(&package));
    tally.one("another minor version is refused", wrong_version(&package));
    tally.one("the static library can be linked with another Rust library", beside_another(&package));
    tally.one("the suppressions silence valgrind without the library's symbols", suppressed(&package));
    Ok(())
}

/// Packs a library of the dev profile as `cargo xtask dist c` does, and unpacks it elsewhere.
fn unpacked(repository: &Repository) -> Result<PathBuf, String> {
    let staged = stage(repository, "package", &[])?;
    let parent = staged.parent().ok_or("no folder")?.to_owned();
    let tarball = dist::pack(&parent, "package", &Target::host(repository)?)?;
    let empty = work(repository)?.join("unpacked");
    let failed = |error: std::io::Error| format!("{} cannot be created: {error}", empty.display());
    if empty.exists() {
        fs::remove_dir_all(&empty).map_err(failed)?;
    }
    fs::create_dir_all(&empty).map_err(failed)?;
    stream(command("tar", &["-xzf"], &empty).arg(tarball))?;
    Ok(empty.join("package"))
}

fn at(program: &Path) -> Command {
    command(&program.to_string_lossy(), &[], Path::new("."))
}

fn harness(program: &Path, variables: &[(&str, &Path)]) -> Result<(), String> {
    let mut run = at(program);
    run.args(["--emulator", "3", "--", "getprop", "ro.product.model"]).envs(variables.iter().copied());
    let output = shown(run)?;
    let phones = output.lines().filter(|line| line.ends_with(": succeeded")).count();
    if phones == 3 { Ok(()) } else { Err(format!("3 phones should have succeeded:\n{output}")) }
}

fn frame_loop(program: &Path) -> Result<(), String> {
    let output = shown(at(program))?;
    if output.contains("100 calls, 100 well") { Ok(()) } else { Err(output) }
}

/// The GoogleTest harness, and its JUnit XML.
fn smoke_test(folder: &Path, tally: &mut Results) -> Result<(), String> {
    let report = folder.join("report.xml");
    let mut run = at(&folder.join("smoke_test"));
    run.arg(format!("--gtest_output=xml:{}", report.display()));
    tally.add(gtest::run_command(run)?);
    let xml = fs::read_to_string(&report).unwrap_or_default();
    let tests = xml.matches("<testcase ").count();
    let whole = tests == 12 && xml.contains("name=\"phone\"") && xml.trim_end().ends_with("</testsuites>");
    tally.one("the C++ harness writes JUnit XML", whole.then_some(()).ok_or(format!("{tests} tests are in it")));
    Ok(())
}

/// Compiles the harness with only the flags of pkg-config.
fn pkg_config(package: &Path, fixed: bool) -> Result<(), String> {
    let mut ask = command("pkg-config", &["--cflags", "--libs"], package);
    ask.arg(if fixed { "koophone-static" } else { "koophone" });
    ask.env("PKG_CONFIG_PATH", package.join("lib/pkgconfig"));
    let flags = capture(&mut ask)?;
    let name = if fixed { "harness-static" } else { "harness-shared" };
    let mut gcc = command("gcc", &["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", name], package);
    gcc.arg("share/koophone/examples/c/harness.c");
    stream(gcc.args(flags.split_whitespace()))?;
    let folder = package.join("lib");
    let variables = [("LD_LIBRARY_PATH", folder.as_path())];
    harness(&package.join(name), if fixed { &[] } else { &variables })
}

/// The shared library is shipped without symbols, which suppressions could otherwise name.
fn suppressed(package: &Path) -> Result<(), String> {
    stream(&mut command("strip", &[concat!("lib/libkoophone.so.", env!("CARGO_PKG_VERSION"))], package))?;
    let mut valgrind = command("valgrind", &["--quiet", "--leak-check=full", "--error-exitcode=99"], package);
    valgrind.args(["--errors-for-leak-kinds=definite,possible", "--fair-sched=try"]);
    valgrind.args(["--suppressions=share/koophone/suppressions/valgrind.supp", "./harness-shared"]);
    valgrind.args(["--emulator", "1", "--", "true"]).env("LD_LIBRARY_PATH", "lib");
    shown(valgrind).map(drop)
}

const STATIC_PROJECT: &str = "cmake_minimum_required(VERSION 3.16)
project(static_program C)
find_package(koophone VERSION REQUIRED)
add_executable(harness share/koophone/examples/c/harness.c)
target_link_libraries(harness PRIVATE koophone::static)
";

fn project(package: &Path, version: &str) -> Result<PathBuf, String> {
    let text = STATIC_PROJECT.replace("VERSION REQUIRED", &format!("{version} REQUIRED"));
    fs::write(package.join("CMakeLists.txt"), text).map_err(|error| error.to_string())?;
    Ok(package.join(format!("build-static-{version}")))
}

fn cmake_static(package: &Path) -> Result<(), String> {
    let folder = project(package, env!("CARGO_PKG_VERSION"))?;
    cmake(package, &folder, &[format!("-DCMAKE_PREFIX_PATH={}", package.display())])?;
    harness(&folder.join("harness"), &[])
}

fn wrong_version(package: &Path) -> Result<(), String> {
    let folder = project(package, "0.9")?;
    let mut configure = command("cmake", &["-S", ".", "-B"], package);
    configure.arg(folder).arg(format!("-DCMAKE_PREFIX_PATH={}", package.display()));
    match capture(&mut configure) {
        Err(output) if output.contains("requested version") => Ok(()),
        Err(output) => Err(output),
        Ok(_) => Err("version 0.9 was accepted".to_owned()),
    }
}

const OTHER_LIBRARY: &str = "#[unsafe(no_mangle)]
pub extern \"C\" fn other_catches() -> bool {
    std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(1))).is_err()
}
";

const TWO_LIBRARIES: &str = "#include <koophone.h>
bool other_catches(void);
int main(void) {
    koophone_emulator *emulator = 0;
    if (koophone_emulator_start(0, &emulator, 0) != KOOPHONE_OK || !other_catches()) {
        return 1;
    }
    koophone_emulator_free(emulator);
    return 0;
}
";

/// Both contain Rust's runtime, and each unwinds with its own.
fn beside_another(package: &Path) -> Result<(), String> {
    for (file, text) in [("other.rs", OTHER_LIBRARY), ("two.c", TWO_LIBRARIES)] {
        fs::write(package.join(file), text).map_err(|error| format!("{file}: {error}"))?;
    }
    let arguments = ["--edition", "2024", "--crate-type", "staticlib", "-Copt-level=2", "-Cpanic=unwind", "other.rs"];
    stream(&mut command("rustc", &arguments, package))?;
    let mut gcc = command("gcc", &["-o", "two", "-Iinclude", "two.c", "lib/libkoophone.a", "libother.a"], package);
    stream(gcc.args(dist::c::STATIC_LIBS.split(' ')))?;
    stream(&mut at(&package.join("two")))
}
