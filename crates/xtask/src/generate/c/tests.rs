//! The templates with an invented table: an operation for every target, result and kind of argument.

use super::calls::{Call, calls};
use super::files;
use crate::generate::description::Variant;
use crate::generate::operations::{OperationView, ParamView};
use crate::generate::{Description, EnumType, Field, FieldKind, StructType};

fn field(name: &str, kind: FieldKind, optional: bool) -> Field {
    Field { name: name.to_owned(), doc: format!("The {name}."), kind, optional, secret: false }
}

fn structure(name: &str, fields: Vec<Field>) -> StructType {
    StructType { name: name.to_owned(), doc: format!("One {name}."), fields, verbatim: false }
}

fn arguments() -> Description {
    let variant = |name: &str| Variant { name: name.to_owned(), doc: name.to_owned() };
    let text = || FieldKind::Text;
    let mut all = Description::of_the_arguments().unwrap();
    all.enums.push(EnumType {
        name: "Period".to_owned(),
        doc: "How long.".to_owned(),
        variants: vec![variant("month"), variant("year")],
    });
    all.structs.extend([
        structure("Binding", vec![field("user_id", text(), false), field("instance_id", text(), false)]),
        structure(
            "Order",
            vec![
                field("name", text(), false),
                field("note", text(), true),
                field("count", FieldKind::Integer("u32".to_owned()), false),
                field("limit", FieldKind::Integer("i64".to_owned()), true),
                field("pay", FieldKind::Bool, false),
                field("period", FieldKind::Enum("Period".to_owned()), false),
                field("notice", FieldKind::Enum("Period".to_owned()), true),
                field("owner", FieldKind::Struct("Binding".to_owned()), false),
            ],
        ),
    ]);
    all
}

fn param(name: &'static str, kind: &'static str, of: &'static str, default: Option<&'static str>) -> ParamView {
    ParamView { name, kind, of, doc: "What it is about", default }
}

fn operation(
    name: &'static str,
    target: &'static str,
    params: Vec<ParamView>,
    returns: &'static str,
    result: &'static str,
) -> Call {
    Call::new(view(name, target, params, returns, result))
}

fn view(
    name: &'static str,
    target: &'static str,
    params: Vec<ParamView>,
    returns: &'static str,
    result: &'static str,
) -> OperationView {
    OperationView {
        name,
        service_name: "made-up",
        method: "POST".to_owned(),
        path: "/v1/made-up".to_owned(),
        doc: "Does nothing useful.",
        idempotent: false,
        read_only: false,
        may_be_repeatable: false,
        destructive: name == "remove_all",
        costs_money: name == "order_phones",
        target,
        max_batch: if target == "phones" { 10 } else { 0 },
        params,
        waits: false,
        reports: false,
        asks: false,
        returns,
        result,
    }
}

fn made_up() -> Vec<(String, String)> {
    let mut all = calls();
    all.extend([
        operation(
            "list_phones",
            "none",
            vec![
                param("newest", "bool", "", None),
                param("page_no", "integer", "", Some("1")),
                param("filter", "text", "", Some("all")),
            ],
            "page",
            "Progress",
        ),
        operation(
            "list_parts",
            "phone",
            vec![param("kind", "text", "", Some("any")), param("page_size", "integer", "", Some("50"))],
            "list",
            "JobResult",
        ),
        operation("remove_all", "phones", vec![param("days", "integer", "", None)], "task", ""),
        operation("stop_it", "phone", vec![param("reason", "text", "", None)], "nothing", ""),
        operation("read_it", "task", vec![], "value", "TaskStatus"),
        operation("order_phones", "none", vec![param("order", "struct", "Order", None)], "value", "Identity"),
        operation(
            "bind_phones",
            "phones",
            vec![param("bindings", "struct_list", "Binding", None)],
            "per_phone",
            "InstanceOutcome",
        ),
        Call::verb(view(
            "hold_it",
            "phones",
            vec![
                param("namespace", "text", "", Some("")),
                param("duration", "duration", "", Some("500")),
                param("pause", "duration", "", None),
            ],
            "per_phone",
            "NumberListResult",
        )),
        Call::verb(OperationView {
            waits: true,
            reports: true,
            asks: false,
            ..view(
                "await_it",
                "phones",
                vec![param("before", "texts", "Before", Some("null"))],
                "per_phone",
                "NumberListResult",
            )
        }),
    ]);
    files(&Description::of_the_core().unwrap(), &arguments(), &all).unwrap()
}

