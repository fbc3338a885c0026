//! The API reference of each language, built with that language's usual tool.

use std::fs;
use std::path::Path;

use crate::node;
use crate::process::{command, stream};
use crate::python::{self, Venv};
use crate::repository::Repository;
use crate::test::build_node;
use crate::tool::{Tool, tool};

/// A reference: the name of its folder in the site, the tools it needs, and how to build it.
pub(super) struct Reference {
    pub(super) name: &'static str,
    pub(super) needs: &'static [Tool],
    pub(super) build: fn(&Repository, &Path) -> Result<(), String>,
}

pub(super) const REFERENCES: &[Reference] = &[
    Reference { name: "rust", needs: &[], build: rust },
    Reference { name: "python", needs: python::TOOLS, build: sphinx },
    Reference { name: "node", needs: node::TOOLS, build: typedoc },
    Reference {
        name: "c",
        needs: &[tool("doxygen", "install Doxygen 1.9 or newer (Debian: doxygen)").at_least(1, 9)],
        build: doxygen,
    },
];

/// The folder of the tools' settings.
const FOLDER: &str = "docs/api";

fn rust(repository: &Repository, folder: &Path) -> Result<(), String> {
    // A separate target folder: the usual one also contains the pages of internal crates.
    let target = repository.metadata()?.target_directory.as_std_path().join("doc-site");
    let arguments = ["doc", "--no-deps", "--locked", "-p", "koophone", "-p", "koophone-emulator"];
    let mut cargo = command("cargo", &arguments, &repository.root);
    cargo
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_BUILD_BUILD_DIR", repository.metadata()?.target_directory.as_str());
    stream(cargo.env("RUSTDOCFLAGS", "-D warnings"))?;
    copy(&target.join("doc"), folder)
}

fn sphinx(repository: &Repository, folder: &Path) -> Result<(), String> {
    Venv::of(repository)?.develop()?;
    let tools = Venv::filled(repository, ".tools/sphinx", "docs/api/python/requirements.txt")?;
    let source = format!("{FOLDER}/python");
    let mut build = tools.python(&["-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-d"]);
    build.arg(repository.root.join(".tools/sphinx/doctrees")).args([&source]).arg(folder);
    // Document the binding from the source tree.
    stream(build.env("PYTHONPATH", repository.root.join(python::BINDING).join("python")))
}

fn typedoc(repository: &Repository, folder: &Path) -> Result<(), String> {
    let package = build_node(repository)?;
    let tools = repository.root.join(FOLDER).join("node");
    node::install(&tools)?;
    let mut build = node::tool_of(
        &tools,
        "typedoc/bin/typedoc",
        &["--treatWarningsAsErrors", "--disableSources", "--excludeInternal", "--out"],
    );
    build.arg(folder).arg("--tsconfig").arg(package.join("tsconfig.json")).arg(package.join("ts/index.ts"));
    stream(&mut build)
}

fn doxygen(repository: &Repository, folder: &Path) -> Result<(), String> {
    let mut build = command("doxygen", &[&format!("{FOLDER}/c/Doxyfile")], &repository.root);
    stream(build.env("KOOPHONE_DOCS", folder))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{} cannot be copied: {error}", from.display());
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(failed)?;
        }
    }
    Ok(())
}
