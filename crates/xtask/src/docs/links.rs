//! Finds broken links in the built site.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

static LINK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\b(?:href|src)="([^"]+)""#).expect("the pattern of this file is valid"));
static ANCHOR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\b(?:id|name)="([^"]+)""#).expect("the pattern of this file is valid"));

/// Links from the guide's pages to files or anchors that do not exist, except in folders that were left out. API
/// references are checked by the tools that generate them.
pub(super) fn broken(site: &Path, left_out: &[PathBuf]) -> Result<Vec<String>, String> {
    let mut pages = Vec::new();
    collect(site, &site.join("api"), &mut pages)?;
    let mut anchors: HashMap<PathBuf, HashSet<String>> = HashMap::new();
    let mut broken = Vec::new();
    for page in &pages {
        let text = read(page)?;
        let mut seen = HashSet::new();
        for found in LINK.captures_iter(&text) {
            let link = found[1].replace("&amp;", "&");
            if !is_ours(&link) || !seen.insert(link.clone()) {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { page.clone() } else { resolve(page, path) };
            if left_out.iter().any(|folder| target.starts_with(folder)) {
                continue;
            }
            let from = page.strip_prefix(site).unwrap_or(page).display();
            if !target.is_file() {
                broken.push(format!("{from}: {link}"));
            } else if !anchor.is_empty() && target.extension().is_some_and(|ending| ending == "html") {
                if !anchors.contains_key(&target) {
                    let ids = read(&target)?;
                    let ids = ANCHOR.captures_iter(&ids).map(|found| found[1].to_owned()).collect();
                    anchors.insert(target.clone(), ids);
                }
                if !anchors[&target].contains(&decoded(anchor)) {
                    broken.push(format!("{from}: {link}"));
                }
            }
        }
    }
    Ok(broken)
}

fn is_ours(link: &str) -> bool {
    let elsewhere = ["http:", "https:", "mailto:", "data:", "javascript:"];
    !elsewhere.iter().any(|scheme| link.starts_with(scheme)) && !link.starts_with('/')
}

/// The file that a relative link points to; for a folder, its index page.
fn resolve(page: &Path, link: &str) -> PathBuf {
    let path = link.split('?').next().unwrap_or_default();
    let mut target = page.parent().unwrap_or(Path::new("")).to_path_buf();
    for part in Path::new(&decoded(path)).components() {
        match part {
            Component::ParentDir => drop(target.pop()),
            Component::Normal(name) => target.push(name),
            _ => {}
        }
    }
    if path.ends_with('/') { target.join("index.html") } else { target }
}

/// Decodes percent escapes, which anchors of Chinese headings have.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        match (first, tail.get(..2).and_then(hex)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn collect(folder: &Path, except: &Path, pages: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && path != except {
            collect(&path, except, pages)?;
        } else if path.extension().is_some_and(|ending| ending == "html") {
            pages.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_links_are_found() {
        let site = std::env::temp_dir().join(format!("koophone-links-{}", std::process::id()));
        fs::create_dir_all(site.join("zh")).unwrap();
        fs::create_dir_all(site.join("api/python")).unwrap();
        let write = |path: &str, text: &str| fs::write(site.join(path), text).unwrap();
        write(
            "index.html",
            r##"<a href="zh/a.html#%E4%B8%AD">x</a> <a href="#here" id="here">x</a> <a href="https://x/y">x</a>"##,
        );
        write(
            "zh/a.html",
            r##"<h2 id="中">x</h2> <a href="../gone.html">x</a> <a href="../index.html#gone">x</a>
            <a href="../api/rust/x.html">x</a>"##,
        );
        write("api/python/index.html", r#"<a href="gone.html">x</a>"#);
        let found = broken(&site, &[site.join("api/rust")]).unwrap();
        assert_eq!(found, ["zh/a.html: ../gone.html", "zh/a.html: ../index.html#gone"]);
        assert_eq!(broken(&site, &[]).unwrap().len(), 3);
        fs::remove_dir_all(site).unwrap();
    }
}
