//! From the blocks of a page to a command that runs them, for each language. What they need is built on first use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::emulator;
use crate::link;
use crate::node;
use crate::pages::Block;
use crate::process::{command, stream};
use crate::python::Venv;
use crate::repository::Repository;
use crate::test::{build_node, c};

/// What programs are built and run with.
pub(super) struct Programs<'r> {
    repository: &'r Repository,
    folder: PathBuf,
    koophone: Option<PathBuf>,
    python: Option<Venv>,
    node: bool,
    library: Option<PathBuf>,
    /// How many Rust programs there were.
    rust: usize,
}

impl<'r> Programs<'r> {
    pub(super) fn new(repository: &'r Repository) -> Result<Self, String> {
        let folder = repository.metadata()?.target_directory.as_std_path().join("guide");
        fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be created: {error}", folder.display()))?;
        Ok(Self { repository, folder, koophone: None, python: None, node: false, library: None, rust: 0 })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The built `koophone` command.
    pub(super) fn command_line(&mut self) -> Result<PathBuf, String> {
        if let Some(path) = &self.koophone {
            return Ok(path.clone());
        }
        stream(&mut command("cargo", &["build", "--quiet", "--locked", "-p", "koophone-cli"], &self.repository.root))?;
        let path = self.repository.metadata()?.target_directory.as_std_path().join("debug/koophone");
        self.koophone = Some(path.clone());
        Ok(path)
    }

    /// A command that runs blocks of one language in `folder`.
    pub(super) fn prepare(&mut self, blocks: &[&Block], folder: &Path) -> Result<Command, String> {
        let text: String = blocks.iter().map(|block| block.text.as_str()).collect();
        match blocks[0].language.as_str() {
            "sh" => Ok(shell(&text, folder)),
            "python" => self.python(&text, blocks[0], folder),
            "js" => self.js(&text, folder),
            "rust" => self.rust(&text, folder),
            "c" => self.c(&text, folder, &["cc", "-std=c99"], "c"),
            "cpp" => self.c(&text, folder, &["c++", "-std=c++17"], "cpp"),
            other => Err(format!("{other} cannot be run")),
        }
    }

    fn python(&mut self, text: &str, block: &Block, folder: &Path) -> Result<Command, String> {
        if self.python.is_none() {
            let venv = Venv::of(self.repository)?;
            venv.develop()?;
            self.python = Some(venv);
        }
        let venv = self.python.as_ref().ok_or("there is no Python")?;
        let mut command = if block.is_pytest() {
            let name = block.file.as_deref().unwrap_or_default();
            venv.python(&["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", name])
        } else {
            write(&folder.join("page.py"), text)?;
            venv.python(&["-W", "error", "page.py"])
        };
        venv.on_path(&mut command);
        Ok(command)
    }

    fn js(&mut self, text: &str, folder: &Path) -> Result<Command, String> {
        if !self.node {
            build_node(self.repository)?;
            self.node = true;
        }
        let modules = folder.join("node_modules");
        fs::create_dir_all(&modules).map_err(|error| format!("{}: {error}", modules.display()))?;
        let package = modules.join("koophone");
        if !package.exists() {
            link::to_folder(&node::folder(self.repository), &package)
                .map_err(|error| format!("{} cannot be created: {error}", package.display()))?;
        }
        write(&folder.join("page.mjs"), text)?;
        Ok(command("node", &["page.mjs"], folder))
    }

    /// A separate package that depends on ours, as a reader's would.
    fn rust(&mut self, text: &str, folder: &Path) -> Result<Command, String> {
        let root = self.repository.root.to_string_lossy().into_owned();
        let package = folder.join("rust");
        let dependency = |name: &str| format!("{name} = {{ path = {:?} }}\n", format!("{root}/crates/{name}"));
        let (core, emulator) = (dependency("koophone"), dependency("koophone-emulator"));
        // With the profile of our own workspace, whose dependencies are already built.
        let manifest = format!(
            "[package]\nname = \"page\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{core}{emulator}\n[workspace]\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n[profile.dev.package.\"*\"]\ndebug = false\n"
        );
        self.rust += 1;
        let name = format!("page{}", self.rust);
        fs::create_dir_all(package.join("src/bin")).map_err(|error| format!("{}: {error}", package.display()))?;
        write(&package.join("Cargo.toml"), &manifest)?;
        write(&package.join(format!("src/bin/{name}.rs")), text)?;
        let lock = self.repository.root.join("Cargo.lock");
        fs::copy(&lock, package.join("Cargo.lock")).map_err(|error| format!("{}: {error}", lock.display()))?;
        let mut cargo = command("cargo", &["build", "--quiet", "--offline", "--bin", &name], &package);
        let target = self.repository.metadata()?.target_directory.as_std_path();
        stream(cargo.env("CARGO_TARGET_DIR", target))?;
        Ok(command(&target.join("debug").join(name).to_string_lossy(), &[], folder))
    }

    fn c(&mut self, text: &str, folder: &Path, compiler: &[&str], ending: &str) -> Result<Command, String> {
        if self.library.is_none() {
            self.library = Some(c::build::stage(self.repository, "library", &[])?);
        }
        let library = self.library.as_ref().ok_or("there is no library")?.to_string_lossy().into_owned();
        write(&folder.join(format!("page.{ending}")), text)?;
        let program = format!("page-{ending}");
        let mut cc = command(compiler[0], &["-Wall", "-Wextra", "-Werror", "-o", &program], folder);
        cc.args(&compiler[1..]).arg(format!("page.{ending}")).args([format!("-I{library}/include")]);
        cc.args([format!("-L{library}/lib"), "-lkoophone".to_owned(), format!("-Wl,-rpath,{library}/lib")]);
        stream(&mut cc)?;
        Ok(command(&folder.join(program).to_string_lossy(), &[], folder))
    }
}

/// All lines except the one that starts the emulator, which is already running.
fn shell(text: &str, folder: &Path) -> Command {
    let lines: Vec<&str> = text.lines().filter(|line| !emulator::is_start(line)).collect();
    command("sh", &["-euc", &lines.join("\n")], folder)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}
