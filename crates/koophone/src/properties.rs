//! Properties that must hold for any input: of the decoder, the validation, the retry schedule and the parsers.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::Credentials;
use crate::auth::provider::Profile;
use crate::client::Client;
use crate::model::TaskPhone;
use crate::operations;
use crate::operations::validate;
use crate::pipeline::Phones;
use crate::retry::{Backoff, Limit};
use crate::wire::envelope::{self, Reading};

/// Any JSON, with the known field names mixed in.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "(0|2|-1|KOOPHONE\\.API\\.[0-9]{4}|APIGW\\.0[0-9]{3})".prop_map(Value::from),
    ];
    let name = prop_oneof![
        "(data|error_code|error_msg|code|message|title|error|cmd_results|instance_id|status|execute_msg|task_id|cmd_jobs|jobs)",
        "(job_id|status_results|device_token|resource|sdk|rtc|internal|external|aport|atype|ice_signaling|request_id)",
        "[a-z_]{1,6}",
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Reads a body in every possible way.
fn read_all(body: &[u8]) {
    operations::read_as_each(body);
}

/// Adds fields to every object of a value (docs/spec/wire-notes.md#50).
fn with_more_fields(value: &Value, more: &Map<String, Value>) -> Value {
    match value {
        Value::Object(object) => {
            let own = object.iter().map(|(name, value)| (name.clone(), with_more_fields(value, more)));
            let strangers = more.iter().map(|(name, value)| (format!("new_{name}"), value.clone()));
            Value::Object(own.chain(strangers).collect())
        }
        Value::Array(list) => list.iter().map(|value| with_more_fields(value, more)).collect(),
        other => other.clone(),
    }
}

/// Building one takes a thousand times longer than reading a text.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    Client::builder().environment([]).credentials(Credentials::token("token")).build().expect("nothing else is needed")
});

