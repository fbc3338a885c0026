//! The packages of a release: whether they exist, and whether the registries would accept them.

use std::path::{Path, PathBuf};
use std::process::Command;

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
    let problems = wrong_metadata(&mut venv.python(&["-c", METADATA, VERSION]), &files)?;
    Ok(match problems.is_empty() {
        true => Outcome::Done(format!("{} wheels and sdists", files.len())),
        false => Outcome::Failed(problems),
    })
}

/// Prints what twine does not check: files with another name or version in their metadata, or without their licences.
const METADATA: &str = "\
import email, sys, tarfile, zipfile
for path in sys.argv[2:]:
    if path.endswith('.whl'):
        archive = zipfile.ZipFile(path)
        names, read = archive.namelist(), archive.read
        [about] = [name for name in names if name.endswith('.dist-info/METADATA')]
        licences = about.removesuffix('METADATA') + 'licenses/'
    else:
        archive = tarfile.open(path)
        names, read = archive.getnames(), lambda name: archive.extractfile(name).read()
        licences = names[0].split('/')[0] + '/'
        about = licences + 'PKG-INFO'
    metadata = email.message_from_bytes(read(about))
    found = f\"{metadata['Name']} {metadata['Version']}\"
    if found != f'koophone {sys.argv[1]}':
        print(path, 'is', found, 'by its metadata')
    for file in metadata.get_all('License-File', ['of its metadata']):
        if licences + file not in names:
            print(path, 'does not contain the licence', file)";

fn wrong_metadata(python: &mut Command, files: &[PathBuf]) -> Result<Vec<String>, String> {
    Ok(capture(python.args(files))?.lines().map(str::to_owned).collect())
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
    // The step `packages` reports what has not been made.
    packages.retain(|(name, _)| out.join(format!("{name}-{VERSION}.tgz")).exists());
    for (name, expected) in &packages {
        // npm publishes the tarball, not the folder from which it was packed.
        let tarball = format!("./{name}-{VERSION}.tgz");
        let said = capture(&mut command("npm", &["pack", "--dry-run", "--json", &tarball], &out))?;
        let packed: Value = serde_json::from_str(&said).map_err(|error| format!("npm pack: {error}"))?;
        problems.extend(wrong_with(name, expected, &packed[0]));
        count += packed[0]["files"].as_array().map_or(0, Vec::len);
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

/// What is wrong with a tarball, by the description that `npm pack` prints of it.
fn wrong_with(name: &str, expected: &[String], packed: &Value) -> Vec<String> {
    let files: Vec<&str> =
        packed["files"].as_array().into_iter().flatten().filter_map(|file| file["path"].as_str()).collect();
    let missing = expected.iter().filter(|file| !files.contains(&file.as_str()));
    let mut problems: Vec<String> = missing.map(|file| format!("{name} would be published without {file}")).collect();
    if packed["name"] != name || packed["version"] != VERSION {
        problems.push(format!("{name} {VERSION} would be published as {} {}", packed["name"], packed["version"]));
    }
    problems
}

pub(super) fn crates(release: &Release) -> Result<Outcome, String> {
    let problems = unready_crates(release)?;
    if !problems.is_empty() {
        return Ok(Outcome::Failed(problems));
    }
    // The step `tag` reports uncommitted files.
    let mut arguments = vec!["publish", "--dry-run", "--locked", "--allow-dirty"];
    arguments.extend(CRATES.iter().flat_map(|name| ["--package", name]));
    stream(&mut command("cargo", &arguments, &release.repository.root))?;
    Ok(Outcome::Done(CRATES.join(", ")))
}

/// Crates without what crates.io shows of them, which cargo only warns about; and crates that anyone could publish by
/// mistake.
fn unready_crates(release: &Release) -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    for package in release.repository.metadata()?.workspace_packages() {
        let (name, is_private) = (package.name.as_str(), package.publish.as_ref().is_some_and(Vec::is_empty));
        if !CRATES.contains(&name) {
            if !is_private {
                problems.push(format!("{name} is not to be published; write `publish = false` in its Cargo.toml"));
            }
            continue;
        }
        let folder = package.manifest_path.with_file_name("");
        for (field, there) in [
            ("description", package.description.is_some()),
            ("license", package.license.is_some()),
            ("repository", package.repository.is_some()),
            ("readme", package.readme.is_some()),
            ("keywords", (1..=5).contains(&package.keywords.len())),
            ("categories", (1..=5).contains(&package.categories.len())),
            ("a file LICENSE", folder.join("LICENSE").exists()),
        ] {
            if !there {
                problems.push(format!("{name} has no {field}, or too many"));
            }
        }
        if is_private {
            problems.push(format!("{name} cannot be published: it has `publish = false`"));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Repository;
    use crate::target::Target;

    #[test]
    fn a_wheel_with_another_version_or_without_its_licence_is_rejected() {
        let wheel = std::env::temp_dir().join(format!("koophone-metadata-{}.whl", std::process::id()));
        let problems = |version: &str, licence: &str| {
            let make = "import sys, zipfile\npath, version, licence = sys.argv[1:]\n\
                with zipfile.ZipFile(path, 'w') as archive:\n  \
                text = f'Name: koophone\\nVersion: {version}\\nLicense-File: L\\n'\n  \
                archive.writestr('k.dist-info/METADATA', text)\n  \
                archive.writestr('k.dist-info/licenses/' + licence, '')";
            let mut python = command("python3", &["-c", make], Path::new("."));
            capture(python.arg(&wheel).args([version, licence])).unwrap();
            let mut python = command("python3", &["-c", METADATA, VERSION], Path::new("."));
            wrong_metadata(&mut python, std::slice::from_ref(&wheel)).unwrap()
        };
        assert_eq!(problems(VERSION, "L"), [""; 0]);
        assert!(problems("0.0.1", "L")[0].ends_with("is koophone 0.0.1 by its metadata"));
        assert!(problems(VERSION, "other")[0].ends_with("does not contain the licence L"));
        std::fs::remove_file(&wheel).unwrap();
    }

    #[test]
    fn a_tarball_without_a_file_or_with_another_version_is_rejected() {
        let files = serde_json::json!([{ "path": "package.json" }]);
        let packed = |version: &str| serde_json::json!({ "name": "koophone", "version": version, "files": files });
        let wrong = |file: &str, version: &str| wrong_with("koophone", &[file.to_owned()], &packed(version));
        assert_eq!(wrong("package.json", VERSION), [""; 0]);
        assert_eq!(wrong("LICENSE", VERSION), ["koophone would be published without LICENSE"]);
        assert!(wrong("package.json", "0.0.1")[0].ends_with("would be published as \"koophone\" \"0.0.1\""));
    }

    #[test]
    fn every_crate_is_ready_for_crates_io_or_private() {
        let repository = Repository::find().unwrap();
        let host = Target::host(&repository).unwrap();
        assert_eq!(unready_crates(&Release { repository: &repository, host, build: false }), Ok(Vec::new()));
    }
}
