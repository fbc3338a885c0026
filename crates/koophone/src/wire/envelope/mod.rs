//! Parses the service's responses: one tolerant parser for every format that docs/spec/wire-notes.md describes in its
//! sections A, B and D.

mod fields;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::fields::{WireId, id, list, number, object, opaque_id, text, text_or_number};
use crate::wire::json;

/// The meaning of a body.
#[derive(Debug, PartialEq)]
pub(crate) enum Reading<D> {
    /// `error_code` "0", or a known payload without an envelope. The payload may be absent.
    Success(Option<D>),
    /// The service, gateway or identity service refused the request.
    Refused(ServiceError),
    /// An unknown format; the text says why.
    Unusable(String),
}

/// A refusal as the service reported it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ServiceError {
    /// Unchanged.
    pub code: Option<String>,
    pub message: Option<String>,
    pub request_id: Option<String>,
    /// Whether it has the documented format and is therefore from the service or its gateway, not from a proxy.
    pub documented: bool,
    /// Whether the response also has results of phones: then it was executed, whatever the code says.
    pub with_results: bool,
}

#[derive(Deserialize)]
#[serde(bound = "D: Deserialize<'de>")]
struct Envelope<D> {
    #[serde(default, deserialize_with = "text_or_number")]
    error_code: Option<String>,
    #[serde(default = "Option::default")]
    data: Option<D>,
}

/// Reads the body of a 2xx response. `known` are the fields that identify the operation's data, and `results` those
/// that show that something was executed.
pub(crate) fn read<D: DeserializeOwned>(body: &[u8], known: &[&str], results: &[&str]) -> Reading<D> {
    // The usual format in one pass, directly into the caller's type.
    if let Ok(Envelope { error_code: Some(code), data }) = json::from_bytes::<Envelope<D>>(body)
        && is_success(&code)
    {
        return Reading::Success(data);
    }
    let value: Value = match json::leniently(body) {
        Ok(value) => value,
        Err(error) => return Reading::Unusable(format!("the response is not JSON: {error}")),
    };
    let Value::Object(top) = &value else { return Reading::Unusable("the response is not a JSON object".into()) };
    // docs/spec/wire-notes.md#7: one operation has its code inside the data.
    let holder = [Some(&value), top.get("data")].into_iter().flatten().find(|holder| code_of(holder).is_some());
    match holder.and_then(|holder| Some((holder, code_of(holder)?))) {
        Some((_, code)) if is_success(&code) => payload(top.get("data").unwrap_or(&Value::Null)),
        // An unknown code is not certainly a refusal: a proxy may have added its own code to results.
        Some((_, code)) if !is_known_code(&code) && top.get("data").is_some_and(|data| has_fields(data, known)) => {
            Reading::Unusable(format!("the response has data together with the unknown code {code:?}"))
        }
        Some((_, code)) if has_results(&value, results) => {
            Reading::Unusable(format!("the response has results together with the code {code:?}"))
        }
        Some((holder, _)) => Reading::Refused(error_of(holder).unwrap_or_default()),
        // docs/spec/wire-notes.md#3 and #6: no code, but a known payload.
        None if top.get("data").is_some_and(Value::is_object) => payload(&top["data"]),
        // docs/spec/wire-notes.md#77: the definitions require no field at all in most of these.
        None if top.is_empty() => Reading::Success(None),
        None if has_fields(&value, known) => payload(&value),
        None => Reading::Unusable("the response has neither a code nor known data".into()),
    }
}

/// Whether an object has a field that the service defines.
fn has_fields(value: &Value, known: &[&str]) -> bool {
    value
        .as_object()
        .is_some_and(|fields| fields.keys().any(|name| name == "error_msg" || known.contains(&name.as_str())))
}

/// Whether any level of a response has results, or the task of a call that was started.
fn has_results(value: &Value, results: &[&str]) -> bool {
    let Value::Object(fields) = value else { return false };
    let filled = |value: &Value| match value {
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => false,
    };
    results.iter().any(|name| fields.get(*name).is_some_and(filled))
        || fields.get("data").is_some_and(|data| has_results(data, results))
}

