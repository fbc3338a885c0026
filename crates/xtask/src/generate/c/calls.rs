//! The functions that make calls: one per operation of the core's table, and the log-in, which is made like them.

use serde::Serialize;

use super::names::{c_type, last_word, plural, snake};
use crate::generate::operations::{OperationView, operations};

/// A call of a client, with the names that its result has in C and C++.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The operation.
    #[serde(flatten)]
    pub operation: OperationView,
    /// The argument for the result: `results`, `task`, `authorization`; empty where there is none.
    pub out: String,
    /// The type of koophone.h: `koophone_command_result_list`; empty where there is none.
    pub c_result: String,
    /// What the library's own code calls the C type of the result.
    pub view: String,
    /// The core's type.
    pub core: String,
    /// `koophone_call_take_` with this at its end takes the result.
    pub take: String,
    /// The type of C++.
    pub cpp: String,
}

/// All of them.
pub fn calls() -> Vec<Call> {
    operations().into_iter().chain([log_in()]).map(Call::new).collect()
}

/// The calls of a task whose results are taken like those of a client, and what they are called in a sentence.
pub fn of_tasks() -> [(Call, String); 2] {
    let call = |name, returns, result| Call::new(OperationView { name, returns, result, ..log_in() });
    [
        (call("poll", "value", "TaskStatus"), "a task's `poll`".to_owned()),
        (call("wait", "per_phone", "JobResult"), "a task's `wait`".to_owned()),
    ]
}

/// The log-in: no operation of the table, because it goes to the identity service.
fn log_in() -> OperationView {
    OperationView {
        name: "login",
        service_name: "the log-in",
        method: "POST".to_owned(),
        path: "/v3/auth/tokens".to_owned(),
        doc: "Makes sure that there is a credential, logging in to the identity service if necessary, and says whose it is.",
        idempotent: true,
        read_only: true,
        destructive: false,
        costs_money: false,
        target: "none",
        max_batch: 0,
        params: Vec::new(),
        returns: "value",
        result: "Identity",
    }
}

impl Call {
    /// With the names that follow from what it returns.
    pub fn new(operation: OperationView) -> Self {
        let of = operation.result;
        let [out, c_result, core, take, cpp] = match operation.returns {
            "per_phone" => [
                plural(&last_word(of)),
                format!("{}_list", c_type(of)),
                format!("Vec<koophone::{of}>"),
                plural(&snake(of)),
                plural(of),
            ],
            "task" => ["task", "koophone_task", "koophone::Task", "task", "Task"].map(str::to_owned),
            "nothing" => ["", "", "()", "nothing", "Nothing"].map(str::to_owned),
            _ => [last_word(of), c_type(of), format!("koophone::{of}"), snake(of), format!("Owned{of}")],
        };
        let view = if c_result.is_empty() { "Nothing".to_owned() } else { c_result.clone() };
        Self { operation, out, c_result, view, core, take, cpp }
    }
}
