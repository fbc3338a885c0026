//! `batch-query-status`: the state of phones.

use futures_util::FutureExt;
use http::Method;
use serde::Deserialize;

use super::body::{self, NothingElse};
use crate::batch::{self, Item};
use crate::call::CallContext;
use crate::envelope::{self, WireId};
use crate::error::{Error, Result};
use crate::instance_id::InstanceId;
use crate::model::{InstanceState, InstanceStatus};
use crate::operation::Operation;
use crate::validate::Phones;

pub(crate) const OPERATION: Operation = Operation {
    name: "query_status",
    service_name: "batch-query-status",
    method: Method::POST,
    path: "/v1/instances/batch-query-status",
    changes: false,
    read_only: true,
    destroys: false,
    max_batch: 100,
};

#[derive(Deserialize)]
pub(crate) struct Data {
    // Without a default: the bare answer of docs/spec/wire-notes.md#6 is told from a strange one by this field.
    #[serde(deserialize_with = "envelope::list")]
    status_results: Vec<WireStatus>,
}

#[derive(Deserialize)]
struct WireStatus {
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

pub(crate) async fn run(context: &CallContext, phones: Phones) -> Result<Vec<InstanceStatus>> {
    batch::over_phones(
        context,
        &OPERATION,
        &phones,
        |chunk| {
            async move {
                let body = body::over_phones(chunk, &NothingElse {})?;
                let (data, trace) = context.send::<Data>(&OPERATION, None, Some(body)).await?;
                let items = data.map(|data| data.status_results).unwrap_or_default();
                let unnamed = |id| failed(id, &trace.missing(&OPERATION));
                let unreadable = |id| failed(id, &trace.unreadable(&OPERATION));
                Ok(batch::join(
                    chunk,
                    items,
                    |instance_id, item| match item.status {
                        Some(status) => InstanceStatus {
                            instance_id,
                            state: InstanceState::from_status(status),
                            status: Some(status),
                            error: None,
                        },
                        None => unreadable(instance_id),
                    },
                    unnamed,
                ))
            }
            .boxed()
        },
        failed,
    )
    .await
}

fn failed(instance_id: InstanceId, error: &Error) -> InstanceStatus {
    InstanceStatus {
        instance_id,
        state: InstanceState::Unknown,
        status: None,
        error: Some(error.clone().about(instance_id)),
    }
}
