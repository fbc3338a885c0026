//! Client for Huawei Cloud KooPhone (云手机): run commands on fleets of cloud phones, follow tasks, query status, set the
//! video stream, reset, and get device tokens for streaming.
//!
//! - [`Client`] is async, [`blocking::Client`] blocks. Started calls share one runtime per
//!   process; a blocking call does its own I/O on the calling thread.
//! - n phones asked, n answers, in the order asked; a phone's own failure stands in its answer.
//! - A command that may have run is never sent again unless you say [`repeatable`](Call::repeatable).
//! - Every failure is an [`Error`] of one of fifteen [`ErrorKind`]s.
//! - `koophone-emulator` is a local service to test against.

mod auth;
mod batch;
#[doc(hidden)]
pub mod binding_support;
pub mod blocking;
mod builder;
mod call;
mod client;
pub mod diagnose;
mod envelope;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod home;
mod http;
mod instance_id;
mod json;
mod log;
mod model;
mod operation;
mod operations;
mod outcome;
mod per_process;
mod process_id;
#[cfg(test)]
mod properties;
mod redact;
mod request;
mod retry;
mod runtime;
mod secret;
pub mod settings;
mod task;
mod tls;
mod validate;
mod video;
mod watch;

pub use auth::{CREDENTIAL_FIELDS, CredentialField, Credentials, Scope, signing};
pub use builder::ClientBuilder;
pub use client::Client;
pub use error::{Error, ErrorDetails, ErrorKind, Result};
pub use instance_id::InstanceId;
pub use log::{LogLevel, LogRecord, LogSwitch};
pub use model::{
    CommandResult, DeviceAuthorization, Identity, InstanceOutcome, InstanceState, InstanceStatus, JobResult, JobState,
    PhoneResult, PhoneResults, Progress, StreamAddress, TaskPhone, TaskStatus,
};
pub use operation::{Operation, Param, ParamKind, Returns, Target};
pub use operations::OPERATIONS;
pub use request::{Call, CallOptions, CancelToken, Started};
pub use secret::Secret;
pub use task::{Task, WaitOptions};
pub use video::{Codec, Network, VideoSetting, VideoSettings, VideoSpec};

/// The first program of the README is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
