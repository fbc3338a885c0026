//! `batch-query-status`: the state of phones.

use http::Method;
use serde::{Deserialize, Serialize};

use super::per_phone::{PerPhone, PhonesOnly};
use crate::model::{Error, InstanceId, InstanceState, InstanceStatus, Operation, Result, Returns, Target};
use crate::pipeline::Trace;
use crate::pipeline::batch::{self, Item};
use crate::wire::envelope::{self, WireId};

pub(crate) const OPERATION: Operation = Operation {
    name: "query_status",
    service_name: "batch-query-status",
    method: Method::POST,
    path: "/v1/instances/batch-query-status",
    doc: "Reads the state of phones.",
    idempotent: true,
    read_only: true,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: &[],
    returns: Returns::PerPhone("InstanceStatus"),
    payload: &["status_results"],
};

pub(crate) struct QueryStatus;

#[derive(Deserialize)]
pub(crate) struct Data {
    // Without a default: the bare answer of docs/spec/wire-notes.md#6 is told from a strange one by this field.
    #[serde(deserialize_with = "envelope::list")]
    status_results: Vec<WireStatus>,
}

#[derive(Deserialize)]
pub(crate) struct WireStatus {
    #[serde(default, deserialize_with = "envelope::id")]
    instance_id: WireId,
    #[serde(default, deserialize_with = "envelope::number")]
    status: Option<i64>,
}

impl Item for WireStatus {
    fn instance_id(&self) -> &str {
        &self.instance_id
    }
}

impl PerPhone for QueryStatus {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = Data;
    type Result = InstanceStatus;

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(PhonesOnly { instance_ids: phones })
    }

    fn results(&self, phones: &[InstanceId], data: Option<Data>, trace: &Trace) -> Vec<InstanceStatus> {
        let items = data.map(|data| data.status_results).unwrap_or_default();
        let failed = |id, error: Error| Self::failed(id, error.about(id));
        let found = |instance_id, item: WireStatus| match item.status {
            Some(status) => {
                let state = InstanceState::from_status(status);
                InstanceStatus { instance_id, state, status: Some(status), error: None }
            }
            None => failed(instance_id, trace.unreadable(&OPERATION)),
        };
        batch::join(phones, items, found, |id| failed(id, trace.missing(&OPERATION)))
    }

    fn failed(instance_id: InstanceId, error: Error) -> InstanceStatus {
        InstanceStatus { instance_id, state: InstanceState::Unknown, status: None, error: Some(error) }
    }
}