/// The text of a file with single spaces, because line breaks do not matter.
fn text(files: &[(String, String)], end: &str) -> String {
    let (_, text) = files.iter().find(|(path, _)| path.ends_with(end)).expect("the file is made");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_target_result_and_kind_of_argument_has_its_form() {
    let files = made_up();
    let expect = |file: &str, parts: &[&str]| {
        let text = text(&files, file);
        for part in parts {
            assert!(text.contains(part), "{file} has no {part:?}:\n{text}");
        }
    };
    expect(
        "src/generated/operations.rs",
        &[
            "client(handle)?.list_phones( newest, if page_no == 0 { 1 } else { page_no }, \
                input::optional_text(filter, \"filter\")?.unwrap_or(\"all\"), )",
            "/// `page_no`: What it is about. 0 means 1.",
            "Ok(call.page_size(if page_size == 0 { 50 } else { page_size }))",
            "listing: Option<&mut MaybeUninit<*mut koophone_job_result_listing>>",
            "/// USER DATA IS LOST.",
            "/// THIS COSTS MONEY.",
            "run(stop_it(client, instance_id, reason)?, options)",
            "begin::<Nothing>(Out::new(call, \"call\")?, stop_it(client, instance_id, reason)?, options)",
            "required(order, \"order\")?.read(&\"order\")?",
            "input::list(bindings, binding_count, \"bindings\")?",
            "progress: Option<&mut MaybeUninit<*mut koophone_progress>>",
        ],
    );
    expect(
        "src/generated/arguments.rs",
        &[
            "note: input::optional_text(self.note, format_args!(\"{place}.note\"))?.map(str::to_owned)",
            "limit: self.has_limit.then_some(self.limit)",
            "notice: self .has_notice .then(|| koophone_period::read(self.notice, format_args!(\"{place}.notice\"))) \
                .transpose()?",
            "owner: self.owner.read(&format_args!(\"{place}.owner\"))?",
        ],
    );
    expect(
        "src/generated/listings.rs",
        &[
            "pub struct koophone_job_result_listing(pub(crate) Cursor<koophone_job_result>);",
            "fn koophone_job_result_listing_next( listing: Option<&mut koophone_job_result_listing>, result:",
        ],
    );
    expect("src/generated/take.rs", &["fn koophone_call_take_nothing( call: *mut koophone_call, err:"]);
    expect("src/generated/results.rs", &["fn koophone_progress_free(", "fn koophone_identity_free("]);
    expect(
        "koophone/operations.hpp",
        &[
            "list_phones( bool newest, std::int64_t page_no = 1, const Text &filter = \"all\", const Options &options \
                = {})",
            "[[nodiscard]] JobResultListing list_parts( const Text &instance_id, const Text &kind = \"any\", \
             std::int64_t page_size = 50, const Options &options = {})",
            "using JobResultListing = Listing<JobResult, koophone_job_result, koophone_job_result_listing,",
            "void stop_it( const Text &instance_id, const Text &reason, const Options &options = {})",
            "Call<Nothing> begin_stop_it(",
            "order_phones( const Order &order, const Options &options = {})",
            "const ListOf<Binding> &bindings",
        ],
    );
    expect(
        "koophone/argument_types.hpp",
        &["std::optional<std::string> note;", "std::optional<Period> notice;", "Period period = Period::month;"],
    );
    expect(
        "conformance/c/operations.h",
        &[
            "koophone_client_order_phones( client, &order, options, &identity, &error)",
            "snprintf(prefix, sizeof prefix, \"bindings.%zu\", binding_count);",
            "koophone_job_result_listing_next(listing, &one, &error)) == KOOPHONE_OK && one != NULL",
        ],
    );
    expect(
        "conformance/cpp/operations.hpp",
        &["client.stop_it( line.get(\"instance_id\"), line.get(\"reason\"), options); reply.done();"],
    );
    expect(
        "c/misuse_operations.h",
        &["koophone_client_list_phones, {3, 4}, client, true, std::int64_t(1), \"true\", options, &progress"],
    );
    expect("headers/unused_operations.cpp", &["client.stop_it(\"x\", \"true\"); client.begin_stop_it"]);
    let fuzzed = ["koophone_job_result_listing_next(listing.pointer, &mut item, error)"];
    expect("c_strings/operations.rs", &fuzzed);
    expect("c_strings/operations.rs", &["fn order(input: &mut Input) -> koophone_order", "nothing( input,"]);
}

#[test]
fn a_verb_has_its_form_and_optional_parts_of_a_result_are_documented() {
    let files = made_up();
    let expect = |file: &str, parts: &[&str]| {
        let text = text(&files, file);
        for part in parts {
            assert!(text.contains(part), "{file} has no {part:?}:\n{text}");
        }
    };
    assert!(!text(&files, "generated/operations.rs").contains("hold_it"));
    expect(
        "src/generated/verbs.rs",
        &[
            "client(handle)?.phones(input::texts(instance_ids, instance_count, stringify!(instance_ids))?).hold_it( \
                input::optional_text(namespace, \"namespace\")?.unwrap_or(\"\"), \
                input::duration(duration_ms, 500, \"duration\")?, input::duration(pause_ms, 0, \"pause\")?, )",
            "/// `namespace`: What it is about. NULL means an empty text.",
            "/// `duration_ms`: What it is about. In milliseconds. 0 means 500.",
            "fn koophone_phones_hold_it( client: Option<&koophone_client>, instance_ids:",
            "fn koophone_phones_begin_hold_it(",
            "koophone_number_list_result_list",
        ],
    );
    expect(
        "src/generated/structs.rs",
        &[
            "pub has_value: bool, /// What was read from the output; none where there is an error. \
                pub value: *const i64, /// How many `value` there are.",
            "from.value.as_ref().map_or((std::ptr::null(), 0), |list| keep.numbers(list))",
            "from.value.as_ref().map(|value| koophone_window_size::of(value, keep)).unwrap_or_default()",
            "#[repr(C)] #[derive(Default)] pub struct koophone_window_size {",
        ],
    );
    expect("koophone/model.hpp", &["std::optional<Numbers<std::int64_t>> value()", "std::optional<Texts> value()"]);
    expect(
        "koophone/verbs.hpp",
        &[
            "[[nodiscard]] NumberListResults hold_it( const Text &namespace_, std::chrono::milliseconds duration, \
                std::chrono::milliseconds pause, const Options &options = {}) const",
            "detail::not_zero(pause.count(), \"pause\")",
            "[[nodiscard]] std::vector<std::int64_t> hold_it( const Text &namespace_,",
            "PhoneCall<NumberListResults> begin_hold_it(",
        ],
    );
    expect("conformance/c/operations.h", &["koophone_phones_hold_it( client, ids, count,"]);
    expect("conformance/c/model_json.h", &["if (value->has_value) { JSON_ARRAY(out, json_i64, value->value,"]);
    expect("conformance/cpp/operations.hpp", &["reply.results(client.phones(ids).hold_it( "]);
    expect("c/misuse_operations.h", &["koophone_phones_begin_hold_it, {3, 6}, client, ids, one, \"true\","]);
    expect("headers/unused_verbs.cpp", &["phone.begin_hold_it(\"true\", std::chrono::milliseconds(1),"]);
    expect(
        "c_strings/operations.rs",
        &[
            "let duration_ms = input.number();",
            "koophone_phones_begin_hold_it( client, instance_ids, instance_count, namespace, duration_ms, pause_ms,",
        ],
    );
}

#[test]
fn a_long_call_has_callbacks_and_may_have_a_text_for_each_phone() {
    let files = made_up();
    let expect = |file: &str, parts: &[&str]| {
        let text = text(&files, file);
        for part in parts {
            assert!(text.contains(part), "{file} has no {part:?}:\n{text}");
        }
    };
    expect(
        "src/generated/verbs.rs",
        &[
            ".await_it( if before.is_null() && before_count == 0 { koophone::Before::Unknown } else { \
                input::texts(before, before_count, \"before\")?.into() }, wait_options(on_progress), )",
            "fn koophone_phones_await_it( client: Option<&koophone_client>, instance_ids: *const *const c_char, \
                instance_count: usize, before: *const *const c_char, before_count: usize, \
                on_progress: koophone_progress_function, user_data: *mut c_void, options:",
            "release: koophone_release_function, options: Option<&koophone_call_options>, call:",
            "instance_ids, instance_count, before, before_count, task::on_progress(on_progress, &user_data)",
            "fn wait_until( handle: Option<&koophone_client>, instance_ids: *const *const c_char, instance_count: \
                usize, command: *const c_char, predicate: Result<Predicate>, on_progress: OnProgress, )",
            "command, task::predicate(predicate, &user_data), task::on_progress(on_progress, &user_data)",
            "/// `before`: What it is about. NULL with a count of 0: without it.",
        ],
    );
    expect(
        "koophone/verbs.hpp",
        &[
            "await_it( const Before &before = {}, const Options &options = {}, OnProgress on_progress = {}) const",
            "wait<NumberListResults>(koophone_phones_await_it, options, {std::move(on_progress)}, \
                before.data(), before.size())",
            "start_wait(koophone_phones_begin_await_it, options, {std::move(on_progress)}, \
                before.data(), before.size())",
            "phone_.begin_await_it(before, options, std::move(on_progress))",
            "wait<WaitedTextResults>(koophone_phones_wait_until, options, {std::move(on_progress), predicate}, ",
            "phone_.wait_until(command, predicate, options, std::move(on_progress))",
        ],
    );
    expect(
        "c/misuse_operations.h",
        &[
            "koophone_phones_await_it, {5, 6, 7}, client, ids, one, ids, one, on_progress, nothing, options, &results",
            "koophone_phones_begin_await_it, {5, 6, 7, 8}, client, ids, one, ids, one, on_progress, nothing, release,",
        ],
    );
    expect("conformance/c/operations.h", &["before_count == 0 ? NULL : before, before_count, NULL, NULL, options,"]);
    expect("headers/unused_verbs.cpp", &["phone.begin_await_it(\"true\");"]);
    expect("conformance/c/operations.h", &["contains, NULL, (void *)predicate, options,"]);
    expect(
        "c_strings/operations.rs",
        &["before, before_count, None, std::ptr::null_mut(), None, options, call, error"],
    );
}
