//! The handles that a client returns: a task, and a device token that is renewed. Each is a row here, from which every
//! language's classes and functions are generated. Code in documentation is in double backquotes, as in
//! reStructuredText.

use serde::Serialize;

use super::operations::{OperationView, login};

/// A function that needs no client: from a text it returns a text or nothing. It has the same name and namespace in the
/// core.
#[derive(Serialize)]
pub struct Function {
    pub namespace: &'static str,
    pub namespace_doc: &'static str,
    pub name: &'static str,
    pub doc: &'static str,
    pub argument: &'static str,
    pub argument_doc: &'static str,
    pub returns_doc: &'static str,
    /// An argument for which it returns nothing, one for which it returns a text, and the start of that text.
    pub examples: [&'static str; 3],
}

pub const FUNCTIONS: &[Function] = &[Function {
    namespace: "command",
    namespace_doc: "What the service does not accept in a command, and what to do instead.",
    name: "why_not",
    doc: "Returns why the service may refuse a command. Nothing is sent. No quoting and no escaping helps: the service \
          documents letters, digits, space and ``_ . / : -``, and nothing else.",
    argument: "text",
    argument_doc: "The command.",
    returns_doc: "Nothing if it is accepted; otherwise a line for each character that is not, with its places and \
                  what would be possible instead.",
    examples: ["getprop ro.product.model", "ls /sdcard | wc", "'|' at place 12: one program for each command; ..."],
}];

/// The parameters of one of the vendor's players, made by the core from parts of a device authorization and the name
/// of the player's user.
#[derive(Serialize)]
pub struct Player {
    /// The name of the method.
    pub name: &'static str,
    pub parts: &'static [Part],
    /// The argument for the user.
    pub user: &'static str,
}

/// A part of a device authorization.
#[derive(Serialize)]
pub struct Part {
    pub name: &'static str,
    pub kind: PartKind,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    Text,
    OptionalText,
    OptionalInteger,
}

const fn part(name: &'static str, kind: PartKind) -> Part {
    Part { name, kind }
}

const TOKEN: Part = part("token", PartKind::Text);

pub const PLAYERS: &[Player] = &[
    Player {
        name: "h5_parameters",
        parts: &[part("device_id", PartKind::OptionalText), TOKEN, part("signaling_url", PartKind::OptionalText)],
        user: "uuid",
    },
    Player {
        name: "android_parameters",
        parts: &[part("address", PartKind::OptionalText), part("port", PartKind::OptionalInteger), TOKEN],
        user: "userid",
    },
];

/// A class that a client creates without sending anything.
#[derive(Serialize)]
pub struct Handle {
    /// Also the name of the core's type.
    pub name: &'static str,
    pub doc: &'static str,
    pub maker: Maker,
    pub properties: &'static [Property],
    pub calls: &'static [Call],
}

/// The client's method that creates it from a text.
#[derive(Serialize)]
pub struct Maker {
    pub name: &'static str,
    pub doc: &'static str,
    pub argument: &'static str,
    pub argument_doc: &'static str,
    /// When the text is refused at once, if that is possible.
    pub refuses: Option<&'static str>,
}

/// A property that is known without a request to the service.
#[derive(Serialize)]
pub struct Property {
    pub name: &'static str,
    pub doc: &'static str,
    /// `text`, `text_list`, `bool`, or a type: that of a client's property, or the one of which there is one per phone.
    pub kind: &'static str,
    /// Its type for a type checker.
    pub annotation: &'static str,
    /// Whether it is a method.
    pub is_method: bool,
}

impl Property {
    /// Its structure.
    pub fn of(&self) -> Option<&'static str> {
        self.annotation.strip_prefix("Results[").and_then(|of| of.strip_suffix(']'))
    }
}

/// A call of the handle.
#[derive(Serialize)]
pub struct Call {
    pub name: &'static str,
    pub doc: &'static str,
    /// The operation of the service that it uses.
    pub operation: &'static str,
    /// Returns one value, or with `per_phone` one for each phone, with the options `check` and `on_progress`.
    pub result: &'static str,
    pub per_phone: bool,
    pub returns_doc: &'static str,
    /// Kinds of errors with a special meaning here.
    pub raises: &'static [(&'static str, &'static str)],
}

