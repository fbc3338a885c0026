//! What a client gives to go on with: a task, and a device token that is renewed. Each is a row here, and everything
//! that repeats it is written from that: the native class, its stub, and the classes for blocking code and for asyncio.

use serde::Serialize;

use super::super::operations::OperationView;
use super::examples::Example;
use super::method::Method;

/// A class that a client makes without sending anything.
#[derive(Serialize)]
pub(super) struct Handle {
    /// That of the core's type too.
    pub name: &'static str,
    /// The native class.
    pub native: &'static str,
    pub doc: &'static str,
    pub maker: Maker,
    pub properties: &'static [Property],
    pub calls: Vec<Method>,
}

/// The client's method that makes it from a text.
#[derive(Serialize)]
pub(super) struct Maker {
    pub name: &'static str,
    pub doc: &'static str,
    pub argument: &'static str,
    pub argument_doc: &'static str,
    /// What is wrong with a text that is refused at once, if it can be.
    pub refuses: Option<&'static str>,
    pub example: Example,
}

/// What is known of it without asking the service.
#[derive(Serialize)]
pub(super) struct Property {
    pub name: &'static str,
    pub doc: &'static str,
    /// `text`, `text_list`, `bool`, or the type of which there is one per phone.
    pub kind: &'static str,
    /// How a type checker sees it.
    pub annotation: &'static str,
    /// Whether it is a method.
    pub is_method: bool,
}

impl Property {
    /// The structure of it.
    pub fn of(&self) -> Option<&'static str> {
        self.annotation.strip_prefix("Results[").and_then(|of| of.strip_suffix(']'))
    }
}

/// A call that only reads: one value, or a result per phone.
fn call(
    name: &'static str,
    doc: &'static str,
    (method, path): (&str, &str),
    (returns, result): (&'static str, &'static str),
    example: Example,
) -> Method {
    let operation = OperationView {
        name,
        service_name: name,
        method: method.to_owned(),
        path: path.to_owned(),
        doc,
        idempotent: true,
        read_only: true,
        may_be_repeatable: false,
        destructive: false,
        costs_money: false,
        target: if path.contains("{task_id}") { "task" } else { "none" },
        max_batch: 0,
        params: Vec::new(),
        returns,
        result,
    };
    let waits = returns == "per_phone";
    Method { operation, arguments: Vec::new(), has_check: waits, waits, example: Some(example) }
}

fn example(lines: &[&str], output: &str) -> Example {
    Example { lines: lines.iter().map(|&line| line.to_owned()).collect(), output: vec![output.to_owned()] }
}

/// All of them.
pub(super) fn handles() -> Vec<Handle> {
    vec![
        Handle {
            name: "Task",
            native: "NativeTask",
            doc: "Work in progress on many phones, for example a command or a reset (任务). It has the only record of \
                  which job belongs to which phone: keep it, or ``save()`` it.",
            maker: Maker {
                name: "resume_task",
                doc: "Resumes a task, perhaps in another process.",
                argument: "saved",
                argument_doc: "What ``task.save()`` returned, or one or more task ids of the service, separated by \
                               commas",
                refuses: Some("``saved`` is neither a saved task nor a list of task ids"),
                example: example(
                    &[
                        "task = await client.start_command(emulator.instance_ids, \"true\")",
                        "results = await client.resume_task(task.save()).wait(timeout=30)",
                        "print(results.all_ok)",
                    ],
                    "True",
                ),
            },
            properties: &[
                Property {
                    name: "operation",
                    doc: "The operation that started it, for example ``start_command``; ``unknown`` for a task resumed \
                          from a task id.",
                    kind: "text",
                    annotation: "str",
                    is_method: false,
                },
                Property {
                    name: "task_ids",
                    doc: "The service's task ids, one per request that was sent.",
                    kind: "text_list",
                    annotation: "tuple[str, ...]",
                    is_method: false,
                },
                Property {
                    name: "phones",
                    doc: "One entry per phone, in the order asked; ``phones.failed`` are those where nothing was \
                          started. Empty for a task resumed from a task id.",
                    kind: "TaskPhone",
                    annotation: "Results[TaskPhone]",
                    is_method: false,
                },
                Property {
                    name: "can_be_followed",
                    doc: "Whether the service returned a task id. Older versions of the service accept a reset without \
                          one.",
                    kind: "bool",
                    annotation: "bool",
                    is_method: false,
                },
                Property {
                    name: "save",
                    doc: "Returns the task as one line of text, for a file or another process; ``resume_task`` of \
                          either client takes it. It contains no secret.",
                    kind: "text",
                    annotation: "str",
                    is_method: true,
                },
            ],
            calls: vec![
                call(
                    "poll",
                    "Reads the state of every job once.",
                    ("GET", "/v1/instances/tasks/{task_id}"),
                    ("value", "TaskStatus"),
                    example(
                        &[
                            "task = await client.start_command(emulator.instance_ids, \"true\")",
                            "print((await task.poll()).progress.total)",
                        ],
                        "2",
                    ),
                ),
                call(
                    "wait",
                    "Waits until every job has ended.",
                    ("GET", "/v1/instances/tasks/{task_id}"),
                    ("per_phone", "JobResult"),
                    example(
                        &[
                            "task, seen = await client.start_command(emulator.instance_ids, \"true\"), []",
                            "results = await task.wait(timeout=30, on_progress=seen.append)",
                            "print(results.all_ok, seen[-1].succeeded, seen[-1].total)",
                        ],
                        "True 2 2",
                    ),
                ),
            ],
        },
        Handle {
            name: "DeviceToken",
            native: "NativeDeviceToken",
            doc: "The device token of one phone, for a program that needs it repeatedly. It may be shared: one caller \
                  requests a token, and the others wait for the same one.",
            maker: Maker {
                name: "device_token",
                doc: "Makes the device token of one phone, which is renewed before it expires.",
                argument: "instance_id",
                argument_doc: "Id of the phone: 1 to 32 letters and digits; checked by ``get()``",
                refuses: None,
                example: example(
                    &[
                        "token = client.device_token(emulator.instance_ids[0])",
                        "print((await token.get()).instance_id in emulator.instance_ids)",
                    ],
                    "True",
                ),
            },
            properties: &[],
            calls: vec![call(
                "get",
                "Returns a device token with at least a tenth of its lifetime left: the one that is kept, or a new \
                 one, for which the service is called. Where the service does not say how long its tokens live, every \
                 call requests a new one.",
                ("POST", "/v1/instances/{instance_id}/auth"),
                ("value", "DeviceAuthorization"),
                example(
                    &[
                        "token = client.device_token(emulator.instance_ids[0])",
                        "print((await token.get()).token != \"\")",
                    ],
                    "True",
                ),
            )],
        },
    ]
}
