//! The handles that a client returns, for Python's templates: the native class, its stub, and the classes for blocking
//! code and for asyncio, each with an example.

use serde::Serialize;

use super::super::handles::{self, CLIENT, HANDLES, Maker, Property};
use super::examples::Example;
use super::method::Method;

/// A class that a client creates without sending anything.
#[derive(Serialize)]
pub(super) struct Handle {
    /// Also the name of the core's type.
    pub name: &'static str,
    /// The native class.
    pub native: String,
    pub doc: &'static str,
    pub maker: &'static Maker,
    pub example: Example,
    pub properties: &'static [Property],
    pub calls: Vec<Method>,
}

/// A property of the client.
#[derive(Serialize)]
pub(super) struct ClientProperty {
    pub property: &'static Property,
    pub example: Example,
}

pub(super) fn client() -> Vec<ClientProperty> {
    CLIENT.iter().map(|property| ClientProperty { property, example: example(property.name) }).collect()
}

/// All of them.
pub(super) fn handles() -> Vec<Handle> {
    let of = |handle: &'static handles::Handle| Handle {
        name: handle.name,
        native: format!("Native{}", handle.name),
        doc: handle.doc,
        maker: &handle.maker,
        example: example(handle.maker.name),
        properties: handle.properties,
        calls: handle.calls.iter().map(call).collect(),
    };
    HANDLES.iter().map(of).collect()
}

/// A call that only reads: it returns one value, or a result per phone.
fn call(of: &handles::Call) -> Method {
    let example = Some(example(of.name));
    Method { operation: of.view(), arguments: Vec::new(), has_check: of.per_phone, example }
}

/// The example of a handle or a call, and its output.
fn example(of: &str) -> Example {
    let (lines, output): (&[&str], &str) = match of {
        "resume_task" => (
            &[
                "task = await client.start_command(emulator.instance_ids, \"true\")",
                "results = await client.resume_task(task.save()).wait(timeout=30)",
                "print(results.all_ok)",
            ],
            "True",
        ),
        "poll" => (
            &[
                "task = await client.start_command(emulator.instance_ids, \"true\")",
                "print((await task.poll()).progress.total)",
            ],
            "2",
        ),
        "wait" => (
            &[
                "task, seen = await client.start_command(emulator.instance_ids, \"true\"), []",
                "results = await task.wait(timeout=30, on_progress=seen.append)",
                "print(results.all_ok, seen[-1].succeeded, seen[-1].total)",
            ],
            "True 2 2",
        ),
        "device_token" => (
            &[
                "token = client.device_token(emulator.instance_ids[0])",
                "print((await token.get()).instance_id in emulator.instance_ids)",
            ],
            "True",
        ),
        "get" => (
            &["token = client.device_token(emulator.instance_ids[0])", "print((await token.get()).token != \"\")"],
            "True",
        ),
        "stats" => (
            &[
                "_ = await client.query_status(emulator.instance_ids)",
                "print(client.stats().calls, client.stats().errors.outcome_unknown)",
            ],
            "1 0",
        ),
        other => panic!("Python has no example of {other}"),
    };
    Example { lines: lines.iter().map(|&line| line.to_owned()).collect(), output: vec![output.to_owned()] }
}
