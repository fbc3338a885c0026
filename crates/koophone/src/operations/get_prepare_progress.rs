//! `prepare-progress`: the progress of the preparation of phones.

use http::Method;
use serde::{Deserialize, Serialize};

use super::per_phone::{PerPhone, only};
use super::prepare_instances::USER_ID;
use super::validate;
use crate::model::{Error, InstanceId, Operation, PhoneResult, Result, Returns, Target};
use crate::pipeline::Trace;
use crate::settings::Settings;
use crate::wire::envelope;

pub(crate) const OPERATION: Operation = Operation {
    name: "get_prepare_progress",
    service_name: "prepare-progress",
    method: Method::POST,
    path: "/v1/instances/prepare-progress",
    doc: "Reads the progress of the preparation that `prepare_instances` started: one request per phone. For many \
        phones `prepare_instances` itself, which may be repeated, needs fewer.",
    idempotent: true,
    read_only: true,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 1 },
    params: USER_ID,
    returns: Returns::PerPhone("PrepareProgress"),
    payload: &["status", "waitingCount"],
};

/// The stage of a preparation. The service numbers these stages differently from the states of `prepare_instances`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PrepareStage {
    /// A number that this version does not know, or no response for this phone.
    #[default]
    Unknown,
    /// 0: it can stream.
    Ready,
    /// 1: it waits for a machine.
    Queued,
    /// 2: it is being restored, or only offline: wait with a deadline.
    RestoringOrOffline,
    /// 3: it is being backed up.
    BackingUp,
    /// -1: the preparation failed; waiting does not help.
    Failed,
}

impl PrepareStage {
    /// The stage for the service's number.
    pub fn from_status(status: i64) -> Self {
        match status {
            0 => Self::Ready,
            1 => Self::Queued,
            2 => Self::RestoringOrOffline,
            3 => Self::BackingUp,
            -1 => Self::Failed,
            _ => Self::Unknown,
        }
    }
}

/// The progress of the preparation of one phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PrepareProgress {
    /// The phone.
    pub instance_id: InstanceId,
    /// Its stage.
    pub stage: PrepareStage,
    /// The service's number for the stage; none if there is no response for this phone.
    pub status: Option<i64>,
    /// The service's `waitingCount`. Its description says waiting time, its name says a number of phones, and no unit
    /// is documented: display it, but do not compute with it.
    pub waiting_count: Option<i64>,
    /// The error, if the progress could not be read.
    pub error: Option<Error>,
}

impl PhoneResult for PrepareProgress {
    fn instance_id(&self) -> Option<&str> {
        Some(self.instance_id.as_str())
    }
    fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
}

pub(crate) struct GetPrepareProgress {
    pub user_id: String,
}

#[derive(Serialize)]
struct Request<'a> {
    user_id: &'a str,
    instance_id: &'a InstanceId,
}

#[derive(Deserialize)]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "envelope::number")]
    status: Option<i64>,
    #[serde(default, rename = "waitingCount", alias = "waiting_count", deserialize_with = "envelope::number")]
    waiting_count: Option<i64>,
}

impl PerPhone for GetPrepareProgress {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = Data;
    type Result = PrepareProgress;

    fn validate(&self, _settings: &Settings) -> Result<()> {
        validate::text("user_id", &self.user_id, validate::MAX_USER_ID)
    }

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(Request { user_id: &self.user_id, instance_id: only(phones)? })
    }

    fn results(&self, phones: &[InstanceId], data: Option<Data>, trace: &Trace) -> Vec<PrepareProgress> {
        let (status, waiting_count) = data.map_or((None, None), |data| (data.status, data.waiting_count));
        let result = |&instance_id: &InstanceId| match status {
            Some(number) => {
                let stage = PrepareStage::from_status(number);
                PrepareProgress { instance_id, stage, status, waiting_count, error: None }
            }
            None => Self::failed(instance_id, trace.unreadable(&OPERATION).about(instance_id)),
        };
        phones.iter().map(result).collect()
    }

    fn failed(instance_id: InstanceId, error: Error) -> PrepareProgress {
        let stage = PrepareStage::Unknown;
        PrepareProgress { instance_id, stage, status: None, waiting_count: None, error: Some(error) }
    }
}
