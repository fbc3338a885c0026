//! The functions that make calls: one per row of the core's tables of operations and verbs, and the login, which is
//! generated like them.

use serde::Serialize;

use super::names::{c_type, last_word, plural, singular, snake};
use crate::generate::handles::{HANDLES, Handle};
use crate::generate::operations::{OperationView, login, operations};

/// A call of a client, with the names that its result has in C and C++.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The operation.
    #[serde(flatten)]
    pub operation: OperationView,
    /// The noun in the names of its functions: `client`, or `phones` for a verb.
    pub noun: &'static str,
    /// The argument for the result: `results`, `task`, `authorization`; empty if there is none.
    pub out: String,
    /// The field of the runners' responses that contains it, if it is one value.
    pub reply: String,
    /// The type of koophone.h: `koophone_command_result_list`; empty if there is none.
    pub c_result: String,
    /// The name of the result's C type in the library's own code.
    pub view: String,
    /// The core's type.
    pub core: String,
    /// `koophone_call_take_` with this suffix takes the result.
    pub take: String,
    /// The type of C++.
    pub cpp: String,
    /// The index of the first argument from which all have a default, as C++ requires.
    pub first_default: usize,
    /// Whether ignoring its result is a mistake: not for a login, which is made for its effect.
    pub is_kept: bool,
    /// The arguments of a C function between the client and the options.
    pub arguments: Vec<Argument>,
    /// The positions of the arguments that may be NULL; the client has position 0.
    pub optional: Vec<usize>,
    /// The same for the function that starts it: that of a wait has one more.
    pub optional_begin: Vec<usize>,
}

/// An argument of a C function, and what tests pass for it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// A valid value.
    pub good: String,
    /// For texts, a value that is not UTF-8, and the argument's name in the error.
    pub bad: String,
    /// See `bad`.
    pub refused: String,
    /// For the count of a list: the list.
    pub counts: String,
    /// Whether it may be NULL.
    pub is_optional: bool,
    /// Whether it is a pointer to one structure.
    pub is_struct: bool,
}

/// The result of a login.
const IDENTITY: &str = "Identity";

/// All of them. Verbs come last.
pub fn calls() -> Vec<Call> {
    let operations = operations().into_iter().chain([login()]).map(Call::new);
    operations.chain(crate::generate::operations::verbs().into_iter().map(Call::verb)).collect()
}

/// A call of a handle that a client returns, such as a task.
#[derive(Serialize)]
pub struct HandleCall {
    /// Its result is taken like those of a client's calls.
    #[serde(flatten)]
    pub call: Call,
    /// The word in the names of its functions.
    pub handle: String,
    /// Whether the C type of the handle contains more than the core's: its module has a function for that.
    pub has_module: bool,
    /// What is returned, and the kinds of errors that have a special meaning here.
    pub details: Vec<String>,
}

/// The calls of tasks and device tokens. One with a result per phone reports its progress.
pub fn of_handles() -> Vec<HandleCall> {
    let of = |handle: &'static Handle| {
        handle.calls.iter().map(|call| {
            let raises = call.raises.iter().map(|(kind, why)| format!("Fails with ``{}``: {why}", c_constant(kind)));
            HandleCall {
                call: Call::new(call.view()),
                handle: snake(handle.name),
                has_module: !handle.properties.is_empty(),
                details: [call.returns_doc.to_owned()].into_iter().chain(raises).collect(),
            }
        })
    };
    HANDLES.iter().flat_map(of).collect()
}

fn c_constant(kind: &str) -> String {
    format!("KOOPHONE_{}", kind.to_uppercase())
}

impl Call {
    /// A verb.
    pub fn verb(operation: OperationView) -> Self {
        Self { noun: "phones", ..Self::new(operation) }
    }

