//! Operations about a list of phones.

use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{Error, InstanceId, InstanceOutcome, Operation, PhoneResult, Result};
use crate::pipeline::batch::Item;
use crate::pipeline::{CallContext, Parts, Phones, Trace, batch};
use crate::settings::Settings;
use crate::wire::envelope::{self, WireId};
use crate::wire::json;

/// What differs between the operations about a list of phones. A value holds the further arguments of one call.
pub(crate) trait PerPhone: Send + Sync + 'static {
    /// Its row of the table.
    const OPERATION: &'static Operation;
    /// The data of a response.
    type Data: DeserializeOwned + Send;
    /// The result for each phone.
    type Result: PhoneResult + Clone + Send;

    /// Validates the arguments, before anything is sent.
    fn validate(&self, _settings: &Settings) -> Result<()> {
        Ok(())
    }

    /// The body of the request for a batch of phones.
    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize>;

    /// Secrets in the arguments, which no error may quote.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    /// The result of each phone of the batch, from a response.
    fn results(&self, phones: &[InstanceId], data: Option<Self::Data>, trace: &Trace) -> Vec<Self::Result>;

    /// The result of a phone whose request failed.
    fn failed(instance_id: InstanceId, error: Error) -> Self::Result;
}

/// The request of an operation that has no arguments besides the phones.
#[derive(Serialize)]
pub(super) struct PhonesOnly<'a> {
    pub instance_ids: &'a [InstanceId],
}

/// The same for operations that take one phone per request.
#[derive(Serialize)]
pub(super) struct OnePhoneOnly<'a> {
    pub instance_id: &'a InstanceId,
}

/// The phone of an operation that takes one phone per request.
pub(super) fn only(phones: &[InstanceId]) -> Result<&InstanceId> {
    phones.first().ok_or_else(|| Error::internal("a batch without a phone"))
}

/// Makes a call about a list of phones.
pub(crate) async fn per_phone<O: PerPhone>(context: &CallContext, phones: Phones, call: &O) -> Result<Vec<O::Result>> {
    call.validate(context.settings())?;
    let request = |batch| {
        async move {
            let body = Some(json::to_bytes(&call.request(batch)?)?);
            let parts = Parts { body, secrets: call.secrets(), ..Parts::default() };
            let (data, trace) = context.send::<O::Data>(O::OPERATION, parts).await?;
            Ok(call.results(batch, data, &trace))
        }
        .boxed()
    };
    batch::in_batches(context, O::OPERATION, &phones, request, |id, error| O::failed(id, error.clone().about(id))).await
}

/// The results of an operation whose response has no data about individual phones.
pub(super) fn accepted(phones: &[InstanceId]) -> Vec<InstanceOutcome> {
    phones.iter().map(|&instance_id| InstanceOutcome { instance_id, error: None }).collect()
}

/// The result of a phone whose request failed.
pub(super) fn refused(instance_id: InstanceId, error: Error) -> InstanceOutcome {
    InstanceOutcome { instance_id, error: Some(error) }
}

/// The state of a phone in a response.
#[derive(Deserialize)]
pub(super) struct WireStatus {
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

/// Gives each phone its state from the response, or an error if there is none.
pub(super) fn join_states<O: PerPhone>(
    phones: &[InstanceId],
    states: Vec<WireStatus>,
    trace: &Trace,
    found: impl Fn(InstanceId, i64) -> O::Result,
) -> Vec<O::Result> {
    let failed = |id, error: Error| O::failed(id, error.about(id));
    let read = |id, state: WireStatus| match state.status {
        Some(status) => found(id, status),
        None => failed(id, trace.unreadable(O::OPERATION)),
    };
    batch::join(phones, states, read, |id| failed(id, trace.missing(O::OPERATION)))
}
