//! Runs measured programs on their own processor, in a neutral environment.

use std::process::Command;

use serde::{Deserialize, Serialize};

use super::Effort;
use super::build::Built;
use super::contenders::{Contender, Program, Role};
use super::face::Face;
use super::processor::{CLIENT_CPU, pinned};
use super::scenes::{Calls, Scene, Wire};
use super::server::Server;
use crate::process::capture;

/// The size to which V8 may grow its young generation. If it has that size from the start, the measured memory does not
/// depend on when V8 collects garbage, and is the same in each round.
const YOUNG: [&str; 2] = ["--min-semi-space-size=16", "--max-semi-space-size=16"];

/// One repetition of one program.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Sample {
    /// User and system time of all threads of the client, in µs, for all calls.
    pub cpu_us: f64,
    /// Median time of a call, or the total time of a process or of creating clients, in µs.
    pub wall_us: f64,
    /// Calls per second over the whole repetition.
    pub calls_per_s: f64,
    /// The most memory the process had, in kB.
    pub rss_kb: f64,
}

/// Makes a program trust the server's certificate in addition to the system's: the first variable is read by rustls and
/// OpenSSL, the others by the curl command and by requests. Node has the public authorities built in and needs only the
/// server's.
pub fn trust<'a>(command: &'a mut Command, built: &Built) -> &'a mut Command {
    for name in ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"] {
        command.env(name, built.authorities());
    }
    command.env_remove("SSL_CERT_DIR").env("NODE_EXTRA_CA_CERTS", built.certificate())
}

/// The command line that starts a contender.
pub fn words(built: &Built, program: Program) -> Vec<String> {
    match program {
        Program::Rust(name) => vec![built.rust(name)],
        Program::C(name) => vec![built.c(name)],
        Program::Python(name) => vec![built.python(), built.source("python", name)],
        Program::Node(name) => vec!["node".to_owned(), built.source("node", name)],
        Program::PythonCode(code) => vec![built.python(), "-c".to_owned(), code.to_owned()],
        // With `-e`, Node looks for packages in the working folder, which is the repository's.
        Program::NodeCode(code) => vec![
            "node".to_owned(),
            "-e".to_owned(),
            format!("process.chdir('benches/node'); module.paths.unshift(process.cwd() + '/node_modules'); {code}"),
        ],
        Program::Curl => vec!["curl".to_owned(), "--silent".to_owned(), "--show-error".to_owned(), "--fail".to_owned()],
        Program::Command => vec![built.command()],
    }
}

/// Measures one repetition.
pub fn sample(
    built: &Built,
    server: &Server,
    contender: &Contender,
    scene: Scene,
    effort: Effort,
) -> Result<Sample, String> {
    let url = match scene {
        Scene::Calls(Calls { wire: Wire::Plain, .. }) | Scene::Fleet { .. } => &server.url,
        Scene::Slow => &server.slow_url,
        _ => &server.tls_url,
    };
    let mut line = words(built, contender.program);
    match (contender.program, contender.role) {
        (_, Role::Import) => {}
        (Program::Curl, _) => line.extend(built.curl(url)),
        (Program::Command, _) => line.extend(built.status(url, if scene == Scene::Slow { "slow" } else { "batch" })),
        _ => {
            let [calls, warm_up] = contender.calls_of(scene, effort);
            let in_flight = if let Scene::Calls(calls) = scene { calls.in_flight } else { 1 };
            line.extend([url.clone(), scene.payload()]);
            line.extend([calls, in_flight, warm_up].map(|number| number.to_string()));
            line.extend(contender.signed.then(|| "signed".to_owned()));
        }
    }
    if matches!(scene, Scene::Fleet { .. }) && contender.face == Face::Node {
        line.splice(1..1, YOUNG.map(str::to_owned));
    }
    if scene.is_process() || contender.role == Role::Command {
        line.insert(0, built.rust("bench-process"));
    }
    let anywhere = matches!(scene, Scene::Calls(Calls { pinned: false, .. }));
    let words: Vec<&str> = line.iter().map(String::as_str).collect();
    let mut program = pinned((!anywhere).then_some(CLIENT_CPU), &words, &built.root);
    let output = capture(trust(&mut program, built))?;
    serde_json::from_str(output.trim()).map_err(|error| format!("{} printed no figures: {error}", words.join(" ")))
}
