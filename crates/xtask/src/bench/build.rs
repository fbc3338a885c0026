//! Builds the packages as they are shipped, and the programs that measure them. Everything goes to `target`, to an
//! ignored folder of the repository, or to benches/node/node_modules.

use std::fs;
use std::path::{Path, PathBuf};

use super::face::Face;
use super::scenes::{BATCH, SLOW_PHONES};
use crate::process::{command, stream};
use crate::python::Venv;
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::{Tool, check_all, tool};
use crate::{dist, link, node};

const LINUX: &[Tool] = &[tool("taskset", "install taskset (on Debian: util-linux)")];
const C_TOOLS: &[Tool] = &[
    tool("cc", "install a C compiler (on Debian: gcc)"),
    tool("curl", "install curl"),
    tool("curl-config", "install libcurl's headers (on Debian: libcurl4-openssl-dev)"),
];
const CJSON: &str = "/usr/include/cjson/cJSON.h";

/// Where systems keep the file with their certificates.
const AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The token that every program sends; the server does not check it.
const TOKEN: &str = "a-token";

/// What was built, and where it is.
pub struct Built {
    /// The repository's folder.
    pub root: PathBuf,
    target: PathBuf,
    venv: PathBuf,
    /// Shipped files: face, name and size in bytes.
    pub artefacts: Vec<(Face, &'static str, u64)>,
}

impl Built {
    /// The path of a program of benches/rust.
    pub fn rust(&self, name: &str) -> String {
        self.target.join("release").join(name).to_string_lossy().into_owned()
    }

    /// The path of a program of benches/c.
    pub fn c(&self, name: &str) -> String {
        self.c_folder().join(name).to_string_lossy().into_owned()
    }

    /// The Python interpreter with koophone and its peers installed.
    pub fn python(&self) -> String {
        self.venv.join("bin/python").to_string_lossy().into_owned()
    }

    /// The `koophone` command as it is shipped.
    pub fn command(&self) -> String {
        self.target.join("dist/koophone").to_string_lossy().into_owned()
    }

    /// Arguments with which the command queries the phones of a list in [`Self::folder`]: `batch` or `slow`.
    pub fn status(&self, url: &str, list: &str) -> Vec<String> {
        let path = |name: &str| self.folder().join(name).to_string_lossy().into_owned();
        let words = ["status", "--file", &path(list), "--token-file", &path("token"), "--endpoint", url];
        [&words[..], &["--iam-endpoint", url]].concat().into_iter().map(str::to_owned).collect()
    }

    /// Arguments with which curl sends the same request.
    pub fn curl(&self, url: &str) -> Vec<String> {
        let (body, token) =
            (format!("@{}", self.folder().join("batch.json").display()), format!("x-auth-token: {TOKEN}"));
        let url = format!("{url}/v1/instances/batch-query-status");
        ["--header", "content-type: application/json", "--header", &token, "--data-binary", &body, &url]
            .map(str::to_owned)
            .to_vec()
    }

    /// The path of a script in benches.
    pub fn source(&self, folder: &str, name: &str) -> String {
        self.root.join("benches").join(folder).join(name).to_string_lossy().into_owned()
    }

    /// The folder for everything that is created for measuring, except what cargo builds.
    pub fn folder(&self) -> PathBuf {
        self.root.join("target/bench")
    }

    /// The server's TLS certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder().join("certificate.pem")
    }

    /// The system's certificates and the server's, so that programs load as many as on a user's machine.
    pub fn authorities(&self) -> PathBuf {
        self.folder().join("authorities.pem")
    }

    /// Writes that file.
    pub fn trust_also(&self, certificate: &Path) -> Result<(), String> {
        let system = AUTHORITIES.iter().find_map(|path| fs::read_to_string(path).ok());
        let system =
            system.ok_or("this system has no file of certificates; install them (on Debian: ca-certificates)")?;
        let own = fs::read_to_string(certificate).map_err(|error| format!("{}: {error}", certificate.display()))?;
        write(&self.authorities(), &format!("{system}\n{own}"))
    }

    /// Writes the phones and the token that commands read from files.
    fn write_inputs(&self) -> Result<(), String> {
        let ids = |count: usize| (0..count).map(|n| format!("{n:032x}")).collect::<Vec<_>>();
        let list = |count: usize| ids(count).join("\n") + "\n";
        let body = serde_json::json!({ "instance_ids": ids(BATCH) }).to_string();
        for (name, text) in
            [("batch", list(BATCH)), ("slow", list(SLOW_PHONES)), ("batch.json", body), ("token", TOKEN.to_owned())]
        {
            write(&self.folder().join(name), &text)?;
        }
        Ok(())
    }

    fn c_folder(&self) -> PathBuf {
        self.folder().join("c")
    }
}

