//! The systems that packages are built for, by Rust's target triples.

use std::path::Path;

use crate::packages;
use crate::process::{capture, command, stream};
use crate::repository::Repository;
use crate::tool::{check_all, tool};

/// A target of `cargo xtask dist --target`, for which every face is packaged.
struct Row {
    triple: &'static str,
    /// The platform in the wheel's tag.
    wheel: &'static str,
    /// The programs that building for it needs, and their Debian packages.
    programs: &'static [(&'static str, &'static str)],
}

/// All targets. zig brings the C libraries of Linux.
const TARGETS: &[Row] = &[
    Row {
        triple: "x86_64-pc-windows-gnu",
        wheel: "win_amd64",
        programs: &[
            ("x86_64-w64-mingw32-gcc-posix", "gcc-mingw-w64-x86-64-posix"),
            ("x86_64-w64-mingw32-g++-posix", "g++-mingw-w64-x86-64-posix"),
        ],
    },
    Row {
        triple: "x86_64-unknown-linux-gnu",
        wheel: "manylinux_2_28_x86_64",
        programs: &[("x86_64-linux-gnu-gcc", "gcc-x86-64-linux-gnu")],
    },
    Row {
        triple: "aarch64-unknown-linux-gnu",
        wheel: "manylinux_2_28_aarch64",
        programs: &[
            ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
            ("aarch64-linux-gnu-g++", "g++-aarch64-linux-gnu"),
        ],
    },
    Row {
        triple: "x86_64-unknown-linux-musl",
        wheel: "musllinux_1_2_x86_64",
        programs: &[("x86_64-linux-gnu-ld", "binutils-x86-64-linux-gnu")],
    },
    Row {
        triple: "aarch64-unknown-linux-musl",
        wheel: "musllinux_1_2_aarch64",
        programs: &[("aarch64-linux-gnu-ld", "binutils-aarch64-linux-gnu")],
    },
];

/// A system with its processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Rust's name, for example `x86_64-pc-windows-gnu`.
    pub triple: String,
    /// Whether it is this machine.
    pub is_host: bool,
}

/// The values of `--target`.
pub fn names() -> Vec<&'static str> {
    TARGETS.iter().map(|row| row.triple).collect()
}

/// The targets that packages can be built for on any Linux.
pub fn all() -> impl Iterator<Item = Target> {
    TARGETS.iter().map(|row| Target { triple: row.triple.to_owned(), is_host: false })
}

impl Target {
    /// The target that rustc builds for by default.
    pub fn host(repository: &Repository) -> Result<Self, String> {
        let output = capture(&mut command("rustc", &["-vV"], &repository.root))?;
        let host = output.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc -vV prints no host")?;
        Ok(Self { triple: host.to_owned(), is_host: true })
    }

    /// The target with this triple.
    pub fn named(repository: &Repository, triple: &str) -> Result<Self, String> {
        let is_host = Self::host(repository)?.triple == triple;
        Ok(Self { triple: triple.to_owned(), is_host })
    }

