//! Client for Huawei Cloud KooPhone (云手机): run commands on fleets of cloud phones, follow tasks, query status, set the
//! video stream, reset, and get device tokens for streaming.
//!
//! ```no_run
//! use koophone::{PhoneResults, blocking::Client};
//!
//! let client = Client::from_env()?; // KOOPHONE_ENDPOINT, KOOPHONE_USERNAME, ...
//! let results = client.run_command(["a44uhlf7", "efjy72gs"], "getprop ro.product.model")?;
//! results.raise_for_errors()?; // all or nothing; leave it out to handle each phone's error
//! for result in &results {
//!     println!("{}: {}", result.instance_id, result.output);
//! }
//! # koophone::Result::<()>::Ok(())
//! ```
//!
//! # What to read first
//!
//! | for | read |
//! |---|---|
//! | making calls | [`Client`] (async) or [`blocking::Client`]; each has one method per operation |
//! | credentials and settings | [`Credentials`], [`ClientBuilder`], [`settings`] |
//! | options of one call: timeout, cancellation, retries | [`Call`], [`CallOptions`], [`CancelToken`] |
//! | doing something else meanwhile | [`Call::start`], [`Started`] |
//! | lists over several pages | [`Listing`] |
//! | results | [`CommandResult`], [`InstanceStatus`], [`InstanceOutcome`], [`DeviceAuthorization`] |
//! | lists of results | [`PhoneResults`] |
//! | following commands and resets | [`Task`], [`WaitOptions`], [`JobResult`], [`TaskStatus`], [`Progress`] |
//! | failures | [`Error`], [`ErrorKind`] |
//! | arguments | [`InstanceId`], [`VideoSettings`] |
//! | logs | [`ClientBuilder::log`], [`LogLevel`], [`LogRecord`] |
//! | a client that cannot connect | [`diagnose`] |
//! | requests to other services with the same access key | [`signing`] |
//! | what the service can do, as data | [`OPERATIONS`] |
//!
//! # Rules that hold everywhere
//!
//! - n phones asked, n results, in the order asked; a phone's own failure is in its result. A call fails as a whole
//!   only if nothing was executed on any phone.
//! - A command that may have run is never sent again unless you set [`repeatable`](Call::repeatable); every error has
//!   [`maybe_executed`](Error::maybe_executed).
//! - Every failure is an [`Error`] of one of fifteen [`ErrorKind`]s.
//! - Started calls share one runtime per process; a blocking call does its own I/O on the calling thread.
//!
//! The crate `koophone-emulator` is a local service to test against.

#![warn(clippy::missing_errors_doc)]

mod auth;
#[doc(hidden)]
pub mod binding_support;
mod call;
mod client;
pub mod command;
mod counters;
mod device_token;
pub mod diagnose;
#[cfg(fuzzing)]
pub mod fuzzing;
mod http;
mod listing;
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
mod spans;
mod task;
mod verbs;
mod wire;

pub use auth::{Credentials, Scope, signing};
pub use call::{Call, CallOptions, CancelToken, Started, WaitOptions};
pub use client::phone::{Phone, Phones, Verbs};
pub use client::{Client, ClientBuilder, blocking};
pub use device_token::DeviceToken;
pub use listing::Listing;
pub use log::{LogLevel, LogRecord, LogSwitch};
pub use model::{
    AndroidParameters, Codec, CommandResult, DeviceAuthorization, Error, ErrorCounts, ErrorDetails, ErrorKind,
    H5Parameters, Identity, InstanceId, InstanceOutcome, InstanceState, InstanceStatus, JobResult, JobState, Network,
    Operation, Param, ParamKind, PhoneResult, PhoneResults, Progress, Result, Returns, Secret, Stats, StreamAddress,
    Target, TaskPhone, TaskStatus, VideoSetting, VideoSettings, VideoSpec,
};
pub use operations::OPERATIONS;
pub use operations::types::*;
pub use settings::credential_fields::{CREDENTIAL_FIELDS, CredentialField};
pub use task::Task;
pub use verbs::{
    AppInfo, AppInfoResult, AppOnScreen, AppOnScreenResult, Battery, BatteryResult, Before, DoneResult, FileContent,
    FileContentResult, FlagResult, LogTail, LogTailResult, NumberListResult, NumberResult, PageOptions, Predicate,
    PulledFile, PulledFileResult, TextListResult, TextResult, VERBS, VerbResult, WAITS, Waited, WaitedDone,
    WaitedDoneResult, WaitedNumberList, WaitedNumberListResult, WaitedText, WaitedTextResult, WindowSize,
    WindowSizeResult,
};

/// The first program of the README is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
