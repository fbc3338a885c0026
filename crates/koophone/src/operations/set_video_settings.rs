//! `video-setting`: bit rate and frame rate of the stream per network, codec and definition.

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::{PerPhone, body};
use crate::call::Trace;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::instance_id::InstanceId;
use crate::model::InstanceOutcome;
use crate::operation::{Operation, Param, ParamKind, Returns, Target};
use crate::request::Call;
use crate::settings::Settings;
use crate::video::{VideoSetting, VideoSettings, WireSetting};

pub(crate) const OPERATION: Operation = Operation {
    name: "set_video_settings",
    service_name: "video-setting",
    method: Method::PUT,
    path: "/v1/instances/video-setting",
    doc: "Sets bit rates and frame rates of the video stream.",
    idempotent: true,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: &[Param {
        name: "video_settings",
        kind: ParamKind::StructList("VideoSetting"),
        doc: "One to six settings, each with another pair of network and codec",
        default: None,
    }],
    returns: Returns::PerPhone("InstanceOutcome"),
    payload: &[],
};

impl Client {
    /// Sets bit rates and frame rates of the video stream: `video-setting` (`PUT /v1/instances/video-setting`).
    ///
    /// One [`InstanceOutcome`] per phone, in the order asked.
    ///
    /// # Errors
    ///
    /// Only if nothing was executed on any phone; see [`Client`].
    pub fn set_video_settings(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        video_settings: impl IntoIterator<Item = VideoSetting>,
    ) -> Call<Vec<InstanceOutcome>> {
        self.per_phone(instance_ids, SetVideoSettings { video_settings: video_settings.into_iter().collect() })
    }
}

struct SetVideoSettings {
    video_settings: VideoSettings,
}

#[derive(Serialize)]
struct Rest {
    instance_settings: Vec<WireSetting>,
}

impl PerPhone for SetVideoSettings {
    const OPERATION: &'static Operation = &OPERATION;
    // The response has no data, and none is needed.
    type Data = IgnoredAny;
    type Result = InstanceOutcome;

    fn validate(&self, _settings: &Settings) -> Result<()> {
        self.video_settings.to_wire().map(drop)
    }

    fn body(&self, phones: &[InstanceId]) -> Result<Bytes> {
        body::over_phones(phones, &Rest { instance_settings: self.video_settings.to_wire()? })
    }

    fn results(&self, phones: &[InstanceId], _data: Option<IgnoredAny>, _trace: &Trace) -> Vec<InstanceOutcome> {
        phones.iter().map(|&instance_id| InstanceOutcome { instance_id, error: None }).collect()
    }

    fn failed(instance_id: InstanceId, error: Error) -> InstanceOutcome {
        InstanceOutcome { instance_id, error: Some(error) }
    }
}
