//! Checks which names the sources use, and where.

use regex::Regex;

use crate::repository::{File, Repository};

/// A name that is allowed in some places only.
struct Rule {
    /// A regular expression over the text without its whole-line comments.
    forbidden: &'static str,
    /// The paths that the rule applies to, by prefix.
    applies_to: &'static [&'static str],
    /// The languages that the rule applies to, by file extension.
    written_in: &'static [&'static str],
    allowed: &'static [Place],
    why: &'static str,
    /// Text that breaks the rule in its first path. A unit test uses it to prove that the rule can fail.
    #[cfg_attr(not(test), expect(dead_code, reason = "only its test reads it"))]
    example: &'static str,
}

/// A place where the name is allowed.
enum Place {
    /// This file.
    File(&'static str),
    /// Any file below this folder.
    Below(&'static str),
    /// Any single file below this folder.
    OneFileBelow(&'static str),
}
use Place::{Below, File as Exactly, OneFileBelow};

const CORE: &str = "crates/koophone/src/";
const EMULATOR: &str = "crates/koophone-emulator/src/";
const CLI: &str = "crates/koophone-cli/src/";
const BINDINGS: &str = "bindings/";
const HEADERS: &str = "include/";
/// Generated: the emulator's names for operations and faults.
const NODE_EMULATOR: &str = "bindings/node/ts/generated/emulator.ts";

const RUST: &[&str] = &["rs"];
/// Every language of the bindings.
const ANY: &[&str] = &["rs", "c", "h", "cpp", "hpp", "py", "pyi", "ts", "mts", "js", "mjs", "cjs"];

const RULES: &[Rule] = &[
    Rule {
        // Names of tokio. The core's own entry points (`koophone::binding_support::block_on`) are allowed everywhere.
        forbidden: r"(?x) \bruntime::(\{[^}]*\b)?(Runtime|Builder)\b | \bnew_(multi|current)_thread\b
            | \.block_on\s*\( | \b(Runtime|Handle|LocalSet|executor)::block_on\b",
        applies_to: &[CORE, EMULATOR, CLI, BINDINGS],
        written_in: RUST,
        allowed: &[Exactly("crates/koophone/src/runtime/mod.rs"), OneFileBelow(EMULATOR)],
        why: "only one file of the core, and one of the emulator, creates and drives runtimes",
        example: "use tokio::runtime::{Handle, Runtime};",
    },
    Rule {
        forbidden: r#"extern\s+"C(-unwind)?"|\bno_mangle\b"#,
        applies_to: &["crates/", BINDINGS],
        written_in: RUST,
        allowed: &[Below("bindings/c/"), Below("crates/xtask/")],
        why: "the C interface is in bindings/c only",
        example: "pub extern \"C\" fn koophone_version() {}",
    },
    Rule {
        forbidden: r"\be?print(ln)?!",
        applies_to: &[CORE, EMULATOR],
        written_in: RUST,
        allowed: &[],
        why: "a library does not write to the terminal",
        example: "println!(\"sent\");",
    },
    Rule {
        forbidden: r"\bset_hook\b|\bset_(boxed_)?logger\b|\bset_global_default\b|\binstall_default\b",
        applies_to: &[CORE, EMULATOR],
        written_in: RUST,
        allowed: &[],
        why: "a library installs nothing global: that is up to the program",
        example: "std::panic::set_hook(Box::new(|_| {}));",
    },
    Rule {
        forbidden: r"\bcrate::(auth|call|client|http|operations|runtime|settings)\b",
        applies_to: &["crates/koophone/src/model/error.rs", "crates/koophone/src/model/error_kind.rs"],
        written_in: RUST,
        allowed: &[],
        why: "everything uses the error table, so it must hardly use anything itself",
        example: "use crate::settings::Settings;",
    },
    Rule {
        forbidden: r"/v[13]/",
        applies_to: &[BINDINGS, HEADERS],
        written_in: ANY,
        // Generated: documentation, in comments whose lines begin with ` *`.
        allowed: &[
            Exactly(NODE_EMULATOR),
            Exactly("bindings/node/ts/generated/handles.ts"),
            Exactly("bindings/node/ts/generated/operations.ts"),
            Exactly("bindings/node/ts/generated/verbs.ts"),
        ],
        why: "bindings hold no product logic: paths of the service belong in the core",
        example: "post(\"/v1/instances/batch-reset\")",
    },
    Rule {
        forbidden: r"\breqwest\b",
        applies_to: &[CORE, CLI, BINDINGS],
        written_in: RUST,
        allowed: &[],
        why: "only the core sends HTTP requests, over its own connections; reqwest is for comparison in benches",
        example: "use reqwest::Client;",
    },
    Rule {
        forbidden: r"\b(u?sleep|sleep_for|setTimeout|setInterval)\s*\(",
        applies_to: &[BINDINGS, HEADERS],
        written_in: ANY,
        // Checks whether npm is still running.
        allowed: &[Exactly("bindings/node/bin/koophone.js")],
        why: "bindings hold no product logic: waiting belongs in the core",
        example: "time.sleep(1)",
    },
    Rule {
        forbidden: r#"\b(instance_ids|error_code|error_msg|X-Auth-Token|X-Subject-Token)["']"#,
        applies_to: &[BINDINGS, HEADERS],
        written_in: ANY,
        // Generated: the emulator has a fault of that name, and Python errors name the argument.
        allowed: &[
            Exactly(NODE_EMULATOR),
            Exactly("bindings/node/ts/generated/arguments.ts"),
            Exactly("bindings/python/python/koophone/_emulator_options.py"),
            Exactly("bindings/python/src/operations.rs"),
        ],
        why: "bindings hold no product logic: names of the wire belong in the core",
        example: "{ \"instance_ids\": ids }",
    },
];

/// Every violation of a rule in the product's sources.
pub(super) fn problems(repository: &Repository) -> Result<Vec<String>, String> {
    let sources: Vec<&File> = repository.files()?.iter().filter(|file| is_product(&file.path)).collect();
    let mut problems = Vec::new();
    for rule in RULES {
        problems.extend(broken(rule, &sources)?);
    }
    Ok(problems)
}

/// Tests and examples may do what users of the product do.
fn is_product(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    !folders.split('/').any(|folder| ["tests", "test", "examples", "benches"].contains(&folder))
}

fn broken(rule: &Rule, sources: &[&File]) -> Result<Vec<String>, String> {
    let forbidden = Regex::new(rule.forbidden).map_err(|error| error.to_string())?;
    let mut problems = Vec::new();
    let mut spent = Vec::new();
    for file in sources.iter().filter(|file| applies(rule, file)) {
        let code = without_comment_lines(file);
        let hits: Vec<_> = forbidden.find_iter(&code).collect();
        if hits.is_empty() || is_allowed(rule, &file.path, &mut spent) {
            continue;
        }
        problems.extend(hits.iter().map(|hit| {
            let line = code[..hit.start()].matches('\n').count() + 1;
            let named = hit.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{}:{line} names `{named}`: {} (ARCHITECTURE.md, Layout)", file.path, rule.why)
        }));
    }
    Ok(problems)
}

fn applies(rule: &Rule, file: &File) -> bool {
    rule.written_in.contains(&file.extension()) && rule.applies_to.iter().any(|place| file.path.starts_with(place))
}

/// Whether the file is allowed; `spent` records the single-file places that are already used.
fn is_allowed(rule: &Rule, path: &str, spent: &mut Vec<&'static str>) -> bool {
    rule.allowed.iter().any(|place| match place {
        Exactly(file) => path == *file,
        Below(folder) => path.starts_with(folder),
        OneFileBelow(folder) if path.starts_with(folder) && !spent.contains(folder) => {
            spent.push(folder);
            true
        }
        OneFileBelow(_) => false,
    })
}

/// The text with comment lines emptied, so that documentation may use forbidden names. Line numbers are preserved.
fn without_comment_lines(file: &File) -> String {
    let marker = if file.extension().starts_with("py") { "#" } else { "//" };
    let lines = file.text.lines().map(|line| if line.trim_start().starts_with(marker) { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned(), bytes: text.len() as u64 }
    }

    fn firing(path: &str, text: &str) -> Vec<String> {
        let file = file(path, text);
        RULES.iter().flat_map(|rule| broken(rule, &[&file]).unwrap()).collect()
    }

    #[test]
    fn every_rule_fires_on_its_example_and_only_there() {
        for rule in RULES {
            let place = rule.applies_to[0];
            let path =
                if place.ends_with('/') { format!("{place}sample.{}", rule.written_in[0]) } else { place.to_owned() };
            let sample = file(&path, &format!("// A comment.\n{}\n", rule.example));
            let problems = broken(rule, &[&sample]).unwrap();
            assert_eq!(problems.len(), 1, "{}", rule.forbidden);
            assert!(problems[0].starts_with(&format!("{path}:2 names ")), "{}", problems[0]);
            let commented = file(&path, &format!("    // {}", rule.example));
            assert!(broken(rule, &[&commented]).unwrap().is_empty(), "{}", rule.forbidden);
            assert!(broken(rule, &[&file("README.md", rule.example)]).unwrap().is_empty());
        }
    }

    #[test]
    fn runtimes_are_found_however_they_are_named() {
        for text in [
            "use tokio::runtime::Runtime;",
            "use tokio::runtime::{\n    Builder,\n    Handle,\n};",
            "use tokio::{runtime::{Handle, Runtime}, task};",
            "let builder = runtime::Builder::new();",
            "tokio::runtime::Builder::new_multi_thread()",
            "handle.block_on(work)",
            "futures::executor::block_on(work)",
        ] {
            assert!(!firing("crates/koophone/src/http.rs", text).is_empty(), "{text}");
            assert!(firing("crates/koophone/src/runtime/mod.rs", text).is_empty(), "{text}");
        }
        let fine = "use tokio::runtime::{Handle, Id};\nuse crate::runtime;\nruntime::block_on(work)";
        assert_eq!(firing("crates/koophone/src/http.rs", fine), Vec::<String>::new());
    }

    #[test]
    fn the_emulator_may_have_only_one_file_for_its_runtime() {
        let (one, two) = ("crates/koophone-emulator/src/server.rs", "crates/koophone-emulator/src/clock.rs");
        let text = "tokio::runtime::Builder::new_current_thread()";
        let (one, two) = (file(one, text), file(two, text));
        assert!(broken(&RULES[0], &[&one]).unwrap().is_empty());
        let problems = broken(&RULES[0], &[&one, &two]).unwrap();
        assert!(!problems.is_empty() && problems.iter().all(|problem| problem.contains("clock.rs")), "{problems:?}");
    }

    #[test]
    fn python_and_typescript_are_checked_too() {
        assert_eq!(firing("bindings/python/python/koophone/wait.py", "# time.sleep(1)\ntime.sleep(1)").len(), 1);
        assert_eq!(firing("bindings/node/index.ts", "fetch('/v1/instances')").len(), 1);
        assert_eq!(firing("include/koophone.hpp", "std::this_thread::sleep_for(1s);").len(), 1);
        assert!(!is_product("bindings/python/tests/test_wait.py"));
        assert!(is_product("bindings/python/src/lib.rs"));
    }
}