/// Builds everything that the faces need.
pub fn build(repository: &Repository, faces: &[Face]) -> Result<Built, String> {
    check_all(LINUX)?;
    let target = repository.metadata()?.target_directory.as_std_path().to_owned();
    let venv = repository.root.join(".tools/bench-venv");
    let mut built = Built { root: repository.root.clone(), target, venv, artefacts: Vec::new() };
    make_folder(&built.folder().join("home"))?;
    built.write_inputs()?;
    cargo(repository, &["--release", "--package", "koophone-bench"])?;
    for face in faces {
        match face {
            Face::Core => {}
            Face::C => c(repository, &mut built)?,
            Face::Python => python(repository, &mut built)?,
            Face::Node => node(repository, &mut built)?,
        }
    }
    Ok(built)
}

fn cargo(repository: &Repository, arguments: &[&str]) -> Result<(), String> {
    stream(&mut command("cargo", &[&["build", "--locked", "--quiet"], arguments].concat(), &repository.root))
}

/// Builds the command as it is shipped.
pub fn build_command(repository: &Repository) -> Result<(), String> {
    cargo(repository, &["--profile", "dist", "--package", "koophone-cli"])
}

/// Builds libkoophone as it is shipped, and both C programs.
fn c(repository: &Repository, built: &mut Built) -> Result<(), String> {
    check_all(C_TOOLS)?;
    if !Path::new(CJSON).exists() {
        return Err(format!("{CJSON} is missing; install cJSON's headers (on Debian: libcjson-dev)"));
    }
    cargo(repository, &["--profile", "dist", "--package", "koophone-c"])?;
    let folder = built.c_folder();
    make_folder(&folder)?;
    // The library's names as installed: one for programs at run time, one for the linker.
    let version = env!("CARGO_PKG_VERSION").rsplit_once('.').map_or("", |(version, _)| version);
    let shared = format!("libkoophone.so.{version}");
    copy(&built.target.join("dist/libkoophone_c.so"), &folder.join(&shared))?;
    let name = folder.join("libkoophone.so");
    if !name.exists() {
        link::to_file(Path::new(&shared), &name).map_err(|error| format!("{}: {error}", name.display()))?;
    }
    built.artefacts.push((Face::C, "libkoophone.so", size(&folder.join(shared))?));
    let (include, library) = (repository.root.join("include"), folder.to_string_lossy().into_owned());
    let include = format!("-I{}", include.display());
    let here = [format!("-L{library}"), format!("-Wl,-rpath,{library}")];
    let programs = [
        ("koophone", vec![include.as_str(), &here[0], &here[1], "-lkoophone"]),
        ("curl_cjson", vec!["-lcurl", "-lcjson"]),
    ];
    for (name, rest) in programs {
        let (source, program) = (built.source("c", &format!("{name}.c")), built.c(name));
        let compile = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", &program, &source];
        stream(&mut command("cc", &[&compile[..], &rest].concat(), &repository.root))?;
    }
    Ok(())
}

/// Builds the wheel as it is shipped, and installs it next to its peers.
fn python(repository: &Repository, built: &mut Built) -> Result<(), String> {
    let venv = Venv::filled(repository, ".tools/bench-venv", "benches/python/requirements.txt")?;
    let wheel = dist::python::wheel(repository, &Target::host(repository)?, &built.folder().join("wheel"))?;
    built.artefacts.push((Face::Python, "wheel", size(&wheel)?));
    venv.pip(&["install", "--quiet", "--force-reinstall", "--no-deps", &wheel.to_string_lossy()])
}

/// Builds the npm packages as they are shipped, and unpacks them where `npm install` would put them.
fn node(repository: &Repository, built: &mut Built) -> Result<(), String> {
    check_all(node::TOOLS)?;
    let (binding, benches) = (node::folder(repository), repository.root.join("benches/node"));
    node::install(&binding)?;
    node::install(&benches)?;
    node::build_scripts(&binding)?;
    cargo(repository, &["--profile", "dist", "--package", "koophone-node"])?;
    let host = Target::host(repository)?;
    let addon = built.target.join("dist").join(node::library(&host));
    built.artefacts.push((Face::Node, "addon", size(&addon)?));
    let tarballs = dist::node::packages(repository, &host, &addon, &built.folder().join("npm"))?;
    let names = ["koophone".to_owned(), format!("koophone-{}", node::system(&host)?)];
    for (tarball, name) in tarballs.iter().zip(names) {
        unpack(tarball, &benches.join("node_modules").join(name))?;
    }
    Ok(())
}

/// Unpacks a package as npm does; npm itself would add it to the lock file.
fn unpack(tarball: &Path, folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    make_folder(folder)?;
    stream(&mut command("tar", &["-xzf", &tarball.to_string_lossy(), "--strip-components", "1"], folder))
}

fn size(path: &Path) -> Result<u64, String> {
    fs::metadata(path).map(|found| found.len()).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn make_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Copies by way of a new file: overwriting a library that a running program has mapped would crash it.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let fresh = to.with_extension("fresh");
    fs::copy(from, &fresh)
        .and_then(|_| fs::rename(&fresh, to))
        .map_err(|error| format!("{} cannot be copied to {}: {error}", from.display(), to.display()))
}
