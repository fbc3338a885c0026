//! `batch-query-status`: the state of phones.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::call::CallContext;
use crate::envelope;
use crate::error::{Error, Result};
use crate::model::{InstanceState, InstanceStatus};
use crate::operation::Operation;
use crate::validate::Phones;

pub(crate) const OPERATION: Operation = Operation {
    name: "query_status",
    service_name: "batch-query-status",
    method: Method::POST,
    path: "/v1/instances/batch-query-status",
    changes: false,
    destroys: false,
    max_batch: 100,
};

/// The body of every operation that only names phones.
#[derive(Serialize)]
pub(crate) struct IdsRequest<'a> {
    pub instance_ids: &'a [String],
}

#[derive(Deserialize)]
struct Data {
    // Without a default: the bare answer of wire-note 6 is told from a strange one by this field.
    #[serde(deserialize_with = "envelope::list")]
    status_results: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    instance_id: String,
    #[serde(default, deserialize_with = "envelope::number")]
    status: Option<i64>,
}

pub(crate) async fn run(context: &CallContext, ids: Vec<String>) -> Result<Vec<InstanceStatus>> {
    let phones = Phones::new(ids)?;
    batch::over_phones(
        context,
        &OPERATION,
        &phones,
        |chunk| async move {
            let (data, trace) =
                context.send::<Data>(&OPERATION, None, Some(&IdsRequest { instance_ids: chunk })).await?;
            let items = data.map(|data| data.status_results).unwrap_or_default();
            Ok(batch::join(
                chunk,
                items,
                |item| &item.instance_id,
                |id, item| match item.and_then(|item| item.status) {
                    Some(status) => InstanceStatus {
                        instance_id: id.to_owned(),
                        state: InstanceState::from_status(status),
                        status: Some(status),
                        error: None,
                    },
                    None => failed(id, &trace.missing(&OPERATION)),
                },
            ))
        },
        failed,
    )
    .await
}

fn failed(id: &str, error: &Error) -> InstanceStatus {
    InstanceStatus {
        instance_id: id.to_owned(),
        state: InstanceState::Unknown,
        status: None,
        error: Some(error.clone()),
    }
}
