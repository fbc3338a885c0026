//! Calls in a uniform form for every operation: arguments as JSON, and one type for all results.

use koophone::binding_support::next_items;
use koophone::{
    Call, Error, Listing, OPERATIONS, Operation, ParamKind, PhoneResult, PhoneResults, Result, Returns, Target, Task,
    VERBS, WAITS,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::line::Line;

/// How a call is made: blocking, awaited or started, and with which options.
pub trait Make {
    /// Makes the call.
    fn make<T: Send + 'static>(&self, call: Call<T>) -> Result<T>;

    /// Reads a whole list, one call per page.
    fn list<T: Send + 'static>(&self, listing: Listing<T>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        loop {
            let items = self.make(next_items(&listing))?;
            if items.is_empty() {
                return Ok(all);
            }
            all.extend(items);
        }
    }
}

/// Blocks the calling thread until the call is done.
pub struct Waiting;

impl Make for Waiting {
    fn make<T: Send + 'static>(&self, call: Call<T>) -> Result<T> {
        call.wait()
    }
}

/// The operation or verb behind a call's name. Operations that return pages have a second name, which ends in `_page`.
pub fn operation_of(call: &str) -> Option<&'static Operation> {
    let named =
        |name: &str| OPERATIONS.iter().chain(VERBS).chain(WAITS).copied().find(|operation| operation.name == name);
    named(call).or_else(|| {
        named(call.strip_suffix("_page")?).filter(|operation| matches!(operation.returns, Returns::Page(_)))
    })
}

/// The name under which an operation makes exactly one call: for operations that return pages, the `_page` form.
pub fn one_call(operation: &Operation) -> String {
    let form = if matches!(operation.returns, Returns::Page(_)) { "_page" } else { "" };
    format!("{}{form}", operation.name)
}

/// Arguments by name, including the target: `instance_ids`, `instance_id` or `task_id`.
#[derive(Clone, Debug, Default)]
pub struct Arguments(Map<String, Value>);

impl Arguments {
    /// Wraps the arguments.
    pub fn new(arguments: Map<String, Value>) -> Self {
        Self(arguments)
    }

    /// Reads the arguments from a line of the conformance protocol.
    pub fn of_line(operation: &Operation, line: &Line) -> Self {
        let text = |name: &str| Some(json!(line.get(name)?));
        let target = match operation.target {
            Target::Phones { .. } => Some(("instance_ids", json!(line.all("instance_id")))),
            Target::Phone => Some(("instance_id", text("instance_id").unwrap_or_else(|| json!("")))),
            Target::Task => Some(("task_id", text("task_id").unwrap_or_else(|| json!("")))),
            _ => None,
        };
        let params = operation.params.iter().filter_map(|param| {
            let value = match param.kind {
                ParamKind::Text | ParamKind::LocalPath | ParamKind::Predicate => text(param.name)?,
                ParamKind::TextPerPhone(_) if !line.get(param.name)?.starts_with('[') => text(param.name)?,
                // Invalid JSON is passed on as text, so that the call fails on its type.
                _ => serde_json::from_str(line.get(param.name)?).ok().or_else(|| text(param.name))?,
            };
            Some((param.name, value))
        });
        Self(target.into_iter().chain(params).map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The line of the conformance protocol that makes this call.
    pub fn to_line(&self, operation: &Operation) -> Line {
        let mut line = Line::new(&["call", operation.name]);
        for (name, value) in &self.0 {
            match value {
                Value::Array(ids) if name == "instance_ids" => {
                    ids.iter().for_each(|id| line.push("instance_id", id.as_str().unwrap_or_default()));
                }
                value => line.push_json(name, value),
            }
        }
        line
    }

    /// Replaces the value of one argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The value of an argument, or its default.
    pub fn get<T: DeserializeOwned>(&self, name: &str, default: Option<&str>) -> Result<T> {
        let default = default.map(|text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)));
        let value = self.0.get(name).cloned().or(default);
        let value = value.ok_or_else(|| Error::invalid(name, format!("{name} is missing")))?;
        serde_json::from_value(value).map_err(|error| Error::invalid(name, format!("{name} is wrong: {error}")))
    }
}

/// The result of one phone.
#[derive(Clone, Debug)]
pub struct Phone {
    /// The phone, if known.
    pub instance_id: Option<String>,
    /// Whether it succeeded.
    pub ok: bool,
    /// The error, if it failed.
    pub error: Option<Error>,
    /// What a command printed.
    pub output: Option<String>,
    /// The whole result.
    pub json: Value,
}

impl Phone {
    fn of<T: PhoneResult + Serialize>(result: &T) -> Self {
        Self {
            instance_id: result.instance_id().map(str::to_owned),
            ok: result.ok(),
            error: result.error().cloned(),
            output: result.output().map(str::to_owned),
            json: json!(result),
        }
    }
}

/// What an operation returned.
#[derive(Debug)]
pub enum Returned {
    /// One result per phone, and the error that `raise_for_errors` would raise.
    PerPhone(Vec<Phone>, Option<Error>),
    /// A task.
    Task(Task),
    /// A value, a page of a list, or a whole list.
    Value(Value),
    /// Success.
    Nothing,
}

impl Returned {
    pub(crate) fn per_phone<T: PhoneResult + Serialize>(results: Vec<T>) -> Self {
        Self::PerPhone(results.iter().map(Phone::of).collect(), results.raise_for_errors().err())
    }

    pub(crate) fn value<T: Serialize>(value: T) -> Self {
        Self::Value(json!(value))
    }

    /// One entry per phone in the order of the arguments, with its error if it failed. For calls without a list of
    /// phones, a single entry without an error.
    pub fn errors(&self) -> Vec<Option<Error>> {
        match self {
            Self::PerPhone(phones, raised) => {
                let error = |phone: &Phone| phone.error.clone().or_else(|| raised.clone().filter(|_| !phone.ok));
                phones.iter().map(error).collect()
            }
            Self::Task(task) => task.phones().iter().map(|phone| phone.error.clone()).collect(),
            Self::Value(_) | Self::Nothing => vec![None],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::arguments;

    #[test]
    fn arguments_survive_the_way_through_a_line() {
        for operation in OPERATIONS {
            let given = arguments(operation, &["a".to_owned(), "b".to_owned()], "task");
            let back = Arguments::of_line(operation, &given.to_line(operation));
            assert_eq!(back.0, given.0, "{}", operation.name);
        }
    }

    #[test]
    fn a_missing_argument_has_its_default() {
        let given = Arguments::new(json!({"page_no": 3}).as_object().unwrap().clone());
        assert_eq!(given.get::<i64>("page_no", Some("1")).unwrap(), 3);
        assert_eq!(given.get::<i64>("page_size", Some("100")).unwrap(), 100);
        assert_eq!(given.get::<String>("order", Some("asc")).unwrap(), "asc");
        assert_eq!(given.get::<String>("name", None).unwrap_err().argument(), Some("name"));
        assert!(given.get::<bool>("page_no", None).is_err());
    }
}
