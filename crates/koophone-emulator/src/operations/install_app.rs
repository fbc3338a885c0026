//! Installs an app. Its file is never downloaded: name and version are not verified.

use serde_json::Value;

use crate::journal::JournalKind;
use crate::operations::fields::{json_object, text};
use crate::operations::new_task::NewTask;
use crate::operations::targets::{MOST_PHONES, targets};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Due, Install, Job, Outcome, TaskKind, World};

const LONGEST_NAME: usize = 100;
const LONGEST_TYPE: usize = 64;
const LONGEST_HASH: usize = 200;
const LONGEST_ADDRESS: usize = 2000;

pub(super) fn install_app(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let body = json_object(received)?;
    let app = App::read(world, &body)?;
    let targets = targets(world, &body, "instance_id_list", MOST_PHONES)?;
    let mut task = NewTask::new(world, TaskKind::Install);
    let duration_ms = i64::try_from(world.options.install_duration_ms).unwrap_or(i64::MAX);
    let done_at_ms = world.clock.now_ms().saturating_add(duration_ms);
    let detail = format!("{} {}", app.package, app.version);
    for id in &targets.unique {
        let job_id = task.job_id(world);
        let fails = world.job_fails(id) || !world.fleet.is_running(id);
        let install = Install {
            instance_id: id.clone(),
            task_id: task.id().to_owned(),
            job_id: job_id.clone(),
            package: app.package.clone(),
            label: app.label.clone(),
            version: app.version.clone(),
            fails,
        };
        let number = world.agenda.number();
        world.agenda.add(done_at_ms, number, Due::Install(install));
        let job = Job { job_id, instance_id: id.clone(), done_at_ms, outcome: Outcome::good(None) };
        task.add(world, received, JournalKind::InstallApp, Some(&detail), job);
    }
    Ok(task.response(world, &targets.listed))
}

/// What is to be installed.
struct App {
    package: String,
    label: String,
    version: String,
}

impl App {
    fn read(world: &World, body: &Value) -> Result<Self, Refusal> {
        if body.get("fast_install").is_some_and(|fast| !fast.is_null()) {
            let fast = text(body, "fast_install", 1).ok().filter(|fast| fast == "0" || fast == "1");
            fast.ok_or_else(|| Refusal::service(200, "KOOPHONE.API.3008", "fast_install must be 0 or 1"))?;
        }
        let package = text(body, "object_name", LONGEST_NAME)?;
        let file = text(body, "file_name", LONGEST_NAME)?;
        let version = text(body, "object_version", LONGEST_NAME)?;
        text(body, "object_size", LONGEST_NAME)?;
        let kind = text(body, "biz_type", LONGEST_TYPE)?;
        if kind != "apk" {
            return Err(Refusal::parameter(format!("biz_type must be apk, not {kind}")));
        }
        text(body, "content_type", LONGEST_TYPE)?;
        // docs/spec/wire-notes.md#67
        let hash_is_missing = body.get("content_md5").is_none_or(Value::is_null);
        if !(hash_is_missing && world.has(Quirk::HashOptional)) {
            text(body, "content_md5", LONGEST_HASH)?;
        }
        text(body, "install_package_url", LONGEST_ADDRESS)?;
        let label = file.strip_suffix(".apk").unwrap_or(&file).to_owned();
        Ok(Self { package, label, version })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::test_support::{advance, good, jobs, journal, refused, world};

    fn app(change: impl FnOnce(&mut Value)) -> Value {
        let mut app = json!({
            "object_name": "com.example.game", "file_name": "game.apk", "object_version": "1.4.0", "object_size": "120",
            "biz_type": "apk", "content_type": "application/octet-stream",
        "content_md5": "9e107d9d372bb6826bd81d3542a419d6",
            "install_package_url": "https://bucket.obs.example/game.apk?sig=secret", "instance_id_list": ["a", "b"],
        });
        change(&mut app);
        app
    }

    #[test]
    fn an_application_is_listed_after_its_job_and_fails_if_the_phone_is_not_running() {
        let mut world = world(2, |_| {});
        world.set_phone_state("b", 5);
        let data = good(&mut world, "app/install", &app(|_| {}));
        let task = data["task_id"].as_str().unwrap();
        assert!(task.starts_with("ZGCA") && task.len() == 36, "{task}");
        assert_eq!(jobs(&mut world, &data), [0, 0]);
        advance(&mut world, 100);
        assert_eq!(jobs(&mut world, &data), [1, 1]);
        assert!(!world.fleet.get("a").unwrap().data.packages.contains_key("com.example.game"));
        advance(&mut world, 100);
        assert_eq!(jobs(&mut world, &data), [2, 3]);
        let app = &world.fleet.get("a").unwrap().data.packages["com.example.game"];
        assert_eq!((app.version.as_str(), app.label.as_str(), app.system), ("1.4.0", "game", false));
        assert!(!world.fleet.get("b").unwrap().data.packages.contains_key("com.example.game"));
        let entries = journal(&world);
        assert_eq!(entries[0], (JournalKind::InstallApp, "a".to_owned(), Some("com.example.game 1.4.0".to_owned())));
    }

    #[test]
    fn what_is_not_an_application_is_refused() {
        let mut world = world(2, |_| {});
        for (name, value, refusal) in [
            ("fast_install", json!(2), (200, "3008")),
            ("fast_install", json!("fast"), (200, "3008")),
            ("object_name", json!(""), (400, "1000")),
            ("content_md5", Value::Null, (400, "1000")),
            ("biz_type", json!("ipa"), (400, "1000")),
            ("install_package_url", json!("x".repeat(2001)), (400, "1000")),
            ("instance_id_list", json!([]), (400, "1000")),
            ("instance_id_list", json!(["a", "nobody"]), (401, "1001")),
        ] {
            let (status, code) = refused(&mut world, "app/install", &app(|app| app[name] = value.clone()));
            assert_eq!((status, code.as_str()), refusal, "{name} {value}");
        }
        good(&mut world, "app/install", &app(|app| app["fast_install"] = json!(1)));
        good(&mut world, "app/install", &app(|app| app["object_size"] = json!(120)));
    }
}
