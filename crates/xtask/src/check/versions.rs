//! Checks that every face has the same version: the workspace defines it, everything else repeats or inherits it.

use regex::Regex;
use serde_json::Value;

use super::{Outcome, Problems};
use crate::repository::{File, Repository};

/// The places of versions in a file, and the versions. Empty if the file takes its version from elsewhere.
type Stated = Vec<(String, String)>;

/// A kind of file that contains the version.
struct Face {
    /// Whether a path is a file of this kind.
    is: fn(&str) -> bool,
    /// Finds every version in the text of such a file.
    stated: fn(&str) -> Result<Stated, String>,
}

const FACES: &[Face] = &[
    Face { is: |path| path == "bindings/python/pyproject.toml", stated: in_pyproject },
    Face { is: |path| path.starts_with("bindings/node/") && path.ends_with("package.json"), stated: in_package_json },
    Face { is: |path| path == "bindings/node/package-lock.json", stated: in_package_json },
    Face { is: |path| path == "include/koophone.h", stated: in_header },
    Face { is: |path| path == "CHANGELOG.md", stated: in_changelog },
];

pub(super) fn run(repository: &Repository) -> Outcome {
    let files = repository.files()?;
    let read =
        |path: &str| files.iter().find(|file| file.path == path).map(|file| file.text.as_str()).unwrap_or_default();
    let workspace = parse_toml("Cargo.toml", read("Cargo.toml"))?;
    let version = workspace["workspace"]["package"]["version"]
        .as_str()
        .ok_or("Cargo.toml: no workspace.package.version".to_owned())?;
    let mut problems = path_dependencies(&workspace, version);
    for package in repository.metadata()?.workspace_packages() {
        let path = format!("{}/Cargo.toml", repository.folder_of(package));
        problems.extend(not_inherited(&path, read(&path))?);
    }
    for file in files {
        problems.extend(differing(file, version));
    }
    if problems.is_empty() { Ok(version.to_owned()) } else { Err(Problems(problems)) }
}

/// The workspace's dependency table must list our own crates with the version that published crates would require.
fn path_dependencies(workspace: &toml::Table, version: &str) -> Vec<String> {
    let dependencies = workspace["workspace"].get("dependencies").and_then(toml::Value::as_table);
    let our_crates = dependencies.into_iter().flatten().filter(|(_, dependency)| dependency.get("path").is_some());
    let wrong =
        our_crates.filter(|(_, dependency)| dependency.get("version").and_then(toml::Value::as_str) != Some(version));
    wrong.map(|(name, _)| format!("Cargo.toml: workspace.dependencies.{name} must require version {version}")).collect()
}

fn not_inherited(path: &str, manifest: &str) -> Result<Option<String>, String> {
    let manifest = parse_toml(path, manifest)?;
    let version = manifest.get("package").and_then(|package| package.get("version"));
    let inherits = version.and_then(|version| version.get("workspace")).and_then(toml::Value::as_bool) == Some(true);
    Ok((!inherits).then(|| format!("{path} has its own version; write `version.workspace = true`")))
}

fn differing(file: &File, version: &str) -> Vec<String> {
    let Some(face) = FACES.iter().find(|face| (face.is)(&file.path)) else { return Vec::new() };
    match (face.stated)(&file.text) {
        Err(error) => vec![format!("{}: {error}", file.path)],
        Ok(stated) => {
            let wrong = stated.into_iter().filter(|(_, found)| found != version);
            wrong
                .map(|(place, found)| format!("{}: {place} is {found}, the workspace is {version}", file.path))
                .collect()
        }
    }
}

fn in_pyproject(text: &str) -> Result<Stated, String> {
    let file = parse_toml("it", text)?;
    let project = file.get("project").and_then(toml::Value::as_table).ok_or("no [project] table")?;
    let dynamic = project.get("dynamic").and_then(toml::Value::as_array);
    if dynamic.is_some_and(|names| names.iter().any(|name| name.as_str() == Some("version"))) {
        return Ok(Vec::new()); // maturin takes it from Cargo.toml
    }
    let version = project.get("version").and_then(toml::Value::as_str).ok_or("[project] has no version")?;
    Ok(vec![("project.version".to_owned(), version.to_owned())])
}

/// The package's own version, and the versions of its per-platform packages, which contain the native code.
fn in_package_json(text: &str) -> Result<Stated, String> {
    let file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Some(version) = file["version"].as_str() else {
        // Packages that are not published need no version.
        return if file["private"] == true { Ok(Vec::new()) } else { Err("no version".to_owned()) };
    };
    let name = file["name"].as_str().unwrap_or_default();
    let optional = file["optionalDependencies"].as_object().into_iter().flatten();
    let ours = optional.filter(|(dependency, _)| belongs_to(dependency, name));
    let stated = ours.map(|(name, version)| {
        (format!("optionalDependencies.{name}"), version.as_str().unwrap_or_default().to_owned())
    });
    Ok(std::iter::once(("version".to_owned(), version.to_owned())).chain(stated).collect())
}

