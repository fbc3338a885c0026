//! The methods of operations: those of the addon and of `Client`, and the conformance runner's table of them.

use minijinja::{Value, context};
use serde::Serialize;

use super::super::handles::{CLIENT, FUNCTIONS, HANDLES, PLAYERS};
use super::super::operations::{OperationView, ParamView};
use super::super::suites::Call;
use super::super::template::{camel, constant, render};
use super::super::{Description, Field, FieldKind, StructType};
use super::prose;

#[derive(Serialize)]
struct MethodView<'a> {
    /// The row of the table.
    table: &'a OperationView,
    /// camelCase.
    name: String,
    doc: String,
    params: Vec<ArgumentView>,
    /// The variable name for the result or an item of it.
    variable: String,
    /// Whether the result has fields that must not be printed.
    is_secret: bool,
    /// List fields of a value whose items may contain an error.
    error_lists: Vec<String>,
    /// List fields whose items contain secrets: the name, and the items' type.
    secret_lists: Vec<(String, String)>,
}

#[derive(Serialize)]
pub(super) struct ArgumentView {
    /// camelCase.
    pub name: String,
    /// The name in errors.
    called: String,
    /// Its type in TypeScript.
    pub of: String,
    pub doc: String,
    /// The check, as an expression.
    kind: String,
    /// Whether it is passed to the addon as JSON.
    is_json: bool,
    /// Whether it is not passed to the addon: a function.
    stays: bool,
    /// The type of a list's items; empty for others.
    item: &'static str,
    /// The default, as a TypeScript expression.
    pub default: Option<String>,
}

/// `operations.ts`: the methods that `Client` has for operations and for the handles.
pub(super) fn methods(table: &[OperationView], results: &Description, handles: &[Value]) -> Result<String, String> {
    let methods = table.iter().map(|one| method(one, results)).collect::<Result<Vec<_>, _>>()?;
    let used = |names: Vec<&str>| {
        let mut names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let structures: Vec<&str> = table.iter().flat_map(|one| &one.params).map(|param| param.of).collect();
    let constants: Vec<String> = used(structures.clone()).iter().map(|name| constant(name)).collect();
    let types =
        used(table.iter().map(|one| one.result).chain(structures).chain(CLIENT.iter().map(|one| one.kind)).collect());
    let client: Vec<Value> = CLIENT
        .iter()
        .map(|one| context! { name => camel(one.name), kind => one.kind, doc => documentation(one.doc) })
        .collect();
    let has = |test: fn(&MethodView) -> bool| methods.iter().any(test);
    let context = context! {
        has_per_phone => has(|one| one.table.returns == "per_phone"),
        has_calls => has(|one| !["per_phone", "list"].contains(&one.table.returns)),
        has_lists_of_pages => has_lists(table),
        has_fleet => has(|one| ["per_phone", "task"].contains(&one.table.returns)),
        has_single => has(|one| !["per_phone", "task"].contains(&one.table.returns)),
        has_secrets => has(|one| one.is_secret || !one.secret_lists.is_empty()),
        has_errors => has(|one| !one.error_lists.is_empty()),
        handles,
        client,
        methods,
        types,
        constants,
    };
    let template = concat!(
        include_str!("../../../templates/node/methods.ts.j2"),
        include_str!("../../../templates/node/operations.ts.j2")
    );
    render("operations.ts.j2", template, context)
}

fn has_lists(table: &[OperationView]) -> bool {
    table.iter().any(|one| one.returns == "list")
}

/// The addon's methods, in Rust.
pub(super) fn addon(table: &[OperationView], results: &Description) -> Result<String, String> {
    let has_output = |of: &&StructType| of.fields.iter().any(|field| field.name == "output");
    let with_output: Vec<&str> = results.structs.iter().filter(has_output).map(|of| of.name.as_str()).collect();
    let template = concat!(
        include_str!("../../../templates/node/addon.rs.j2"),
        include_str!("../../../templates/node/operations.rs.j2")
    );
    let (has_lists, handles, client) = (has_lists(table), HANDLES, CLIENT);
    let (functions, players) = (FUNCTIONS, PLAYERS);
    render(
        "operations.rs.j2",
        template,
        context! { table, handles, client, functions, players, with_output, has_lists },
    )
}

/// The conformance runner's table of operations and settings.
pub(super) fn runner(table: &[OperationView], verbs: &[OperationView]) -> Result<String, String> {
    let [table, verbs] = [table, verbs].map(|calls| calls.iter().map(Call::of).collect::<Vec<_>>());
    let settings: Vec<_> = koophone::settings::SETTINGS
        .iter()
        .map(|setting| (setting.name, super::settings::name(setting), super::settings::checked(setting)))
        .collect();
    let template = include_str!("../../../templates/node/runner-operations.mjs.j2");
    render("runner-operations.mjs.j2", template, context! { table, verbs, settings })
}

fn method<'a>(one: &'a OperationView, results: &Description) -> Result<MethodView<'a>, String> {
    let of = results.structs.iter().find(|of| of.name == one.result);
    if of.is_none() && !one.result.is_empty() {
        return Err(format!("{} returns {}, which the core does not describe", one.name, one.result));
    }
    let variable = variable(one.result);
    // Avoids a clash of names, such as an argument `order` and a result `Order`.
    let is_argument = one.params.iter().any(|param| camel(param.name) == variable);
    let variable = if is_argument { "result".to_owned() } else { variable };
    Ok(MethodView {
        table: one,
        name: camel(one.name),
        doc: documentation(one.doc),
        params: one.params.iter().map(argument).collect::<Result<_, _>>()?,
        variable,
        is_secret: of.is_some_and(|of| of.fields.iter().any(|field| field.secret)),
        error_lists: of.map(|of| error_lists(of, results)).unwrap_or_default(),
        secret_lists: of.map(|of| secret_lists(of, results)).unwrap_or_default(),
    })
}

