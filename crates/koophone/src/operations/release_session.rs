//! `session/release`: ends the sessions that streams leave behind.

use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::per_phone::{OnePhoneOnly, PerPhone, accepted, only, refused};
use crate::model::{Error, InstanceId, InstanceOutcome, Operation, Result, Returns, Target};
use crate::pipeline::Trace;

pub(crate) const OPERATION: Operation = Operation {
    name: "release_session",
    service_name: "session/release",
    method: Method::POST,
    path: "/v1/instances/session/release",
    doc: "Ends the sessions that `stop_streaming` left on phones, with one request per phone, so that the next user \
        does not wait for them to end. Call it after `stop_streaming`: what it does to a running stream is not \
        documented.",
    idempotent: true,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 1 },
    params: &[],
    returns: Returns::PerPhone("InstanceOutcome"),
    payload: &[],
};

pub(crate) struct ReleaseSession;

impl PerPhone for ReleaseSession {
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
