//! The npm packages: `koophone`, and one with the addon of each system; and the proof that those of this system can be
//! installed and used from every kind of program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{check_size, portable};
use crate::node;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::target::{self, Target};
use crate::tool::check_all;

/// Maximum size of the addon in bytes.
const LARGEST_ADDON: u64 = 8_000_000;

/// `cargo xtask dist node`: the main package and that of this machine's addon, tried out. For another target the
/// package of its addon only; the main package is the same everywhere.
pub(super) fn make(repository: &Repository, target: &Target) -> Result<Vec<PathBuf>, String> {
    check_all(node::TOOLS)?;
    let out = repository.root.join("dist/node");
    let library = node::library(target);
    let addon = portable::build_for(repository, target, "koophone-node", "dist", library)?.join(library);
    check_size(&addon, LARGEST_ADDON)?;
    if !target.is_host {
        return Ok(vec![package_of(repository, target, &addon, &out)?]);
    }
    let folder = node::folder(repository);
    node::install(&folder)?;
    node::build_scripts(&folder)?;
    let [main, of_system] = packages(repository, target, &addon, &out)?;
    try_out(repository, &out, &[&main, &of_system])?;
    Ok(vec![main, of_system])
}

/// Packs `koophone` and the package of a target's addon, of scripts that have been built.
pub fn packages(repository: &Repository, target: &Target, addon: &Path, out: &Path) -> Result<[PathBuf; 2], String> {
    let of_system = package_of(repository, target, addon, out)?;
    let main = pack(&stage_main(repository, target, out)?, out)?;
    Ok([main, of_system])
}

/// Packs the package of a target's addon, and reads what came out.
fn package_of(repository: &Repository, target: &Target, addon: &Path, out: &Path) -> Result<PathBuf, String> {
    let system = node::system(target)?;
    let tarball = pack(&stage_system(repository, &system, addon, out)?, out)?;
    check_contents(&tarball, target)?;
    Ok(tarball)
}

/// The package that holds nothing but the addon, in napi-rs's layout.
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

/// The main package: what the binding's folder holds.
fn stage_main(repository: &Repository, target: &Target, out: &Path) -> Result<PathBuf, String> {
    let folder = out.join("koophone");
    empty(&folder)?;
    for part in ["dist", "types", "bin"] {
        copy_folder(&node::folder(repository).join(part), &folder.join(part))?;
    }
    write(&folder.join("package.json"), &main_manifest(repository, target)?)?;
    let readme = node::folder(repository).join("README.md");
    fs::copy(&readme, folder.join("README.md")).map_err(|error| format!("{}: {error}", readme.display()))?;
    copy_licence(repository, &folder)?;
    Ok(folder)
}

/// With the addons' packages as optional dependencies, of which npm installs the one that fits. That of `target` is
/// among them even if only its own system makes it.
fn main_manifest(repository: &Repository, target: &Target) -> Result<Value, String> {
    let mut package = manifest(repository)?;
    let version = package["version"].clone();
    let targets = target::all().chain([target.clone()]);
    let systems: BTreeSet<String> = targets.map(|target| node::system(&target)).collect::<Result<_, _>>()?;
    let addons = systems.into_iter().map(|system| (format!("koophone-{system}"), version.clone()));
    package["optionalDependencies"] = Value::Object(addons.collect());
    // Only a checkout has what these need.
    if let Some(fields) = package.as_object_mut() {
        fields.remove("devDependencies");
        fields.remove("scripts");
    }
    Ok(package)
}

