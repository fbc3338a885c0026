//! The methods of [`Emulator`] by name, with arguments and results as JSON: one entry point for all language bindings.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::emulator::Emulator;
use crate::error::OptionsError;
use crate::fault::Fault;
use crate::rule::Rule;

impl Emulator {
    /// Calls a method of the description's `METHODS`, or one that returns credentials, environment or phones.
    /// `arguments` is a JSON list; the result is JSON, `null` where there is none. For the language bindings only.
    #[doc(hidden)]
    pub fn call(&self, method: &str, arguments: &str) -> Result<String, OptionsError> {
        let given = Arguments { method, list: read(method, arguments)? };
        match method {
            "add_faults" => self.add_faults(Fault::list_from_value(given.get(0)?)?)?,
            "clear_faults" => self.clear_faults(),
            "add_rules" => self.add_rules(Rule::list_from_json(&given.get::<Value>(0)?.to_string())?)?,
            "clear_rules" => self.clear_rules(),
            "clear_journal" => self.clear_journal(),
            "clear_requests" => self.clear_requests(),
            "advance" => self.advance(given.milliseconds(0)?),
            "expire_tokens" => self.expire_tokens(),
            "stop" => self.stop(),
            "set_free_machines" => self.set_free_machines(given.get(0)?),
            _ => return self.ask(&given),
        }
        Ok("null".to_owned())
    }

    fn ask(&self, given: &Arguments<'_>) -> Result<String, OptionsError> {
        match given.method {
            "endpoint" => text(&self.endpoint()),
            "is_running" => text(&self.is_running()),
            "pending_faults" => text(&self.pending_faults()),
            "journal" => match given.get::<Option<String>>(0)? {
                Some(instance_id) => text(&self.journal_of(&instance_id)),
                None => text(&self.journal()),
            },
            "requests" => text(&self.requests()),
            "now_ms" => text(&self.now_ms()),
            "start_stream" => text(&self.start_stream(&given.get::<String>(0)?)),
            "set_frozen" => text(&self.set_frozen(&given.get::<String>(0)?, given.get(1)?)),
            "pay_order" => text(&self.pay_order(&given.get::<String>(0)?)),
            "set_phone_state" => text(&self.set_phone_state(&given.get::<String>(0)?, given.get(1)?)),
            "phone" => text(&self.phone(&given.get::<String>(0)?)),
            "phone_ids" => text(&self.instance_ids()),
            "credentials" => text(self.credentials()),
            "environment" => text(&self.environment().into_iter().collect::<BTreeMap<_, _>>()),
            method => Err(OptionsError::new(format!("the emulator has no method {method}"))),
        }
    }
}

struct Arguments<'a> {
    method: &'a str,
    list: Vec<Value>,
}

impl Arguments<'_> {
    /// An argument; null if it is missing.
    fn get<T: DeserializeOwned>(&self, place: usize) -> Result<T, OptionsError> {
        let value = self.list.get(place).cloned().unwrap_or_default();
        serde_json::from_value(value)
            .map_err(|error| OptionsError::new(format!("{}: argument {}: {error}", self.method, place + 1)))
    }

    fn milliseconds(&self, place: usize) -> Result<Duration, OptionsError> {
        Duration::try_from_secs_f64(self.get::<f64>(place)? / 1000.0)
            .map_err(|error| OptionsError::new(format!("{}: {error}", self.method)))
    }
}

fn read(method: &str, arguments: &str) -> Result<Vec<Value>, OptionsError> {
    serde_json::from_str(arguments).map_err(|error| OptionsError::new(format!("{method}: {error}")))
}

fn text(value: &impl Serialize) -> Result<String, OptionsError> {
    serde_json::to_string(value).map_err(|error| OptionsError::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    #[test]
    fn methods_are_called_by_name() {
        let emulator = Emulator::start(Options { phones: 1, ..Options::default() }).unwrap();
        let call = |method: &str, arguments: Value| emulator.call(method, &arguments.to_string());
        let fault = serde_json::json!([[{"operation": "run_command", "action": "throttle"}]]);
        assert_eq!(call("add_faults", fault).unwrap(), "null");
        let pending: Vec<Value> = serde_json::from_str(&call("pending_faults", Value::Array(vec![])).unwrap()).unwrap();
        assert_eq!(pending.len(), 1);
        let id = emulator.instance_ids()[0].clone();
        assert_eq!(call("set_phone_state", serde_json::json!([id, 4])).unwrap(), "true");
        assert_eq!(call("set_phone_state", serde_json::json!(["none", 4])).unwrap(), "false");
        let before = emulator.now_ms();
        assert_eq!(call("advance", serde_json::json!([1500.5])).unwrap(), "null");
        assert!(emulator.now_ms() >= before + 1500);
        assert_eq!(call("phone", serde_json::json!(["none"])).unwrap(), "null");
        assert_eq!(
            call("journal", serde_json::json!([null])).unwrap(),
            call("journal", serde_json::json!([])).unwrap()
        );
    }

    #[test]
    fn what_cannot_be_called_is_refused_with_the_reason() {
        let emulator = Emulator::start(Options::default()).unwrap();
        for (method, arguments, why) in [
            ("phone", "[1]", "phone: argument 1: invalid type"),
            ("advance", "[-1]", "advance: "),
            ("advance", "[]", "advance: argument 1"),
            ("add_faults", r#"[[{"action": "sing"}]]"#, "fault 0"),
            ("journal", "no list", "journal: "),
            ("sing", "[]", "no method sing"),
        ] {
            let error = emulator.call(method, arguments).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[cfg(feature = "describe")]
    #[test]
    fn every_described_method_can_be_called() {
        use crate::describe::METHODS;

        let emulator = Emulator::start(Options::default()).unwrap();
        for method in METHODS {
            let called = emulator.call(method.name, "[]");
            assert!(!called.is_err_and(|error| error.to_string().contains("no method")), "{}", method.name);
        }
    }
}
