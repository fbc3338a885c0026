//! `streaming/stop`: ends streams.

use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::per_phone::{OnePhoneOnly, PerPhone, accepted, only, refused};
use crate::model::{Error, InstanceId, InstanceOutcome, Operation, Result, Returns, Target};
use crate::pipeline::Trace;

pub(crate) const OPERATION: Operation = Operation {
    name: "stop_streaming",
    service_name: "streaming/stop",
    method: Method::POST,
    path: "/v1/instances/streaming/stop",
    doc: "Ends the streams of phones, with one request per phone; a phone that does not stream is left as it is. The \
        session remains for a while; `release_session` ends it at once.",
    idempotent: true,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 1 },
    params: &[],
    returns: Returns::PerPhone("InstanceOutcome"),
    payload: &[],
};

pub(crate) struct StopStreaming;

impl PerPhone for StopStreaming {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = IgnoredAny;
    type Result = InstanceOutcome;

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(OnePhoneOnly { instance_id: only(phones)? })
    }

    fn results(&self, phones: &[InstanceId], _data: Option<IgnoredAny>, _trace: &Trace) -> Vec<InstanceOutcome> {
        accepted(phones)
    }

    fn failed(instance_id: InstanceId, error: Error) -> InstanceOutcome {
        refused(instance_id, error)
    }
}
