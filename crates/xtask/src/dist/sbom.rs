//! Software bills of materials: for each package a file in CycloneDX format that lists the linked crates with their
//! versions, licences, hashes and dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, Package};
use cyclonedx_bom::external_models::spdx::SpdxExpression;
use cyclonedx_bom::external_models::uri::Purl;
use cyclonedx_bom::models::bom::{Bom, SpecVersion};
use cyclonedx_bom::models::component::{Classification, Component, Components};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata as About;
use cyclonedx_bom::validation::Validate;

use super::sums;
use crate::process::{capture, command};
use crate::repository::Repository;
use crate::target::Target;

/// Appended to the package's file name.
pub const ENDING: &str = ".cdx.json";

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A crate's name and version.
type Crate = (String, String);

/// Writes the bill of materials of the package `file`, which contains the crate `of`; with `None` it contains no crate.
pub fn write(repository: &Repository, target: &Target, of: Option<&str>, file: &Path) -> Result<PathBuf, String> {
    let linked = of.map_or(Ok(BTreeSet::new()), |name| linked(repository, target, name))?;
    let standard = of.map(|_| standard_library(repository)).transpose()?;
    let mut bom = list(repository.metadata()?, &hashes(repository)?, &linked, standard)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut whole = Component::new(Classification::File, &name, VERSION, Some(name.clone()));
    whole.hashes = Some(Hashes(vec![sha256(sums::sha256(file)?)]));
    whole.licenses = licence("Apache-2.0")?;
    bom.metadata = Some(About { component: Some(whole), ..About::default() });
    let result = bom.validate_version(SpecVersion::V1_5);
    if !result.passed() {
        return Err(format!("the bill of materials of {name} is invalid: {result:?}"));
    }
    let mut text = Vec::new();
    bom.output_as_json_v1_5(&mut text).map_err(|error| error.to_string())?;
    text.push(b'\n');
    let to = file.with_file_name(format!("{name}{ENDING}"));
    fs::write(&to, text).map_err(|error| format!("{}: {error}", to.display()))?;
    Ok(to)
}

/// The crates that cargo links into a crate for a target, without build and development dependencies.
fn linked(repository: &Repository, target: &Target, of: &str) -> Result<BTreeSet<Crate>, String> {
    let arguments = ["tree", "--locked", "--package", of, "--target", &target.triple, "--prefix", "none"];
    let rest = ["--edges", "normal,no-proc-macro", "--format", "{p}"];
    let text = capture(&mut command("cargo", &[&arguments[..], &rest].concat(), &repository.root))?;
    let crates: BTreeSet<Crate> = text.lines().filter_map(parse).collect();
    // Even the emulator alone links more than this.
    match crates.len() {
        ..20 => Err(format!("cargo tree lists only {} crates for {of}; at least 20 are expected", crates.len())),
        _ => Ok(crates),
    }
}

/// Parses a line such as `serde v1.0.229 (*)`.
fn parse(line: &str) -> Option<Crate> {
    let (name, rest) = line.split_once(" v")?;
    Some((name.to_owned(), rest.split(' ').next()?.to_owned()))
}

fn list(
    metadata: &Metadata,
    hashes: &BTreeMap<Crate, String>,
    linked: &BTreeSet<Crate>,
    standard: Option<Component>,
) -> Result<Bom, String> {
    let packages: Vec<&Package> = metadata.packages.iter().filter(|package| linked.contains(&key(package))).collect();
    if packages.len() != linked.len() {
        return Err(format!("cargo tree lists {} crates, but cargo metadata has {}", linked.len(), packages.len()));
    }
    let mut components: Vec<Component> =
        packages.iter().map(|package| component(package, hashes.get(&key(package)))).collect::<Result<_, _>>()?;
    components.extend(standard);
    components.sort_by(|a, b| a.bom_ref.cmp(&b.bom_ref));
    let mut dependencies: Vec<Dependency> = packages.iter().map(|package| uses(metadata, package, linked)).collect();
    dependencies.sort_by(|a, b| a.dependency_ref.cmp(&b.dependency_ref));
    Ok(Bom {
        // Reproducible: no random number.
        serial_number: None,
        spec_version: SpecVersion::V1_5,
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        ..Bom::default()
    })
}

fn component(package: &Package, hash: Option<&String>) -> Result<Component, String> {
    let version = package.version.to_string();
    let mut component = Component::new(Classification::Library, &package.name, &version, Some(reference(package)));
    let purl = Purl::new("cargo", &package.name, &version).map_err(|error| error.to_string())?;
    component.purl = Some(purl);
    component.licenses = package.license.as_deref().map_or(Ok(None), licence)?;
    // Crates of this repository have no registry hash.
    component.hashes = hash.map(|hash| Hashes(vec![sha256(hash.clone())]));
    Ok(component)
}