/// The code of a 2xx response. Only documented fields count here: a newer field that looks like an error must not turn
/// a command that ran into a refusal. A bare `code` counts if it is one of the service's.
fn code_of(value: &Value) -> Option<String> {
    // docs/spec/wire-notes.md#78: the text "null" is no code.
    let is_code = |code: &String| !code.trim().is_empty() && code.trim() != "null";
    let text = |name: &str| value.get(name).and_then(text_of).filter(is_code);
    text("error_code").or_else(|| text("errorCode")).or_else(|| text("code").filter(|code| is_known_code(code)))
}

/// Whether a code is the service's, its gateway's, or success.
fn is_known_code(code: &str) -> bool {
    let code = code.to_ascii_uppercase();
    let prefixes = ["KOOPHONE.", "KP.", "KPAPI.", "CPS", "COMMON.", "APIGW.", "APIG.", "PAP"];
    is_success(&code) || prefixes.iter().any(|prefix| code.starts_with(prefix))
}

fn payload<D: DeserializeOwned>(data: &Value) -> Reading<D> {
    match data {
        // docs/spec/wire-notes.md#8: data may be missing, null or a plain string.
        Value::Null | Value::String(_) => Reading::Success(None),
        data => match D::deserialize(data) {
            Ok(payload) => Reading::Success(Some(payload)),
            Err(error) => Reading::Unusable(format!("the response's data has an unknown format: {error}")),
        },
    }
}

/// Finds the service's error in an error body of any format; `None` if it is not JSON or has none.
pub(crate) fn read_error(body: &[u8], results: &[&str]) -> Option<ServiceError> {
    let value = json::leniently(body).ok()?;
    let with_results = has_results(&value, results);
    find_error(&value).map(|error| ServiceError { with_results, ..error })
}

pub(crate) fn is_success(code: &str) -> bool {
    code.trim().parse() == Ok(0.0)
}

/// The service's error at any depth, outermost first.
fn find_error(value: &Value) -> Option<ServiceError> {
    let Value::Object(object) = value else { return None };
    error_of(value).or_else(|| object.values().find_map(find_error))
}

/// docs/spec/wire-notes.md#11: `error_code`, `errorCode` or `code` beside a message, or a message beside a title.
fn error_of(value: &Value) -> Option<ServiceError> {
    let Value::Object(object) = value else { return None };
    let text = |names: &[&str]| names.iter().find_map(|name| object.get(*name).and_then(text_of));
    let code = text(&["error_code", "errorCode"])
        .or_else(|| text(&["code"]).filter(|code| object.contains_key("message") || is_known_code(code)));
    let message = text(&["error_msg", "errorMsg", "message"]);
    if code.is_none() && !(message.is_some() && object.contains_key("title")) {
        return None;
    }
    let shape = object.contains_key("error_code") && object.contains_key("error_msg");
    // Codes of Huawei's services have a dot: `AS.0001`. A proxy's own format may have a status in its place.
    let documented =
        shape && code.as_deref().is_some_and(|code| code.contains('.')) || code.as_deref().is_some_and(is_known_code);
    Some(ServiceError {
        code,
        message,
        request_id: text(&["request_id", "requestId"]),
        documented,
        with_results: false,
    })
}

