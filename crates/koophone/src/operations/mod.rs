//! One file per operation: its declaration, its body, its answer, and how answers join the phones asked.
//!
//! To add an operation: copy the nearest file, change the declaration and the types, add it to [`OPERATIONS`], and give
//! [`Client`](crate::Client) one method.

pub(crate) mod body;
pub(crate) mod get_device_token;
pub(crate) mod get_task;
pub(crate) mod query_status;
pub(crate) mod reset_instances;
pub(crate) mod run_command;
pub(crate) mod set_video_settings;
pub(crate) mod start_command;

use crate::operation::Operation;

/// Every operation, for documentation and tools.
pub const OPERATIONS: &[&Operation] = &[
    &run_command::OPERATION,
    &start_command::OPERATION,
    &get_task::OPERATION,
    &set_video_settings::OPERATION,
    &query_status::OPERATION,
    &reset_instances::OPERATION,
    &get_device_token::OPERATION,
];
