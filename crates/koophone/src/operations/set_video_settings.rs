//! `video-setting`: bit rate and frame rate of the stream per network, codec and definition.

use futures_util::FutureExt;
use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::body;
use crate::batch;
use crate::call::CallContext;
use crate::error::{Error, Result};
use crate::instance_id::InstanceId;
use crate::model::InstanceOutcome;
use crate::operation::Operation;
use crate::validate::Phones;
use crate::video::{VideoSettings, WireSetting};

pub(crate) const OPERATION: Operation = Operation {
    name: "set_video_settings",
    service_name: "video-setting",
    method: Method::PUT,
    path: "/v1/instances/video-setting",
    changes: false,
    read_only: false,
    destroys: false,
    max_batch: 100,
};

#[derive(Serialize)]
struct Request<'a> {
    instance_settings: &'a [WireSetting],
}

pub(crate) async fn run(context: &CallContext, phones: Phones, video: &VideoSettings) -> Result<Vec<InstanceOutcome>> {
    let wire = video.to_wire()?;
    let wire = &wire;
    batch::over_phones(
        context,
        &OPERATION,
        &phones,
        |chunk| {
            async move {
                let body = body::over_phones(chunk, &Request { instance_settings: wire })?;
                // The response has no data; whatever stands there is of no use.
                context.send::<IgnoredAny>(&OPERATION, None, Some(body)).await?;
                Ok(chunk.iter().map(|&instance_id| InstanceOutcome { instance_id, error: None }).collect())
            }
            .boxed()
        },
        failed,
    )
    .await
}

fn failed(instance_id: InstanceId, error: &Error) -> InstanceOutcome {
    InstanceOutcome { instance_id, error: Some(error.clone().about(instance_id)) }
}
