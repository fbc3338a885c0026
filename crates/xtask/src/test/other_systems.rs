//! The suites `windows` and `arm64`: what is packaged for another system, used there as a newcomer would, and every
//! scenario of tests/conformance through it. wine and qemu stand in for the system.

use std::fs;
use std::path::{Path, PathBuf};

use super::c::CMAKE;
use super::c::build::cmake;
use super::windows_hosts::Hosts;
use super::{Results, counted};
use crate::dist::{self, windows};
use crate::emulation;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::{Tool, tool};

pub const NEEDS: &[Tool] = &[
    CMAKE,
    tool("clang", "install Clang (Debian: clang)"),
    tool("pkg-config", "install pkg-config (Debian: pkg-config)"),
    tool("timeout", "install coreutils"),
];

/// What a failure says where wine itself broke, which it does once in some five hundred starts of a program.
const EXCUSES: &[&str] = &["wine: Unhandled", "wine client error", "ended by signal: 11"];

/// A program takes a tenth of a second to start under an emulator, and the command line is started a thousand times.
const MINUTES: u32 = 15;

/// The suite `windows`.
pub(super) fn run_windows(repository: &Repository) -> Result<Results, String> {
    let system = System::make_ready(repository, "x86_64-pc-windows-gnu")?;
    let mut tally = Results::default();
    system.run(&mut tally)?;
    tally.one("a program of Microsoft's kind links koophone.lib and runs", system.microsoft());
    system.hosts(&mut tally)?;
    Ok(tally)
}

/// The suite `arm64`.
pub(super) fn run_arm64(repository: &Repository) -> Result<Results, String> {
    let system = System::make_ready(repository, "aarch64-unknown-linux-gnu")?;
    let mut tally = Results::default();
    system.run(&mut tally)?;
    Ok(tally)
}

struct System<'a> {
    repository: &'a Repository,
    target: Target,
    /// The package, packed and unpacked elsewhere.
    package: PathBuf,
    /// Where programs are built.
    folder: PathBuf,
    /// Starts a program of the target.
    launcher: Option<PathBuf>,
}

impl<'a> System<'a> {
    fn make_ready(repository: &'a Repository, triple: &str) -> Result<Self, String> {
        let target = Target::named(repository, triple)?;
        target.make_ready()?;
        let launcher = emulation::launcher(repository, &target)?;
        let folder = repository.metadata()?.target_directory.as_std_path().join("other-systems").join(target.name());
        fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        let package = unpacked(repository, &target, &folder)?;
        Ok(Self { repository, target, package, folder, launcher })
    }

    fn run(&self, tally: &mut Results) -> Result<(), String> {
        let exports = dist::c::check_exports(self.repository, &self.target, &self.package);
        tally.one("only koophone_ functions are exported, and all that the header has", exports);
        let examples = self.package.join("share/koophone/examples");
        let (c, cpp) = (self.folder.join("examples-c"), self.folder.join("examples-cpp"));
        tally.one("find_package builds the C examples", self.cmake(&examples.join("c"), &c, &[]));
        tally.one("find_package builds the C++ example", self.cmake(&examples.join("cpp"), &cpp, &[]));
        tally.one("the C harness runs a command on phones", self.harness(&c));
        tally.one("the frame loop ends with every call done well", self.frame_loop(&c));
        tally.one("find_package gives the static library", self.fixed());
        tally.one("pkg-config builds a program with the shared library", self.pkg_config());
        self.conformance(tally)
    }