/// A type's name as a variable name.
pub(super) fn variable(of: &str) -> String {
    of.chars().take(1).flat_map(char::to_lowercase).chain(of.chars().skip(1)).collect()
}

pub(super) fn error_lists(of: &StructType, all: &Description) -> Vec<String> {
    let holds_errors = |name: &String| {
        let item = all.structs.iter().find(|item| item.name == *name);
        let is_error = |kind: &FieldKind| *kind == FieldKind::Struct("ErrorDetails".to_owned());
        item.is_some_and(|item| item.fields.iter().any(|field| is_error(&field.kind)))
    };
    let lists =
        of.fields.iter().filter(|field| matches!(&field.kind, FieldKind::StructList(name) if holds_errors(name)));
    lists.map(|field| super::camel(&field.name)).collect()
}

fn secret_lists(of: &StructType, all: &Description) -> Vec<(String, String)> {
    let holds_secrets = |name: &String| {
        let item = all.structs.iter().find(|item| item.name == *name);
        item.is_some_and(|item| item.fields.iter().any(|field| field.secret))
    };
    let list = |field: &Field| match &field.kind {
        FieldKind::StructList(name) if holds_secrets(name) => Some((super::camel(&field.name), name.clone())),
        _ => None,
    };
    of.fields.iter().filter_map(list).collect()
}

/// Documentation of a call, with JavaScript's names of calls.
pub(super) fn documentation(text: &str) -> String {
    let named = |name: &str| {
        koophone::OPERATIONS.iter().chain(koophone::VERBS).chain(koophone::WAITS).any(|one| one.name == name)
    };
    let mut out = String::new();
    for word in prose(text).split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let name = word.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
        out += &if named(name) { word.replace(name, &camel(name)) } else { word.to_owned() };
    }
    out
}