impl Call {
    /// As a separate operation, which only reads.
    pub fn view(&self) -> OperationView {
        let made_of = koophone::OPERATIONS.iter().find(|one| one.name == self.operation);
        let made_of = made_of.unwrap_or_else(|| panic!("{} is not an operation", self.operation));
        let (id, target) = match made_of.target {
            koophone::Target::Task => ("{task_id}", "task"),
            _ => ("{instance_id}", "none"),
        };
        OperationView {
            name: self.name,
            service_name: made_of.service_name,
            method: made_of.method.to_string(),
            path: made_of.path.replace("{}", id),
            doc: self.doc,
            read_only: true,
            target,
            returns: if self.per_phone { "per_phone" } else { "value" },
            result: self.result,
            ..login()
        }
        .waiting(self.per_phone)
    }
}

/// What a client knows without a request to the service.
pub const CLIENT: &[Property] = &[Property {
    name: "stats",
    doc: "Counts what the client has done in this process. Takes no lock and sends nothing.",
    kind: "Stats",
    annotation: "Stats",
    is_method: true,
}];

pub const HANDLES: &[Handle] = &[
    Handle {
        name: "Task",
        doc: "Work in progress on many phones, for example a command or a reset (任务). It is the only record of which \
              job belongs to which phone: keep it, or ``save()`` it.",
        maker: Maker {
            name: "resume_task",
            doc: "Resumes a task, possibly in another process.",
            argument: "saved",
            argument_doc: "What ``task.save()`` returned, or one or more task ids of the service, separated by commas",
            refuses: Some("``saved`` is neither a saved task nor a list of task ids"),
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
                doc: "One entry per phone, in the order asked; those where nothing was started have an error. \
                      Empty for a task resumed from a task id.",
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
                doc: "Returns the task as one line of text, for a file or another process; ``resume_task`` \
                      accepts it. It contains no secret.",
                kind: "text",
                annotation: "str",
                is_method: true,
            },
        ],
        calls: &[
            Call {
                name: "poll",
                doc: "Reads the state of every job once, with one request for each task id.",
                operation: "get_task",
                result: "TaskStatus",
                per_phone: false,
                returns_doc: "The `TaskStatus`: the jobs in the order asked, and how many of them are in which state.",
                raises: &[("not_found", "the service does not know the task.")],
            },
            Call {
                name: "wait",
                doc: "Waits until every job has ended.",
                operation: "get_task",
                result: "JobResult",
                per_phone: true,
                returns_doc: "One `JobResult` per phone, in the order asked.",
                raises: &[
                    (
                        "timeout",
                        "the time is up. ``last_jobs`` has the last known state of each job; the task itself \
                         continues and can be waited for again.",
                    ),
                    ("not_found", "the service does not know the task."),
                ],
            },
        ],
    },
    Handle {
        name: "DeviceToken",
        doc: "The device token of one phone, for a program that needs it repeatedly. It may be shared: one caller \
            requests a token, and the others wait for the same one.",
        maker: Maker {
            name: "device_token",
            doc: "Creates the device token of one phone, which is renewed before it expires.",
            argument: "instance_id",
            argument_doc: "Id of the phone: 1 to 32 letters and digits; checked by ``get()``",
            refuses: None,
        },
        properties: &[],
        calls: &[Call {
            name: "get",
            doc: "Returns a device token with at least a tenth of its lifetime left: the cached one, or a new one, \
                which is requested from the service. If the service returns no lifetime, every call requests a new \
                one.",
            operation: "get_device_token",
            result: "DeviceAuthorization",
            per_phone: false,
            returns_doc: "The `DeviceAuthorization`.",
            raises: &[("invalid_argument", "an argument has a wrong value; nothing was sent.")],
        }],
    },
];