/// Refuses a packed addon's package that npm would install elsewhere, or that holds anything but an addon of its
/// system.
fn check_contents(tarball: &Path, target: &Target) -> Result<(), String> {
    let system = node::system(target)?;
    let tar =
        |arguments: &[&str]| command("tar", &[arguments, &[&*tarball.to_string_lossy()]].concat(), Path::new("."));
    let listed = capture(&mut tar(&["-tzf"]))?;
    let mut files: Vec<&str> = listed.lines().map(|line| line.trim_start_matches("package/")).collect();
    files.sort_unstable();
    let addon = format!("koophone.{system}.node");
    if files != ["LICENSE", "README.md", &addon, "package.json"] {
        return Err(format!("{} should not hold just {files:?}", tarball.display()));
    }
    let read = |name: &str| {
        let mut tar = tar(&["-xzOf"]);
        let output = tar.arg(format!("package/{name}")).output().map_err(|error| error.to_string())?;
        Ok::<_, String>(output.stdout)
    };
    let package: Value = serde_json::from_slice(&read("package.json")?).map_err(|error| error.to_string())?;
    let (os, cpu, libc) = npm_names(&system);
    let (wanted_os, wanted_cpu) = (json!([os]), json!([cpu]));
    let wanted_libc = libc.map_or(Value::Null, |libc| json!([libc]));
    for (field, wanted) in [("os", &wanted_os), ("cpu", &wanted_cpu), ("libc", &wanted_libc), ("main", &json!(addon))] {
        if package[field] != *wanted {
            return Err(format!("{}: {field} is {}; it should be {wanted}", tarball.display(), package[field]));
        }
    }
    target.check_kind(&read(&addon)?).map_err(|problem| format!("{}: {problem}", tarball.display()))
}

/// Operating system, processor and C library of `linux-x64-gnu`, in npm's words.
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
    use crate::target::library;

    #[test]
    fn platforms_have_npms_names() {
        assert_eq!(npm_names("linux-x64-gnu"), ("linux", "x64", Some("glibc")));
        assert_eq!(npm_names("darwin-arm64"), ("darwin", "arm64", None));
        assert_eq!(npm_names("win32-x64-msvc"), ("win32", "x64", None));
    }

    #[test]
    fn the_main_package_names_every_addon_with_its_exact_version() {
        let target = Target { triple: "aarch64-apple-darwin".to_owned(), is_host: true };
        let package = main_manifest(&Repository::find().unwrap(), &target).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        let expected = json!({
            "koophone-darwin-arm64": version,
            "koophone-linux-arm64-gnu": version,
            "koophone-linux-arm64-musl": version,
            "koophone-linux-x64-gnu": version,
            "koophone-linux-x64-musl": version,
            "koophone-win32-x64-msvc": version,
        });
        assert_eq!(package["optionalDependencies"], expected);
        assert!(package.get("devDependencies").is_none() && package["version"] == version);
    }

    #[test]
    fn an_addons_package_holds_an_addon_of_its_system_and_says_so() {
        let (windows, arm64, musl) = (library("windows", 0x8664), library("linux", 183), library("linux", 62));
        let out = std::env::temp_dir().join(format!("koophone-npm-{}", std::process::id()));
        empty(&out).unwrap();
        let packed = |triple: &str, addon: &[u8], spoil: &dyn Fn(&Path)| {
            fs::write(out.join("addon"), addon).unwrap();
            let target = Target { triple: triple.to_owned(), is_host: false };
            let system = node::system(&target).unwrap();
            let folder = stage_system(&Repository::find().unwrap(), &system, &out.join("addon"), &out).unwrap();
            spoil(&folder);
            let tarball = out.join("package.tgz");
            let mut tar = command("tar", &["--transform=s,^,package/,", "-czf", &tarball.to_string_lossy()], &folder);
            let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
            capture(tar.args(names)).unwrap();
            check_contents(&tarball, &target)
        };
        let nothing = |_: &Path| ();
        assert_eq!(packed("x86_64-pc-windows-gnu", &windows, &nothing), Ok(()));
        assert_eq!(packed("aarch64-unknown-linux-gnu", &arm64, &nothing), Ok(()));
        assert_eq!(packed("x86_64-unknown-linux-musl", &musl, &nothing), Ok(()));
        let wrong = packed("x86_64-unknown-linux-gnu", &arm64, &nothing).unwrap_err();
        assert!(wrong.contains("aarch64"), "{wrong}");
        let wrong = packed("x86_64-unknown-linux-musl", &musl, &|folder| {
            let text = fs::read_to_string(folder.join("package.json")).unwrap();
            fs::write(folder.join("package.json"), text.replace("\"musl\"", "\"glibc\"")).unwrap();
        });
        assert!(wrong.as_ref().is_err_and(|wrong| wrong.contains("libc is")), "{wrong:?}");
        let wrong = packed("x86_64-pc-windows-gnu", &windows, &|folder| fs::write(folder.join("more.js"), "").unwrap());
        assert!(wrong.as_ref().is_err_and(|wrong| wrong.contains("more.js")), "{wrong:?}");
        fs::remove_dir_all(&out).unwrap();
    }
}
