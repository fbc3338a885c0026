//! The Node face: the TypeScript that repeats the core's types, settings, operations and error kinds, and the addon's
//! methods for operations. Every file is a template in `crates/xtask/templates`.

mod credentials;
mod emulator;
mod emulator_methods;
mod handles;
mod model;
mod native;
mod operations;
mod options;
mod settings;
mod verbs;

use koophone::settings::SETTINGS;

use super::handles::FUNCTIONS;
use super::{Description, rust, template};

pub fn generate(description: &Description) -> Result<Vec<(String, String)>, String> {
    let table = super::operations::operations();
    let verbs = super::operations::verbs();
    // The login is a call like the others, but not in the table of operations.
    let calls: Vec<_> = table.iter().cloned().chain([super::operations::login()]).collect();
    let emulator = emulator::views(&koophone_emulator::describe(), &koophone_emulator::describe_records())?;
    let functions = FUNCTIONS.iter().map(|one| {
        let text = template::render("function.ts.j2", include_str!("../../templates/node/function.ts.j2"), one)?;
        Ok((format!("bindings/node/ts/generated/{}.ts", one.namespace), text))
    });
    let mut files = functions.collect::<Result<Vec<_>, String>>()?;
    files.extend([
        ("bindings/node/ts/generated/model.ts".to_owned(), model::model(description)?),
        ("bindings/node/ts/generated/options.ts".to_owned(), options::options()?),
        ("bindings/node/ts/generated/settings.ts".to_owned(), settings::settings()?),
        ("bindings/node/ts/generated/credentials.ts".to_owned(), credentials::credentials()?),
        ("bindings/node/ts/generated/emulator.ts".to_owned(), emulator::emulator(&emulator)?),
        ("bindings/node/ts/generated/arguments.ts".to_owned(), arguments(&emulator)?),
        (
            "bindings/node/ts/generated/operations.ts".to_owned(),
            operations::methods(&calls, description, &handles::views(description)?)?,
        ),
        ("bindings/node/ts/generated/handles.ts".to_owned(), handles::classes(description)?),
        ("bindings/node/src/operations.rs".to_owned(), rust::rustfmt(&operations::addon(&calls, description)?)?),
        ("bindings/node/ts/generated/verbs.ts".to_owned(), verbs::classes(&verbs, description)?),
        ("bindings/node/src/verbs.rs".to_owned(), rust::rustfmt(&verbs::addon(&verbs)?)?),
        ("bindings/node/ts/generated/emulator-methods.ts".to_owned(), emulator_methods::methods()?),
        ("tests/conformance/node/operations.mjs".to_owned(), operations::runner(&table, &verbs)?),
    ]);
    Ok(files)
}

/// `arguments.ts`: the checks for everything that callers pass by name.
fn arguments(emulator: &emulator::Views) -> Result<String, String> {
    let template = include_str!("../../templates/node/arguments.ts.j2");
    let (model, settings) = (model::checks()?, settings::checks()?);
    template::render("arguments.ts.j2", template, minijinja::context! { model, settings, emulator })
}

/// The TypeScript types of the addon; its sources must have been generated before.
pub fn interface(_: &Description) -> Result<Vec<(String, String)>, String> {
    Ok(vec![("bindings/node/ts/generated/native.ts".to_owned(), native::generate()?)])
}

/// `snake_case` in camelCase, as `bindings/node/src/json.rs` writes it: an error's `code` is Node's own.
fn camel(name: &str) -> String {
    template::camel(if name == "code" { "service_code" } else { name })
}

/// `snake_case` as the name of a variable: `package` is a reserved word of JavaScript.
fn variable_name(name: &str) -> String {
    if name == "package" { "packageName".to_owned() } else { template::camel(name) }
}

/// Documentation of the core, converted for JavaScript: as paragraphs, with JavaScript's names of settings, and with
/// rustdoc's links as code.
fn prose(text: &str) -> String {
    let text = text.replace("[`", "`").replace("`]", "`").replace("`JobState::Unknown`", "`unknown`");
    let paragraphs = text.split("\n\n").map(|one| one.split_whitespace().collect::<Vec<_>>().join(" "));
    let text = paragraphs.collect::<Vec<_>>().join("\n\n");
    SETTINGS
        .iter()
        .filter(|setting| setting.name.contains('_'))
        .fold(text, |text, setting| text.replace(setting.name, &settings::name(setting)))
}

/// A text as a sentence: with a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{}{}.", first.to_uppercase(), rest.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_turned_as_the_addon_turns_them() {
        assert_eq!(camel("server_request_id"), "serverRequestId");
        assert_eq!(camel("address_ipv6"), "addressIpv6");
        assert_eq!(camel("token"), "token");
        assert_eq!(camel("code"), "serviceCode");
        assert_eq!((variable_name("package"), variable_name("a_b")), ("packageName".to_owned(), "aB".to_owned()));
    }

    #[test]
    fn documentation_has_the_names_of_javascript() {
        assert_eq!(prose("With [`Thing`] and\nstrict_commands.\n\nNext."), "With `Thing` and strictCommands.\n\nNext.");
        assert_eq!(prose("attempt_timeout"), "attemptTimeoutMs");
        assert_eq!(sentence("limit of one request"), "Limit of one request.");
    }
}
