//! Applies the fault `change` to the body of a response.

use serde_json::{Map, Value};

/// Sets and removes values by path. `is_item_of` says whether an item of a list belongs to the phone with this id. A
/// body that is not JSON is left unchanged.
pub(crate) fn change_body(
    body: Vec<u8>,
    set: &Map<String, Value>,
    remove: &[String],
    is_item_of: &dyn Fn(&Value, &str) -> bool,
) -> Vec<u8> {
    let Ok(mut json) = serde_json::from_slice::<Value>(&body) else {
        return body;
    };
    for (path, value) in set {
        apply(&mut json, path, Some(value), is_item_of);
    }
    for path in remove {
        apply(&mut json, path, None, is_item_of);
    }
    json.to_string().into_bytes()
}

/// Sets a value at the path, or removes it.
fn apply(json: &mut Value, path: &str, value: Option<&Value>, is_item_of: &dyn Fn(&Value, &str) -> bool) {
    let mut steps: Vec<String> =
        path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let Some(last) = steps.pop() else { return };
    let mut place = json;
    for step in &steps {
        let next = match place {
            Value::Object(fields) => fields.get_mut(step),
            Value::Array(items) => position(items, step, is_item_of).map(|index| &mut items[index]),
            _ => None,
        };
        let Some(next) = next else { return };
        place = next;
    }
    match (place, value) {
        (Value::Object(fields), Some(value)) => drop(fields.insert(last, value.clone())),
        (Value::Object(fields), None) => drop(fields.remove(&last)),
        (Value::Array(items), value) => match (position(items, &last, is_item_of), value) {
            (Some(index), Some(value)) => items[index] = value.clone(),
            (Some(index), None) => drop(items.remove(index)),
            (None, _) => {}
        },
        _ => {}
    }
}

fn position(items: &[Value], step: &str, is_item_of: &dyn Fn(&Value, &str) -> bool) -> Option<usize> {
    let by_id = items.iter().position(|item| is_item_of(item, step));
    by_id.or_else(|| step.parse().ok().filter(|index| *index < items.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changed(set: Value, remove: &[&str]) -> Value {
        let body = json!({"data": {"list": [{"instance_id": "a", "status": 2}, {"instance_id": "1", "status": 2}]}});
        let Value::Object(set) = set else { panic!("{set}") };
        let remove: Vec<String> = remove.iter().map(|path| (*path).to_owned()).collect();
        let bytes = change_body(body.to_string().into_bytes(), &set, &remove, &|item, id| item["instance_id"] == id);
        serde_json::from_slice::<Value>(&bytes).unwrap()["data"]["list"].clone()
    }

    #[test]
    fn steps_are_fields_ids_and_indexes() {
        let other = json!({"instance_id": "1", "status": 2});
        assert_eq!(
            changed(json!({"/data/list/a/status": 2.0}), &[]),
            json!([{"instance_id": "a", "status": 2.0}, other])
        );
        assert_eq!(changed(json!({"/data/list/0": null}), &[]), json!([null, other]));
        assert_eq!(changed(json!({"/data/list/1": true}), &[])[1], json!(true), "ids go before indexes");
        assert_eq!(
            changed(json!({"/data/list/a/new": {}}), &["/data/list/a/status"])[0],
            json!({"instance_id": "a", "new": {}})
        );
        assert_eq!(changed(json!({}), &["/data/list/a"]), json!([other]));
    }

    #[test]
    fn paths_that_lead_nowhere_change_nothing() {
        let all = changed(json!({}), &[]);
        assert_eq!(
            changed(json!({"/data/no/a": 1, "/data/list/9": 1, "/data/list/a/status/x": 1}), &["/x/y", "/x"]),
            all
        );
        assert_eq!(change_body(b"no json".to_vec(), &Map::new(), &[], &|_, _| false), b"no json");
    }
}
