//! The C structures as Rust declares them, and how each is filled from the core's.

use std::fmt::Write;

use super::names::{ERROR, LISTS, MARK, OBJECTS, c_constant, c_type, camel, comment, is_error, is_kind};
use crate::generate::{Description, EnumType, Field, FieldKind, StructType};

/// `generated/enums.rs`: the enumerations, and their names as text.
pub fn enums(description: &Description) -> String {
    let mut text = format!("// {MARK}\n\nuse std::ffi::c_char;\n\nuse crate::guard::quietly;\n\n");
    let kinds = koophone::ErrorKind::ALL;
    text += "/// How a function ended: `KOOPHONE_OK`, or the kind of its error. The numbers are frozen.\n";
    text += "#[repr(C)]\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum koophone_status {\n";
    text += "    /// Done.\n    KOOPHONE_OK = 0,\n";
    for kind in kinds {
        let _ = writeln!(text, "    /// {}.", sentence(kind.meaning()));
        let _ = writeln!(text, "    KOOPHONE_{} = {},", kind.name().to_uppercase(), kind.number());
    }
    text += "}\n\nimpl koophone_status {\n    /// The status that says this kind.\n";
    text += "    pub(crate) fn of(kind: koophone::ErrorKind) -> Self {\n        match kind.number() {\n";
    for kind in kinds {
        let _ = writeln!(text, "            {} => Self::KOOPHONE_{},", kind.number(), kind.name().to_uppercase());
    }
    text += "            // A kind of a newer core.\n            _ => Self::KOOPHONE_INTERNAL,\n        }\n    }\n}\n";
    text += "\n/// The name of a status, such as `outcome_unknown`; `ok` for `KOOPHONE_OK`, `unknown` for any other number.\n";
    text += &name_function("koophone_status_name", "status", |text| {
        text.push_str("        0 => c\"ok\",\n");
        for kind in kinds {
            let _ = writeln!(text, "        {} => c\"{}\",", kind.number(), kind.name());
        }
    });
    description.enums.iter().for_each(|one| enumeration(&mut text, one));
    text
}

fn enumeration(text: &mut String, one: &EnumType) {
    let name = c_type(&one.name);
    *text += "\n";
    *text += &comment("///", &one.doc);
    let _ = writeln!(text, "#[repr(C)]\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum {name} {{");
    for (number, variant) in one.variants.iter().enumerate() {
        *text += &comment("    ///", &variant.doc);
        let _ = writeln!(text, "    {} = {number},", c_constant(&one.name, &variant.name));
    }
    let _ = writeln!(text, "}}\n\nimpl {name} {{\n    /// The C value of the core's.");
    let _ = writeln!(text, "    pub(crate) fn of(value: koophone::{}) -> Self {{\n        match value {{", one.name);
    let first = &one.variants[0].name;
    for variant in one.variants.iter().skip(1) {
        let (core, constant) = (camel(&variant.name), c_constant(&one.name, &variant.name));
        let _ = writeln!(text, "            koophone::{}::{core} => Self::{constant},", one.name);
    }
    let _ = writeln!(text, "            _ => Self::{},\n        }}\n    }}\n}}", c_constant(&one.name, first));
    let _ = writeln!(
        text,
        "\n/// The name of a value, such as `{}`; `unknown` for any number that is none.",
        one.variants[1].name
    );
    *text += &name_function(&format!("{name}_name"), "value", |text| {
        for (number, variant) in one.variants.iter().enumerate().filter(|(_, variant)| variant.name != "unknown") {
            let _ = writeln!(text, "        {number} => c\"{}\",", variant.name);
        }
    });
}

fn name_function(name: &str, argument: &str, arms: impl Fn(&mut String)) -> String {
    let mut text = format!("#[unsafe(no_mangle)]\npub extern \"C\" fn {name}({argument}: i32) -> *const c_char {{\n");
    let _ = writeln!(text, "    let name = || match {argument} {{");
    arms(&mut text);
    text += "        _ => c\"unknown\",\n    };\n    quietly(std::ptr::null(), || name().as_ptr())\n}\n";
    text
}

