//! What goes wrong, and the expected outcome. This table is the specification; `cell.rs` runs it.

use koophone::ErrorKind::{
    self, Authentication, Network, NotFound, OutcomeUnknown, PermissionDenied, Protocol, Rejected, Throttled, Timeout,
    Unavailable,
};
use serde_json::{Value, json};

pub use koophone::Operation;
use koophone::{OPERATIONS, VERBS, WAITS};

/// Everything that a client can call: the operations, the verbs and the waits.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().chain(VERBS).chain(WAITS).copied()
}

/// When the fault strikes. A call may make two attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The first attempt of the only request.
    First,
    /// Every attempt of the only request.
    Every,
    /// Every attempt of the second of three requests.
    SecondOfThree,
}

impl Phase {
    /// All of them.
    pub const ALL: [Phase; 3] = [Phase::First, Phase::Every, Phase::SecondOfThree];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first attempt",
            Self::Every => "every attempt",
            Self::SecondOfThree => "second batch of three",
        }
    }
}

/// Where the fault is made.
pub enum Place {
    /// By the emulator: its own form of a fault, without operation, times and phone.
    Emulator(Value),
    /// By the address that is called; such a fault strikes every attempt.
    Address(Address),
}

/// An address without a service.
#[derive(Clone, Copy, Debug)]
pub enum Address {
    /// A port where nothing listens.
    Closed,
    /// A name that does not resolve.
    NoSuchName,
    /// A TLS server with a self-signed certificate.
    SelfSigned,
}

/// The outcome of a call: done, or a kind of failure; and after how many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// None if it succeeded.
    pub kind: Option<ErrorKind>,
    /// Attempts made. Not asserted for calls that succeeded.
    pub attempts: u32,
}

pub(crate) const DONE: Outcome = Outcome { kind: None, attempts: 0 };

pub(crate) const fn fails(kind: ErrorKind, attempts: u32) -> Outcome {
    Outcome { kind: Some(kind), attempts }
}

/// A fault and its outcomes.
pub struct Fault {
    /// For people.
    pub name: String,
    /// How it is made.
    pub place: Place,
    /// Whether a request that it strikes is executed nevertheless.
    pub executes: bool,
    /// Whether it is about the one phone it strikes; the other phones of its request are then served without it.
    pub single: bool,
    /// Outcome of calls that must not be done twice: struck at the first attempt, at every attempt.
    pub changing: [Outcome; 2],
    /// Outcome of everything else.
    pub other: [Outcome; 2],
    /// Outcome of calls that cost money, if it differs from other changing calls.
    pub ordering: Option<[Outcome; 2]>,
    /// Whether it applies only to calls that cost money.
    pub only_ordering: bool,
}

impl Fault {
    /// Whether it affects the client's next calls: they pause, or their credential is refused.
    pub fn concerns_next_calls(&self) -> bool {
        match &self.place {
            Place::Emulator(action) => {
                ["throttle", "expired_token"].iter().any(|one| action["action"] == *one) || action["status"] == 429
            }
            Place::Address(_) => false,
        }
    }

    /// The asserted outcome of a cell.
    pub fn expected(&self, operation: &Operation, phase: Phase) -> Outcome {
        let at = usize::from(phase != Phase::First);
        if let Some(ordering) = self.ordering.filter(|_| operation.costs_money) {
            return ordering[at];
        }
        if !operation.idempotent {
            return self.changing[at];
        }
        let outcome = self.other[at];
        // What may have been executed has an unknown outcome unless it only reads.
        let unknown = !operation.read_only && outcome.kind.is_some() && self.changing[1].kind == Some(OutcomeUnknown);
        if unknown { Outcome { kind: Some(OutcomeUnknown), ..outcome } } else { outcome }
    }
}

pub(crate) fn emulator(
    name: impl Into<String>,
    action: Value,
    executes: bool,
    changing: [Outcome; 2],
    other: [Outcome; 2],
) -> Fault {
    Fault {
        name: name.into(),
        place: Place::Emulator(action),
        executes,
        single: false,
        changing,
        other,
        ordering: None,
        only_ordering: false,
    }
}

fn address(name: &str, address: Address, attempts: u32) -> Fault {
    let outcomes = [fails(Network, attempts); 2];
    let place = Place::Address(address);
    let (changing, other) = (outcomes, outcomes);
    let name = name.into();
    Fault { name, place, executes: false, single: false, changing, other, ordering: None, only_ordering: false }
}

