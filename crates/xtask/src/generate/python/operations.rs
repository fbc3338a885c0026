//! The operations: native methods, the methods of both clients, and their stub.

use super::super::handles::CLIENT;
use super::super::operations::{OperationView, login, operations};
use super::super::rust::rustfmt;
use super::examples::{Example, Examples};
use super::handles::handles;
use super::method::{Argument, Method, argument};
use super::verbs;
use super::{PACKAGE, render};
use minijinja::context;

/// The whole table.
pub(super) fn table() -> Result<Vec<Method>, String> {
    let operations: Vec<OperationView> = operations().into_iter().chain([login()]).collect();
    let examples = Examples::of(&operations)?;
    methods(operations.clone(), |operation| examples.example(operation).map(Some))
}

/// The native module's part, and one module for each client.
pub(super) fn files(methods: &[Method]) -> Result<Vec<(String, String)>, String> {
    Ok(vec![
        ("bindings/python/src/operations.rs".to_owned(), native(methods)?),
        (format!("{PACKAGE}/_client.py"), client(methods, false)?),
        (format!("{PACKAGE}/_async_client.py"), client(methods, true)?),
    ])
}

fn native(methods: &[Method]) -> Result<String, String> {
    let template = include_str!("../../../templates/python/operations.rs.j2");
    rustfmt(&render(
        "operations.rs.j2",
        template,
        context! {
            operations => methods,
            handles => handles(),
            client => CLIENT,
            types => types(methods),
            has_lists => has_lists(methods),
        },
    )?)
}

fn client(methods: &[Method], asynchronous: bool) -> Result<String, String> {
    let template = include_str!("../../../templates/python/client.py.j2");
    let types = types(methods);
    let text = render(
        "client.py.j2",
        template,
        context! {
            operations => methods,
            handles => handles(),
            client_properties => super::handles::client(),
            types,
            has_lists => has_lists(methods),
            asynchronous,
            of_phone => verbs::first_example(false),
            of_phones => verbs::first_example(true),
        },
    )?;
    Ok(text.trim_end().to_owned() + "\n")
}

fn has_lists(methods: &[Method]) -> bool {
    methods.iter().any(|method| method.operation.returns == "list")
}

fn methods(
    operations: Vec<OperationView>,
    example: impl Fn(&OperationView) -> Result<Option<Example>, String>,
) -> Result<Vec<Method>, String> {
    let method = |operation: OperationView| {
        Ok(Method {
            arguments: arguments(&operation)?,
            has_check: matches!(operation.returns, "per_phone" | "task"),
            example: example(&operation)?,
            operation,
        })
    };
    operations.into_iter().map(method).collect()
}

fn arguments(operation: &OperationView) -> Result<Vec<Argument>, String> {
    let target = |name, kind, annotation: &str, doc: String| Argument {
        name,
        kind,
        of: "",
        annotation: annotation.to_owned(),
        default: None,
        doc,
    };
    let id = "1 to 32 letters and digits";
    let target = match operation.target {
        "phones" => {
            let most = operation.max_batch;
            let doc = format!("Ids of the phones, each {id}. Any number: a request names at most {most} of them");
            Some(target("instance_ids", "ids", "Iterable[str]", doc))
        }
        "phone" => Some(target("instance_id", "text", "str", format!("Id of the phone: {id}"))),
        "task" => Some(target("task_id", "text", "str", "The service's id of the task".to_owned())),
        _ => None,
    };
    let mut arguments = Vec::from_iter(target);
    for param in &operation.params {
        arguments.push(argument(param)?);
    }
    Ok(arguments)
}