/// `generated/structs.rs`: the structures, their lists, and how they are filled.
pub fn structs(description: &Description) -> String {
    let mut text = format!(
        "// {MARK}\n\nuse std::ffi::c_char;\nuse std::mem::MaybeUninit;\n\nuse koophone::PhoneResults;\n\nuse super::enums::*;\n\
         use crate::error::koophone_error;\nuse crate::guard::{{guard, quietly}};\nuse crate::input::required;\n\
         use crate::owned::{{Keep, Owned, View}};\n\n"
    );
    text += "/// Everything known about a failure. Read it by the `koophone_error_` functions.\n";
    text += "#[allow(dead_code, reason = \"the getters give text without its length\")]\n";
    text += "pub(crate) struct ErrorFields {\n";
    for one in &description.structs {
        if one.name == ERROR {
            fields(&mut text, one, "pub(crate)");
            text += "}\n\n";
            view(&mut text, one, "ErrorFields");
        }
    }
    for one in description.structs.iter().filter(|one| one.name != ERROR) {
        let name = c_type(&one.name);
        text += &comment("///", &one.doc);
        if OBJECTS.contains(&one.name.as_str()) {
            let _ = writeln!(text, "///\n/// Free it with `{name}_free`.");
        }
        let _ = writeln!(text, "#[repr(C)]\npub struct {name} {{");
        fields(&mut text, one, "pub");
        text += "}\n\n";
        view(&mut text, one, &name);
        if let Some((_, answers)) = LISTS.iter().find(|(list, _)| *list == one.name) {
            list(&mut text, one, *answers);
        }
        if OBJECTS.contains(&one.name.as_str()) {
            free(&mut text, &name);
        }
    }
    text
}

fn fields(text: &mut String, one: &StructType, visibility: &str) {
    for field in &one.fields {
        for (name, rust) in columns(&one.name, field) {
            if name != field.name {
                let _ = writeln!(text, "    /// {}", column_doc(&name, &field.name));
            } else {
                *text += &comment("    ///", &field.doc);
                if field.optional && matches!(field.kind, FieldKind::Text | FieldKind::Struct(_)) {
                    *text += "    /// NULL where there is none.\n";
                }
            }
            let _ = writeln!(text, "    {visibility} {name}: {rust},");
        }
    }
}

fn column_doc(column: &str, field: &str) -> String {
    match column {
        _ if column.ends_with("_length") => format!("Bytes of `{field}` without the NUL at its end."),
        _ if column.ends_with("_count") => format!("How many `{field}` there are."),
        _ => format!("Whether there is a `{field}`."),
    }
}

/// The C fields of one field: name and Rust type.
fn columns(owner: &str, field: &Field) -> Vec<(String, String)> {
    let name = field.name.clone();
    let (has, count, length) = (format!("has_{name}"), format!("{name}_count"), format!("{name}_length"));
    if is_kind(owner, field) {
        return vec![(name, "koophone_status".into())];
    }
    match &field.kind {
        FieldKind::Text => vec![(name, "*const c_char".into()), (length, "usize".into())],
        FieldKind::Bool => vec![(name, "bool".into())],
        FieldKind::Integer(rust) if field.optional => vec![(has, "bool".into()), (name, rust.clone())],
        FieldKind::Integer(rust) => vec![(name, rust.clone())],
        FieldKind::Enum(of) => vec![(name, c_type(of))],
        FieldKind::Struct(_) if is_error(field) => vec![(name, "*const koophone_error".into())],
        FieldKind::Struct(of) => vec![(name, c_type(of))],
        FieldKind::TextList => vec![(name, "*const *const c_char".into()), (count, "usize".into())],
        FieldKind::StructList(of) => vec![(name, format!("*const {}", c_type(of))), (count, "usize".into())],
    }
}

