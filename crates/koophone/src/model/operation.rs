//! The description of an operation: one declaration per service call. The bindings, documents and tests are generated
//! from these.

use http::Method;

/// One call of the service, declared once in the file of its name in `operations/`. The pipeline, the generators of
/// every language, the command line and the tests read it; none of them keeps another list.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Its name in snake_case, which every language has in its own spelling.
    pub name: &'static str,
    /// The service's name for it, for messages and documentation.
    pub service_name: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with at most one `{}` for the id.
    pub path: &'static str,
    /// What it does, in one or more sentences for the documentation of every language. What follows from the other
    /// fields (retries, lists of phones, limits) is left out; the generators add it.
    pub doc: &'static str,
    /// Whether it may be sent again after it may have been executed: doing it twice has the same effect as once.
    pub idempotent: bool,
    /// Whether it only reads: nothing has changed, whatever happens to a request.
    pub read_only: bool,
    /// Whether it destroys user data. The command line asks for confirmation, and the documentation warns.
    pub destructive: bool,
    /// Whether it costs money. The command line asks for confirmation, and the documentation warns.
    pub costs_money: bool,
    /// What it acts on, which is its first argument.
    pub target: Target,
    /// Its further arguments, in order.
    pub params: &'static [Param],
    /// What it returns.
    pub returns: Returns,
    /// The fields that identify the data of its response, if it has any.
    pub payload: &'static [&'static str],
}

/// What an operation acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// A list of phones: the argument `instance_ids`. Longer lists are sent in batches.
    Phones {
        /// Maximum number of phones in one request.
        max: usize,
    },
    /// A list of phones, each with its user: the argument `assignments`. Longer lists are sent in batches.
    Assignments {
        /// Maximum number of phones in one request.
        max: usize,
    },
    /// One phone: the argument `instance_id`.
    Phone,
    /// One task of the service: the argument `task_id`.
    Task,
    /// None of these.
    None,
}

/// An argument of an operation besides its target.
#[derive(Debug)]
#[non_exhaustive]
pub struct Param {
    /// Its name in snake_case.
    pub name: &'static str,
    /// What it holds.
    pub kind: ParamKind,
    /// What it means, with its unit and limits, as part of a sentence: "The shell command: at most 1,024 bytes".
    pub doc: &'static str,
    /// Its default as text; none if it is required.
    pub default: Option<&'static str>,
    /// Whether part of it is secret; a later response may quote it.
    pub secret: bool,
}

/// The type of an argument. Types are named as in `describe_arguments`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParamKind {
    /// Text.
    Text,
    /// The path of a local file.
    LocalPath,
    /// A whole number.
    Integer,
    /// A number, such as a fraction.
    Number,
    /// A whole number: the most calls for the content of a file. It is `PageOptions::max_calls` in Rust.
    MaxCalls,
    /// True or false.
    Bool,
    /// A length of time. Its default is a number of milliseconds.
    Duration,
    /// Nothing, one text, or one text for each phone in order: what this type of the core is made from.
    TextPerPhone(&'static str),
    /// Decides whether a text is as wanted: a function of the language.
    Predicate,
    /// A structure.
    Struct(&'static str),
    /// A list of structures.
    StructList(&'static str),
}

/// What an operation returns. Types are named as in `describe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Returns {
    /// One result per phone asked, in order.
    PerPhone(&'static str),
    /// A task to follow, with the job of each phone.
    Task {
        /// The operation that shows the result on the phones if the service returns no task.
        otherwise: &'static str,
    },
    /// One value.
    Value(&'static str),
    /// A list, of which one request returns a page of this type: `AbcPage`, whose `items` are a list of `Abc`. Every
    /// language has two forms of it, which the generators derive: the operation's name for all items one after the
    /// other, and the name with `_page` for one page. `page_no` and `page_size` are among its arguments.
    Page(&'static str),
    /// Nothing but success.
    Nothing,
}

impl Operation {
    /// A request that only reads and is not an operation: a login, or a probe.
    pub(crate) const fn auxiliary(
        name: &'static str,
        service_name: &'static str,
        method: Method,
        path: &'static str,
    ) -> Self {
        Self {
            name,
            service_name,
            method,
            path,
            doc: "",
            idempotent: true,
            read_only: true,
            destructive: false,
            costs_money: false,
            target: Target::None,
            params: &[],
            returns: Returns::Nothing,
            payload: &[],
        }
    }

    /// Whether one of its arguments contains a secret.
    pub(crate) fn has_secret_argument(&self) -> bool {
        self.params.iter().any(|param| param.secret)
    }

    /// Maximum number of phones in one request; none if it takes no list of phones.
    pub const fn max_batch(&self) -> Option<usize> {
        match self.target {
            Target::Phones { max } | Target::Assignments { max } => Some(max),
            _ => None,
        }
    }

    /// The fields of a response which show that something was executed, whatever its code says.
    pub(crate) const fn results(&self) -> &'static [&'static str] {
        if self.read_only { &[] } else { self.payload }
    }
}