pub(super) fn argument(param: &ParamView) -> Result<ArgumentView, String> {
    let (of, kind) = match param.kind {
        "text" => ("string".to_owned(), "string".to_owned()),
        "integer" => ("number".to_owned(), "integer".to_owned()),
        "number" => ("number".to_owned(), "number".to_owned()),
        "bool" => ("boolean".to_owned(), "boolean".to_owned()),
        "duration" => ("number".to_owned(), "milliseconds".to_owned()),
        "texts" => ("string | readonly string[] | null".to_owned(), "check.texts".to_owned()),
        "predicate" => ("(text: string) => boolean | Promise<boolean>".to_owned(), "callback".to_owned()),
        "struct" => (param.of.to_owned(), constant(param.of)),
        _ => (format!("Iterable<{}>", param.of), constant(param.of)),
    };
    let default = match (param.kind, param.default) {
        (_, None) => None,
        ("text", Some(text)) => Some(format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))),
        ("struct", Some("{}")) | ("struct_list", Some("[]")) | ("integer" | "bool" | "duration" | "texts", Some(_)) => {
            param.default.map(str::to_owned)
        }
        (_, Some(text)) => return Err(format!("the default of {} cannot be {text}", param.name)),
    };
    let is_time = param.kind == "duration";
    let unit = if is_time { "Ms" } else { "" };
    let doc = documentation(param.doc);
    Ok(ArgumentView {
        name: super::variable_name(param.name) + unit,
        called: camel(param.name) + unit,
        of,
        doc: if is_time { doc + ". In milliseconds" } else { doc },
        kind,
        is_json: matches!(param.kind, "struct" | "struct_list" | "texts"),
        stays: param.kind == "predicate",
        item: if param.kind == "struct_list" { param.of } else { "" },
        default,
    })
}

#[cfg(test)]
mod tests {
    use koophone::{ParamKind, Returns, Target};
    use serde_json::json;

    use super::*;

    fn description() -> Description {
        let thing = json!({"properties": {"token": {"type": "string", "x-secret": true}, "items": {"type": "array",
            "items": {"$ref": "#/$defs/Item"}}}});
        let item = json!({"properties": {"error": {"anyOf": [{"$ref": "#/$defs/Error"}, {"type": "null"}]}}});
        Description::of(&[("Thing", thing), ("Item", item)]).unwrap()
    }

    fn param(name: &'static str, kind: &'static str, of: &'static str, default: Option<&'static str>) -> ParamView {
        ParamView { name, kind, of, doc: "What it means", default }
    }

    /// One operation of every target and result, and arguments of every kind.
    fn table() -> Vec<OperationView> {
        let one = |name, target, returns, result, params| OperationView {
            name,
            service_name: "Service",
            method: "POST".to_owned(),
            path: "/v1/things/act".to_owned(),
            doc: "Acts.",
            idempotent: returns == "value",
            read_only: returns == "page",
            may_be_repeatable: false,
            destructive: target == "phones",
            costs_money: target == "none",
            target,
            max_batch: if target == "phones" { 50 } else { 0 },
            params,
            waits: false,
            reports: false,
            asks: false,
            returns,
            result,
        };
        vec![
            one("act_on_phones", "phones", "per_phone", "Item", vec![param("rule_list", "struct_list", "Rule", None)]),
            one("start_on_phones", "phones", "task", "", vec![param("a_rule", "struct", "Rule", Some("{}"))]),
            one("stop_streaming", "phone", "nothing", "", vec![]),
            one("get_thing", "task", "value", "Thing", vec![param("is_new", "bool", "", Some("true"))]),
            one(
                "list_parts",
                "phone",
                "list",
                "Thing",
                vec![param("filter", "struct", "Rule", Some("{}")), param("page_size", "integer", "", Some("50"))],
            ),
            one(
                "list_things",
                "none",
                "page",
                "Thing",
                vec![param("page_no", "integer", "", Some("1")), param("name", "text", "", Some("it's"))],
            ),
        ]
    }

    fn assert_lines(text: &str, lines: &[&str]) {
        for line in lines {
            assert!(text.contains(&format!("{line}\n")), "{line}\nis not in\n{text}");
        }
    }

