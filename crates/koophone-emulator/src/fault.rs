//! Faults: what goes wrong, with which calls, and how often.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::operation::Operation;
use crate::options::OptionsError;

/// One entry of the fault queue.
///
/// As JSON it is one flat object; everything but `action` may be left out:
///
/// ```
/// # use koophone_emulator::Fault;
/// let faults = Fault::list_from_json(r#"[
///     {"operation": "run_command", "times": 3, "action": "throttle", "retry_after": 1},
///     {"action": "cut", "when": "after_execution"}
/// ]"#)?;
/// assert_eq!(faults.len(), 2);
/// # Ok::<(), koophone_emulator::OptionsError>(())
/// ```
///
/// A request uses the first fault of the queue that fits it and whose `after` is used up, and that one only.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The operation; `None` ("any" in JSON) is every request, also one to an unknown path.
    pub operation: Option<Operation>,
    /// How many requests it hits; 0 is for ever.
    pub times: u32,
    /// How many fitting requests pass unharmed first.
    pub after: u32,
    /// Only requests that name this phone.
    pub instance_id: Option<String>,
    /// What happens.
    pub action: Action,
}

/// What a fault does. The doc of each says whether the operation is executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// This answer instead of the service's. Not executed unless `executed` is true.
    Answer {
        /// HTTP status; 200 when left out.
        #[serde(default = "status_ok")]
        status: u16,
        /// Text is sent as it is, other JSON is serialised; null, or left out, is an empty body.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        body: Value,
        /// More headers, or other values for those that are sent anyway.
        #[serde(default)]
        headers: Map<String, Value>,
        /// Execute the operation first and throw its answer away.
        #[serde(default)]
        executed: bool,
    },
    /// The gateway's rate limit, APIGW.0308. Not executed.
    Throttle {
        /// Seconds for a `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
        /// The limit as the gateway writes it in the message, for example `limit:10,time:1 second`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit_text: Option<String>,
        /// HTTP status; 429 when left out.
        #[serde(default = "status_throttled")]
        status: u16,
    },
    /// The right answer, late. Executed at once. The wait is real time in every clock mode.
    Delay {
        /// How late.
        milliseconds: u64,
    },
    /// No answer and no end, until the client goes or the emulator stops. Not executed unless `executed` is true.
    Silence {
        /// Execute the operation first.
        #[serde(default)]
        executed: bool,
    },
    /// The connection is closed.
    Cut {
        /// At which moment, which also decides whether the operation was executed.
        when: CutWhen,
    },
    /// Complete HTTP whose JSON ends in the middle. Executed.
    Truncate {},
    /// Status 200 and a body that is no JSON. Executed.
    Garbage {},
    /// A proxy's HTML page. Not executed unless `executed` is true.
    Html {
        /// HTTP status; 502 when left out.
        #[serde(default = "status_bad_gateway")]
        status: u16,
        /// Execute the operation first and throw its answer away.
        #[serde(default)]
        executed: bool,
    },
    /// Status 200 and a body (one JSON text) of exactly this many bytes, at least 2. Executed.
    Huge {
        /// Length of the body.
        bytes: u64,
    },
    /// The right answer, piece by piece. Executed.
    Drip {
        /// Speed; 0 counts as 1.
        bytes_per_second: u64,
    },
    /// 401 APIGW.0307, "The token must be updated." Not executed. The token itself stays valid.
    ExpiredToken {},
    /// 401 KOOPHONE.API.1001, no right to an instance. Not executed.
    NoRight {},
    /// An error with this code, in the shape that belongs to it (gateway for APIGW and APIG, else KooPhone). Not executed.
    ErrorCode {
        /// For example `KOOPHONE.API.9999`.
        code: String,
        /// HTTP status; 200 when left out.
        #[serde(default = "status_ok")]
        status: u16,
    },
    /// The right answer under `Content-Type: text/plain`. Executed.
    WrongContentType {},
    /// 302 to another place. Not executed.
    Redirect {
        /// The `Location` header.
        location: String,
    },
}

