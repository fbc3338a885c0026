//! Names in C and C++.

use minijinja::Environment;

use crate::generate::template::pascal;

/// The error: opaque, because it is kept longest and its fields change most.
pub const ERROR: &str = "ErrorDetails";

/// `CommandResult` as `command_result`.
pub fn snake(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// The C type of a structure or enumeration.
pub fn c_type(name: &str) -> String {
    if name == ERROR { "koophone_error".into() } else { format!("koophone_{}", snake(name)) }
}

/// `JobState`, `succeeded` as `KOOPHONE_JOB_STATE_SUCCEEDED`; levels of the log are `KOOPHONE_LOG_INFO` and the like.
pub fn c_constant(of: &str, variant: &str) -> String {
    let of = if of == "LogLevel" { "Log" } else { of };
    format!("{}_{variant}", c_type(of)).to_ascii_uppercase()
}

/// The number of an enumeration's first value. No log level is 0, which means off in the core.
pub fn first_number(of: &str) -> usize {
    usize::from(of == "LogLevel")
}

/// `status` as `statuses`, `identity` as `identities`, `CommandResult` as `CommandResults`.
pub fn plural(word: &str) -> String {
    if word.ends_with('s') {
        format!("{word}es")
    } else if let Some(stem) = word.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{word}s")
    }
}

/// `video_settings` as `video_setting`.
pub fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// The last word of a type: `DeviceAuthorization` as `authorization`.
pub fn last_word(name: &str) -> String {
    snake(name).rsplit('_').next().unwrap_or_default().to_owned()
}

/// A Rust integer in C++: `u32` as `std::uint32_t`.
pub fn cpp_integer(rust: &str) -> String {
    let (kind, bits) = rust.split_at(1);
    format!("std::{}int{bits}_t", if kind == "u" { "u" } else { "" })
}

/// An argument in C++: a reserved word gets an underscore, as with cbindgen.
pub fn cpp_name(name: &str) -> String {
    const KEPT: &[&str] = &["class", "default", "delete", "export", "namespace", "new", "operator", "template", "this"];
    if KEPT.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// A variant in Rust's spelling.
pub fn rust_variant(name: &str) -> String {
    pascal(name)
}

/// The filters that templates of C and C++ use besides those of every language.
pub fn add_filters(environment: &mut Environment<'_>) {
    environment.add_filter("c_type", |name: &str| c_type(name));
    environment.add_filter("cpp_name", |name: &str| cpp_name(name));
    environment.add_filter("plural", |name: &str| plural(name));
    environment.add_filter("singular", |name: &str| singular(name).to_owned());
    environment.add_filter("last_word", |name: &str| last_word(name));
    environment.add_filter("snake", |name: &str| snake(name));
    environment.add_filter("c_integer", |rust: &str| cpp_integer(rust).trim_start_matches("std::").to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_their_plurals_are_spelt() {
        assert_eq!(c_type("TaskPhone"), "koophone_task_phone");
        assert_eq!(c_constant("JobState", "succeeded"), "KOOPHONE_JOB_STATE_SUCCEEDED");
        assert_eq!(c_constant("LogLevel", "info"), "KOOPHONE_LOG_INFO");
        for (one, several) in [("status", "statuses"), ("identity", "identities"), ("JobResult", "JobResults")] {
            assert_eq!(plural(one), several);
        }
        assert_eq!(last_word("DeviceAuthorization"), "authorization");
        assert_eq!(cpp_integer("u16"), "std::uint16_t");
        assert_eq!((cpp_name("namespace"), cpp_name("key")), ("namespace_".to_owned(), "key".to_owned()));
    }
}
