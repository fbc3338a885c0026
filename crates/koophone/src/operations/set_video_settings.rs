//! `video-setting`: bit rate and frame rate of the stream per network, codec and definition.

use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::per_phone::{PerPhone, accepted, refused};
use crate::model::{
    Error, InstanceId, InstanceOutcome, Operation, Param, ParamKind, Result, Returns, Target, VideoSettings,
    WireSetting,
};
use crate::pipeline::Trace;
use crate::settings::Settings;

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
        secret: false,
    }],
    returns: Returns::PerPhone("InstanceOutcome"),
    payload: &[],
};

pub(crate) struct SetVideoSettings {
    pub video_settings: VideoSettings,
}

#[derive(Serialize)]
struct Request<'a> {
    instance_ids: &'a [InstanceId],
    instance_settings: Vec<WireSetting>,
}

impl PerPhone for SetVideoSettings {
    const OPERATION: &'static Operation = &OPERATION;
    // The response has no data.
    type Data = IgnoredAny;
    type Result = InstanceOutcome;

    fn validate(&self, _settings: &Settings) -> Result<()> {
        self.video_settings.to_wire().map(drop)
    }

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(Request { instance_ids: phones, instance_settings: self.video_settings.to_wire()? })
    }

    fn results(&self, phones: &[InstanceId], _data: Option<IgnoredAny>, _trace: &Trace) -> Vec<InstanceOutcome> {
        accepted(phones)
    }

    fn failed(instance_id: InstanceId, error: Error) -> InstanceOutcome {
        refused(instance_id, error)
    }
}
