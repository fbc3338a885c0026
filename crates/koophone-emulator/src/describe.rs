//! Describes options, results and methods of the emulator, for the generators of the language bindings.

use serde_json::Value;

use crate::{Credentials, JournalEntry, Options, RequestEntry};

/// The options of [`Emulator::start`](crate::Emulator::start), as a JSON Schema with all types it refers to.
pub fn describe() -> Value {
    schemars::schema_for!(Options).to_value()
}

/// The result types of an [`Emulator`](crate::Emulator), by name; [`describe`] has the options.
pub fn describe_records() -> Vec<(&'static str, Value)> {
    vec![
        ("JournalEntry", schemars::schema_for!(JournalEntry).to_value()),
        ("RequestEntry", schemars::schema_for!(RequestEntry).to_value()),
        ("EmulatorCredentials", schemars::schema_for!(Credentials).to_value()),
    ]
}

/// A method of [`Emulator`](crate::Emulator).
#[derive(Debug)]
pub struct Method {
    /// Its name in snake_case.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its arguments, by name.
    pub params: &'static [(&'static str, ValueType)],
    /// What it returns.
    pub returns: ValueType,
}

/// The type of an argument or a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Nothing.
    Nothing,
    /// True or false.
    Bool,
    /// A whole number.
    Integer,
    /// How many of something.
    Count,
    /// A time in milliseconds.
    Milliseconds,
    /// Text.
    Text,
    /// The id of one phone, or nothing for all phones; with an id the method is that whose name ends in `_of`.
    OnePhoneOrAll,
    /// A list of values of this type.
    List(&'static str),
    /// Any JSON object, or nothing.
    MaybeObject,
}

/// The methods that every language has, apart from starting and stopping.
pub const METHODS: &[Method] = &[
    Method {
        name: "add_faults",
        doc: "Adds faults at the end of the queue. None is added if one of them is invalid.",
        params: &[("faults", ValueType::List("Fault"))],
        returns: ValueType::Nothing,
    },
    Method { name: "clear_faults", doc: "Empties the queue of faults.", params: &[], returns: ValueType::Nothing },
    Method {
        name: "pending_faults",
        doc: "Faults that are not used up, with their remaining counts.",
        params: &[],
        returns: ValueType::List("Fault"),
    },
    Method {
        name: "add_rules",
        doc: "Adds rules after the existing ones. None is added if one of them is invalid.",
        params: &[("rules", ValueType::List("Rule"))],
        returns: ValueType::Nothing,
    },
    Method { name: "clear_rules", doc: "Removes all rules.", params: &[], returns: ValueType::Nothing },
    Method {
        name: "journal",
        doc: "What all phones, or one of them, really did, oldest first.",
        params: &[("instance_id", ValueType::OnePhoneOrAll)],
        returns: ValueType::List("JournalEntry"),
    },
    Method {
        name: "clear_journal",
        doc: "Empties the journal. Its numbering continues.",
        params: &[],
        returns: ValueType::Nothing,
    },
    Method {
        name: "requests",
        doc: "Every request that arrived, oldest first.",
        params: &[],
        returns: ValueType::List("RequestEntry"),
    },
    Method {
        name: "clear_requests",
        doc: "Empties the log of requests. Its numbering continues.",
        params: &[],
        returns: ValueType::Nothing,
    },
    Method {
        name: "advance",
        doc: "Moves the emulator's clock forward.",
        params: &[("milliseconds", ValueType::Milliseconds)],
        returns: ValueType::Nothing,
    },
    Method {
        name: "now_ms",
        doc: "The emulator's clock: milliseconds since 1970.",
        params: &[],
        returns: ValueType::Integer,
    },
    Method { name: "expire_tokens", doc: "Expires every token.", params: &[], returns: ValueType::Nothing },
    Method {
        name: "start_stream",
        doc: "Opens a stream of a phone, as a viewer would; false if there is no such phone.",
        params: &[("instance_id", ValueType::Text)],
        returns: ValueType::Bool,
    },
    Method {
        name: "set_frozen",
        doc: "Freezes or unfreezes a phone; false if there is no such phone.",
        params: &[("instance_id", ValueType::Text), ("frozen", ValueType::Bool)],
        returns: ValueType::Bool,
    },
    Method {
        name: "set_free_machines",
        doc: "Sets the number of free machines for phones that are restored from storage.",
        params: &[("count", ValueType::Count)],
        returns: ValueType::Nothing,
    },
    Method {
        name: "pay_order",
        doc: "Pays an order, which creates its phones; false if there is no unpaid order with this id.",
        params: &[("order_id", ValueType::Text)],
        returns: ValueType::Bool,
    },
    Method {
        name: "set_phone_state",
        doc: "Sets the state number of a phone, 1 puts it into storage; false if there is no such phone.",
        params: &[("instance_id", ValueType::Text), ("state", ValueType::Integer)],
        returns: ValueType::Bool,
    },
    Method {
        name: "phone",
        doc: "The complete state of a phone: state, files, properties, packages, events.",
        params: &[("instance_id", ValueType::Text)],
        returns: ValueType::MaybeObject,
    },
];