/// A text, or a number as text.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<D: DeserializeOwned>(body: &[u8]) -> Reading<D> {
        super::read(
            body,
            &["cmd_results", "cmd_jobs", "task_id", "status_results"],
            &["cmd_results", "cmd_jobs", "task_id"],
        )
    }

    fn read_error(body: &[u8]) -> Option<ServiceError> {
        super::read_error(body, &["cmd_results", "cmd_jobs", "task_id"])
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Payload {
        #[serde(default, deserialize_with = "text")]
        output: String,
    }

    fn payload(output: &str) -> Reading<Payload> {
        Reading::Success(Some(Payload { output: output.into() }))
    }

    fn refused(code: &str, message: &str) -> Reading<Payload> {
        Reading::Refused(ServiceError {
            code: Some(code.into()),
            message: Some(message.into()),
            request_id: None,
            documented: true,
            with_results: false,
        })
    }

    // docs/spec/wire-notes.md#1
    #[test]
    fn success_is_the_code_zero_not_the_status() {
        assert_eq!(read(br#"{"data":{"output":"x"},"error_code":"0","error_msg":"ok"}"#), payload("x"));
        assert_eq!(
            read(br#"{"error_code":"KOOPHONE.API.1000","error_msg":"bad"}"#),
            refused("KOOPHONE.API.1000", "bad")
        );
    }

    // docs/spec/wire-notes.md#3
    #[test]
    fn the_code_may_be_a_number_or_absent_beside_a_known_payload() {
        assert_eq!(read(br#"{"data":{"output":"x"},"error_code":0}"#), payload("x"));
        assert_eq!(read(br#"{"data":{"output":"x"}}"#), payload("x"));
        assert!(matches!(read::<Payload>(b"[]"), Reading::Unusable(_)));
        assert!(matches!(read::<Payload>(b"<html>"), Reading::Unusable(_)));
    }

    // docs/spec/wire-notes.md#5
    #[test]
    fn the_message_does_not_decide_success() {
        for message in ["ok", "OK", "error"] {
            let body = format!(r#"{{"data":{{"output":"x"}},"error_code":"0","error_msg":"{message}"}}"#);
            assert_eq!(read(body.as_bytes()), payload("x"));
        }
    }

    // docs/spec/wire-notes.md#6
    #[test]
    fn a_bare_payload_is_read() {
        let bare = read::<Value>(br#"{"status_results":[]}"#);
        assert_eq!(bare, Reading::Success(Some(serde_json::json!({"status_results": []}))));
        // Other JSON may come from any machine between the client and the service.
        assert_eq!(read::<Value>(b"{}"), Reading::Success(None));
        for strange in [&br#"{"output":"x"}"#[..], br#"{"login":"required"}"#, b"[]"] {
            assert!(matches!(read::<Value>(strange), Reading::Unusable(_)));
        }
    }

    #[test]
    fn with_2xx_only_documented_fields_make_a_refusal() {
        for extra in [
            r#""code":0"#,
            r#""code":"0""#,
            r#""errorCode":"0""#,
            r#""errorCode":0.0"#,
            r#""code":200,"message":"done""#,
            r#""title":"t","message":"m""#,
            r#""error_code":"0","more":{"error_code":"KOOPHONE.API.1000"}"#,
            r#""meta":{"title":"t","message":"m","code":7}"#,
        ] {
            let body = format!(r#"{{"data":{{"output":"x"}},{extra}}}"#);
            assert_eq!(read(body.as_bytes()), payload("x"), "{body}");
        }
        for code in ["0", " 0 ", "00000", "0.0"] {
            let body = format!(r#"{{"data":{{"output":"x"}},"error_code":"{code}"}}"#);
            assert_eq!(read(body.as_bytes()), payload("x"), "{body}");
        }
        assert_eq!(read(br#"{"data":{"output":"x"},"error_code":""}"#), payload("x"));
        for code in ["success", "X.1", "AS.0001", "7"] {
            let body = format!(r#"{{"data":{{"cmd_results":[]}},"error_code":"{code}"}}"#);
            assert!(matches!(read::<Value>(body.as_bytes()), Reading::Unusable(_)), "{body}");
        }
        assert!(matches!(read::<Payload>(br#"{"error_code":"X.1","error_msg":"m"}"#), Reading::Refused(_)));
        assert!(matches!(read::<Payload>(br#"{"code":"KOOPHONE.API.1000"}"#), Reading::Refused(_)));
        assert!(matches!(read::<Payload>(br#"{"code":17,"message":"what"}"#), Reading::Unusable(_)));
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(read(b"\xEF\xBB\xBF{\"data\":{\"output\":\"x\"},\"error_code\":\"0\"}"), payload("x"));
        assert!(read_error(b"\xEF\xBB\xBF{\"error_code\":\"A\"}").is_some());
    }

    #[test]
    fn results_beside_a_refusal_were_executed() {
        let body = |data: &str| format!(r#"{{"error_code":"KOOPHONE.API.1001","error_msg":"no","data":{data}}}"#);
        for data in [r#"{"cmd_results":[{}]}"#, r#"{"data":{"task_id":"t"}}"#, r#"{"cmd_jobs":[{"job_id":"j"}]}"#] {
            assert!(matches!(read::<Value>(body(data).as_bytes()), Reading::Unusable(_)), "{data}");
            assert!(read_error(body(data).as_bytes()).unwrap().with_results, "{data}");
        }
        for data in [r#"{"cmd_results":[]}"#, "null", r#"{"task_id":""}"#] {
            assert!(matches!(read::<Value>(body(data).as_bytes()), Reading::Refused(_)), "{data}");
            assert!(!read_error(body(data).as_bytes()).unwrap().with_results, "{data}");
        }
    }

    #[test]
    fn only_the_documented_shapes_speak_for_the_service() {
        let documented = |body: &str| read_error(body.as_bytes()).map(|error| error.documented);
        assert_eq!(documented(r#"{"error_code":"AS.0001","error_msg":"m"}"#), Some(true));
        assert_eq!(documented(r#"{"error_code":"APIGW.0308"}"#), Some(true));
        assert_eq!(documented(r#"{"code":"KOOPHONE.API.9999","message":"m"}"#), Some(true));
        assert_eq!(documented(r#"{"code":503,"message":"no healthy upstream"}"#), Some(false));
        assert_eq!(documented(r#"{"title":"Service Unavailable","message":"m"}"#), Some(false));
        assert_eq!(documented(r#"{"error_code":"503","error_msg":"busy"}"#), Some(false));
        assert_eq!(documented(r#"{"message":"no healthy upstream"}"#), None);
    }

    // docs/spec/wire-notes.md#7
    #[test]
    fn the_code_may_be_inside_data() {
        assert_eq!(read(br#"{"data":{"output":"x","error_code":"0"}}"#), payload("x"));
        assert_eq!(
            read(br#"{"data":{"error_code":"KOOPHONE.API.1004","error_msg":"no"}}"#),
            refused("KOOPHONE.API.1004", "no")
        );
    }

    // docs/spec/wire-notes.md#8
    #[test]
    fn data_may_be_missing_null_or_text() {
        for data in ["", r#""data":null,"#, r#""data":"done","#] {
            let body = format!(r#"{{{data}"error_code":"0"}}"#);
            assert_eq!(read::<Payload>(body.as_bytes()), Reading::Success(None), "{body}");
        }
    }

    // docs/spec/wire-notes.md#11
    #[test]
    fn error_bodies_of_every_shape_are_read() {
        let error = |body: &str| read_error(body.as_bytes()).unwrap();
        assert_eq!(error(r#"{"error_code":"A","error_msg":"m"}"#).code.as_deref(), Some("A"));
        let gateway = error(r#"{"error_code":"APIGW.0308","error_msg":"slow","request_id":"r"}"#);
        assert_eq!(gateway.request_id.as_deref(), Some("r"));
        let iam = error(r#"{"error":{"code":401,"message":"wrong","title":"Unauthorized"}}"#);
        assert_eq!((iam.code.as_deref(), iam.message.as_deref()), (Some("401"), Some("wrong")));
        assert_eq!(error(r#"{"a":{"b":{"code":"X.1","message":"deep"}}}"#).code.as_deref(), Some("X.1"));
        let newer =
            r#"{"error_code":"PAP5.0011","error_msg":"denied","encoded_authorization_message":"zzz","details":[]}"#;
        assert_eq!(error(newer).code.as_deref(), Some("PAP5.0011"));
        assert_eq!(read_error(b"<html>502</html>"), None);
    }

    // docs/spec/wire-notes.md#46
    #[test]
    fn output_cut_inside_a_character_is_kept() {
        assert_eq!(read(b"{\"data\":{\"output\":\"ab\xe4\xb8\"},\"error_code\":\"0\"}"), payload("ab\u{fffd}"));
        assert_eq!(read(br#"{"data":{"output":"ab\ud83d"},"error_code":"0"}"#), payload("ab\u{fffd}"));
        assert_eq!(
            read(br#"{"data":{"output":"\\ud83d \ud83d\ude00 \ude00"},"error_code":"0"}"#),
            payload("\\ud83d \u{1f600} \u{fffd}")
        );
    }

    // docs/spec/wire-notes.md#50
    #[test]
    fn unknown_fields_are_ignored() {
        assert_eq!(read(br#"{"new":1,"data":{"newer":{},"output":"x"},"error_code":"0"}"#), payload("x"));
    }
}
