//! Faults: what goes wrong, with which calls, and how often.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::action::Action;
use crate::error::OptionsError;
use crate::operation::Operation;

/// One entry of the fault queue.
///
/// As JSON it is one flat object; everything but `action` is optional:
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
/// A request uses only the first matching fault of the queue whose `after` is used up.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Fault {
    /// The operation; `None` ("any" in JSON) is every request, also one to an unknown path.
    #[cfg_attr(feature = "describe", schemars(with = "OperationOrAny", default))]
    pub operation: Option<Operation>,
    /// How many requests it affects; 0 for no limit.
    #[cfg_attr(feature = "describe", schemars(default = "once"))]
    pub times: u32,
    /// How many matching requests pass unaffected first.
    #[cfg_attr(feature = "describe", schemars(default))]
    pub after: u32,
    /// Only requests that name this phone.
    pub instance_id: Option<String>,
    /// The effect.
    #[cfg_attr(feature = "describe", schemars(flatten))]
    pub action: Action,
}

#[cfg(feature = "describe")]
fn once() -> u32 {
    1
}

/// The JSON form of a fault's `operation`.
#[cfg(feature = "describe")]
#[derive(schemars::JsonSchema)]
#[serde(untagged, rename_all = "snake_case")]
#[allow(dead_code, reason = "for its description only")]
enum OperationOrAny {
    Operation(Operation),
    Any(AnyOperation),
}

#[cfg(feature = "describe")]
#[derive(schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "for its description only")]
enum AnyOperation {
    /// Every request.
    Any,
}

impl Fault {
    /// A fault for the next call of this operation.
    pub fn new(operation: Operation, action: Action) -> Self {
        Self { operation: Some(operation), ..Self::any(action) }
    }

    /// A fault for the next request of any operation.
    pub fn any(action: Action) -> Self {
        Self { operation: None, times: 1, after: 0, instance_id: None, action }
    }

    /// How many requests it affects; 0 for no limit.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// How many matching requests pass unaffected first.
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
        let named = self.action.named_phones();
        self.operation.is_none_or(|wanted| wanted == operation)
            && self.instance_id.as_ref().is_none_or(|wanted| instance_ids.contains(wanted))
            && (named.is_empty() || named.iter().any(|id| instance_ids.contains(id)))
    }

    /// Refuses faults that cannot be sent, or could never match a request.
    fn check(&self, is_phone: impl Fn(&str) -> bool) -> Result<(), String> {
        self.action.check()?;
        let mut phones = self.instance_id.iter().chain(self.action.named_phones()).peekable();
        if let (Some(_), Some(operation)) = (phones.peek(), self.operation)
            && !operation.names_phones()
        {
            return Err(format!("{} names no phones, so the fault could never match", operation.name()));
        }
        match phones.find(|id| !is_phone(id)) {
            Some(id) => Err(format!("`{id}` is not the id of a phone of this emulator")),
            None => Ok(()),
        }
    }
}

// Written by hand: serde's derive does not support `deny_unknown_fields` with a flattened, tagged field.
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
            Some(_) => return Err(D::Error::custom("instance_id must be a string")),
        };
        // {"action": {"action": "cut", ...}} is accepted as well as the flat form.
        if let Some(Value::Object(inner)) = fields.get("action").cloned() {
            fields.remove("action");
            fields.extend(inner);
        }
        let action: Action = serde_json::from_value(Value::Object(fields)).map_err(|error| {
            let text = error.to_string();
            // The queue's own fields were removed before, so serde does not list them.
            let more = if text.contains("unknown field") {
                "; every fault also takes `operation`, `times`, `after` and `instance_id`"
            } else {
                ""
            };
            D::Error::custom(format!("{text}{more}"))
        })?;
        action.check().map_err(D::Error::custom)?;
        Ok(Self { operation, times, after, instance_id, action })
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
    /// Adds all of them, or none if one is invalid.
    pub(crate) fn add(
        &mut self,
        faults: impl IntoIterator<Item = Fault>,
        is_phone: impl Fn(&str) -> bool,
    ) -> Result<(), OptionsError> {
        let faults: Vec<Fault> = faults.into_iter().collect();
        for (number, fault) in faults.iter().enumerate() {
            fault.check(&is_phone).map_err(|problem| OptionsError::new(format!("fault {number}: {problem}")))?;
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

    /// The action for this request, decrementing its count.
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
    use crate::action::CutWhen;

    #[test]
    fn json_survives_a_round_trip() {
        let text = r#"[{"operation":"get_task","times":0,"after":2,"instance_id":"a","action":"cut","when":"mid_response"},
            {"action":{"action":"garbage"}}, {"operation":"any","action":"response","status":503,"body":{"a":1}}]"#;
        let faults = Fault::list_from_json(text).unwrap();
        assert_eq!(faults[0].action, Action::Cut { when: CutWhen::MidResponse });
        assert_eq!((faults[0].times, faults[0].after), (0, 2));
        assert_eq!(faults[1], Fault::any(Action::Garbage {}));
        let again = Fault::list_from_json(&serde_json::to_string(&faults).unwrap()).unwrap();
        assert_eq!(again, faults);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            (r#"{"action":"garbage","tims":2}"#, "tims"),
            (r#"{"action":"garbage","tims":2}"#, "`operation`, `times`, `after` and `instance_id`"),
            (r#"{"action":"change","set":{"token":1}}"#, "must begin with"),
            (r#"{"action":"refuse_phones","instance_ids":[],"code":"CPS0005"}"#, "at least one phone"),
            (r#"{"action":"response","headers":{"X-A":1}}"#, "text or null"),
            (r#"{"action":"explode"}"#, "explode"),
            (r#"{"operation":"runcommand","action":"garbage"}"#, "runcommand"),
            (r#"{"action":"response","status":42}"#, "42"),
            (r#"{"action":"response","headers":{"a b":"c"}}"#, "a b"),
            (r#"{"action":"response","headers":{"content-length":"3"}}"#, "set by the emulator"),
            (r#"{"action":"redirect","location":"a\nb"}"#, "location"),
            (r#"{"times":1}"#, "action"),
            ("[", "faults"),
        ] {
            let message = Fault::list_from_json(text).unwrap_err().to_string();
            assert!(message.contains(word), "{text}: {message}");
        }
    }

    #[test]
    fn a_fault_that_could_never_match_is_refused() {
        let is_phone = |id: &str| id == "a";
        for (text, words) in [
            (r#"{"instance_id":"b","action":"garbage"}"#, "`b` is not the id of a phone"),
            (r#"{"action":"refuse_phones","instance_ids":["a","c"],"code":"CPS0005"}"#, "`c` is not the id"),
            (r#"{"operation":"create_token","instance_id":"a","action":"garbage"}"#, "create_token names no phones"),
        ] {
            let mut faults = Faults::default();
            let message = faults.add(Fault::list_from_json(text).unwrap(), is_phone).unwrap_err().to_string();
            assert!(message.contains(words), "{text}: {message}");
            assert!(faults.pending().is_empty());
        }
        let good = r#"{"operation":"get_task","instance_id":"a","action":"garbage"}"#;
        Faults::default().add(Fault::list_from_json(good).unwrap(), is_phone).unwrap();
    }

    #[test]
    fn a_fault_counts_down_only_when_used() {
        let mut faults = Faults::default();
        faults
            .add([Fault::new(Operation::GetTask, Action::Garbage {}).times(2).after(1).on_phone("a")], |_| true)
            .unwrap();
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
