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
#[doc(hidden)]
pub mod binding_support;
mod call;
mod client;
pub mod diagnose;
#[cfg(fuzzing)]
pub mod fuzzing;
mod http;
mod log;
mod model;
mod operations;
mod outcome;
mod pipeline;
#[cfg(test)]
mod properties;
mod retry;
mod runtime;
pub mod settings;
mod task;
mod wire;

pub use auth::{Credentials, Scope, signing};
pub use call::{Call, CallOptions, CancelToken, Started};
pub use client::{Client, ClientBuilder, blocking};
pub use log::{LogLevel, LogRecord, LogSwitch};
pub use model::{
    Codec, CommandResult, DeviceAuthorization, Error, ErrorDetails, ErrorKind, Identity, InstanceId, InstanceOutcome,
    InstanceState, InstanceStatus, JobResult, JobState, Network, Operation, Param, ParamKind, PhoneResult,
    PhoneResults, Progress, Result, Returns, Secret, StreamAddress, Target, TaskPhone, TaskStatus, VideoSetting,
    VideoSettings, VideoSpec,
};
pub use operations::OPERATIONS;
pub use settings::credential_fields::{CREDENTIAL_FIELDS, CredentialField};
pub use task::{Task, WaitOptions};

/// The first program of the README is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
