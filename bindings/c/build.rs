//! Sets the name by which programs look for the shared library; cargo never does. As long as the major version is 0,
//! a minor version may change structures and functions, so it is part of the name.

use std::path::PathBuf;
use std::{env, fs};

/// What every program that is linked against the DLL itself looks for.
const DEFINITION: &str = "LIBRARY koophone.dll\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let cargo = |name: &str| env::var(name).unwrap_or_default();
    let (major, minor) = (cargo("CARGO_PKG_VERSION_MAJOR"), cargo("CARGO_PKG_VERSION_MINOR"));
    match (cargo("CARGO_CFG_TARGET_OS").as_str(), cargo("CARGO_CFG_TARGET_ENV").as_str()) {
        ("linux", _) => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libkoophone.so.{major}.{minor}");
            // Worker threads run until the process ends: a library that a plugin host unloads must stay mapped.
            println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
        }
        ("macos", _) => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libkoophone.{major}.{minor}.dylib");
        }
        ("windows", "gnu") => {
            let file = PathBuf::from(cargo("OUT_DIR")).join("koophone.def");
            if fs::write(&file, DEFINITION).is_ok() {
                println!("cargo::rustc-cdylib-link-arg={}", file.display());
            }
        }
        _ => {}
    }
}
