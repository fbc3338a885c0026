//! Few connections and few file descriptors: every request waits for its turn, and nothing is lost.

use serde_json::Value;

use super::{Call, Condition, Expected, Manner, Setup};

/// Phones of a fleet with a request for each.
const MANY: usize = 48;

/// All conditions of this kind.
pub fn conditions() -> Vec<Condition> {
    let mut all = Vec::new();
    for connections in [1, 2] {
        for (manner, how) in [
            (Manner::Once, "a call with 48 requests, 32 at a time"),
            (Manner::Threads, "48 blocking calls on threads of their own"),
            (Manner::Started, "48 started calls"),
        ] {
            let name = format!("max_connections {connections}, {how}");
            // A call about one phone takes no list, so it is made only by many callers.
            let one_by_one = Call::one_by_one().filter(|_| manner != Manner::Once);
            for call in Call::fleet().chain(one_by_one) {
                all.push(condition(call, &name, setup(manner).with("max_connections", connections)));
            }
        }
    }
    if cfg!(unix) {
        let name = "8 file descriptors left, a call with 48 requests, 32 at a time";
        // One attempt: a lack of descriptors must be waited for, not repaired by a retry.
        let setup = || setup(Manner::FewDescriptors).with("max_attempts", 1);
        all.extend(Call::fleet().map(|call| condition(call, name, setup())));
    }
    all
}

fn setup(manner: Manner) -> Setup {
    let setup = Setup { manner, emulator: Value::Null, ..Setup::default() };
    setup.with("batch_size", 1).with("concurrency", 32)
}

fn condition(call: Call, name: &str, setup: Setup) -> Condition {
    // The child logs in before its descriptors are taken.
    Condition::new("Limits", name, call, setup, Expected::done(call).of_phones(MANY))
}