    fn row(&self) -> Option<&'static Row> {
        TARGETS.iter().find(|row| row.triple == self.triple)
    }

    /// The platform in the wheel's tag.
    pub fn wheel(&self) -> Result<&'static str, String> {
        self.row().map(|row| row.wheel).ok_or(format!("no wheel is made for {}", self.triple))
    }

    pub fn is_windows(&self) -> bool {
        self.triple.contains("-windows-")
    }

    /// Linux with the GNU C library.
    pub fn is_glibc(&self) -> bool {
        self.triple.ends_with("-linux-gnu")
    }

    /// Linux with musl.
    pub fn is_musl(&self) -> bool {
        self.triple.ends_with("-linux-musl")
    }

    /// Processor and system as in package names: `x86_64-linux`, `x86_64-windows`, `aarch64-linux-musl`.
    pub fn name(&self) -> String {
        let processor = self.triple.split('-').next().unwrap_or_default();
        let systems = [("-musl", "linux-musl"), ("-linux-", "linux"), ("-windows-", "windows"), ("-darwin", "macos")];
        let system = systems.iter().find(|(part, _)| self.triple.contains(part));
        format!("{processor}-{}", system.map_or(std::env::consts::OS, |(_, system)| system))
    }

    /// Refuses the bytes of a program or library of another system or processor.
    pub fn check_kind(&self, bytes: &[u8]) -> Result<(), String> {
        let name = self.name();
        match kind_of(bytes) {
            Some((processor, system)) if name.starts_with(processor) && name.contains(system) => Ok(()),
            Some((processor, system)) => Err(format!("what should be for {name} is for {processor}-{system}")),
            None => Err(format!("what should be for {name} is no program or library")),
        }
    }

    /// A program of its tool chain: `nm`, `ld`, or the C compiler as `gcc`.
    pub fn tool(&self, name: &str) -> String {
        match self.triple.as_str() {
            _ if self.is_host => if name == "gcc" { "cc" } else { name }.to_owned(),
            // Debian has two variants; this is the one whose C++ library has threads.
            "x86_64-pc-windows-gnu" if matches!(name, "gcc" | "g++") => format!("x86_64-w64-mingw32-{name}-posix"),
            "x86_64-pc-windows-gnu" => format!("x86_64-w64-mingw32-{name}"),
            _ => format!("{}-linux-gnu-{name}", self.triple.split('-').next().unwrap_or_default()),
        }
    }

    /// Ensures that Rust's standard library and the C toolchain for it are installed; installs them if allowed.
    pub fn make_ready(&self) -> Result<(), String> {
        if self.is_host {
            return Ok(());
        }
        let here = Path::new(".");
        let library = capture(&mut command("rustc", &["--print", "target-libdir", "--target", &self.triple], here))?;
        if !Path::new(library.trim()).exists() {
            check_all(&[tool(
                "rustup",
                "install it from https://rustup.rs; it adds Rust's standard library for other systems",
            )])?;
            stream(&mut command("rustup", &["target", "add", &self.triple], here))?;
        }
        packages::need(self.row().map_or(&[], |row| row.programs))
    }
}

/// The processor and the system that a program or library is for, by the numbers in its header.
fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let word = |at: usize| bytes.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let (machine, x86_64, aarch64, system) = match bytes {
        [0x7f, b'E', b'L', b'F', ..] => (word(18)?, 62, 183, "linux"),
        [b'M', b'Z', ..] => (word(usize::from(word(0x3c)?) + 4)?, 0x8664, 0xaa64, "windows"),
        [0xcf, 0xfa, 0xed, 0xfe, ..] => (word(4)?, 7, 12, "macos"),
        _ => return None,
    };
    let processors = [(x86_64, "x86_64"), (aarch64, "aarch64")];
    processors.iter().find(|(number, _)| *number == machine).map(|(_, processor)| (*processor, system))
}

/// A header for tests: of a system, with a processor's number.
#[cfg(test)]
pub fn library(system: &str, machine: u16) -> Vec<u8> {
    let (magic, at): (&[u8], _) = match system {
        "linux" => (b"\x7fELF", 18),
        "windows" => (b"MZ", 0x44),
        _ => (&[0xcf, 0xfa, 0xed, 0xfe], 4),
    };
    let mut bytes = vec![0; 80];
    bytes[..magic.len()].copy_from_slice(magic);
    if system == "windows" {
        bytes[0x3c] = 0x40;
    }
    bytes[at..at + 2].copy_from_slice(&machine.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_of_another_system_or_processor_is_refused() {
        let target = |triple: &str| Target { triple: triple.to_owned(), is_host: false };
        for (triple, system, machine) in [
            ("x86_64-pc-windows-gnu", "windows", 0x8664),
            ("x86_64-unknown-linux-musl", "linux", 62),
            ("aarch64-unknown-linux-gnu", "linux", 183),
            ("aarch64-apple-darwin", "macos", 12),
        ] {
            assert_eq!(target(triple).check_kind(&library(system, machine)), Ok(()));
            let other = if triple.contains("windows") { "linux" } else { "windows" };
            assert!(target(triple).check_kind(&library(other, machine)).is_err());
            assert!(target(triple).check_kind(&library(system, 3)).is_err());
            assert!(target(triple).check_kind(b"MZ").is_err() && target(triple).check_kind(b"").is_err());
        }
        let wrong = target("x86_64-unknown-linux-gnu").check_kind(&library("linux", 183)).unwrap_err();
        assert!(wrong.contains("aarch64-linux"), "{wrong}");
    }

    #[test]
    fn packages_are_named_after_processor_and_system() {
        let name = |triple: &str| Target { triple: triple.to_owned(), is_host: false }.name();
        assert_eq!(name("x86_64-pc-windows-gnu"), "x86_64-windows");
        assert_eq!(name("aarch64-unknown-linux-gnu"), "aarch64-linux");
        assert_eq!(name("x86_64-unknown-linux-musl"), "x86_64-linux-musl");
        assert_eq!(name("aarch64-apple-darwin"), "aarch64-macos");
    }
}
