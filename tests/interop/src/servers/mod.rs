//! Finds, configures and starts the servers: one process per program, for all its cases.

mod apache;
mod haproxy;
mod nginx;
pub mod squid;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use koophone_emulator::Emulator;

use crate::case::{Case, Forward, Key, Route, Tls, Version};
use crate::certificates::{Certificates, NAMES, write};
use crate::place::{self, Place};
use crate::process::Running;
use crate::program::Program;

/// A reverse proxy in front of one service.
pub struct Site<'a> {
    /// The port it listens on.
    pub port: u16,
    /// The port of the service.
    pub service: u16,
    /// Its TLS settings.
    pub tls: Option<Tls>,
    /// Extra lines for its configuration.
    pub lines: &'a [&'static str],
}

/// Everything that the cases need; dropping it stops the servers.
pub struct Scene {
    /// One per case, in the order of the cases.
    pub places: Vec<Place>,
    missing: Vec<Program>,
    _running: Vec<Running>,
    _folder: Folder,
}

impl Scene {
    /// Starts the services and the servers.
    pub fn set(cases: &[Case]) -> Result<Self, String> {
        let folder = Folder::make()?;
        let certificates = Certificates::issue(&folder.0)?;
        let mut ports = Ports::default();
        let (open, locked) = (ports.next()?, ports.next()?);
        let (mut places, mut sites) = (Vec::new(), Vec::new());
        for case in cases {
            let emulator = place::service()?;
            let service = port_of(&emulator)?;
            let mut add = |program, tls, lines| {
                let port = ports.next()?;
                sites.push((program, Site { port, service, tls, lines }));
                Ok::<u16, String>(port)
            };
            let (endpoint, proxy) = match case.route {
                Route::Reverse(program, None, lines) => {
                    (format!("http://127.0.0.1:{}", add(program, None, lines)?), None)
                }
                Route::Reverse(program, tls, lines) => {
                    (format!("https://{}:{}", NAMES[0], add(program, tls, lines)?), None)
                }
                Route::Forward(forward @ Forward { https: false, .. }) => {
                    (format!("http://{}:{service}", NAMES[1]), Some(forward))
                }
                Route::Forward(forward) => {
                    let tls = Tls { version: Version::V1_3, key: Key::Ecdsa, client_certificate: false };
                    (format!("https://{}:{}", NAMES[1], add(Program::Nginx, Some(tls), &[])?), Some(forward))
                }
            };
            let (proxy, secret) = match proxy {
                None => ("none".to_owned(), None),
                Some(Forward { locked: false, .. }) => (format!("http://127.0.0.1:{open}"), None),
                Some(Forward { login: "", .. }) => (format!("http://127.0.0.1:{locked}"), None),
                Some(Forward { login, .. }) => {
                    let secret = login.split_once(':').map(|(_, password)| password);
                    (format!("http://{login}@127.0.0.1:{locked}"), secret)
                }
            };
            places.push(Place { emulator, endpoint, proxy, secret, authority: certificates.authority() });
        }
        drop(ports);
        let needed = |program: &Program| cases.iter().any(|case| case.needs().contains(program));
        let needed: Vec<Program> = Program::ALL.into_iter().filter(needed).collect();
        let (mut running, mut missing) = (Vec::new(), Vec::new());
        for program in needed {
            let Some(binary) = program.find() else {
                missing.push(program);
                continue;
            };
            let own = folder.for_server(program.name())?;
            let sites: Vec<&Site<'_>> = sites.iter().filter(|(of, _)| *of == program).map(|(_, site)| site).collect();
            let (text, arguments) = match program {
                Program::Nginx => (nginx::configuration(&sites, &certificates), nginx::ARGUMENTS),
                Program::Haproxy => (haproxy::configuration(&sites, &certificates), haproxy::ARGUMENTS),
                Program::Apache => (apache::configuration(&sites, &certificates, &own), apache::ARGUMENTS),
                Program::Squid => (squid::configuration(&own, open, locked)?, squid::ARGUMENTS),
            };
            let file = own.join("configuration");
            write(&file, &text)?;
            let file = file.to_string_lossy();
            let arguments: Vec<&str> = arguments.iter().copied().chain([&*file]).collect();
            let mut listens: Vec<u16> = sites.iter().map(|site| site.port).collect();
            if program == Program::Squid {
                listens.extend([open, locked]);
            }
            running.push(Running::start(&binary, &arguments, &own, &listens)?);
        }
        Ok(Self { places, missing, _running: running, _folder: folder })
    }

    /// The reason why a case cannot run, if any.
    pub fn missing(&self, case: &Case) -> Option<String> {
        let missing = case.needs().into_iter().find(|program| self.missing.contains(program))?;
        Some(format!("{} is not installed (on Debian: apt-get install {})", missing.name(), missing.package()))
    }
}

fn port_of(emulator: &Emulator) -> Result<u16, String> {
    let endpoint = emulator.endpoint();
    let port = endpoint.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    port.ok_or_else(|| format!("the emulator's endpoint {endpoint} has no port"))
}

/// Free ports, reserved until the servers bind them.
#[derive(Default)]
struct Ports(Vec<TcpListener>);

impl Ports {
    fn next(&mut self) -> Result<u16, String> {
        let failed = |error: std::io::Error| format!("no free port: {error}");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        self.0.push(listener);
        Ok(port)
    }
}

/// A temporary folder.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Self, String> {
        let folder = Self(std::env::temp_dir().join(format!("koophone-interop-{}", std::process::id())));
        folder.create(&folder.0)?;
        Ok(folder)
    }

    fn for_server(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.0.join(name);
        self.create(&folder)?;
        Ok(folder)
    }

    /// Creates a folder that everyone may write to: servers started by root switch to another user.
    fn create(&self, folder: &Path) -> Result<(), String> {
        fs::create_dir(folder)
            .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o777)))
            .map_err(|error| format!("{}: {error}", folder.display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
