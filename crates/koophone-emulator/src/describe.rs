//! What the emulator takes, returns and does, for the generators of the language bindings.

use serde_json::Value;

use crate::{Credentials, JournalEntry, Options, RequestEntry};

/// What [`Emulator::start`](crate::Emulator::start) takes, as a JSON Schema with all types it refers to.
pub fn describe() -> Value {
    schemars::schema_for!(Options).to_value()
}

/// What an [`Emulator`](crate::Emulator) returns, by name; [`describe`] has what it takes.
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
    pub params: &'static [(&'static str, Holds)],
    /// What it returns.
    pub returns: Holds,
}

/// What an argument or a result holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
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
        doc: "Adds faults at the end of the queue. None is added if one of them cannot be used.",
        params: &[("faults", Holds::List("Fault"))],
        returns: Holds::Nothing,
    },
    Method { name: "clear_faults", doc: "Empties the queue of faults.", params: &[], returns: Holds::Nothing },
    Method {
        name: "pending_faults",
        doc: "Faults that are not used up, with what is left of their counts.",
        params: &[],
        returns: Holds::List("Fault"),
    },
    Method {
        name: "add_rules",
        doc: "Adds rules behind those there are. None is added if one of them cannot be used.",
        params: &[("rules", Holds::List("Rule"))],
        returns: Holds::Nothing,
    },
    Method { name: "clear_rules", doc: "Removes all rules.", params: &[], returns: Holds::Nothing },
    Method {
        name: "journal",
        doc: "What all phones, or one, really did, oldest first.",
        params: &[("instance_id", Holds::OnePhoneOrAll)],
        returns: Holds::List("JournalEntry"),
    },
    Method {
        name: "clear_journal",
        doc: "Empties the journal. Its numbering continues.",
        params: &[],
        returns: Holds::Nothing,
    },
    Method {
        name: "requests",
        doc: "Every request that arrived, oldest first.",
        params: &[],
        returns: Holds::List("RequestEntry"),
    },
    Method {
        name: "clear_requests",
        doc: "Empties the log of requests. Its numbering continues.",
        params: &[],
        returns: Holds::Nothing,
    },
    Method {
        name: "advance",
        doc: "Moves the emulator's clock forward.",
        params: &[("milliseconds", Holds::Milliseconds)],
        returns: Holds::Nothing,
    },
    Method {
        name: "now_ms",
        doc: "The emulator's clock: milliseconds since 1970.",
        params: &[],
        returns: Holds::Integer,
    },
    Method {
        name: "expire_tokens",
        doc: "Ends the life of every token there is.",
        params: &[],
        returns: Holds::Nothing,
    },
    Method {
        name: "start_stream",
        doc: "Plays a viewer who opens a stream of a phone; false if there is no such phone.",
        params: &[("instance_id", Holds::Text)],
        returns: Holds::Bool,
    },
    Method {
        name: "set_frozen",
        doc: "Freezes a phone, or ends that; false if there is no such phone.",
        params: &[("instance_id", Holds::Text), ("frozen", Holds::Bool)],
        returns: Holds::Bool,
    },
    Method {
        name: "set_free_machines",
        doc: "From now on there are so many free machines for phones that come back from storage.",
        params: &[("count", Holds::Count)],
        returns: Holds::Nothing,
    },
    Method {
        name: "pay_order",
        doc: "Pays an order, and its phones are there; false if there is no unpaid order with this id.",
        params: &[("order_id", Holds::Text)],
        returns: Holds::Bool,
    },
    Method {
        name: "set_phone_state",
        doc: "Gives a phone any state number, 1 puts it into storage; false if there is no such phone.",
        params: &[("instance_id", Holds::Text), ("state", Holds::Integer)],
        returns: Holds::Bool,
    },
    Method {
        name: "phone",
        doc: "All there is to know about a phone: state, files, properties, packages, events.",
        params: &[("instance_id", Holds::Text)],
        returns: Holds::MaybeObject,
    },
];