proptest! {
    #[test]
    fn the_decoder_survives_any_bytes(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_all(&body);
    }

    #[test]
    fn the_decoder_survives_any_json(body in any_json(), cut in 0usize..400) {
        let text = body.to_string();
        read_all(text.as_bytes());
        read_all(&text.as_bytes()[..cut.min(text.len())]);
    }

    #[test]
    fn a_refusal_is_never_read_as_success(
        code in "[1-9A-Z][A-Z0-9.]{0,20}", message in "\\PC{0,30}", data in any_json(), more in any_json(),
    ) {
        let body = json!({"error_code": code, "error_msg": message, "data": data, "more": more}).to_string();
        match envelope::read::<Value>(body.as_bytes(), &[], &[]) {
            Reading::Refused(said) => {
                prop_assert_eq!(said.code, Some(code));
                prop_assert_eq!(said.message, Some(message));
            }
            // An unknown code together with results: the outcome is unknown.
            Reading::Unusable(why) => prop_assert!(why.contains(&code), "{}", why),
            Reading::Success(_) => prop_assert!(false, "{} is read as success", body),
        }
    }

    #[test]
    fn known_shapes_survive_added_fields(
        phones in proptest::collection::vec(("[a-z0-9]{1,32}", -1i64..4, "\\PC{0,20}"), 1..5),
        more in proptest::collection::btree_map("[a-z]{1,5}", any_json(), 0..3),
    ) {
        let list: Vec<Value> = phones
            .iter()
            .map(|(id, status, output)| json!({"instance_id": id, "status": status, "execute_msg": output,
                "error_code": ""}))
            .collect();
        let more: Map<String, Value> = more.into_iter().collect();
        let plain = json!({"error_code": "0", "error_msg": "ok", "data": {"cmd_results": list}});
        let body = with_more_fields(&plain, &more).to_string();
        let Some(read) = operations::run_command::outputs(body.as_bytes()) else {
            panic!("{body} is not read");
        };
        let sent = phones.into_iter().map(|(id, status, output)| (id, Some(status), output));
        prop_assert_eq!(read, sent.collect::<Vec<_>>());
    }

    #[test]
    fn ids_that_pass_are_harmless_in_a_path(id in "\\PC{0,40}") {
        let good = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        prop_assert_eq!(crate::InstanceId::new(&id).is_ok(), good);
        if validate::task_id(&id).is_ok() {
            let mut url = url::Url::parse("https://host").expect("a valid constant");
            let encoded = percent_encoding::utf8_percent_encode(&id, crate::signing::UNRESERVED).to_string();
            url.set_path(&format!("/v1/instances/tasks/{encoded}"));
            prop_assert_eq!(url.path_segments().map(Iterator::count), Some(4), "{}", url);
        }
    }

    #[test]
    fn commands_are_counted_in_bytes(command in "(\\PC|\u{0}|é){0,1100}", strict in any::<bool>()) {
        let good = !command.trim().is_empty() && command.len() <= 1024 && !command.contains('\0');
        let allowed = command.chars().all(|c| c.is_ascii_alphanumeric() || "_./:- ".contains(c));
        prop_assert_eq!(validate::command(&command, strict).is_ok(), good && (!strict || allowed));
    }

    #[test]
    fn phones_keep_their_places(ids in proptest::collection::vec("[ab]{1,2}", 1..12)) {
        let phones = Phones::new(&ids).expect("all of them are good");
        let results: Vec<String> = phones.unique.iter().map(ToString::to_string).collect();
        let mut unique = results.clone();
        unique.dedup();
        prop_assert_eq!(unique.len(), results.len());
        prop_assert_eq!(phones.spread(results), ids);
    }

    #[test]
    fn pauses_have_bounds_and_grow(attempt in 1u32..100, first in 1u64..15_000, random in -1.0f64..2.0) {
        let first = Duration::from_millis(first);
        let backoff = Backoff::new(first);
        for pause in [Backoff::pause, Backoff::hold] {
            let (this, next) = (pause(&backoff, attempt, random), pause(&backoff, attempt + 1, random));
            prop_assert!(first / 2 <= this && this <= next && next <= first * 20, "{:?} {:?}", this, next);
            prop_assert!(pause(&backoff, attempt, 0.0) <= this && this <= pause(&backoff, attempt, 1.0));
        }
    }

    #[test]
    fn limits_are_read_in_any_text(
        before in "[a-k ,.]{0,20}", calls in 1u32..10_000, count in 1u64..1000, unit in 0usize..4,
        after in "\\PC{0,20}",
    ) {
        let (word, seconds) = [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400)][unit];
        let text = format!("{before}limit:{calls},time:{count} {word}{after}");
        let window = Duration::from_secs(count * seconds).min(Limit::LONGEST_WINDOW);
        prop_assert_eq!(Limit::parse(&text), Some(Limit { calls, window }));
    }

    #[test]
    fn any_text_for_a_limit_is_survived(text in "(\\PC|limit:|time:|[0-9]{1,25}| ){0,12}") {
        if let Some(limit) = Limit::parse(&text) {
            let windows = Duration::from_secs(1)..=Limit::LONGEST_WINDOW;
            prop_assert!(limit.calls > 0 && windows.contains(&limit.window));
        }
    }

    #[test]
    fn profiles_give_what_was_written(
        ak in "[!#-&(-~]{1,20}", sk in "[ -~]{1,20}", noise in "(#[ -~]{0,20}|;[ -~]{0,20}|)", crlf in any::<bool>(),
        quote in "[\"']",
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let (ak_line, sk_line) = (format!("ak={ak}"), format!("  sk  =  {quote}{sk}{quote}"));
        let text = ["[other]", "ak = wrong", noise.as_str(), " [basic] ", &ak_line, &sk_line].join(end);
        let profile = Profile::parse(&text).expect("it is well formed");
        prop_assert_eq!((profile.get("ak"), profile.get("sk")), (Some(ak.as_str()), Some(sk.as_str())));
    }

    #[test]
    fn any_profile_is_survived_and_never_quoted(text in "(\\PC|\\[basic\\]|\n|=|SECRET){0,30}") {
        if let Err(why) = Profile::parse(&text) {
            prop_assert!(!why.contains("SECRET"));
        }
    }

    #[test]
    fn any_saved_text_is_survived(text in "(kptask1\\.)?[A-Za-z0-9_,./ -]{0,60}") {
        if let Ok(task) = CLIENT.resume_task(&text) {
            let again = CLIENT.resume_task(&task.save()).expect("what was saved is taken");
            prop_assert_eq!(again.task_ids(), task.task_ids());
        }
    }

    #[test]
    fn saved_tasks_come_back_as_they_were(
        phones in proptest::collection::vec(("[a-z0-9]{1,32}", proptest::option::of("[A-Za-z0-9_]{1,40}")), 0..6),
    ) {
        let phones: Vec<TaskPhone> = phones
            .into_iter()
            .map(|(id, task)| (id.parse().unwrap(), task))
            .map(|(instance_id, task)| TaskPhone { instance_id, job_id: task.clone(), task_id: task, error: None })
            .collect();
        let json = json!({"operation": "start_command", "task_ids": ["t"], "phones": phones}).to_string();
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, json);
        let task = CLIENT.resume_task(&format!("kptask1.{encoded}")).expect("it is well formed");
        prop_assert_eq!(task.phones(), &phones[..]);
        let again = CLIENT.resume_task(&format!(" {}\n", task.save())).expect("what was saved is taken");
        prop_assert_eq!(again.phones(), &phones[..]);
    }
}
