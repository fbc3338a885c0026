//! Validates input before anything is sent: errors say which argument, what is wrong, and what would be right.

use super::page::MAX_PAGE;
use crate::model::{Error, Result};

/// Maximum length of a user's name in characters.
pub(crate) const MAX_USER_ID: usize = 32;
/// Maximum length of a command in bytes.
pub(crate) const MAX_COMMAND: usize = 1024;
/// No document limits a task id, but a megabyte in a URL is a mistake.
const MAX_TASK_ID: usize = 256;

/// Validates a task id: opaque text, which is percent-encoded into the path later.
pub(crate) fn task_id(id: &str) -> Result<()> {
    let wrong =
        |what: &str| Err(Error::invalid("task_id", format!("{what}; pass the task id that start_command returned")));
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

/// Validates the requested page.
pub(crate) fn page(page_no: i64, page_size: i64) -> Result<()> {
    if page_no < 1 {
        return Err(Error::invalid("page_no", format!("page_no is {page_no}; pages are counted from 1")));
    }
    if !(1..=MAX_PAGE).contains(&page_size) {
        return Err(Error::invalid("page_size", format!("page_size is {page_size}; it must be 1 to {MAX_PAGE}")));
    }
    Ok(())
}

/// Validates a number with limits.
pub(crate) fn number(name: &'static str, number: i64, least: i64, most: i64) -> Result<()> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    let right = match most {
        most if most < u32::MAX.into() => format!("must be {least} to {most}"),
        _ => format!("must be {least} or more"),
    };
    Err(Error::invalid(name, format!("{name} is {number}; it {right}")))
}

/// Validates a short text: neither empty, nor longer than `most` characters, nor with control characters.
pub(crate) fn text(name: &'static str, text: &str, most: usize) -> Result<()> {
    let length = text.chars().count();
    if length == 0 || length > most {
        return Err(Error::invalid(name, format!("{name} has {length} characters; it must have 1 to {most}")));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(name, format!("{name} has a control character; remove it")));
    }
    Ok(())
}

/// Validates a time in the service's format, in UTC.
pub(crate) fn utc_time(name: &'static str, text: &str) -> Result<()> {
    let read = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text);
    if text.len() == "2026-03-01 00:00:00".len() && read.is_ok() {
        return Ok(());
    }
    let message = format!("{name} is {text:?}; it must be a time in UTC such as 2026-03-01 00:00:00");
    Err(Error::invalid(name, message))
}

/// Whether the service documents this character for commands, including the space that the documents' own example has.
pub(crate) fn is_documented(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_./:- ".contains(c)
}

/// Validates a command. `strict` allows only the documented characters.
pub(crate) fn command(command: &str, strict: bool) -> Result<()> {
    let wrong = |what: String| Err(Error::invalid("command", what));
    if command.trim().is_empty() {
        return wrong("the command is empty; pass a shell command such as: getprop ro.product.model".into());
    }
    if command.len() > MAX_COMMAND {
        return wrong(format!(
            "the command is {} bytes long and the service takes at most {MAX_COMMAND}; split it into several shorter \
                commands",
            command.len()
        ));
    }
    if command.contains('\0') {
        return wrong("the command has a NUL character; remove it".into());
    }
    if strict && let Some(bad) = command.chars().find(|&c| !is_documented(c)) {
        return wrong(format!(
            "the command has the character {bad:?}; with strict_commands only letters, digits, blank and _ . / : - \
             pass, because the service documents no others and may refuse them (KOOPHONE.API.1000)"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn the_documentation_of_a_command_says_what_is_accepted() {
        let doc = crate::operations::run_command::COMMAND[0].doc;
        for c in (' '..='~').filter(|c| !c.is_ascii_alphanumeric()) {
            let listed = doc.split('`').nth(1).is_some_and(|list| list.contains(c));
            assert_eq!(command(&format!("a{c}b"), true).is_ok(), listed, "{c:?}: {doc}");
        }
        for words in ["letters, digits, space", "1 to 1,024 bytes", "strict_commands"] {
            assert!(doc.contains(words), "{doc}");
        }
        assert!(MAX_COMMAND == 1024 && command("aZ09", true).is_ok());
        for operation in crate::operations::OPERATIONS {
            let commands = operation.params.iter().filter(|param| param.name == "command");
            assert!(commands.into_iter().all(|param| param.doc == doc), "{}", operation.name);
        }
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
