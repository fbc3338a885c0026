//! What the C and C++ faces repeat from the core: functions, structures and getters in Rust (from which cbindgen makes
//! the header), the classes of C++, and what their tests list. Every file has a template in `templates/c`.

mod calls;
mod header;
mod names;
mod raw;
mod settings;
#[cfg(test)]
mod tests;
mod types;
mod verbs;

use minijinja::{Environment, Value, context};
use serde::Serialize;

use self::calls::{Call, calls};
use self::types::Types;
use super::Description;
use super::handles::HANDLES;
use super::rust::rustfmt;
use super::template::render_with;

/// A template, and the file that is generated from it.
struct File {
    path: &'static str,
    name: &'static str,
    template: &'static str,
}

macro_rules! file {
    ($path:literal, $name:literal) => {
        File { path: $path, name: $name, template: include_str!(concat!("../../../templates/c/", $name)) }
    };
}

/// For what calls return.
const RESULTS: &[File] = &[
    file!("bindings/c/src/generated/enums.rs", "enums.rs.j2"),
    file!("bindings/c/src/generated/structs.rs", "structs.rs.j2"),
    file!("bindings/c/src/generated/results.rs", "results.rs.j2"),
    file!("bindings/c/src/generated/errors.rs", "errors.rs.j2"),
    file!("include/koophone/model.hpp", "model.hpp.j2"),
    file!("include/koophone/result_types.hpp", "result_types.hpp.j2"),
    file!("include/koophone/settings.hpp", "settings.hpp.j2"),
    file!("tests/conformance/c/model_json.h", "model_json.h.j2"),
    file!("tests/conformance/cpp/model_json.hpp", "model_json.hpp.j2"),
];

/// For what callers pass in.
const ARGUMENTS: &[File] = &[
    file!("bindings/c/src/generated/arguments.rs", "arguments.rs.j2"),
    file!("include/koophone/argument_types.hpp", "argument_types.hpp.j2"),
];

/// For the table of operations.
const CALLS: &[File] = &[
    file!("bindings/c/src/generated/operations.rs", "operations.rs.j2"),
    file!("bindings/c/src/generated/verbs.rs", "verbs.rs.j2"),
    file!("bindings/c/src/generated/listings.rs", "listings.rs.j2"),
    file!("bindings/c/src/generated/take.rs", "take.rs.j2"),
    file!("bindings/c/src/generated/handles.rs", "handles.rs.j2"),
    file!("bindings/c/src/generated/emulator.rs", "emulator.rs.j2"),
    file!("include/koophone/operations.hpp", "operations.hpp.j2"),
    file!("include/koophone/verbs.hpp", "verbs.hpp.j2"),
    file!("tests/c/c/misuse_operations.h", "misuse_operations.h.j2"),
    file!("tests/c/headers/unused_operations.cpp", "unused_operations.cpp.j2"),
    file!("tests/c/headers/unused_verbs.cpp", "unused_verbs.cpp.j2"),
    file!("tests/fuzz/src/bin/c_strings/operations.rs", "fuzz_operations.rs.j2"),
];

/// For the table as well, for the conformance runners, which read video settings from JSON and other structures field
/// by field.
const RUNNERS: &[File] = &[
    file!("tests/conformance/c/operations.h", "runner_operations.h.j2"),
    file!("tests/conformance/cpp/operations.hpp", "runner_operations.hpp.j2"),
];

/// For the names of the files above.
const MODULES: &[File] = &[file!("bindings/c/src/generated/mod.rs", "mod.rs.j2")];

/// For the header.
const HEADER: &[File] = &[file!("tests/c/c/functions.h", "functions.h.j2")];

/// The generated files, without the header.
pub fn generate(description: &Description) -> Result<Vec<(String, String)>, String> {
    let arguments = Description::of_the_arguments()?;
    files(description, &arguments, &calls())
}

