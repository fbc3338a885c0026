//! Responses that an intermediary has changed, or that cannot be read.

mod common;

use common::{Canned, Reply};
use koophone::blocking::Client;
use koophone::{Credentials, ErrorKind, VideoSettings};

/// A small gzip file, as sent by a proxy that compresses even if not asked to.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV\x02\x00\x10\x0fYT\x01\x00\x00\x00";

#[test]
fn a_compressed_response_says_so_and_what_to_do() {
    for (status, named) in [(200, true), (200, false), (400, true), (502, true)] {
        let headers = if named { vec![("Content-Encoding", "gzip".to_owned())] } else { Vec::new() };
        let client = Canned::always(Reply(status, headers, GZIP.to_vec())).client();
        let error = match client.run_command(["a"], "id") {
            Ok(results) => results[0].error.clone().unwrap(),
            Err(error) => error,
        };
        for words in ["compressed (gzip)", "Accept-Encoding: identity"] {
            assert!(error.message().contains(words), "{status} {named}: {error}");
        }
        let unknown = error.kind() == ErrorKind::OutcomeUnknown;
        assert_eq!((unknown, error.maybe_executed()), (status != 400, status != 400), "{status}: {error}");
    }
    // A header alone, without compression, does no harm.
    let body = r#"{"error_code":"0","error_msg":"ok"}"#;
    let reply = Reply(200, vec![("Content-Encoding", "gzip".into())], body.into());
    Canned::always(reply).client().set_video_settings(["a"], VideoSettings::default()).unwrap();
}

#[test]
fn a_compressed_response_of_the_identity_service_says_so() {
    let login = Reply(201, vec![("X-Subject-Token", "token".into()), ("Content-Encoding", "br".into())], vec![11]);
    let server = Canned::always(login);
    let password = Credentials::password("u", "p4ssword", "d");
    let client: Client = server.builder().region("r").credentials(password).build().unwrap().into();
    let error = client.query_status(["a"]).unwrap_err();
    assert!(error.message().contains("compressed (br)"), "{error}");
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Protocol, 1), "{error}");
}

#[test]
fn a_number_out_of_range_costs_only_its_own_phone() {
    let nines = "9".repeat(400);
    for number in ["1e400", "-1E+999", &nines] {
        let item =
            |id: &str, status: &str| format!(r#"{{"instance_id":"{id}","status":{status},"execute_msg":"yes"}}"#);
        let items = [item("a", "2"), item("b", number), item("c", "2")].join(",");
        let body = format!(r#"{{"error_code":"0","error_msg":"ok","data":{{"cmd_results":[{items}]}}}}"#);
        let results = Canned::always(Reply::ok(body)).client().run_command(["a", "b", "c"], "id").unwrap();
        let kinds: Vec<_> = results.iter().map(|result| result.error.as_ref().map(|error| error.kind())).collect();
        assert_eq!(kinds, [None, Some(ErrorKind::OutcomeUnknown), None], "{number}");
        assert_eq!((results[0].output.as_str(), results[2].output.as_str()), ("yes", "yes"));
    }
}

#[test]
fn messages_have_no_empty_placeholders_and_name_the_request() {
    let page = Reply::status(500, "<html>busy</html>");
    let refusal = |status| Reply::status(status, r#"{"error_code":"KOOPHONE.API.1000","error_msg":"no"}"#);
    for reply in [page, refusal(400), refusal(200), Reply(302, Vec::new(), Vec::new())] {
        let server = Canned::always(reply);
        let client = server.builder().credentials(Credentials::token("t0ken")).setting("max_attempts", "1");
        let client: Client = client.build().unwrap().into();
        let phones = |results: koophone::Result<Vec<Option<koophone::Error>>>| match results {
            Ok(errors) => errors.into_iter().next().unwrap().unwrap(),
            Err(error) => error,
        };
        let outcomes = |results: koophone::Result<Vec<koophone::InstanceOutcome>>| {
            phones(results.map(|all| all.into_iter().map(|outcome| outcome.error).collect()))
        };
        for error in [
            client.get_task("the-task").unwrap_err(),
            client.get_device_token("a").unwrap_err(),
            outcomes(client.set_video_settings(["a"], VideoSettings::default())),
            phones(client.run_command(["a"], "id").map(|all| all.into_iter().map(|result| result.error).collect())),
            phones(client.query_status(["a"]).map(|all| all.into_iter().map(|status| status.error).collect())),
        ] {
            let shown = error.to_string();
            assert!(!shown.contains(['{', '}']), "{shown}");
        }
        let task = client.get_task("the-task").unwrap_err().to_string();
        assert!(task.contains("task"), "{task}");
    }
}
