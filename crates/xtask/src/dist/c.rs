//! The package of libkoophone: a folder with `lib`, `include`, pkg-config and CMake files, licence and examples, packed
//! as a tarball or zip. The tests build against the same layout, so they test what is shipped.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::{check_size, pack, portable, windows};
use crate::link;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::target::Target;

/// The libraries that a program links in addition to the static library. The suite `c` compares them with rustc's list.
pub const STATIC_LIBS: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

/// The same for musl. The suite `musl` links such a program.
const MUSL_STATIC_LIBS: &str = "-lgcc_s -lc";

/// Maximum size of the shared library in bytes, because it is linked into games.
const LARGEST_LIBRARY: u64 = 6_000_000;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Files of the repository that are shipped unchanged: source folder, destination, file extensions.
const COPIED: &[(&str, &str, &[&str])] = &[
    ("include", "include", &["h", "hpp"]),
    ("include/koophone", "include/koophone", &["hpp"]),
    ("examples/c", "share/koophone/examples/c", &["c", "h", "txt"]),
    ("examples/cpp", "share/koophone/examples/cpp", &["cpp", "txt"]),
    ("bindings/c/suppressions", "share/koophone/suppressions", &["supp"]),
];

/// `cargo xtask dist c`: `dist/koophone-c-VERSION-SYSTEM.tar.gz`, or `.zip`.
pub fn make(repository: &Repository, target: &Target) -> Result<Vec<PathBuf>, String> {
    let name = format!("koophone-c-{VERSION}-{}", target.name());
    let dist = repository.root.join("dist");
    let folder = dist.join(&name);
    let built = portable::build_for(repository, target, "koophone-c", "dist", built_name(target))?;
    lay_out(repository, target, &built, &folder)?;
    check_exports(repository, target, &folder)?;
    check_size(&folder.join(shared_name(target)), LARGEST_LIBRARY)?;
    pack(&dist, &name, target).map(|archive| vec![archive])
}

/// Builds the library for this machine in `profile` with `features` and lays it out in `folder`.
pub fn stage(repository: &Repository, profile: &str, features: &[&str], folder: &Path) -> Result<(), String> {
    let features = features.join(",");
    let arguments =
        ["build", "--quiet", "--locked", "--package", "koophone-c", "--profile", profile, "--features", &features];
    stream(&mut command("cargo", &arguments, &repository.root))?;
    let built = repository.metadata()?.target_directory.as_std_path();
    let built = built.join(if profile == "dev" { "debug" } else { profile });
    lay_out(repository, &Target::host(repository)?, &built, folder)
}

/// Builds the library for another machine, without optimisation, and lays it out in `folder`.
pub fn stage_for(repository: &Repository, target: &Target, folder: &Path) -> Result<(), String> {
    let built = portable::build_for(repository, target, "koophone-c", "dev", built_name(target))?;
    lay_out(repository, target, &built, folder)
}

/// The name that cargo gives to the shared library.
fn built_name(target: &Target) -> &'static str {
    if target.is_windows() { "koophone_c.dll" } else { "libkoophone_c.so" }
}

/// The path of the shared library in the package.
fn shared_name(target: &Target) -> String {
    if target.is_windows() { windows::LIBRARY.to_owned() } else { format!("lib/libkoophone.so.{VERSION}") }
}

