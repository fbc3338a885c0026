//! A service that sends bad responses, driven by a seed: whatever it sends, every face must keep its guarantees.
//!
//! `koophone-hostile --face rust-async --face node="COMMAND"` runs 2,000 exchanges with each face. A failing exchange
//! prints the command that reproduces it. The last line is `N passed, N failed, N skipped`.

mod exchange;
mod request;
mod response;
mod server;
mod value;

use std::process::ExitCode;

use clap::Parser;
use koophone_conformance::face::Face;
use koophone_conformance::faces;

use self::exchange::Exchange;
use self::server::Server;

/// Workers per face, each with its own server: exchanges spend most of their time waiting.
const WORKERS: usize = 5;

/// Runs exchanges with a service that sends bad responses, through every face.
#[derive(Parser)]
struct Arguments {
    /// A face: rust-async, rust-blocking, cli=PATH of the koophone command, or NAME=COMMAND for a runner.
    #[arg(long = "face", required = true)]
    faces: Vec<String>,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many seeds, from the first one on.
    #[arg(long, default_value_t = 2000)]
    count: u64,
}

fn main() -> ExitCode {
    let Arguments { faces, seed, count } = Arguments::parse();
    let failures: Vec<Vec<String>> = std::thread::scope(|scope| {
        let workers = faces.iter().flat_map(|face| (0..WORKERS).map(move |worker| (face, worker)));
        let share = move |worker| -> Vec<u64> { (seed..seed + count).skip(worker).step_by(WORKERS).collect() };
        let threads: Vec<_> = workers.map(|(face, worker)| scope.spawn(move || run(face, share(worker)))).collect();
        let broken = |_| vec!["the thread of a face panicked".to_owned()];
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(broken)).collect()
    });
    let failed: usize = failures.iter().map(Vec::len).sum();
    failures.iter().flatten().for_each(|failure| println!("{failure}\n"));
    println!("{count} exchanges on {} faces", faces.len());
    let all = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(faces.len());
    println!("{} passed, {failed} failed, 0 skipped", all.saturating_sub(failed));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the exchanges with these seeds; returns a description of each failure.
fn run(spec: &str, seeds: Vec<u64>) -> Vec<String> {
    if seeds.is_empty() {
        return Vec::new();
    }
    let server = match Server::start() {
        Ok(server) => server,
        Err(error) => return vec![format!("the server cannot be started: {error}")],
    };
    let exchanges = |face: &mut dyn Face| -> Vec<String> {
        let failed = |seed: u64| Exchange::new(seed).run(&server, face).err().map(|why| (seed, why));
        seeds.into_iter().filter_map(failed).map(|(seed, why)| describe(spec, seed, &why)).collect()
    };
    match faces::with(spec, exchanges) {
        Ok((failures, Ok(()))) => failures,
        Ok((mut failures, Err(why))) => {
            failures.push(format!("{}: {why}", faces::name(spec)));
            failures
        }
        Err(why) => vec![format!("{}: {why}", faces::name(spec))],
    }
}

fn describe(spec: &str, seed: u64, why: &str) -> String {
    let again = format!("cargo run --package koophone-hostile -- --seed {seed} --count 1 --face '{spec}'");
    format!("{} with seed {seed}: {why}\n reproduce: {again}", faces::name(spec))
}

#[cfg(test)]
mod tests {
    use koophone::OPERATIONS;
    use koophone_conformance::example::arguments;
    use koophone_conformance::rust_face::{RustFace, Style};

    use super::*;
    use crate::request::PHONES;

    #[test]
    fn a_correct_response_is_a_success_for_every_operation() {
        let server = Server::start().unwrap();
        for (number, operation) in (0..).zip(OPERATIONS) {
            let exchange = Exchange::new(number);
            let mut face = RustFace::new(Style::Blocking);
            face.execute(&exchange.client(&server)).unwrap();
            let phones = [format!("{}1", PHONES[1]), format!("{}2", PHONES[1])];
            server.begin(None, &phones);
            let reply = face.execute(&arguments(operation, &phones, "task0").to_line(operation)).unwrap();
            let ok = !reply.to_string().contains("\"maybe_executed\"");
            assert!(ok, "{}: its example in tests/vectors/operations.json: {reply}", operation.name);
        }
    }
}
