//! Wrong clocks and wrong keys: failed signatures are few, because they lock the key.

use koophone::ErrorKind::Authentication;
use serde_json::json;

use super::{Call, Condition, Credential, Expected, Setup};

/// All conditions of this kind.
pub fn conditions() -> Vec<Condition> {
    let hour = 3_600_000;
    let mut all = Vec::new();
    for call in Call::operations() {
        for (key, how) in [(Credential::Key, "the region"), (Credential::KeyOfProject, "the project's id")] {
            for (skew, name) in [(hour, "one hour behind"), (-hour, "one hour ahead")] {
                // The second failure locks the key.
                let emulator = json!({"clock": {"skew_ms": skew}, "access_key_attempts": 2});
                let setup = Setup { emulator, credential: key, ..Setup::default() }.with("batch_size", 1);
                let expected = Expected::done(call).at_most(1, 0);
                all.push(Condition::new("Clock", format!("{name}, AK/SK with {how}"), call, setup, expected));
            }
        }
        for (key, how) in [(Credential::WrongKey, "the region"), (Credential::WrongKeyOfProject, "the project's id")] {
            let setup = Setup { credential: key, ..Setup::default() }.with("batch_size", 1);
            let expected = Expected::nothing_executed(call, Authentication).at_most(2, 0);
            all.push(Condition::new("Credentials", format!("wrong secret, AK/SK with {how}"), call, setup, expected));
        }
        let setup = Setup { credential: Credential::WrongPassword, ..Setup::default() }.with("batch_size", 1);
        let expected = Expected::nothing_executed(call, Authentication);
        all.push(Condition::new("Credentials", "wrong password", call, setup, expected));
    }
    all
}
