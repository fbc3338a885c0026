//! Errors with what to do about them: the core's kinds, in Chinese with `docs/spec/remedies.csv`, and
//! `docs/spec/error-codes.csv`.

use std::path::Path;

use koophone::ErrorKind;
use serde::Deserialize;

const REMEDIES: &str = "docs/spec/remedies.csv";
const CODES: &str = "docs/spec/error-codes.csv";

#[derive(Deserialize)]
struct Remedy {
    kind: String,
    meaning_zh: String,
    remedy_zh: String,
}

#[derive(Deserialize)]
struct Code {
    http_status: String,
    code: String,
    meaning: String,
    caller_action: String,
}

pub(super) fn errors(_: &Path) -> Result<String, String> {
    let row = |kind: ErrorKind| {
        format!("| {} | `{}` | {} | {} |\n", kind.number(), kind.name(), kind.meaning(), kind.remedy())
    };
    let rows = ErrorKind::ALL.into_iter().map(row);
    Ok("| # | kind | when | what to do |\n|---|---|---|---|\n".to_owned() + &rows.collect::<String>())
}

pub(super) fn errors_in_chinese(root: &Path) -> Result<String, String> {
    let rows = remedies(root)?.into_iter().map(|(kind, remedy)| {
        format!("| {} | `{}` | {} | {} |\n", kind.number(), kind.name(), remedy.meaning_zh, remedy.remedy_zh)
    });
    Ok("| # | 类型 | 含义 | 处理方法 |\n|---|---|---|---|\n".to_owned() + &rows.collect::<String>())
}

/// The service's own codes; a code that comes with several statuses has one row.
pub(super) fn codes(root: &Path) -> Result<String, String> {
    let mut rows: Vec<Code> = Vec::new();
    for code in read::<Code>(root, CODES)? {
        match rows.iter_mut().find(|row| row.code == code.code) {
            Some(row) if !row.http_status.split(", ").any(|status| status == code.http_status) => {
                row.http_status += &format!(", {}", code.http_status);
            }
            Some(_) => {}
            None => rows.push(code),
        }
    }
    let cell = |text: &str| text.replace('|', "\\|").replace('*', "\\*").replace('<', "&lt;");
    let row = |row: &Code| {
        let (meaning, action) = (cell(&row.meaning), cell(&row.caller_action));
        format!("| `{}` | {} | {meaning} | {action} |\n", row.code, row.http_status)
    };
    let head = "| code | HTTP status | meaning | what to do |\n|---|---|---|---|\n";
    Ok(head.to_owned() + &rows.iter().map(row).collect::<String>())
}

/// Every kind with its remedy in Chinese.
fn remedies(root: &Path) -> Result<Vec<(ErrorKind, Remedy)>, String> {
    let mut remedies = read::<Remedy>(root, REMEDIES)?;
    let of = |kind: &ErrorKind| {
        let at = remedies.iter().position(|remedy| remedy.kind == kind.name());
        let at = at.ok_or_else(|| format!("{REMEDIES} has no row for the kind {}: add one", kind.name()))?;
        Ok((*kind, remedies.swap_remove(at)))
    };
    let found = ErrorKind::ALL.iter().map(of).collect::<Result<Vec<_>, String>>()?;
    match remedies.first() {
        Some(remedy) => Err(format!("{REMEDIES} has a row for {}, which is no kind", remedy.kind)),
        None => Ok(found),
    }
}

fn read<T: for<'a> Deserialize<'a>>(root: &Path, path: &str) -> Result<Vec<T>, String> {
    let mut reader = csv::Reader::from_path(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
    reader.deserialize().collect::<Result<_, _>>().map_err(|error| format!("{path}: {error}"))
}
