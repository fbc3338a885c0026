//! The methods of `Emulator`, which the addon calls by name.

use koophone_emulator::{METHODS, ValueType};
use minijinja::context;
use serde::Serialize;

use super::super::emulator::{Kind, PROPERTIES, Property};
use super::super::template::{constant, render};
use super::camel;

#[derive(Serialize)]
struct MethodView {
    /// The name in Rust, which the addon calls it by.
    rust: &'static str,
    /// The name in TypeScript. All times are in milliseconds, so names have no unit.
    name: String,
    doc: &'static str,
    params: Vec<ParamView>,
    returns: &'static str,
    /// The type of an item of a list.
    result: &'static str,
}

#[derive(Serialize)]
struct ParamView {
    name: String,
    kind: &'static str,
    of: &'static str,
}

fn views() -> Vec<MethodView> {
    let view = |method: &koophone_emulator::Method| {
        let (returns, result) = kind(method.returns);
        let params = method.params.iter().map(|(name, holds)| {
            let (kind, of) = kind(*holds);
            ParamView { name: camel(name), kind, of }
        });
        MethodView {
            rust: method.name,
            name: camel(method.name.trim_end_matches("_ms")),
            doc: method.doc,
            params: params.collect(),
            returns,
            result,
        }
    };
    METHODS.iter().map(view).collect()
}

fn kind(holds: ValueType) -> (&'static str, &'static str) {
    match holds {
        ValueType::Nothing => ("nothing", ""),
        ValueType::Bool => ("boolean", ""),
        ValueType::Integer => ("integer", ""),
        ValueType::Count => ("count", ""),
        ValueType::Milliseconds => ("milliseconds", ""),
        ValueType::Text => ("string", ""),
        ValueType::OnePhoneOrAll => ("one_or_all", ""),
        ValueType::List(of) => ("list", of),
        ValueType::MaybeObject => ("maybe_object", ""),
    }
}

#[derive(Serialize)]
struct PropertyView {
    name: String,
    method: &'static str,
    doc: &'static str,
    of: &'static str,
    is_fixed: bool,
}

fn property(one: &Property) -> PropertyView {
    let of = match one.kind {
        Kind::Text => "string",
        Kind::TextList => "readonly string[]",
        Kind::Bool => "boolean",
        Kind::TextMap => "EmulatorCredentials",
    };
    PropertyView { name: camel(one.name), method: one.method, doc: one.doc, of, is_fixed: one.kind != Kind::Bool }
}

/// `emulator-methods.ts`: the methods that `Emulator` has.
pub(super) fn methods() -> Result<String, String> {
    let methods = views();
    let mut types: Vec<&str> =
        methods.iter().flat_map(|one| one.params.iter().map(|param| param.of).chain([one.result])).collect();
    types.sort_unstable();
    types.dedup();
    types.retain(|name| !name.is_empty());
    let mut checked: Vec<String> = methods.iter().flat_map(|one| &one.params).map(|param| constant(param.of)).collect();
    checked.sort_unstable();
    checked.dedup();
    checked.retain(|name| !name.is_empty());
    // The environment is in the options of a client.
    let properties = PROPERTIES.iter().filter(|one| one.name != "environment").map(property);
    let properties: Vec<PropertyView> = properties.collect();
    let template = include_str!("../../../templates/node/emulator-methods.ts.j2");
    render("emulator-methods.ts.j2", template, context! { properties, methods, types, checked })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_there() {
        let script = methods().unwrap();
        for method in METHODS {
            assert!(script.contains(&format!("this.#call('{}', ", method.name)), "{}\n{script}", method.name);
        }
        for line in [
            "  addFaults(...faults: readonly Fault[]): void {",
            "    check.list(FAULT)('faults', faults);",
            "  journal(instanceId?: string): JournalEntry[] {",
            "  now(): number {",
            "  advance(milliseconds: number): void {",
            "  setFrozen(instanceId: string, frozen: boolean): boolean {",
            "    check.integer('count', count);",
            "  phone(instanceId: string): Readonly<Record<string, unknown>> | undefined {",
            "import { FAULT, RULE } from './arguments.js';",
            "import type { EmulatorCredentials, Fault, JournalEntry, RequestEntry, Rule } from './emulator.js';",
        ] {
            assert!(script.contains(&format!("{line}\n")), "{line}\n{script}");
        }
    }
}
