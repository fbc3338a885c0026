//! Tables in documents that are generated from the core's declarations, between `<!-- generated: NAME -->` and
//! `<!-- end -->`.

mod java;
mod llms;
mod remedies;

use std::fs;
use std::path::Path;

use koophone::{CREDENTIAL_FIELDS, settings::SETTINGS};

use super::operations::OperationView;
use super::suites;

/// Name of a table, and the function that generates it.
type Table = (&'static str, fn(&Path) -> Result<String, String>);

/// Documents with their tables.
const DOCUMENTS: &[(&str, &[Table])] = &[
    ("docs/guide/src/operations.md", &[("operations", operations)]),
    ("docs/guide/src/errors.md", &[("errors", remedies::errors), ("codes", remedies::codes)]),
    ("docs/guide/src/zh/errors.md", &[("errors", remedies::errors_in_chinese), ("codes", remedies::codes_in_chinese)]),
    ("docs/guide/src/zh/credentials.md", &[("credentials", credentials_in_chinese)]),
    ("docs/guide/src/settings.md", &[("settings", settings)]),
    ("docs/guide/src/credentials.md", &[("credentials", credentials)]),
    ("docs/guide/src/java.md", &[("java", java::methods)]),
    ("tests/conformance/PROTOCOL.md", &[("calls", suites::calls)]),
];

/// The documents with up-to-date tables.
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
    let missing = || format!("has no place for the table {name}; add the lines {begin:?} and \"<!-- end -->\"");
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

fn credentials_in_chinese(_: &Path) -> Result<String, String> {
    let row = |field: &koophone::CredentialField| {
        let meaning = credential_in_chinese(field.name)
            .ok_or_else(|| format!("the credential field {} has no Chinese meaning; add one", field.name))?;
        Ok(format!("| `{}` | `{}` | {meaning} |\n", field.variable, field.name))
    };
    let rows = CREDENTIAL_FIELDS.iter().map(row).collect::<Result<String, String>>()?;
    Ok("| 环境变量 | 代码中的名称 | 含义 |\n|---|---|---|\n".to_owned() + &rows)
}

fn credential_in_chinese(field: &str) -> Option<&'static str> {
    Some(match field {
        "token" => "已有的 IAM Token（X-Auth-Token）",
        "username" => "IAM 用户名",
        "password" => "IAM 用户的密码",
        "domain" => "账号名（IAM 用户所属的账号）",
        "scope" => "Token 的范围：`project`（KooPhone 需要）或 `domain`",
        "access_key" => "访问密钥 ID（AK）",
        "secret_key" => "访问密钥（SK）",
        "security_token" => "临时访问密钥的安全令牌",
        _ => return None,
    })
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
