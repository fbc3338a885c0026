//! The npm packages: `koophone`, and the one with the native addon for this system. Both are then installed and used
//! from every kind of program.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{check_size, portable};
use crate::node;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::tool::check_all;

/// Maximum size of the addon in bytes.
const LARGEST_ADDON: u64 = 8_000_000;

pub(super) fn make(repository: &Repository) -> Result<Vec<PathBuf>, String> {
    check_all(node::TOOLS)?;
    let folder = node::folder(repository);
    node::install(&folder)?;
    node::build_scripts(&folder)?;
    let out = repository.root.join("dist/node");
    let addon = portable::build(repository, "koophone-node", &node::library())?.join(node::library());
    check_size(&addon, LARGEST_ADDON)?;
    let [main, of_system] = packages(repository, &addon, &out)?;
    try_out(repository, &out, &[&main, &of_system])?;
    Ok(vec![main, of_system])
}

/// Packs `koophone` and the package with this system's addon; the scripts must have been built.
pub fn packages(repository: &Repository, addon: &Path, out: &Path) -> Result<[PathBuf; 2], String> {
    let system = node::system()?;
    empty(out)?;
    let of_system = pack(&stage_system(repository, system, addon, out)?, out)?;
    let main = pack(&stage_main(repository, system, out)?, out)?;
    Ok([main, of_system])
}

/// The package that contains only the addon, in napi-rs's layout.
fn stage_system(repository: &Repository, system: &str, addon: &Path, out: &Path) -> Result<PathBuf, String> {
    let main = manifest(repository)?;
    let (os, cpu, libc) = npm_names(system);
    let file = format!("koophone.{system}.node");
    let mut package = json!({
        "name": format!("koophone-{system}"),
        "version": main["version"],
        "description": format!("The native addon of koophone for {system}"),
        "license": main["license"],
        "repository": main["repository"],
        "engines": main["engines"],
        "os": [os],
        "cpu": [cpu],
        "main": file,
        "files": [file],
    });
    if let Some(libc) = libc {
        package["libc"] = json!([libc]);
    }
    let folder = out.join(format!("koophone-{system}"));
    empty(&folder)?;
    fs::copy(addon, folder.join(&file)).map_err(|error| format!("{}: {error}", addon.display()))?;
    write(&folder.join("package.json"), &package)?;
    write_text(&folder.join("README.md"), &format!("The native addon of koophone for {system}.\n"))?;
    copy_licence(repository, &folder)?;
    Ok(folder)
}

/// The main package: the contents of the binding's folder, with the addon's package as an optional dependency.
fn stage_main(repository: &Repository, system: &str, out: &Path) -> Result<PathBuf, String> {
    let mut package = manifest(repository)?;
    package["optionalDependencies"] = json!({ format!("koophone-{system}"): package["version"] });
    // These need files that only the repository has.
    if let Some(fields) = package.as_object_mut() {
        fields.remove("devDependencies");
        fields.remove("scripts");
    }
    let folder = out.join("koophone");
    empty(&folder)?;
    for part in ["dist", "types", "bin"] {
        copy_folder(&node::folder(repository).join(part), &folder.join(part))?;
    }
    write(&folder.join("package.json"), &package)?;
    let readme = node::folder(repository).join("README.md");
    fs::copy(&readme, folder.join("README.md")).map_err(|error| format!("{}: {error}", readme.display()))?;
    copy_licence(repository, &folder)?;
    Ok(folder)
}

/// Operating system, processor and C library of a platform such as `linux-x64-gnu`, as npm names them.
fn npm_names(system: &str) -> (&str, &str, Option<&str>) {
    let mut words = system.split('-');
    let (os, cpu) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let libc = words.next().and_then(|word| match word {
        "gnu" => Some("glibc"),
        "musl" => Some("musl"),
        _ => None,
    });
    (os, cpu, libc)
}