/// The structures that the client's methods take or return.
fn types(methods: &[Method]) -> Vec<&'static str> {
    let taken = methods.iter().flat_map(|method| &method.arguments).map(|argument| argument.of);
    let handles = handles();
    let calls = methods.iter().chain(handles.iter().flat_map(|handle| &handle.calls));
    let of_properties = handles.iter().flat_map(|handle| handle.properties).filter_map(|one| one.of());
    let named = calls.map(|call| call.operation.result).chain(taken).chain(of_properties).chain(["Progress", "Stats"]);
    let mut types: Vec<&str> = named.filter(|name| !name.is_empty()).collect();
    types.sort_unstable();
    types.dedup();
    types
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::super::super::description::EnumType;
    use super::super::super::operations::ParamView;
    use super::*;

    fn parameter(name: &'static str, kind: &'static str, of: &'static str, default: Option<&'static str>) -> ParamView {
        ParamView { name, kind, of, doc: "What it is", default }
    }

    /// An operation of every target and of everything that may be returned, with parameters of every kind.
    fn every_kind() -> Vec<OperationView> {
        let rows = [
            ("phones", "per_phone", "CommandResult"),
            ("phones", "task", ""),
            ("phone", "nothing", ""),
            ("task", "value", "TaskStatus"),
            ("none", "page", "InstancePage"),
            ("phone", "list", "Instance"),
        ];
        let names = ["for_phones", "start_phones", "stop_phone", "read_task", "list_all", "list_each"];
        let params = || {
            vec![
                parameter("words", "text", "", None),
                parameter("paid", "bool", "", Some("false")),
                parameter("page_no", "integer", "", Some("1")),
                parameter("page_size", "integer", "", Some("50")),
                parameter("order", "text", "", Some("desc")),
                parameter("charge", "struct", "VideoSpec", None),
                parameter("spec", "struct", "VideoSpec", Some("none")),
                parameter("bindings", "struct_list", "VideoSetting", None),
                parameter("more", "struct_list", "VideoSetting", Some("none")),
            ]
        };
        let view = |(name, (target, returns, result))| OperationView {
            name,
            service_name: "it",
            method: "POST".to_owned(),
            path: "/v1/it".to_owned(),
            doc: "Does it.",
            idempotent: target == "task" || returns == "page",
            read_only: returns == "page",
            may_be_repeatable: !(target == "task" || returns == "page"),
            destructive: returns == "task",
            costs_money: returns == "nothing",
            waits: false,
            reports: false,
            asks: false,
            target,
            max_batch: if target == "phones" { 100 } else { 0 },
            params: params(),
            returns,
            result,
        };
        names.into_iter().zip(rows).map(view).collect()
    }

    fn assert_parses(python: &str) {
        let mut child = Command::new("python3")
            .args(["-c", "import ast, sys; ast.parse(sys.stdin.read())"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(python.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{python}");
    }

    #[test]
    fn operations_of_every_kind_are_written() {
        let methods = methods(every_kind(), |_| Ok(None)).unwrap();
        // rustfmt parses it.
        let rust = native(&methods).unwrap();
        for part in [
            "self.0.for_phones(",
            "arguments::ids(\"instance_ids\", instance_ids)?",
            "arguments::text(\"instance_id\", instance_id)?",
            "arguments::text(\"task_id\", task_id)?",
            "arguments::integer(\"page_no\", page_no)?",
            "arguments::flag(\"paid\", paid)?",
            "arguments::object::<VideoSpec>(\"charge\", charge)?",
            "if spec.is_none()",
            "arguments::objects::<VideoSetting, _>(\"bindings\", bindings",
            "if more.is_none()",
            "options.results::<CommandResult, _>(call)",
            "options.task::<NativeTask>(call)",
            "options.value::<InstancePage, _>(call)",
            "py.None()",
            "fn begin_list_all(",
            "NativeListing::new::<Instance, _>(",
            ".page_size(arguments::integer(\"page_size\", page_size)?)",
        ] {
            assert!(rust.contains(part), "{part} is not in\n{rust}");
        }
        for (asynchronous, call) in
            [(false, "        self._native.stop_phone(\n"), (true, "None, self._native.begin_stop_phone,\n")]
        {
            let python = client(&methods, asynchronous).unwrap();
            assert_parses(&python);
            let listing = if asynchronous { "AsyncListing" } else { "Listing" };
            assert!(python.contains(&format!("    ) -> {listing}[Instance]:\n")), "{python}");
            assert!(python.contains("    def list_each(\n"), "{python}");
            for part in [
                call,
                "        page_no: int = 1,\n        page_size: int = 50,\n        order: str = \"desc\",\n        \
                    spec: VideoSpec | None = None,",
                "bindings: Iterable[VideoSetting],",
                "**User data is lost.**",
                "**This costs money.**",
                "    ) -> None:\n",
                "    ) -> Results[CommandResult]:\n",
                "page_no: What it is. Default: ``1``.",
            ] {
                assert!(python.contains(part), "{part} is not in\n{python}");
            }
            assert!(python.lines().all(|line| line.chars().count() <= 120), "{python}");
        }
        let one = EnumType { name: "JobState".to_owned(), doc: String::new(), variants: Vec::new() };
        let stub = super::super::stub::native(&[&one], &[], &methods, &[]).unwrap();
        assert_parses(&stub);
        assert!(stub.contains("-> Running[InstancePage]: ...") && stub.contains("-> NativeTask: ..."), "{stub}");
        assert!(stub.contains("-> NativeListing[Instance]: ..."), "{stub}");
    }
}
