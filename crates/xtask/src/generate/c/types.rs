//! The core's types as the templates of C and C++ see them.

use std::collections::HashSet;

use serde::Serialize;

use super::calls::Call;
use super::names::{ERROR, c_constant, c_type, cpp_integer, first_number, rust_variant, snake};
use crate::generate::{Description, EnumType, Field, FieldKind, StructType};

/// An enumeration.
#[derive(Clone, Debug, Serialize)]
pub struct Enumeration {
    /// CamelCase, as in C++.
    pub name: String,
    /// snake_case.
    pub snake: String,
    /// The type of koophone.h.
    pub c: String,
    /// Documentation.
    pub doc: String,
    /// Its values; the first is the default.
    pub variants: Vec<Variant>,
}

/// A value of an enumeration.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    /// snake_case, as in C++.
    pub name: String,
    /// CamelCase, as in Rust.
    pub core: String,
    /// The constant of koophone.h.
    pub constant: String,
    /// The number of that constant.
    pub number: usize,
    /// Documentation.
    pub doc: String,
}

/// A structure.
#[derive(Clone, Debug, Serialize)]
pub struct Structure {
    /// CamelCase, as in C++.
    pub name: String,
    /// snake_case.
    pub snake: String,
    /// The type of koophone.h.
    pub c: String,
    /// Documentation.
    pub doc: String,
    /// Its fields, in order.
    pub fields: Vec<Member>,
    /// Whether there is a list of it, and whether that list has one result per phone.
    pub has_list: bool,
    /// See `has_list`.
    pub per_phone: bool,
    /// Whether a call returns it directly.
    pub is_object: bool,
    /// Whether it contains texts or lists, or structures that do: then it points to memory that it does not own.
    pub has_pointers: bool,
    /// Whether it contains texts, lists or structures, which are unsafe to read in Rust.
    pub is_read_unsafely: bool,
    /// Whether another structure has it as a field that may be absent.
    pub may_be_absent: bool,
    /// The C++ expression for the success of a result per phone; empty for others.
    pub ok: &'static str,
}

/// A field of a structure.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    /// snake_case.
    pub name: String,
    /// Documentation.
    pub doc: String,
    /// `text`, `bool`, `integer`, `enum`, `struct`, `text_list`, `integer_list`, `struct_list`, `error` (which may be
    /// absent), or `error_kind`.
    pub kind: &'static str,
    /// The enumeration or structure it holds, in CamelCase.
    pub of: String,
    /// The same in snake_case.
    pub of_snake: String,
    /// The same as a type of koophone.h.
    pub of_c: String,
    /// Its integer type in Rust, or that of a list's numbers.
    pub integer: String,
    /// The same in C++.
    pub cpp_integer: String,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether a field `has_...` of a result says that it is present: a pointer to a text is NULL instead.
    pub has_flag: bool,
    /// Whether it is a list.
    pub is_list: bool,
    /// Whether it must not be printed.
    pub secret: bool,
}

/// Everything described.
#[derive(Serialize)]
pub struct Types {
    /// Enumerations.
    pub enums: Vec<Enumeration>,
    /// Structures without the error, in the order of the core.
    pub structs: Vec<Structure>,
    /// The same, each after those that it contains.
    pub sorted: Vec<Structure>,
    /// The error, if it is among them.
    pub error: Option<Structure>,
}

impl Types {
    /// The types of a description. `calls` say which of them are lists or objects.
    pub fn new(description: &Description, calls: &[Call]) -> Result<Self, String> {
        let mut all: Vec<Structure> = description.structs.iter().map(|one| structure(one, calls)).collect();
        let fields = all.iter().flat_map(|one| &one.fields);
        let absent = fields.filter(|field| field.kind == "struct" && field.optional);
        let absent: HashSet<String> = absent.map(|field| field.of.clone()).collect();
        all.iter_mut().for_each(|one| one.may_be_absent = absent.contains(&one.name));
        let (mut errors, structs): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.name == ERROR);
        Ok(Self {
            enums: description.enums.iter().map(enumeration).collect(),
            sorted: sorted(&structs)?,
            structs,
            error: errors.pop(),
        })
    }
}

impl Types {
    /// What some structures need, themselves included: enumerations, and structures after those that they contain.
    pub fn needed_by(&self, names: &[&str]) -> (Vec<&Enumeration>, Vec<&Structure>) {
        let mut needed: HashSet<&str> = names.iter().copied().collect();
        // Those that contain others are last in `sorted`.
        for one in self.sorted.iter().rev() {
            if needed.contains(one.name.as_str()) {
                needed.extend(one.fields.iter().map(|field| field.of.as_str()));
            }
        }
        let enums = self.enums.iter().filter(|one| needed.contains(one.name.as_str()));
        let structs = self.sorted.iter().filter(|one| needed.contains(one.name.as_str()));
        (enums.collect(), structs.collect())
    }
}

