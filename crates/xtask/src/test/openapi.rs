//! tests/openapi.yaml against the emulator, with requests that schemathesis generates.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use koophone_emulator::{Emulator, Options, Quirk};
use regex::Regex;
use serde_json::json;

use super::{Counts, Results};
use crate::process::{command, stream, tee};
use crate::repository::Repository;

/// Pinned: another version generates different requests.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// The checks of every response: its status, content type and fields are those of the description.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";

/// Checks of schemathesis that are not used, with the reason why the emulator differs.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "missing_required_header, negative_data_rejection",
        "the emulator accepts everything that the service is assumed to accept: x-request-id may be missing or empty \
         (docs/spec/wire-notes.md#20), and unknown query parameters of lists (per_page) are ignored",
    ),
    (
        "positive_data_acceptance",
        "the description has no rule for the characters of a command (docs/spec/wire-notes.md#23) or for bit rates out \
            of range (#31), and an unknown task (KOOPHONE.API.1323) has status 400 like every refusal in the seed \
            document",
    ),
    (
        "unsupported_method, allow_header_conformance",
        "a wrong method results in 404 APIGW.0101, as in the gateway's table of errors, not in 405",
    ),
    (
        "ignored_auth, use_after_free, ensure_resource_availability, object_level_authorization",
        "schemathesis gets a token and creates no accounts or resources; tests/authentication.rs of the emulator \
            tests these",
    ),
];

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    for (checks, why) in DIFFERENCES {
        println!("known difference, not checked: {checks}\n    {why}");
    }
    let program = install(repository)?;
    let options = Options {
        // The ids in the examples of the description.
        instance_ids: ["a44uhlf7", "efjy72gs", "Q39YyZvl", "iRJEVP96", "XvH39QVW"].map(str::to_owned).to_vec(),
        quirks: vec![Quirk::UnknownInstancesOmitted],
        password_attempts: u32::MAX,
        ..Options::default()
    };
    let emulator = Emulator::start(options).map_err(|e| e.to_string())?;
    let header = format!("X-Auth-Token: {}", token(&emulator)?);
    let description = repository.root.join("tests/openapi.yaml").display().to_string();
    let arguments = [
        "run",
        &description,
        "--url",
        emulator.endpoint(),
        "--header",
        &header,
        "--include-tag=instances-core",
        "--include-tag=instances-extended",
        "--include-tag=ordering",
        "--include-tag=apps",
        "--include-operation-id=createUserToken",
        "--include-operation-id=listProjects",
        "--include-operation-id=listAuthProjects",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=20",
        "--seed=1",
        "--no-shrink",
        "--continue-on-failure",
        "--checks",
        CHECKS,
    ];
    // It writes files to its working directory.
    let folder = repository.metadata()?.target_directory.join("openapi");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{folder}: {e}"))?;
    let program = program.display().to_string();
    let finished = tee(command(&program, &arguments, folder.as_std_path()))?;
    let counts = counts(&finished.output).filter(|counts| finished.success == (counts.failed == 0));
    Ok(match counts {
        Some(counts) => Results { counts, problems: Vec::new() },
        None => Results {
            counts: Counts { failed: 1, ..Counts::default() },
            problems: vec!["schemathesis printed no total that can be parsed; its output is above".to_owned()],
        },
    })
}

/// Installs schemathesis into .tools if it is missing.
fn install(repository: &Repository) -> Result<PathBuf, String> {
    let folder = repository.root.join(".tools/schemathesis");
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = programs.join("schemathesis").with_extension(std::env::consts::EXE_EXTENSION);
    let mark = folder.join(SCHEMATHESIS);
    if !mark.exists() {
        let shown = folder.display().to_string();
        stream(&mut command("python3", &["-m", "venv", "--clear", &shown], &repository.root))?;
        let python = programs.join("python").display().to_string();
        let arguments = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", SCHEMATHESIS];
        stream(&mut command(&python, &arguments, Path::new(".")))?;
        std::fs::write(&mark, "").map_err(|e| format!("{}: {e}", mark.display()))?;
    }
    Ok(program)
}

/// Logs in without the core, because only the emulator is tested here.
fn token(emulator: &Emulator) -> Result<String, String> {
    let own = emulator.credentials();
    let user = json!({"name": own.user, "password": own.password, "domain": {"name": own.account_domain}});
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    let body = json!({"auth": {"identity": identity, "scope": {"project": {"name": own.project_name}}}}).to_string();
    let host = emulator.endpoint().trim_start_matches("http://");
    let exchange = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(host)?;
        write!(
            stream,
            "POST /v3/auth/tokens HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        Ok(response)
    };
    let response = exchange().map_err(|e| format!("the login to the emulator: {e}"))?;
    let token = response.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("x-subject-token").then(|| value.trim().to_owned())
    });
    token.ok_or_else(|| "the emulator returned no token".to_owned())
}

static TOTAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\d+) generated(?:, (\d+) passed)?(?:, (\d+) found \d+ unique failures?)?")
        .expect("the pattern of this file is valid")
});

fn counts(output: &str) -> Option<Counts> {
    let found = output.lines().rev().find_map(|line| TOTAL.captures(line))?;
    let number = |group: usize| found.get(group).and_then(|text| text.as_str().parse().ok());
    let (generated, failed): (u64, u64) = (number(1)?, number(3).unwrap_or(0));
    let passed = number(2).unwrap_or(generated.saturating_sub(failed));
    (passed > 0).then_some(Counts { passed, failed, skipped: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_schemathesis_is_read() {
        let read = |line: &str| counts(&format!("Test cases:\n  {line}\n\nSeed: 1\n")).map(|c| (c.passed, c.failed));
        assert_eq!(read("883 generated, 883 passed"), Some((883, 0)));
        assert_eq!(read("832 generated, 4 found 4 unique failures"), Some((828, 4)));
        assert_eq!(read("nothing"), None);
        assert_eq!(read("0 generated"), None);
    }
}
