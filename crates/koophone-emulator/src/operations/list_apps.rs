//! The applications of a phone, page by page.

use serde_json::{Value, json};

use crate::operations::envelope::{success, with_unknown_field};
use crate::operations::fields::Page;
use crate::phone::apps::Package;
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

pub(super) fn list_apps(world: &mut World, received: &Received, instance_id: &str) -> Result<Reply, Refusal> {
    let page = Page::of(received)?;
    let system = match received.query("app_type").as_deref() {
        None => None,
        Some("1") => Some(true),
        Some("2") => Some(false),
        Some(other) => return Err(Refusal::parameter(format!("app_type {other} is neither 1 nor 2"))),
    };
    let phone = world.fleet.get(instance_id).ok_or_else(Refusal::no_permission)?;
    let apps = phone.data.packages.iter();
    let wanted: Vec<(&String, &Package)> =
        apps.filter(|(_, app)| system.is_none_or(|system| system == app.system)).collect();
    let total = wanted.len();
    let (quirks, nulls) = (world.quirks, world.has(Quirk::NullFields));
    let to_json = |(package, app): (&String, &Package)| {
        let icon = quirks.has(Quirk::IconUrlsPresent).then(|| {
            let query = "AccessKeyId=EMULATOR&Expires=1767225600&Signature=emulated";
            format!("http://icons.emulator.example/{package}.png?{query}")
        });
        let (label, version) = if nulls { (None, None) } else { (Some(&app.label), Some(&app.version)) };
        let app = json!({"app_name": label, "app_version": version, "app_pkg": package, "icon_url": icon});
        with_unknown_field(quirks, app)
    };
    let result: Vec<Value> = page.cut(wanted.into_iter()).map(to_json).collect();
    let data = json!({"result": result, "page_no": page.no, "page_size": page.size, "total_count": total});
    Ok(success(quirks, Some(data)))
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::operations::test_support::{call, quirky, world};

    fn list(world: &mut World, query: &str) -> Value {
        call(world, "GET", &format!("/v1/instances/a/app-list?{query}"), &Value::Null).1
    }

    #[test]
    fn applications_are_listed_by_kind_and_page() {
        let mut world = world(1, |_| {});
        let phone = world.fleet.get_mut("a").unwrap();
        phone.data.install("com.example.game", "Game", "1.4.0", b"PK", 1).unwrap();
        let game = json!({"app_name": "Game", "app_version": "1.4.0", "app_pkg": "com.example.game", "icon_url": null});
        let body = list(&mut world, "page_no=1&page_size=200&app_type=2");
        assert_eq!((&body["data"]["result"], &body["error_code"]), (&json!([game]), &json!("0")));
        let system = list(&mut world, "page_no=1&page_size=200&app_type=1");
        assert_eq!(system["data"]["total_count"], 6);
        let names: Vec<Value> = (1..=4)
            .map(|page| {
                list(&mut world, &format!("page_no={page}&page_size=3"))["data"]["result"][0]["app_pkg"].clone()
            })
            .collect();
        assert_eq!(names, [json!("android"), json!("com.android.settings"), json!("com.example.game"), Value::Null]);
        for query in
            ["page_no=1&page_size=201", "page_no=0&page_size=1", "page_size=1", "page_no=1&page_size=1&app_type=3"]
        {
            assert_eq!(list(&mut world, query)["error_code"], "KOOPHONE.API.1000", "{query}");
        }
        let unknown = call(&mut world, "GET", "/v1/instances/b/app-list?page_no=1&page_size=1", &Value::Null);
        assert_eq!((unknown.0, &unknown.1["error_code"]), (401, &json!("KOOPHONE.API.1001")));
    }

    #[test]
    fn with_the_quirk_there_are_icons() {
        let body = list(&mut quirky(1, Quirk::IconUrlsPresent), "page_no=1&page_size=1");
        assert!(body["data"]["result"][0]["icon_url"].as_str().unwrap().contains("Signature="));
    }
}
