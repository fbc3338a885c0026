//! The main job, and a check of how often each phone ran its commands.

use koophone::blocking::Client;
use koophone::{Credentials, Error, ErrorKind, InstanceState, JobState};

use crate::place::{PHONES, Place};

/// Phones per request.
const BATCH: usize = 8;
/// Phones that run a command in separate calls, one after the other: connections are reused, or found closed.
const ONE_BY_ONE: usize = 12;

/// Runs the main job: a command on batches of phones, on single phones and as a task; a status query; and an error from
/// the service. Once with a password and once with an access key, whose signature fails if a proxy changes a signed
/// header.
pub fn check_done(place: &Place) -> Result<(), String> {
    let ids = place.emulator.instance_ids();
    for (credential, client) in [("password", with_password(place)?), ("access key", with_access_key(place)?)] {
        place.emulator.clear_journal();
        run_job(&client, &ids).map_err(|why| format!("with the {credential}: {why}"))?;
        let commands = place.emulator.journal();
        if commands.len() != 2 * PHONES + ONE_BY_ONE {
            return Err(format!("with the {credential}: {} commands were executed", commands.len()));
        }
        for (number, id) in ids.iter().enumerate() {
            let times =
                |via: &str| commands.iter().filter(|one| one.instance_id == *id && one.via == Some(via)).count();
            let expected = (1 + usize::from(number < ONE_BY_ONE), 1);
            if (times("sync"), times("async")) != expected {
                let actual = (times("sync"), times("async"));
                return Err(format!(
                    "with the {credential}: {id} ran {actual:?} commands and tasks instead of {expected:?}"
                ));
            }
        }
    }
    Ok(())
}

fn run_job(client: &Client, ids: &[String]) -> Result<(), String> {
    let fails = |what: &'static str| move |error: Error| format!("{what}: {error} {:?}", error.details());
    let results = client.run_command(ids, "echo now").map_err(fails("run_command"))?;
    for (result, id) in results.iter().zip(ids) {
        if result.instance_id != *id || result.state != JobState::Succeeded || result.output.trim() != "now" {
            return Err(format!("run_command: expected the result of {id}, got {result:?}"));
        }
    }
    for id in &ids[..ONE_BY_ONE] {
        let results = client.run_command([id], "echo alone").map_err(fails("run_command of one"))?;
        if results[0].output.trim() != "alone" {
            return Err(format!("run_command of one: {results:?}"));
        }
    }
    let states = client.query_status(ids).map_err(fails("query_status"))?;
    if states.len() != ids.len() || states.iter().any(|phone| phone.state != InstanceState::Running) {
        return Err(format!("query_status: {states:?}"));
    }
    let task = client.start_command(ids, "echo later").map_err(fails("start_command"))?;
    let jobs = task.wait(None).map_err(fails("wait"))?;
    for (job, id) in jobs.iter().zip(ids) {
        if job.instance_id.as_ref().is_none_or(|phone| phone != id) || job.output.trim() != "later" {
            return Err(format!("wait: expected the job of {id}, got {job:?}"));
        }
    }
    if results.len() != ids.len() || jobs.len() != ids.len() {
        return Err(format!("{} phones, {} results, {} jobs", ids.len(), results.len(), jobs.len()));
    }
    match client.get_task("no-such-task") {
        Err(error) if error.kind() == ErrorKind::NotFound && error.code().is_some() => Ok(()),
        other => Err(format!("get_task of an unknown task: {other:?}")),
    }
}

/// Checks that a command fails as expected, with these words in the error's text, and that no request reaches the
/// service.
pub fn check_refused(place: &Place, kind: ErrorKind, words: &[&str]) -> Result<(), String> {
    let ids = place.emulator.instance_ids();
    let error = match with_access_key(place)?.run_command(&ids, "echo now") {
        Ok(results) => return Err(format!("it was not refused: {results:?}")),
        Err(error) => error,
    };
    let quoted = error.excerpt().into_iter().map(str::to_owned);
    let texts = [error.message().to_owned()].into_iter().chain(error.causes().iter().cloned()).chain(quoted);
    let text = texts.collect::<Vec<_>>().join("; ");
    if error.kind() != kind || error.maybe_executed() || !words.iter().all(|word| text.contains(word)) {
        return Err(format!("expected {kind} with {words:?}, got {}: {text} {:?}", error.kind(), error.details()));
    }
    if place.secret.is_some_and(|secret| format!("{error} {error:?}").contains(secret)) {
        return Err(format!("the error shows the password: {text}"));
    }
    match place.emulator.requests().len() {
        0 => Ok(()),
        requests => Err(format!("{requests} requests reached the service")),
    }
}

fn with_password(place: &Place) -> Result<Client, String> {
    client(place, place.emulator.environment(), None)
}

fn with_access_key(place: &Place) -> Result<Client, String> {
    let own = place.emulator.credentials();
    let credentials = Credentials::access_key(&own.access_key, &own.secret_key);
    client(place, vec![("KOOPHONE_PROJECT_ID".to_owned(), own.project_id.clone())], Some(credentials))
}

fn client(
    place: &Place,
    environment: Vec<(String, String)>,
    credentials: Option<Credentials>,
) -> Result<Client, String> {
    let builder = koophone::Client::builder().environment(environment).ca_file(&place.authority);
    let builder = builder.endpoint(&place.endpoint).iam_endpoint(&place.endpoint).proxy(&place.proxy);
    let builder = builder.allow_http(true).batch_size(BATCH).setting("retry_delay", "20ms").setting("timeout", "60s");
    let builder = match credentials {
        Some(credentials) => builder.credentials(credentials),
        None => builder,
    };
    builder.build_blocking().map_err(|error| format!("the client: {error}"))
}
