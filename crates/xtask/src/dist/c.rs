//! libkoophone as users get it: a folder with `lib`, `include`, pkg-config and CMake files, licence and examples;
//! packed, a tarball. The tests build against such a folder as well, so what is shipped is what is tested.

use std::fs;
use std::path::{Path, PathBuf};

use super::{check_size, pack, portable};
use crate::process::{capture, command, stream};
use crate::repository::Repository;

/// What a program needs beside the static library. The suite `c` compares it with what rustc says.
pub const STATIC_LIBS: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

/// Bytes of the shared library at most: it is linked into games.
const LARGEST_LIBRARY: u64 = 6_000_000;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Files of the repository that are shipped as they are: folder, where it goes, endings.
const COPIED: &[(&str, &str, &[&str])] = &[
    ("include", "include", &["h", "hpp"]),
    ("include/koophone", "include/koophone", &["hpp"]),
    ("examples/c", "share/koophone/examples/c", &["c", "txt"]),
    ("examples/cpp", "share/koophone/examples/cpp", &["cpp", "txt"]),
    ("bindings/c/suppressions", "share/koophone/suppressions", &["supp"]),
];

/// `cargo xtask dist c`: `dist/koophone-c-VERSION-TARGET.tar.gz`.
pub fn make(repository: &Repository) -> Result<Vec<PathBuf>, String> {
    let name = format!("koophone-c-{VERSION}-{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let dist = repository.root.join("dist");
    let built = portable::build(repository, "koophone-c", "libkoophone_c.so")?;
    lay_out(repository, &built, &dist.join(&name))?;
    check_size(&dist.join(&name).join(format!("lib/libkoophone.so.{VERSION}")), LARGEST_LIBRARY)?;
    pack(&dist, &name).map(|tarball| vec![tarball])
}

/// Builds the library in `profile` with `features` and lays it out in `folder`.
pub fn stage(repository: &Repository, profile: &str, features: &[&str], folder: &Path) -> Result<(), String> {
    let features = features.join(",");
    let arguments =
        ["build", "--quiet", "--locked", "--package", "koophone-c", "--profile", profile, "--features", &features];
    stream(&mut command("cargo", &arguments, &repository.root))?;
    let built = repository.metadata()?.target_directory.as_std_path();
    lay_out(repository, &built.join(if profile == "dev" { "debug" } else { profile }), folder)
}

/// Lays the libraries in the folder `built` out in `folder`, with all that goes with them.
fn lay_out(repository: &Repository, built: &Path, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{} cannot be made: {error}", folder.display());
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
    let shared = format!("lib/libkoophone.so.{VERSION}");
    copy(built.join("libkoophone_c.so"), &shared)?;
    localized(&built.join("libkoophone_c.a"), &folder.join(&shared), &folder.join("lib/libkoophone.a"))?;
    link(folder, &format!("libkoophone.so.{VERSION}"), &soname()).map_err(failed)?;
    link(folder, &soname(), "libkoophone.so").map_err(failed)?;
    copy(repository.root.join("LICENSE"), "share/doc/koophone/LICENSE")?;
    copy(repository.root.join("bindings/c/README.md"), "share/doc/koophone/README.md")?;
    for (from, to, endings) in COPIED {
        copy_files(&repository.root.join(from), &folder.join(to), endings).map_err(failed)?;
    }
    for (template, to) in [
        ("koophone.pc.in", "lib/pkgconfig/koophone.pc"),
        ("koophone-static.pc.in", "lib/pkgconfig/koophone-static.pc"),
        ("koophoneConfig.cmake.in", "lib/cmake/koophone/koophoneConfig.cmake"),
        ("koophoneConfigVersion.cmake.in", "lib/cmake/koophone/koophoneConfigVersion.cmake"),
    ] {
        let text = repository.read(&format!("bindings/c/packaging/{template}")).ok_or(format!("no {template}"))?;
        fs::write(folder.join(to), filled(&text)).map_err(failed)?;
    }
    Ok(())
}

/// Makes one object of a static library, in which only the functions that the shared library exports are global: a
/// program may hold other Rust libraries, whose runtime has the same names (`rust_eh_personality`).
fn localized(archive: &Path, shared: &Path, to: &Path) -> Result<(), String> {
    let mut nm = command("nm", &["--dynamic", "--defined-only", "--format=posix"], Path::new("."));
    let exported = capture(nm.arg(shared))?;
    let object = to.with_extension("o");
    // Without groups: of two groups with one name the linker keeps the first, and its symbols are local here.
    let mut link = command("ld", &["--relocatable", "--force-group-allocation"], Path::new("."));
    for name in exported.lines().filter_map(|line| line.split(' ').next()) {
        link.arg(format!("--undefined={name}"));
    }
    stream(link.arg(archive).arg("-o").arg(&object))?;
    // LLVM's bitcode, joined by the linker, is none that LLVM's plugin of ar and nm can read; debug sections name this
    // machine's folders.
    let dropped = ["--remove-section=.llvmbc", "--remove-section=.llvmcmd", "--strip-debug"];
    let arguments = [&["--wildcard", "--keep-global-symbol=koophone_*"], dropped.as_slice()].concat();
    stream(command("objcopy", &arguments, Path::new(".")).arg(&object))?;
    stream(command("ar", &["rcs"], Path::new(".")).arg(to).arg(&object))?;
    fs::remove_file(&object).map_err(|error| format!("{}: {error}", object.display()))
}

/// The name that programs look for at run time; build.rs of bindings/c writes the same into the library.
pub fn soname() -> String {
    let mut parts = VERSION.split('.');
    let mut next = || parts.next().unwrap_or_default();
    format!("libkoophone.so.{}.{}", next(), next())
}

fn filled(template: &str) -> String {
    // CMake wants names without -l, and links the C library by itself.
    let libraries = STATIC_LIBS.split(' ').map(|flag| flag.trim_start_matches("-l")).collect::<Vec<_>>().join(";");
    let values =
        [("@VERSION@", VERSION), ("@SONAME@", &soname()), ("@LIBS@", STATIC_LIBS), ("@LIBRARIES@", &libraries)];
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

#[cfg(unix)]
fn link(folder: &Path, target: &str, name: &str) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, folder.join("lib").join(name))
}

#[cfg(not(unix))]
fn link(folder: &Path, target: &str, name: &str) -> std::io::Result<()> {
    fs::copy(folder.join("lib").join(target), folder.join("lib").join(name)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled() {
        let text = filled("@VERSION@ @SONAME@ @LIBS@ @LIBRARIES@");
        assert!(text.starts_with(&format!("{VERSION} libkoophone.so.")), "{text}");
        assert!(text.contains("-lpthread") && text.contains("pthread;") && !text.contains('@'), "{text}");
    }
}
