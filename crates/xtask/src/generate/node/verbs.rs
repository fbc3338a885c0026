//! The verbs of phones: the addon's methods, and `Phone` and `Phones` in TypeScript.

use minijinja::context;
use serde::Serialize;

use super::super::operations::OperationView;
use super::super::template::{camel, render};
use super::super::{Description, FieldKind};
use super::model::type_of;
use super::operations::{ArgumentView, argument, documentation};

#[derive(Serialize)]
struct VerbView<'a> {
    /// As the table has it.
    table: &'a OperationView,
    /// camelCase.
    name: String,
    /// The addon's method.
    native: String,
    doc: String,
    params: Vec<ArgumentView>,
    /// The type of what one phone returns: `void` where there is only success or failure.
    value: String,
    /// What one phone returns, as a sentence; empty where it is nothing.
    returns_doc: String,
    /// Arguments of a call: what the documentation of an argument names, or a variable of its name.
    example: String,
}

/// `verbs.ts`.
pub(super) fn classes(table: &[OperationView], results: &Description) -> Result<String, String> {
    let verbs = table.iter().map(|verb| view(verb, results)).collect::<Result<Vec<_>, _>>()?;
    let is_type = |name: &&str| results.structs.iter().any(|of| of.name == **name);
    let values = verbs.iter().map(|verb| verb.value.as_str()).filter(is_type);
    let mut types: Vec<&str> = values.chain(table.iter().map(|verb| verb.result)).collect();
    types.sort_unstable();
    types.dedup();
    let template = concat!(
        include_str!("../../../templates/node/methods.ts.j2"),
        include_str!("../../../templates/node/verbs.ts.j2")
    );
    render("verbs.ts.j2", template, context! { verbs, types })
}

/// The addon's methods, in Rust.
pub(super) fn addon(table: &[OperationView]) -> Result<String, String> {
    let template = concat!(
        include_str!("../../../templates/node/addon.rs.j2"),
        include_str!("../../../templates/node/verbs.rs.j2")
    );
    render("verbs.rs.j2", template, context! { table })
}

fn view<'a>(verb: &'a OperationView, results: &Description) -> Result<VerbView<'a>, String> {
    let of = results.structs.iter().find(|of| of.name == verb.result);
    let of = of.ok_or_else(|| format!("{} returns {}, which the core does not describe", verb.name, verb.result))?;
    let value = of.fields.iter().find(|field| field.name == "value");
    let params = verb.params.iter().map(argument).collect::<Result<Vec<_>, _>>()?;
    let required = params.iter().filter(|param| param.default.is_none());
    Ok(VerbView {
        table: verb,
        name: camel(verb.name),
        native: camel(&format!("phones_{}", verb.name)),
        doc: documentation(verb.doc),
        value: value.map_or_else(|| "void".to_owned(), |value| type_of(of, value, true)),
        returns_doc: value.map(|value| returns_doc(&value.kind)).unwrap_or_default(),
        example: required.map(example).collect::<Vec<_>>().join(", "),
        params,
    })
}

fn returns_doc(value: &FieldKind) -> String {
    match value {
        FieldKind::Text | FieldKind::Enum(_) => "The text.".to_owned(),
        FieldKind::Integer(_) => "The number.".to_owned(),
        FieldKind::Bool => "Whether it is so.".to_owned(),
        FieldKind::TextList => "The texts.".to_owned(),
        FieldKind::IntegerList(_) => "The numbers.".to_owned(),
        FieldKind::Bytes => "The bytes.".to_owned(),
        FieldKind::Struct(of) => format!("The {{@link {of}}}."),
        FieldKind::StructList(of) => format!("One {{@link {of}}} after the other."),
    }
}