/// The moment a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutWhen {
    /// No answer, and nothing was executed.
    BeforeExecution,
    /// No answer, and the operation was executed.
    AfterExecution,
    /// Half of the answer, and the operation was executed.
    MidAnswer,
}

fn status_ok() -> u16 {
    200
}
fn status_throttled() -> u16 {
    429
}
fn status_bad_gateway() -> u16 {
    502
}

impl Fault {
    /// The next call of this operation goes wrong.
    pub fn new(operation: Operation, action: Action) -> Self {
        Self { operation: Some(operation), ..Self::any(action) }
    }

    /// The next request goes wrong, whatever it is.
    pub fn any(action: Action) -> Self {
        Self { operation: None, times: 1, after: 0, instance_id: None, action }
    }

    /// How many requests it hits; 0 is for ever.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// How many fitting requests pass first.
    #[must_use]
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }

    /// Only requests that name this phone.
    #[must_use]
    pub fn on_phone(mut self, instance_id: impl Into<String>) -> Self {
        self.instance_id = Some(instance_id.into());
        self
    }

    /// Reads one fault or a list of them.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>, OptionsError> {
        let value: Value = serde_json::from_str(text).map_err(|error| OptionsError::new(format!("faults: {error}")))?;
        Self::list_from_value(value)
    }

    pub(crate) fn list_from_value(value: Value) -> Result<Vec<Self>, OptionsError> {
        let items = if let Value::Array(items) = value { items } else { vec![value] };
        items
            .into_iter()
            .enumerate()
            .map(|(number, item)| {
                serde_json::from_value(item).map_err(|error| OptionsError::new(format!("fault {number}: {error}")))
            })
            .collect()
    }

    fn fits(&self, operation: Operation, instance_ids: &[String]) -> bool {
        self.operation.is_none_or(|wanted| wanted == operation)
            && self.instance_id.as_ref().is_none_or(|wanted| instance_ids.contains(wanted))
    }

    fn check(&self) -> Result<(), String> {
        let status = match &self.action {
            Action::Answer { status, headers, .. } => {
                for (name, value) in headers {
                    let text = value.as_str().ok_or(format!("header `{name}` must be a text"))?;
                    if ["content-length", "transfer-encoding", "connection"]
                        .contains(&name.to_ascii_lowercase().as_str())
                    {
                        return Err(format!("header `{name}` is set by the emulator"));
                    }
                    let name_ok = http::HeaderName::from_bytes(name.as_bytes()).is_ok();
                    if !name_ok || http::HeaderValue::from_str(text).is_err() {
                        return Err(format!("header `{name}: {text}` cannot be sent"));
                    }
                }
                *status
            }
            Action::Throttle { status, .. } | Action::Html { status, .. } | Action::ErrorCode { status, .. } => *status,
            Action::Redirect { location } => {
                return http::HeaderValue::from_str(location)
                    .map(|_| ())
                    .map_err(|_| format!("location `{location}` cannot be sent in a header"));
            }
            _ => return Ok(()),
        };
        if (200..=999).contains(&status) { Ok(()) } else { Err(format!("status {status} is not in 200..=999")) }
    }
}

