//! Tables of errors with their remedies: the core's kinds (in Chinese: `docs/spec/remedies.csv`) and the service's
//! codes in `docs/spec/error-codes.csv` (in Chinese: `docs/spec/error-codes-zh.csv`).

use std::path::Path;

use koophone::ErrorKind;
use serde::Deserialize;

const REMEDIES: &str = "docs/spec/remedies.csv";
const CODES: &str = "docs/spec/error-codes.csv";
const CODES_IN_CHINESE: &str = "docs/spec/error-codes-zh.csv";

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

#[derive(Deserialize)]
struct CodeInChinese {
    code: String,
    meaning_zh: String,
    action_zh: String,
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

/// The service's own codes.
pub(super) fn codes(root: &Path) -> Result<String, String> {
    let row = |row: &Code| {
        let (meaning, action) = (cell(&row.meaning), cell(&row.caller_action));
        format!("| `{}` | {} | {meaning} | {action} |\n", row.code, row.http_status)
    };
    let head = "| code | HTTP status | meaning | what to do |\n|---|---|---|---|\n";
    Ok(head.to_owned() + &all_codes(root)?.iter().map(row).collect::<String>())
}

/// The codes of the service, its gateway and its phones in Chinese; those of the identity service are in English only.
pub(super) fn codes_in_chinese(root: &Path) -> Result<String, String> {
    let mut chinese = read::<CodeInChinese>(root, CODES_IN_CHINESE)?;
    let mut text = "| 错误码 | HTTP 状态码 | 含义 | 处理方法 |\n|---|---|---|---|\n".to_owned();
    for code in all_codes(root)?.iter().filter(|code| is_of_the_service(&code.code)) {
        let at = chinese.iter().position(|row| row.code == code.code);
        let at = at.ok_or_else(|| format!("{CODES_IN_CHINESE} has no row for {}: add one", code.code))?;
        let row = chinese.swap_remove(at);
        let (meaning, action) = (cell(&row.meaning_zh), cell(&row.action_zh));
        text += &format!("| `{}` | {} | {meaning} | {action} |\n", code.code, code.http_status);
    }
    match chinese.first() {
        Some(row) => Err(format!("{CODES_IN_CHINESE} has a row for {}, which is not in {CODES}", row.code)),
        None => Ok(text),
    }
}

fn is_of_the_service(code: &str) -> bool {
    ["KOOPHONE.", "KPAPI.", "CPS", "APIGW.", "APIG."].iter().any(|prefix| code.starts_with(prefix))
}

/// All codes; one that is used with several statuses is listed once.
fn all_codes(root: &Path) -> Result<Vec<Code>, String> {
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
    Ok(rows)
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*").replace('<', "&lt;")
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
        Some(remedy) => Err(format!("{REMEDIES} has a row for {}, which is not a kind", remedy.kind)),
        None => Ok(found),
    }
}

fn read<T: for<'a> Deserialize<'a>>(root: &Path, path: &str) -> Result<Vec<T>, String> {
    let mut reader = csv::Reader::from_path(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
    reader.deserialize().collect::<Result<_, _>>().map_err(|error| format!("{path}: {error}"))
}
