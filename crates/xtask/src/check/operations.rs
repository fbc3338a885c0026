//! Every list of operations knows every operation of the core. Much of what names them is written by hand; what is
//! forgotten there would otherwise leave every suite green.

use std::fs;

use super::{Outcome, Problems};
use crate::repository::Repository;

/// Files that name every operation, in Rust's spelling, JavaScript's or the command line's.
const LISTS: &[&str] = &[
    "bindings/node/src/client.rs",
    "bindings/node/ts/client.ts",
    "bindings/node/ts/native.ts",
    "bindings/python/native.pyi",
    "bindings/python/python/koophone/_async_client.py",
    "bindings/python/python/koophone/_client.py",
    "bindings/python/src/client.rs",
    "crates/koophone-emulator/src/operations/mod.rs",
    "crates/koophone/src/client/blocking/operations.rs",
    "tests/conformance/PROTOCOL.md",
    "tests/conformance/node/runner.mjs",
    "tests/conformance/python/runner.py",
    "tests/conformance/src/cli_face.rs",
    "tests/conformance/src/rust_face.rs",
    "tests/faults/src/cell.rs",
    "tests/hostile/src/exchange.rs",
    "tests/torture/src/caller.rs",
];

pub(super) fn run(repository: &Repository) -> Outcome {
    let mut problems = Vec::new();
    for path in LISTS {
        let text = fs::read_to_string(repository.root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        let forgotten = koophone::OPERATIONS.iter().filter(|operation| !names(&text, operation.name));
        problems.extend(forgotten.map(|operation| {
            format!("{path} does not name the operation {}, which the core has; add it there", operation.name)
        }));
    }
    Problems::none(problems)
}

/// Whether a file names an operation: `reset_instances`, `resetInstances` or `ResetInstances`.
fn names(text: &str, operation: &str) -> bool {
    let mut words = operation.split('_');
    let first = words.next().unwrap_or_default();
    let rest: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    let camel = format!("{first}{rest}");
    let pascal = camel[..1].to_ascii_uppercase() + &camel[1..];
    [operation, &camel, &pascal].into_iter().any(|name| text.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_found_in_every_spelling() {
        for text in ["koophone_client_reset_instances(", "resetInstances(", "Operation::ResetInstances"] {
            assert!(names(text, "reset_instances"), "{text}");
        }
        assert!(!names("reset_phones(", "reset_instances"));
    }
}
