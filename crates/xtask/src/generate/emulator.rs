//! The properties of a running emulator, beside its methods.

pub struct Property {
    pub name: &'static str,
    /// The method that a binding calls by name.
    pub method: &'static str,
    pub doc: &'static str,
    pub kind: Kind,
}

/// Only a `Bool` changes while the emulator exists.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Text,
    Bool,
    TextList,
    TextMap,
}

pub const PROPERTIES: &[Property] = &[
    Property { name: "endpoint", method: "endpoint", doc: "Address of both services.", kind: Kind::Text },
    Property { name: "is_running", method: "is_running", doc: "Whether it is running.", kind: Kind::Bool },
    Property {
        name: "instance_ids",
        method: "phone_ids",
        doc: "Ids of all phones, in a fixed order.",
        kind: Kind::TextList,
    },
    Property {
        name: "environment",
        method: "environment",
        doc: "Environment variables with which a client, or another program, uses the emulator and logs in.",
        kind: Kind::TextMap,
    },
    Property {
        name: "credentials",
        method: "credentials",
        doc: "All credentials by name: the user, its password, an access key, and so on. They are not valid elsewhere.",
        kind: Kind::TextMap,
    },
];
