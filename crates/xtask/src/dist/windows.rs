//! Windows: import libraries, and which system libraries a program or library may use.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::process::{capture, command, stream};
use crate::python::Venv;
use crate::repository::Repository;
use crate::target::Target;

/// The path of the shared library in the package. build.rs of bindings/c writes the name into the library.
pub const LIBRARY: &str = "bin/koophone.dll";

/// The libraries that a program links in addition to the static library. The suite `windows` links such a program.
pub const STATIC_LIBS: &str = "-lcrypt32 -lncrypt -lsecur32 -ladvapi32 -lbcrypt -lws2_32 -luserenv -lntdll -lkernel32";

/// The libraries of Windows that packages may depend on. libgcc and winpthread are not part of Windows.
const OF_THE_SYSTEM: &[&str] = &[
    "advapi32.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "crypt32.dll",
    "kernel32.dll",
    "msvcrt.dll",
    "ncrypt.dll",
    "ntdll.dll",
    "ole32.dll",
    "secur32.dll",
    "shell32.dll",
    "user32.dll",
    "userenv.dll",
    "ws2_32.dll",
];

/// Prefix of API sets, whose names depend on the version of Windows.
const API_SETS: &str = "api-ms-win-";

/// Copies the libraries from the folder `built` to the package folder; `functions` are those that a program may use.
pub fn lay_out(
    repository: &Repository,
    target: &Target,
    built: &Path,
    folder: &Path,
    functions: &[String],
) -> Result<(), String> {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).map_err(|error| format!("{}: {error}", bin.display()))?;
    let library = folder.join(LIBRARY);
    copy(&built.join("koophone_c.dll"), &library)?;
    copy(&built.join("libkoophone_c.a"), &folder.join("lib/libkoophone.a"))?;
    // cargo's own import library names koophone_c.dll.
    let definition = folder.join("lib/koophone.def");
    let text = format!("LIBRARY koophone.dll\nEXPORTS\n{}\n", functions.join("\n"));
    fs::write(&definition, text).map_err(|error| format!("{}: {error}", definition.display()))?;
    let gnu = ["-d", "lib/koophone.def", "-D", "koophone.dll", "-l", "lib/libkoophone.dll.a"];
    stream(&mut command(&target.tool("dlltool"), &gnu, folder))?;
    import_library(repository, "lib/koophone.def", "koophone.dll", "lib/koophone.lib", folder)
}

/// Creates an import library in Microsoft's format, with LLVM's dlltool, which is part of zig.
pub fn import_library(
    repository: &Repository,
    definition: &str,
    library: &str,
    to: &str,
    folder: &Path,
) -> Result<(), String> {
    let zig = Venv::with_zig(repository)?;
    let arguments = ["-m", "ziglang", "dlltool", "-m", "i386:x86-64", "-D", library, "-d", definition, "-l", to];
    stream(zig.python(&arguments).current_dir(folder))
}

/// The names that a library exports.
pub fn exported(target: &Target, library: &Path) -> Result<Vec<String>, String> {
    Ok(exports_in(&headers(target, library)?))
}

/// Refuses a program or library that needs more than Windows has, and what the program has that loads it.
pub fn check_needs(target: &Target, file: &Path, of_the_program: &[&str]) -> Result<(), String> {
    let needs = needs_in(&headers(target, file)?);
    let is_there = |name: &str| [OF_THE_SYSTEM, of_the_program].iter().any(|list| list.contains(&name));
    let strange: Vec<_> = needs.iter().filter(|name| !is_there(name) && !name.starts_with(API_SETS)).collect();
    if needs.is_empty() || !strange.is_empty() {
        return Err(format!("{} needs {needs:?}, of which {strange:?} are not part of Windows", file.display()));
    }
    println!("{} needs {}", file.display(), needs.join(", "));
    Ok(())
}

fn headers(target: &Target, file: &Path) -> Result<String, String> {
    capture(command(&target.tool("objdump"), &["--private-headers"], Path::new(".")).arg(file))
}

/// The imported libraries in the output of `objdump -p`, in lower case.
fn needs_in(headers: &str) -> Vec<String> {
    headers.lines().filter_map(|line| line.trim().strip_prefix("DLL Name: ")).map(str::to_lowercase).collect()
}

/// The exported names in the output of `objdump -p`.
fn exports_in(headers: &str) -> Vec<String> {
    let Some((_, table)) = headers.split_once("[Ordinal/Name Pointer] Table") else { return Vec::new() };
    let Ok(row) = Regex::new(r"^\s*\[ *\d+\].*?(\S+)$") else { return Vec::new() };
    // The first line is the rest of the table's heading.
    let rows = table.lines().skip(1).map_while(|line| row.captures(line));
    rows.map(|found| found[1].to_owned()).collect()
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|error| format!("{} is missing: {error}", from.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: &str = "\
The Import Tables
\tDLL Name: KERNEL32.dll
\tvma:  Hint/Ord Member-Name Bound-To
\tDLL Name: api-ms-win-core-synch-l1-2-0.dll

[Ordinal/Name Pointer] Table
\t[   0] koophone_call_cancel
\t[   1] +base[   2]  0001 koophone_call_free

The Function Table
\t[  12] no_export
";

    #[test]
    fn imports_and_exports_are_read_from_both_forms_of_the_table() {
        assert_eq!(needs_in(HEADERS), ["kernel32.dll", "api-ms-win-core-synch-l1-2-0.dll"]);
        assert_eq!(exports_in(HEADERS), ["koophone_call_cancel", "koophone_call_free"]);
        assert_eq!(exports_in(""), [""; 0]);
    }
}
