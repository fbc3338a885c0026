//! The data types as JSON Schemas, for the generators.

use super::device::{AndroidParameters, DeviceAuthorization, H5Parameters, StreamAddress};
use super::error::ErrorDetails;
use super::results::{
    CommandResult, Identity, InstanceOutcome, InstanceState, InstanceStatus, JobResult, JobState, Progress, TaskPhone,
    TaskStatus,
};
use super::stats::{ErrorCounts, Stats};

/// The types of this folder as JSON Schemas by name, for the generator of the language bindings.
pub fn describe() -> Vec<(&'static str, serde_json::Value)> {
    vec![
        described::<JobState>("JobState"),
        described::<InstanceState>("InstanceState"),
        described::<CommandResult>("CommandResult"),
        described::<JobResult>("JobResult"),
        described::<InstanceStatus>("InstanceStatus"),
        described::<InstanceOutcome>("InstanceOutcome"),
        described::<TaskPhone>("TaskPhone"),
        described::<Progress>("Progress"),
        described::<TaskStatus>("TaskStatus"),
        described::<Identity>("Identity"),
        described::<StreamAddress>("StreamAddress"),
        described::<DeviceAuthorization>("DeviceAuthorization"),
        described::<H5Parameters>("H5Parameters"),
        described::<AndroidParameters>("AndroidParameters"),
        described::<ErrorCounts>("ErrorCounts"),
        described::<Stats>("Stats"),
        described::<ErrorDetails>("ErrorDetails"),
    ]
}

/// A type as JSON Schema, with its name.
pub(crate) fn described<T: schemars::JsonSchema>(name: &'static str) -> (&'static str, serde_json::Value) {
    (name, schemars::schema_for!(T).to_value())
}
