//! The type of an operation. The operations themselves are in the table in `operations/mod.rs`.

use std::fmt;

use serde::{Serialize, Serializer};

/// An operation of KooPhone or of the identity service. Each is a constant of this type, such as
/// [`Operation::RunCommand`], and a name in JSON, such as `run_command`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation(pub(crate) &'static Facts);

/// The documented facts of an operation.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Facts {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// Its path; a segment in braces is a placeholder for an id.
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
    pub(crate) phones: Phones,
    pub(crate) request_id: RequestId,
    /// Added after the documents of 2024.
    pub(crate) is_newer: bool,
}

/// The service that an operation belongs to, and the permission it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Of the identity service.
    Identity,
    /// Classified Read by the vendor.
    Read,
    /// Classified Write by the vendor (the status query is, although it reads: docs/spec/wire-notes.md#62).
    Write,
}

/// When an operation needs `x-request-id` (docs/spec/wire-notes.md#20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RequestId {
    Never,
    /// The official SDK of early 2025 had to send it, and later ones need not.
    Older,
    /// The definitions of 2026 require it.
    Always,
}

/// Where a request names its phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phones {
    None,
    /// The id in the path is a phone's.
    InPath,
    /// The id in the path is that of a task, which is about phones.
    OfTask,
    /// This field of the body holds a phone's id, a list of ids, or a list of objects with an `instance_id`.
    InBody(&'static str),
}

impl Operation {
    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// True for the calls of the identity service.
    pub(crate) fn is_identity(self) -> bool {
        self.0.kind == Kind::Identity
    }

    pub(crate) fn is_write(self) -> bool {
        self.0.kind == Kind::Write
    }

    /// The requests name phones, or a task that does.
    pub(crate) fn names_phones(self) -> bool {
        self.0.phones != Phones::None
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.name)
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name)
    }
}
