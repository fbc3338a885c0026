//! The list of phones, page by page.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::clock;
use crate::operations::envelope::{number, success, with_unknown_field};
use crate::operations::fields::Page;
use crate::options::Mode;
use crate::phone::fleet::Fleet;
use crate::phone::life::Ended;
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// How the service writes times, in UTC.
const TIME: &str = "%Y-%m-%d %H:%M:%S";

pub(super) fn list_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let page = Page::of(received)?;
    let wanted = Wanted::of(received)?;
    let fleet = &world.fleet;
    let mut ids: Vec<&String> = fleet.ids().iter().filter(|id| wanted.takes(fleet, id)).collect();
    match received.query("order_by").as_deref().unwrap_or_default() {
        "instance_id" => ids.sort_unstable(),
        "instance_name" => ids.sort_by_cached_key(|id| fleet.name(id)),
        "running_status" => ids.sort_by_cached_key(|id| fleet.state(id, world.clock.now_ms())),
        "" => {}
        // docs/spec/wire-notes.md#73
        other if world.options.mode == Mode::Strict => {
            return Err(Refusal::parameter(format!("order_by {other} is not known")));
        }
        _ => {}
    }
    if received.query("order").as_deref() == Some("desc") {
        ids.reverse();
    }
    let total = ids.len();
    let result: Vec<Value> = page.cut(ids.into_iter()).map(|id| to_json(world, id)).collect();
    // docs/spec/wire-notes.md#7: the code is inside the data, and may be at the top level as well.
    let none = none(world);
    let data = json!({
        "result": result, "page_no": page.no, "page_size": page.size, "total_count": total, "error_code": none,
        "error_msg": none,
    });
    Ok(success(world.quirks, Some(data)))
}

/// docs/spec/wire-notes.md#78
fn none(world: &World) -> Value {
    if world.quirks.has(Quirk::NullAsText) { "null".into() } else { Value::Null }
}

fn to_json(world: &World, id: &str) -> Value {
    let (Some(phone), Some(contract)) = (world.fleet.get(id), world.fleet.contract(id)) else {
        return Value::Null;
    };
    let (now, life) = (world.clock.now_ms(), &phone.life);
    let integer = |value: i64| number(world.quirks, value);
    let time = |ended: Option<Ended>| ended.map(|ended| clock::format(ended.time_ms, TIME));
    let phone = json!({
        "instance_id": id, "instance_name": contract.name, "region": contract.region, "region_name": null,
        "region_name_en": null, "instance_sku": contract.specification,
        "frozen_status": integer(life.is_frozen.into()),
        "running_status": integer(world.fleet.state(id, now).unwrap_or(0)),
        "login_status": integer(life.stream.is_some().into()),
        "assign_status": integer(life.user.is_some().into()), "assign_user": life.user,
        "billing_mode": contract.billing_mode(), "project_id": world.project_id, "project_name": contract.region,
        "phone_id": none(world), "member_name": null, "account_name": null,
        "backup_status": life.backup_status(now).map(integer), "backup_time": time(life.backup),
        "restore_status": life.restore_status(now).map(integer), "restore_time": time(life.restore),
    });
    with_unknown_field(world.quirks, phone)
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
            Some(text) if text.len() != 19 || DateTime::strptime(TIME, &text).is_err() => Err(Refusal::service(
                400,
                "KOOPHONE.API.5002",
                format!("{name} is not in the form yyyy-MM-dd HH:mm:ss"),
            )),
            text => Ok(text),
        };
        let (from, to) = (time("query_start_time")?, time("query_end_time")?);
        if from.as_ref().zip(to.as_ref()).is_some_and(|(from, to)| to < from) {
            return Err(Refusal::service(400, "KOOPHONE.API.5004", "the end is before the start"));
        }
        let text = |name| received.query(name).filter(|text| !text.is_empty());
        Ok(Self { id: text("instance_id"), name: text("instance_name"), from, to })
    }

    /// Whether a phone passes. Its time is that of its creation. Pools are ignored.
    fn takes(&self, fleet: &Fleet, id: &str) -> bool {
        let named = self.name.as_deref().is_none_or(|wanted| fleet.name(id).as_deref() == Some(wanted));
        let timed = || {
            let created = fleet.contract(id).map(|contract| clock::format(contract.created_ms, TIME));
            created.is_none_or(|created| {
                self.from.as_deref().is_none_or(|from| from <= created.as_str())
                    && self.to.as_deref().is_none_or(|to| to >= created.as_str())
            })
        };
        self.id.as_deref().is_none_or(|wanted| wanted == id)
            && named
            && ((self.from.is_none() && self.to.is_none()) || timed())
    }
}