/// Installs the packages in an empty folder, and uses them from ECMAScript modules, CommonJS, TypeScript and the
/// shell.
fn try_out(repository: &Repository, out: &Path, tarballs: &[&Path]) -> Result<(), String> {
    let folder = out.join("try");
    empty(&folder)?;
    write(&folder.join("package.json"), &json!({ "private": true }))?;
    let files = tarballs.iter().map(|path| format!("file:{}", path.display()));
    let compiler = ["typescript", "@types/node"].map(|name| {
        let version = &manifest(repository).unwrap_or_default()["devDependencies"][name];
        format!("{name}@{}", version.as_str().unwrap_or("latest"))
    });
    let wanted: Vec<String> = files.chain(compiler).collect();
    let mut arguments = vec!["install", "--no-audit", "--no-fund", "--silent"];
    arguments.extend(wanted.iter().map(String::as_str));
    stream(&mut command("npm", &arguments, &folder))?;
    let body = "\
        const emulator = await Emulator.start({ phones: 2 });\n\
        const results = await emulator.client().runCommand(emulator.instanceIds, 'echo hello');\n\
        await emulator.close();\n\
        const right = results.length === 2 && results.every(({ output }) => output === 'hello');\n\
        if (!right) throw new Error('unexpected results: ' + JSON.stringify(results));\n";
    let typed = format!(
        "import {{ Emulator, KooPhoneError, type CommandResult }} from 'koophone';\n{body}\
         const first: CommandResult | undefined = results[0];\n\
         const error: KooPhoneError | null | undefined = first?.error;\nif (error) throw error;\n"
    );
    write_text(&folder.join("esm.mjs"), &format!("import {{ Emulator }} from 'koophone';\n{body}"))?;
    write_text(
        &folder.join("cjs.cjs"),
        &format!("const {{ Emulator }} = require('koophone');\n(async () => {{\n{body}}})();\n"),
    )?;
    write_text(&folder.join("typed.mts"), &typed)?;
    let compile = ["--strict", "--module", "node16", "--target", "es2022", "--types", "node", "typed.mts"];
    stream(&mut node::tsc(&folder, &compile))?;
    for program in ["esm.mjs", "cjs.cjs", "typed.mjs"] {
        stream(&mut command("node", &["--unhandled-rejections=strict", program], &folder))?;
    }
    let output = capture(&mut command("npx", &["--no-install", "koophone", "--version"], &folder))?;
    let version = manifest(repository)?["version"].as_str().unwrap_or_default().to_owned();
    if output.trim() != format!("koophone {version}") {
        return Err(format!("the package has version {version}, but its command prints {output}"));
    }
    println!("installed in an empty folder, and used from ESM, CommonJS, TypeScript and npx");
    fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn pack(folder: &Path, out: &Path) -> Result<PathBuf, String> {
    let to = out.to_string_lossy();
    let name = capture(&mut command("npm", &["pack", "--silent", "--pack-destination", &to], folder))?;
    let tarball = out.join(name.trim());
    let bytes = fs::metadata(&tarball).map_err(|error| format!("{}: {error}", tarball.display()))?.len();
    println!("{} has {bytes} bytes", name.trim());
    Ok(tarball)
}

fn manifest(repository: &Repository) -> Result<Value, String> {
    let text = repository.read("bindings/node/package.json").ok_or("bindings/node/package.json cannot be read")?;
    serde_json::from_str(&text).map_err(|error| format!("bindings/node/package.json: {error}"))
}

fn write(path: &Path, value: &Value) -> Result<(), String> {
    write_text(path, &format!("{value:#}\n"))
}

fn write_text(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn copy_licence(repository: &Repository, folder: &Path) -> Result<(), String> {
    fs::copy(repository.root.join("LICENSE"), folder.join("LICENSE"))
        .map(drop)
        .map_err(|error| format!("LICENSE cannot be copied: {error}"))
}

/// Creates an empty folder, deleting an existing one.
fn empty(folder: &Path) -> Result<(), String> {
    let result = if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
    result.and_then(|()| fs::create_dir_all(folder)).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Copies a folder recursively.
fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    empty(to)?;
    let problem = |error: std::io::Error| format!("{}: {error}", from.display());
    for entry in fs::read_dir(from).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to).map_err(problem)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_npms_names() {
        assert_eq!(npm_names("linux-x64-gnu"), ("linux", "x64", Some("glibc")));
        assert_eq!(npm_names("darwin-arm64"), ("darwin", "arm64", None));
        assert_eq!(npm_names("win32-x64-msvc"), ("win32", "x64", None));
    }
}
