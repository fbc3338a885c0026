//! `prepare`: makes a user's phones ready to stream.

use http::Method;
use serde::{Deserialize, Serialize};

use super::per_phone::{PerPhone, WireStatus, join_states};
use super::validate;
use crate::model::{Error, InstanceId, Operation, Param, ParamKind, PhoneResult, Result, Returns, Target};
use crate::pipeline::Trace;
use crate::settings::Settings;
use crate::wire::envelope;

pub(crate) const OPERATION: Operation = Operation {
    name: "prepare_instances",
    service_name: "prepare",
    method: Method::POST,
    path: "/v1/instances/prepare",
    doc: "Makes the phones of a user ready to stream, restoring those that were backed up, and returns the state of \
        each. Call it again, or `get_prepare_progress`, until a phone is ready.",
    idempotent: true,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: USER_ID,
    returns: Returns::PerPhone("PreparedInstance"),
    payload: &["status_list"],
};

/// The argument of the operations about the phones of one user.
pub(super) const USER_ID: &[Param] = &[Param {
    name: "user_id",
    kind: ParamKind::Text,
    doc: "The user who has the phones: 1 to 32 characters",
    default: None,
    secret: false,
}];

/// Whether a phone is ready to stream. The service numbers these states differently from those of `query_status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PrepareState {
    /// A number that this version does not know, or no response for this phone.
    #[default]
    Unknown,
    /// 0: it can stream.
    Ready,
    /// 1: it is queued to be restored.
    WaitingForRestore,
    /// 2: it is not assigned to this user; waiting does not help.
    WaitingForAssignment,
    /// 3: it is being backed up.
    BackingUp,
    /// 4: it is being reset.
    Resetting,
    /// 5: it is restarting.
    Restarting,
    /// 6: it is powered off.
    Offline,
    /// 7: it is being replaced; waiting does not help.
    BeingExchanged,
    /// 8: its backup from before it expired is being restored.
    RestoringExpired,
    /// 9: that restore failed; waiting does not help.
    RestoreFailed,
    /// 10: maintenance; waiting does not help.
    Maintenance,
}

impl PrepareState {
    /// The state for the service's number.
    pub fn from_status(status: i64) -> Self {
        match status {
            0 => Self::Ready,
            1 => Self::WaitingForRestore,
            2 => Self::WaitingForAssignment,
            3 => Self::BackingUp,
            4 => Self::Resetting,
            5 => Self::Restarting,
            6 => Self::Offline,
            7 => Self::BeingExchanged,
            8 => Self::RestoringExpired,
            9 => Self::RestoreFailed,
            10 => Self::Maintenance,
            _ => Self::Unknown,
        }
    }
}

/// The state of a phone after `prepare_instances`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PreparedInstance {
    /// The phone.
    pub instance_id: InstanceId,
    /// Its state.
    pub state: PrepareState,
    /// The service's number for the state; none if there is no response for this phone.
    pub status: Option<i64>,
    /// The error, if it has no state.
    pub error: Option<Error>,
}

impl PhoneResult for PreparedInstance {
    fn instance_id(&self) -> Option<&str> {
        Some(self.instance_id.as_str())
    }
    fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
}

pub(crate) struct PrepareInstances {
    pub user_id: String,
}

#[derive(Serialize)]
struct Request<'a> {
    user_id: &'a str,
    instance_ids: &'a [InstanceId],
}

#[derive(Deserialize)]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "envelope::list")]
    status_list: Vec<WireStatus>,
}

impl PerPhone for PrepareInstances {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = Data;
    type Result = PreparedInstance;

    fn validate(&self, _settings: &Settings) -> Result<()> {
        validate::text("user_id", &self.user_id, validate::MAX_USER_ID)
    }

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(Request { user_id: &self.user_id, instance_ids: phones })
    }

    fn results(&self, phones: &[InstanceId], data: Option<Data>, trace: &Trace) -> Vec<PreparedInstance> {
        let items = data.map(|data| data.status_list).unwrap_or_default();
        join_states::<Self>(phones, items, trace, |instance_id, status| {
            let state = PrepareState::from_status(status);
            PreparedInstance { instance_id, state, status: Some(status), error: None }
        })
    }

    fn failed(instance_id: InstanceId, error: Error) -> PreparedInstance {
        PreparedInstance { instance_id, state: PrepareState::Unknown, status: None, error: Some(error) }
    }
}