/// The `View` of a structure.
fn view(text: &mut String, one: &StructType, name: &str) {
    let core = &one.name;
    let (mut lines, mut values) = (String::new(), Vec::new());
    for field in &one.fields {
        let name = &field.name;
        if let [(first, _), (second, _)] = columns(&one.name, field).as_slice() {
            let value = match &field.kind {
                FieldKind::Text if field.optional => format!("keep.optional_text(from.{name}.as_ref())"),
                FieldKind::Text if field.secret => format!("keep.secret(&from.{name})"),
                FieldKind::Text => format!("keep.text(&from.{name})"),
                FieldKind::TextList => format!("keep.texts(&from.{name})"),
                FieldKind::StructList(_) => format!("keep.views(&from.{name})"),
                _ => format!("(from.{name}.is_some(), from.{name}.unwrap_or_default())"),
            };
            let _ = writeln!(lines, "let ({first}, {second}) = {value};");
            values.extend([first.clone(), second.clone()]);
        } else {
            let value = match &field.kind {
                _ if is_kind(&one.name, field) => format!("koophone_status::of(from.{name})"),
                FieldKind::Enum(of) => format!("{}::of(from.{name})", c_type(of)),
                FieldKind::Struct(_) if is_error(field) => format!("keep.error(from.{name}.as_ref())"),
                FieldKind::Struct(of) => format!("{}::of(&from.{name}, keep)", c_type(of)),
                _ => format!("from.{name}"),
            };
            values.push(format!("{name}: {value}"));
        }
    }
    let values = values.join(", ");
    let keep = if lines.contains("keep.") || values.contains("keep") { "keep" } else { "_" };
    let _ = writeln!(
        text,
        "impl View for {name} {{ type Source = koophone::{core};\n\n\
         fn of(from: &Self::Source, {keep}: &mut Keep) -> Self {{ {lines} Self {{ {values} }} }} }}\n"
    );
}

fn list(text: &mut String, one: &StructType, answers: bool) {
    let item = c_type(&one.name);
    let name = format!("{item}_list");
    let owner = format!("Vec<koophone::{}>", one.name);
    let ending = if answers { format!(" Free it with `{name}_free`.") } else { String::new() };
    let _ = writeln!(text, "/// Several `{item}`, one after the other.{ending}");
    let _ = writeln!(text, "#[repr(C)]\npub struct {name} {{");
    let _ = writeln!(text, "    /// The first of them.\n    pub items: *const {item},");
    *text += "    /// How many there are.\n    pub count: usize,\n}\n\n";
    let _ = writeln!(text, "impl View for {name} {{\n    type Source = {owner};\n");
    *text += "    fn of(source: &Self::Source, keep: &mut Keep) -> Self {\n";
    *text += "        let (items, count) = keep.views(source);\n        Self { items, count }\n    }\n}\n\n";
    if !answers {
        return;
    }
    free(text, &name);
    *text += "/// Whether all went well on every phone. False for NULL.\n#[unsafe(no_mangle)]\n";
    let _ = writeln!(text, "pub unsafe extern \"C\" fn {name}_all_ok(list: *const {name}) -> bool {{");
    let _ = writeln!(
        text,
        "    // SAFETY: by the conventions, the list is NULL or what the library handed out.\n    \
         quietly(false, || unsafe {{ Owned::<{name}>::source(list) }}.is_some_and(|all| all.all_ok()))\n}}\n"
    );
    *text += "/// The first phone's failure as a failure of the whole, for callers who want all or nothing; the message says\n";
    *text += "/// how many phones failed. `KOOPHONE_OK` where every phone did well. The list stays as it is.\n#[unsafe(no_mangle)]\n";
    let _ = writeln!(
        text,
        "pub unsafe extern \"C\" fn {name}_raise_for_errors(list: *const {name}, \
         err: Option<&mut MaybeUninit<*mut koophone_error>>) -> koophone_status {{"
    );
    let _ = writeln!(
        text,
        "    guard(err, || {{\n        \
         // SAFETY: by the conventions, the list is NULL or what the library handed out.\n        \
         let list = unsafe {{ Owned::<{name}>::source(list) }};\n        \
         required(list, \"list\")?.raise_for_errors()\n    }})\n}}\n"
    );
}

