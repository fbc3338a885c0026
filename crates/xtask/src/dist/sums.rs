//! `SHA256SUMS` in every folder of packages: `sha256sum --check SHA256SUMS` verifies that the files are unchanged.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The list's name.
pub const FILE: &str = "SHA256SUMS";

/// Writes the list of all files in a folder, without subfolders.
pub fn write(folder: &Path) -> Result<PathBuf, String> {
    let lines = files(folder)?.into_iter().map(|file| Ok(format!("{}  {file}\n", sha256(&folder.join(&file))?)));
    let text = lines.collect::<Result<String, String>>()?;
    let list = folder.join(FILE);
    fs::write(&list, text).map_err(|error| format!("{}: {error}", list.display()))?;
    Ok(list)
}

/// Problems with the packages of a folder: files that changed after the list was written, are missing, or not listed.
pub fn problems(folder: &Path) -> Result<Vec<String>, String> {
    let list = folder.join(FILE);
    let text = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let listed: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once("  ")).collect();
    let mut problems = Vec::new();
    for file in files(folder)? {
        match listed.iter().find(|(_, name)| *name == file) {
            None => problems.push(format!("{file} is not listed in {}", list.display())),
            Some((sum, _)) if *sum != sha256(&folder.join(&file))? => {
                problems.push(format!("{file} does not have the hash in {}", list.display()));
            }
            Some(_) => {}
        }
    }
    let gone = listed.iter().filter(|(_, name)| !folder.join(name).is_file());
    problems.extend(gone.map(|(_, name)| format!("{name} is listed in {} but missing", list.display())));
    Ok(problems)
}

/// The files of a folder, sorted by name.
fn files(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files = entries.flatten().filter(|entry| entry.path().is_file());
    let mut names: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != FILE);
    names.sort_unstable();
    Ok(names)
}

/// The SHA-256 of a file, in hexadecimal.
pub fn sha256(file: &Path) -> Result<String, String> {
    hash::<Sha256>(file)
}

/// The same with another hash function.
pub fn hash<D: Digest>(file: &Path) -> Result<String, String> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(D::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_after_the_list_is_found() {
        let folder = std::env::temp_dir().join(format!("koophone-sums-{}", std::process::id()));
        fs::create_dir_all(folder.join("a-folder")).unwrap();
        fs::write(folder.join("b.zip"), "abc").unwrap();
        fs::write(folder.join("a.zip"), "").unwrap();
        let list = write(&folder).unwrap();
        let text = fs::read_to_string(&list).unwrap();
        // The hash of "abc" according to FIPS 180-2.
        assert!(text.ends_with("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.zip\n"), "{text}");
        assert_eq!((text.lines().count(), problems(&folder).unwrap()), (2, Vec::new()));

        fs::write(folder.join("b.zip"), "abd").unwrap();
        fs::rename(folder.join("a.zip"), folder.join("c.zip")).unwrap();
        let found = problems(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            ["b.zip does not have", "c.zip is not listed", "a.zip is listed"]
                .iter()
                .zip(&found)
                .all(|(w, f)| f.starts_with(w))
        );
    }
}
