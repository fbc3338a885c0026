//! `batch-query-status`: the state of phones.

use bytes::Bytes;
use http::Method;
use serde::Deserialize;

use super::PerPhone;
use super::body::{self, NothingElse};
use crate::batch::{self, Item};
use crate::call::Trace;
use crate::client::Client;
use crate::envelope::{self, WireId};
use crate::error::{Error, Result};
use crate::instance_id::InstanceId;
use crate::model::{InstanceState, InstanceStatus};
use crate::operation::{Operation, Returns, Target};
use crate::request::Call;

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

impl Client {
    /// Reads the state of phones: `batch-query-status` (`POST /v1/instances/batch-query-status`).
    ///
    /// One [`InstanceStatus`] per phone, in the order asked.
    ///
    /// # Errors
    ///
    /// Only if no phone's state could be read; see [`Client`].
    pub fn query_status(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Call<Vec<InstanceStatus>> {
        self.per_phone(instance_ids, QueryStatus)
    }
}

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

    fn body(&self, phones: &[InstanceId]) -> Result<Bytes> {
        body::over_phones(phones, &NothingElse {})
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
