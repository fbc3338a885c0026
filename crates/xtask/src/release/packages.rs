//! The packages of a release: whether they exist, and whether the registries would accept them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Outcome, Release, VERSION};
use crate::dist::{self, Package, sbom, sums};
use crate::node;
use crate::process::{capture, command, stream};
use crate::python::Venv;
use crate::target;
use crate::tool::check_all;

/// The crates that are published, dependencies first.
const CRATES: &[&str] = &["koophone-emulator", "koophone", "koophone-cli"];

/// Checks that every package that this machine can build exists, with its bill of materials and the listed hash.
pub(super) fn found(release: &Release) -> Result<Outcome, String> {
    let folder = release.repository.root.join("dist");
    let is_missing = |package: &&Package| package.file_in(&folder).is_none();
    let all = dist::packages(&release.host)?;
    if release.build {
        for package in all.iter().filter(is_missing) {
            // One command may build several packages.
            if is_missing(&package) {
                dist::run(release.repository, &[package.face.to_owned()], package.target.as_slice())?;
            }
        }
    }
    let mut problems = Vec::new();
    for folder in [folder.clone(), folder.join("python"), folder.join("node")] {
        if folder.join(sums::FILE).exists() {
            problems.extend(sums::problems(&folder)?);
        }
    }
    for file in all.iter().filter_map(|package| package.file_in(&folder)) {
        println!("{}", file.display());
        if !with_ending(&file, sbom::ENDING).exists() {
            problems.push(format!("{} has no bill of materials; build it again", file.display()));
        }
    }
    if !problems.is_empty() {
        return Ok(Outcome::Failed(problems));
    }
    let missing: Vec<String> = all.iter().filter(is_missing).map(Package::verb).collect();
    Ok(match missing.len() {
        0 => Outcome::Done(format!("{} packages", all.len())),
        _ => Outcome::NotDone(format!(
            "{} of {} packages are missing; use --build, or run {}",
            missing.len(),
            all.len(),
            missing.join("; ")
        )),
    })
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{name}{ending}"))
}

pub(super) fn python(release: &Release) -> Result<Outcome, String> {
    let dist = release.repository.root.join("dist");
    let packages = dist::packages(&release.host)?;
    let of_python = packages.iter().filter(|package| package.face == "python");
    let files: Vec<PathBuf> = of_python.filter_map(|package| package.file_in(&dist)).collect();
    if files.is_empty() {
        return Ok(Outcome::NotDone("no wheel and sdist: cargo xtask dist python".to_owned()));
    }
    let venv = Venv::of(release.repository)?;
    stream(venv.run("twine", &["check", "--strict"]).args(&files))?;
    Ok(Outcome::Done(format!("{} wheels and sdists", files.len())))
}

pub(super) fn npm(release: &Release) -> Result<Outcome, String> {
    let out = release.repository.root.join("dist/node");
    let tarball = out.join(format!("koophone-{VERSION}.tgz"));
    if !tarball.exists() {
        return Ok(Outcome::NotDone("the npm packages are missing; run cargo xtask dist node".to_owned()));
    }
    check_all(node::TOOLS)?;
    let (mut count, mut problems) = (0, Vec::new());
    let main = ["LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.mjs", "types/index.d.ts"];
    let mut packages = vec![("koophone".to_owned(), main.map(str::to_owned).to_vec())];
    for target in target::all() {
        let system = node::system(&target)?;
        let addon = format!("koophone.{system}.node");
        packages.push((format!("koophone-{system}"), vec!["LICENSE".to_owned(), "package.json".to_owned(), addon]));
    }
    // What has not been made is the step `packages`' business.
    packages.retain(|(name, _)| out.join(name).exists());
    for (name, expected) in &packages {
        let said = capture(&mut command("npm", &["pack", "--dry-run", "--json"], &out.join(name)))?;
        let packed: Value = serde_json::from_str(&said).map_err(|error| format!("npm pack: {error}"))?;
        let files: Vec<&str> =
            packed[0]["files"].as_array().into_iter().flatten().filter_map(|file| file["path"].as_str()).collect();
        let missing = expected.iter().filter(|file| !files.contains(&file.as_str()));
        problems.extend(missing.map(|file| format!("{name} would be published without {file}")));
        if packed[0]["version"] != VERSION {
            problems.push(format!("{name} would be published as {}", packed[0]["version"]));
        }
        count += files.len();
    }
    let folder = node::folder(release.repository);
    node::install(&folder)?;
    node::look_at(&folder, &tarball)?;
    Ok(if problems.is_empty() {
        Outcome::Done(format!("{count} files in {} packages", packages.len()))
    } else {
        Outcome::Failed(problems)
    })
}

pub(super) fn crates(release: &Release) -> Result<Outcome, String> {
    // The step `tag` reports uncommitted files.
    let mut arguments = vec!["publish", "--dry-run", "--locked", "--allow-dirty"];
    arguments.extend(CRATES.iter().flat_map(|name| ["--package", name]));
    stream(&mut command("cargo", &arguments, &release.repository.root))?;
    Ok(Outcome::Done(CRATES.join(", ")))
}
