//! Gives the shared library its SONAME, which cargo never does. As long as the major version is 0, a minor version may
//! change structures and functions, so it is part of the name.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let linux = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    if let (true, Ok(major), Ok(minor)) =
        (linux, env::var("CARGO_PKG_VERSION_MAJOR"), env::var("CARGO_PKG_VERSION_MINOR"))
    {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libkoophone.so.{major}.{minor}");
        // Worker threads run until the process ends: a library that a plugin host unloads must stay mapped.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