/// A refusal with this code and status.
fn refusal(code: &str, status: u16, kind: ErrorKind, single: bool) -> Fault {
    let outcomes = [fails(kind, 1); 2];
    let action = json!({"action": "error_code", "code": code, "status": status});
    Fault { single, ..emulator(format!("{status} with {code}"), action, false, outcomes, outcomes) }
}

/// Every fault but those of gateways.
pub fn faults() -> Vec<Fault> {
    let unknown = [fails(OutcomeUnknown, 1); 2];
    let again = |kind| [DONE, fails(kind, 2)];
    let at_once = |kind| [fails(kind, 1); 2];
    vec![
        address("connection refused", Address::Closed, 2),
        address("name does not resolve", Address::NoSuchName, 2),
        address("self-signed certificate", Address::SelfSigned, 1),
        emulator(
            "cut before execution",
            json!({"action": "cut", "when": "before_execution"}),
            false,
            unknown,
            again(Network),
        ),
        emulator(
            "cut after execution",
            json!({"action": "cut", "when": "after_execution"}),
            true,
            unknown,
            again(Network),
        ),
        emulator(
            "cut in the response",
            json!({"action": "cut", "when": "mid_response"}),
            true,
            unknown,
            again(Network),
        ),
        emulator("no response, not executed", json!({"action": "no_response"}), false, unknown, again(Timeout)),
        emulator(
            "no response, executed",
            json!({"action": "no_response", "executed": true}),
            true,
            unknown,
            again(Timeout),
        ),
        emulator("429", json!({"action": "throttle"}), false, [DONE, fails(Throttled, 1)], [DONE, fails(Throttled, 1)]),
        emulator(
            "429 with limit text",
            json!({"action": "throttle", "limit_text": "limit:100,time:1 second"}),
            false,
            [DONE, fails(Throttled, 1)],
            [DONE, fails(Throttled, 1)],
        ),
        emulator(
            "503 in the gateway's format",
            json!({"action": "error_code", "code": "APIGW.0605", "status": 503}),
            false,
            again(Unavailable),
            again(Unavailable),
        ),
        emulator(
            "500",
            json!({"action": "response", "status": 500, "body": {"error_code": "KOOPHONE.API.9999", "error_msg": "x"},
            "executed": true}),
            true,
            unknown,
            again(Unavailable),
        ),
        emulator(
            "401 expired token",
            json!({"action": "expired_token"}),
            false,
            again(Authentication),
            again(Authentication),
        ),
        // The documents' status for "too many requests", but none of their codes: enough to send a command again, but
        // not an order.
        Fault {
            ordering: Some(unknown),
            ..emulator(
                "503 with an unknown code",
                json!({"action": "error_code", "code": "AS.0001", "status": 503}),
                false,
                again(Unavailable),
                again(Unavailable),
            )
        },
        Fault {
            ordering: Some(unknown),
            only_ordering: true,
            ..emulator(
                "503 with an unknown code after execution",
                json!({
                    "action": "response", "status": 503, "executed": true,
                    "body": {"error_code": "AS.0001", "error_msg": "x"},
                }),
                true,
                unknown,
                unknown,
            )
        },
        Fault { ordering: Some(unknown), ..refusal("AS.0001", 200, Rejected, false) },
        refusal("KOOPHONE.API.1000", 500, Rejected, false),
        refusal("KOOPHONE.API.1001", 401, PermissionDenied, true),
        refusal("KOOPHONE.API.1001", 200, PermissionDenied, true),
        refusal("KOOPHONE.API.1002", 400, Rejected, true),
        refusal("KOOPHONE.API.2004", 200, Rejected, true),
        refusal("KOOPHONE.API.4001", 400, NotFound, true),
        refusal("CPS0005", 400, NotFound, true),
        refusal("KOOPHONE.API.1000", 400, Rejected, false),
        refusal("KOOPHONE.API.1004", 200, Rejected, false),
        refusal("AS.0001", 400, Rejected, false),
        emulator("garbage", json!({"action": "garbage"}), true, unknown, at_once(Protocol)),
        emulator("truncated JSON", json!({"action": "truncate"}), true, unknown, at_once(Protocol)),
        emulator("20 MB response", json!({"action": "huge", "bytes": 20_000_000}), true, unknown, at_once(Protocol)),
        emulator("slow drip", json!({"action": "drip", "bytes_per_second": 10}), true, unknown, again(Timeout)),
        emulator("wrong content type", json!({"action": "wrong_content_type"}), true, [DONE; 2], [DONE; 2]),
        emulator(
            "redirect",
            json!({"action": "redirect", "location": "http://127.0.0.1:1/"}),
            false,
            at_once(Protocol),
            at_once(Protocol),
        ),
    ]
}