    /// An operation, with the names that follow from what it returns.
    pub fn new(operation: OperationView) -> Self {
        let of = operation.result;
        let [mut out, c_result, core, take, cpp] = match operation.returns {
            "per_phone" => [
                plural(&last_word(of)),
                format!("{}_list", c_type(of)),
                format!("Vec<koophone::{of}>"),
                plural(&snake(of)),
                plural(of),
            ],
            "task" => ["task", "koophone_task", "koophone::Task", "task", "Task"].map(str::to_owned),
            "nothing" => ["", "", "()", "nothing", "Nothing"].map(str::to_owned),
            // Nothing is taken from a call: the handle is returned at once.
            "list" => {
                let handle = format!("{}_listing", c_type(of));
                ["listing".to_owned(), handle, format!("koophone::{of}"), String::new(), format!("{of}Listing")]
            }
            _ => [last_word(of), c_type(of), format!("koophone::{of}"), snake(of), format!("Owned{of}")],
        };
        let view = if c_result.is_empty() { "Nothing".to_owned() } else { c_result.clone() };
        let arguments = arguments(&operation);
        let reply = match operation.returns {
            "page" => "page".to_owned(),
            "list" => "items".to_owned(),
            _ => out.clone(),
        };
        // No two arguments of a function have the same name.
        if arguments.iter().any(|argument| argument.name == out) {
            out.insert_str(0, "new_");
        }
        let is_optional = |at: &usize| arguments.get(*at).is_none_or(|argument| argument.is_optional);
        // After its own arguments, a long call has those of the progress callback; the options are last.
        let places = |callback: usize| (0..=arguments.len() + callback).filter(is_optional).map(|at| at + 1).collect();
        let (optional, optional_begin) =
            if operation.reports { (places(2), places(3)) } else { (places(0), places(0)) };
        let is_kept = operation.returns != "nothing" && operation.result != IDENTITY;
        let needed = operation.params.iter().rposition(|param| param.default.is_none());
        let first_default = needed.map_or(0, |at| at + 1);
        Self {
            noun: "client",
            operation,
            out,
            reply,
            c_result,
            view,
            core,
            take,
            cpp,
            first_default,
            is_kept,
            arguments,
            optional,
            optional_begin,
        }
    }
}

fn arguments(operation: &OperationView) -> Vec<Argument> {
    let text = |name: &str, is_optional| Argument {
        name: name.to_owned(),
        good: "\"true\"".to_owned(),
        bad: "bad".to_owned(),
        refused: name.to_owned(),
        is_optional,
        ..Argument::default()
    };
    let other = |name: &str, good: String| Argument { name: name.to_owned(), good, ..Argument::default() };
    let count = |name: String, counts: &str| Argument { counts: counts.to_owned(), ..other(&name, "one".to_owned()) };
    let mut arguments = match operation.target {
        "phones" => vec![
            Argument {
                good: "ids".to_owned(),
                bad: "bad_ids".to_owned(),
                refused: "instance_ids[0]".to_owned(),
                ..text("instance_ids", false)
            },
            count("instance_count".to_owned(), "instance_ids"),
        ],
        "phone" => vec![text("instance_id", false)],
        "task" => vec![text("task_id", false)],
        _ => Vec::new(),
    };
    for param in &operation.params {
        let name = param.name;
        arguments.push(match param.kind {
            "integer" => other(name, "std::int64_t(1)".to_owned()),
            "duration" => other(&format!("{name}_ms"), "std::int64_t(1)".to_owned()),
            "number" => other(name, "0.5".to_owned()),
            "bool" => other(name, "true".to_owned()),
            "predicate" => other(name, "predicate".to_owned()),
            "texts" => Argument {
                good: "ids".to_owned(),
                bad: "bad_ids".to_owned(),
                refused: format!("{name}[0]"),
                ..text(name, false)
            },
            "struct" | "struct_list" => Argument {
                is_struct: param.kind == "struct",
                is_optional: param.kind == "struct" && param.default.is_some(),
                ..other(name, format!("&{}", snake(param.of)))
            },
            _ => text(name, param.default.is_some()),
        });
        if ["struct_list", "texts"].contains(&param.kind) {
            arguments.push(count(format!("{}_count", singular(name)), name));
        }
    }
    arguments
}
