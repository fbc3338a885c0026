//! The JSON writers of the conformance runners: every field of every type, so that the judge misses none that C or C++
//! cannot reach.

use std::fmt::Write;

use super::names::{ERROR, MARK, c_type, is_error, is_kind, snake};
use crate::generate::{Description, Field, FieldKind, StructType};

/// Structures, each after those that it holds, the error among them.
fn ordered(description: &Description) -> Vec<&StructType> {
    let position = |name: &str| match name {
        "JobResult" => 1,
        "TaskStatus" | "DeviceAuthorization" => 2,
        _ => 0,
    };
    let mut all: Vec<&StructType> = description.structs.iter().collect();
    all.sort_by_key(|one| position(&one.name));
    all
}

/// `tests/conformance/c/model_json.h`.
pub fn c(description: &Description) -> String {
    let mut text = format!(
        "/* {MARK} */\n\n#ifndef MODEL_JSON_H\n#define MODEL_JSON_H\n\n#include \"json.h\"\n#include \"koophone.h\"\n\n"
    );
    for one in &description.structs {
        let _ = writeln!(text, "static void json_{}(FILE *out, const {} *value);", snake(&one.name), c_type(&one.name));
    }
    for one in ordered(description) {
        let error = one.name == ERROR;
        let _ =
            writeln!(text, "\nstatic void json_{}(FILE *out, const {} *value) {{", snake(&one.name), c_type(&one.name));
        if error {
            text += "    size_t count = 0;\n";
        }
        for (number, field) in one.fields.iter().enumerate() {
            let mark = if number == 0 { "{" } else { "," };
            let key = format!("fputs(\"{mark}\\\"{}\\\":\", out);", field.name);
            let line = if error { c_error_field(field) } else { c_field(field) };
            if field.name == "last_jobs" {
                let _ = writeln!(
                    text,
                    "    {line}\n    if (count > 0) {{\n        {key}\n        {};\n    }}",
                    c_array("JobResult", "last_jobs", "count")
                );
            } else {
                let _ = writeln!(text, "    {key}\n    {line}");
            }
        }
        text += "    fputc('}', out);\n}\n";
    }
    text + "\n#endif\n"
}

fn c_array(of: &str, first: &str, count: &str) -> String {
    format!("JSON_ARRAY(out, json_{}, {first}, {count})", snake(of))
}

fn c_field(field: &Field) -> String {
    let name = &field.name;
    match &field.kind {
        FieldKind::Text => format!("json_text(out, value->{name}, value->{name}_length);"),
        FieldKind::Bool => format!("fputs(value->{name} ? \"true\" : \"false\", out);"),
        FieldKind::Integer(of) => {
            let print = c_integer(of, &format!("value->{name}"));
            if field.optional {
                format!("if (value->has_{name}) {{ {print} }} else {{ fputs(\"null\", out); }}")
            } else {
                print
            }
        }
        FieldKind::Enum(of) => format!("fprintf(out, \"\\\"%s\\\"\", {}_name((int32_t)value->{name}));", c_type(of)),
        FieldKind::Struct(_) if is_error(field) => {
            format!(
                "if (value->{name} != NULL) {{ json_error_details(out, value->{name}); }} else {{ fputs(\"null\", out); }}"
            )
        }
        FieldKind::Struct(of) => format!("json_{}(out, &value->{name});", snake(of)),
        FieldKind::TextList => format!("json_texts(out, value->{name}, value->{name}_count);"),
        FieldKind::StructList(of) => {
            format!("{};", c_array(of, &format!("value->{name}"), &format!("value->{name}_count")))
        }
    }
}

fn c_error_field(field: &Field) -> String {
    let name = &field.name;
    let get = format!("koophone_error_{name}(value)");
    match &field.kind {
        _ if is_kind(ERROR, field) => format!("fprintf(out, \"\\\"%s\\\"\", koophone_status_name((int32_t){get}));"),
        FieldKind::Text => format!("json_text(out, {get}, {get} == NULL ? 0 : strlen({get}));"),
        FieldKind::Bool => format!("fputs({get} ? \"true\" : \"false\", out);"),
        FieldKind::Integer(of) => {
            let print = c_integer(of, &get);
            if field.optional {
                format!("if ({get} != 0) {{ {print} }} else {{ fputs(\"null\", out); }}")
            } else {
                print
            }
        }
        FieldKind::TextList => {
            format!(
                "{{\n        const char *const *texts = koophone_error_{name}(value, &count);\n        json_texts(out, texts, count);\n    }}"
            )
        }
        _ => format!("const koophone_job_result *{name} = koophone_error_{name}(value, &count);"),
    }
}

fn c_integer(rust: &str, value: &str) -> String {
    if rust.starts_with('u') {
        format!("fprintf(out, \"%llu\", (unsigned long long){value});")
    } else {
        format!("fprintf(out, \"%lld\", (long long){value});")
    }
}

/// `tests/conformance/cpp/model_json.hpp`.
pub fn cpp(description: &Description) -> String {
    let mut text = format!(
        "// {MARK}\n\n#ifndef MODEL_JSON_HPP\n#define MODEL_JSON_HPP\n\n#include \"json.hpp\"\n#include \"koophone.hpp\"\n\nnamespace koophone {{\n\n"
    );
    let class = |one: &StructType| if one.name == ERROR { "Error".to_owned() } else { one.name.clone() };
    for one in &description.structs {
        let _ = writeln!(text, "inline void json(std::ostream &out, const {} &value);", class(one));
    }
    for one in ordered(description) {
        let _ = writeln!(text, "\ninline void json(std::ostream &out, const {} &value) {{", class(one));
        for (number, field) in one.fields.iter().enumerate() {
            let mark = if number == 0 { "{" } else { "," };
            let name = &field.name;
            if name == "last_jobs" {
                let _ = writeln!(text, "    if (!value.{name}().empty()) {{");
                let _ = writeln!(
                    text,
                    "        out << \"{mark}\\\"{name}\\\":\";\n        json(out, value.{name}());\n    }}"
                );
            } else {
                let _ = writeln!(text, "    out << \"{mark}\\\"{name}\\\":\";\n    json(out, value.{name}());");
            }
        }
        text += "    out << '}';\n}\n";
    }
    text + "\n} // namespace koophone\n\n#endif\n"
}
