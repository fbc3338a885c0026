//! The tables of documents that repeat what the core declares: what stands between `<!-- generated: NAME -->` and
//! `<!-- end -->`.

mod java;
mod llms;
mod remedies;

use std::fs;
use std::path::Path;

use koophone::{CREDENTIAL_FIELDS, settings::SETTINGS};

use super::operations::OperationView;
use super::suites;

/// Name of a table, and how it is made.
type Table = (&'static str, fn(&Path) -> Result<String, String>);

/// Documents with their tables.
const DOCUMENTS: &[(&str, &[Table])] = &[
    ("docs/guide/src/operations.md", &[("operations", operations)]),
    ("docs/guide/src/errors.md", &[("errors", remedies::errors), ("codes", remedies::codes)]),
    ("docs/guide/src/zh/errors.md", &[("errors", remedies::errors_in_chinese)]),
    ("docs/guide/src/settings.md", &[("settings", settings)]),
    ("docs/guide/src/credentials.md", &[("credentials", credentials)]),
    ("docs/guide/src/java.md", &[("java", java::methods)]),
    ("tests/conformance/PROTOCOL.md", &[("calls", suites::calls)]),
];

/// The documents with their tables as they must be.
pub(super) fn generate(root: &Path) -> Result<Vec<(String, String)>, String> {
    let documents = DOCUMENTS.iter().map(|(path, tables)| Ok(((*path).to_owned(), document(root, path, tables)?)));
    documents.chain([llms::list(root)]).collect()
}

fn document(root: &Path, path: &str, tables: &[Table]) -> Result<String, String> {
    let old = fs::read_to_string(root.join(path)).map_err(|e| format!("{path} cannot be read: {e}"))?;
    tables
        .iter()
        .try_fold(old, |text, (name, table)| replace(&text, name, &table(root)?).map_err(|why| format!("{path} {why}")))
}

fn replace(text: &str, name: &str, table: &str) -> Result<String, String> {
    let begin = format!("<!-- generated: {name} -->\n");
    let missing = || format!("has no place for the table {name}: put {begin:?} and \"<!-- end -->\" into it");
    let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once("<!-- end -->").ok_or_else(missing)?;
    Ok(format!("{before}{begin}{table}<!-- end -->{after}"))
}

fn operations(_: &Path) -> Result<String, String> {
    let row = |one: &OperationView| {
        let danger = match (one.destructive, one.costs_money) {
            (true, _) => " **Destroys user data.**",
            (_, true) => " **Costs money.**",
            _ => "",
        };
        let repeat = if one.idempotent { "yes" } else { "no" };
        let most = if one.max_batch > 0 { one.max_batch.to_string() } else { "–".to_owned() };
        format!("| `{}` | `{} {}` | {}{danger} | {most} | {repeat} |\n", one.name, one.method, one.path, one.doc)
    };
    let head = "| call | service call | what it does | phones per request | repeated if its outcome is unknown |\n\
                |---|---|---|---|---|\n";
    Ok(head.to_owned() + &super::operations::table().iter().map(row).collect::<String>())
}

fn settings(_: &Path) -> Result<String, String> {
    let row = |s: &koophone::settings::Setting| {
        format!("| `{}` | `{}` | {} | {} |\n", s.name, s.variable, s.default, s.about_text())
    };
    let head = "| setting | variable | default | meaning |\n|---|---|---|---|\n";
    Ok(head.to_owned() + &SETTINGS.iter().map(row).collect::<String>())
}

fn credentials(_: &Path) -> Result<String, String> {
    let row = |field: &koophone::CredentialField| {
        format!("| `{}` | `{}` | {} | {} |\n", field.variable, field.name, field.method, field.meaning)
    };
    let head = "| variable | field in code | kind | meaning |\n|---|---|---|---|\n";
    Ok(head.to_owned() + &CREDENTIAL_FIELDS.iter().map(row).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_the_place_of_the_old_one_and_its_place_must_be_there() {
        let text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n";
        assert_eq!(replace(text, "x", "new\n").unwrap(), "a\n<!-- generated: x -->\nnew\n<!-- end -->\nb\n");
        assert!(replace(text, "y", "").unwrap_err().contains("table y"));
    }
}