fn example(param: &ArgumentView) -> String {
    match param.doc.split_once("for example ") {
        Some((_, text)) if param.of == "string" => format!("'{text}'"),
        _ => param.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::operations::{ParamView, verbs};
    use super::*;

    fn description() -> Description {
        let result = |value: serde_json::Value| {
            let error = json!({"anyOf": [{"$ref": "#/$defs/Error"}, {"type": "null"}]});
            let mut fields = json!({"instance_id": {"type": "string"}, "value": value, "error": error});
            fields.as_object_mut().unwrap().retain(|_, field| !field.is_null());
            json!({ "properties": fields })
        };
        let size = json!({"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "null"}]});
        let integers = json!({"type": ["array", "null"], "items": {"type": "integer", "format": "int64"}});
        Description::of(&[
            ("Size", json!({"properties": {"width": {"type": "integer", "format": "int64"}}})),
            ("DoneResult", result(json!(null))),
            ("TextResult", result(json!({"type": ["string", "null"]}))),
            ("FlagResult", result(json!({"type": ["boolean", "null"]}))),
            ("NumberListResult", result(integers)),
            ("SizeResult", result(size)),
        ])
        .unwrap()
    }

    fn param(name: &'static str, kind: &'static str, doc: &'static str, default: Option<&'static str>) -> ParamView {
        ParamView { name, kind, of: "", doc, default }
    }

    /// A verb of every kind of argument, value and effect.
    fn table() -> Vec<OperationView> {
        let one = |name, result, (idempotent, read_only, destructive), params| OperationView {
            name,
            service_name: "run",
            method: "POST".to_owned(),
            path: "/v1/run".to_owned(),
            doc: "Does it; see run_command.",
            idempotent,
            read_only,
            may_be_repeatable: !idempotent,
            destructive,
            costs_money: false,
            target: "phones",
            max_batch: 50,
            params,
            waits: false,
            reports: false,
            asks: false,
            returns: "per_phone",
            result,
        };
        let place =
            || vec![param("x", "integer", "Pixels", None), param("duration", "duration", "How long", Some("500"))];
        let old = ParamView { of: "Before", ..param("old", "texts", "As it was", Some("null")) };
        vec![
            one("press_it", "DoneResult", (false, false, true), place()),
            one(
                "read_text",
                "TextResult",
                (true, true, false),
                vec![param("name", "text", "It, for example a.b", None)],
            ),
            one("is_on", "FlagResult", (true, true, false), vec![param("at_all", "bool", "Whether", Some("true"))]),
            one("ids", "NumberListResult", (true, true, false), vec![param("package", "text", "Which", Some(""))]),
            one("size", "SizeResult", (true, false, false), vec![]),
            OperationView { waits: true, reports: true, ..one("wait", "DoneResult", (true, true, false), vec![old]) },
        ]
    }

    fn assert_parts(text: &str, parts: &[&str]) {
        for part in parts {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
    }

    #[test]
    fn every_kind_of_verb_has_a_method_for_one_phone_and_for_many() {
        let text = classes(&table(), &description()).unwrap();
        assert_parts(
            &text,
            &[
                "  async pressIt(x: number, durationMs: number = 500, options?: FleetOptions): Promise<DoneResult[]> {
    check.integer('x', x);
    check.milliseconds('durationMs', durationMs);
    check.fields(options, FLEET_OPTIONS);
",
                "((...header) => this.#native.phonesPressIt(...header, this.#ids, x, durationMs), options);\n",
                "  async pressIt(x: number, durationMs: number = 500, options?: CallOptions): Promise<void> {
    check.fields(options, CALL_OPTIONS);
    only(await this.#phones.pressIt(x, durationMs, options));
",
                "  async readText(name: string, options?: CallOptions): Promise<string> {\n",
                "    return only(await this.#phones.readText(name, options)) as string;\n",
                "  async isOn(atAll: boolean = true, options?: CallOptions): Promise<boolean> {\n",
                "  async ids(packageName: string = '', options?: CallOptions): Promise<readonly number[]> {\n",
                "    check.string('package', packageName);\n",
                "  async size(options?: CallOptions): Promise<Size> {\n",
                "  async wait(old: string | readonly string[] | null = null, options?: WaitOptions): \
                 Promise<DoneResult[]> {
    check.texts('old', old);
    check.fields(options, WAIT_OPTIONS);
    const onProgress = options?.onProgress ?? undefined;
    const start: Start = (...header) => this.#native.phonesWait(...header, this.#ids, snakeJson(old), \
                 onProgress !== undefined);
    return callFleet(start, options, onProgress);
",
                "  async wait(old: string | readonly string[] | null = null, options?: PhoneWaitOptions): \
                 Promise<void> {
    check.fields(options, PHONE_WAIT_OPTIONS);
",
                "   * Does it; see runCommand.\n   * **User data is lost.**\n",
                "   * @param durationMs - How long. In milliseconds. Default: 500.\n",
                "   * @returns The {@link Size}.\n",
                "   * await client.phone(instanceId).pressIt(x);\n",
                "   * const value = await client.phone(instanceId).readText('a.b');\n",
                "   * const results = await client.phones(instanceIds).readText('a.b');\n",
                "import type { DoneResult, FlagResult, NumberListResult, Size, SizeResult, TextResult } from ",
            ],
        );
    }

    #[test]
    fn every_kind_of_verb_has_a_method_of_the_addon() {
        let text = super::super::rust::rustfmt(&addon(&table()).unwrap()).unwrap();
        assert_parts(
            &text.split_whitespace().collect::<Vec<_>>().join(" "),
            &[
                "instance_ids: String, x: i64, duration_ms: f64, ) -> napi::Result<()>",
                "let duration = milliseconds(duration_ms);",
                "self.open.start(self.client.phones(instance_ids).press_it(x, duration), header, crossing::results)",
                "instance_ids: String, at_all: bool, ) -> napi::Result<()>",
                "instance_ids: String, old: String, is_told: bool, ) -> napi::Result<()>",
                "let on_progress = on_progress(is_told, self.open.notify(id, cancel));",
                "let old = read::<koophone::Before>(\"old\", &old)?;",
                ".wait(old, wait_options(on_progress))",
            ],
        );
    }

    #[test]
    fn every_verb_of_the_core_is_there_and_unknown_results_are_errors() {
        let text = classes(&verbs(), &Description::of_the_core().unwrap()).unwrap();
        for verb in koophone::VERBS.iter().chain(koophone::WAITS) {
            assert_eq!(text.matches(&format!("\n  async {}(", camel(verb.name))).count(), 2, "{}", verb.name);
        }
        let mut wrong = table();
        wrong[0].result = "Unknown";
        assert!(classes(&wrong, &description()).unwrap_err().contains("Unknown"));
    }
}
