//! The Python environment that tests and packages the binding: a virtual environment in the ignored folder `.venv`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::tool::{Tool, check_all, tool};

/// The tools that must be installed.
pub const TOOLS: &[Tool] = &[tool("python3", "install Python 3.10 or newer, with its venv module").at_least(3, 10)];

/// The binding's folder, relative to the repository's.
pub const BINDING: &str = "bindings/python";

/// The pinned versions of all tools for testing, checking and packaging.
pub const REQUIREMENTS: &str = "bindings/python/requirements-dev.txt";

/// A virtual environment.
pub struct Venv {
    folder: PathBuf,
    root: PathBuf,
}

impl Venv {
    /// The repository's own environment, with the development tools.
    pub fn of(repository: &Repository) -> Result<Self, String> {
        Self::filled(repository, ".venv", REQUIREMENTS)
    }

    /// The environment with zig and cargo-zigbuild.
    pub fn with_zig(repository: &Repository) -> Result<Self, String> {
        Self::filled(repository, ".tools/zig", "crates/xtask/requirements-dist.txt")
    }

    /// The environment in `folder`, with the packages of the file `requirements`. It is created on first use and
    /// updated when the requirements change.
    pub fn filled(repository: &Repository, folder: &str, requirements: &str) -> Result<Self, String> {
        check_all(TOOLS)?;
        let venv = Self { folder: repository.root.join(folder), root: repository.root.clone() };
        let wanted = repository.read(requirements).ok_or(format!("{requirements} is missing"))?;
        let stamp = venv.folder.join("requirements-installed.txt");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(venv);
        }
        venv.create()?;
        venv.pip(&["install", "--quiet", "--requirement", requirements])?;
        fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
        Ok(venv)
    }

    /// A new, empty environment that replaces an existing one.
    pub fn empty(repository: &Repository, name: &str) -> Result<Self, String> {
        let venv = Self { folder: repository.root.join(".tools").join(name), root: repository.root.clone() };
        if venv.folder.exists() {
            fs::remove_dir_all(&venv.folder).map_err(|error| format!("{}: {error}", venv.folder.display()))?;
        }
        venv.create()?;
        Ok(venv)
    }

    fn create(&self) -> Result<(), String> {
        let folder = self.folder.to_string_lossy();
        stream(&mut command("python3", &["-m", "venv", &folder], &self.root))
            .map_err(|error| format!("{error}; install Python's venv module (on Debian: python3-venv)"))
    }

    /// Runs pip.
    pub fn pip(&self, arguments: &[&str]) -> Result<(), String> {
        let quiet = ["-m", "pip", "--disable-pip-version-check"];
        stream(&mut self.python(&[&quiet, arguments].concat()))
    }

    /// A command that runs the interpreter in the repository's folder.
    pub fn python(&self, arguments: &[&str]) -> Command {
        self.run("python", arguments)
    }

    /// A command that runs a program installed by a package.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = command(&self.program(program), arguments, &self.root);
        // Some tools locate their environment by the first variable; the second is where pyright keeps what it
        // installs.
        command.env("VIRTUAL_ENV", &self.folder).env("PYRIGHT_PYTHON_CACHE_DIR", self.root.join(".tools/pyright"));
        for (name, _) in std::env::vars_os() {
            // No test may reach the real service through the developer's environment.
            if name
                .to_str()
                .is_some_and(|name| ["KOOPHONE_", "HUAWEICLOUD_", "PYTHON"].iter().any(|p| name.starts_with(p)))
            {
                command.env_remove(name);
            }
        }
        command
    }

    /// Puts its programs first on a command's PATH.
    pub fn on_path(&self, command: &mut Command) {
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.folder.join("bin").display()));
    }

    fn program(&self, name: &str) -> String {
        self.folder.join("bin").join(name).to_string_lossy().into_owned()
    }

    /// Builds the binding without optimisation and installs it in editable form.
    pub fn develop(&self) -> Result<(), String> {
        let manifest = format!("{BINDING}/Cargo.toml");
        stream(&mut self.run("maturin", &["develop", "--quiet", "--locked", "--manifest-path", &manifest]))
    }

    /// Runs a Python program and returns what it prints.
    pub fn ask(&self, program: &str) -> Result<String, String> {
        capture(&mut self.python(&["-W", "error", "-c", program])).map(|text| text.trim().to_owned())
    }
}
