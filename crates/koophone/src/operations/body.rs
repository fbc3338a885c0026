//! The bodies of requests.

use bytes::Bytes;
use serde::Serialize;

use crate::model::{Error, InstanceId, Result};

/// A body that says nothing but which phones it is about.
#[derive(Serialize)]
pub(crate) struct InstanceIds<'a> {
    pub instance_ids: &'a [InstanceId],
}

/// The same for one phone.
#[derive(Serialize)]
pub(crate) struct OneInstance<'a> {
    pub instance_id: &'a InstanceId,
}

/// The phone of an operation whose requests name one.
pub(crate) fn only(phones: &[InstanceId]) -> Result<&InstanceId> {
    phones.first().ok_or_else(|| Error::internal("a batch without a phone"))
}

/// A body as JSON.
pub(crate) fn json(body: &impl Serialize) -> Result<Bytes> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|e| Error::internal("a request cannot be written as JSON").caused_by(&e))
}

/// Room for a usual batch, so that the buffer does not grow step by step.
const ROOM: usize = 2048;

/// What an operation says that says nothing but which phones it is about.
#[derive(Serialize)]
pub(crate) struct NothingElse {}

/// An object with the ids of phones, and the fields of `rest`, which is an object too.
///
/// serde_json looks at every byte of a text, which for the ids was a tenth of a call's work. There is nothing to be found:
/// an id with anything that JSON escapes was refused.
pub(crate) fn over_phones(ids: &[InstanceId], rest: &impl Serialize) -> Result<Bytes> {
    debug_assert!(!ids.is_empty());
    let mut json = Vec::with_capacity(ROOM);
    json.extend_from_slice(br#"{"instance_ids":[""#);
    for id in ids {
        json.extend_from_slice(id.as_str().as_bytes());
        json.extend_from_slice(br#"",""#);
    }
    // What stands between two ids stands behind the last one too.
    json.truncate(json.len() - 2);
    json.push(b']');
    let end = json.len();
    serde_json::to_writer(&mut json, rest)
        .map_err(|e| Error::internal("a request cannot be written as JSON").caused_by(&e))?;
    // Where the other object begins, this one goes on; or ends, if there is nothing in it.
    if json[end..] == *b"{}" {
        json.remove(end);
    } else {
        json[end] = b',';
    }
    Ok(json.into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_body_has_the_ids_and_the_rest() {
        let read = |ids: &[&str], rest: Value| -> Value {
            let ids: Vec<_> = ids.iter().map(|id| InstanceId::new(id).unwrap()).collect();
            serde_json::from_slice(&over_phones(&ids, &rest).unwrap()).unwrap()
        };
        assert_eq!(read(&["a"], json!({})), json!({"instance_ids": ["a"]}));
        let rest = json!({"command": "echo \"{}\" \u{1f600}\n", "more": [{}]});
        let expected = json!({"instance_ids": ["a-1", "B_2"], "command": rest["command"], "more": [{}]});
        assert_eq!(read(&["a-1", "B_2"], rest), expected);
        let nothing_else = over_phones(&[InstanceId::new("a").unwrap()], &NothingElse {}).unwrap();
        assert_eq!(nothing_else, &br#"{"instance_ids":["a"]}"#[..]);
    }
}
