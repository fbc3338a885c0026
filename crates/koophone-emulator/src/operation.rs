//! The operations the emulator serves, and how a method and a path name one.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// An operation of KooPhone or of the identity service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `POST /v1/instances/sync-command`
    RunCommand,
    /// `POST /v1/instances/async-command`
    StartCommand,
    /// `GET /v1/instances/tasks/{task_id}`
    GetTask,
    /// `PUT /v1/instances/video-setting`
    SetVideoSettings,
    /// `POST /v1/instances/batch-query-status`
    QueryStatus,
    /// `POST /v1/instances/batch-reset`
    ResetInstances,
    /// `POST /v1/instances/{instance_id}/auth`
    GetDeviceToken,
    /// `POST /v3/auth/tokens`
    CreateToken,
    /// `GET /v3/projects`
    ListProjects,
    /// `GET /v3/auth/projects`
    ListAuthProjects,
    /// `GET /v3/auth/domains`
    ListDomains,
    /// Anything else; answered with 404 APIGW.0101.
    Unknown,
}

impl Operation {
    /// True for the calls of the identity service.
    pub(crate) fn is_identity(self) -> bool {
        matches!(self, Self::CreateToken | Self::ListProjects | Self::ListAuthProjects | Self::ListDomains)
    }

    /// Classified Write by the vendor (the status query is, although it reads: docs/spec/wire-notes.md#62).
    pub(crate) fn is_write(self) -> bool {
        !self.is_identity() && !matches!(self, Self::GetTask | Self::Unknown)
    }

    /// The requests name phones, or a task that does.
    pub(crate) fn names_phones(self) -> bool {
        !self.is_identity() && self != Self::Unknown
    }

    /// The name used in JSON.
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The official SDK of early 2025 had to send `x-request-id`; today none of the seven operations requires it
    /// (docs/spec/wire-notes.md#20).
    pub(crate) fn required_request_id(self) -> bool {
        !self.is_identity() && !matches!(self, Self::GetDeviceToken | Self::Unknown)
    }
}

/// An operation and the id its path carries, decoded; empty where the path has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) operation: Operation,
    pub(crate) path_id: String,
}

/// Finds the operation. A wrong method for a known path is unknown, as the gateway's table says for APIGW.0101.
pub(crate) fn route(method: &str, path: &str) -> Route {
    let operation = match (method, path) {
        ("POST", "/v1/instances/sync-command") => Operation::RunCommand,
        ("POST", "/v1/instances/async-command") => Operation::StartCommand,
        ("PUT", "/v1/instances/video-setting") => Operation::SetVideoSettings,
        ("POST", "/v1/instances/batch-query-status") => Operation::QueryStatus,
        ("POST", "/v1/instances/batch-reset") => Operation::ResetInstances,
        ("POST", "/v3/auth/tokens") => Operation::CreateToken,
        ("GET", "/v3/projects") => Operation::ListProjects,
        ("GET", "/v3/auth/projects") => Operation::ListAuthProjects,
        ("GET", "/v3/auth/domains") => Operation::ListDomains,
        _ => return route_with_id(method, path),
    };
    Route { operation, path_id: String::new() }
}

fn route_with_id(method: &str, path: &str) -> Route {
    let segments: Vec<&str> = path.split('/').collect();
    let (operation, id) = match (method, segments.as_slice()) {
        ("GET", ["", "v1", "instances", "tasks", id]) if !id.is_empty() => (Operation::GetTask, *id),
        ("POST", ["", "v1", "instances", id, "auth"]) if !id.is_empty() => (Operation::GetDeviceToken, *id),
        _ => (Operation::Unknown, ""),
    };
    Route { operation, path_id: percent_decode_str(id).decode_utf8_lossy().into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_operations() {
        assert_eq!(route("POST", "/v1/instances/a44uhlf7/auth").path_id, "a44uhlf7");
        let task = route("GET", "/v1/instances/tasks/RM%5F1%2Fx");
        assert_eq!((task.operation, task.path_id.as_str()), (Operation::GetTask, "RM_1/x"));
        for (method, path) in [("GET", "/v1/instances/sync-command"), ("POST", "/instances/sync-command"), ("GET", "/")]
        {
            assert_eq!(route(method, path).operation, Operation::Unknown, "{method} {path}");
        }
    }
}