fn files(results: &Description, arguments: &Description, calls: &[Call]) -> Result<Vec<(String, String)>, String> {
    let results = Types::new(results, calls)?;
    let arguments = Types::new(arguments, calls)?;
    let values = verbs::values(&results);
    let (verbs, operations): (Vec<&Call>, Vec<&Call>) = calls.iter().partition(|call| call.noun == "phones");
    let Types { enums, structs, sorted, error } = &results;
    let error = error.as_ref().ok_or("the core describes no error")?;
    let has_nothing = calls.iter().any(|call| call.operation.returns == "nothing");
    let settings = settings::settings();
    let mut files = made(
        RESULTS,
        &context! { kinds => kinds(), enums, structs, sorted, error, settings, has_nothing, handles => HANDLES },
    )?;
    let first: std::collections::HashMap<_, _> =
        arguments.enums.iter().map(|one| (&one.name, &one.variants[0].name)).collect();
    let Types { enums, structs, sorted, .. } = &arguments;
    files.extend(made(ARGUMENTS, &context! { enums, structs, sorted, first })?);
    let params = || calls.iter().flat_map(|call| &call.operation.params);
    let has_lists = calls.iter().any(|call| call.operation.returns == "list");
    let has_structs = params().any(|param| param.kind == "struct");
    let mut passed: Vec<&str> =
        params().filter(|param| param.kind.starts_with("struct")).map(|param| param.of).collect();
    passed.sort_unstable();
    passed.dedup();
    let (_, structs) = arguments.needed_by(&passed);
    let of_handles = calls::of_handles();
    files.extend(made(
        CALLS,
        &context! {
            all => calls, calls => operations, verbs, values, taken => taken(calls), of_handles, has_nothing, has_lists,
            has_structs, passed, structs,
        },
    )?);
    let read: Vec<&str> = passed.iter().copied().filter(|name| *name != "VideoSetting").collect();
    let (enums, structs) = arguments.needed_by(&read);
    files.extend(made(RUNNERS, &context! { all => calls, enums, structs })?);
    let module = |(path, _): &(String, String)| {
        path.strip_prefix("bindings/c/src/generated/")?.strip_suffix(".rs").map(str::to_owned)
    };
    let mut modules: Vec<String> = files.iter().filter_map(module).collect();
    modules.sort_unstable();
    files.extend(made(MODULES, &context! { modules })?);
    Ok(files)
}

fn made(files: &[File], context: &Value) -> Result<Vec<(String, String)>, String> {
    let text = |file: &File| {
        let text = render_with(file.name, file.template, context, prepare)?;
        if file.path.ends_with(".rs") { rustfmt(&text) } else { Ok(text) }
    };
    files.iter().map(|file| Ok((file.path.to_owned(), text(file)?))).collect()
}

/// The filters of C and C++, and the templates that others import.
fn prepare(environment: &mut Environment<'_>) -> Result<(), minijinja::Error> {
    names::add_filters(environment);
    environment.add_template("calls.rs.j2", include_str!("../../../templates/c/calls.rs.j2"))?;
    environment.add_template("calls.hpp.j2", include_str!("../../../templates/c/calls.hpp.j2"))?;
    environment.add_template("functions.j2", include_str!("../../../templates/c/functions.j2"))
}

/// A kind of error.
#[derive(Serialize)]
struct Kind {
    name: &'static str,
    number: u8,
    meaning: &'static str,
}

fn kinds() -> Vec<Kind> {
    let kind = |kind: &koophone::ErrorKind| Kind { name: kind.name(), number: kind.number(), meaning: kind.meaning() };
    koophone::ErrorKind::ALL.iter().map(kind).collect()
}

/// A function that takes the result of a finished call.
#[derive(Serialize)]
struct Taken {
    take: String,
    out: String,
    c_result: String,
    /// The calls that return it, as part of a sentence.
    of: String,
}

/// One per type of result, with the calls that return it; a task's calls are not in the table.
fn taken(calls: &[Call]) -> Vec<Taken> {
    let mut taken: Vec<(Call, Vec<String>)> = Vec::new();
    let of_clients = calls
        .iter()
        .filter(|call| !call.take.is_empty())
        .map(|call| (call.clone(), format!("`{}`", call.operation.name)));
    let of_handles = calls::of_handles().into_iter().map(|one| {
        let of = format!("a {}'s `{}`", one.handle.replace('_', " "), one.call.operation.name);
        (one.call, of)
    });
    for (call, of) in of_clients.chain(of_handles) {
        match taken.iter_mut().find(|(one, _)| one.take == call.take) {
            Some((_, several)) => several.push(of),
            None => taken.push((call, vec![of])),
        }
    }
    let listed = |(call, of): (Call, Vec<String>)| {
        let of = match of.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => of.concat(),
        };
        Taken { take: call.take, out: call.out, c_result: call.c_result, of }
    };
    taken.into_iter().map(listed).collect()
}

/// The header, and what is read from it. It is made from the sources of bindings/c, after [`generate`] has written its
/// part of them.
pub fn header(_: &Description) -> Result<Vec<(String, String)>, String> {
    let enums = Description::of_the_arguments()?.enums;
    let header = header::generate(enums.iter().map(|one| names::c_type(&one.name)).collect())?;
    let functions = rustfmt(&raw::declarations(&header)?)?;
    let lists = context! {
        fallible => raw::fallible(&header)?,
        frees => raw::frees(&header)?,
        all_ok => raw::all_ok(&header)?,
    };
    let mut files = made(HEADER, &lists)?;
    files.push(("include/koophone.h".into(), header));
    files.push(("tests/fuzz/src/bin/c_strings/functions.rs".into(), functions));
    Ok(files)
}