fn free(text: &mut String, name: &str) {
    let argument = if name.ends_with("_list") { "list" } else { "object" };
    let _ = writeln!(text, "/// Frees it with everything it holds. NULL is fine.\n#[unsafe(no_mangle)]");
    let _ = writeln!(
        text,
        "pub unsafe extern \"C\" fn {name}_free({argument}: *mut {name}) {{\n    \
         // SAFETY: by the conventions, what the library handed out is freed once.\n    \
         quietly((), || unsafe {{ Owned::free({argument}) }})\n}}\n"
    );
}

/// `generated/error_getters.rs`: one function per field of the error.
pub fn error_getters(description: &Description) -> Result<String, String> {
    let error = description.structs.iter().find(|one| one.name == ERROR).ok_or("the core describes no error")?;
    let mut text = format!(
        "// {MARK}\n\nuse std::ffi::c_char;\nuse std::mem::MaybeUninit;\nuse std::ptr;\n\nuse super::enums::koophone_status;\n\
         use super::structs::koophone_job_result;\nuse crate::error::koophone_error;\nuse crate::guard::quietly;\nuse crate::input::set_count;\n\n"
    );
    for field in &error.fields {
        let name = &field.name;
        text += &comment("///", &field.doc);
        let (rust, nothing, note) = match &field.kind {
            _ if is_kind(ERROR, field) => {
                ("koophone_status", "koophone_status::KOOPHONE_OK", "`KOOPHONE_OK` for NULL.")
            }
            FieldKind::Text => {
                ("*const c_char", "ptr::null()", "NULL where there is none. Valid as long as the error.")
            }
            FieldKind::Bool => ("bool", "false", "False for NULL."),
            FieldKind::Integer(rust) => (rust.as_str(), "0", "0 where there is none."),
            FieldKind::TextList => {
                ("*const *const c_char", "ptr::null()", "`count` says how many; valid as long as the error.")
            }
            FieldKind::StructList(of) if of == "JobResult" => {
                ("*const koophone_job_result", "ptr::null()", "`count` says how many; valid as long as the error.")
            }
            _ => return Err(format!("an error's field {name} has a type that no getter knows")),
        };
        let read = match nothing {
            "false" => format!("is_some_and(|fields| fields.{name})"),
            nothing => format!("map_or({nothing}, |fields| fields.{name})"),
        };
        let _ = writeln!(text, "///\n/// {note}\n#[unsafe(no_mangle)]");
        if matches!(field.kind, FieldKind::TextList | FieldKind::StructList(_)) {
            let _ = writeln!(
                text,
                "pub extern \"C\" fn koophone_error_{name}(error: Option<&koophone_error>, \
                 count: Option<&mut MaybeUninit<usize>>) -> {rust} {{\n    \
                 quietly({nothing}, || {{\n        let fields = error.map(koophone_error::fields);\n        \
                 set_count(count, fields.map_or(0, |fields| fields.{name}_count));\n        \
                 fields.{read}\n    }})\n}}\n"
            );
        } else {
            let _ = writeln!(
                text,
                "pub extern \"C\" fn koophone_error_{name}(error: Option<&koophone_error>) -> {rust} {{\n    \
                 quietly({nothing}, || error.map(koophone_error::fields).{read})\n}}\n"
            );
        }
    }
    Ok(text)
}

/// With a capital letter at its beginning.
pub fn sentence(text: &str) -> String {
    text[..1].to_ascii_uppercase() + &text[1..]
}
