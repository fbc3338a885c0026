//! The outer object of every success, the results inside it, and the quirks of both.

use serde_json::{Map, Value, json};

use crate::ids::IdKind;
use crate::quirk::{Quirk, Quirks};
use crate::wire::reply::Reply;
use crate::world::{Job, Outcome, World};

impl Outcome {
    /// The object in the response; `key` names the phone or the job.
    pub(super) fn to_json(&self, quirks: Quirks, key: &str, id: &str) -> Value {
        let mut object = Map::new();
        object.insert(key.to_owned(), id.into());
        let status =
            if self.status == -1 && key == "job_id" && quirks.has(Quirk::FailedJobsStatus3) { 3 } else { self.status };
        object.insert("status".to_owned(), number(quirks, status));
        let nulls = quirks.has(Quirk::NullFields);
        let code = match (self.code, quirks.has(Quirk::CpsDotVariants)) {
            ("CPS.0191", true) => "CPS0191",
            ("CPS0005", true) => "CPS.0005",
            (code, _) => code,
        };
        let no_error = code.is_empty();
        let code = match code {
            "" if quirks.has(Quirk::NoErrorAsZero) => json!("0"),
            "" if nulls || quirks.has(Quirk::NoErrorAsNull) => Value::Null,
            code => code.into(),
        };
        if !(no_error && quirks.has(Quirk::NoErrorAbsent)) {
            object.insert("error_code".to_owned(), code);
            let message =
                if no_error && (nulls || quirks.has(Quirk::NoErrorAsNull)) { Value::Null } else { self.message.into() };
            object.insert("error_msg".to_owned(), message);
        }
        let text = self.execute_msg.as_deref().filter(|text| !(nulls && text.is_empty()));
        object.insert("execute_msg".to_owned(), text.into());
        with_unknown_field(quirks, Value::Object(object))
    }
}

/// A number, or its text with the quirk.
pub(super) fn number(quirks: Quirks, number: i64) -> Value {
    if quirks.has(Quirk::StringNumbers) { number.to_string().into() } else { number.into() }
}

/// An undocumented field.
pub(super) fn with_unknown_field(quirks: Quirks, mut value: Value) -> Value {
    if quirks.has(Quirk::UnknownFields)
        && let Value::Object(fields) = &mut value
    {
        fields.insert("unknown_field".to_owned(), json!({"new": [1, null, {"a": "b"}]}));
    }
    value
}

/// Omits and shuffles results, depending on quirks. `leave_out` drops every second one, so a lone result stays.
pub(super) fn arrange(world: &mut World, mut results: Vec<Value>, leave_out: Quirk) -> Vec<Value> {
    if world.has(leave_out) {
        results = results.into_iter().step_by(2).collect();
    }
    if world.has(Quirk::ShuffledResults) {
        // Fisher and Yates.
        for end in (1..results.len()).rev() {
            let other = world.ids.stream(IdKind::Shuffle).below(end + 1);
            results.swap(end, other);
        }
    }
    results
}

/// A successful response.
pub(super) fn success(quirks: Quirks, data: Option<Value>) -> Reply {
    let mut body = Map::new();
    match data {
        Some(data) => {
            body.insert("data".to_owned(), with_unknown_field(quirks, data));
        }
        None if quirks.has(Quirk::DataNull) => {
            body.insert("data".to_owned(), Value::Null);
        }
        None if quirks.has(Quirk::DataText) => {
            body.insert("data".to_owned(), "".into());
        }
        None => {}
    }
    if !quirks.has(Quirk::MissingErrorCode) {
        body.insert("error_code".to_owned(), if quirks.has(Quirk::NumericErrorCode) { 0.into() } else { "0".into() });
        let message = match (quirks.has(Quirk::ChineseMessages), quirks.has(Quirk::UpperCaseMessages)) {
            (true, _) => "成功",
            (false, true) => "OK",
            (false, false) => "ok",
        };
        body.insert("error_msg".to_owned(), message.into());
    }
    Reply::json(200, &with_unknown_field(quirks, Value::Object(body)))
}

/// `task_id` and `cmd_jobs`.
pub(super) fn task_data(world: &mut World, task_id: &str, jobs: &[Job], listed: &[String]) -> Value {
    let as_list = world.has(Quirk::CmdJobsInstanceAsList);
    let listed = listed
        .iter()
        .filter_map(|id| jobs.iter().find(|job| job.instance_id == *id))
        .map(|job| {
            let id = if as_list { json!([job.instance_id]) } else { json!(job.instance_id) };
            json!({"instance_id": id, "job_id": job.job_id})
        })
        .collect();
    let listed = arrange(world, listed, Quirk::MissingInstances);
    json!({"task_id": task_id, "cmd_jobs": listed})
}
