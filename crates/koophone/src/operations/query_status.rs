//! `batch-query-status`: the state of phones.

use http::Method;
use serde::{Deserialize, Serialize};

use super::per_phone::{PerPhone, PhonesOnly, WireStatus, join_states};
use crate::model::{Error, InstanceId, InstanceState, InstanceStatus, Operation, Result, Returns, Target};
use crate::pipeline::Trace;
use crate::wire::envelope;

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
    // Without a default: this field distinguishes the bare response of docs/spec/wire-notes.md#6 from an unknown one.
    #[serde(deserialize_with = "envelope::list")]
    status_results: Vec<WireStatus>,
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
        join_states::<Self>(phones, items, trace, |instance_id, status| {
            let state = InstanceState::from_status(status);
            InstanceStatus { instance_id, state, status: Some(status), error: None }
        })
    }

    fn failed(instance_id: InstanceId, error: Error) -> InstanceStatus {
        InstanceStatus { instance_id, state: InstanceState::Unknown, status: None, error: Some(error) }
    }
}
