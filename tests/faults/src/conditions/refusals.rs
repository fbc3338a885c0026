//! Single phones for which the service refuses a whole request.

use koophone::ErrorKind::{self, NotFound, PermissionDenied, Rejected};
use serde_json::json;

use super::{BATCH, Call, Condition, End, Expected, PHONES, Phone, STRUCK, Setup, id};

const CODES: [(&str, ErrorKind); 4] = [
    ("KOOPHONE.API.1001", PermissionDenied),
    ("KOOPHONE.API.1002", Rejected),
    ("KOOPHONE.API.2004", Rejected),
    ("CPS0005", NotFound),
];

/// All conditions of this kind.
pub fn conditions() -> Vec<Condition> {
    let fleets: [(&str, Vec<usize>); 4] = [
        ("one phone", vec![STRUCK]),
        ("two phones of one request", vec![BATCH, 2 * BATCH - 1]),
        ("a phone of every request", vec![0, STRUCK, PHONES - 1]),
        ("every phone", (0..PHONES).collect()),
    ];
    let mut all = Vec::new();
    for (code, kind) in CODES {
        for (whom, refused) in &fleets {
            for split in [true, false] {
                all.extend(Call::fleet().map(|call| condition(call, code, kind, whom, refused, split)));
            }
        }
    }
    all
}

fn condition(call: Call, code: &str, kind: ErrorKind, whom: &str, refused: &[usize], split: bool) -> Condition {
    let ids: Vec<String> = refused.iter().map(|&index| id(index)).collect();
    let action = "refuse_phones";
    let fault = json!({"operation": call.sent().name, "action": action, "instance_ids": ids, "code": code, "times": 0});
    let setup = Setup::fault(fault).with("split_refused_batches", split);
    let with_them = |index: &usize| refused.iter().any(|other| call.request_of(*other).contains(index));
    let failed = (0..PHONES).filter(|index| if split { refused.contains(index) } else { with_them(index) });
    let expected = Expected::done(call).except(failed, Phone { end: End::Failed(kind), runs: 0 });
    let how = if split { "" } else { ", without splitting" };
    Condition::new("Refused phones", format!("{code} for {whom}{how}"), call, setup, expected)
}
