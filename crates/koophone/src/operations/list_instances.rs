//! `batch-query`: the phones of the account, page by page.

use http::Method;
use serde::{Deserialize, Serialize};

use super::page::Page;
use super::validate;
use crate::model::{Error, InstanceState, Operation, Param, ParamKind, Result, Returns, Target};
use crate::pipeline::{CallContext, Parts};
use crate::wire::envelope;

pub(crate) const OPERATION: Operation = Operation {
    name: "list_instances",
    service_name: "batch-query",
    method: Method::GET,
    path: "/v1/instances/batch-query",
    doc: "Lists the phones of the account.",
    idempotent: true,
    read_only: true,
    destructive: false,
    costs_money: false,
    target: Target::None,
    params: &[
        Param {
            name: "filter",
            kind: ParamKind::Struct("InstanceFilter"),
            doc: "Which phones, and in which order; all by default",
            default: Some("{}"),
            secret: false,
        },
        Param {
            name: "page_no",
            kind: ParamKind::Integer,
            doc: "Number of the page, from 1",
            default: Some("1"),
            secret: false,
        },
        Param {
            name: "page_size",
            kind: ParamKind::Integer,
            doc: "Maximum number of phones per page: 1 to 200",
            default: Some("200"),
            secret: false,
        },
    ],
    returns: Returns::Page("InstancePage"),
    payload: &["result", "total_count"],
};

/// A phone as the service lists it. Any field but its id may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Instance {
    /// Its id; empty if the service leaves it out.
    pub instance_id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its state (`running_status`).
    pub state: InstanceState,
    /// The service's number for the state.
    pub status: Option<i64>,
    /// Region, such as `cn-north-4`.
    pub region: Option<String>,
    /// Name of the region, usually in Chinese.
    pub region_name: Option<String>,
    /// English name of the region.
    pub region_name_en: Option<String>,
    /// Description of its specification, usually in Chinese (`instance_sku`).
    pub sku: Option<String>,
    /// Whether it is frozen: 0 no, 1 yes.
    pub frozen_status: Option<i64>,
    /// Whether a user is logged in on it: 0 no, 1 yes.
    pub login_status: Option<i64>,
    /// Whether it is assigned to a user: 0 no, 1 yes.
    pub assign_status: Option<i64>,
    /// The user it is assigned to.
    pub assigned_user: Option<String>,
    /// How it is billed: `1` presumably means per month or year.
    pub billing_mode: Option<String>,
    /// Id of its project.
    pub project_id: Option<String>,
    /// Name of its project.
    pub project_name: Option<String>,
    /// Another id of the phone, probably that of the underlying resource.
    pub phone_id: Option<String>,
    /// Name of the member of the account that it belongs to. Personal data.
    pub member_name: Option<String>,
    /// Name of the account. Personal data.
    pub account_name: Option<String>,
    /// Backup: 0 preparing, 1 running, 2 succeeded, 3 failed, 4 other.
    pub backup_status: Option<i64>,
    /// Time of the backup, as the service writes it.
    pub backup_time: Option<String>,
    /// Restore: 0 preparing, 1 running, 2 succeeded, 3 failed, 4 other.
    pub restore_status: Option<i64>,
    /// Time of the restore, as the service writes it.
    pub restore_time: Option<String>,
}

/// One page of the list of phones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct InstancePage {
    /// The phones, in the service's order. None after the last page.
    pub items: Vec<Instance>,
    /// Number of this page, from 1.
    pub page_no: i64,
    /// Maximum number of phones per page.
    pub page_size: i64,
    /// Total number of phones when this page was read, according to the service.
    pub total_count: Option<i64>,
}

/// Which phones to list. Fields that are not set do not restrict the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct InstanceFilter {
    /// The phone with this id: at most 32 characters.
    pub instance_id: Option<String>,
    /// Phones with this name: at most 128 characters.
    pub instance_name: Option<String>,
    /// Start of a period, in UTC: `yyyy-MM-dd HH:mm:ss`. The service does not say which time of a phone it compares.
    pub start_time: Option<String>,
    /// End of the period, in UTC: `yyyy-MM-dd HH:mm:ss`.
    pub end_time: Option<String>,
    /// `CLOUD_APP`, `CLOUD_PHONE`, or a newer kind: at most 32 characters.
    pub pool_scene: Option<String>,
    /// Phones of this node group: at most 128 characters.
    pub pool_name: Option<String>,
    /// `asc` or `desc`.
    pub order: Option<String>,
    /// The field to sort by: at most 32 characters. The service does not document the names.
    pub order_by: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "envelope::list")]
    result: Vec<WireInstance>,
    #[serde(default, deserialize_with = "envelope::number")]
    total_count: Option<i64>,
}

/// A phone under the service's names.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WireInstance {
    instance_id: Text,
    instance_name: Text,
    running_status: Number,
    region: Text,
    region_name: Text,
    region_name_en: Text,
    instance_sku: Text,
    frozen_status: Number,
    login_status: Number,
    assign_status: Number,
    assign_user: Text,
    billing_mode: Text,
    project_id: Text,
    project_name: Text,
    phone_id: Text,
    member_name: Text,
    account_name: Text,
    backup_status: Number,
    backup_time: Text,
    restore_status: Number,
    restore_time: Text,
}

