//! Plain data that everything else uses: results, errors, ids, video settings, secrets, and the description of an
//! operation.

mod cause;
#[cfg(feature = "describe")]
mod describe;
pub(crate) mod device;
pub(crate) mod error;
mod error_kind;
mod instance_id;
mod operation;
mod results;
pub(crate) mod secret;
mod stats;
mod video;

#[cfg(feature = "describe")]
pub(crate) use self::describe::{describe, described};
pub use self::device::{AndroidParameters, DeviceAuthorization, H5Parameters, StreamAddress};
pub use self::error::{Error, ErrorDetails, Result};
pub use self::error_kind::ErrorKind;
pub use self::instance_id::InstanceId;
pub(crate) use self::instance_id::MAX_ID;
pub use self::operation::{Operation, Param, ParamKind, Returns, Target};
pub use self::results::{
    CommandResult, Identity, InstanceOutcome, InstanceState, InstanceStatus, JobResult, JobState, PhoneResult,
    PhoneResults, Progress, TaskPhone, TaskStatus,
};
pub use self::secret::Secret;
pub use self::stats::{ErrorCounts, Stats};
pub(crate) use self::video::WireSetting;
#[cfg(feature = "describe")]
pub(crate) use self::video::describe_arguments;
pub use self::video::{Codec, Network, VideoSetting, VideoSettings, VideoSpec};