fn enumeration(one: &EnumType) -> Enumeration {
    let variants = one.variants.iter().enumerate().map(|(at, variant)| Variant {
        name: variant.name.clone(),
        core: rust_variant(&variant.name),
        constant: c_constant(&one.name, &variant.name),
        number: first_number(&one.name) + at,
        doc: variant.doc.clone(),
    });
    Enumeration {
        name: one.name.clone(),
        snake: snake(&one.name),
        c: c_type(&one.name),
        doc: one.doc.clone(),
        variants: variants.collect(),
    }
}

fn structure(one: &StructType, calls: &[Call]) -> Structure {
    // Besides the operations: a task's wait returns one result per phone, and a task has a list of its phones.
    let is_result =
        |returns| calls.iter().any(|call| call.operation.returns == returns && call.operation.result == one.name);
    let per_phone = one.name == "JobResult" || is_result("per_phone");
    let has = |is: &dyn Fn(&FieldKind) -> bool| one.fields.iter().any(|field| is(&field.kind));
    let has_job = has(&|kind| *kind == FieldKind::Enum("JobState".to_owned()));
    Structure {
        name: one.name.clone(),
        snake: snake(&one.name),
        c: c_type(&one.name),
        doc: one.doc.clone(),
        fields: one.fields.iter().map(|field| member(&one.name, field)).collect(),
        has_list: per_phone || one.name == "TaskPhone",
        per_phone,
        // A task's poll returns a status, a client has statistics, and an authorization parameters for players.
        is_object: ["TaskStatus", "Stats", "H5Parameters", "AndroidParameters"].contains(&one.name.as_str())
            || is_result("value")
            || is_result("page"),
        has_pointers: has(&|kind| {
            matches!(
                kind,
                FieldKind::Text
                    | FieldKind::TextList
                    | FieldKind::IntegerList(_)
                    | FieldKind::Bytes
                    | FieldKind::StructList(_)
            )
        }),
        is_read_unsafely: has(&|kind| !matches!(kind, FieldKind::Bool | FieldKind::Integer(_) | FieldKind::Enum(_))),
        may_be_absent: false,
        // The core's `PhoneResult::ok`.
        ok: match (per_phone, has_job) {
            (true, true) => "state() == JobState::succeeded",
            (true, false) => "c_->error == nullptr",
            _ => "",
        },
    }
}

fn member(owner: &str, field: &Field) -> Member {
    let (mut of, mut integer) = (String::new(), String::new());
    let kind = match &field.kind {
        _ if owner == ERROR && field.name == "kind" => "error_kind",
        FieldKind::Struct(name) if name == ERROR => "error",
        FieldKind::Text => "text",
        FieldKind::Bool => "bool",
        FieldKind::TextList => "text_list",
        FieldKind::Bytes => {
            "u8".clone_into(&mut integer);
            "integer_list"
        }
        FieldKind::IntegerList(rust) => {
            integer.clone_from(rust);
            "integer_list"
        }
        FieldKind::Integer(rust) => {
            integer.clone_from(rust);
            "integer"
        }
        FieldKind::Enum(name) => {
            of.clone_from(name);
            "enum"
        }
        FieldKind::Struct(name) => {
            of.clone_from(name);
            "struct"
        }
        FieldKind::StructList(name) => {
            of.clone_from(name);
            "struct_list"
        }
    };
    Member {
        name: field.name.clone(),
        doc: field.doc.clone(),
        kind,
        of_snake: snake(&of),
        of_c: c_type(&of),
        of,
        cpp_integer: if integer.is_empty() { String::new() } else { cpp_integer(&integer) },
        integer,
        optional: field.optional,
        has_flag: field.optional && !["text", "error"].contains(&kind),
        is_list: kind.ends_with("_list"),
        secret: field.secret,
    }
}

/// Structures, each after those that it contains.
fn sorted(structs: &[Structure]) -> Result<Vec<Structure>, String> {
    let mut open: Vec<&Structure> = structs.iter().collect();
    let known: HashSet<&str> = structs.iter().map(|one| one.name.as_str()).collect();
    let mut done: Vec<Structure> = Vec::new();
    while !open.is_empty() {
        let is_done = |name: &str| !known.contains(name) || done.iter().any(|one| one.name == name);
        let is_ready = |one: &&Structure| one.fields.iter().all(|field| is_done(&field.of));
        let at = open.iter().position(is_ready).ok_or("structures contain each other in a cycle")?;
        let mut one = open.remove(at).clone();
        let points = |name: &str| done.iter().any(|one| one.name == name && one.has_pointers);
        one.has_pointers |= one.fields.iter().any(|field| points(&field.of));
        done.push(one);
    }
    Ok(done)
}