#[derive(Default, Deserialize)]
struct Text(#[serde(deserialize_with = "envelope::text_or_number")] Option<String>);

#[derive(Default, Deserialize)]
struct Number(#[serde(deserialize_with = "envelope::number")] Option<i64>);

impl From<WireInstance> for Instance {
    fn from(wire: WireInstance) -> Self {
        let status = wire.running_status.0;
        Self {
            instance_id: wire.instance_id.0.unwrap_or_default(),
            name: wire.instance_name.0,
            state: status.map_or(InstanceState::Unknown, InstanceState::from_status),
            status,
            region: wire.region.0,
            region_name: wire.region_name.0,
            region_name_en: wire.region_name_en.0,
            sku: wire.instance_sku.0,
            frozen_status: wire.frozen_status.0,
            login_status: wire.login_status.0,
            assign_status: wire.assign_status.0,
            assigned_user: wire.assign_user.0,
            billing_mode: wire.billing_mode.0,
            project_id: wire.project_id.0,
            project_name: wire.project_name.0,
            // docs/spec/wire-notes.md#78
            phone_id: wire.phone_id.0.filter(|id| id != "null"),
            member_name: wire.member_name.0,
            account_name: wire.account_name.0,
            backup_status: wire.backup_status.0,
            backup_time: wire.backup_time.0,
            restore_status: wire.restore_status.0,
            restore_time: wire.restore_time.0,
        }
    }
}

impl Page for InstancePage {
    type Item = Instance;

    fn into_parts(self) -> (Vec<Instance>, Option<i64>) {
        (self.items, self.total_count)
    }

    fn id(item: &Instance) -> &str {
        &item.instance_id
    }
}

/// Reads one page.
pub(crate) async fn page(
    context: &CallContext,
    filter: InstanceFilter,
    page_no: i64,
    page_size: i64,
) -> Result<InstancePage> {
    validate::page(page_no, page_size)?;
    let query = filter.query(page_no, page_size)?;
    let parts = Parts { query, request_id_in_query: true, ..Parts::default() };
    let (data, _) = context.send::<Data>(&OPERATION, parts).await?;
    let data = data.unwrap_or_default();
    let items = data.result.into_iter().map(Instance::from).collect();
    Ok(InstancePage { items, page_no, page_size, total_count: data.total_count })
}

impl InstanceFilter {
    /// The validated query.
    fn query(self, page_no: i64, page_size: i64) -> Result<Vec<(&'static str, String)>> {
        let mut query = vec![("page_no", page_no.to_string()), ("page_size", page_size.to_string())];
        for (name, wire_name, most, value) in [
            ("instance_id", "instance_id", 32, self.instance_id),
            ("instance_name", "instance_name", 128, self.instance_name),
            ("pool_scene", "pool_scene_tag", 32, self.pool_scene),
            ("pool_name", "pool_name", 128, self.pool_name),
            ("order_by", "order_by", 32, self.order_by),
        ] {
            if let Some(value) = value {
                validate::text(name, &value, most)?;
                query.push((wire_name, value));
            }
        }
        for (name, wire_name, value) in
            [("start_time", "query_start_time", &self.start_time), ("end_time", "query_end_time", &self.end_time)]
        {
            if let Some(value) = value {
                validate::utc_time(name, value)?;
                query.push((wire_name, value.clone()));
            }
        }
        if let (Some(start), Some(end)) = (&self.start_time, &self.end_time)
            && end < start
        {
            let message = format!("end_time {end:?} is before start_time {start:?}; swap them");
            return Err(Error::invalid("end_time", message));
        }
        if let Some(order) = self.order {
            if !matches!(order.as_str(), "asc" | "desc") {
                return Err(Error::invalid("order", format!("order is {order:?}; it must be asc or desc")));
            }
            query.push(("order", order));
        }
        Ok(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(filter: InstanceFilter) -> String {
        filter.query(1, 10).unwrap_err().argument().unwrap_or_default().to_owned()
    }

    #[test]
    fn filters_are_checked_and_named_as_on_the_wire() {
        let time = |text: &str| Some(text.to_owned());
        let filter = InstanceFilter { start_time: time("2026-03-01 00:00:00"), ..InstanceFilter::default() };
        assert_eq!(filter.query(2, 50).unwrap()[2], ("query_start_time", "2026-03-01 00:00:00".to_owned()));
        for bad in ["2026-03-01", "2026-03-01T00:00:00", "2026-13-01 00:00:00", "now"] {
            assert_eq!(refused(InstanceFilter { start_time: time(bad), ..InstanceFilter::default() }), "start_time");
        }
        let (start_time, end_time) = (time("2026-03-02 00:00:00"), time("2026-03-01 00:00:00"));
        assert_eq!(refused(InstanceFilter { start_time, end_time, ..InstanceFilter::default() }), "end_time");
        // Text that is not a time gets that message, not the one about order.
        let (start_time, end_time) = (time("2026-03-02 00:00:00"), time("1"));
        let error = InstanceFilter { start_time, end_time, ..InstanceFilter::default() }.query(1, 10).unwrap_err();
        assert!(error.message().contains("a time in UTC"), "{error}");
        assert_eq!(refused(InstanceFilter { order: time("up"), ..InstanceFilter::default() }), "order");
        let long = Some("x".repeat(129));
        assert_eq!(refused(InstanceFilter { instance_name: long, ..InstanceFilter::default() }), "instance_name");
    }

    // docs/spec/wire-notes.md#78
    #[test]
    fn the_text_null_is_none_where_the_documents_have_it_and_a_name_elsewhere() {
        let body = br#"{"data":{"result":[{"instance_id":"a","phone_id":"null","instance_name":"null"}],
            "error_code":"null","error_msg":"null"}}"#;
        let read = envelope::read::<Data>(body, OPERATION.payload, OPERATION.results());
        let envelope::Reading::Success(Some(Data { result: phones, .. })) = read else { panic!("not read") };
        let phones: Vec<Instance> = phones.into_iter().map(Instance::from).collect();
        assert_eq!((phones[0].phone_id.as_deref(), phones[0].name.as_deref()), (None, Some("null")));
    }
}
