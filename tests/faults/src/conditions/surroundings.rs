//! What the program around a call does to it: cancels it, sets a deadline, has callbacks that panic, or a directory for
//! tokens that cannot be used.

use koophone::ErrorKind::{Cancelled, OutcomeUnknown, Timeout};
use serde_json::json;

use super::{Cache, Call, Condition, End, Expected, Manner, PHONES, Phone, Setup, of_phone};

/// All conditions of this kind.
pub fn conditions() -> Vec<Condition> {
    let mut all = Vec::new();
    for call in Call::fleet() {
        for executed in [true, false] {
            all.push(in_flight(call, Manner::CancelledInFlight, executed));
            all.push(in_flight(call, Manner::Deadline, executed));
        }
    }
    for call in Call::operations().chain([Call::Wait]) {
        let setup = Setup { manner: Manner::PanickingLog, ..Setup::default() };
        all.push(Condition::new("Callbacks", "the log sink panics", call, setup, Expected::done(call)));
    }
    let setup = Setup { manner: Manner::PanickingProgress, ..Setup::default() };
    let done = Expected::done(Call::Wait);
    all.push(Condition::new("Callbacks", "the progress callback panics", Call::Wait, setup, done));
    let caches = [
        ("a directory that cannot be made", Cache::ReadOnly),
        ("a file in its place", Cache::FileInTheWay),
        #[cfg(unix)]
        ("a directory that others can write", Cache::OpenToOthers),
    ];
    for call in Call::operations() {
        for (name, cache) in caches {
            let setup = Setup { cache: Some(cache), ..Setup::default() };
            all.push(Condition::new("Token cache", name, call, setup, Expected::done(call)));
        }
    }
    all
}

/// The second of three requests, sent one after the other, gets no response before the call ends.
fn in_flight(call: Call, manner: Manner, executed: bool) -> Condition {
    let second = call.request_of(call.batch());
    let no_response = of_phone(second.start, call, &json!({"action": "no_response", "executed": executed}));
    let setup = Setup { manner, ..Setup::fault(no_response) }.with("concurrency", 1);
    let (name, unsent) = match manner {
        Manner::CancelledInFlight => ("cancelled", Cancelled),
        _ => ("deadline passed", Timeout),
    };
    let sent = match manner {
        Manner::CancelledInFlight => Cancelled,
        _ if !call.sent().read_only => OutcomeUnknown,
        _ => Timeout,
    };
    let when = if executed { "after" } else { "before" };
    let name = format!("{name} in the second of three requests, {when} its execution");
    let runs = if executed { call.runs() } else { 0 };
    let expected = Expected::done(call)
        .except(second.clone(), Phone { end: End::Failed(sent), runs })
        .except(second.end..PHONES, Phone { end: End::Failed(unsent), runs: 0 });
    Condition::new("Cancellation and deadline", name, call, setup, expected)
}