// Written by hand: a flattened, tagged field and "no unknown keys" do not go together in serde's derive.
impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut fields = Map::<String, Value>::deserialize(deserializer)?;
        let operation = match fields.remove("operation") {
            None => None,
            Some(Value::String(name)) if name == "any" => None,
            Some(name) => Some(
                serde_json::from_value(name)
                    .map_err(|error| D::Error::custom(format!("operation: {error} or `any`")))?,
            ),
        };
        let mut number = |key: &str, default| match fields.remove(key) {
            None => Ok(default),
            Some(value) => serde_json::from_value(value).map_err(|error| D::Error::custom(format!("{key}: {error}"))),
        };
        let (times, after) = (number("times", 1)?, number("after", 0)?);
        let instance_id = match fields.remove("instance_id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id),
            Some(_) => return Err(D::Error::custom("instance_id must be a text")),
        };
        // {"action": {"action": "cut", ...}} is understood as well as the flat form.
        if let Some(Value::Object(inner)) = fields.get("action").cloned() {
            fields.remove("action");
            fields.extend(inner);
        }
        let action = serde_json::from_value(Value::Object(fields)).map_err(D::Error::custom)?;
        let fault = Self { operation, times, after, instance_id, action };
        fault.check().map_err(D::Error::custom)?;
        Ok(fault)
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let mut value = serde_json::to_value(&self.action).map_err(S::Error::custom)?;
        if let Value::Object(fields) = &mut value {
            let operation = self.operation.map_or(Ok(Value::from("any")), serde_json::to_value);
            fields.insert("operation".to_owned(), operation.map_err(S::Error::custom)?);
            fields.insert("times".to_owned(), self.times.into());
            fields.insert("after".to_owned(), self.after.into());
            if let Some(id) = &self.instance_id {
                fields.insert("instance_id".to_owned(), id.as_str().into());
            }
        }
        value.serialize(serializer)
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) -> Result<(), OptionsError> {
        let faults: Vec<Fault> = faults.into_iter().collect();
        for fault in &faults {
            fault.check().map_err(|problem| OptionsError::new(format!("fault: {problem}")))?;
        }
        self.0.extend(faults);
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn pending(&self) -> &[Fault] {
        &self.0
    }

    /// The action for this request, counted down.
    pub(crate) fn take(&mut self, operation: Operation, instance_ids: &[String]) -> Option<Action> {
        for index in 0..self.0.len() {
            let fault = &mut self.0[index];
            if !fault.fits(operation, instance_ids) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            let action = fault.action.clone();
            match fault.times {
                0 => {}
                1 => drop(self.0.remove(index)),
                _ => fault.times -= 1,
            }
            return Some(action);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_goes_there_and_back() {
        let text = r#"[{"operation":"get_task","times":0,"after":2,"instance_id":"a","action":"cut","when":"mid_answer"},
            {"action":{"action":"garbage"}}, {"operation":"any","action":"answer","status":503,"body":{"a":1}}]"#;
        let faults = Fault::list_from_json(text).unwrap();
        assert_eq!(faults[0].action, Action::Cut { when: CutWhen::MidAnswer });
        assert_eq!((faults[0].times, faults[0].after), (0, 2));
        assert_eq!(faults[1], Fault::any(Action::Garbage {}));
        let again = Fault::list_from_json(&serde_json::to_string(&faults).unwrap()).unwrap();
        assert_eq!(again, faults);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            (r#"{"action":"garbage","tims":2}"#, "tims"),
            (r#"{"action":"explode"}"#, "explode"),
            (r#"{"operation":"runcommand","action":"garbage"}"#, "runcommand"),
            (r#"{"action":"answer","status":42}"#, "42"),
            (r#"{"action":"answer","headers":{"a b":"c"}}"#, "a b"),
            (r#"{"action":"answer","headers":{"content-length":"3"}}"#, "set by the emulator"),
            (r#"{"action":"redirect","location":"a\nb"}"#, "location"),
            (r#"{"times":1}"#, "action"),
            ("[", "faults"),
        ] {
            let message = Fault::list_from_json(text).unwrap_err().to_string();
            assert!(message.contains(word), "{text}: {message}");
        }
    }

    #[test]
    fn a_fault_counts_down_only_when_used() {
        let mut faults = Faults::default();
        faults.add([Fault::new(Operation::GetTask, Action::Garbage {}).times(2).after(1).on_phone("a")]).unwrap();
        let phone = ["a".to_owned()];
        assert_eq!(faults.take(Operation::RunCommand, &phone), None);
        assert_eq!(faults.take(Operation::GetTask, &[]), None);
        assert_eq!(faults.take(Operation::GetTask, &phone), None, "after");
        assert!(faults.take(Operation::GetTask, &phone).is_some());
        assert_eq!(faults.pending()[0].times, 1);
        assert!(faults.take(Operation::GetTask, &phone).is_some());
        assert!(faults.pending().is_empty());
    }
}