    /// Every scenario through C, C++ and the command.
    fn conformance(&self, tally: &mut Results) -> Result<(), String> {
        let runners = self.folder.join("runners");
        self.cmake(&self.repository.root.join("tests/c"), &runners, &["-DKOOPHONE_RUNNERS=ON"])?;
        let name = dist::command::file_name(&self.target);
        let command = dist::portable::build_for(self.repository, &self.target, "koophone-cli", "dev", &name)?;
        let command = command.join(&name);
        if self.target.is_windows() {
            tally.one("the command needs nothing but Windows", windows::check_needs(&self.target, &command, &[]));
        }
        // The judge takes a program for the command line, so what starts it is a script.
        let script =
            emulation::script(&self.folder.join("run-koophone"), &format!("exec {} \"$@\"", self.words(&command)))?;
        let mut libraries = Vec::new();
        for (face, program) in [("c", "runner_c"), ("cpp", "runner_cpp")] {
            let program = self.words(&self.program(&runners, program));
            libraries.extend(["--face".to_owned(), format!("{face}={program}")]);
        }
        tally.add(self.judged(&libraries)?);
        // By itself: a program per call is slow here, and what is too slow must not take the others' verdicts with it.
        // A program mostly starts, on one processor: on as many as there are at once.
        let jobs = std::thread::available_parallelism().map_or(1, |count| count.get());
        let face = format!("cli={}", script.display());
        tally.add(self.judged(&["--face".to_owned(), face, "--jobs".to_owned(), jobs.to_string()])?);
        Ok(())
    }

    /// node.exe and CPython: every scenario through each that can be had.
    fn hosts(&self, tally: &mut Results) -> Result<(), String> {
        let hosts = Hosts::make_ready(self.repository, &self.target, self.folder.join("hosts"))?;
        let (node, python) = (hosts.node(), hosts.python());
        let found = node.iter().chain(python.iter().flatten());
        let faces: Vec<String> =
            found.flat_map(|(face, words)| ["--face".to_owned(), format!("{face}={words}")]).collect();
        tally.one("node.exe uses the npm packages", node.map(drop));
        tally.one("CPython of Windows uses the wheel", python.map(drop));
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

    /// Builds a CMake project for the target out of the package.
    fn cmake(&self, source: &Path, folder: &Path, options: &[&str]) -> Result<(), String> {
        let mut all = vec![
            format!("-DCMAKE_PREFIX_PATH={}", self.package.display()),
            // Nothing of this machine's own packages, which are for another processor.
            format!("-DCMAKE_FIND_ROOT_PATH={}", self.package.display()),
            "-DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY".to_owned(),
            format!("-DCMAKE_C_COMPILER={}", self.target.tool("gcc")),
            format!("-DCMAKE_CXX_COMPILER={}", self.target.tool("g++")),
        ];
        if self.target.is_windows() {
            // The compiler's own libraries go into the program, as in what one gives to others.
            all.extend(["-DCMAKE_SYSTEM_NAME=Windows", "-DCMAKE_EXE_LINKER_FLAGS=-static"].map(str::to_owned));
        } else {
            all.extend(["-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64"].map(str::to_owned));
        }
        all.extend(options.iter().map(|option| (*option).to_owned()));
        cmake(source, folder, &all)
    }

    fn harness(&self, folder: &Path) -> Result<(), String> {
        let mut run = emulation::command(self.repository, &self.target, &self.program(folder, "harness"))?;
        let said = capture(run.args(["--emulator", "3", "--", "getprop", "ro.product.model"]))?;
        let phones = said.lines().filter(|line| line.ends_with(": succeeded")).count();
        if phones == 3 { Ok(()) } else { Err(format!("3 phones should have done well:\n{said}")) }
    }

    fn frame_loop(&self, folder: &Path) -> Result<(), String> {
        let mut run = emulation::command(self.repository, &self.target, &self.program(folder, "frame_loop"))?;
        let said = capture(&mut run)?;
        if said.contains("100 calls, 100 well") { Ok(()) } else { Err(said) }
    }

    /// A project that asks for the static library.
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

    /// Compiles the harness with nothing but what pkg-config says.
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

    /// A program as Microsoft's compiler makes it, linked as its linker does, without any library of MinGW. LLVM has
    /// both, and Rust brings the linker.
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
            code => Err(format!("it should have ended with 42; it ended with {code:?}")),
        }
    }

    fn program(&self, folder: &Path, name: &str) -> PathBuf {
        folder.join(if self.target.is_windows() { format!("{name}.exe") } else { name.to_owned() })
    }

    /// What starts a program.
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
    // CMake unpacks both kinds.
    stream(command("cmake", &["-E", "tar", "xf"], &to).arg(archive))?;
    Ok(to.join("koophone"))
}
