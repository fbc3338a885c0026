//! For users of the official Java SDK: its methods and ours, from `docs/spec/operations.md`.

use std::fs;
use std::path::Path;

use koophone::OPERATIONS;

const SOURCE: &str = "docs/spec/operations.md";

pub(super) fn methods(root: &Path) -> Result<String, String> {
    let text = fs::read_to_string(root.join(SOURCE)).map_err(|error| format!("{SOURCE}: {error}"))?;
    // The tables of operations have the official names in their second column, the identity service's too.
    let table = text.split("## Identity service").next().unwrap_or_default();
    let rows: Vec<(&str, &str)> = table.lines().filter_map(names).collect();
    for operation in OPERATIONS {
        if !rows.iter().any(|(name, _)| *name == operation.name) {
            return Err(format!("{SOURCE} has no row for {}: add one", operation.name));
        }
    }
    let row = |(name, official): &(&str, &str)| {
        let method = lower_camel(official);
        match OPERATIONS.iter().any(|operation| operation.name == *name) {
            true => format!("| `{method}` | `{name}` | `{}` | `koophone_client_{name}` |\n", camel(name)),
            false => format!("| `{method}` | not yet | not yet | not yet |\n"),
        }
    };
    let head = "| Java SDK | Rust, Python, C++ | Node | C |\n|---|---|---|---|\n";
    Ok(head.to_owned() + &rows.iter().map(row).collect::<String>())
}

/// Our name and the Java SDK's, from a row like ``| `run_command` | SyncInvokeInstance / SyncCommand | ...``.
fn names(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.strip_prefix("| `")?.split(" | ");
    let name = cells.next()?.strip_suffix('`')?;
    Some((name, cells.next()?.split(" / ").next()?.trim()))
}

fn lower_camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_names_are_read() {
        let row = "| `run_command` | SyncInvokeInstance / SyncCommand | POST /v1 | phones |";
        assert_eq!(names(row), Some(("run_command", "SyncInvokeInstance")));
        assert_eq!(names("| Name | Official names |"), None);
        assert_eq!(
            (lower_camel("SyncInvokeInstance"), camel("run_command")),
            ("syncInvokeInstance".into(), "runCommand".into())
        );
    }
}
