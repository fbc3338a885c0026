//! Finds the operation and the phones of a request.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::TABLE;
use crate::operation::{Operation, Phones};
use crate::wire::received::Received;

/// An operation and the id its path carries, decoded; empty where the path has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) operation: Operation,
    pub(crate) path_id: String,
}

/// Finds the operation. A wrong method for a known path is unknown, as the gateway's table says for APIGW.0101.
pub(crate) fn route(method: &str, path: &str) -> Route {
    let of_method = TABLE.iter().map(|(operation, _)| *operation).filter(|operation| operation.0.method == method);
    let found = of_method.filter_map(|operation| Some((operation, path_id(operation.0.path, path)?))).next();
    let (operation, id) = found.unwrap_or((Operation::Unknown, ""));
    Route { operation, path_id: percent_decode_str(id).decode_utf8_lossy().into_owned() }
}

/// The id in a path that matches the pattern; empty if the pattern has no place for one.
fn path_id<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let (mut parts, mut id) = (path.split('/'), "");
    for wanted in pattern.split('/') {
        let part = parts.next()?;
        if wanted.starts_with('{') && !part.is_empty() {
            id = part;
        } else if wanted != part {
            return None;
        }
    }
    parts.next().is_none().then_some(id)
}

/// The phones that a request names, as far as known: faults and the log need them even for refused requests.
pub(crate) fn named_phones(received: &Received, route: &Route) -> Vec<String> {
    match route.operation.0.phones {
        Phones::None | Phones::OfTask => Vec::new(),
        Phones::InPath => vec![route.path_id.clone()],
        Phones::InBody(field) => received.json().map(|body| ids_in(&body[field])).unwrap_or_default(),
    }
}

fn ids_in(value: &Value) -> Vec<String> {
    match value {
        Value::String(id) => vec![id.clone()],
        Value::Array(items) => items.iter().flat_map(ids_in).collect(),
        Value::Object(item) => item.get("instance_id").map(ids_in).unwrap_or_default(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_operations() {
        assert_eq!(route("POST", "/v1/instances/a44uhlf7/auth").path_id, "a44uhlf7");
        let task = route("GET", "/v1/instances/tasks/RM%5F1%2Fx");
        assert_eq!((task.operation, task.path_id.as_str()), (Operation::GetTask, "RM_1/x"));
        for (method, path) in [
            ("GET", "/v1/instances/sync-command"),
            ("POST", "/instances/sync-command"),
            ("POST", "/v1/instances/sync-command/"),
            ("POST", "/v1/instances//auth"),
            ("GET", "/v1/instances/tasks/"),
            ("GET", "/"),
        ] {
            assert_eq!(route(method, path).operation, Operation::Unknown, "{method} {path}");
        }
    }

    #[test]
    fn every_operation_is_found_by_its_path_and_by_its_name() {
        for (operation, _) in TABLE {
            let path = operation.0.path.replace(['{', '}'], "");
            assert_eq!(route(operation.0.method, &path).operation, *operation);
            assert_eq!(serde_json::from_value::<Operation>(operation.name().into()).unwrap(), *operation);
        }
    }

    #[test]
    fn phones_are_found_in_every_form_of_a_body() {
        let ids = |value: Value| ids_in(&value);
        assert_eq!(ids(serde_json::json!("a")), ["a"]);
        assert_eq!(
            ids(serde_json::json!(["a", 1, {"instance_id": "b", "user_id": "c"}, {"user_id": "d"}])),
            ["a", "b"]
        );
        assert!(ids(Value::Null).is_empty());
    }
}
