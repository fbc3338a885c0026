//! The list of phones, page by page.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::clock;
use crate::operations::envelope::{number, success, with_unknown_field};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// How the service writes times, in UTC.
const TIME: &str = "%Y-%m-%d %H:%M:%S";
/// Most phones of one page (docs/spec/newer-operations.md).
const MOST_ON_A_PAGE: i64 = 200;

pub(super) fn list_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    // docs/spec/wire-notes.md#21
    if received.query("x-request-id").is_none_or(|id| id.is_empty()) {
        return Err(Refusal::parameter("the query has no x-request-id"));
    }
    let (page_no, page_size) = (whole(received, "page_no", i64::MAX)?, whole(received, "page_size", MOST_ON_A_PAGE)?);
    let wanted = Wanted::of(received)?;
    let (now, new_scale) = (world.clock.now_ms(), world.has(Quirk::NewStateScale));
    let created = clock::format(world.clock.start_ms(), TIME);
    let mut phones: Vec<(usize, &String)> = world.fleet.ids().iter().enumerate().collect();
    phones.retain(|(at, id)| wanted.takes(id, &name_of(*at), &created));
    if received.query("order").as_deref() == Some("desc") {
        phones.reverse();
    }
    let (total, size) = (phones.len(), usize::try_from(page_size).unwrap_or(usize::MAX));
    let before = usize::try_from(page_no - 1).unwrap_or(usize::MAX).saturating_mul(size);
    let page = phones.into_iter().skip(before).take(size);
    let result: Vec<Value> = page
        .map(|(at, id)| {
            let state = world.fleet.state(id, now, new_scale).unwrap_or(0);
            let phone = json!({
                "instance_id": id, "instance_name": name_of(at), "region": world.options.region, "region_name": null,
                "region_name_en": null, "instance_sku": null, "frozen_status": number(world.quirks, 0),
                "running_status": number(world.quirks, state), "login_status": number(world.quirks, 0),
                "assign_status": number(world.quirks, 0), "assign_user": null, "billing_mode": "1",
                "project_id": world.project_id, "project_name": world.options.region, "phone_id": null,
                "member_name": null, "account_name": null, "backup_status": null, "backup_time": null,
                "restore_status": null, "restore_time": null,
            });
            with_unknown_field(world.quirks, phone)
        })
        .collect();
    // docs/spec/wire-notes.md#7: the code is inside the data, and may be at the top level as well.
    let data = json!({
        "result": result, "page_no": page_no, "page_size": page_size, "total_count": total, "error_code": null,
        "error_msg": null,
    });
    Ok(success(world.quirks, Some(data)))
}

fn name_of(at: usize) -> String {
    format!("phone-{:05}", at + 1)
}

/// A whole number of the query, from 1 to `most`.
fn whole(received: &Received, name: &str, most: i64) -> Result<i64, Refusal> {
    let number = received.query(name).and_then(|text| text.parse().ok()).filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Refusal::parameter(format!("{name} is no whole number from 1 to {most}")))
}

/// The filters of a request.
struct Wanted {
    id: Option<String>,
    name: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl Wanted {
    fn of(received: &Received) -> Result<Self, Refusal> {
        let time = |name| match received.query(name) {
            Some(text) if text.len() != 19 || DateTime::strptime(TIME, &text).is_err() => {
                Err(Refusal::service(400, "KOOPHONE.API.5002", format!("{name} is no yyyy-MM-dd HH:mm:ss")))
            }
            text => Ok(text),
        };
        let (from, to) = (time("query_start_time")?, time("query_end_time")?);
        if from.as_ref().zip(to.as_ref()).is_some_and(|(from, to)| to < from) {
            return Err(Refusal::service(400, "KOOPHONE.API.5004", "the end is before the start"));
        }
        let text = |name| received.query(name).filter(|text| !text.is_empty());
        Ok(Self { id: text("instance_id"), name: text("instance_name"), from, to })
    }

    /// Whether a phone passes. Its time is that of its creation, which is the start of the clock. Pools, and the fields to
    /// sort by, are not known.
    fn takes(&self, id: &str, name: &str, created: &str) -> bool {
        self.id.as_deref().is_none_or(|wanted| wanted == id)
            && self.name.as_deref().is_none_or(|wanted| wanted == name)
            && self.from.as_deref().is_none_or(|from| from <= created)
            && self.to.as_deref().is_none_or(|to| to >= created)
    }
}
