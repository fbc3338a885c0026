//! Refusing bad input before anything is sent: which argument, what is wrong, what would be right.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::instance_id::InstanceId;

/// Longest command in bytes.
pub(crate) const MAX_COMMAND: usize = 1024;
/// No document limits a task id, but a megabyte in a URL is a mistake.
const MAX_TASK_ID: usize = 256;

/// The phones of a call: each once, and where each stood in the caller's list.
#[derive(Debug)]
pub(crate) struct Phones {
    /// Without repeats, in the order first named.
    pub unique: Vec<InstanceId>,
    /// For each position of the caller's list the index in `unique`; empty when there were no repeats.
    positions: Vec<usize>,
}

impl Phones {
    /// Checks a caller's list. A phone named twice is asked once: repeating a tap is not what a slip in a list means.
    pub fn new(given: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let given = given.into_iter();
        let mut ids = Vec::with_capacity(given.size_hint().0);
        for id in given {
            ids.push(InstanceId::new(id.as_ref()).map_err(|error| {
                error.with(|d| d.message = format!("phone {} of the list: {}", ids.len() + 1, d.message))
            })?);
        }
        if ids.is_empty() {
            return Err(Error::invalid("instance_ids", "the list of phones is empty; name at least one instance id"));
        }
        // Lists without repeats, which is nearly all, are told by sorting: cheaper than a map.
        let mut sorted: Vec<&str> = ids.iter().map(InstanceId::as_str).collect();
        sorted.sort_unstable();
        if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
            return Ok(Self { unique: ids, positions: Vec::new() });
        }
        let mut first = HashMap::with_capacity(ids.len());
        let mut positions = Vec::with_capacity(ids.len());
        let mut unique = Vec::with_capacity(ids.len());
        for id in &ids {
            let next = unique.len();
            let index = *first.entry(id.as_str()).or_insert(next);
            if index == next {
                unique.push(*id);
            }
            positions.push(index);
        }
        Ok(Self { unique, positions })
    }

    /// Spreads one answer per unique phone over the caller's positions.
    pub fn spread<T: Clone>(&self, answers: Vec<T>) -> Vec<T> {
        if self.positions.is_empty() {
            return answers;
        }
        self.positions.iter().map(|&index| answers[index].clone()).collect()
    }
}

/// Checks a task id: opaque text, percent-encoded into the path later.
pub(crate) fn task_id(id: &str) -> Result<()> {
    let wrong =
        |what: &str| Err(Error::invalid("task_id", format!("{what}; pass the task id that start_command gave")));
    if id.is_empty() {
        return wrong("the task id is empty");
    }
    if id.len() > MAX_TASK_ID {
        return wrong("the task id is longer than 256 bytes");
    }
    if id == "." || id == ".." || id.contains('/') {
        return wrong("the task id would change the path of the request");
    }
    if id.chars().any(char::is_control) {
        return wrong("the task id has a control character");
    }
    Ok(())
}

/// Checks a command. `strict` adds the documented list of characters, with the blank that the documents' own example has.
pub(crate) fn command(command: &str, strict: bool) -> Result<()> {
    let wrong = |what: String| Err(Error::invalid("command", what));
    if command.trim().is_empty() {
        return wrong("the command is empty; pass a shell command such as: getprop ro.product.model".into());
    }
    if command.len() > MAX_COMMAND {
        return wrong(format!(
            "the command is {} bytes long and the service takes at most {MAX_COMMAND}; split it into several shorter commands",
            command.len()
        ));
    }
    if command.contains('\0') {
        return wrong("the command has a NUL character; remove it".into());
    }
    if strict {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_./:- ".contains(c);
        if let Some(bad) = command.chars().find(|&c| !allowed(c)) {
            return wrong(format!(
                "the command has the character {bad:?}; with strict_commands only letters, digits, blank and _ . / : - pass, because the service \
                 documents no others and may refuse them (KOOPHONE.API.1000)"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_id_is_named_by_its_place() {
        let error = Phones::new(["ok", "a/b"]).unwrap_err();
        assert!(error.message().starts_with("phone 2 of the list: "), "{error}");
    }

    // docs/spec/wire-notes.md#26
    #[test]
    fn empty_lists_are_refused_and_repeats_are_asked_once() {
        assert_eq!(Phones::new([""; 0]).unwrap_err().argument(), Some("instance_ids"));
        let phones = Phones::new(["b", "a", "b"]).unwrap();
        assert_eq!(phones.unique.iter().map(InstanceId::as_str).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(phones.spread(vec![1, 2]), [1, 2, 1]);
    }

    // docs/spec/wire-notes.md#23, #24
    #[test]
    fn commands_are_counted_in_bytes_and_checked_strictly_on_request() {
        assert!(command("ls -l /system", true).is_ok());
        assert!(command("echo \"a\" | grep b", false).is_ok());
        assert!(command("echo a | grep b", true).unwrap_err().message().contains("'|'"));
        assert!(command(&"a".repeat(1024), false).is_ok());
        assert!(command(&"a".repeat(1025), false).is_err());
        assert!(command(&"é".repeat(512), false).is_ok());
        assert!(command(&"é".repeat(513), false).unwrap_err().message().contains("1026 bytes"));
        assert!(command("a\0b", false).is_err());
        assert!(command("  ", false).is_err());
    }

    // docs/spec/wire-notes.md#47
    #[test]
    fn task_ids_are_opaque() {
        for good in ["6837531fd3f54550927b930180a706bf", "RM_6837531fd3f54550927b930180a706bf", "ZGCA.x y"] {
            assert!(task_id(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a\n"] {
            assert!(task_id(bad).is_err(), "{bad:?}");
        }
    }
}
