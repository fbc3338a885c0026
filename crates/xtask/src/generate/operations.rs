//! The operations as templates see them: the core's table, in text and lists.

use koophone::{Operation, ParamKind, Returns, Target};
use serde::Serialize;

/// An operation.
#[derive(Clone, Debug, Serialize)]
pub struct OperationView {
    /// snake_case.
    pub name: &'static str,
    /// The service's name.
    pub service_name: &'static str,
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// With the name of the id in its place: `/v1/instances/tasks/{task_id}`.
    pub path: String,
    /// What it does, in sentences.
    pub doc: &'static str,
    /// Whether it may be sent again after it may have been executed.
    pub idempotent: bool,
    /// Whether it only reads.
    pub read_only: bool,
    /// Whether a caller may say that a repeat does no harm.
    pub may_be_repeatable: bool,
    /// Whether it destroys user data.
    pub destructive: bool,
    /// Whether it costs money.
    pub costs_money: bool,
    /// `phones`, `assignments` (which is among the parameters), `phone`, `task` or `none`.
    pub target: &'static str,
    /// Maximum number of phones in one request; 0 if it takes no list.
    pub max_batch: usize,
    /// Arguments besides the target.
    pub params: Vec<ParamView>,
    /// Whether it is a wait: its timeout limits the wait.
    pub waits: bool,
    /// Whether it takes a progress callback: a wait, or a verb of many requests.
    pub reports: bool,
    /// Whether a predicate is among its parameters.
    pub asks: bool,
    /// `per_phone`, `task`, `value`, `list`, `page` or `nothing`.
    pub returns: &'static str,
    /// The type of the result, or of a part of it, in CamelCase; empty for `task` and `nothing`.
    pub result: &'static str,
}

impl OperationView {
    /// With what follows from its parameters, and from whether it is a wait.
    pub fn waiting(self, waits: bool) -> Self {
        let [reads_pages, asks] = ["PageOptions", "Predicate"].map(|of| self.params.iter().any(|param| param.of == of));
        Self { waits, reports: waits || reads_pages, asks, ..self }
    }
}

/// An argument.
#[derive(Clone, Debug, Serialize)]
pub struct ParamView {
    /// snake_case.
    pub name: &'static str,
    /// `text`, `integer`, `bool`, `duration` (whose default is a number of milliseconds), `texts` (none, one, or one
    /// for each phone), `predicate`, `struct` or `struct_list`.
    pub kind: &'static str,
    /// The structure, or the core's type of `texts`, in CamelCase; empty otherwise.
    pub of: &'static str,
    /// What it means: part of a sentence.
    pub doc: &'static str,
    /// Its default as text, if it may be left out.
    pub default: Option<&'static str>,
}

/// The whole table, row by row.
pub fn table() -> Vec<OperationView> {
    koophone::OPERATIONS.iter().map(|operation| view(operation)).collect()
}

/// The calls that every face has: the table, with two forms of what returns pages. `list_things` lists all of them
/// (`returns` is `list`), and `list_things_page` reads one page.
pub fn operations() -> Vec<OperationView> {
    table().into_iter().flat_map(forms).collect()
}

fn forms(row: OperationView) -> Vec<OperationView> {
    if row.returns != "page" {
        return vec![row];
    }
    let list = OperationView {
        doc: kept(format!(
            "{} Pages are read one after the other as they are needed; an item that is on two pages is returned once.",
            row.doc
        )),
        params: row.params.iter().filter(|param| param.name != "page_no").cloned().collect(),
        returns: "list",
        result: row.result.strip_suffix("Page").unwrap_or(row.result),
        ..row.clone()
    };
    let page = OperationView {
        name: kept(format!("{}_page", row.name)),
        doc: kept(format!(
            "{} This reads one page. Entries may be added and removed between two pages: expect duplicates, and \
                continue until a page is empty.",
            row.doc
        )),
        ..row
    };
    vec![list, page]
}

/// A text that lives as long as the generator, like those of the table.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// The verbs of phones, in the form that names several: methods of `client.phones(ids)` in the core. Waits come last.
pub fn verbs() -> Vec<OperationView> {
    let waits = koophone::WAITS.iter().map(|wait| view(wait).waiting(true));
    koophone::VERBS.iter().map(|verb| view(verb)).chain(waits).collect()
}

/// The login: not in the table of operations, because it is sent to the identity service, but a call like the others.
pub fn login() -> OperationView {
    OperationView {
        name: "login",
        service_name: "the login",
        method: "POST".to_owned(),
        path: "/v3/auth/tokens".to_owned(),
        doc: "Authenticates if needed, and returns the caller's identity. Only a password needs the service call, \
            which is one of the identity service; a token that is still valid is used again.",
        idempotent: true,
        read_only: true,
        may_be_repeatable: false,
        destructive: false,
        costs_money: false,
        target: "none",
        max_batch: 0,
        params: Vec::new(),
        waits: false,
        reports: false,
        asks: false,
        returns: "value",
        result: "Identity",
    }
}

fn view(operation: &Operation) -> OperationView {
    let (target, id) = match operation.target {
        Target::Phones { .. } => ("phones", ""),
        Target::Assignments { .. } => ("assignments", ""),
        Target::Phone => ("phone", "{instance_id}"),
        Target::Task => ("task", "{task_id}"),
        _ => ("none", ""),
    };
    let (returns, result) = match operation.returns {
        Returns::PerPhone(of) => ("per_phone", of),
        Returns::Task { .. } => ("task", ""),
        Returns::Value(of) => ("value", of),
        Returns::Page(of) => ("page", of),
        _ => ("nothing", ""),
    };
    let params = operation.params.iter().map(|param| {
        let (kind, of) = match param.kind {
            ParamKind::Integer => ("integer", ""),
            ParamKind::Number => ("number", ""),
            // A text, and an integer, of a type that some languages have.
            ParamKind::LocalPath => ("text", "Path"),
            ParamKind::MaxCalls => ("integer", "PageOptions"),
            ParamKind::Bool => ("bool", ""),
            ParamKind::Duration => ("duration", ""),
            ParamKind::TextPerPhone(of) => ("texts", of),
            ParamKind::Predicate => ("predicate", "Predicate"),
            ParamKind::Struct(of) => ("struct", of),
            ParamKind::StructList(of) => ("struct_list", of),
            _ => ("text", ""),
        };
        ParamView { name: param.name, kind, of, doc: param.doc, default: param.default }
    });
    OperationView {
        name: operation.name,
        service_name: operation.service_name,
        method: operation.method.to_string(),
        path: operation.path.replace("{}", id),
        doc: operation.doc,
        idempotent: operation.idempotent,
        read_only: operation.read_only,
        may_be_repeatable: !operation.idempotent && !operation.costs_money,
        destructive: operation.destructive,
        costs_money: operation.costs_money,
        target,
        max_batch: operation.max_batch().unwrap_or_default(),
        params: params.collect(),
        waits: false,
        reports: false,
        asks: false,
        returns,
        result,
    }
    .waiting(false)
}
