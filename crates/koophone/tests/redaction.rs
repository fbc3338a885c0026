//! A service that quotes the request in every place and spelling: no secret is in the error, and the error is otherwise
//! unchanged.

mod common;

use common::{Canned, Reply};
use koophone::blocking::Client;
use koophone::{Credentials, Error, ErrorKind, VideoSettings};
use serde_json::json;

const TOKEN: &str = "MIIF/a-t0ken+that=the/service-repeats";

fn call(client: &Client) -> Error {
    match client.set_video_settings(["a"], VideoSettings::default()) {
        Ok(outcomes) => outcomes[0].error.clone().unwrap(),
        Err(error) => error,
    }
}

/// Everything that an error shows.
fn seen(error: &Error) -> String {
    format!("{error}\n{error:?}\n{}", serde_json::to_string(error).unwrap())
}

/// The spellings that JSON allows for a text without spaces, as they are in a body.
fn spellings(text: &str) -> Vec<String> {
    let plain = json!(text).to_string().trim_matches('"').to_owned();
    let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let nested = json!(json!(text).to_string()).to_string();
    let nested = nested.trim_start_matches("\"\\\"").trim_end_matches("\\\"\"").to_owned();
    vec![plain.replace('/', "\\/"), plain, units, nested]
}

/// Checks that no part of the text is in the error, in any spelling.
fn assert_hidden(error: &Error, secret: &str) {
    let seen = seen(error).replace('\\', "");
    for secret in spellings(secret) {
        let start: String = secret.replace('\\', "").chars().take(15).collect();
        assert!(!seen.contains(&start), "{start} in {seen}");
    }
    assert!(seen.contains("***"), "{seen}");
}

#[test]
fn a_token_is_hidden_wherever_the_service_quotes_it() {
    for token in spellings(TOKEN) {
        for status in [200, 400, 401, 500] {
            let bodies = [
                format!(
                    r#"{{"error_code":"KOOPHONE.API.1000","error_msg":"bad token {token}, {token}",
            "request_id":"{token}"}}"#
                ),
                format!(r#"{{"error_code":"{token}","error_msg":"no"}}"#),
                format!(r#"["unknown shape","{token}"]"#),
                format!("<html>{token}</html>"),
                format!(
                    r#"{{"error_code":"KOOPHONE.API.1000","error_msg":"bad token {}"}}"#,
                    &token[..token.len() - 8]
                ),
            ];
            for body in bodies {
                let reply = Reply(status, vec![("X-Request-Id", TOKEN.to_owned())], body.clone().into_bytes());
                let server = Canned::always(reply);
                let builder = server.builder().setting("max_attempts", "1").credentials(Credentials::token(TOKEN));
                let error = call(&builder.build().unwrap().into());
                assert_hidden(&error, TOKEN);
                assert_eq!(error.server_request_id(), Some("***"), "{body}");
            }
        }
    }
}

#[test]
fn a_token_is_hidden_in_the_spellings_of_urls_html_and_headers() {
    use base64::Engine;
    let hex = "0123456789abcdef0123456789abcdef";
    let url = |text: &str| text.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    for (token, quoted) in [
        (TOKEN, url(TOKEN)),
        (TOKEN, url(&url(TOKEN).replace('%', "%25"))),
        (TOKEN, TOKEN.replace('/', "&#x2F;").replace('+', "&#43;")),
        (TOKEN, base64(TOKEN)),
        (TOKEN, base64(&format!("token:{TOKEN}"))),
        (hex, hex.to_uppercase()),
    ] {
        for body in [
            json!({"error_code": "KOOPHONE.API.1000", "error_msg": format!("bad token {quoted}")}).to_string(),
            format!("<html>{quoted}</html>"),
        ] {
            let server = Canned::always(Reply::status(400, body));
            let client: Client = server.builder().credentials(Credentials::token(token)).build().unwrap().into();
            let error = seen(&call(&client));
            assert!(!error.contains(&quoted[..15]) && error.contains("***"), "{quoted}: {error}");
        }
    }
}

#[test]
fn a_token_is_hidden_in_the_error_of_one_phone() {
    let body = json!({"error_code": "0", "error_msg": "ok", "data": {"cmd_results": [
        {"instance_id": "a", "status": -1, "error_code": "CPS.0191", "error_msg": format!("bad {TOKEN}")}]}});
    let server = Canned::always(Reply::ok(body.to_string()));
    let client: Client = server.builder().credentials(Credentials::token(TOKEN)).build().unwrap().into();
    let results = client.run_command(["a"], "echo").unwrap();
    let error = results[0].error.as_ref().unwrap();
    assert_hidden(error, TOKEN);
}

#[test]
fn a_password_is_hidden_in_the_refusal_of_a_login() {
    let password = "Pa55/\"w\u{f6}rd\\word\u{1f600}!";
    for quoted in spellings(password) {
        let refusal = format!(r#"{{"error":{{"code":401,"message":"wrong: {quoted}","title":"Unauthorized"}}}}"#);
        for reply in [Reply::status(401, refusal), Reply::status(400, format!("{{{quoted}"))] {
            let server = Canned::always(reply);
            let builder = server.builder().region("r").credentials(Credentials::password("u", password, "d"));
            assert_hidden(&call(&builder.build().unwrap().into()), password);
        }
    }
}

#[test]
fn a_security_token_is_hidden_in_the_refusal_of_a_lookup() {
    let body = json!({"error_code": "APIGW.0301", "error_msg": format!("verify aksk signature fail {TOKEN}")});
    let server = Canned::always(Reply::status(401, body.to_string()));
    let credentials = Credentials::access_key("AK", "SK").security_token(TOKEN).unwrap();
    for builder in [server.builder().region("r"), server.builder()] {
        let client: Client = builder.credentials(credentials.clone()).build().unwrap().into();
        for _ in 0..2 {
            let error = call(&client);
            assert_hidden(&error, TOKEN);
            assert!(error.message().contains("verify aksk signature fail"), "{error}");
        }
    }
}

#[test]
fn a_device_token_is_hidden_when_its_response_cannot_be_read() {
    let data = json!({"device_token": TOKEN, "streamingId": 5, "resource": "none"});
    let body = json!({"error_code": "0", "error_msg": "ok", "data": data}).to_string();
    for body in [body.clone(), body[..body.len() - 2].to_owned()] {
        let error = Canned::always(Reply::ok(body)).client().get_device_token("a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert!(!seen(&error).contains(TOKEN), "{error:?}");
    }
}

#[test]
fn the_meaning_of_a_response_does_not_depend_on_the_secret() {
    let body = r#"{"error_code":"KOOPHONE.API.1001","error_msg":"no permission","request_id":"r"}"#;
    for token in ["e", "0", "error_code", "KOOPHONE.API.1001", "\"error_code\":\"KOOPHONE.API.1001\""] {
        for status in [200, 400] {
            let server = Canned::always(Reply::status(status, body));
            let client: Client = server.builder().credentials(Credentials::token(token)).build().unwrap().into();
            assert_eq!(call(&client).kind(), ErrorKind::PermissionDenied, "{token}");
        }
    }
}