/// Rust's standard library, which is part of every package.
fn standard_library(repository: &Repository) -> Result<Component, String> {
    let output = capture(&mut command("rustc", &["-vV"], &repository.root))?;
    let release =
        output.lines().find_map(|line| line.strip_prefix("release: ")).ok_or("rustc -vV prints no release")?;
    let mut component = Component::new(Classification::Library, "std", release, Some(format!("std {release}")));
    component.licenses = licence("MIT OR Apache-2.0")?;
    Ok(component)
}

fn uses(metadata: &Metadata, package: &Package, linked: &BTreeSet<Crate>) -> Dependency {
    let nodes = metadata.resolve.as_ref().map(|resolve| resolve.nodes.as_slice()).unwrap_or_default();
    let node = nodes.iter().find(|node| node.id == package.id);
    let used = node.into_iter().flat_map(|node| &node.deps).filter(|dependency| {
        let is_normal = dependency.dep_kinds.iter().any(|how| how.kind == DependencyKind::Normal);
        is_normal && linked.contains(&key(&metadata[&dependency.pkg]))
    });
    let mut dependencies: Vec<String> = used.map(|dependency| reference(&metadata[&dependency.pkg])).collect();
    dependencies.sort_unstable();
    dependencies.dedup();
    Dependency { dependency_ref: reference(package), dependencies }
}

fn key(package: &Package) -> Crate {
    (package.name.to_string(), package.version.to_string())
}

fn reference(package: &Package) -> String {
    format!("{} {}", package.name, package.version)
}

fn licence(expression: &str) -> Result<Option<Licenses>, String> {
    let parsed = SpdxExpression::parse_lax(expression.to_owned()).map_err(|error| format!("{expression}: {error}"))?;
    Ok(Some(Licenses(vec![LicenseChoice::Expression(parsed)])))
}

fn sha256(hash: String) -> Hash {
    Hash { alg: HashAlgorithm::SHA_256, content: HashValue(hash) }
}

/// The hashes in Cargo.lock, for every crate of a registry.
fn hashes(repository: &Repository) -> Result<BTreeMap<Crate, String>, String> {
    let text = repository.read("Cargo.lock").ok_or("no Cargo.lock")?;
    let lock: toml::Table = text.parse().map_err(|error| format!("Cargo.lock: {error}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array).ok_or("Cargo.lock has no packages")?;
    let field = |package: &toml::Value, name: &str| Some(package.get(name)?.as_str()?.to_owned());
    let hash = |package| Some(((field(package, "name")?, field(package, "version")?), field(package, "checksum")?));
    Ok(packages.iter().filter_map(hash).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_what_is_linked_on_each_system_and_can_be_read_again() {
        let repository = Repository::find().unwrap();
        let folder = std::env::temp_dir().join(format!("koophone-sbom-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("koophone.zip");
        fs::write(&file, "abc").unwrap();
        let names = |triple: &str, of: Option<&str>| {
            let target = Target { triple: triple.to_owned(), is_host: false };
            let text = fs::read(write(&repository, &target, of, &file).unwrap()).unwrap();
            let bom = Bom::parse_from_json_v1_5(text.as_slice()).unwrap();
            let whole = bom.metadata.unwrap().component.unwrap();
            assert!(whole.hashes.unwrap().0[0].content.0.starts_with("ba7816bf"));
            let components = bom.components.unwrap().0;
            assert!(components.iter().all(|component| component.licenses.is_some()));
            components.iter().map(|component| component.name.to_string()).collect::<Vec<_>>()
        };
        let windows = names("x86_64-pc-windows-gnu", Some("koophone-c"));
        let linux = names("x86_64-unknown-linux-gnu", Some("koophone-c"));
        let nothing = names("x86_64-unknown-linux-gnu", None);
        fs::remove_dir_all(&folder).unwrap();
        let has = |list: &[String], name: &str| list.iter().any(|one| one == name);
        assert!(has(&windows, "windows-sys") && !has(&linux, "windows-sys"), "{windows:?} {linux:?}");
        for name in ["koophone", "rustls", "ring", "std"] {
            assert!(has(&linux, name), "{name} is not in {linux:?}");
        }
        // Build and development dependencies are not listed.
        assert!(!has(&linux, "serde_derive") && !has(&linux, "proptest") && !has(&linux, "xtask"), "{linux:?}");
        assert!(nothing.is_empty(), "{nothing:?}");
    }
}
