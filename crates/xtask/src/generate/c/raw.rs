//! `tests/fuzz/src/bin/c_strings/functions.rs`: the functions of koophone.h as C declares them, for the fuzz target that passes
//! pointers which the Rust types of bindings/c cannot have.

use std::fmt::Write;

use regex::Regex;

use super::names::MARK;

/// The declarations, read from the header.
pub fn declarations(header: &str) -> Result<String, String> {
    let pattern = |text: &str| Regex::new(text).map_err(|error| error.to_string());
    let types = pattern(r"(?m)^(?:typedef struct \w+ |\} |typedef void \(\*)(koophone_\w+)\)?(?:;|\()")?;
    let functions = pattern(r"(?m)^([a-z][a-z0-9_ ]*?[ *]+(?:const \*)?)(koophone_\w+)\(([^;]*)\);")?;
    let mut names: Vec<&str> =
        types.captures_iter(header).filter_map(|found| found.get(1)).map(|name| name.as_str()).collect();
    names.sort_unstable();
    let mut text = format!("// {MARK}\n\n//! The functions of koophone.h, as C declares them.\n");
    text += "#![allow(dead_code, unused_imports, reason = \"not every function has a target\")]\n\
             #![allow(improper_ctypes, reason = \"handles are only pointed to\")]\n\n";
    text += "use std::ffi::{c_char, c_void};\n\n";
    let _ = writeln!(text, "pub use koophone_c::entry_points::{{{}}};\n\nunsafe extern \"C\" {{", names.join(", "));
    let mut count = 0;
    for found in functions.captures_iter(header) {
        count += 1;
        let arguments: Vec<String> =
            found[3].split(',').map(str::trim).filter(|one| *one != "void").map(argument).collect();
        let pointers = arguments.iter().any(|one| one.contains('*'));
        let safety = if pointers { "" } else { "safe " };
        let result = match rust_type(&found[1]).as_str() {
            "c_void" => String::new(),
            result => format!(" -> {result}"),
        };
        let _ = writeln!(text, "    pub {safety}fn {}({}){result};", &found[2], arguments.join(", "));
    }
    text += "}\n";
    if count < 50 || names.len() < 20 {
        return Err(format!("{count} functions and {} types were read from koophone.h", names.len()));
    }
    Ok(text)
}

/// `const char *text` as `text: *const c_char`.
fn argument(declared: &str) -> String {
    let at = declared.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    format!("{}: {}", &declared[at..], rust_type(&declared[..at]))
}

/// `const char *const *` as `*const *const c_char`.
fn rust_type(declared: &str) -> String {
    let mut levels = declared.split('*');
    let base = levels.next().unwrap_or_default();
    let mut is_const = base.split_whitespace().any(|word| word == "const");
    let mut rust = match base.split_whitespace().last().unwrap_or_default() {
        "char" => "c_char".to_owned(),
        "void" => "c_void".to_owned(),
        "size_t" => "usize".to_owned(),
        other => match other.strip_suffix("_t") {
            Some(number) => number.replace("uint", "u").replace("int", "i"),
            None => other.to_owned(),
        },
    };
    for level in levels {
        rust = format!("*{} {rust}", if is_const { "const" } else { "mut" });
        is_const = level.trim() == "const";
    }
    rust
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_types_are_read() {
        for (c, rust) in [
            ("const char *const *ids", "ids: *const *const c_char"),
            ("koophone_error **err", "err: *mut *mut koophone_error"),
            ("const koophone_call *call", "call: *const koophone_call"),
            ("uint64_t timeout_ms", "timeout_ms: u64"),
            ("size_t *count", "count: *mut usize"),
            ("koophone_log_function function", "function: koophone_log_function"),
        ] {
            assert_eq!(argument(c), rust);
        }
    }
}