/// Whether an npm package is one of the per-platform packages of another: `koophone-linux-x64-gnu`,
/// `@koophone/linux-x64-gnu`.
fn belongs_to(part: &str, whole: &str) -> bool {
    let whole = whole.trim_start_matches('@').split('/').next().unwrap_or_default();
    part.trim_start_matches('@').strip_prefix(whole).is_some_and(|rest| rest.starts_with(['-', '/']))
}

fn in_header(text: &str) -> Result<Stated, String> {
    let one = |name: &str, value: &str| -> Result<String, String> {
        let line = Regex::new(&format!(r"(?m)^#define {name} {value}\s*$")).map_err(|error| error.to_string())?;
        let found = line.captures(text).ok_or_else(|| format!("no `#define {name}`"))?;
        Ok(found[1].to_owned())
    };
    let part = |name: &str| one(&format!("KOOPHONE_VERSION_{name}"), r"(\d+)");
    let parts = format!("{}.{}.{}", part("MAJOR")?, part("MINOR")?, part("PATCH")?);
    let whole = one("KOOPHONE_VERSION", r#""([^"]*)""#)?;
    Ok(vec![("KOOPHONE_VERSION".to_owned(), whole), ("KOOPHONE_VERSION_MAJOR, _MINOR, _PATCH".to_owned(), parts)])
}

fn in_changelog(text: &str) -> Result<Stated, String> {
    let entry = Regex::new(r"(?m)^## \[?v?(\d[^\s\]]*)").map_err(|error| error.to_string())?;
    let top = entry.captures(text).ok_or("no entry `## x.y.z`")?;
    Ok(vec![("the top entry".to_owned(), top[1].to_owned())])
}

fn parse_toml(path: &str, text: &str) -> Result<toml::Table, String> {
    text.parse().map_err(|error| format!("{path} is not valid TOML: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(path: &str, text: &str) -> Vec<String> {
        differing(&File { path: path.to_owned(), text: text.to_owned(), bytes: 0 }, "0.2.0")
    }

    #[test]
    fn every_face_is_compared() {
        let header = |patch| {
            format!(
                "#define KOOPHONE_VERSION \"0.2.0\"\n#define KOOPHONE_VERSION_MAJOR 0\n#define KOOPHONE_VERSION_MINOR \
                    2\n#define KOOPHONE_VERSION_PATCH {patch}\n"
            )
        };
        let node = |part| {
            format!(
                "{{\"name\": \"koophone\", \"version\": \"0.2.0\", \"optionalDependencies\": \
                    {{\"@koophone/linux-x64-gnu\": \"{part}\", \"other\": \"9.9.9\"}}}}"
            )
        };
        let cases = [
            (
                "bindings/python/pyproject.toml",
                "[project]\nversion = \"0.2.0\"".to_owned(),
                "[project]\nversion = \"0.1.0\"".to_owned(),
            ),
            ("bindings/node/package.json", node("0.2.0"), node("0.1.0")),
            ("bindings/node/npm/linux-x64-gnu/package.json", "{\"version\": \"0.2.0\"}".to_owned(), "{}".to_owned()),
            ("include/koophone.h", header(0), header(1)),
            (
                "CHANGELOG.md",
                "# Changes\n\n## Unreleased\n\n## [0.2.0] - today\n\n## 0.1.0".to_owned(),
                "## 0.1.0".to_owned(),
            ),
        ];
        for (path, right, other) in cases {
            assert_eq!(wrong(path, &right), Vec::<String>::new());
            assert_eq!(wrong(path, &other).len(), 1, "{path}: {:?}", wrong(path, &other));
        }
        assert!(wrong("bindings/python/pyproject.toml", "[project]\ndynamic = [\"version\"]").is_empty());
        assert!(wrong("README.md", "0.1.0").is_empty());
        assert_eq!(wrong("include/koophone.h", "").len(), 1);
    }

    #[test]
    fn a_separate_version_is_a_problem() {
        assert!(not_inherited("x", "[package]\nversion = \"0.2.0\"").unwrap().is_some());
        assert!(not_inherited("x", "[package]").unwrap().is_some());
        assert!(not_inherited("x", "[package]\nversion.workspace = true").unwrap().is_none());
    }

    #[test]
    fn our_own_crates_are_required_with_the_same_version() {
        let table = |version| {
            format!("[workspace.dependencies]\nkoophone = {{ path = \"x\", version = \"{version}\" }}\nserde = \"1\"")
        };
        assert_eq!(path_dependencies(&table("0.2.0").parse().unwrap(), "0.2.0").len(), 0);
        assert_eq!(path_dependencies(&table("0.1.0").parse().unwrap(), "0.2.0").len(), 1);
    }
}