    #[test]
    fn every_kind_of_operation_has_a_method_of_the_client() {
        let text = methods(&table(), &description(), &[]).unwrap();
        assert_lines(
            &text,
            &[
                "  async actOnPhones(instanceIds: readonly string[], ruleList: Iterable<Rule>, options?: \
                 FleetOptions): Promise<Item[]> {",
                "    check.strings('instanceIds', instanceIds);",
                "    const ruleListItems = check.items('ruleList', ruleList, 'Rule', RULE);",
                "    return callFleet((...header) => this.#native.actOnPhones(...header, JSON.stringify(instanceIds), \
                 snakeJson(ruleListItems)), options);",
                "    RULE('aRule', aRule);",
                "  async startOnPhones(instanceIds: readonly string[], aRule: Rule = {}, options?: FleetOptions): \
                 Promise<Task> {",
                "    return new Task(this.#native, started as TaskData, options?.signal);",
                "  async stopStreaming(instanceId: string, options?: CallOptions): Promise<void> {",
                "    await call((...header) => this.#native.stopStreaming(...header, instanceId), options);",
                "  async getThing(taskId: string, isNew: boolean = true, options?: CallOptions): Promise<Thing> {",
                "    withErrors(thing.items);",
                "    return hiding(thing, SECRETS.Thing);",
                "  async listThings(pageNo: number = 1, name: string = 'it\\'s', options?: CallOptions): \
                 Promise<Thing> {",
                "    check.integer('pageNo', pageNo);",
                "  listParts(instanceId: string, filter: Rule = {}, pageSize: number = 50, options?: CallOptions): \
                 Listing<Thing> {",
                "    const native = lifting(() => this.#native.listParts(instanceId, snakeJson(filter), pageSize));",
                "    return new Listing<Thing>(native, options, (item) => hiding(item, SECRETS.Thing));",
                "   * **User data is lost.**",
                "   * **This costs money.**",
                "import * as check from '../checks.js';",
                "import { RULE } from './arguments.js';",
                "import { SECRETS, type Item, type Rule, type Stats, type Thing } from './model.js';",
            ],
        );
    }

    #[test]
    fn every_kind_of_operation_has_a_method_of_the_addon() {
        let text = super::super::rust::rustfmt(&addon(&table(), &description()).unwrap()).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "pub fn act_on_phones( &self, id: u32, timeout_ms: Option<f64>, repeatable: bool, check: bool, \
             traceparent: Option<String>, cancel: Option<&NativeCancelToken>, instance_ids: String, \
             rule_list: String, ) -> napi::Result<()>",
            "let rule_list = read::<Vec<koophone::Rule>>(\"ruleList\", &rule_list)?;",
            "self.open.start(self.client.act_on_phones(instance_ids, rule_list), header, crossing::results)",
            "let a_rule = read::<koophone::Rule>(\"aRule\", &a_rule)?;",
            "self.open.start(self.client.start_on_phones(instance_ids, a_rule), header, |task, check| {",
            "self.open.start(self.client.stop_streaming(instance_id), header, crossing::value)",
            "task_id: String, is_new: bool,",
            "page_no: i64, name: String,",
            "instance_id: String, filter: String, page_size: i64) -> napi::Result<NativeSource>",
            "self.client.list_parts(instance_id, filter).page_size(page_size)",
        ] {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
    }

    #[test]
    fn the_made_up_table_has_every_target_result_and_kind_of_argument() {
        // Where the core adds one, this does not compile until the table above, and the templates, have it.
        let table = table();
        let targets =
            [Target::Phones { max: 50 }, Target::Phone, Target::Task, Target::None].map(|target| match target {
                Target::Phones { .. } => "phones",
                Target::Phone => "phone",
                Target::Task => "task",
                _ => "none",
            });
        let results = [
            Returns::PerPhone("Item"),
            Returns::Task { otherwise: "get_thing" },
            Returns::Value("Thing"),
            Returns::Page("Thing"),
            Returns::Nothing,
        ];
        // What returns pages has two forms.
        let kinds = [
            ParamKind::Text,
            ParamKind::Integer,
            ParamKind::Bool,
            ParamKind::Struct("Rule"),
            ParamKind::StructList("Rule"),
        ];
        assert!(targets.iter().all(|target| table.iter().any(|one| one.target == *target)));
        assert!(
            table.iter().map(|one| one.returns).collect::<std::collections::HashSet<_>>().len() == results.len() + 1
        );
        let used: std::collections::HashSet<_> = table.iter().flat_map(|one| &one.params).map(|one| one.kind).collect();
        assert_eq!(used.len(), kinds.len());
    }

    #[test]
    fn what_nobody_describes_is_an_error() {
        let mut wrong = table();
        wrong[3].result = "Unknown";
        assert!(methods(&wrong, &description(), &[]).unwrap_err().contains("Unknown"));
        let mut wrong = table();
        wrong[1].params[0].default = Some("{\"a\": 1}");
        assert!(methods(&wrong, &description(), &[]).unwrap_err().contains("a_rule"));
    }
}