/// The functions that the header declares, sorted.
pub fn declared(repository: &Repository) -> Result<Vec<String>, String> {
    let header = repository.read("include/koophone.h").ok_or("no include/koophone.h")?;
    let function =
        Regex::new(r"(?m)^[a-z0-9_ ]+[ *](?:const \*)?(koophone_\w+)\(").map_err(|error| error.to_string())?;
    let mut names: Vec<String> = function.captures_iter(&header).map(|found| found[1].to_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

/// Checks that the library in a package folder exports exactly the functions that the header declares.
pub fn check_exports(repository: &Repository, target: &Target, folder: &Path) -> Result<(), String> {
    let library = folder.join(shared_name(target));
    let mut exported =
        if target.is_windows() { windows::exported(target, &library)? } else { exported(target, &library)? };
    exported.sort_unstable();
    let declared = declared(repository)?;
    let missing: Vec<_> = declared.iter().filter(|name| !exported.contains(name)).collect();
    let more: Vec<_> = exported.iter().filter(|name| !declared.contains(name)).collect();
    if missing.is_empty() && more.is_empty() && exported.len() > 50 {
        return Ok(());
    }
    Err(format!(
        "the library exports {} functions; declared but not exported: {missing:?}; exported but not declared: {more:?}",
        exported.len()
    ))
}

fn exported(target: &Target, library: &Path) -> Result<Vec<String>, String> {
    let mut nm = command(&target.tool("nm"), &["--dynamic", "--defined-only", "--format=posix"], Path::new("."));
    let listed = capture(nm.arg(library))?;
    Ok(listed.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

/// Creates the package folder from the libraries in the folder `built`, with all other files of the package.
fn lay_out(repository: &Repository, target: &Target, built: &Path, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{} cannot be created: {error}", folder.display());
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    for sub in ["lib/pkgconfig", "lib/cmake/koophone", "include/koophone", "share/doc/koophone"] {
        fs::create_dir_all(folder.join(sub)).map_err(failed)?;
    }
    let copy = |from: PathBuf, to: &str| {
        fs::copy(&from, folder.join(to)).map(drop).map_err(|error| format!("{} is missing: {error}", from.display()))
    };
    let (config, libraries) = match target {
        _ if target.is_windows() => ("koophoneConfig-windows.cmake.in", windows::STATIC_LIBS),
        _ if target.is_musl() => ("koophoneConfig.cmake.in", MUSL_STATIC_LIBS),
        _ => ("koophoneConfig.cmake.in", STATIC_LIBS),
    };
    if target.is_windows() {
        windows::lay_out(repository, target, built, folder, &declared(repository)?)?;
    } else {
        let shared = shared_name(target);
        copy(built.join(built_name(target)), &shared)?;
        let archive = folder.join("lib/libkoophone.a");
        localized(target, &built.join("libkoophone_c.a"), &folder.join(&shared), &archive)?;
        let lib = folder.join("lib");
        let file = format!("libkoophone.so.{VERSION}");
        link::to_file(Path::new(&file), &lib.join(soname())).map_err(failed)?;
        link::to_file(Path::new(&soname()), &lib.join("libkoophone.so")).map_err(failed)?;
    }
    copy(repository.root.join("LICENSE"), "share/doc/koophone/LICENSE")?;
    copy(repository.root.join("bindings/c/README.md"), "share/doc/koophone/README.md")?;
    for (from, to, endings) in COPIED {
        copy_files(&repository.root.join(from), &folder.join(to), endings).map_err(failed)?;
    }
    for (template, to) in [
        ("koophone.pc.in", "lib/pkgconfig/koophone.pc"),
        ("koophone-static.pc.in", "lib/pkgconfig/koophone-static.pc"),
        (config, "lib/cmake/koophone/koophoneConfig.cmake"),
        ("koophoneConfigVersion.cmake.in", "lib/cmake/koophone/koophoneConfigVersion.cmake"),
    ] {
        let text = repository.read(&format!("bindings/c/packaging/{template}")).ok_or(format!("no {template}"))?;
        fs::write(folder.join(to), filled(&text, libraries)).map_err(failed)?;
    }
    Ok(())
}

/// Links a static library into one object in which only the functions that the shared library exports are global: a
/// program may contain other Rust libraries, whose runtime has the same symbols (`rust_eh_personality`).
fn localized(target: &Target, archive: &Path, shared: &Path, to: &Path) -> Result<(), String> {
    let object = to.with_extension("o");
    let tool = |name: &str, arguments: &[&str]| command(&target.tool(name), arguments, Path::new("."));
    // Without groups: of two groups with the same name the linker keeps the first, whose symbols are local here.
    let mut link = tool("ld", &["--relocatable", "--force-group-allocation"]);
    for name in exported(target, shared)? {
        link.arg(format!("--undefined={name}"));
    }
    stream(link.arg(archive).arg("-o").arg(&object))?;
    // The linker concatenates LLVM bitcode sections, which LLVM's plugin for ar and nm cannot read; debug sections
    // contain paths of this machine.
    let dropped = ["--remove-section=.llvmbc", "--remove-section=.llvmcmd", "--strip-debug"];
    let arguments = [&["--wildcard", "--keep-global-symbol=koophone_*"], dropped.as_slice()].concat();
    stream(tool("objcopy", &arguments).arg(&object))?;
    stream(tool("ar", &["rcs"]).arg(to).arg(&object))?;
    fs::remove_file(&object).map_err(|error| format!("{}: {error}", object.display()))
}

/// The name that programs search for at run time; build.rs of bindings/c writes the same name into the library.
pub fn soname() -> String {
    let mut parts = VERSION.split('.');
    let mut next = || parts.next().unwrap_or_default();
    format!("libkoophone.so.{}.{}", next(), next())
}

fn filled(template: &str, static_libs: &str) -> String {
    // CMake expects names without -l; it always links the C library.
    let libraries = static_libs.split(' ').map(|flag| flag.trim_start_matches("-l")).collect::<Vec<_>>().join(";");
    let values =
        [("@VERSION@", VERSION), ("@SONAME@", &soname()), ("@LIBS@", static_libs), ("@LIBRARIES@", &libraries)];
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
}

fn copy_files(from: &Path, to: &Path, endings: &[&str]) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let wanted = path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one));
        if let (true, Some(name)) = (wanted, path.file_name()) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled() {
        let text = filled("@VERSION@ @SONAME@ @LIBS@ @LIBRARIES@", STATIC_LIBS);
        assert!(text.starts_with(&format!("{VERSION} libkoophone.so.")), "{text}");
        assert!(text.contains("-lpthread") && text.contains("pthread;") && !text.contains('@'), "{text}");
    }
}
